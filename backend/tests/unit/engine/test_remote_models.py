"""Addresses and cards of remote models, and what they let a job ask for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.config import load_settings
from app.core.errors import InvalidInput, InvalidSettings, ModelUnavailable
from app.engine.catalog import ModelCatalog
from app.engine.model_descriptions import describe
from app.engine.validation import resolve_parameters


def test_an_address_is_a_model_of_openais_sizes() -> None:
    model = describe("openai+https://api.example.com/v1/#picture-1")
    assert (model.id, model.name) == ("picture-1", "picture-1")
    assert model.remote is not None
    assert (model.remote.base_url, model.remote.host) == ("https://api.example.com/v1", "api.example.com")
    assert (1536, 1024) in model.limits.sizes
    with pytest.raises(InvalidInput) as refusal:
        resolve_parameters(model, width=512, height=512, steps=5, guidance=2.0, negative_prompt="mush")
    assert {error.pointer for error in refusal.value.errors} == {
        "/width",
        "/height",
        "/steps",
        "/guidance",
        "/negative_prompt",
    }


def test_another_easel_takes_what_easel_takes() -> None:
    model = describe("easel+https://easel.example.com/v1#easel-small")
    asked = resolve_parameters(model, width=256, height=512, steps=5, guidance=2.0, negative_prompt="mush")
    assert (asked.width, asked.height, asked.steps, asked.guidance) == (256, 512, 5, 2.0)


def test_a_card_says_what_an_address_cannot(tmp_path: Path) -> None:
    card = {
        "id": "painter",
        "remote": "openai+https://api.example.com:8443/v1#picture-1",
        "sizes": [[512, 512]],
        "parameters": ["steps"],
        "default_steps": 8,
        "extra": {"quality": "high"},
    }
    (tmp_path / "easel.json").write_text(json.dumps(card))
    model = describe(str(tmp_path))
    assert (model.id, model.limits.sizes, model.defaults.steps) == ("painter", ((512, 512),), 8)
    assert model.limits.min_steps < 8 < model.limits.max_steps
    assert model.remote is not None
    assert (model.remote.host, model.remote.extra) == ("api.example.com:8443", {"quality": "high"})


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("openai+https://api.example.com/v1", "write openai+https://HOST/v1#MODEL"),
        ("openai+https:///v1#picture-1", "write openai+https://HOST/v1#MODEL"),
        ("openai+https://user:secret@api.example.com/v1#picture-1", "EASEL_REMOTE_KEYS"),
        ("openai+http://api.example.com/v1#picture-1", "in the clear"),
    ],
)
def test_a_wrong_address_says_what_to_write(address: str, words: str) -> None:
    with pytest.raises(ModelUnavailable) as refusal:
        ModelCatalog.from_sources([address])
    assert words in refusal.value.detail
    assert "secret" not in refusal.value.detail


def test_keys_are_kept_by_host_and_never_shown(tmp_path: Path) -> None:
    parts = {"home": tmp_path, "database_url": "postgresql://x/y", "redis_url": "redis://x"}
    settings = load_settings(_env_file=None, remote_keys="api.example.com=sk-1, 127.0.0.1:3001=esl_2=", **parts)
    assert settings.find_remote_key("api.example.com") == "sk-1"
    assert settings.find_remote_key("127.0.0.1:3001") == "esl_2="
    assert settings.find_remote_key("elsewhere.example.com") is None
    assert "sk-1" not in repr(settings)
    with pytest.raises(InvalidSettings, match="HOST=KEY"):
        load_settings(_env_file=None, remote_keys="sk-1", **parts)
