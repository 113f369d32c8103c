"""Nobody starves: start-time fair queueing over organisations, then users, by cost."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import pytest

from tests.support.queue import Person, QueueBench


def jain(shares: Sequence[float]) -> float:
    """Jain's index: 1 when all are equal, 1/n when one has everything."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


async def served(bench: QueueBench, claims: int, **options: object) -> Counter[UUID]:
    """Cost by user over that many claims."""
    costs: Counter[UUID] = Counter()
    for _ in range(claims):
        for job in await bench.claim(**options):
            costs[job.user_id] += job.cost
    return costs


async def test_one_job_waits_for_no_more_than_one_of_a_thousand(bench: QueueBench) -> None:
    [ann], [ben] = await bench.organization(), await bench.organization()
    await bench.submit(ann, count=1000)
    for _ in range(3):  # what runs already
        await bench.claim_one()
    [single] = await bench.submit(ben)
    assert await bench.place(single) <= 1
    nearest = [(await bench.claim_one()).id for _ in range(2)]
    assert single.id in nearest


async def test_a_colleague_waits_as_little_as_a_stranger(bench: QueueBench) -> None:
    ann, ben = await bench.organization(users=2)
    await bench.submit(ann, count=1000)
    for _ in range(3):
        await bench.claim_one()
    [single] = await bench.submit(ben)
    assert await bench.place(single) <= 1
    nearest = [(await bench.claim_one()).id for _ in range(2)]
    assert single.id in nearest


async def test_equal_users_under_load_get_equal_shares_of_cost(bench: QueueBench) -> None:
    """Whatever the number and size of their jobs, and whoever came first."""
    rng = random.Random(7)
    people = [(await bench.organization())[0] for _ in range(8)]
    for number, person in enumerate(people):
        for _ in range(60):
            await bench.submit(person, steps=rng.choice([1, 2, 4]) * (1 + number % 2))
    costs = await served(bench, 160)
    assert jain([costs[person.user_id] for person in people]) >= 0.95


async def test_an_organisation_of_ten_gets_no_more_than_an_organisation_of_one(bench: QueueBench) -> None:
    many, [single] = await bench.organization(users=10), await bench.organization()
    for person in many:
        await bench.submit(person, count=20)
    await bench.submit(single, count=100)
    costs = await served(bench, 100)
    assert costs[single.user_id] == pytest.approx(sum(costs[person.user_id] for person in many), rel=0.05)
    assert jain([costs[person.user_id] for person in many]) >= 0.95


async def test_a_weight_of_three_is_three_shares(bench: QueueBench) -> None:
    [light], [heavy] = await bench.organization(), await bench.organization(weight=3)
    await bench.submit(light, count=100)
    await bench.submit(heavy, count=100)
    costs = await served(bench, 100)
    assert costs[heavy.user_id] / costs[light.user_id] == pytest.approx(3, rel=0.1)


async def test_batches_over_users_are_as_fair_as_single_claims(bench: QueueBench) -> None:
    teams = [await bench.organization(users=2) for _ in range(3)]
    people = [person for team in teams for person in team]
    for person in people:  # the first one queues all of theirs before the next one comes
        await bench.submit(person, count=40)
    costs = await served(bench, 15, max_images=lambda _: 8)
    assert sum(costs.values()) == 15 * 8 * 4096
    assert jain([costs[person.user_id] for person in people]) >= 0.95


async def test_a_priority_reorders_ones_own_jobs_and_nobody_elses(bench: QueueBench) -> None:
    [ann], [ben] = await bench.organization(), await bench.organization()
    ordinary = await bench.submit(ann, count=3)
    [theirs] = await bench.submit(ben)
    [urgent] = await bench.submit(ann, priority=5)
    assert await bench.place(urgent) == 0
    assert await bench.place(theirs) == 1
    order = [(await bench.claim_one()).id for _ in range(5)]
    assert order == [urgent.id, theirs.id, *(job.id for job in ordinary)]


async def test_who_was_idle_saves_no_turns_up(bench: QueueBench) -> None:
    [ann], [ben] = await bench.organization(), await bench.organization()
    await bench.submit(ben)
    await bench.submit(ann, count=200)
    for _ in range(100):
        await bench.claim_one()
    await bench.submit(ben, count=50)
    costs = await served(bench, 40)
    assert costs[ann.user_id] == pytest.approx(costs[ben.user_id], rel=0.1)


async def test_canceled_jobs_cost_no_turns(bench: QueueBench) -> None:
    """Neither the one who canceled nor a colleague stays behind the turns of jobs that are gone."""
    [ann, cleo], [ben] = await bench.organization(users=2), await bench.organization()
    gone = await bench.submit(ann, count=100)
    [colleagues] = await bench.submit(cleo)
    await bench.submit(ben, count=100)
    for job in random.Random(3).sample(gone, 100):
        await bench.cancel(ann, job.id)
    [again] = await bench.submit(ann)
    assert await bench.place(colleagues) <= 1
    assert await bench.place(again) <= 3
    first = [(await bench.claim_one()).id for _ in range(5)]
    assert {colleagues.id, again.id} <= set(first)


async def test_the_place_in_the_queue_is_the_order_of_the_claims(bench: QueueBench) -> None:
    """But for ties: equal turns of several organisations may be taken in either order."""
    rng = random.Random(11)
    people: list[Person] = [person for size in (1, 2, 3) for person in await bench.organization(users=size)]
    jobs = []
    for _ in range(60):
        jobs += await bench.submit(rng.choice(people), steps=3, priority=rng.choice([0, 0, 1]))
    told = {job.id: await bench.place(job) for job in jobs}
    errors = [abs(told[(await bench.claim_one()).id] - place) for place in range(60)]
    assert max(errors) <= 5  # as many as there are users
    assert sum(errors) / len(errors) < 1
