"""What every storage promises, tried on real files and on a real S3 server."""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid
from functools import partial

import pytest

from app.core.errors import InvalidInput, NotFound
from app.integrations.storage.protocol import NewObject, Storage
from tests.integration.storage.conftest import LINK_SECONDS, Clock

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


@pytest.fixture
def organization() -> str:
    return str(uuid.uuid4())


async def keys_under(storage: Storage, prefix: str) -> set[str]:
    return {key async for key in storage.list(prefix)}


async def test_what_was_put_is_read_back(storage: Storage, organization: str) -> None:
    key = f"{organization}/images/one.png"
    stored = await storage.put(key, PNG, content_type="image/png")
    assert (stored.key, stored.size, stored.sha256) == (key, len(PNG), hashlib.sha256(PNG).hexdigest())
    assert await storage.get(key) == PNG
    assert await storage.exists(key)


async def test_an_empty_object_is_an_object(storage: Storage, organization: str) -> None:
    await storage.put(f"{organization}/empty", b"", content_type="text/plain")
    assert await storage.get(f"{organization}/empty") == b""


async def test_a_second_put_replaces_the_first(storage: Storage, organization: str) -> None:
    key = f"{organization}/replaced"
    await storage.put(key, PNG, content_type="image/png")
    await storage.put(key, b"shorter", content_type="image/png")
    assert await storage.get(key) == b"shorter"


async def test_a_missing_object_is_not_found(storage: Storage, organization: str) -> None:
    with pytest.raises(NotFound):
        await storage.get(f"{organization}/nothing")
    assert not await storage.exists(f"{organization}/nothing")


async def test_a_folder_is_not_an_object(storage: Storage, organization: str) -> None:
    await storage.put(f"{organization}/folder/one", PNG, content_type="image/png")
    with pytest.raises(NotFound):
        await storage.get(f"{organization}/folder")
    assert not await storage.exists(f"{organization}/folder")


async def test_deleting_removes_and_deleting_again_is_fine(storage: Storage, organization: str) -> None:
    key = f"{organization}/deleted"
    await storage.put(key, PNG, content_type="image/png")
    await storage.delete(key)
    await storage.delete(key)
    assert not await storage.exists(key)


async def test_listing_gives_the_keys_under_a_prefix_and_no_others(storage: Storage, organization: str) -> None:
    mine = {f"{organization}/a/1", f"{organization}/a/2", f"{organization}/b/3"}
    for key in mine | {f"{uuid.uuid4()}/a/1"}:
        await storage.put(key, PNG, content_type="image/png")
    assert await keys_under(storage, f"{organization}/") == mine
    assert await keys_under(storage, f"{organization}/a/") == {f"{organization}/a/1", f"{organization}/a/2"}
    assert await keys_under(storage, f"{organization}/nothing/") == set()


async def test_writers_of_one_key_never_mix(storage: Storage, organization: str) -> None:
    key = f"{organization}/raced"
    versions = [bytes([number]) * 50_000 for number in range(8)]
    await asyncio.gather(*(storage.put(key, version, content_type="image/png") for version in versions))
    assert await storage.get(key) in versions


async def test_a_key_that_could_leave_the_storage_is_refused_by_every_call(storage: Storage) -> None:
    for key in ("", "/etc/passwd", "a/../b"):
        with pytest.raises(InvalidInput):
            await storage.put(key, PNG, content_type="image/png")
        with pytest.raises(InvalidInput):
            await storage.get(key)
        with pytest.raises(InvalidInput):
            await storage.exists(key)
        with pytest.raises(InvalidInput):
            await storage.delete(key)
        with pytest.raises(InvalidInput):
            storage.signed_url(key, content_type="image/png")
    with pytest.raises(InvalidInput):
        await keys_under(storage, "../")


async def test_a_link_stays_the_same_for_a_while_and_then_changes(storage: Storage, clock: Clock) -> None:
    clock.start -= clock.start % LINK_SECONDS
    first = storage.signed_url("o/one.png", content_type="image/png")
    clock.offset = LINK_SECONDS / 2 - 1
    assert storage.signed_url("o/one.png", content_type="image/png") == first
    clock.offset = LINK_SECONDS / 2
    assert storage.signed_url("o/one.png", content_type="image/png") != first


async def test_a_healthy_storage_passes_its_check_and_keeps_nothing_of_it(storage: Storage) -> None:
    await storage.check()
    assert await keys_under(storage, "health/") == set()


async def test_entries_tell_when_they_were_written(storage: Storage) -> None:
    before = time.time() - 2  # file systems and servers may cut off parts of a second
    await storage.put("org/images/job/0.png", b"x", content_type="image/png")
    [entry] = [entry async for entry in storage.entries("org/images")]
    assert entry.key == "org/images/job/0.png"
    assert before <= entry.modified <= time.time() + 2


def three(organization: str) -> tuple[str, list[NewObject]]:
    """In one folder and in another one."""
    keys = [f"{organization}/images/a/0.png", f"{organization}/images/a/0.webp", f"{organization}/images/b/0.png"]
    return "three", [NewObject(key, PNG + key.encode(), "image/png") for key in keys]


async def test_several_are_made_and_put_at_once(storage: Storage, organization: str) -> None:
    told, objects = three(organization)
    await storage.put(objects[1].key, b"an older one", content_type="image/webp")
    answer, stored = await storage.put_made(partial(three, organization))
    assert answer == told
    assert [(each.key, each.size) for each in stored] == [(each.key, len(each.data)) for each in objects]
    assert [await storage.get(each.key) for each in objects] == [each.data for each in objects]
    assert await keys_under(storage, organization) == {each.key for each in objects}


async def test_none_may_be_made(storage: Storage) -> None:
    assert await storage.put_made(lambda: ("none", [])) == ("none", [])
