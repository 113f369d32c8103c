"""Structured logs: one JSON object a line on standard output, with the ids that tie a request to its job and trace.

Whatever is bound with `bind_log_context` is added to every line that the same task or request writes. Values under
names that smell of secrets are replaced before they are rendered, and so is what looks like a secret in any text:
another library's error may quote a header, a cookie or the address of a database.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
import structlog
from structlog.tracebacks import ExceptionDictTransformer

REDACTED = "[redacted]"
_SECRET_WORDS = (
    *("password", "passwd", "passphrase", "secret", "token", "authorization", "cookie", "api_key", "signature"),
    *("credential", "private_key", "csrf", "recovery_code", "totp"),
)
_HARMLESS_NAMES = frozenset({"lease_token_lost", "prompt_tokens"})

_SECRET_TEXTS = re.compile(
    r"""
      (?P<scheme>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}              # Authorization
    | \b(?P<mark>esl_|whsec_)[\w+/=-]{8,}                          # our keys, and secrets of webhooks
    | \b(?P<jwt>eyJ)[\w-]{5,}\.[\w-]+(?:\.[\w-]*)*               # access tokens
    | (?P<login>\w://[^\s:/@]*:)[^\s/@]+(?=@)                      # user:password@host
    | (?P<pair>\b(?:password|secret|token|signature|code_verifier|client_secret|easel_\w+)["']?\s*[=:]\s*["']?)
      [^\s&;,"'}]{4,}                                              # in a query, a form or a cookie
    """,
    re.VERBOSE | re.IGNORECASE,
)

# We write these ourselves, on every line; looking through them would cost more than the rest of the line.
_OUR_OWN = frozenset({"job_id", "method", "route"})

# Without the frames' variables: they hold cookies, tokens and prompts.
_TRACEBACKS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=30))

_NOISY = ("botocore", "boto3", "urllib3", "httpx", "httpcore", "asyncio", "PIL", "alembic.runtime.migration")

_context: ContextVar[dict[str, Any]] = ContextVar("log_context")


def begin_log_context(**ids: Any) -> None:
    """Instead of what was bound before."""
    _context.set(ids)


def bind_log_context(**ids: Any) -> None:
    """Beside what was bound before."""
    _context.set({**_context.get({}), **ids})


class _Lines:
    """How lines are made, whoever writes them."""

    def __init__(self) -> None:
        self.configure(level="INFO", log_format="console", service="")

    def configure(self, *, level: str, log_format: str, service: str) -> None:
        self.level = logging.getLevelNamesMapping()[level]
        self._service = service
        self._show_exception: Callable[..., Any] = structlog.processors.format_exc_info
        self._show: Callable[..., str] = structlog.dev.ConsoleRenderer()
        if log_format == "json":
            self._show_exception, self._show = _TRACEBACKS, _as_json

    def make(self, level: str, logger: str, event: str, fields: dict[str, Any]) -> str:
        if "exc_info" in fields:
            fields = self._show_exception(None, level, fields)
        line = {
            "event": _without_secrets(event),
            **_context.get({}),
            **{name: _redacted(name, value) for name, value in fields.items()},
            "level": level,
            "logger": logger,
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "service": self._service,
        }
        return self._show(None, level, line)


_lines = _Lines()


class Logger:
    """Writes our own lines: the name of an event, and what belongs to it. `exc_info` is an error, or True for the one
    that is being handled.

    Straight to standard output: by way of the standard library, or of structlog's chains, each costs several times as
    much (docs/adr/0010-hot-path.md).
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def debug(self, event: str, **fields: Any) -> None:
        self._write(logging.DEBUG, "debug", event, fields)

    def info(self, event: str, **fields: Any) -> None:
        self._write(logging.INFO, "info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        self._write(logging.WARNING, "warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        self._write(logging.ERROR, "error", event, fields)

    def exception(self, event: str, **fields: Any) -> None:
        self._write(logging.ERROR, "error", event, {"exc_info": True, **fields})

    def critical(self, event: str, **fields: Any) -> None:
        self._write(logging.CRITICAL, "critical", event, fields)

    def _write(self, number: int, level: str, event: str, fields: dict[str, Any]) -> None:
        if number >= _lines.level:
            line = _lines.make(level, self._name, event, fields)
            with contextlib.suppress(OSError, ValueError):  # a log that can't be written is no reason to fail
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()


def get_logger(name: str) -> Logger:
    return Logger(name)


class _Foreign(logging.Formatter):
    """Lines of libraries, made like ours."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {"exc_info": record.exc_info} if record.exc_info else {}
        return _lines.make(record.levelname.lower(), record.name, record.getMessage(), fields)


def configure_logging(*, level: str, log_format: str, service: str) -> None:
    """How our lines look, and those of the standard library's loggers. Call once per process."""
    _lines.configure(level=level, log_format=log_format, service=service)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Foreign())
    # Who called the logger, from which thread and process, is in none of our lines; finding out is half of their cost.
    logging._srcfile = None  # noqa: SLF001 (as the library's own guide on optimisation says)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for rerouted in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(rerouted).handlers = []
        # Each request has its line already (`api/middleware.py`). Whoever finds no handler here writes no other one.
        logging.getLogger(rerouted).propagate = rerouted != "uvicorn.access"


def _redacted(name: object, value: Any) -> Any:
    """Without what its name says is a secret, and what looks like one in any text, however deep."""
    if name in _OUR_OWN:
        return value
    return REDACTED if _is_secret(str(name)) else _without_secrets(value)


def _without_secrets(value: Any) -> Any:
    match value:
        case str() if value.isidentifier():  # the name of an event, which most lines are
            return value
        case str():
            return _SECRET_TEXTS.sub(lambda found: f"{found[found.lastgroup or 0]}{REDACTED}", value)
        case dict():
            return {key: _redacted(key, each) for key, each in value.items()}
        case list() | tuple():
            return [_without_secrets(each) for each in value]
        case _:
            return value


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return name not in _HARMLESS_NAMES and any(word in name.lower() for word in _SECRET_WORDS)


def _as_json(_: Any, __: str, line: dict[str, Any]) -> str:
    return orjson.dumps(line, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
