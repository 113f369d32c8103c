"""Where to go after signing in: a path of ours, whatever the address bar said."""

from __future__ import annotations

MAX_PATH_CHARS = 2000


def own_path(wanted: str | None) -> str:
    """`wanted` when it is a path on this origin, else `/`. To browsers `//x`, `/\\x` and tabs lead to other places."""
    path = wanted or "/"
    leads_away = path[:1] != "/" or path[1:2] in {"/", "\\"} or "\\" in path
    if leads_away or len(path) > MAX_PATH_CHARS or any(mark <= " " or mark == "\x7f" for mark in path):
        return "/"
    return path
