"""Column types that several tables use."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Enum


def word_of(enum: type[StrEnum]) -> Enum:
    """A text column held to the enum's values by a CHECK: adding a word needs no ALTER TYPE."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=enum.__name__.lower(),
        values_callable=lambda words: [word.value for word in words],
        validate_strings=True,
    )
