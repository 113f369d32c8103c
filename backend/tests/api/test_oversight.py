"""What waits, for whom, and who works on it: for owners and admins."""

from __future__ import annotations

from app.core.enums import Role
from app.integrations.workers import WorkerCard
from tests.support.people import bearer_of, make_member, make_organization
from tests.support.studio import Studio


async def test_the_queue_is_told_by_person_and_model_and_never_another_organisations(studio: Studio) -> None:
    owner, stranger = await make_organization(studio, "Own"), await make_organization(studio, "Other")
    member = await make_member(studio, owner.organization_id, Role.MEMBER)
    http, headers = await studio.http(), await bearer_of(studio, owner)
    for who, count in ((member, 2), (owner, 1), (stranger, 5)):
        for _ in range(count):
            await http.post("/api/v1/generate", json={"prompt": "x"}, headers=await bearer_of(studio, who))
    items = (await http.get("/api/v1/admin/queue", headers=headers)).json()["items"]
    assert [(item["user_id"], item["waiting"], item["running"]) for item in items] == [
        (str(member.user_id), 2, 0),
        (str(owner.user_id), 1, 0),
    ]
    assert items[0]["oldest_seconds"] >= items[1]["oldest_seconds"] >= 0
    assert items[0]["cost"] == 2 * items[1]["cost"]
    await studio.drain()
    assert (await http.get("/api/v1/admin/queue", headers=headers)).json()["items"] == []


async def test_workers_say_what_they_hold(studio: Studio) -> None:
    owner = await make_organization(studio, "Own")
    http, headers = await studio.http(), await bearer_of(studio, owner)
    assert (await http.get("/api/v1/admin/workers", headers=headers)).json()["items"] == []
    await studio.parts.board.announce(WorkerCard("b", "cpu", "idle", ("plain",)))
    await studio.parts.board.announce(WorkerCard("a", "cuda:0", "busy", ()))
    items = (await http.get("/api/v1/admin/workers", headers=headers)).json()["items"]
    assert items == [
        {"name": "a", "device": "cuda:0", "state": "busy", "loaded_models": []},
        {"name": "b", "device": "cpu", "state": "idle", "loaded_models": ["plain"]},
    ]
