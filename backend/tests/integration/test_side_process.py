"""A process beside the worker's own does what it is asked; when it is lost, so is only what it was doing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import psutil
import pytest
from PIL import Image

from app.core.errors import StorageFull, Unavailable
from app.integrations.side_process import SideProcesses, side_processes
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.protocol import NewObject
from app.services.picture_files import make_picture_files

SECONDS = 10.0
LARGE = 3_000_000


class Peculiar(Exception):
    """Can't be made again from its arguments."""

    def __init__(self, *, why: str) -> None:
        super().__init__(f"because of {why}")


def process() -> int:
    return os.getpid()


def echo(data: bytes) -> bytes:
    return data[::-1]


def refuse() -> None:
    raise StorageFull("There is no room.")


def refuse_peculiarly() -> None:
    raise Peculiar(why="the weather")


def hold(path: Path, seconds: float) -> int:
    path.touch()
    time.sleep(seconds)
    return os.getpid()


@pytest.fixture
async def aside() -> AsyncIterator[SideProcesses]:
    async with side_processes(["app.integrations.storage.local"], count=1) as processes:
        yield processes


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 (of other processes)
            await asyncio.sleep(0.01)


async def test_it_runs_elsewhere_and_answers_each_asker(aside: SideProcesses) -> None:
    assert await aside.run(process) != os.getpid()
    questions = [bytes([number]) * number * 20_000 for number in range(20)] + [os.urandom(LARGE)]
    assert await asyncio.gather(*(aside.run(echo, each) for each in questions)) == [each[::-1] for each in questions]


async def test_what_is_raised_there_is_raised_here_and_the_process_lives_on(aside: SideProcesses) -> None:
    number = await aside.run(process)
    with pytest.raises(StorageFull, match="no room") as raised:
        await aside.run(refuse)
    assert "in refuse" in raised.value.__notes__[0], "the note says where"
    with pytest.raises(RuntimeError, match="because of the weather"):
        await aside.run(refuse_peculiarly)
    assert await aside.run(process) == number


async def test_a_process_that_is_killed_is_replaced(aside: SideProcesses, tmp_path: Path) -> None:
    number = await aside.run(process)
    under_way = asyncio.create_task(aside.run(hold, tmp_path / "begun", 60.0))
    behind = asyncio.create_task(aside.run(process))
    await until((tmp_path / "begun").exists)
    os.kill(number, signal.SIGKILL)
    for lost in (under_way, behind):
        with pytest.raises(Unavailable):
            await asyncio.wait_for(lost, SECONDS)
    assert await asyncio.wait_for(aside.run(process), SECONDS) not in {number, os.getpid()}


async def test_who_no_longer_waits_takes_no_answer_from_the_next(aside: SideProcesses, tmp_path: Path) -> None:
    given_up = asyncio.create_task(aside.run(hold, tmp_path / "begun", 0.2))
    await until((tmp_path / "begun").exists)
    given_up.cancel()
    assert await aside.run(echo, b"next") == b"txen"


async def test_a_signal_that_asks_to_stop_does_not_stop_it_but_the_end_of_its_parent_does(tmp_path: Path) -> None:
    """What is under way is finished; nothing is left behind."""
    async with side_processes([], count=1) as processes:
        number = await processes.run(process)
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(number, each)
        under_way = asyncio.create_task(processes.run(hold, tmp_path / "begun", 0.3))
        await until((tmp_path / "begun").exists)
    assert await under_way == number
    assert not psutil.pid_exists(number)


PARENT = """
import asyncio, os
from app.integrations.side_process import side_processes

async def main():
    async with side_processes([], count=1) as processes:
        print(await processes.run(os.getpid), flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_it_does_not_outlive_a_parent_that_is_killed() -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    number = int(await asyncio.wait_for(parent.stdout.readline(), SECONDS))
    assert psutil.pid_exists(number)
    parent.kill()
    await parent.wait()
    await until(lambda: not psutil.pid_exists(number))


async def test_several_share_the_work() -> None:
    async with side_processes([], count=2) as processes:
        held = await asyncio.gather(*(processes.run(time.sleep, 0.2) for _ in range(2)), processes.run(process))
        assert held[:2] == [None, None]
        numbers = {await processes.run(process) for _ in range(2)}
        both = await asyncio.gather(*(processes.run(process) for _ in range(2)))
    assert len(numbers | set(both)) == 2


async def test_files_are_made_and_written_there(aside: SideProcesses, tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path, secret=b"x" * 32, aside=aside)
    told, [stored] = await storage.put_made(make_one)
    assert told == await aside.run(process)
    assert await storage.get(stored.key) == b"content"


async def test_a_frozen_process_writes_nothing_for_a_lease_that_is_over(aside: SideProcesses, tmp_path: Path) -> None:
    """Somebody else may have the job by then, and have written the same files."""
    storage, number = LocalStorage(tmp_path, secret=b"x" * 32, aside=aside), await aside.run(process)
    picture = Image.new("RGB", (64, 64), (200, 40, 40))
    os.kill(number, signal.SIGSTOP)
    lease_ends = time.monotonic() + 0.2
    make = partial(make_picture_files, picture, "a heart", "org/images/job/0", before=lease_ends)
    storing = asyncio.create_task(storage.put_made(make))
    await asyncio.sleep(0.4)
    os.kill(number, signal.SIGCONT)
    with pytest.raises(Unavailable, match="too long"):
        await storing
    assert [key async for key in storage.list("")] == []
    later = partial(make, before=time.monotonic() + SECONDS)
    facts, stored = await storage.put_made(later)
    assert (facts.width, {key async for key in storage.list("")}) == (64, {each.key for each in stored})


def make_one() -> tuple[int, list[NewObject]]:
    return os.getpid(), [NewObject("org/one", b"content", "text/plain")]
