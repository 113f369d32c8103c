"""What is remembered for a while, by a clock that the tests turn."""

from __future__ import annotations

import pytest

from app.utils.expiring import Expiring
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(clock: Clock) -> Expiring[str, int]:
    return Expiring(seconds=5, most=3, clock=clock)


def test_what_is_kept_is_known_until_its_time_is_over(memory: Expiring[str, int], clock: Clock) -> None:
    memory.keep("a", 1)
    clock.now += 4.9
    assert memory.find("a") == 1
    assert memory.find("b") is None
    clock.now += 0.1
    assert memory.find("a") is None


def test_being_asked_for_keeps_nothing_longer_but_being_kept_again_does(
    memory: Expiring[str, int], clock: Clock
) -> None:
    for key in ("asked", "kept"):
        memory.keep(key, 1)
    clock.now += 4
    memory.find("asked")
    memory.keep("kept", 2)
    clock.now += 4
    assert (memory.find("asked"), memory.find("kept")) == (None, 2)


def test_the_oldest_go_first_when_there_are_too_many_and_all_that_expired(
    memory: Expiring[str, int], clock: Clock
) -> None:
    for key in ("a", "b", "c"):
        memory.keep(key, 1)
    memory.keep("a", 2)  # the youngest now
    memory.keep("d", 1)
    assert [memory.find(key) for key in "abcd"] == [2, None, 1, 1]
    clock.now += 5
    memory.keep("e", 1)
    assert len(memory) == 1


def test_what_is_forgotten_is_not_known(memory: Expiring[str, int]) -> None:
    memory.keep("a", 1)
    memory.keep("b", 1)
    memory.forget("a")
    memory.forget("never known")
    assert (memory.find("a"), memory.find("b")) == (None, 1)
    memory.clear()
    assert memory.find("b") is None
