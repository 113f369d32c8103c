"""Rules that say which prompts an organisation does not want, and matching them.

Regular expressions run in RE2: its time is linear in the text whatever the pattern is, so that no rule, meant well or
ill, can hold up the service. It knows no look-around and no back-references.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import re2

from app.core.enums import RuleAction, RuleKind
from app.core.errors import InvalidInput
from app.utils.folding import fold, readings

MAX_PATTERN_MEMORY = 1 << 20
"""Bytes that a compiled pattern may take."""


class StoredRule(Protocol):
    id: UUID
    kind: RuleKind
    pattern: str
    action: RuleAction


class Matcher(Protocol):
    def finds(self, reading: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Words:
    """A word or several in a row, as whole words, in whatever spelling."""

    folded: str

    def finds(self, reading: str) -> bool:
        start = reading.find(self.folded)
        while start >= 0:
            end = start + len(self.folded)
            if not (_is_letter(reading, start - 1) or _is_letter(reading, end)):
                return True
            start = reading.find(self.folded, start + 1)
        return False


class Regex:
    def __init__(self, pattern: str) -> None:
        options = re2.Options()
        options.case_sensitive = False
        options.max_mem = MAX_PATTERN_MEMORY
        options.log_errors = False
        self._pattern = re2.compile(pattern, options)

    def finds(self, reading: str) -> bool:
        return self._pattern.search(reading) is not None


@dataclass(frozen=True, slots=True)
class Rule:
    id: UUID
    action: RuleAction
    pattern: str
    matcher: Matcher


def compile_rules(rules: Iterable[StoredRule]) -> tuple[Rule, ...]:
    return tuple(Rule(rule.id, rule.action, rule.pattern, make_matcher(rule.kind, rule.pattern)) for rule in rules)


def make_matcher(kind: RuleKind, pattern: str) -> Matcher:
    """Raises `InvalidInput` for a pattern that can't be, or that would match everything."""
    if kind is RuleKind.WORDS:
        folded = fold(pattern)
        if not any(letter.isalnum() for letter in folded):
            raise _wrong("Give a word, or several in a row.")
        return Words(folded)
    try:
        matcher = Regex(pattern)
    except re2.error as error:
        raise _wrong(
            "This is not a regular expression that RE2 takes: it knows no look-around and no back-references, and "
            "repeats up to 1000 times."
        ) from error
    if matcher.finds(""):
        raise _wrong("This matches every prompt, even an empty one.")
    return matcher


def matches(rules: Sequence[Rule], text: str) -> Iterator[Rule]:
    """The rules that match the text as it is written, or as it may be meant. Case never counts."""
    if rules:
        ways = (text, *readings(text))
        yield from (rule for rule in rules if any(rule.matcher.finds(way) for way in ways))


def _is_letter(text: str, index: int) -> bool:
    return 0 <= index < len(text) and text[index].isalnum()


def _wrong(detail: str) -> InvalidInput:
    return InvalidInput.for_field("/pattern", "invalid_pattern", detail)
