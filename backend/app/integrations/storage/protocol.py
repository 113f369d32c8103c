"""What Easel asks of a place that keeps files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class NewObject:
    key: str
    data: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class StoredObject:
    """`size` in bytes; `sha256` in hex, of the content that was written."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """`modified` in epoch seconds, by the storage's clock."""

    key: str
    modified: float


Make = Callable[[], tuple[Told, Sequence[NewObject]]]
"""Makes objects, and tells something about them."""


class Storage(Protocol):
    """Keys are relative POSIX paths that begin with the organisation's id. Nothing is public: readers get signed URLs.

    A key has segments of letters, digits, ``.``, ``_`` and ``-``, none beginning with a dot; another one raises
    `InvalidInput`. Any call may raise `Unavailable`.
    """

    async def put(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        """Write the whole object or nothing; an existing one is replaced. Raises `StorageFull` or `Unavailable`."""
        ...

    async def put_made(self, make: Make[Told]) -> tuple[Told, list[StoredObject]]:
        """Write each object that `make` gives as `put` does, which together costs less than one by one.

        `make` may take its time: it is called beside the event loop, perhaps in another process, so it is picklable.
        When this raises, some objects may be written.
        """
        ...

    async def get(self, key: str) -> bytes:
        """The whole object. Raises `NotFound`."""
        ...

    async def exists(self, key: str) -> bool: ...

    async def delete(self, key: str) -> None:
        """Remove the object; a missing one is fine."""
        ...

    def list(self, prefix: str) -> AsyncIterator[str]:
        """Keys under the prefix, in no particular order."""
        ...

    def entries(self, prefix: str) -> AsyncIterator[StoredEntry]:
        """As `list`, with the time of the last write."""
        ...

    async def remove_unfinished(self, older_than_seconds: float) -> int:
        """Remove what writers that were killed in mid-write left behind. Returns how many."""
        ...

    def signed_url(self, key: str, *, content_type: str, filename: str | None = None) -> str:
        """A URL (absolute, or relative to the studio's origin) that reads this one object until it expires.

        The same key gives the same URL for a while, so that browsers can cache. With `filename` the browser saves
        the file under that name.
        """
        ...

    async def check(self) -> None:
        """Write, read and remove a small object. Raises `StorageFull` or `Unavailable` with what is wrong."""
        ...
