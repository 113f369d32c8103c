"""Which of the languages that we have a reader likes best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_LONGEST = 500


def preferred(accept_language: str | None, available: Sequence[str]) -> str:
    """One of `available` (two-letter codes) as an Accept-Language header wants it; the first when it wants none."""
    ranked = sorted(_wishes((accept_language or "")[:_LONGEST]), key=lambda wish: -wish[1])
    for tag, quality in ranked:
        if quality <= 0:
            continue
        if tag == "*":
            break
        code = tag.split("-")[0]
        if code in available:
            return code
    return available[0]


def _wishes(header: str) -> Iterator[tuple[str, float]]:
    for part in header.lower().split(","):
        tag, _, parameter = part.strip().partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            quality = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            quality = 0.0
        if tag.strip():
            yield tag.strip(), quality
