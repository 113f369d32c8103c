"""The styles a caption may name: each drawn icon set is one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """How one icon set is drawn and spoken of.

    ``weight`` is its share of a concept's views; ``named`` the share of its
    captions that say one of ``words``. ``colourful`` sets are also recoloured.
    """

    words: tuple[str, ...]
    weight: float
    named: float
    colourful: bool = True


STYLES: dict[str, Style] = {
    "fluent-emoji-flat": Style(("flat", "simple"), 0.52, 0.25),
    "fluent-emoji": Style(("glossy", "3d"), 0.28, 0.6),
    "noto": Style(("cartoon",), 0.12, 0.6),
    "fluent-emoji-high-contrast": Style(
        ("black and white", "line art", "outline"), 0.08, 1.0, colourful=False
    ),
}
"""Icon set → style. A prompt that names none is mostly drawn flat.

Three of the four share their shapes, so that what is learned of a noun in one
serves the others.
"""
