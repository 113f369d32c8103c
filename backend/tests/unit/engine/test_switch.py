"""Each model goes to the engine of its kind."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from app.bootstrap.parts import Parts
from app.bootstrap.workers import with_remote_models
from app.engine.catalog import ModelCatalog
from app.engine.protocol import BatchRequest, ImageRequest
from app.engine.switch import EngineSwitch
from tests.support.studio import PaintingEngine, write_model_card

REMOTE = "openai+https://api.example.com/v1#picture-1"


def parts_with(*sources: str) -> Parts:
    settings = SimpleNamespace(find_remote_key=lambda _: "a-key")
    return cast("Parts", SimpleNamespace(catalog=ModelCatalog.from_sources(sources), settings=settings))


def batch(model_id: str) -> BatchRequest:
    return BatchRequest(model_id, 64, 64, 2, 4.0, (ImageRequest("a red rocket", None, 7),))


def test_without_remote_models_nothing_stands_between(tmp_path: Path) -> None:
    local = PaintingEngine()
    assert with_remote_models(local, parts_with(str(write_model_card(tmp_path / "plain")))) is local


async def test_local_and_remote_models_live_side_by_side(tmp_path: Path) -> None:
    local, remote = PaintingEngine(), PaintingEngine()
    parts = parts_with(str(write_model_card(tmp_path / "plain")), REMOTE)
    engine = with_remote_models(local, parts)
    assert isinstance(engine, EngineSwitch)
    assert engine.device == "cpu"
    engine._remote = remote
    for model in parts.catalog:
        await engine.load(model)
    assert engine.loaded_models == {"plain", "picture-1"}
    assert (local.loaded_models, remote.loaded_models) == ({"plain"}, {"picture-1"})
    for model_id, used, other in (("plain", local, remote), ("picture-1", remote, local)):
        local.reset()
        remote.reset()
        calls: dict[str, Any] = {"on_progress": lambda _: None, "should_stop": lambda: False}
        assert len(await engine.generate(batch(model_id), **calls)) == 1
        assert ([request.model_id for request in used.requests], other.requests) == ([model_id], [])


def test_a_worker_of_remote_models_alone_says_so() -> None:
    assert with_remote_models(PaintingEngine(), parts_with(REMOTE)).device == "remote"
