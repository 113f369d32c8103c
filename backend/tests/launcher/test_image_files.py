from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from app.cli.image_files import check_writable, names_for, write_whole


def test_one_image_has_the_name_that_was_given() -> None:
    assert names_for(Path("heart.png"), 1) == [Path("heart.png")]


def test_several_images_are_numbered() -> None:
    assert names_for(Path("out/heart.png"), 2) == [Path("out/heart-1.png"), Path("out/heart-2.png")]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "heart.png"
    path.write_bytes(b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["heart.png"]


def test_a_new_file_has_ordinary_rights(tmp_path: Path) -> None:
    write_whole(tmp_path / "heart.png", b"new")
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "heart.png").stat().st_mode) == 0o666 & ~umask


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "heart.png"
    path.write_bytes(b"old")

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["heart.png"]


def test_a_missing_folder_is_said_before_anything_runs(tmp_path: Path) -> None:
    problem = check_writable(tmp_path / "missing" / "heart.png")
    assert problem is not None
    assert "there is no folder" in problem


def test_a_folder_instead_of_a_file_is_said(tmp_path: Path) -> None:
    problem = check_writable(tmp_path)
    assert problem is not None
    assert "is a folder" in problem
