"""Trace ids in the W3C form, taken over from a caller's `traceparent` or made here.

Source: W3C Trace Context, section 3.2 (traceparent header).
"""

from __future__ import annotations

import random
import re

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$")


def new_trace_id() -> str:
    """32 hex digits, never all zero. They need not be hard to guess, which costs ten times as much."""
    return f"{random.getrandbits(128) or 1:032x}"


def trace_id_from(traceparent: str | None) -> str:
    """The caller's trace id when the header is well formed, else a new one."""
    match = _TRACEPARENT.match(traceparent or "")
    if match is None or match["trace"] == "0" * 32 or (traceparent or "").startswith("ff"):
        return new_trace_id()
    return match["trace"]
