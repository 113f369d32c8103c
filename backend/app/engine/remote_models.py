"""Models that another server runs, behind an API like OpenAI's: where they are, and what they can be asked for.

Two forms in EASEL_MODEL. The short one is an address::

    openai+https://api.example.com/v1#some-image-model
    easel+https://easel.example.com/v1#easel-small

The second says that the server is another Easel, which takes seed, steps, guidance and negative prompts as well. The
long form is a directory whose `easel.json` (see `model_descriptions.py`) has the address as `remote`, and two more
optional keys::

    {"remote": "openai+https://api.example.com/v1#some-image-model", "sizes": [[1024, 1024]],
     "parameters": ["seed", "negative_prompt"],        what the server takes beyond OpenAI's fields
     "extra": {"quality": "high"}}                     what it shall be told with every request
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from app.core.errors import ModelUnavailable

SCHEMES = ("openai+https", "openai+http", "easel+https", "easel+http")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PARAMETERS = frozenset({"seed", "steps", "guidance", "negative_prompt"})


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """`base_url` ends before ``/images/generations``; `name` is the model's there.

    `parameters` are Easel's that the server takes beyond OpenAI's own; `extra` fields go with every request.
    """

    base_url: str
    name: str
    parameters: frozenset[str] = frozenset()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, address: str) -> Self:
        """Raises `ModelUnavailable` with what to do."""
        parts = urlsplit(address)
        if not parts.hostname or not parts.fragment or parts.query or parts.username or parts.password:
            raise ModelUnavailable(
                f"{_shown(address)} is no address of a remote model: write openai+https://HOST/v1#MODEL "
                "(its key goes into EASEL_REMOTE_KEYS)."
            )
        kind, _, scheme = parts.scheme.partition("+")
        if scheme == "http" and parts.hostname not in LOOPBACK:
            raise ModelUnavailable(
                f"{_shown(address)} would send its key in the clear: plain http is for this machine only, say https."
            )
        base_url = f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        return cls(base_url, parts.fragment, PARAMETERS if kind == "easel" else frozenset())

    @property
    def host(self) -> str:
        """With the port, where one was written: what keys are kept by."""
        return urlsplit(self.base_url).netloc

    @property
    def is_on_this_machine(self) -> bool:
        return urlsplit(self.base_url).hostname in LOOPBACK


def is_remote(source: str) -> bool:
    return source.partition("://")[0].lower() in SCHEMES


def _shown(address: str) -> str:
    """Without what may be a password."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
