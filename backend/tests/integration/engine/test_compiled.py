"""Compiled forms of the UNet and the decoder: the same pictures, made once, and torch where they can't be."""

from __future__ import annotations

import logging
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.engine import compiled
from app.engine.diffusers_engine import DiffusersEngine
from app.engine.model_descriptions import describe
from app.engine.protocol import ModelInfo
from tests.integration.engine.pictures import HEART, ROCKET, batch, difference, generate
from tests.support.tiny_model import make_tiny_model

# Making compiled forms is some seconds of one processor's work, which a busy machine stretches.
pytestmark = pytest.mark.timeout(600)
pytest.importorskip("openvino", reason="this platform has no OpenVINO: models run on torch")


@pytest.fixture
async def on_torch(tiny: ModelInfo) -> AsyncIterator[DiffusersEngine]:
    engine = DiffusersEngine(device="cpu", threads=1, compiles=False)
    await engine.load(tiny)
    yield engine
    await engine.close()


@pytest.fixture
async def make_engine(session_engine: DiffusersEngine, tiny: ModelInfo, compiled_forms: Path) -> AsyncIterator[Any]:
    await session_engine.load(tiny)
    engines = []

    async def make(cache: Path = compiled_forms, model: ModelInfo = tiny) -> DiffusersEngine:
        engines.append(DiffusersEngine(device="cpu", threads=1, cache=cache))
        await engines[-1].load(model)
        return engines[-1]

    yield make
    for engine in engines:
        await engine.close()


@pytest.fixture
def own_forms(make_engine: Any, compiled_forms: Path, tmp_path: Path) -> Path:
    """A copy, to be changed."""
    return Path(shutil.copytree(compiled_forms, tmp_path / "compiled"))


def forms(cache: Path) -> set[Path]:
    return set(cache.glob("*/*.xml"))


def converting_fails(*_: Any, **__: Any) -> Any:
    raise RuntimeError("No conversion rule found for operations: aten::new")


def is_compiled(engine: DiffusersEngine) -> tuple[bool, bool]:
    [loaded] = engine._runtime._residents._models.values()
    return "forward" in vars(loaded.pipeline.unet), "decode" in vars(loaded.pipeline.vae)


def weights_in_memory(engine: DiffusersEngine) -> int:
    [loaded] = engine._runtime._residents._models.values()
    modules = (loaded.pipeline.unet, loaded.pipeline.vae.decoder)
    return sum(tensor.untyped_storage().nbytes() for module in modules for tensor in module.parameters())


@pytest.mark.parametrize("size", [(64, 64), (64, 96)])
async def test_the_pictures_are_those_of_torch(
    on_torch: DiffusersEngine, make_engine: Any, size: tuple[int, int]
) -> None:
    engine = await make_engine()
    assert is_compiled(engine) == (True, True)
    assert is_compiled(on_torch) == (False, False)
    for images in ((ROCKET,), (ROCKET, HEART, ROCKET)):
        request = batch(*images, size=size)
        pairs = zip(await generate(engine, request), await generate(on_torch, request), strict=True)
        assert max(difference(one, other) for one, other in pairs) <= 1


async def test_the_weights_are_in_memory_once(on_torch: DiffusersEngine, make_engine: Any) -> None:
    assert weights_in_memory(await make_engine()) < weights_in_memory(on_torch) / 100


async def test_a_second_start_reads_what_the_first_converted(make_engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openvino.convert_model", converting_fails)
    assert is_compiled(await make_engine()) == (True, True)


async def test_other_weights_are_converted_anew(
    make_engine: Any, tiny: ModelInfo, tmp_path: Path, own_forms: Path
) -> None:
    before = forms(own_forms)
    other = replace(describe(str(make_tiny_model(tmp_path / "other", seed=1))), id=tiny.id)
    first, second = await make_engine(), await make_engine(own_forms, other)
    assert is_compiled(second) == (True, True)
    assert len(forms(own_forms) - before) == len(("unet", "decoder"))
    pictures = [(await generate(engine, batch(ROCKET)))[0] for engine in (first, second)]
    assert difference(*pictures) > 0


async def test_a_damaged_form_is_made_anew(make_engine: Any, own_forms: Path) -> None:
    """Of this model's forms both; what the folder holds of others stays as it is."""
    before = forms(own_forms)
    for form in before:
        form.write_text("<net")
    assert is_compiled(await make_engine(own_forms)) == (True, True)
    assert forms(own_forms) == before
    assert sum(form.stat().st_size > len("<net") for form in before) == len(("unet", "decoder"))


async def test_what_openvino_does_not_take_stays_on_torch(
    on_torch: DiffusersEngine,
    make_engine: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("openvino.convert_model", converting_fails)
    with caplog.at_level(logging.WARNING):
        engine = await make_engine(tmp_path / "none")
    assert is_compiled(engine) == (False, False)
    assert "stays on torch" in caplog.text
    one, other = await generate(engine, batch(ROCKET)), await generate(on_torch, batch(ROCKET))
    assert difference(one[0], other[0]) == 0


async def test_a_form_that_disagrees_is_not_used(
    make_engine: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    call = compiled.CompiledModule.__call__
    monkeypatch.setattr(compiled.CompiledModule, "__call__", lambda self, *tensors: call(self, *tensors) * 1.01)
    with caplog.at_level(logging.WARNING):
        engine = await make_engine()
    assert is_compiled(engine) == (False, False)
    assert "its compiled form differs by 0.01" in caplog.text


async def test_without_memory_for_compiling_a_model_stays_on_torch(
    make_engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "MEMORY_FACTOR", 1e9)
    assert is_compiled(await make_engine()) == (False, False)


async def test_steering_that_the_form_does_not_know_is_refused_and_not_ignored(make_engine: Any) -> None:
    engine = await make_engine()
    [loaded] = engine._runtime._residents._models.values()
    sample, step, words = compiled._unet_trial(loaded.pipeline.unet)
    with pytest.raises(TypeError, match="takes no cross_attention_kwargs"):
        loaded.pipeline.unet(sample, step, words, cross_attention_kwargs={"scale": 0.5})
