"""What goes into an archive: a part at a time, each made of what the export's row says and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from app.core.errors import NotFound
from app.integrations.storage.protocol import Storage
from app.models import Export, Image
from app.schemas.base import Output
from app.utils.zip_parts import PartWriter, ZipPart

PART_BYTES = 8 * 2**20
"""A part ends with the file that takes it over this."""


@dataclass(frozen=True, slots=True)
class Packed:
    """`done` images are dealt with by this part, `skipped` of them were gone. `position` is where the next begins, for
    whoever goes on; only its maker reads it."""

    part: ZipPart
    done: int = 0
    skipped: int = 0
    position: dict[str, Any] | None = None


class ArchivePart:
    """What one part holds so far. `now` is the time that its pages say."""

    def __init__(self, offset: int, now: datetime) -> None:
        self.writer = PartWriter(offset)
        self.now = now
        self.done = self.skipped = 0

    def add_json(self, name: str, value: Output | Sequence[Output]) -> None:
        plain = _plain(value) if isinstance(value, Output) else [_plain(each) for each in value]
        self.writer.add(name, orjson.dumps(plain, option=orjson.OPT_INDENT_2), self.now)

    async def add_file(self, storage: Storage, image: Image, name: str) -> None:
        """The image's file, under this name; one that is gone is counted as skipped."""
        try:
            content = await storage.get(image.storage_key)
        except NotFound:
            self.skip()
            return
        self.done += 1
        await asyncio.to_thread(self.writer.add, name, content, image.created_at)

    def skip(self) -> None:
        """Deal with an image that is not there any more."""
        self.done += 1
        self.skipped += 1

    def finish(self, position: dict[str, Any] | None = None) -> Packed:
        return Packed(self.writer.finish(), self.done, self.skipped, position)

    @property
    def is_full(self) -> bool:
        return self.writer.size >= PART_BYTES


class ArchiveContent(Protocol):
    async def pack(self, export: Export) -> Packed | None:
        """The next part; None when all is in. Raises `Unavailable` and what the storage raises."""
        ...


def _plain(value: Output) -> dict[str, Any]:
    return value.model_dump(mode="json")
