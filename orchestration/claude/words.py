"""The words of what a person typed behind a slash command; no shell has any part in it.

A quote groups words where it opens one and is closed at the end of one, so that an apostrophe is one.
Quotes may be straight or curly, and a long dash before an option is taken for the two that were meant.
Everything else stands for itself: `$`, backslashes, backticks, semicolons.
"""

import re
from typing import NamedTuple

_PAIRS = {'"': '"', "'": "'", "“": "”", "‘": "’", "„": "“"}
_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"\S+")
_NAMED = re.compile(r"(?:(?:--|—|–)[a-z][a-z-]*=|[a-z]+:)")


class Word(NamedTuple):
    """A word, and where in the text it stood, quotes included."""

    text: str
    start: int
    end: int
    quoted: bool = False


def split(text: str) -> list[Word]:
    """Return the words of a text."""
    found: list[Word] = []
    at = 0
    while True:
        blanks = _BLANKS.match(text, at)
        at = blanks.end() if blanks else at
        if at == len(text):
            return found
        word = _quoted(text, at, at) or _after_a_name(text, at) or _plain(text, at)
        found.append(word)
        at = word.end


def _quoted(text: str, start: int, quote: int) -> Word | None:
    """Return the word that a quote at `quote` opens; None when it opens none."""
    close = _PAIRS.get(text[quote : quote + 1])
    if close is None:
        return None
    end = text.find(close, quote + 1)
    while end != -1 and not (end + 1 == len(text) or text[end + 1].isspace()):
        end = text.find(close, end + 1)
    if end == -1:
        return None
    return Word(text[start:quote] + text[quote + 1 : end], start, end + 1, quoted=start == quote)


def _after_a_name(text: str, start: int) -> Word | None:
    name = _NAMED.match(text, start)
    return _quoted(text, start, name.end()) if name else None


def _plain(text: str, start: int) -> Word:
    match = _WORD.match(text, start)
    assert match is not None, "there is something that is no blank"
    return Word(match[0], start, match.end())


def without(text: str, switch: str) -> tuple[str, bool]:
    """Return a text without a switch that every command takes, and whether it stood there as a word."""
    for word in split(text):
        if word.text == "--" and not word.quoted:
            break
        if not word.quoted and word.text in (f"--{switch}", f"—{switch}", f"–{switch}"):
            return text[: word.start] + text[word.end :].lstrip(" "), True
    return text, False


def verbatim(text: str, words: list[Word]) -> str:
    """Return what was typed from the first to the last of some words that follow each other.

    One word that was quoted is what is inside its quotes.
    """
    if not words:
        return ""
    return words[0].text if len(words) == 1 else text[words[0].start : words[-1].end]
