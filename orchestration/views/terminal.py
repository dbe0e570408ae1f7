"""The terminal: the one console, and pages and tables shown on it in colours.

A text is shown as it is: no markup, no emoji codes, no highlighting. `NO_COLOR`, `TERM=dumb` and an encoding
that is not UTF-8 are honoured: rich knows the first, `paper` reads the others from its console.
"""

import io
import re
import sys
from typing import TextIO

from rich.console import Console
from rich.text import Text

from orchestration.views import drawing
from orchestration.views.cells import Paper, Spans
from orchestration.views.layout import Page
from orchestration.views.tables import Details, Table
from orchestration.views.theme import STYLES

Shown = Page | Table | Details
_ELSEWHERE = re.compile(r"\s*@font-face \{.*?\}|\s*<!--.*?-->", re.DOTALL)


def console(file: TextIO | None = None, *, width: int | None = None) -> Console:
    """Return a console on a stream, by default stdout."""
    return Console(file=file or sys.stdout, width=width, markup=False, emoji=False, highlight=False)


def show(shown: Shown, *, height: int | None = None) -> None:
    """Draw on stdout; `height` bounds a board to so many lines."""
    screen = console()
    screen.print(drawn(shown, paper(screen, height=height)), soft_wrap=True)


def paper(screen: Console, *, height: int | None = None) -> Paper:
    """Return what a console offers to draw on; `height` bounds a board to so many lines."""
    encoding = (screen.encoding or "utf-8").lower()
    plain = screen.is_dumb_terminal or not encoding.startswith("utf")
    return Paper(screen.width, height, plain, encoding)


def drawn(shown: Shown, on: Paper) -> Text:
    """Return what is shown, laid out and coloured."""
    return coloured(drawing.drawn(shown, on))


def coloured(lines: list[Spans]) -> Text:
    """Return laid out lines as one text of rich."""
    return Text("\n").join(
        Text.assemble(*((text, STYLES.get(word, "")) for text, word in line), end="") for line in lines
    )


def text(shown: Shown, width: int, *, ascii: bool = False) -> str:  # noqa: A002 - as in Paper
    """Return what is shown as text of so many columns, without colours."""
    return drawn(shown, Paper(width, ascii=ascii)).plain


def svg(renderable: object, width: int, title: str) -> str:
    """Return a picture of a page, a table or anything rich can draw, as a terminal of so many columns shows it."""
    screen = Console(
        file=io.StringIO(), width=width, record=True, force_terminal=True, color_system="truecolor",
        markup=False, emoji=False, highlight=False, _environ={},  # a picture is the same wherever it is made
    )  # fmt: skip
    if isinstance(renderable, Page | Table | Details):
        renderable = drawn(renderable, Paper(width))
    screen.print(renderable, soft_wrap=True)
    # Nothing is fetched from anywhere: without its fonts the picture uses those of who looks at it.
    return _ELSEWHERE.sub("", screen.export_svg(title=title))
