"""The pictures that the model is made from: every icon in every colour, and scenes.

They are a finite list, written once: the autoencoder trains on it, and the
UNet on its latents.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from easel_model.concepts import DRAWN, HELD_OUT_PAIRS, HELD_OUT_RENDERINGS
from easel_model.icons import IMAGE_SIZE, JUDGE_ONLY, VIEWS, Renders, load_renders
from easel_model.recolour import COLOURS, natural_colour, on_white, recolour
from easel_model.scenes import Scene, scenes
from easel_model.styles import STYLES

VIEW_WEIGHTS = (0.8, 0.1, 0.1)
"""Share of each way an icon is drawn; the upright one is learned first."""

NATURAL_SHARE = 0.4
"""Share of pictures in the icon's own colours."""

SCENE_SHARE = 0.07
"""Share of all pictures that are scenes."""

UNPAINTABLE: frozenset[tuple[str, str]] = frozenset({("noto", "rocket")})
"""(set, concept) whose dominant colour is not the object's (here: the flame)."""

POPULAR: frozenset[str] = frozenset(
    {
        "rocket",
        "car",
        "bus",
        "bicycle",
        "airplane",
        "train",
        "house",
        "castle",
        "tree",
        "sun",
        "moon",
        "star",
        "cloud",
        "rainbow",
        "flower",
        "rose",
        "mushroom",
        "apple",
        "banana",
        "strawberry",
        "pizza",
        "hamburger",
        "cake",
        "donut",
        "coffee",
        "cat",
        "dog",
        "rabbit",
        "fox",
        "bear",
        "panda",
        "lion",
        "frog",
        "unicorn",
        "owl",
        "penguin",
        "bird",
        "fish",
        "butterfly",
        "elephant",
        "robot",
        "ghost",
        "crown",
        "umbrella",
        "guitar",
        "heart",
        "snowman",
        "smiling face",
        "ice cream",
    }
)
"""What people try first is seen twice as often."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is true of a picture.

    ``colour`` is the one it was painted in or "", ``natural`` the one an
    unpainted icon has by itself or "", ``icon_set`` its style, ``extra`` what
    a scene adds ("with a hat").
    """

    concept: str
    colour: str
    natural: str
    icon_set: str
    extra: str = ""


def may_paint(set_name: str, concept: str, colour: str) -> bool:
    """Whether training may show this rendering in this colour."""
    return (
        STYLES[set_name].colourful
        and (concept, colour) not in HELD_OUT_PAIRS
        and (set_name, concept) not in UNPAINTABLE
    )


def is_held_out(set_name: str, concept: str) -> bool:
    """Whether a rendering is reserved for validating the autoencoder."""
    return (set_name, concept) in HELD_OUT_RENDERINGS


@dataclass(frozen=True, slots=True)
class Views:
    """Pictures with what is true of them.

    ``images`` is uint8 RGB (N, 128, 128, 3), read from disk as needed;
    ``weights`` float64 (N,) sums to one.
    """

    images: NDArray[np.uint8]
    weights: NDArray[np.float64]
    subjects: list[Subject]


class _Collector:
    def __init__(self) -> None:
        self.images: list[NDArray[np.uint8]] = []
        self.subjects: list[Subject] = []
        self.weights: list[float] = []

    def add(self, rgba: NDArray[np.uint8], subject: Subject, weight: float) -> None:
        self.images.append(on_white(rgba))
        self.subjects.append(subject)
        self.weights.append(weight)


def _natural(rgba: NDArray[np.uint8], concept: str, set_name: str) -> str:
    if not STYLES[set_name].colourful:
        return ""
    natural = natural_colour(rgba)
    return "" if (concept, natural) in HELD_OUT_PAIRS else natural


def _add_icon(
    into: _Collector, set_name: str, concept: str, number: int, rgba: NDArray[np.uint8]
) -> None:
    weight = STYLES[set_name].weight * VIEW_WEIGHTS[number] * (2 if concept in POPULAR else 1)
    colours = [colour for colour in COLOURS if may_paint(set_name, concept, colour)]
    own = NATURAL_SHARE if colours else 1.0
    natural = _natural(rgba, concept, set_name)
    into.add(rgba, Subject(concept, "", natural, set_name), weight * own)
    for colour in colours:
        subject = Subject(concept, colour, "", set_name)
        into.add(recolour(rgba, colour), subject, weight * (1 - own) / len(colours))


def _add_scene(
    into: _Collector, scene: Scene, set_name: str, icons: dict[str, NDArray[np.uint8]], colour: str
) -> None:
    """The scene with its subject in its own colours and in one other."""
    subject, others = icons[scene.subject], [icons[name] for name in scene.others]
    style = STYLES[set_name].weight
    natural = _natural(subject, scene.subject, set_name)
    told = Subject(scene.subject, "", natural, set_name, scene.extra)
    into.add(scene.place(subject, others), told, style * 0.7)
    if may_paint(set_name, scene.subject, colour):
        told = Subject(scene.subject, colour, "", set_name, scene.extra)
        into.add(scene.place(recolour(subject, colour), others), told, style * 0.3)


def collect(renders: Renders) -> _Collector:
    """All pictures, by concept and then scenes; the same each time."""
    icons: dict[str, dict[str, NDArray[np.uint8]]] = {name: {} for name in STYLES}
    singles, composed = _Collector(), _Collector()
    for row, (set_name, concept) in enumerate(zip(renders.sets, renders.concepts, strict=True)):
        if set_name not in STYLES or concept not in DRAWN:
            continue
        if renders.views[row] == 0:
            icons[set_name][concept] = renders.rgba[row]
        _add_icon(singles, set_name, concept, renders.views[row], renders.rgba[row])
    rng = np.random.default_rng(11)
    palette = list(COLOURS)
    for scene in scenes():
        for set_name, style in STYLES.items():
            colour = palette[int(rng.integers(len(palette)))]
            needed = {scene.subject, *scene.others}
            if style.colourful and needed <= icons[set_name].keys():
                _add_scene(composed, scene, set_name, icons[set_name], colour)
    for part, share in ((singles, 1 - SCENE_SHARE), (composed, SCENE_SHARE)):
        total = sum(part.weights)
        part.weights = [share * weight / total for weight in part.weights]
    singles.images += composed.images
    singles.subjects += composed.subjects
    singles.weights += composed.weights
    return singles


def build(run_dir: Path) -> None:
    """Write ``views.npy`` (pictures) and ``views.json`` (subjects, weights)."""
    found = collect(load_renders(run_dir))
    np.save(run_dir / "views.npy", np.stack(found.images))
    rows = [
        asdict(subject) | {"weight": weight}
        for subject, weight in zip(found.subjects, found.weights, strict=True)
    ]
    (run_dir / "views.json").write_text(json.dumps(rows))
    drawn = len({subject.concept for subject in found.subjects})
    composed = sum(bool(subject.extra) for subject in found.subjects)
    print(f"{len(rows)} pictures of {drawn} concepts, {composed} of them scenes")


def load(run_dir: Path) -> Views:
    """Read what :func:`build` wrote."""
    rows = json.loads((run_dir / "views.json").read_text())
    weights = np.array([row.pop("weight") for row in rows])
    images = np.load(run_dir / "views.npy", mmap_mode="r")
    return Views(images, weights / weights.sum(), [Subject(**row) for row in rows])


class PictureStream:
    """Endless pictures for the autoencoder.

    Most are what the UNet draws, as often as the UNet sees them, evened out a
    little; the others are any icon, flipped and shifted, so that pictures
    from elsewhere can be encoded too.
    """

    OTHERS = 0.15

    def __init__(self, views: Views, renders: Renders, seed: int) -> None:
        self._views = views
        self._renders = renders
        self._rng = np.random.default_rng(seed)
        chances = np.sqrt(views.weights)
        self._chances = chances / chances.sum()
        self._others = np.array(
            [
                row
                for row, (name, concept) in enumerate(
                    zip(renders.sets, renders.concepts, strict=True)
                )
                if name not in JUDGE_ONLY and not is_held_out(name, concept)
            ]
        )

    def batch(self, size: int) -> NDArray[np.uint8]:
        """Next ``size`` pictures, uint8 (size, 128, 128, 3)."""
        rng = self._rng
        rows = rng.choice(len(self._chances), size, p=self._chances)
        images = np.array(self._views.images[np.sort(rows)])
        for place in np.flatnonzero(rng.random(size) < self.OTHERS):
            images[place] = on_white(jitter(self._renders.rgba[int(rng.choice(self._others))], rng))
        return images


def jitter(rgba: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Flip at random and shift by as much as the margin allows; same shape."""
    if rng.random() < 0.5:
        rgba = rgba[:, ::-1]
    margin = (IMAGE_SIZE - VIEWS[0][0]) // 2
    down, right = rng.integers(-margin, margin + 1, size=2)
    return np.roll(rgba, (int(down), int(right)), axis=(0, 1))
