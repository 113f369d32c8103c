"""What Easel writes to people: each letter in each language, as plain text and as simple HTML."""

from __future__ import annotations

import html
from dataclasses import dataclass

from app.core.enums import Language
from app.services.letter_texts import CLOSING, LETTERS

_STYLE = "font-family:system-ui,sans-serif;font-size:16px;line-height:1.5;color:#222;max-width:34rem;margin:2rem auto"
_BUTTON = "display:inline-block;padding:.6rem 1rem;border-radius:.5rem;background:#222;color:#fff;text-decoration:none"
MAX_VALUE = 100


@dataclass(frozen=True, slots=True)
class Letter:
    """`link` is where the button leads, `action` its words; both None for a letter that only tells something."""

    kind: str
    language: Language
    subject: str
    paragraphs: tuple[str, ...]
    action: str | None = None
    link: str | None = None

    def as_text(self) -> str:
        parts = list(self.paragraphs)
        if self.link is not None:
            parts.insert(1, self.link)
        return "\n\n".join([*parts, CLOSING[self.language]]) + "\n"

    def as_html(self) -> str:
        parts = [f"<p>{html.escape(each)}</p>" for each in self.paragraphs]
        if self.link is not None:
            link, action = html.escape(self.link), html.escape(self.action or self.link)
            parts.insert(1, f'<p><a href="{link}" style="{_BUTTON}">{action}</a></p><p>{link}</p>')
        closing = f"<p>{html.escape(CLOSING[self.language])}</p>"
        return (
            f'<!doctype html><html lang="{self.language.value}"><head><meta charset="utf-8">'
            f"<title>{html.escape(self.subject)}</title></head>"
            f'<body style="{_STYLE}">{"".join(parts)}{closing}</body></html>'
        )


def write_letter(kind: str, language: Language, *, link: str | None = None, **values: str | int) -> Letter:
    """The letter `kind` of `letter_texts.py`, with `values` put into its sentences. A letter with an action needs a
    `link`. Names that people chose are shortened and put on one line: they go into the subject."""
    words = LETTERS[kind][language]
    said = {name: _one_line(value) if isinstance(value, str) else value for name, value in values.items()}
    return Letter(
        kind=kind,
        language=language,
        subject=words.subject.format(**said),
        paragraphs=tuple(each.format(**said) for each in words.paragraphs),
        action=words.action,
        link=link,
    )


def _one_line(value: str) -> str:
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in value).split())
    return line if len(line) <= MAX_VALUE else line[: MAX_VALUE - 1] + "…"
