"""Captions: what a person might type to get a picture."""

from easel_model.concepts import BY_NAME
from easel_model.recolour import COLOURS
from easel_model.styles import STYLES

PLURALS: frozenset[str] = frozenset(
    {"grapes", "cherries", "glasses", "headphones", "scissors", "french fries", "pancakes"}
)
"""Nouns that take no article."""

UNCOUNTED: frozenset[str] = frozenset({"broccoli", "lightning", "corn", "bread", "popcorn"})

SENTENCES: tuple[tuple[str, float], ...] = (
    ("{article}{thing}", 0.55),
    ("{thing}", 0.15),
    ("a picture of {article}{thing}", 0.08),
    ("a drawing of {article}{thing}", 0.07),
    ("an icon of {article}{thing}", 0.05),
)
"""Templates with their shares; what remains goes to keywords."""

KEYWORD_SHARE = 0.10

STYLED_SENTENCES: tuple[tuple[str, float], ...] = (
    ("{style_article}{style} {thing}", 0.5),
    ("{article}{thing}, {style}", 0.3),
    ("{style_article}{style} icon of {article}{thing}", 0.2),
)


def article(phrase: str, noun: str = "") -> str:
    """ "a " or "an " by the first letter; "" when the noun (default: phrase) takes none."""
    if (noun or phrase) in PLURALS | UNCOUNTED:
        return ""
    if phrase.split()[-1] in PLURALS | UNCOUNTED and not noun:
        return ""
    return "an " if phrase[0].lower() in "aeio" or phrase.startswith("umb") else "a "


def captions(
    concept: str, colour: str = "", icon_set: str = "", extra: str = ""
) -> list[tuple[str, float]]:
    """All captions of a picture with their probabilities (which sum to one).

    ``colour`` is a word of ``COLOURS`` or "" for none; ``icon_set`` names
    the style to speak of, "" for none; ``extra`` follows the noun. The
    concept's own name gets 60 % of the probability, its synonyms the rest.
    """
    if colour and colour not in COLOURS:
        raise ValueError(f"unknown colour {colour!r}")
    words = BY_NAME[concept].words
    shares = [1.0] if len(words) == 1 else [0.6, *[0.4 / (len(words) - 1)] * (len(words) - 1)]
    found: dict[str, float] = {}
    for word, share in zip(words, shares, strict=True):
        thing = f"{colour} {word}" if colour else word
        start = article(thing, word)
        thing = f"{thing} {extra}" if extra else thing
        if icon_set:
            listed = _styled(thing, start, STYLES[icon_set].words)
        else:
            listed = [
                (sentence.format(article=start, thing=thing), part) for sentence, part in SENTENCES
            ]
            keywords = f"{word} {extra}".strip()
            listed.append(
                (f"{keywords}, {colour}" if colour else f"{keywords} icon", KEYWORD_SHARE)
            )
        for text, part in listed:
            found[text] = found.get(text, 0.0) + share * part
    return list(found.items())


def _styled(thing: str, start: str, styles: tuple[str, ...]) -> list[tuple[str, float]]:
    return [
        (
            sentence.format(
                article=start,
                thing=thing,
                style=style,
                style_article=article(style) if start else "",
            ),
            part / len(styles),
        )
        for style in styles
        for sentence, part in STYLED_SENTENCES
    ]
