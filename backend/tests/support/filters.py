"""The repositories' own filter by organisation, taken out of every statement: what is left is row-level security."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.support.studio import Studio

_FILTER = re.compile(r"(?:\w+\.)?\borganization_id = (\$\d+(?:::\w+)?)")


@contextmanager
def without_filters(studio: Studio) -> Iterator[list[str]]:
    """While this lasts, statements of the studio don't say whose rows they want. Yields those that were changed."""
    engine = studio.parts.units._sessions.kw["bind"].sync_engine
    changed: list[str] = []

    def strip(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        bare, found = _FILTER.subn(r"(CAST(\1 AS uuid) IS NOT NULL)", statement)
        if found:
            changed.append(statement)
        return bare, parameters

    event.listen(engine, "before_cursor_execute", strip, retval=True)
    try:
        yield changed
    finally:
        event.remove(engine, "before_cursor_execute", strip)
