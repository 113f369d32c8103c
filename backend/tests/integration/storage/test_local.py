"""Local files: links that only we can make, writes that are whole or nothing, a disk that is really full."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.core.errors import Forbidden, NotFound, Unavailable
from app.integrations.storage.local import LocalStorage
from tests.integration.storage.conftest import LINK_SECONDS, SECRET, Clock

KEY = "0190-org/jobs/a1/0.png"
BACKEND = Path(__file__).resolve().parents[3]


@pytest.fixture
async def files(local: LocalStorage) -> LocalStorage:
    await local.put(KEY, b"picture", content_type="image/png")
    return local


def taken_apart(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    return parts.path.removeprefix("/api/v1/files/"), dict(parse_qsl(parts.query, strict_parsing=True))


async def test_a_link_leads_to_the_file_and_its_headers(files: LocalStorage) -> None:
    key, query = taken_apart(files.signed_url(KEY, content_type="image/png", filename="ein Bild – groß.png"))
    found = files.verify(key, query)
    assert key == KEY
    assert found.path.read_bytes() == b"picture"
    assert found.content_type == "image/png"
    assert found.filename == "ein Bild – groß.png"
    assert found.content_disposition.startswith("attachment; filename=")
    assert taken_apart(files.signed_url(KEY, content_type="image/png"))[1].keys() == {
        "expires",
        "content_type",
        "signature",
    }


@pytest.mark.parametrize(
    ("changed", "value"),
    [
        ("expires", "99999999999"),
        ("content_type", "text/html"),
        ("filename", "evil.html"),
        ("signature", "0" * 64),
        ("signature", ""),
        ("signature", "é"),
        ("expires", "soon"),
    ],
)
async def test_a_tampered_link_is_refused(files: LocalStorage, changed: str, value: str) -> None:
    key, query = taken_apart(files.signed_url(KEY, content_type="image/png"))
    with pytest.raises(Forbidden):
        files.verify(key, {**query, changed: value})


@pytest.mark.parametrize("left_out", ["expires", "content_type", "signature"])
async def test_an_incomplete_link_is_refused(files: LocalStorage, left_out: str) -> None:
    key, query = taken_apart(files.signed_url(KEY, content_type="image/png"))
    del query[left_out]
    with pytest.raises(Forbidden):
        files.verify(key, query)


async def test_a_link_for_one_key_does_not_read_another(files: LocalStorage) -> None:
    await files.put("0190-org/jobs/a1/1.png", b"other", content_type="image/png")
    _, query = taken_apart(files.signed_url(KEY, content_type="image/png"))
    for other in ("0190-org/jobs/a1/1.png", "../secret.key", f"{KEY}/../1.png", ""):
        with pytest.raises(Forbidden):
            files.verify(other, query)


async def test_a_part_of_one_field_cannot_move_into_the_next(files: LocalStorage) -> None:
    _, query = taken_apart(files.signed_url("org/a", content_type="image/png"))
    with pytest.raises(Forbidden):
        files.verify("org/a1", {**query, "expires": query["expires"][1:]})


async def test_an_expired_link_is_refused(files: LocalStorage, clock: Clock) -> None:
    key, query = taken_apart(files.signed_url(KEY, content_type="image/png"))
    clock.offset = LINK_SECONDS / 2 - 1
    assert files.verify(key, query).path.is_file()
    clock.offset = LINK_SECONDS + 1
    with pytest.raises(Forbidden) as refused:
        files.verify(key, query)
    assert refused.value.code == "expired_link"


async def test_a_link_of_another_installation_is_refused(files: LocalStorage, tmp_path: Path) -> None:
    other = LocalStorage(tmp_path / "files", secret=SECRET[::-1])
    key, query = taken_apart(other.signed_url(KEY, content_type="image/png"))
    with pytest.raises(Forbidden):
        files.verify(key, query)


async def test_a_link_to_a_deleted_file_is_not_found(files: LocalStorage) -> None:
    key, query = taken_apart(files.signed_url(KEY, content_type="image/png"))
    await files.delete(KEY)
    with pytest.raises(NotFound):
        files.verify(key, query)


async def test_nobody_else_on_the_machine_can_read_the_files(files: LocalStorage, tmp_path: Path) -> None:
    for path in [tmp_path / "files", *(tmp_path / "files").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


async def test_the_half_written_file_of_a_killed_process_is_not_listed(files: LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "files" / "0190-org" / ".part-0123").write_bytes(b"torn")
    assert [key async for key in files.list("")] == [KEY]


async def test_a_file_where_the_folder_should_be_says_so(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"")
    with pytest.raises(Unavailable, match="can't be used"):
        await LocalStorage(tmp_path / "files", secret=SECRET).check()


# Run in a process of its own, because both ways to a full disk would harm the test's.
FILL = """
    import asyncio, resource, sys
    from pathlib import Path
    from app.core.errors import StorageFull
    from app.integrations.storage.local import LocalStorage
    from app.integrations.storage.protocol import NewObject

    async def main(root, limit):
        storage = LocalStorage(Path(root), secret=b"x" * 32)
        await storage.put("org/small", b"kept", content_type="image/png")
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        for key in ("org/large", "org/small"):
            try:
                await storage.put(key, b"x" * 3_000_000, content_type="image/png")
            except StorageFull as error:
                assert root in error.detail, error.detail
            else:
                raise SystemExit("the disk was not full")
        pair = [NewObject("org/small", b"other", "image/png"), NewObject("org/large", b"x" * 3_000_000, "image/png")]
        try:
            await storage.put_made(lambda: (None, pair))
        except StorageFull:
            assert await storage.get("org/small") == b"kept", "the first of two was put without the second"
        else:
            raise SystemExit("the disk was not full")
        assert await storage.get("org/small") == b"kept"
        assert [path.name for path in Path(root).rglob("*") if path.is_file()] == ["small"], "a torn file stayed"
        if not limit:
            await storage.put("org/after", b"fits", content_type="image/png")
        print("refused cleanly")

    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def run_fill(*prefix: str, root: Path, limit: int = 0) -> subprocess.CompletedProcess[str]:
    command = [*prefix, sys.executable, "-c", textwrap.dedent(FILL), str(root), str(limit)]
    return subprocess.run(
        command, cwd=BACKEND, capture_output=True, text=True, timeout=60, check=False, env={**os.environ}
    )


def test_a_file_over_the_process_limit_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    done = run_fill(root=tmp_path / "files", limit=1_000_000)
    assert done.stdout == "refused cleanly\n", done.stderr


def test_a_full_disk_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    # A mount namespace of its own: the tmpfs is seen by nobody else and ends with the process.
    mount = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs -o size=1m none {mounted} && exec "$@"', "sh"]
    if os.geteuid() != 0:
        mount.insert(1, "--map-root-user")
    if subprocess.run([*mount, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets us mount no tmpfs; the test with a process limit has run")
    done = run_fill(*mount, root=mounted)
    assert done.stdout == "refused cleanly\n", done.stderr
