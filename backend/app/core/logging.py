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
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import orjson
import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import FilteringBoundLogger

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
_OUR_OWN = frozenset({"timestamp", "request_id", "trace_id", "job_id", "level", "logger", "service", "method", "route"})

# Without the frames' variables: they hold cookies, tokens and prompts.
_TRACEBACKS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=30))

bind_log_context = bind_contextvars
clear_log_context = clear_contextvars


class _Lines:
    """Where our own lines go: straight to standard output. By way of the standard library each costs twice as much."""

    def __init__(self, name: str) -> None:
        self.name = name

    def write(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # a log that can't be written is no reason to fail
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    debug = info = warning = error = critical = write


def get_logger(name: str) -> FilteringBoundLogger:
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def configure_logging(*, level: str, log_format: str, service: str) -> None:
    """Send our lines and those of the standard library's loggers through one renderer. Call once per process."""

    def add_service(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    shared: list[Any] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
        redact_secrets,
    ]
    renderer: list[Any]
    if log_format == "json":
        renderer = [_TRACEBACKS, redact_texts, structlog.processors.JSONRenderer(serializer=_dumps)]
    else:
        renderer = [structlog.processors.format_exc_info, redact_texts, structlog.dev.ConsoleRenderer()]
    structlog.configure(
        processors=[*shared, *renderer],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    # Who called the logger, from which thread and process, is in none of our lines; finding out is half of their cost.
    logging._srcfile = None  # noqa: SLF001 (as the library's own guide on optimisation says)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("botocore", "boto3", "urllib3", "httpx", "httpcore", "asyncio", "PIL", "alembic.runtime.migration"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for rerouted in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(rerouted).handlers = []
        logging.getLogger(rerouted).propagate = True


def redact_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the value of every key that names a secret, one level deep and in nested mappings."""
    for key, value in event.items():
        if isinstance(value, dict):
            event[key] = redact_secrets(_, __, dict(value))
        elif _is_secret(key):
            event[key] = REDACTED
    return event


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return name not in _HARMLESS_NAMES and any(word in name.lower() for word in _SECRET_WORDS)


def redact_texts(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what looks like a secret in any text of the line, however deep."""
    return {key: value if key in _OUR_OWN else _without_secrets(value) for key, value in event.items()}


def _without_secrets(value: Any) -> Any:
    match value:
        case str() if value.isidentifier():  # the name of an event, which most lines are
            return value
        case str():
            return _SECRET_TEXTS.sub(lambda found: f"{found[found.lastgroup or 0]}{REDACTED}", value)
        case dict():
            return {key: _without_secrets(each) for key, each in value.items()}
        case list() | tuple():
            return [_without_secrets(each) for each in value]
        case _:
            return value


def _dumps(value: Any, default: Any) -> str:
    return orjson.dumps(value, default=default, option=orjson.OPT_NON_STR_KEYS).decode()
