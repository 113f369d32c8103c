"""Any text draws something; a word that was never learned draws its nearest meaning."""

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline
from numpy.typing import NDArray

from assemble import DEFAULT_WEIGHTS, assemble
from easel_model.judge import shrink
from easel_model.sampling import generate, load_pipeline

STRANGE = {
    "one emoji": "🚀",
    "emoji joined and with a skin tone": "👩🏽‍🚀 👨‍👩‍👧‍👦 🏴‍☠️",
    "right to left": "قطة زرقاء חתול כחול",
    "right to left in the middle": "a \u202eder\u202c rocket",
    "no spaces between words": "青い猫と赤いロケット",
    "marks piled up": "c\u0300\u0301\u0302\u0303\u0304" * 50,
    "nothing that can be seen": "\u200b\u2060\ufeff\u00ad",
    "control characters": "a\x01\x1b[31m\x7f cat\r\n\t",
    "outside of the first plane": "𝔞 𝓫𝓵𝓾𝓮 𝕔𝕒𝕥 \U0010fffd",
    "the tokenizer's own words": "[CLS] [SEP] [PAD] [MASK] [UNK]",
    "no letters": "?!…%§$/\\'\"`;--",
    "one very long word": "a" * 10_000,
    "ten thousand characters": ("a red rocket, " * 800)[:10_000],
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> DiffusionPipeline:
    return load_pipeline(assemble(DEFAULT_WEIGHTS, tmp_path_factory.mktemp("prompts") / "model"))


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
def test_any_text_draws_something(pipeline: DiffusionPipeline, text: str) -> None:
    (image,) = generate(pipeline, [text], [1], steps=4, guidance=3.0)[0]
    assert image.shape == (128, 128, 3)
    # Not-a-number would come out as one colour.
    assert image.std() > 5


def test_what_does_not_fit_is_cut_at_the_end(pipeline: DiffusionPipeline) -> None:
    short, long = "a red rocket " * 5, "a red rocket " * 5 + "and a blue cat"
    one, two = (
        generate(pipeline, [text], [1], steps=4, guidance=3.0)[0][0] for text in (short, long)
    )
    assert np.array_equal(one, two)


def test_a_strange_neighbour_in_the_batch_changes_nothing(pipeline: DiffusionPipeline) -> None:
    alone = generate(pipeline, ["a blue heart"], [1], steps=4, guidance=3.0)[0][0]
    prompts = ["a blue heart", STRANGE["marks piled up"]]
    generators = [torch.Generator().manual_seed(1) for _ in prompts]
    together = pipeline(prompts, num_inference_steps=4, guidance_scale=3.0, generator=generators)
    difference = np.asarray(together.images[0]).astype(int) - alone
    assert np.abs(difference).max() <= 2


NEAREST = {"spacecraft": "rocket", "feline": "cat", "cheeseburger": "hamburger", "tiara": "crown"}


def test_a_word_never_learned_draws_its_nearest_meaning(pipeline: DiffusionPipeline) -> None:
    nouns = sorted(NEAREST.values())
    known = [_small(generate(pipeline, [f"a {noun}"], [1], 8, 3.0)[0]) for noun in nouns]
    for word, noun in NEAREST.items():
        drawn = _small(generate(pipeline, [f"a {word}"], [1], 8, 3.0)[0])
        distances = [float(np.abs(drawn - other).mean()) for other in known]
        assert nouns[int(np.argmin(distances))] == noun, word


def _small(images: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    small: NDArray[np.float32] = shrink(shrink(np.stack(images)))[0].astype(np.float32)
    return small
