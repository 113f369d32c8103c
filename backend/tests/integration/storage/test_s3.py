"""S3 over a real server: links that it checks, and what its refusals become."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from app.core.errors import Unavailable
from app.integrations.storage.protocol import NewObject
from app.integrations.storage.s3 import S3Storage
from tests.integration.storage.conftest import LINK_SECONDS, Clock
from tests.support.s3_server import BUCKET, S3Server, free_port

PICTURE = bytes(range(256)) * 100
KEY = "0190-org/jobs/a1/0.png"

MakeS3 = Callable[..., S3Storage]


@pytest.fixture
async def s3(make_s3: MakeS3) -> S3Storage:
    storage = make_s3()
    await storage.put(KEY, PICTURE, content_type="image/png")
    return storage


def refused(answer: httpx.Response) -> bool:
    """Amazon's answer is 403 for all of these; rclone's is sometimes 400 with the same words in it."""
    return answer.status_code in {400, 401, 403} and PICTURE not in answer.content


async def fetch(url: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url, headers=headers)


async def test_a_link_reads_the_object(s3: S3Storage) -> None:
    answer = await fetch(s3.signed_url(KEY, content_type="image/png"))
    assert answer.status_code == 200
    assert answer.content == PICTURE
    assert answer.headers["content-type"] == "image/png"


async def test_a_link_gives_the_headers_that_browsers_need(s3: S3Storage) -> None:
    shown = (await fetch(s3.signed_url(KEY, content_type="image/png"))).headers
    assert shown["cache-control"] == "private, max-age=31536000, immutable"
    assert shown["content-disposition"] == "inline"
    saved = (await fetch(s3.signed_url(KEY, content_type="image/png", filename="a “heart”, größer.png"))).headers
    assert saved["content-disposition"].startswith('attachment; filename="a _heart_, gr__er.png"; filename*=UTF-8')


async def test_a_link_reads_a_range(s3: S3Storage) -> None:
    answer = await fetch(s3.signed_url(KEY, content_type="image/png"), Range="bytes=10-19")
    # Not its status: this server says 200 where Amazon says 206.
    assert answer.headers["content-range"] == f"bytes 10-19/{len(PICTURE)}"
    assert answer.content == PICTURE[10:20]


async def test_a_bad_signature_is_refused(s3: S3Storage) -> None:
    url = s3.signed_url(KEY, content_type="image/png")
    forged = url[:-1] + ("0" if url[-1] != "0" else "1")
    assert refused(await fetch(forged))


async def test_a_link_for_another_key_or_content_type_is_refused(s3: S3Storage) -> None:
    url = s3.signed_url(KEY, content_type="image/png")
    await s3.put("0190-org/jobs/a1/1.png", PICTURE, content_type="image/png")
    assert refused(await fetch(url.replace("/0.png", "/1.png")))
    assert refused(await fetch(url.replace("image%2Fpng", "text%2Fhtml")))


async def test_an_expired_link_is_refused(s3: S3Storage, clock: Clock) -> None:
    clock.offset = -2 * LINK_SECONDS
    assert refused(await fetch(s3.signed_url(KEY, content_type="image/png")))


async def test_a_link_without_signature_is_refused(s3: S3Storage) -> None:
    unsigned, _, _ = s3.signed_url(KEY, content_type="image/png").partition("?")
    assert refused(await fetch(unsigned))


async def test_a_wrong_secret_says_which_settings_to_check(make_s3: MakeS3) -> None:
    with pytest.raises(Unavailable, match="EASEL_S3_SECRET_ACCESS_KEY"):
        await make_s3(secret="another secret").check()


async def test_a_missing_bucket_says_so(make_s3: MakeS3) -> None:
    storage = make_s3(bucket="no-such-bucket")
    with pytest.raises(Unavailable, match="no-such-bucket"):
        await storage.check()
    with pytest.raises(Unavailable, match="no-such-bucket"):
        await storage.get("a/b")


async def test_a_server_that_is_away_says_which_setting_to_check(make_s3: MakeS3) -> None:
    with pytest.raises(Unavailable, match="EASEL_STORAGE_URL"):
        await make_s3(endpoint=f"http://127.0.0.1:{free_port()}").check()


async def test_what_one_of_several_meets_is_told_as_of_one(make_s3: MakeS3) -> None:
    """The worker tries again when it hears `Unavailable`, and of nothing else."""
    away = make_s3(endpoint=f"http://127.0.0.1:{free_port()}")
    objects = [NewObject(f"org/{name}", PICTURE, "image/png") for name in ("one", "two")]
    with pytest.raises(Unavailable):
        await away.put_made(lambda: ("two", objects))


async def test_an_error_inside_the_server_may_pass(s3: S3Storage, s3_server: S3Server) -> None:
    # rclone answers 500 for a file that was taken away behind its back.
    (s3_server.folder / BUCKET / KEY).unlink()
    with pytest.raises(Unavailable, match="may pass"):
        await s3.get(KEY)
