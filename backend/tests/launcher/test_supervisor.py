from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from app.cli.studio.processes import LOG_BYTES, Program, open_log, spawn, stop_leftover
from app.cli.studio.supervisor import Check, Service, StartFailed, Supervisor

BACKEND = Path(__file__).parents[2]
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
PARENT = "import subprocess, time; subprocess.Popen(['sleep', '600']); print('up', flush=True); time.sleep(600)"


def python(name: str, code: str, stop_seconds: float = 5.0) -> Program:
    return Program(name, (sys.executable, "-c", code), stop_seconds=stop_seconds)


def sleeper(name: str) -> Program:
    return Program(name, ("sleep", "600"))


def printed(home: Path, name: str, text: str) -> Check:
    async def check() -> str | None:
        path = home / "logs" / f"{name}.log"
        return None if path.exists() and text in path.read_text() else f"it has not printed {text}"

    return check


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def still_there(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return []


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def supervisor(home: Path, told: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(home, told.append)
    yield supervisor
    supervisor.hurry()
    await supervisor.stop()


async def test_a_child_that_is_killed_comes_back_and_is_said(supervisor: Supervisor, told: list[str]) -> None:
    await supervisor.start(Service(sleeper("clock"), "Clock"))
    first = supervisor.pids()["clock"]
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.pids()["clock"] != first)
    await until(lambda: told[-1] == "Clock is back")
    assert any("Clock ended (SIGKILL)" in sentence for sentence in told)


async def test_a_child_that_keeps_dying_is_started_ever_more_slowly(supervisor: Supervisor, told: list[str]) -> None:
    await supervisor.start(Service(python("broken", "import time; time.sleep(0.3); raise SystemExit(3)"), "Broken"))
    await until(lambda: len([sentence for sentence in told if "again in" in sentence]) >= 3, 20)
    delays = [sentence.split("again in ")[1].split(" s")[0] for sentence in told if "again in" in sentence]
    assert delays[:3] == ["0.5", "1", "2"]
    assert "exit code 3" in next(sentence for sentence in told if "ended" in sentence)


async def test_the_children_of_a_child_that_died_do_not_outlive_it(supervisor: Supervisor, home: Path) -> None:
    await supervisor.start(Service(python("parent", PARENT), "Parent", printed(home, "parent", "up")))
    parent = supervisor.pids()["parent"]
    [grandchild] = psutil.Process(parent).children()
    os.kill(parent, signal.SIGKILL)
    await until(lambda: not is_alive(grandchild.pid))


async def test_a_stop_leaves_nothing_and_goes_backwards(supervisor: Supervisor, home: Path) -> None:
    await supervisor.start(Service(sleeper("first"), "First"))
    await supervisor.start(Service(python("second", PARENT), "Second", printed(home, "second", "up")))
    family = [psutil.Process(pid) for pid in supervisor.pids().values()]
    family += [child for process in family for child in process.children(recursive=True)]
    await supervisor.stop()
    assert not [process for process in family if is_alive(process.pid)]
    assert not list((home / "run").glob("*.pid"))


async def test_a_child_that_ignores_the_signal_is_killed_in_time(
    supervisor: Supervisor, home: Path, told: list[str]
) -> None:
    program = python("stubborn", STUBBORN, stop_seconds=0.5)
    await supervisor.start(Service(program, "Stubborn", printed(home, "stubborn", "up")))
    pid = supervisor.pids()["stubborn"]
    began = time.monotonic()
    await supervisor.stop()
    assert time.monotonic() - began < 3
    assert not is_alive(pid)
    assert "did not stop" in told[-1]


async def test_a_child_that_ends_at_its_start_fails_the_start_with_the_end_of_its_log(supervisor: Supervisor) -> None:
    program = python("broken", "raise SystemExit('no such model directory')")
    with pytest.raises(StartFailed, match="no such model directory"):
        await supervisor.start(Service(program, "Broken", ready=never))


async def test_a_child_that_never_gets_ready_fails_the_start(supervisor: Supervisor) -> None:
    with pytest.raises(StartFailed, match=r"was not ready within 0 s \(it never is\)"):
        await supervisor.start(Service(sleeper("slow"), "Slow", ready=never, start_seconds=0.2))


async def never() -> str | None:
    return "it never is"


def test_a_kill_9_of_the_supervisor_takes_its_children_along(home: Path) -> None:
    program = textwrap.dedent(f"""
        import asyncio
        from pathlib import Path
        from app.cli.studio.processes import Program
        from app.cli.studio.supervisor import Service, Supervisor

        async def main():
            supervisor = Supervisor(Path({str(home)!r}), print)
            await supervisor.start(Service(Program("clock", ("sleep", "600")), "Clock"))
            print(supervisor.pids()["clock"], flush=True)
            await asyncio.sleep(600)

        asyncio.run(main())
    """)
    process = subprocess.Popen([sys.executable, "-c", program], cwd=BACKEND, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = next(int(line) for line in process.stdout if line.strip().isdigit())
    process.kill()
    process.wait()
    process.stdout.close()
    psutil.wait_procs(still_there(child), timeout=10)
    assert not is_alive(child)


def test_a_leftover_is_stopped(home: Path) -> None:
    process = spawn(sleeper("clock"), home)
    assert stop_leftover(home, "clock")
    assert not is_alive(process.pid)
    process.wait()


def test_a_stranger_that_has_the_number_of_a_leftover_now_is_left_alone(
    home: Path, stranger: subprocess.Popen[bytes]
) -> None:
    process = spawn(sleeper("clock"), home)
    process.kill()
    process.wait()
    written = json.loads((home / "run" / "clock.pid").read_text())
    earlier = {"pid": stranger.pid, "created": written["created"] - 60}
    (home / "run" / "clock.pid").write_text(json.dumps(earlier))
    assert not stop_leftover(home, "clock")
    assert stranger.poll() is None


def test_a_log_that_grew_too_big_moves_aside(home: Path) -> None:
    with open_log(home, "api") as log:
        log.write(b"x" * (LOG_BYTES + 1))
    with open_log(home, "api") as log:
        log.write(b"new")
    assert (home / "logs" / "api.log").read_bytes() == b"new"
    assert (home / "logs" / "api.log.1").stat().st_size > LOG_BYTES
