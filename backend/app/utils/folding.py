"""Text as a reader sees it, whatever it is spelt with: for comparing words that somebody wants to hide.

Folding is made for matching only. It loses more than it keeps, and its result is shown to nobody.
"""

from __future__ import annotations

import re
import unicodedata

# Letters of other scripts that look like a Latin one and that NFKC leaves alone (a part of Unicode's confusables).
_LOOKALIKES = str.maketrans(
    {
        **dict(zip("авекмнорстухіјѕԁԛԝһӏьүѵ", "abekmhopctyxijsdqwhlbyv", strict=True)),  # Cyrillic
        **dict(zip("αβεηικνορτυχϲϳωγ", "abeniknoptuxcjwy", strict=True)),  # Greek
        **dict(zip("ıȷɑɡɩʟɴʀʏøđłħŧ", "ijagilnryodlht", strict=True)),  # Latin
        **dict(zip("օսհոռցք", "ouhnngp", strict=True)),  # Armenian
    }
)
# Digits and signs that stand for letters in a word.
_DIGITS = str.maketrans("0134578@$!|", "oleastbasil")
_SPELT_OUT = re.compile(r"(?<!\w)(?:\w[\W_]+){2,}\w(?!\w)")
_UNSEEN = {"Mn", "Me", "Cf", "Cc"}
_SPACES = re.compile(r"\s+")
_BETWEEN = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Lower case, compatibility forms resolved, lookalikes as Latin letters, without accents and invisible signs."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    visible = "".join(letter for letter in plain if letter in "\n\t" or unicodedata.category(letter) not in _UNSEEN)
    return _SPACES.sub(" ", visible.translate(_LOOKALIKES)).strip()


def readings(text: str) -> tuple[str, ...]:
    """The folded text, and how else it may be meant: letters spelt out one by one, digits for letters, both."""
    folded = fold(text)
    joined = _SPELT_OUT.sub(lambda match: _BETWEEN.sub("", match[0]), folded)
    return tuple(dict.fromkeys((folded, joined, folded.translate(_DIGITS), joined.translate(_DIGITS))))
