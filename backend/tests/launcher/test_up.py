"""`./easel up` once, whole but for the pages, with a real model of random weights; and what stops it from starting."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from app.cli.studio.ports import LOOPBACK, free_port
from app.cli.studio.postgres import EmbeddedPostgres
from app.cli.studio.redis import EmbeddedRedis
from tests.support.tiny_model import make_tiny_model

BACKEND = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def environment(home: Path, tiny_model: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EASEL_")}
    # A new home has no compiled forms; making them would be most of the time of these tests.
    changes = {"EASEL_HOME": str(home), "EASEL_MODEL": str(tiny_model), "EASEL_CPU_RUNTIME": "torch"}
    return {**clean, **changes, "PYTHONPATH": str(BACKEND)}


def easel(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "app.cli", *arguments]


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(easel(*arguments), env=environment, capture_output=True, text=True, check=False, timeout=240)


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def studio(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = easel("up", "--no-web", "--json", "--port", str(free_port()))
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process
    if process.poll() is None:
        process.terminate()
    process.communicate(timeout=60)


def test_a_studio_starts_works_heals_refuses_a_second_and_leaves_nothing(
    studio: subprocess.Popen[str], environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    assert studio.stdout is not None
    facts = json.loads(studio.stdout.readline())
    assert facts["first_run"] is True
    assert httpx.get(f"{facts['url']}/readyz", trust_env=False).json()["status"] == "ready"

    second = run(environment, "up", "--no-web", "--port", str(free_port()))
    assert second.returncode == 1
    assert f"already running at {facts['url']} (pid {studio.pid}" in second.stderr

    # A Redis that dies comes back with its data, and the studio says so.
    [redis] = [process for process in family(studio) if process.name() == "redis-server"]
    redis.send_signal(signal.SIGKILL)
    wait_until(lambda: httpx.get(f"{facts['url']}/readyz", trust_env=False).status_code == 200)

    picture = tmp_path / "heart.png"
    made = run(environment, "generate", "a blue heart", "-o", str(picture), "--steps", "2", "--seed", "7", "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["images"][0]["seed"] == 7
    assert picture.read_bytes().startswith(b"\x89PNG")

    processes = family(studio)
    studio.send_signal(signal.SIGTERM)
    _, said = studio.communicate(timeout=60)
    assert studio.returncode == 0
    assert "Redis ended (SIGKILL)" in said
    assert "Redis is back" in said
    assert not alive(processes)
    assert not (home / "run" / "studio.json").exists()


def test_servers_of_ones_own_take_the_place_of_the_embedded_ones(
    environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    other = home.parent / "other"
    with EmbeddedPostgres(other, durable=False) as postgres, EmbeddedRedis(other) as redis:
        own = {
            "EASEL_DATABASE_URL": postgres.url,
            "EASEL_REDIS_URL": redis.url,
            "EASEL_STORAGE_URL": (tmp_path / "bucket").as_uri(),
        }
        picture = tmp_path / "heart.png"
        made = run({**environment, **own}, "generate", "a blue heart", "-o", str(picture), "--steps", "2")
    assert made.returncode == 0, made.stderr
    assert picture.exists()
    assert list((tmp_path / "bucket").rglob("*.png"))
    assert not (home / "postgres").exists()
    assert not (home / "redis").exists()


def test_a_port_in_use_names_its_holder_and_another_port(environment: dict[str, str], home: Path) -> None:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        result = run(environment, "up", "--port", str(port))
    assert result.returncode == 1
    assert f"port {port}" in result.stderr
    assert f"pid {os.getpid()}" in result.stderr
    assert "--port " in result.stderr
    assert not home.exists()


def test_a_missing_model_directory_names_its_setting(environment: dict[str, str]) -> None:
    result = run({**environment, "EASEL_MODEL": "/no/such/model"}, "up", "--port", str(free_port()))
    assert result.returncode == 1
    assert "EASEL_MODEL" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_data_folder_that_cannot_be_made_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run({**environment, "EASEL_HOME": str(tmp_path / "file" / "home")}, "up", "--port", str(free_port()))
    assert result.returncode == 1
    assert "EASEL_HOME" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stop_in_the_middle_of_the_start_leaves_nothing(
    studio: subprocess.Popen[str], home: Path, how: signal.Signals
) -> None:
    wait_until((home / "run" / "api.pid").exists)
    processes = family(studio)
    studio.send_signal(how)
    studio.communicate(timeout=60)
    psutil.wait_procs(processes, timeout=15)  # after a SIGKILL, the system tells the children
    assert not alive(processes)


def wait_until(condition: object, seconds: float = 30.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)
