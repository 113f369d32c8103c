"""A nicety's share of the time."""

from __future__ import annotations

import pytest

from app.services import job_views
from app.services.job_views import TimeBudget
from tests.support.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(job_views, "monotonic", clock)
    return clock


def test_what_was_spent_comes_back_with_time_up_to_the_most(clock: Clock) -> None:
    budget = TimeBudget(0.1, most_seconds=1.0)
    clock.now += 1000
    assert budget.admits()
    with budget.spend():
        clock.now += 3
    for seconds, admits in ((16.9, False), (0.2, True)):  # a tenth of all that passed, the three seconds too
        clock.now += seconds
        assert budget.admits() == admits


def test_of_many_that_come_at_once_one_is_let_in(clock: Clock) -> None:
    budget = TimeBudget(0.1, most_seconds=1.0)
    with budget.spend():
        assert not budget.admits()
    assert budget.admits()
    with pytest.raises(LookupError), budget.spend():
        raise LookupError
    assert budget.admits()
