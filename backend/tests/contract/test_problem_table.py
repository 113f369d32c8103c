"""Every error of Easel has an answer, and the document says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.api.problems import STATUS_OF
from app.core.config import REPOSITORY_ROOT
from app.core.errors import EaselError

DOCUMENT: dict[str, Any] = json.loads(Path(REPOSITORY_ROOT / "openapi.json").read_text())


def all_errors(of: type[EaselError] = EaselError) -> set[type[EaselError]]:
    return {each for child in of.__subclasses__() for each in {child, *all_errors(child)}}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def test_every_error_class_has_a_status() -> None:
    missing = {
        error.__name__ for error in all_errors() if error not in STATUS_OF and error.__module__.startswith("app")
    }
    assert missing == set()


def test_every_error_class_has_a_code_of_its_own_in_snake_case() -> None:
    codes = [error.code for error in STATUS_OF]
    assert len(set(codes)) == len(codes)
    assert all(code.isascii() and code == code.lower() and " " not in code for code in codes)


def test_every_documented_error_is_a_problem() -> None:
    assert operations()
    for method, path, operation in operations():
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")) and path.startswith("/api/"):
                assert "application/problem+json" in answer["content"], f"{method} {path} {status}"


def test_every_operation_has_a_name_and_words() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    for method, path, operation in operations():
        assert operation.get("summary"), f"{method} {path}"


def test_the_input_models_refuse_what_they_do_not_know() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    bodies = {
        content["schema"]["$ref"].rpartition("/")[2]
        for _, _, operation in operations()
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json" and "$ref" in content["schema"]
    }
    assert "GenerateRequest" in bodies
    assert [name for name in bodies if schemas[name].get("additionalProperties") is not False] == []
