"""One real engine with one real, tiny pipeline for the whole session: loading torch takes seconds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.engine.diffusers_engine import DiffusersEngine
from app.engine.model_descriptions import describe
from app.engine.protocol import ModelInfo
from tests.support.tiny_model import make_tiny_model


@pytest.fixture(scope="session")
def tiny_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny(tiny_directory: Path) -> ModelInfo:
    return describe(str(tiny_directory))


@pytest.fixture(scope="session")
def compiled_forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the tiny model: making them costs more than all its pictures."""
    return tmp_path_factory.mktemp("cache") / "compiled"


@pytest.fixture(scope="session")
async def session_engine(compiled_forms: Path) -> AsyncIterator[DiffusersEngine]:
    engine = DiffusersEngine(device="cpu", threads=1, cache=compiled_forms)
    yield engine
    await engine.close()


@pytest.fixture
async def engine(session_engine: DiffusersEngine, tiny: ModelInfo) -> DiffusersEngine:
    """With the tiny model loaded."""
    await session_engine.load(tiny)
    return session_engine
