"""Both storages, each real, each with a clock that a test can turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.integrations.storage.local import LocalStorage
from app.integrations.storage.protocol import Storage
from app.integrations.storage.s3 import S3Location, S3Storage
from tests.support.s3_server import ACCESS_KEY_ID, BUCKET, SECRET_ACCESS_KEY, S3Server, serve_s3

SECRET = b"a secret of the test, 32 bytes at least"
LINK_SECONDS = 600


@dataclass(slots=True)
class Clock:
    offset: float = 0.0
    start: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.start + self.offset


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with serve_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_s3(s3_server: S3Server, clock: Clock) -> Callable[..., S3Storage]:
    def make(
        *, bucket: str = BUCKET, endpoint: str = s3_server.endpoint, secret: str = SECRET_ACCESS_KEY, prefix: str = ""
    ) -> S3Storage:
        return S3Storage(
            S3Location(bucket, prefix, endpoint),
            access_key_id=ACCESS_KEY_ID,
            secret_access_key=secret,
            link_seconds=LINK_SECONDS,
            clock=clock,
        )

    return make


@pytest.fixture
def local(tmp_path: Path, clock: Clock) -> LocalStorage:
    return LocalStorage(tmp_path / "files", secret=SECRET, link_seconds=LINK_SECONDS, clock=clock)


@pytest.fixture(params=["local", "s3", "s3 with a prefix"])
def storage(request: pytest.FixtureRequest, local: LocalStorage, tmp_path: Path) -> Storage:
    match request.param:
        case "local":
            return local
        case "s3":
            s3: Storage = request.getfixturevalue("make_s3")()
            return s3
        case _:
            prefixed: Storage = request.getfixturevalue("make_s3")(prefix=f"/{tmp_path.name}/deep/")
            return prefixed
