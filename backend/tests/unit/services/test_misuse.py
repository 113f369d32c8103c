"""What is held against whom, by a clock that the tests turn."""

from __future__ import annotations

import pytest

from app.services.misuse import HELD_OF_AN_ADDRESS, REMEMBERED, Allowance, Caller, MisuseLimits
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> MisuseLimits:
    return MisuseLimits(a_caller=Allowance(60, 3), an_address=Allowance(120, 5), clock=clock)


ANN = Caller.of("192.0.2.1", "ann's token")
BOB = Caller.of("192.0.2.1", "bob's token")


def test_the_allowance_is_spent_and_comes_back_evenly(limits: MisuseLimits, clock: Clock) -> None:
    limits.count_refusal(ANN, 59)
    assert limits.pause_for(ANN) == 0
    limits.count_refusal(ANN, 6)  # into debt: 5 under nothing
    assert limits.pause_for(ANN) == pytest.approx(6)
    clock.now += 5.9
    assert limits.pause_for(ANN) > 0
    clock.now += 0.2
    assert limits.pause_for(ANN) == 0
    clock.now += 3600
    limits.count_refusal(ANN, 59)
    assert limits.pause_for(ANN) == 0  # more than full it never is


def test_strangers_share_their_addresss_allowance(limits: MisuseLimits) -> None:
    for number in range(24):
        limits.count_refusal(Caller.of("192.0.2.1", f"made up {number}"), 5)
    assert limits.pause_for(ANN) > 0
    assert limits.pause_for(Caller.of("192.0.2.1", None)) > 0
    assert limits.pause_for(Caller.of("192.0.2.2", None)) == 0


def test_a_credential_found_good_answers_for_itself_only(limits: MisuseLimits) -> None:
    limits.remember_good(ANN)
    limits.count_refusal(Caller.of("192.0.2.1", None), 500)
    assert limits.pause_for(ANN) == 0
    assert limits.pause_for(BOB) > 0
    limits.count_refusal(ANN, 61)
    assert limits.pause_for(ANN) > 0


def test_what_a_good_credential_does_is_not_the_addresss(limits: MisuseLimits) -> None:
    limits.remember_good(ANN)
    limits.count_refusal(ANN, 500)
    assert limits.pause_for(BOB) == 0


def test_nobody_becomes_good_without_a_credential(limits: MisuseLimits) -> None:
    stranger = Caller.of("192.0.2.1", None)
    limits.remember_good(stranger)
    limits.count_refusal(BOB, 500)
    assert limits.pause_for(stranger) > 0


def test_waiting_requests_are_counted_until_they_end_and_once(limits: MisuseLimits) -> None:
    ends = [limits.start_waiting(ANN) for _ in range(3)]
    assert limits.pause_for(ANN) == 1
    assert limits.pause_for(BOB) == 0
    more = [limits.start_waiting(BOB) for _ in range(2)]
    assert limits.pause_for(Caller.of("192.0.2.1", None)) == 1  # five of the address
    for end in (*ends, *ends, *more):
        end()
    assert limits.pause_for(ANN) == limits.pause_for(BOB) == 0
    assert not limits.counts()


def test_so_many_refusals_are_held_at_once(limits: MisuseLimits) -> None:
    holds = [limits.hold(ANN) for _ in range(HELD_OF_AN_ADDRESS)]
    assert all(hold.__enter__() for hold in holds)
    with limits.hold(BOB) as may_hold:
        assert not may_hold
    for hold in holds:
        hold.__exit__(None, None, None)
    with limits.hold(BOB) as may_hold:
        assert may_hold


def test_memory_is_bounded_and_the_credential_is_not_kept(limits: MisuseLimits) -> None:
    for number in range(REMEMBERED + 100):
        limits.count_refusal(Caller.of(f"host {number}", "secret"), 1)
    assert limits.counts() == 2 * REMEMBERED
    assert "secret" not in repr(ANN)
    assert b"ann" not in (ANN.credential or b"")
