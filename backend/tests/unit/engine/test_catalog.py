from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import InvalidInput, ModelUnavailable
from app.engine.catalog import ModelCatalog
from app.engine.model_descriptions import describe

INDEX = {"_class_name": "StableDiffusionPipeline", "scheduler": ["diffusers", "PNDMScheduler"]}
VAE = {"block_out_channels": [128, 256, 512, 512]}


def make_files(directory: Path, **files: Any) -> Path:
    """`unet={...}` becomes unet/config.json, `easel={...}` becomes easel.json; text is written as it is."""
    for name, content in {"model_index": INDEX, **files}.items():
        path = directory / (f"{name}.json" if name in {"model_index", "easel"} else f"{name}/config.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return directory


def test_stable_diffusion_gives_its_size_from_its_own_files(tmp_path: Path) -> None:
    model = describe(str(make_files(tmp_path / "sd15", unet={"sample_size": 64}, vae=VAE)))
    assert (model.id, model.name, model.scheduler) == ("sd15", "sd15", "PLMS")
    assert (model.defaults.width, model.defaults.height) == (512, 512)
    assert (model.defaults.steps, model.defaults.guidance) == (30, 7.5)
    limits = model.limits
    assert (limits.min_width, limits.max_width, limits.multiple_of) == (256, 1024, 8)


def test_a_transformer_counts_its_patches(tmp_path: Path) -> None:
    source = make_files(tmp_path / "dit", transformer={"sample_size": [96, 128], "patch_size": 2}, vae=VAE)
    model = describe(str(source))
    assert (model.defaults.width, model.defaults.height, model.limits.multiple_of) == (1024, 768, 16)


def test_a_tiny_autoencoder_of_old_files_counts_its_levels(tmp_path: Path) -> None:
    vae = {"encoder_block_out_channels": [64, 64, 64]}
    model = describe(str(make_files(tmp_path / "tiny", unet={"sample_size": 16}, vae=vae)))
    assert (model.defaults.width, model.limits.multiple_of) == (64, 8)


def test_files_that_say_nothing_give_typical_figures(tmp_path: Path) -> None:
    model = describe(str(make_files(tmp_path / "bare")))
    assert (model.defaults.width, model.defaults.height) == (512, 512)


def test_the_card_overrules_what_was_guessed(tmp_path: Path) -> None:
    card = {
        "id": "easel-small",
        "name": "Easel small",
        "default_steps": 25,
        "default_guidance": 3.5,
        "min_steps": 4,
        "max_steps": 60,
        "max_guidance": 15,
        "max_images": 4,
        "max_prompt_tokens": 16,
        "sizes": [[64, 64], [96, 64]],
    }
    model = describe(str(make_files(tmp_path / "x", unet={"sample_size": 8}, vae=VAE, easel=card)))
    assert (model.id, model.name) == ("easel-small", "Easel small")
    assert (model.defaults.steps, model.defaults.guidance, model.defaults.width) == (25, 3.5, 64)
    assert model.limits.sizes == ((64, 64), (96, 64))
    assert (model.limits.max_width, model.limits.max_height, model.limits.max_steps) == (96, 64, 60)
    assert (model.limits.min_steps, model.limits.max_guidance, model.max_prompt_tokens) == (4, 15, 16)


def test_few_steps_at_most_are_few_by_default(tmp_path: Path) -> None:
    model = describe(str(make_files(tmp_path / "turbo", easel={"max_steps": 4, "default_guidance": 0})))
    assert (model.defaults.steps, model.defaults.guidance) == (4, 0)


def test_a_missing_directory_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="EASEL_MODEL"):
        describe(str(tmp_path / "nowhere"))


def test_a_mistyped_name_in_an_existing_folder_is_no_hub_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    with pytest.raises(ModelUnavailable, match="no model at model/smal"):
        describe("model/smal")


def test_a_directory_without_an_index_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"model_index\.json"):
        describe(str(tmp_path))


@pytest.mark.parametrize("broken", ["{", "[]", "\x00"])
def test_broken_json_says_which_file(tmp_path: Path, broken: str) -> None:
    with pytest.raises(ModelUnavailable, match=r"model_index\.json.*EASEL_MODEL"):
        describe(str(make_files(tmp_path / "broken", model_index=broken)))


def test_a_wrong_card_says_which_key(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="default_steps, sizes"):
        describe(str(make_files(tmp_path / "x", easel={"default_steps": -3, "sizes": [[64]]})))


def test_a_card_for_a_newer_easel_is_read(tmp_path: Path) -> None:
    assert describe(str(make_files(tmp_path / "x", easel={"id": "new", "moods": ["calm"]}))).id == "new"


def test_a_hub_model_that_was_never_fetched_gets_typical_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = describe("someone/no-such-model-here")
    assert (model.id, model.name, model.defaults.width) == ("someone/no-such-model-here", "no-such-model-here", 512)


def test_the_first_is_the_default_and_others_are_found_by_id(tmp_path: Path) -> None:
    catalog = ModelCatalog.from_sources([str(make_files(tmp_path / name)) for name in ("one", "two")])
    assert catalog.default.id == "one"
    assert catalog.get(None).id == "one"
    assert catalog.get("two").id == "two"
    assert [model.id for model in catalog] == ["one", "two"]
    assert catalog.find("three") is None
    with pytest.raises(InvalidInput, match="one, two") as refused:
        catalog.get("three")
    assert refused.value.errors[0].pointer == "/model"


def test_two_models_of_one_id_are_refused(tmp_path: Path) -> None:
    sources = [str(make_files(tmp_path / folder / "same")) for folder in ("a", "b")]
    with pytest.raises(ModelUnavailable, match="same"):
        ModelCatalog.from_sources(sources)


def test_no_model_says_which_setting() -> None:
    with pytest.raises(ModelUnavailable, match="EASEL_MODEL"):
        ModelCatalog.from_sources([])


def test_the_api_reads_the_catalogue_without_torch() -> None:
    code = (
        "import sys, app.engine.catalog, app.engine.validation, app.engine.diffusers_engine, app.engine.imaging;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3]).returncode == 0
