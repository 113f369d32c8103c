"""An archive in parts is an archive, whoever wrote which of them."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.utils.zip_parts import PartWriter, ZipEntry, zip_directory

MADE = datetime(2026, 3, 4, 5, 6, 8, tzinfo=UTC)
CONTENTS = st.lists(st.lists(st.binary(max_size=300), max_size=4), max_size=5)


@given(CONTENTS)
def test_parts_and_directory_are_one_archive(parts: list[list[bytes]]) -> None:
    written, entries = b"", []
    for number, files in enumerate(parts):
        writer = PartWriter(len(written))
        for index, content in enumerate(files):
            writer.add(f"{number}-{index} ü.png", content, MADE)
        assert writer.size == len(writer.finish().data)
        part = writer.finish()
        # Between two parts there may be a kill: all that is kept of the first is its bytes and this JSON.
        kept = json.loads(json.dumps([entry.as_row() for entry in part.entries]))
        written += part.data
        entries += [ZipEntry.from_row(row) for row in kept]
    written += zip_directory(len(written), entries)
    archive = zipfile.ZipFile(io.BytesIO(written))
    assert archive.testzip() is None
    found = {info.filename: archive.read(info) for info in archive.infolist()}
    assert found == {f"{n}-{i} ü.png": content for n, files in enumerate(parts) for i, content in enumerate(files)}
    assert all(info.date_time == (2026, 3, 4, 5, 6, 8) for info in archive.infolist())


def test_an_archive_of_more_than_four_gigabytes_says_so_in_its_directory() -> None:
    entries = [ZipEntry("far.png", 0, 10, 5 * 2**32, (2026, 1, 1, 0, 0, 0))]
    ending = zip_directory(5 * 2**32 + 100, entries)
    assert b"PK\x06\x06" in ending, "the zip64 end of the directory"
