"""Attack 22: pictures that are bombs, that lie, or that are two things at once. 4xx, soon and with bounded memory."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import httpx
import pytest
from PIL import Image, PngImagePlugin

from app.engine import png_reader
from app.engine.png import SIGNATURE, encode_png
from app.engine.png_reader import MAX_TEXT_BYTES
from tests.attacks.test_23_shape import peak_megabytes
from tests.support.studio import Browser, Studio

PARAMETERS = "a red rocket\nSteps: 20, Sampler: DDIM, CFG scale: 4.0, Seed: 7, Size: 64x64, Model: plain, Version: x"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*chunks: bytes, width: int = 1, height: int = 1) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * (1 + 3)))
    return SIGNATURE + header + b"".join(chunks) + pixels + chunk(b"IEND", b"")


def text(content: str = PARAMETERS) -> bytes:
    return chunk(b"tEXt", b"parameters\0" + content.encode("latin-1"))


def bomb(megabytes: int) -> bytes:
    deflater = zlib.compressobj(9)
    parts = [deflater.compress(b"x" * 1_000_000) for _ in range(megabytes)]
    return b"".join(parts) + deflater.flush()


BOMB = bomb(500)


def another_format(name: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, name)
    return file.getvalue()


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        written.writestr("evil.js", "alert(1)")
    return file.getvalue()


HOSTILE: dict[str, tuple[bytes, str]] = {
    "claims 50,000 squared": (png(text(), width=50_000, height=50_000), "too_many_pixels"),
    "claims 2^32 squared": (png(text(), width=2**32 - 1, height=2**32 - 1), "too_many_pixels"),
    "claims no pixels": (png(text(), width=0), "too_many_pixels"),
    "zTXt bomb": (png(chunk(b"zTXt", b"parameters\0\0" + BOMB)), "too_much_text"),
    "iTXt bomb": (png(chunk(b"iTXt", b"parameters\0\1\0\0\0" + BOMB)), "too_much_text"),
    "many small bombs": (png(*[chunk(b"zTXt", b"x\0\0" + bomb(1))] * 900), "too_much_text"),
    "much text": (png(text("x" * (MAX_TEXT_BYTES + 1))), "too_much_text"),
    "many chunks": (png(*[chunk(b"teST", b"")] * 100_000), "too_many_chunks"),
    "zTXt cut off": (png(chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"x" * 999)[:9])), "broken_png"),
    "zTXt of no known method": (png(chunk(b"zTXt", b"parameters\0\7x")), "broken_png"),
    "iTXt without its parts": (png(chunk(b"iTXt", b"parameters\0\0\0")), "broken_png"),
    "tEXt without a key": (png(chunk(b"tEXt", b"\0x")), "broken_png"),
    "tEXt without an end of its key": (png(chunk(b"tEXt", b"x" * 200)), "broken_png"),
    "cut off in a chunk": (png(text())[:60], "broken_png"),
    "without an end": (png(text())[:-12], "broken_png"),
    "nothing but the signature": (SIGNATURE, "broken_png"),
    "a chunk longer than the file": (SIGNATURE + b"\xff\xff\xff\xffIHDR" + b"x" * 50, "broken_png"),
    "a wrong checksum": (png(text()).replace(b"rocket", b"racket"), "broken_png"),
    "no header": (SIGNATURE + text() + chunk(b"IEND", b""), "broken_png"),
    "PNG and ZIP at once": (png(text()) + archive(), "trailing_data"),
    "PNG and HTML at once": (png(text()) + b"<script>alert(1)</script>", "trailing_data"),
    "PNG and PNG": (png(text()) + png(text()), "trailing_data"),
    "JPEG": (another_format("JPEG"), "not_a_png"),
    "GIF": (another_format("GIF"), "not_a_png"),
    "WebP": (another_format("WEBP"), "not_a_png"),
    "TIFF": (another_format("TIFF"), "not_a_png"),
    "ZIP": (archive(), "not_a_png"),
    "HTML": (b"<html><script>alert(1)</script>", "not_a_png"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not_a_png"),
    "nothing": (b"", "not_a_png"),
    "no text": (png(), "no_parameters"),
    "another text": (png(text("just a picture")), "no_parameters"),
    "an empty prompt": (png(text(PARAMETERS.replace("a red rocket", " "))), "no_parameters"),
}


async def read(browser: Browser, file: bytes) -> httpx.Response:
    return await browser.post("/api/v1/images/parameters", content=file, headers={"Content-Type": "image/png"})


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_refused(studio: Studio, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file, code = HOSTILE[name]
    inflated, inflate = 0, png_reader._inflate

    def counted(compressed: bytes, room: int) -> bytes:
        nonlocal inflated
        result = inflate(compressed, room)
        inflated += len(result)
        return result

    monkeypatch.setattr(png_reader, "_inflate", counted)
    before = peak_megabytes()
    answer = await read(await studio.register("ann"), file)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    # Bounded work, rather than a time that depends on the machine: a second is what this comes to at the very most.
    assert inflated <= MAX_TEXT_BYTES
    assert peak_megabytes() - before < 64


async def test_a_picture_of_ours_says_how_it_was_made(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate("a red rocket, “flat”\nNegative prompt: no", negative_prompt="blurry", seed=7, steps=9)
    await studio.drain()
    url = (await ann.status(job["job_id"]))["images"][0]["url"]
    answer = await read(ann, (await ann.get(url)).content)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "prompt": "a red rocket, “flat”\nNegative prompt: no",
        "negative_prompt": "blurry",
        "model": "plain",
        "width": 64,
        "height": 64,
        "steps": 9,
        "guidance": 3.0,
        "seed": 7,
    }
    again = await ann.post("/api/v1/generate", json=answer.json())  # it is a request as it stands
    assert again.status_code == 202, again.text


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt", "compressed iTXt"])
async def test_every_kind_of_text_is_read(studio: Studio, kind: str) -> None:
    info, file = PngImagePlugin.PngInfo(), io.BytesIO()
    if "iTXt" in kind:
        info.add_itxt("parameters", PARAMETERS, lang="en", tkey="x", zip=kind.startswith("compressed"))
    else:
        info.add_text("parameters", PARAMETERS, zip=kind == "zTXt")
    Image.new("RGB", (8, 8)).save(file, "PNG", pnginfo=info)
    answer = await read(await studio.register("ann"), file.getvalue())
    assert answer.json()["prompt"] == "a red rocket"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (("Seed: 7", "Seed: 99999999999999999999"), "seed"),
        (("Steps: 20", "Steps: 100000"), "steps"),
        (("CFG scale: 4.0", "CFG scale: nan"), "guidance"),
        (("CFG scale: 4.0", "CFG scale: 1e300"), "guidance"),
        (("Size: 64x64", "Size: 999999x64"), "width"),
        (("Model: plain", "Model: ../../etc/passwd"), "model"),
    ],
)
async def test_what_no_request_could_say_is_left_out(studio: Studio, changed: tuple[str, str], field: str) -> None:
    answer = await read(await studio.register("ann"), png(text(PARAMETERS.replace(*changed))))
    body: dict[str, Any] = answer.json()
    assert answer.status_code == 200, answer.text
    assert body.pop(field) is None
    assert body["prompt"] == "a red rocket"


async def test_a_large_file_is_read_and_one_over_the_bound_is_not(studio: Studio) -> None:
    ann = await studio.register("ann")
    ballast = [chunk(b"teST", b"x" * 1_000_000)] * 19
    assert (await read(ann, png(text(), *ballast))).status_code == 200
    too_large = await read(ann, png(text(), *ballast, *ballast[:2]))
    assert too_large.status_code == 413


async def test_nothing_of_the_file_is_kept(studio: Studio) -> None:
    ann = await studio.register("ann")
    before = [key async for key in studio.parts.storage.list("")]
    assert (await read(ann, png(text()))).status_code == 200
    assert [key async for key in studio.parts.storage.list("")] == before
    assert (await ann.get("/api/v1/images")).json()["items"] == []


def test_what_we_write_is_what_we_read() -> None:
    file = encode_png(Image.new("RGB", (16, 16)), {"parameters": "ä 🚀", "other": "x"})
    assert png_reader.read_texts(file) == {"parameters": "ä 🚀", "other": "x"}
