"""Objects as files under one directory, read through signed links that Easel's own API serves."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from app.core.errors import Forbidden, InvalidInput, NotFound, StorageFull, Unavailable
from app.integrations.side_process import Aside, Threads
from app.integrations.storage.keys import check_key, check_prefix
from app.integrations.storage.links import content_disposition, window_end
from app.integrations.storage.protocol import Make, NewObject, StoredEntry, StoredObject, Told

TEMPORARY_PREFIX = ".part-"
# EFBIG: the limit on file size that a service manager sets (LimitFSIZE).
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """What a valid link reads. `content_disposition` is the header's value; `expires` in epoch seconds."""

    path: Path
    content_type: str
    filename: str | None
    content_disposition: str
    expires: int


class LocalStorage:
    """Writes are atomic and durable: temporary file, fsync, rename, fsync of the directory.

    A process killed in mid-write leaves a file named `.part-…`, which no key can name and `list` doesn't show.
    """

    def __init__(
        self,
        root: Path,
        *,
        secret: bytes,
        link_seconds: int = 3600,
        base_path: str = "/api/v1/files",
        clock: Callable[[], float] = time.time,
        aside: Aside | None = None,
    ) -> None:
        """`secret` is the installation's; links are signed with a key derived from it for this purpose alone."""
        self._root = root.absolute()
        self._link_key = hmac.digest(secret, b"easel file links v1", "sha256")
        self._link_seconds = link_seconds
        self._base_path = base_path.rstrip("/")
        self._clock = clock
        self._aside = aside or Threads()

    async def put(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        # Files have no content type of their own; the link carries it.
        new = NewObject(check_key(key), data, content_type)
        [stored] = await asyncio.to_thread(_write, self._root, [new])
        return stored

    async def put_made(self, make: Make[Told]) -> tuple[Told, list[StoredObject]]:
        return await self._aside.run(_make_and_write, self._root, make)

    async def get(self, key: str) -> bytes:
        return await asyncio.to_thread(self._read, check_key(key))

    async def exists(self, key: str) -> bool:
        return await asyncio.to_thread(self._path(key).is_file)

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(self._remove, check_key(key))

    async def list(self, prefix: str) -> AsyncIterator[str]:
        for key in await asyncio.to_thread(self._keys, check_prefix(prefix)):
            yield key

    async def entries(self, prefix: str) -> AsyncIterator[StoredEntry]:
        for key in await asyncio.to_thread(self._keys, check_prefix(prefix)):
            with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                yield StoredEntry(key, self._path(key).stat().st_mtime)

    async def remove_unfinished(self, older_than_seconds: float) -> int:
        return await asyncio.to_thread(self._remove_unfinished, self._clock() - older_than_seconds)

    def signed_url(self, key: str, *, content_type: str, filename: str | None = None) -> str:
        """Relative to the studio's origin."""
        check_key(key)
        expires = window_end(self._clock(), self._link_seconds)
        parameters = {"expires": str(expires), "content_type": content_type}
        if filename:
            parameters["filename"] = filename
        parameters["signature"] = self._signature(key, expires, content_type, filename)
        return f"{self._base_path}/{key}?{urlencode(parameters)}"

    def verify(self, key: str, parameters: Mapping[str, str], now: float | None = None) -> VerifiedFile:
        """Check a link's query. Raises `Forbidden` when it is forged or too old, `NotFound` when the file is gone.

        Touches the disk once (a stat).
        """
        try:
            check_key(key)
            expires = int(parameters["expires"])
            content_type = parameters["content_type"]
            given = parameters["signature"]
        except (InvalidInput, KeyError, ValueError) as error:
            raise Forbidden("This link is not complete: ask for a new one.", code="invalid_link") from error
        filename = parameters.get("filename")
        expected = self._signature(key, expires, content_type, filename)
        # Bytes, because compare_digest refuses text outside ASCII, and this text comes from outside.
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            raise Forbidden("This link is not one that we made: ask for a new one.", code="invalid_link")
        if expires <= (self._clock() if now is None else now):
            raise Forbidden("This link has expired: ask for a new one.", code="expired_link")
        path = self._path(key)
        if not path.is_file():
            raise NotFound("This file is gone.")
        return VerifiedFile(path, content_type, filename, content_disposition(filename), expires)

    async def check(self) -> None:
        key = f"health/{secrets.token_hex(8)}"
        await self.put(key, b"easel", content_type="text/plain")
        try:
            if await self.get(key) != b"easel":
                raise Unavailable(f"The folder {self._root} gives back other bytes than were written.")
        finally:
            await self.delete(key)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _signature(self, key: str, expires: int, content_type: str, filename: str | None) -> str:
        # No part can hold a NUL and pass for two: the lengths are signed as well.
        parts = [key, str(expires), content_type, filename or ""]
        message = b"".join(b"%d:%b" % (len(raw), raw) for raw in (part.encode("utf-8", "replace") for part in parts))
        return hmac.new(self._link_key, message, hashlib.sha256).hexdigest()

    def _read(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise NotFound("There is no such file.") from error
        except OSError as error:
            raise _failure(self._root, error) from error

    def _remove(self, key: str) -> None:
        try:
            self._path(key).unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise _failure(self._root, error) from error

    def _keys(self, prefix: str) -> Sequence[str]:
        # Only the folder that the prefix names is walked, not the whole storage.
        folder = self._root / prefix.rpartition("/")[0]
        keys = []
        for directory, _, names in os.walk(folder):
            relative = Path(directory).relative_to(self._root)
            keys += [(relative / name).as_posix() for name in names if not name.startswith(".")]
        return [key for key in keys if key.startswith(prefix)]

    def _remove_unfinished(self, before: float) -> int:
        removed = 0
        for path in self._root.rglob(f"{TEMPORARY_PREFIX}*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
        return removed


def _make_and_write(root: Path, make: Make[Told]) -> tuple[Told, list[StoredObject]]:
    told, objects = make()
    return told, _write(root, objects)


def _write(root: Path, objects: Sequence[NewObject]) -> list[StoredObject]:
    """All files before the first of them is synced: what the file system then writes down, it does for all."""
    finished, changed = dict[Path, Path](), set[Path]()
    try:
        with contextlib.ExitStack() as files:
            descriptors = []
            for each in objects:
                path = root / check_key(each.key)
                changed |= {path.parent, *_make_directory(path.parent)}
                temporary = path.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
                finished[temporary] = path
                descriptors.append(files.enter_context(_written(temporary, each.data)))
            for descriptor in descriptors:
                os.fsync(descriptor)
        # Renamed when all is on the disk: readers see the old object, or the whole new one.
        for temporary, path in finished.items():
            temporary.replace(path)
        for folder in changed:
            _sync_directory(folder)
    except OSError as error:
        for temporary in finished:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise _failure(root, error) from error
    return [StoredObject(each.key, len(each.data), hashlib.sha256(each.data).hexdigest()) for each in objects]


def _failure(root: Path, error: OSError) -> StorageFull | Unavailable:
    if error.errno in _FULL:
        return StorageFull(
            f"The disk that holds {root} takes no more: free some space, delete pictures, "
            "or set EASEL_STORAGE_URL to a larger place. Nothing was lost."
        )
    return Unavailable(
        f"The folder {root} can't be used ({error.strerror}): check that it exists, that its disk is mounted "
        "and that Easel may write there."
    )


def _make_directory(directory: Path) -> Iterator[Path]:
    """With its parents. Gives the folders in which a new one is, which have to be synced."""
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        yield from _make_directory(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)
    yield directory.parent


@contextlib.contextmanager
def _written(path: Path, data: bytes) -> Iterator[int]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        yield descriptor
    finally:
        os.close(descriptor)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
