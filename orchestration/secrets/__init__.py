"""Likely secrets in text: tokens, keys and passwords of known formats.

A secret is found in steps, so that a text without one costs next to nothing: first a needle that stands in
every secret of a format, then the format's pattern, then, for the formats of `library`, the library's word.
Here is the first step, which every write takes. Where no needle stands, `detection.find` finds nothing.
"""

from collections.abc import Iterable

from orchestration.secrets.formats import FORMATS, LIBRARY, Row

_SHORTEST, _LONG = 15, 25
"""Characters of the words that are looked at, and of those that most formats ask for; a time has fewer."""
HASH = "0123456789abcdef-\"',:"
"""Characters of hashes and of the ids of sessions, also in quotes: no needle is made of them alone."""
_ROWS = (*FORMATS, *LIBRARY)
_ANYWHERE = tuple(row[0] for row in _ROWS if not row[1])
_IN_WORDS = tuple(row[0] for row in _ROWS if 0 < row[1] < _LONG)
_APART = tuple((row[0], -row[1]) for row in _ROWS if row[1] < 0)
_IN_LONG_WORDS = tuple((row[0], row[1]) for row in _ROWS if row[1] >= _LONG)


def likely(text: str) -> bool:
    """Say whether a text may hold a secret."""
    if any(needle in text for needle in _ANYWHERE):
        return True
    words = [word for word in text.split() if len(word) >= _SHORTEST]
    if not words:
        return False
    joined, longest = " ".join(words), max(map(len, words))
    if any(needle in joined for needle in _IN_WORDS):
        return True
    if longest < _LONG:
        return False
    joined = " ".join(word for word in words if len(word) >= _LONG and word.strip(HASH))
    if joined and any(run <= longest and needle in joined for needle, run in _IN_LONG_WORDS):
        return True
    return any(run <= longest and needle in text for needle, run in _APART)


def candidates(rows: Iterable[Row], text: str) -> list[Row]:
    """Return the formats of which a text may hold a secret."""
    longest = max(map(len, text.split()), default=0)
    return [row for row in rows if abs(row[1]) <= longest and row[0] in text]
