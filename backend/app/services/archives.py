"""What goes into an archive: a part at a time, each made of what the export's row says and of nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from app.models import Export
from app.utils.zip_parts import ZipPart

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


class ArchiveContent(Protocol):
    async def pack(self, export: Export) -> Packed | None:
        """The next part; None when all is in. Raises `Unavailable` and what the storage raises."""
        ...
