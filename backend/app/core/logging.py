"""Structured logs: one JSON object a line on standard output, with the ids that tie a request to its job and trace.

Whatever is bound with `bind_log_context` is added to every line that the same task or request writes. Values under
names that smell of secrets are replaced before they are rendered.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars
from structlog.tracebacks import ExceptionDictTransformer

REDACTED = "[redacted]"
_SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key", "signature")
_HARMLESS_NAMES = frozenset({"lease_token_lost", "prompt_tokens"})

# Without the frames' variables: they hold cookies, tokens and prompts.
_TRACEBACKS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=30))

bind_log_context = bind_contextvars
clear_log_context = clear_contextvars


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def configure_logging(*, level: str, log_format: str, service: str) -> None:
    """Send structlog and the standard library's loggers through one renderer. Call once per process."""

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
        renderer = [_TRACEBACKS, structlog.processors.JSONRenderer(serializer=_dumps)]
    else:
        renderer = [structlog.dev.ConsoleRenderer()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
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
        elif key not in _HARMLESS_NAMES and any(word in key.lower() for word in _SECRET_WORDS):
            event[key] = REDACTED
    return event


def _dumps(value: Any, default: Any) -> str:
    return orjson.dumps(value, default=default, option=orjson.OPT_NON_STR_KEYS).decode()
