"""A ZIP archive written in parts, each made on its own: whoever goes on needs only what the parts before were like.

A part is the bytes of some files, stored without compression (pictures have none left to gain). Parts one after another
and the directory at their end are one archive. The standard library does the format; all that is ours is that its file
begins at an offset.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

READABLE_FILE = 0o100644 << 16
EARLIEST_YEAR = 1980


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """Where one file is in the archive. `as_row` and `from_row` are its form in JSON."""

    name: str
    crc: int
    size: int
    offset: int
    made_at: tuple[int, ...]

    def as_row(self) -> list[Any]:
        return [self.name, self.crc, self.size, self.offset, list(self.made_at)]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> ZipEntry:
        name, crc, size, offset, made_at = row
        return cls(name, crc, size, offset, tuple(made_at))


@dataclass(frozen=True, slots=True)
class ZipPart:
    data: bytes
    entries: list[ZipEntry]


class PartWriter:
    """Collects files in memory: as much of it as the part has bytes."""

    def __init__(self, offset: int) -> None:
        """`offset`: bytes of all parts before."""
        self._file = _FileAt(offset)
        self._archive = ZipFile(self._file, "w", ZIP_STORED)

    @property
    def size(self) -> int:
        return len(self._file.getbuffer())

    def add(self, name: str, content: bytes, made_at: datetime) -> None:
        self._archive.writestr(_info(name, made_at.timetuple()[:6]), content)

    def finish(self) -> ZipPart:
        """Without a directory, so the archive is not closed."""
        entries = [
            ZipEntry(info.filename, info.CRC, info.file_size, info.header_offset, info.date_time)
            for info in self._archive.infolist()
        ]
        return ZipPart(self._file.getvalue(), entries)


def zip_directory(offset: int, entries: Iterable[ZipEntry]) -> bytes:
    """The end of the archive whose parts have `offset` bytes together."""
    file = _FileAt(offset)
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for entry in entries:
            info = _info(entry.name, entry.made_at)
            info.CRC, info.header_offset = entry.crc, entry.offset
            info.file_size = info.compress_size = entry.size
            archive.filelist.append(info)
        archive.comment = b""  # marks it as changed: closing it writes the directory
    return file.getvalue()


def _info(name: str, made_at: tuple[int, ...]) -> ZipInfo:
    year, month, day, hour, minute, second = made_at
    info = ZipInfo(name, (max(year, EARLIEST_YEAR), month, day, hour, minute, second))
    info.external_attr = READABLE_FILE
    return info


class _FileAt(io.BytesIO):
    """A file of which we have the end only: positions count from the whole one's beginning."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self._offset = offset

    def tell(self) -> int:
        return super().tell() + self._offset

    def seek(self, position: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_SET:
            position -= self._offset
        return super().seek(position, whence) + self._offset
