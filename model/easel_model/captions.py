"""Captions: what a person might type to get a concept in a colour."""

from easel_model.concepts import BY_NAME
from easel_model.recolour import COLOURS

PLURALS: frozenset[str] = frozenset({"grapes", "cherries"})
"""Nouns that take no article."""

SENTENCES: tuple[tuple[str, float], ...] = (
    ("{article}{thing}", 0.50),
    ("{thing}", 0.15),
    ("a picture of {article}{thing}", 0.08),
    ("a drawing of {article}{thing}", 0.07),
    ("an icon of {article}{thing}", 0.05),
)
"""Templates with their shares; what remains goes to keywords."""

KEYWORD_SHARE = 0.15


def article(phrase: str) -> str:
    """ "a " or "an " by the first letter, "" for plurals."""
    if phrase.split()[-1] in PLURALS:
        return ""
    return "an " if phrase[0].lower() in "aeio" or phrase.startswith("umb") else "a "


def captions(concept: str, colour: str) -> list[tuple[str, float]]:
    """All captions of a pair with their probabilities (which sum to one).

    ``colour`` is a word of ``COLOURS`` or "" for none. The concept's own
    name gets half of the probability, its synonyms share the rest.
    """
    if colour and colour not in COLOURS:
        raise ValueError(f"unknown colour {colour!r}")
    words = BY_NAME[concept].words
    shares = [1.0] if len(words) == 1 else [0.6, *[0.4 / (len(words) - 1)] * (len(words) - 1)]
    found: dict[str, float] = {}
    for word, share in zip(words, shares, strict=True):
        thing = f"{colour} {word}" if colour else word
        filled = [
            (sentence.format(article=article(thing), thing=thing), part)
            for sentence, part in SENTENCES
        ]
        filled.append((f"{word}, {colour}" if colour else f"{word} icon", KEYWORD_SHARE))
        for text, part in filled:
            found[text] = found.get(text, 0.0) + share * part
    return list(found.items())
