"""Attack 25: Schemathesis asks the whole API, in all its phases, as an owner, as a viewer and as nobody.

Every answer has to be one that `openapi.json` documents (status, content type, headers, schema), and none a 5xx.
Deterministic: the same document gives the same cases. `EASEL_SCHEMA=full` asks ten times as much.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from app.core.enums import Role
from app.core.passwords import Passwords
from app.main import create_openapi
from app.services.policies import POLICY
from tests.api.test_policy import make_ids
from tests.support.people import Member, bearer_of, make_member, make_organization
from tests.support.studio import PASSWORD, Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]

FULL = os.environ.get("EASEL_SCHEMA") == "full"
EXAMPLES = 100 if FULL else 10
SEED = 25
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# A stream does not end by itself, and images are waited for where no worker paints; both have tests of their own.
STREAMS = {"stream_events", "openai_generate_images"}


async def give_password(studio: Studio, member: Member) -> str:
    """Lets the member sign in; their e-mail address."""
    async with studio.parts.units.identity(member.user_id) as unit:
        user = await unit.users.get(member.user_id)
        user.password_hash = await Passwords().hash(PASSWORD)
        assert user.email is not None
        return user.email


async def ask_everything(studio: Studio, folder: Path, account: dict[str, str] | None, ids: dict[str, str]) -> Path:
    """Run Schemathesis against the studio; fails with its report. The record of all that was asked and answered."""
    record = folder / "record.ndjson"
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", os.devnull),
        *("run", f"{studio.url}/api/openapi.json", "--url", studio.url),
        *("--phases", "examples,coverage,fuzzing,stateful", "--checks", ",".join(CHECKS)),
        *("--seed", str(SEED), "--generation-deterministic", "--max-examples", str(EXAMPLES)),
        *("--suppress-health-check", "all", "--warnings", "off"),
        *("--request-timeout", "60", "--no-color", "--report", "ndjson", "--report-ndjson-path", str(record)),
        *(word for name in sorted(STREAMS) for word in ("--exclude-operation-id", name)),
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SCHEMATHESIS_HOOKS": "tests.schema.hooks",
        "SCHEMA_URL": studio.url,
        "SCHEMA_ACCOUNT": json.dumps(account),
        "SCHEMA_IDS": json.dumps(ids),
        "COLUMNS": "200",
    }
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return record


def operations() -> dict[str, dict[str, Any]]:
    """Every operation of the document, by name."""
    paths = create_openapi()["paths"]
    return {
        operation["operationId"]: {**operation, "path": path, "method": method.upper()}
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


def read_answers(record: Path) -> Counter[tuple[str, int]]:
    """How often each operation answered with each status. Methods that a path does not have count as "undocumented"."""
    names = {(each["method"], each["path"]): name for name, each in operations().items()}
    answers: Counter[tuple[str, int]] = Counter()
    for line in record.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for case_id, interaction in recorder.get("interactions", {}).items():
            case = recorder["cases"][case_id]["value"]
            if interaction["response"] is not None:
                name = names.get((case["method"], case["path"]), "undocumented")
                answers[name, interaction["response"]["status_code"]] += 1
    return answers


async def set_up(studio: Studio, role: Role | None) -> tuple[dict[str, str] | None, dict[str, str]]:
    owner = await make_organization(studio, "Asked")
    ids = await make_ids(studio, owner)
    if role is None:
        return None, ids
    member = owner if role is Role.OWNER else await make_member(studio, owner.organization_id, role)
    return {"username": await give_password(studio, member), "password": PASSWORD}, ids


@pytest.mark.timeout(3600 if FULL else 600)
@pytest.mark.parametrize("role", [Role.OWNER, Role.VIEWER, None], ids=["owner", "viewer", "nobody"])
async def test_every_answer_is_one_that_the_document_tells(
    open_studio_with: OpenStudio,
    tmp_path: Path,
    role: Role | None,
    record_property: Callable[[str, object], None],
) -> None:
    async with open_studio_with(registration="open") as studio:
        account, ids = await set_up(studio, role)
        answers = read_answers(await ask_everything(studio, tmp_path, account, ids))
    documented = operations()
    assert documented.keys() - STREAMS <= {name for name, _ in answers}, "not every operation was asked"
    succeeded = {name for name, status in answers if status < 400 and name in documented}
    if role is None:
        assert all(POLICY[name].is_public for name in succeeded)
    elif role is Role.OWNER:  # the cases reach further than the checks of the input
        assert len(succeeded) >= len(documented) / 2, sorted(documented.keys() - succeeded)
    record_property("cases", f"{sum(answers.values())} answers, {len(succeeded)} operations that succeeded")


@pytest.mark.parametrize("role", [Role.OWNER, Role.VIEWER, None], ids=["owner", "viewer", "nobody"])
async def test_the_stream_answers_as_the_document_tells(studio: Studio, role: Role | None) -> None:
    owner = await make_organization(studio, "Asked")
    headers = {} if role is None else await bearer_of(studio, await make_member(studio, owner.organization_id, role))
    http = await studio.http()
    for more in ({}, {"Last-Event-ID": "0-0"}, {"Last-Event-ID": "x" * 64}, {"Last-Event-ID": "x" * 65}):
        async with http.stream("GET", "/api/v1/events", headers={**headers, **more}) as answer:
            documented = operations()["stream_events"]["responses"][str(answer.status_code)]["content"]
            assert answer.headers["Content-Type"].partition(";")[0] in documented
