"""The evaluation: 1,000 prompts at four seeds, judged beside real renders.

Every figure has its ceiling: real pictures put through the same judges.
"""

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from easel_model import autoencoder as ae
from easel_model import views
from easel_model.captions import article
from easel_model.concepts import BY_NAME, DRAWN, HELD_OUT_PAIRS
from easel_model.export import DEFAULT_GUIDANCE, DEFAULT_STEPS
from easel_model.icons import load_renders
from easel_model.judge import FAMILIAR, INDEPENDENT, Judge, sets_of, shrink
from easel_model.recolour import COLOURS, dominant_colour
from easel_model.sampling import generate_batches, load_pipeline
from easel_model.scenes import scenes
from easel_model.styles import STYLES
from easel_model.views import Subject, Views

PROMPTS = 1000
SEEDS = 4

Images = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt and what its picture should show."""

    split: str
    prompt: str
    subject: Subject


def phrase(concept: str, colour: str = "", extra: str = "") -> str:
    """The plainest prompt for a subject."""
    thing = f"{colour} {concept}" if colour else concept
    return f"{article(thing, concept)}{thing} {extra}".strip()


def questions(count: int = PROMPTS) -> list[Question]:
    """``count`` prompts, the same each time, most of them "a {colour} {noun}"."""
    rng = np.random.default_rng(13)
    asked = [Question("plain", phrase(noun), Subject(noun, "", "", "")) for noun in DRAWN]
    asked += [
        Question("synonyms", phrase(synonym), Subject(noun, "", "", ""))
        for noun in DRAWN
        for synonym in BY_NAME[noun].synonyms
    ]
    for noun, colour in sorted(HELD_OUT_PAIRS):
        told = Subject(noun, colour, "", "")
        asked.append(Question("held-out pairs", phrase(noun, colour), told))
        asked.append(Question("held-out pairs", f"{colour} {noun}", told))
    for number, noun in enumerate(rng.permutation(DRAWN)[:120].tolist()):
        icon_set = list(STYLES)[number % len(STYLES)]
        style = STYLES[icon_set].words[0]
        told = Subject(noun, "", "", icon_set)
        asked.append(Question("styles", f"{article(style)}{style} {noun}", told))
    for scene in scenes():
        told = Subject(scene.subject, "", "", "", scene.extra)
        asked.append(Question("scenes", phrase(scene.subject, "", scene.extra), told))
    pairs = [pair for pair in itertools.product(DRAWN, COLOURS) if pair not in HELD_OUT_PAIRS]
    rest = max(0, count - len(asked))
    for place in rng.choice(len(pairs), min(rest, len(pairs)), replace=False):
        noun, colour = pairs[int(place)]
        asked.append(Question("seen pairs", phrase(noun, colour), Subject(noun, colour, "", "")))
    return asked


@dataclass(slots=True)
class Tally:
    """Counts of what was right in one split."""

    flags: dict[str, list[bool]] = field(default_factory=dict)

    def add(self, name: str, right: bool) -> None:
        """Count one answer."""
        self.flags.setdefault(name, []).append(right)

    def percent(self) -> dict[str, float]:
        """Share of right answers by name, in percent."""
        return {name: round(100 * sum(flags) / len(flags), 1) for name, flags in self.flags.items()}


class SceneFinder:
    """Recognises a scene by the most similar real picture, 16×16 pixels."""

    def __init__(self, pictures: Views) -> None:
        places = [
            place
            for place, subject in enumerate(pictures.subjects)
            if subject.extra or not subject.colour
        ]
        self.subjects = [pictures.subjects[place] for place in places]
        self._rows = self._features(pictures.images[places])

    @staticmethod
    def _features(images: Images) -> NDArray[np.float32]:
        small = shrink(shrink(shrink(images))).astype(np.float32)
        return small.reshape(len(small), -1)

    def __call__(self, images: Images, without: NDArray[np.bool_] | None = None) -> list[Subject]:
        """The subject of the nearest real picture of each."""
        rows = self._features(images)
        distance = (self._rows**2).sum(1)[None] - 2 * rows @ self._rows.T
        if without is not None:
            distance[:, without] = np.inf
        return [self.subjects[int(place)] for place in distance.argmin(axis=1)]


def spread(images: Images) -> float:
    """Mean difference (0..255) between pictures of one prompt: their diversity."""
    small = shrink(shrink(images)).astype(np.float32)
    pairs = list(itertools.combinations(range(len(small)), 2))
    return float(np.mean([np.abs(small[a] - small[b]).mean() for a, b in pairs]))


class Panel:
    """Both judges, the colour rule and the scene finder."""

    def __init__(self, run_dir: Path, pictures: Views) -> None:
        self.judges = {kind: Judge(run_dir, kind) for kind in (INDEPENDENT, FAMILIAR)}
        self.find_scene = SceneFinder(pictures)

    def examine(self, subject: Subject, images: Images, tally: Tally, scene: bool) -> None:
        """Add what is right in pictures that should show ``subject``."""
        truths = [subject.concept] * len(images)
        for kind, judge in self.judges.items():
            for rank in judge.ranks(images, truths):
                tally.add(f"noun_top1_{kind}", rank == 0)
                tally.add(f"noun_top5_{kind}", rank < 5)
        if subject.colour:
            for image in images:
                tally.add("colour", dominant_colour(image) == subject.colour)
        if subject.icon_set:
            for found in self.judges[FAMILIAR](images)[1]:
                tally.add("style", found == subject.icon_set)
        if scene:
            for seen in self.find_scene(images):
                right = (seen.concept, seen.extra) == (subject.concept, subject.extra)
                tally.add("scene", right)


def _ceilings(pictures: Views, panel: Panel, asked: list[Question]) -> dict[str, dict[str, float]]:
    """Real pictures of the same questions, judged the same way."""
    rng = np.random.default_rng(9)
    by_key: dict[tuple[str, str, str, str], list[int]] = {}
    for place, subject in enumerate(pictures.subjects):
        by_key.setdefault(
            (subject.concept, subject.colour, subject.icon_set, subject.extra), []
        ).append(place)
    tallies: dict[str, Tally] = {}
    spreads = []
    for question in asked:
        wanted = question.subject
        sets = [wanted.icon_set] if wanted.icon_set else [*list(STYLES)[:2], "noto"]
        places = [
            place
            for name in sets
            for place in by_key.get((wanted.concept, wanted.colour, name, wanted.extra), [])
        ]
        if not places:
            continue
        weights = pictures.weights[places] / pictures.weights[places].sum()
        chosen = np.sort(rng.choice(places, SEEDS, p=weights))
        images = np.array(pictures.images[chosen])
        tally = tallies.setdefault(question.split, Tally())
        panel.examine(wanted, images, tally, question.split == "scenes")
        if question.split in {"plain", "seen pairs"}:
            spreads.append(spread(images))
    found = {split: tally.percent() for split, tally in tallies.items()}
    return found | {"all": {"spread": round(float(np.mean(spreads)), 2)}}


def _answers(
    model_dir: Path, asked: list[Question], seeds: int, steps: int, guidance: float
) -> Iterator[tuple[Question, Images]]:
    pipeline = load_pipeline(model_dir)
    start = time.monotonic()
    prompts = [question.prompt for question in asked]
    drawn = generate_batches(pipeline, prompts, seeds, steps, guidance)
    for number, (question, images) in enumerate(zip(asked, drawn, strict=True), 1):
        if number % 50 == 0:
            passed = time.monotonic() - start
            left = passed / number * (len(asked) - number)
            print(f"{number} of {len(asked)} prompts, {left / 60:.1f} min left", flush=True)
        yield question, images


def evaluate(
    run_dir: Path,
    model_dir: Path,
    count: int = PROMPTS,
    seeds: int = SEEDS,
    steps: int = DEFAULT_STEPS,
    guidance: float = DEFAULT_GUIDANCE,
) -> None:
    """Print the figures as JSON and write them to ``run_dir/evaluation.json``."""
    renders = load_renders(run_dir)
    pictures = views.load(run_dir)
    panel = Panel(run_dir, pictures)
    asked = questions(count)
    report: dict[str, object] = {
        "prompts": len(asked),
        "seeds": seeds,
        "steps": steps,
        "guidance": guidance,
        "judge_sets": {kind: sets_of(kind, renders) for kind in panel.judges},
        "autoencoder_l1": round(
            ae.reconstruction_l1(ae.load(run_dir), ae.validation_images(renders)), 4
        ),
    }
    del renders
    tallies: dict[str, Tally] = {}
    nouns: dict[str, list[bool]] = {}
    spreads = []
    with torch.no_grad():
        report["ceilings"] = _ceilings(pictures, panel, asked)
        for question, images in _answers(model_dir, asked, seeds, steps, guidance):
            tally = tallies.setdefault(question.split, Tally())
            panel.examine(question.subject, images, tally, question.split == "scenes")
            if question.split in {"plain", "seen pairs"}:
                noun = question.subject.concept
                ranks = panel.judges[FAMILIAR].ranks(images, [noun] * len(images))
                nouns.setdefault(noun, []).extend(rank == 0 for rank in ranks)
                if seeds > 1:
                    spreads.append(spread(images))
    for split, tally in tallies.items():
        number = sum(question.split == split for question in asked)
        report[split] = {"images": number * seeds} | tally.percent()
    if spreads:
        report["spread"] = round(float(np.mean(spreads)), 2)
    shares = {noun: round(100 * sum(right) / len(right)) for noun, right in nouns.items()}
    report["weakest_nouns"] = dict(sorted(shares.items(), key=lambda pair: pair[1])[:25])
    text = json.dumps(report, indent=2)
    print(text)
    (run_dir / "evaluation.json").write_text(text + "\n")
