"""The script `./easel` itself, which must speak clearly before anything is installed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def script(tmp_path: Path) -> ModuleType:
    """The script as a module, as if it lay in an empty clone."""
    copy = tmp_path / "clone" / "easel"
    (tmp_path / "clone" / "backend").mkdir(parents=True)
    (tmp_path / "clone" / "frontend").mkdir()
    shutil.copy(ROOT / "easel", copy)
    loader = SourceFileLoader("easel_script", str(copy))
    spec = importlib.util.spec_from_loader("easel_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_without_arguments_it_helps_and_installs_nothing(tmp_path: Path) -> None:
    shutil.copy(ROOT / "easel", tmp_path / "easel")
    result = subprocess.run([sys.executable, tmp_path / "easel"], capture_output=True, text=True, check=True)
    assert "./easel up" in result.stdout
    assert [entry.name for entry in tmp_path.iterdir()] == ["easel"]


def test_everything_that_is_missing_is_named_with_the_command_that_brings_it(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "apt-get").touch(mode=0o755)
    monkeypatch.setattr(script, "MINIMUM_PYTHON", (99, 0))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(script.SetupFailed) as failure:
        script.refuse_what_is_missing(pages=True)
    for word in ("Python 99.0", "python3-venv", "Node 20.19", "apt-get install nodejs", "apt-get install npm"):
        assert word in str(failure.value)


def test_an_old_node_is_named_with_its_version(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v18.20.4\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(script.SetupFailed, match=r"this is 18\.20\.4"):
        script.refuse_what_is_missing(pages=True)


def test_a_job_runs_its_steps_once_and_again_when_its_sources_change(script: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "log"
    step = script.Step("Write", ("sh", "-c", f"echo ran >> {log}"))

    def job(digest: str) -> object:
        return script.Job(tmp_path / "stamp", {digest}, digest, [step])

    for digest in ("one", "one", "two"):
        current = job(digest)
        script.Progress().run([] if current.is_done() else [current])
    assert log.read_text().splitlines() == ["ran", "ran"]


def test_a_failed_step_says_what_its_log_says_and_leaves_no_stamp(script: ModuleType, tmp_path: Path) -> None:
    step = script.Step("Fetch", ("sh", "-c", "echo 'no space: No space left on device'; exit 7"))
    job = script.Job(tmp_path / "stamp", {"one"}, "one", [step])
    with pytest.raises(script.SetupFailed, match="exit code 7") as failure:
        script.Progress().run([job])
    assert "The disk is full" in str(failure.value)
    assert not job.is_done()


def test_a_failure_stops_the_other_job(script: ModuleType, tmp_path: Path) -> None:
    slow = script.Job(tmp_path / "slow", {"1"}, "1", [script.Step("Slow", ("sleep", "60"))])
    bad = script.Job(tmp_path / "bad", {"1"}, "1", [script.Step("Bad", ("sh", "-c", "sleep 0.3; exit 1"))])
    with pytest.raises(script.SetupFailed, match="Bad failed"):
        script.Progress().run([slow, bad])
    assert not slow.is_done()


def test_one_version_of_torch_is_pinned_in_both_places(script: ModuleType) -> None:
    pins = (ROOT / "model" / "requirements.txt").read_text().splitlines()
    assert [pin for pin in script.BOOTSTRAP if pin.startswith("torch==")] == [
        pin for pin in pins if pin.startswith("torch==")
    ]
