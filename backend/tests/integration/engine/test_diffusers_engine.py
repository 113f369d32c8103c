"""The engine with a real diffusers pipeline, scheduler, tokenizer and decoder; only the weights are random."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest

from app.core.errors import GenerationCanceled, ModelUnavailable
from app.engine import previews
from app.engine.diffusers_engine import DiffusersEngine
from app.engine.model_descriptions import describe
from app.engine.protocol import ModelInfo, Progress
from tests.integration.engine.pictures import HEART, ROCKET, batch, difference, generate, never, only
from tests.support.tiny_model import make_tiny_model

pytestmark = pytest.mark.timeout(600)


async def test_the_device_and_the_loaded_model_are_told(engine: DiffusersEngine) -> None:
    assert engine.device == "cpu"
    assert engine.loaded_models == {"tiny"}


async def test_a_seed_gives_the_same_picture_again(engine: DiffusersEngine) -> None:
    assert difference(await only(engine, ROCKET), await only(engine, ROCKET)) == 0


async def test_seed_words_and_negative_words_each_change_the_picture(engine: DiffusersEngine) -> None:
    picture = await only(engine, ROCKET)
    for other in (
        replace(ROCKET, seed=9),
        replace(ROCKET, prompt="a green house"),
        replace(ROCKET, negative_prompt="blurry"),
    ):
        assert difference(picture, await only(engine, other)) > 0


async def test_an_image_is_the_same_alone_and_among_others(engine: DiffusersEngine) -> None:
    together = await generate(engine, batch(ROCKET, HEART, replace(ROCKET, seed=11)))
    assert len(together) == 3
    # Tolerance: a batch adds up in another order, which may flip the last bit of a pixel.
    assert difference(together[0], await only(engine, ROCKET)) <= 2
    assert difference(together[1], await only(engine, HEART)) <= 2
    assert difference(together[0], together[2]) > 2


@pytest.mark.parametrize("size", [(64, 64), (128, 64), (32, 96)])
async def test_the_picture_has_the_size_that_was_asked(engine: DiffusersEngine, size: tuple[int, int]) -> None:
    picture = await only(engine, ROCKET, size=size)
    assert (picture.size, picture.mode) == (size, "RGB")


@pytest.mark.parametrize("guidance", [0.0, 1.0])
async def test_guidance_up_to_one_means_none(engine: DiffusersEngine, guidance: float) -> None:
    unguided = await only(engine, ROCKET, guidance=guidance)
    assert difference(unguided, await only(engine, replace(ROCKET, negative_prompt="blurry"), guidance=guidance)) == 0


async def test_a_prompt_longer_than_the_encoder_still_works(engine: DiffusersEngine) -> None:
    assert (await only(engine, replace(ROCKET, prompt="a red rocket " * 300))).size == (64, 64)


async def test_progress_only_grows_and_ends_at_the_last_step(engine: DiffusersEngine) -> None:
    seen: list[Progress] = []
    threads = set()

    def on_progress(progress: Progress) -> None:
        seen.append(progress)
        threads.add(threading.current_thread())

    await engine.generate(batch(ROCKET, HEART, steps=6), on_progress=on_progress, should_stop=never)
    assert [progress.step for progress in seen] == [1, 2, 3, 4, 5, 6]
    assert {progress.steps for progress in seen} == {6}
    assert threading.main_thread() not in threads


async def test_previews_come_for_each_image_but_not_with_every_step(
    engine: DiffusersEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each step takes an eighth of a second by this clock, whatever the machine does.
    seen: list[Progress] = []
    assert engine._runtime is not None
    monkeypatch.setattr(engine._runtime, "_clock", lambda: len(seen) / 8)
    await engine.generate(batch(ROCKET, HEART, steps=12), on_progress=seen.append, should_stop=never)
    with_previews = [progress for progress in seen if progress.previews]
    assert [progress.step for progress in with_previews] == [3, 5, 7, 9, 11]
    for progress in with_previews:
        assert [(picture.size, picture.mode) for picture in progress.previews] == [((64, 64), "RGB")] * 2


SCHEDULERS = ["DDIMScheduler", "DPMSolverMultistepScheduler", "UniPCMultistepScheduler", "EulerDiscreteScheduler"]


# The warning is of diffusers' schedulers against numpy 2.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("scheduler", SCHEDULERS)
async def test_late_previews_look_like_the_picture(
    engine: DiffusersEngine, monkeypatch: pytest.MonkeyPatch, scheduler: str
) -> None:
    # A mean is compared, not a pixel: random weights throw many pixels from one end to the other.
    assert engine._runtime is not None
    pipeline = engine._runtime._residents.find("tiny").pipeline
    made = getattr(diffusers, scheduler).from_config(pipeline.scheduler.config)
    monkeypatch.setattr(pipeline, "scheduler", made)
    monkeypatch.setattr(previews, "MIN_SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(previews, "MAX_SHARE_OF_TIME", 1.0)
    seen: list[Progress] = []
    [picture] = await engine.generate(batch(ROCKET, steps=20), on_progress=seen.append, should_stop=never)
    last = [progress.previews[0] for progress in seen if progress.previews][-1]
    assert np.abs(np.asarray(last, dtype=int) - np.asarray(picture, dtype=int)).mean() < 10


async def test_a_stop_in_mid_run_is_obeyed_at_once_and_the_next_call_works(engine: DiffusersEngine) -> None:
    expected = await only(engine, ROCKET)
    steps: list[int] = []
    with pytest.raises(GenerationCanceled):
        await engine.generate(
            batch(ROCKET, steps=100),
            on_progress=lambda progress: steps.append(progress.step),
            should_stop=lambda: len(steps) >= 3,
        )
    assert steps == [1, 2, 3]
    assert difference(await only(engine, ROCKET), expected) == 0


async def test_a_stop_before_the_first_step_runs_nothing(engine: DiffusersEngine) -> None:
    steps: list[Progress] = []
    with pytest.raises(GenerationCanceled):
        await engine.generate(batch(ROCKET), on_progress=steps.append, should_stop=lambda: True)
    assert not steps


async def test_an_abandoned_call_frees_the_device_for_the_next(engine: DiffusersEngine) -> None:
    started = asyncio.Event()
    loop = asyncio.get_running_loop()
    call = asyncio.create_task(
        engine.generate(
            batch(ROCKET, steps=200),
            on_progress=lambda _: loop.call_soon_threadsafe(started.set),
            should_stop=never,
        )
    )
    await started.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    async with asyncio.timeout(5):
        await only(engine, ROCKET)


async def test_the_event_loop_stays_free_meanwhile(engine: DiffusersEngine) -> None:
    longest = 0.0
    loop = asyncio.get_running_loop()
    call = asyncio.create_task(generate(engine, batch(ROCKET, steps=30)))
    while not call.done():
        before = loop.time()
        await asyncio.sleep(0.01)
        longest = max(longest, loop.time() - before)
    assert longest < 0.5


async def test_calls_queue_up_before_the_one_device(engine: DiffusersEngine) -> None:
    seeds = range(4)
    pictures = await asyncio.gather(*(only(engine, replace(ROCKET, seed=seed)) for seed in seeds))
    for seed, picture in zip(seeds, pictures, strict=True):
        assert difference(picture, await only(engine, replace(ROCKET, seed=seed))) == 0


async def test_a_batch_that_does_not_fit_is_halved_until_it_does(
    engine: DiffusersEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = tuple(replace(ROCKET, seed=seed) for seed in range(5))
    expected = [await only(engine, image) for image in images]
    sizes = run_out_of_memory_over(2, engine, monkeypatch)
    seen: list[int] = []
    pictures = await engine.generate(
        batch(*images), on_progress=lambda progress: seen.append(progress.step), should_stop=never
    )
    assert [difference(*pair) <= 2 for pair in zip(pictures, expected, strict=True)] == [True] * 5
    assert seen == sorted(set(seen))
    assert seen[-1] == 4
    sizes.clear()
    await generate(engine, batch(*images))
    assert max(sizes) == 2, "what fitted is remembered"


async def test_a_picture_that_does_not_fit_alone_says_what_to_do(
    engine: DiffusersEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_out_of_memory_over(0, engine, monkeypatch)
    with pytest.raises(ModelUnavailable, match="smaller picture"):
        await generate(engine, batch(ROCKET, HEART, size=(96, 96)))


def run_out_of_memory_over(limit: int, engine: DiffusersEngine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the pipeline fail as torch does on a GPU, for more than `limit` images; the list sees each try."""
    import torch

    assert engine._runtime is not None
    pipeline = engine._runtime._residents.find("tiny").pipeline
    real = pipeline.unet.forward
    sizes: list[int] = []

    def forward(sample: torch.Tensor, *arguments: Any, **options: Any) -> Any:
        images = sample.shape[0] // 2
        sizes.append(images)
        if images > limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return real(sample, *arguments, **options)

    monkeypatch.setattr(pipeline.unet, "forward", forward)
    monkeypatch.setattr(engine._batch_sizes, "_limits", {})
    return sizes


async def test_a_model_that_is_not_loaded_is_refused(engine: DiffusersEngine) -> None:
    with pytest.raises(ModelUnavailable, match="not loaded"):
        await generate(engine, replace(batch(ROCKET), model_id="another"))


async def test_over_the_budget_a_second_model_takes_the_place_of_the_first(
    engine: DiffusersEngine, tiny: ModelInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await only(engine, ROCKET)
    monkeypatch.setattr(engine._runtime._residents, "_budget", 1)
    other = replace(describe(str(make_tiny_model(tmp_path / "other", seed=1))), id="other")
    await engine.load(other)
    assert engine.loaded_models == {"other"}
    [second] = await generate(engine, replace(batch(ROCKET), model_id="other"))
    assert difference(first, second) > 0
    await engine.load(tiny)
    # Compiled anew, from a file this time: sums may be taken in another order.
    assert difference(first, await only(engine, ROCKET)) <= 1


def copied(source: Path, target: Path, *, without: Iterable[str] = ()) -> Path:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*without))
    return target


@pytest.mark.parametrize("missing", ["diffusion_pytorch_model.safetensors", "unet", "tokenizer.json"])
async def test_an_incomplete_model_says_what_to_do(
    engine: DiffusersEngine, tiny: ModelInfo, tiny_directory: Path, tmp_path: Path, missing: str
) -> None:
    directory = copied(tiny_directory, tmp_path / "broken", without=[missing])
    with pytest.raises(ModelUnavailable, match=r"incomplete or broken.*EASEL_MODEL"):
        await engine.load(replace(tiny, id="broken", source=str(directory)))
    await engine.load(tiny)
    assert (await only(engine, ROCKET)).size == (64, 64)


async def test_weights_cut_short_say_what_to_do(
    engine: DiffusersEngine, tiny: ModelInfo, tiny_directory: Path, tmp_path: Path
) -> None:
    directory = copied(tiny_directory, tmp_path / "torn")
    weights = directory / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelUnavailable, match="incomplete or broken"):
        await engine.load(replace(tiny, id="torn", source=str(directory)))


async def test_a_model_whose_safety_checker_was_left_out_loads(
    engine: DiffusersEngine, tiny: ModelInfo, tiny_directory: Path, tmp_path: Path
) -> None:
    directory = copied(tiny_directory, tmp_path / "unsafe")
    index = json.loads((directory / "model_index.json").read_bytes())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    (directory / "model_index.json").write_text(json.dumps(index))
    await engine.load(replace(tiny, id="unsafe", source=str(directory)))
    [picture] = await generate(engine, replace(batch(ROCKET), model_id="unsafe"))
    assert picture.size == (64, 64)


async def test_a_device_that_is_not_there_says_what_to_set(tiny: ModelInfo) -> None:
    engine = DiffusersEngine(device="cuda:7")
    with pytest.raises(ModelUnavailable, match="EASEL_DEVICE"):
        await engine.load(tiny)
    await engine.close()


async def test_closing_stops_what_runs(tiny: ModelInfo) -> None:
    engine = DiffusersEngine(device="cpu", threads=1, compiles=False)
    await engine.load(tiny)
    started = threading.Event()
    call = asyncio.create_task(
        engine.generate(batch(ROCKET, steps=200), on_progress=lambda _: started.set(), should_stop=never)
    )
    await asyncio.to_thread(started.wait)
    await engine.close()
    with pytest.raises(GenerationCanceled):
        await call
    assert engine.loaded_models == frozenset()
