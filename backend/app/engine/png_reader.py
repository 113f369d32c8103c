"""Text from a PNG that somebody uploads, without trusting a byte of it and without decoding a pixel.

Everything is bounded before it is done: the size that the header claims, the number of chunks, what compressed text may
grow to. A file that ends too early, goes on after its end (two formats in one file) or has a wrong checksum is refused.
Nothing of the file is kept.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from app.core.errors import InvalidInput
from app.engine.png import SIGNATURE

MAX_PIXELS = 50_000_000
MAX_CHUNKS = 10_000
MAX_TEXT_BYTES = 256 * 1024
"""Of all texts together, after decompression. Prompts have some thousand characters."""

_HEADER_BYTES = 13
_LONGEST_KEY = 79
_FRAME = 12  # length, kind and checksum around each chunk's content


def read_texts(file: bytes) -> dict[str, str]:
    """The text chunks by key; of two with one key the first. Raises `InvalidInput` for whatever is wrong."""
    if not file.startswith(SIGNATURE):
        raise _refused("not_a_png", "This is not a PNG file. Pictures that Easel or AUTOMATIC1111 made are PNG files.")
    chunks = _chunks(memoryview(file)[len(SIGNATURE) :])
    kind, header = next(chunks)
    if kind != b"IHDR" or len(header) != _HEADER_BYTES:
        raise _broken()
    _check_size(*struct.unpack(">II", header[:8]))
    texts: dict[str, str] = {}
    room = MAX_TEXT_BYTES
    for kind, content in chunks:
        if kind in {b"tEXt", b"zTXt", b"iTXt"}:
            key, raw, encoding = _text(kind, bytes(content), room)
            room -= len(raw)
            texts.setdefault(key, raw.decode(encoding, "replace"))
    return texts


def _chunks(rest: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and content of each chunk up to IEND, with nothing after it."""
    for _ in range(MAX_CHUNKS):
        if len(rest) < _FRAME:
            raise _broken()
        length, kind = struct.unpack(">I4s", rest[:8])
        if length > len(rest) - _FRAME or not (kind.isascii() and kind.isalpha()):
            raise _broken()
        content = rest[8 : 8 + length]
        (checksum,) = struct.unpack(">I", rest[8 + length : _FRAME + length])
        if checksum != zlib.crc32(content, zlib.crc32(kind)):
            raise _broken()
        rest = rest[_FRAME + length :]
        yield kind, content
        if kind == b"IEND":
            if len(rest):
                raise _refused("trailing_data", "This file goes on after the picture's end. Save the picture anew.")
            return
    raise _refused("too_many_chunks", "This file has too many parts to be a picture. Save the picture anew.")


def _check_size(width: int, height: int) -> None:
    if width == 0 or height == 0 or width * height > MAX_PIXELS:
        raise _refused(
            "too_many_pixels",
            f"This picture claims {width} × {height} pixels; up to {MAX_PIXELS // 1_000_000} megapixels are read.",
        )


def _text(kind: bytes, content: bytes, room: int) -> tuple[str, bytes, str]:
    """Key, text and its encoding (PNG specification, section 11.3.3)."""
    key, found, rest = content.partition(b"\0")
    if not found or not 1 <= len(key) <= _LONGEST_KEY:
        raise _broken()
    encoding, compressed = "latin-1", kind == b"zTXt"
    if kind == b"zTXt":
        method, rest = rest[:1], rest[1:]
    elif kind == b"iTXt":
        encoding, compressed, method = "utf-8", rest[:1] == b"\1", rest[1:2]
        try:
            _, _, rest = rest[2:].split(b"\0", 2)  # language and translated key
        except ValueError as error:
            raise _broken() from error
    if compressed:
        if method != b"\0":
            raise _broken()
        rest = _inflate(rest, room)
    if len(rest) > room:
        raise _too_much_text()
    return key.decode("latin-1"), rest, encoding


def _inflate(compressed: bytes, room: int) -> bytes:
    """At most `room` bytes come out, however much is in there."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(compressed, room + 1)
    except zlib.error as error:
        raise _broken() from error
    if len(text) > room:
        raise _too_much_text()
    if not inflater.eof:
        raise _broken()
    return text


def _too_much_text() -> InvalidInput:
    return _refused("too_much_text", f"This file holds more than {MAX_TEXT_BYTES // 1024} kB of text.")


def _broken() -> InvalidInput:
    return _refused("broken_png", "This PNG file is damaged or was cut off. Save or download the picture anew.")


def _refused(code: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, code=code)
