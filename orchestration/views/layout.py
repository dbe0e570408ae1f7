"""A page, as data: lines, bars, tables and a board under headings, the same at a terminal and in a pipe.

A view makes a `Page` from a document. `Page.plain` prints one for programs and files: nothing is cut, one
record a line. `drawing` lays one out for so many columns, `terminal` shows that in colours. A span is a
text, or a text with the word of `theme.STYLES` that colours it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from orchestration.english import noun, verb
from orchestration.views.tables import Details, Table, plain, width

Span = str | tuple[str, str]
Line = Sequence[Span]

_CONTROL = (
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Not compiled before a text has such a character: most have none."""
_BREAKS = "\n\r\t\x0b\x0c\x85\u2028\u2029"


class Lines(NamedTuple):
    """Lines of spans; one that `wraps` is continued below where it is too long, else it is cut."""

    lines: Sequence[Line]
    empty: str = ""
    """The sentence for no lines."""
    wraps: bool = False


class Bar(NamedTuple):
    """A share of something, 1 being all of it, with the word that says how that is."""

    label: str
    share: float | None
    word: str
    note: str = ""


class Bars(NamedTuple):
    """Bars below each other."""

    rows: Sequence[Bar]
    empty: str = ""


class Card(NamedTuple):
    """A task on a board: what is drawn, from the top, and its cells in a list."""

    head: Line
    title: str
    lines: Sequence[Line]
    cells: tuple[str, ...]
    wide: Sequence[Line] = ()
    """Further lines, where columns are wide enough."""


class Column(NamedTuple):
    """A column of a board: its name, how full it is, and the cards shown of those that are in it."""

    name: str
    fill: str
    style: str
    cards: Sequence[Card]
    more: int


class Kanban(NamedTuple):
    """The columns of a board side by side; `cells` names the columns of their lists."""

    columns: Sequence[Column]
    cells: tuple[str, ...]


class Chart(NamedTuple):
    """A drawing of numbers: its lines for so many columns, and the numbers, which a pipe gets instead."""

    draw: Callable[[int], Sequence[Line]]
    data: Table


Body = Lines | Bars | Kanban | Chart | Table | Details


class Section(NamedTuple):
    """A part of a page; one that is not `wide` may share its lines with another on a wide terminal."""

    title: str
    body: Body
    wide: bool = False


class Page(NamedTuple):
    """What a command shows: lines at the top, sections, and lines at the end."""

    head: Sequence[Line]
    sections: Sequence[Section] = ()
    foot: Sequence[Line] = ()

    def plain(self) -> str:
        """Return the page as text: nothing is cut or wrapped."""
        parts = ["\n".join(map(bare, self.head))]
        for section in self.sections:
            body = _plain(section.body)
            if not section.title:
                parts.append(body)
            else:
                parts.append(f"{section.title}\n{body}" if body else section.title)
        parts.append("\n".join(map(bare, self.foot)))
        return "\n\n".join(part for part in parts if part)


def bare(line: Line) -> str:
    """Return the text of a line."""
    return "".join(span if isinstance(span, str) else span[0] for span in line)


def _plain(body: Body) -> str:
    if isinstance(body, Lines):
        return "\n".join(bare(line) for line in body.lines) or body.empty
    if isinstance(body, Bars):
        rows = [(bar.label, percent(bar.share), bar.word, bar.note) for bar in body.rows]
        return "\n".join(aligned(rows)) or body.empty
    if isinstance(body, Kanban):
        return "\n\n".join(_plain_column(column, body.cells) for column in body.columns)
    return plain(body.data if isinstance(body, Chart) else body)


def _plain_column(column: Column, names: tuple[str, ...]) -> str:
    table = Table(names, [card.cells for card in column.cards], "")
    more = [f"and {column.more:,} more"] if column.more else []
    return "\n".join([f"{column.name} {column.fill}", *([plain(table)] if column.cards else []), *more])


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows of cells as lines, the cells of a column below each other."""
    if not rows:
        return []
    wides = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, wides, strict=True)).rstrip()
        for row in rows
    ]


def clean(value: Any) -> str:
    """Return a text on one line; control and direction characters are shown, as `\\x1b`, not obeyed."""
    text = str(value)
    return text if text.isprintable() else re.sub(_CONTROL, _shown, text)


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    return " " if found[0] in _BREAKS else f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def percent(share: float | None) -> str:
    """Return a share as a whole percentage, or a dash."""
    return "-" if share is None else f"{share * 100:.0f} %"


def number(value: float | None, unit: str = "") -> str:
    """Return a number without needless places, or a dash."""
    return "-" if value is None else f"{value:g}{unit}"


def amount(value: float | None, one: str) -> str:
    """Return a number, as `number` does, with its noun: `1 point` and `2.5 points`."""
    return f"{number(value)} {noun(value, one)}"


def remaining(points: float | None) -> str:
    """Say how many points remain, as `8 points remain`."""
    return f"{amount(points, 'point')} {verb(points, 'remains', 'remain')}"


def mean(value: float) -> str:
    """Return a mean of points to one place."""
    return f"{round(value, 1):g}"


def age(hours: float | None, *, short: bool = False) -> str:
    """Return a length of time in its two largest units, as `1d 4h`; in the largest alone when `short`."""
    if hours is None:
        return "-"
    minutes = int(hours * 60)
    days, rest = divmod(minutes, 1440)
    parts = [(days, "d"), (rest // 60, "h"), (rest % 60, "m")]
    first = next((place for place, (count, _) in enumerate(parts) if count), 2)
    return " ".join(f"{count}{unit}" for count, unit in parts[first : first + (1 if short else 2)])
