"""Text in the cells of a terminal: measured, cut, and broken into lines.

Widths are cells, so that wide characters and emoji keep their columns. Text that is written from right to
left stands in an isolate, so that it cannot reorder what is beside it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from orchestration.views.layout import Line
from orchestration.views.theme import ASCII

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_WORDS = re.compile(r"\S+\s*")

Spans = list[tuple[str, str]]
"""A laid out line: texts, each with the word that colours it."""


class Paper(NamedTuple):
    """What is drawn on: how wide, how high if that matters, and which characters it has."""

    width: int
    height: int | None = None
    ascii: bool = False
    encoding: str = "utf-8"

    def say(self, text: str) -> str:
        """Return a text in characters that the paper has."""
        if text.isascii():
            return text
        if self.ascii:
            text = text.translate(ASCII)
        if self.encoding not in ("utf-8", "utf8"):
            text = text.encode(self.encoding, "backslashreplace").decode(self.encoding)
        return text


def cut(text: str, width: int, paper: Paper) -> str:
    """Return a text in at most so many cells, its lost end shown by an ellipsis."""
    if not (text.isascii() and len(text) <= width) and cell_len(text) > width:
        end = paper.say("…")
        text = set_cell_size(text, max(width - len(end), 0)).rstrip() + end[:width]
    return f"\u2068{text}\u2069" if not text.isascii() and _RTL.search(text) else text


def wrap(text: str, width: int, paper: Paper, *, most: int | None = None) -> list[str]:
    """Return a text in lines of at most so many cells, broken between words; the last of `most` is cut."""
    lines: list[str] = []
    line = ""
    words = [found[0] for found in _WORDS.finditer(text)]
    for number, word in enumerate(words):
        if line and cell_len(line + word.rstrip()) > width:
            if most is not None and len(lines) == most - 1:
                return [*lines, cut(line + "".join(words[number:]), width, paper)]
            lines.append(line.rstrip())
            line = ""
        line += word
        while cell_len(line.rstrip()) > width:
            if most is not None and len(lines) == most - 1:
                return [*lines, cut(line + "".join(words[number + 1 :]), width, paper)]
            head = set_cell_size(line, width)
            # a wide character that does not fit leaves a blank
            taken = len(head) if line.startswith(head) else len(head.rstrip())
            lines.append(line[:taken] or line[:1])
            line = line[max(taken, 1) :]
    return [cut(one, width, paper) for one in [*lines, line.rstrip()]]


def cut_line(line: Line, paper: Paper, width: int) -> Spans:
    """Return a line in at most `width` cells."""
    spans: Spans = []
    left = width
    for text, style in _spans(line, paper):
        if left <= 0:
            break
        shown = cut(text, left, paper)
        spans.append((shown, style))
        left -= cell_len(shown)
    return spans


def wrapped(line: Line, paper: Paper, width: int, indent: str = "  ") -> list[Spans]:
    """Return a line in several, each of at most `width` cells; those after the first are indented."""
    lines: list[Spans] = [[]]
    used = 0
    for text, style in _spans(line, paper):
        for found in re.finditer(r"\s*\S+|\s+\Z", text):
            word = found[0]
            if used and used + cell_len(word) > width:
                lines.append([(indent, "")])
                used = len(indent)
                word = word.lstrip()
            pieces = [word]
            if used + cell_len(word) > width:
                pieces = wrap(word, max(width - used, 1), paper)
            for number, piece in enumerate(pieces):
                if number:
                    lines.append([(indent, "")])
                    used = len(indent)
                lines[-1].append((cut(piece, width, paper), style))
                used += cell_len(piece)
    return lines


def _spans(line: Line, paper: Paper) -> Iterator[tuple[str, str]]:
    for span in line:
        text, style = (span, "") if isinstance(span, str) else span
        yield paper.say(text), style


def measure(line: Spans) -> int:
    """Return the cells that a line takes."""
    return sum(cell_len(text) for text, _ in line)


def stripped(line: Spans) -> Spans:
    """Return a line without blanks at its end."""
    while line and not line[-1][0].rstrip(" "):
        line = line[:-1]
    return [*line[:-1], (line[-1][0].rstrip(" "), line[-1][1])] if line else line
