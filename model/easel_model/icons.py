"""Fetch icon sets from npm and render them to RGBA arrays.

``MODEL_CARD.md`` carries the attributions. Sets that the model is made from
are MIT or Apache-2.0; two CC-BY sets serve the judge of the evaluation only.
"""

import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from easel_model.concepts import CONCEPTS, Concept

IMAGE_SIZE = 128
"""Side of a training image in pixels."""

VIEWS: tuple[tuple[int, float], ...] = ((120, 0.0), (106, 7.0), (106, -7.0))
"""How an icon is drawn: the side of its view box in pixels, and its turn in degrees."""


@dataclass(frozen=True, slots=True)
class IconSet:
    """An npm package in Iconify's JSON format, pinned to one version."""

    name: str
    version: str
    licence: str

    @property
    def package(self) -> str:
        """npm specifier with the exact version."""
        return f"@iconify-json/{self.name}@{self.version}"


ICON_SETS: tuple[IconSet, ...] = (
    IconSet("fluent-emoji-flat", "1.2.6", "MIT"),
    IconSet("fluent-emoji", "1.2.7", "MIT"),
    IconSet("fluent-emoji-high-contrast", "1.2.6", "MIT"),
    IconSet("noto", "1.2.9", "Apache-2.0"),
    IconSet("noto-v1", "1.2.5", "Apache-2.0"),
    IconSet("fxemoji", "1.2.2", "Apache-2.0"),
    IconSet("twemoji", "1.2.5", "CC-BY-4.0"),
    IconSet("emojione", "1.2.3", "CC-BY-4.0"),
)

JUDGE_ONLY: frozenset[str] = frozenset({"twemoji", "emojione"})
"""Sets that no trained part of the model ever sees."""

NAMED_LIKE: dict[str, str] = {
    "fluent-emoji": "fluent-emoji-flat",
    "noto-v1": "noto",
    "emojione": "noto",
    "fxemoji": "",
}
"""Sets without a code point table of their own: whose names they share."""


@dataclass(frozen=True, slots=True)
class Renders:
    """Rendered icons.

    ``rgba`` is uint8 of shape (N, 128, 128, 4), straight alpha; ``sets``,
    ``concepts`` and ``views`` (index into ``VIEWS``) are parallel lists.
    """

    rgba: NDArray[np.uint8]
    sets: list[str]
    concepts: list[str]
    views: list[int]


def fetch(run_dir: Path) -> None:
    """Download and unpack every icon set under ``run_dir/icons/<set>/``.

    A set that is already there at the pinned version is left alone. Raises
    ``subprocess.CalledProcessError`` when npm fails.
    """
    for icon_set in ICON_SETS:
        target = run_dir / "icons" / icon_set.name
        manifest = target / "package.json"
        if manifest.exists() and json.loads(manifest.read_text())["version"] == icon_set.version:
            print(f"{icon_set.package}: present")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run(  # noqa: S603 - fixed arguments, no shell
                ["npm", "pack", "--silent", icon_set.package],  # noqa: S607
                cwd=scratch,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            archive = next(Path(scratch).glob("*.tgz"))
            with tarfile.open(archive) as tar:
                tar.extractall(scratch, filter="data")
            shutil.rmtree(target, ignore_errors=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(Path(scratch) / "package", target)
        print(f"{icon_set.package}: fetched")


def _load_json(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def code_point_key(character: str) -> str:
    """Iconify's key for an emoji: hexadecimal code points joined by dashes."""
    return "-".join(f"{ord(c):x}" for c in character if c != "\ufe0f")


def icon_names(icons_dir: Path) -> dict[str, dict[str, str]]:
    """Map set name → concept name → icon name, for every concept a set shows."""
    found: dict[str, dict[str, str]] = {}
    for icon_set in ICON_SETS:
        folder = icons_dir / icon_set.name
        icons = _load_json(folder / "icons.json")["icons"]
        named = NAMED_LIKE.get(icon_set.name, icon_set.name)
        table = _load_json(icons_dir / named / "chars.json") if named else {}
        found[icon_set.name] = {}
        for concept in CONCEPTS:
            candidates = _candidates(icon_set.name, concept, table)
            match = next((name for name in candidates if name in icons), None)
            if match:
                found[icon_set.name][concept.name] = match
    return found


def _candidates(set_name: str, concept: Concept, table: dict[str, Any]) -> list[str]:
    if set_name == "fxemoji":
        return [concept.fxemoji] if concept.fxemoji else [concept.name.replace(" ", "")]
    keys = [code_point_key(character) for character in concept.emoji]
    return [table[key] for key in keys if key in table]


def draw(icons: dict[str, Any], name: str) -> Image.Image:
    """One icon as RGBA at four times the size of its largest view.

    Drawn large and averaged later: resvg alone leaves seams.
    """
    icon = icons["icons"][name]
    width = icon.get("width", icons.get("width", 16))
    height = icon.get("height", icons.get("height", 16))
    left, top = icon.get("left", 0), icon.get("top", 0)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{left} {top} {width} {height}">'
        f"{icon['body']}</svg>"
    )
    side = VIEWS[0][0] * 4
    drawn = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=round(side * width / max(width, height)),
        skip_system_fonts=True,
    )
    return Image.open(io.BytesIO(drawn)).convert("RGBA")


def view(drawn: Image.Image, size: int, degrees: float) -> NDArray[np.uint8]:
    """A drawing turned, shrunk and centred: uint8 RGBA (128, 128, 4)."""
    canvas = Image.new("RGBa", (IMAGE_SIZE * 4, IMAGE_SIZE * 4))
    # Premultiplied, so that the colour of transparent pixels does not bleed in.
    ink = drawn.convert("RGBa")
    canvas.paste(ink, ((canvas.width - ink.width) // 2, (canvas.height - ink.height) // 2))
    if degrees or size != VIEWS[0][0]:
        zoom = VIEWS[0][0] / size
        turn = np.deg2rad(degrees)
        cosine, sine = float(np.cos(turn) * zoom), float(np.sin(turn) * zoom)
        middle = canvas.width / 2
        canvas = canvas.transform(
            canvas.size,
            Image.Transform.AFFINE,
            (
                cosine,
                sine,
                middle - (cosine + sine) * middle,
                -sine,
                cosine,
                middle - (cosine - sine) * middle,
            ),
            Image.Resampling.BILINEAR,
        )
    shrunk = canvas.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BOX)
    return np.asarray(shrunk.convert("RGBA"), dtype=np.uint8)


def render(run_dir: Path) -> None:
    """Render every concept in every set and view; writes ``run_dir/renders.npz``."""
    icons_dir = run_dir / "icons"
    by_concept = icon_names(icons_dir)
    images: list[NDArray[np.uint8]] = []
    rows: list[tuple[str, str, int]] = []
    for icon_set in ICON_SETS:
        icons = _load_json(icons_dir / icon_set.name / "icons.json")
        for concept, name in by_concept[icon_set.name].items():
            drawn = draw(icons, name)
            for number, (size, degrees) in enumerate(VIEWS):
                images.append(view(drawn, size, degrees))
                rows.append((icon_set.name, concept, number))
        print(f"{icon_set.name}: {len(by_concept[icon_set.name])} concepts", flush=True)
    sets, concepts, views = zip(*rows, strict=True)
    np.savez(
        run_dir / "renders.npz",
        rgba=np.stack(images),
        sets=np.array(sets),
        concepts=np.array(concepts),
        views=np.array(views),
    )


def load_renders(run_dir: Path) -> Renders:
    """Read what :func:`render` wrote."""
    with np.load(run_dir / "renders.npz") as data:
        return Renders(
            rgba=data["rgba"],
            sets=data["sets"].tolist(),
            concepts=data["concepts"].tolist(),
            views=data["views"].tolist(),
        )
