"""The evaluation: 1,000 prompts at four seeds, judged beside real renders.

Every figure has its ceiling: real pictures put through the same judges.
"""

import itertools
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from numpy.typing import NDArray

from easel_model import autoencoder as ae
from easel_model import views
from easel_model.answers import Answers, Images, Settings
from easel_model.captions import article
from easel_model.concepts import BY_NAME, DRAWN, HELD_OUT_PAIRS
from easel_model.icons import load_renders
from easel_model.judge import FAMILIAR, INDEPENDENT, Judge, sets_of, shrink
from easel_model.near_words import NEAR_WORDS
from easel_model.recolour import COLOURS, dominant_colour
from easel_model.scenes import scenes
from easel_model.styles import STYLES
from easel_model.views import Subject, Views

PROMPTS = 1000
SEEDS = 4
WEAKEST = 25
"""How many of the worst nouns a report names."""


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
    """The first ``count`` of a thousand prompts, the same each time and well mixed.

    About half of the thousand are "a {colour} {noun}".
    """
    rng = np.random.default_rng(13)
    asked = [Question("plain", phrase(noun), Subject(noun, "", "", "")) for noun in DRAWN]
    asked += [
        Question("synonyms", phrase(synonym), Subject(noun, "", "", ""))
        for noun in DRAWN
        for synonym in BY_NAME[noun].synonyms
    ]
    for word, noun in NEAR_WORDS.items():
        asked.append(Question("unknown words", phrase(word), Subject(noun, "", "", "")))
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
    for place in rng.choice(len(pairs), PROMPTS - len(asked), replace=False):
        noun, colour = pairs[int(place)]
        asked.append(Question("seen pairs", phrase(noun, colour), Subject(noun, colour, "", "")))
    return [asked[int(place)] for place in rng.permutation(len(asked))[:count]]


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


@dataclass(slots=True)
class _Marks:
    """What was right, by split and by noun."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    nouns: dict[str, list[bool]] = field(default_factory=dict)
    spreads: list[float] = field(default_factory=list)

    def add(self, question: Question, images: Images, panel: Panel) -> None:
        """Judge the pictures of one prompt."""
        tally = self.tallies.setdefault(question.split, Tally())
        panel.examine(question.subject, images, tally, question.split == "scenes")
        self.asked[question.split] = self.asked.get(question.split, 0) + len(images)
        if question.split in {"plain", "seen pairs"}:
            noun = question.subject.concept
            ranks = panel.judges[FAMILIAR].ranks(images, [noun] * len(images))
            self.nouns.setdefault(noun, []).extend(rank == 0 for rank in ranks)
            if len(images) > 1:
                self.spreads.append(spread(images))

    def report(self) -> dict[str, object]:
        """Percent right by split, the spread, and the nouns that come out worst."""
        found: dict[str, object] = {
            split: {"images": self.asked[split]} | tally.percent()
            for split, tally in sorted(self.tallies.items())
        }
        if self.spreads:
            found["spread"] = round(float(np.mean(self.spreads)), 2)
        shares = {noun: round(100 * sum(right) / len(right)) for noun, right in self.nouns.items()}
        weakest = sorted(shares.items(), key=lambda pair: pair[1])[:WEAKEST]
        return found | {"weakest_nouns": dict(weakest)}


def evaluate(
    run_dir: Path, model_dir: Path, count: int, settings: Settings, minutes: float = float("inf")
) -> None:
    """Print the figures as JSON and write them to ``run_dir/evaluation.json``.

    Pictures that an earlier run with the same model and settings drew are used
    again. When ``minutes`` are over, what is drawn until then is judged, and
    ``answered`` says how many prompts that is.
    """
    asked = questions(count)
    answers = Answers(run_dir, model_dir, settings)
    answers.draw([question.prompt for question in asked], minutes)
    report = judge_answers(run_dir, model_dir, asked, answers)
    told = {"prompts": len(asked)} | asdict(settings) | report
    text = json.dumps(told, indent=2)
    print(text)
    (run_dir / "evaluation.json").write_text(text + "\n")


def judge_answers(
    run_dir: Path, model_dir: Path, asked: list[Question], answers: Answers
) -> dict[str, object]:
    """Figures of the answered questions, with the ceilings of the same ones."""
    renders = load_renders(run_dir)
    pictures = views.load(run_dir)
    panel = Panel(run_dir, pictures)
    vae = AutoencoderTiny.from_pretrained(model_dir / "vae", torch_dtype=torch.float32)
    marks, answered = _Marks(), []
    with torch.no_grad():
        for question in asked:
            images = answers.find(question.prompt)
            if images is not None:
                answered.append(question)
                marks.add(question, images, panel)
        return {
            "answered": len(answered),
            "judge_sets": {kind: sets_of(kind, renders) for kind in panel.judges},
            "autoencoder_l1": round(ae.reconstruction_l1(vae, ae.validation_images(renders)), 4),
            "ceilings": _ceilings(pictures, panel, answered),
        } | marks.report()
