from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.engine.png_parameters import PngParameters, format_parameters, parse_parameters

ROCKET = PngParameters(
    prompt="a red rocket, flat",
    negative_prompt="blurry",
    steps=20,
    sampler="DDIM",
    guidance=4.0,
    seed=7,
    width=64,
    height=64,
    model="easel-small",
    version="Easel 0.1.0",
)
TEXT = st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80)
AWKWARD = st.lists(
    st.sampled_from(["\n", "Negative prompt: ", "Steps: 5, ", '"', ",", "\r", "é", "語", "x"]), max_size=8
)
PROMPTS = TEXT | AWKWARD.map("".join)


def test_the_form_is_automatic1111s() -> None:
    assert format_parameters(ROCKET) == (
        "a red rocket, flat\n"
        "Negative prompt: blurry\n"
        "Steps: 20, Sampler: DDIM, CFG scale: 4.0, Seed: 7, Size: 64x64, Model: easel-small, Version: Easel 0.1.0"
    )


def test_without_a_negative_prompt_its_line_is_left_out() -> None:
    assert format_parameters(replace(ROCKET, negative_prompt=None)).count("\n") == 1


def test_a_picture_of_the_web_ui_itself_is_read() -> None:
    text = (
        "masterpiece, (cat:1.2)\nsecond line\nNegative prompt: lowres,\nbad hands\n"
        "Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 965400086, Size: 512x768, Model hash: 0123abcd, "
        'Model: v1-5, Lora hashes: "a: 1, b: 2", Version: v1.6.0'
    )
    found = parse_parameters(text)
    assert found.prompt == "masterpiece, (cat:1.2)\nsecond line"
    assert found.negative_prompt == "lowres,\nbad hands"
    assert (found.sampler, found.guidance, found.seed) == ("DPM++ 2M Karras", 7.0, 965400086)
    assert (found.width, found.height, found.model, found.version) == (512, 768, "v1-5", "v1.6.0")


@given(
    prompt=PROMPTS,
    negative=st.none() | PROMPTS.filter(bool),
    model=TEXT.filter(bool),
    guidance=st.floats(0, 50),
    seed=st.integers(0, 2**32 - 1),
)
@example(prompt="a\nNegative prompt: b", negative=None, model="m", guidance=1.0, seed=0)
@example(prompt="a", negative="Negative prompt: b\n\n", model='"', guidance=1.0, seed=0)
@example(prompt="\n", negative="\n", model="\\", guidance=1.0, seed=0)
def test_what_is_written_is_read_back(
    prompt: str, negative: str | None, model: str, guidance: float, seed: int
) -> None:
    made_by = replace(ROCKET, prompt=prompt, negative_prompt=negative, model=model, guidance=guidance, seed=seed)
    assert parse_parameters(format_parameters(made_by)) == made_by


@pytest.mark.parametrize("text", ["", "a prompt", "a\nSteps: 20", "a\nSteps: x, Seed: 1, Size: 1x1"])
def test_a_text_without_parameters_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_parameters(text)
