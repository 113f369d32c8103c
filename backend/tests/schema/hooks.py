"""What Schemathesis knows of a caller: ids that exist, and how to sign in again when an operation has signed it out.

Loaded by `schemathesis run` (see `test_answers.py`); everything comes in by the environment.
"""

from __future__ import annotations

import json
import os
from typing import Any

import requests
import schemathesis

IDS: dict[str, str] = json.loads(os.environ["SCHEMA_IDS"])
ACCOUNT: dict[str, str] | None = json.loads(os.environ["SCHEMA_ACCOUNT"])
URL = os.environ["SCHEMA_URL"]
SIGNED_OUT = {"session_ended", "invalid_token"}


class Caller:
    """Nobody, or an account that is signed in as often as it takes."""

    def __init__(self) -> None:
        self._token: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        if ACCOUNT is None:
            return {}
        if self._token is None:
            answer = requests.post(f"{URL}/api/v1/auth/token", data=ACCOUNT, timeout=20)
            assert answer.ok, f"the caller can't sign in any more: {answer.text}"
            self._token = answer.json()["access_token"]
        return {"Authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        self._token = None


CALLER = Caller()


@schemathesis.hook
def map_path_parameters(_: Any, parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """A drawn UUID stands for some thing; let half of them be things that there are."""
    for name, value in (parameters or {}).items():
        if name in IDS and isinstance(value, str) and len(value) == len(IDS[name]) and value[-1] in "02468ace":
            parameters = {**(parameters or {}), name: IDS[name]}
    return parameters


@schemathesis.hook
def before_call(_: Any, case: Any, __: Any) -> None:
    case.headers = {**(case.headers or {}), **CALLER.headers}


@schemathesis.hook
def after_call(_: Any, __: Any, response: Any) -> None:
    if response.status_code == 401 and any(code in response.text for code in SIGNED_OUT):
        CALLER.forget()
