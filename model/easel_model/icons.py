"""Fetch icon sets from npm and render them to RGBA arrays.

Every set is MIT or Apache-2.0; ``MODEL_CARD.md`` carries the attributions.
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

IMAGE_SIZE = 64
"""Side of a training image in pixels."""

RENDER_SIZES = (60, 54)
"""Sides at which an icon's view box is drawn inside the image."""

SKIN_TONES = ("-light", "-medium", "-dark", "light-skin-tone", "medium-skin-tone", "dark-skin-tone")


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
    IconSet("noto", "1.2.9", "Apache-2.0"),
    IconSet("noto-v1", "1.2.5", "Apache-2.0"),
    IconSet("fxemoji", "1.2.2", "Apache-2.0"),
    IconSet("flat-color-icons", "1.2.3", "MIT"),
)


@dataclass(frozen=True, slots=True)
class Renders:
    """Rendered icons.

    ``rgba`` is uint8 of shape (N, 64, 64, 4), straight alpha; ``sets`` and
    ``names`` are parallel lists; ``concepts`` holds the concept's name or "".
    """

    rgba: NDArray[np.uint8]
    sets: list[str]
    names: list[str]
    concepts: list[str]


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
    tables = {
        name: _load_json(icons_dir / name / "chars.json") for name in ("fluent-emoji-flat", "noto")
    }
    found: dict[str, dict[str, str]] = {}
    for icon_set in ICON_SETS:
        icons = _load_json(icons_dir / icon_set.name / "icons.json")["icons"]
        found[icon_set.name] = {}
        for concept in CONCEPTS:
            candidates = _candidates(icon_set.name, concept, tables)
            match = next((name for name in candidates if name in icons), None)
            if match:
                found[icon_set.name][concept.name] = match
    return found


def _candidates(set_name: str, concept: Concept, tables: dict[str, dict[str, Any]]) -> list[str]:
    if set_name == "fxemoji":
        return [concept.fxemoji]
    if set_name == "flat-color-icons":
        return [concept.flat]
    first = "fluent-emoji-flat" if set_name.startswith("fluent") else "noto"
    order = [first, *(name for name in tables if name != first)]
    keys = [code_point_key(character) for character in concept.emoji]
    return [tables[name][key] for key in keys for name in order if key in tables[name]]


def render_svg(icons: dict[str, Any], name: str, size: int) -> NDArray[np.uint8]:
    """Draw one icon, centred, as uint8 RGBA of shape (64, 64, 4)."""
    icon = icons["icons"][name]
    width = icon.get("width", icons.get("width", 16))
    height = icon.get("height", icons.get("height", 16))
    left, top = icon.get("left", 0), icon.get("top", 0)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{left} {top} {width} {height}">'
        f"{icon['body']}</svg>"
    )
    # Drawn at four times the size, then averaged: resvg alone leaves seams.
    drawn = Image.open(
        io.BytesIO(resvg_py.svg_to_bytes(svg_string=svg, width=size * 4, skip_system_fonts=True))
    ).convert("RGBA")
    drawn.thumbnail((size * 4, size * 4))
    scale = size / max(drawn.size)
    shrunk = drawn.resize(
        (max(1, round(drawn.width * scale)), max(1, round(drawn.height * scale))),
        Image.Resampling.BOX,
    )
    canvas = Image.new("RGBA", (IMAGE_SIZE, IMAGE_SIZE), (255, 255, 255, 0))
    canvas.paste(shrunk, ((IMAGE_SIZE - shrunk.width) // 2, (IMAGE_SIZE - shrunk.height) // 2))
    return np.asarray(canvas, dtype=np.uint8)


def render(run_dir: Path) -> None:
    """Render all concepts (each size) and every other icon (one size).

    Writes ``run_dir/renders.npz``. Skin tone variants are left out.
    """
    icons_dir = run_dir / "icons"
    by_concept = icon_names(icons_dir)
    images: list[NDArray[np.uint8]] = []
    rows: list[tuple[str, str, str]] = []
    for icon_set in ICON_SETS:
        icons = _load_json(icons_dir / icon_set.name / "icons.json")
        concept_of = {name: concept for concept, name in by_concept[icon_set.name].items()}
        for name in icons["icons"]:
            if any(tone in name for tone in SKIN_TONES):
                continue
            concept = concept_of.get(name, "")
            for size in RENDER_SIZES if concept else RENDER_SIZES[:1]:
                image = render_svg(icons, name, size)
                if (image[..., 3] > 128).mean() < 0.02:
                    continue
                images.append(image)
                rows.append((icon_set.name, name, concept))
        print(f"{icon_set.name}: {len(concept_of)} concepts, {len(images)} images so far")
    sets, names, concepts = zip(*rows, strict=True)
    np.savez(
        run_dir / "renders.npz",
        rgba=np.stack(images),
        sets=np.array(sets),
        names=np.array(names),
        concepts=np.array(concepts),
    )


def load_renders(run_dir: Path) -> Renders:
    """Read what :func:`render` wrote."""
    with np.load(run_dir / "renders.npz") as data:
        return Renders(
            rgba=data["rgba"],
            sets=data["sets"].tolist(),
            names=data["names"].tolist(),
            concepts=data["concepts"].tolist(),
        )
