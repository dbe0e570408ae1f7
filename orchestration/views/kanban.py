"""A kanban board, drawn: its columns side by side, each card a few lines."""

from collections.abc import Sequence
from itertools import zip_longest

from orchestration.views.cells import Paper, Spans, cut, cut_line, measure, wrap
from orchestration.views.layout import Card, Column, Kanban, Line

_NARROWEST, _WIDEST = 16, 60
_ROOMY = 120
_DETAILED = 28
"""Cards say more in columns of this width."""


def kanban(board: Kanban, paper: Paper) -> list[Spans]:
    """Return a board: its columns side by side, in several rows where they would be too narrow."""
    count = len(board.columns)
    fitting = max(1, (paper.width + 2) // (_NARROWEST + 2))
    rows = -(-count // fitting)
    per_row = -(-count // rows)
    lines: list[Spans] = []
    height = paper.height and max((paper.height - rows + 1) // rows, 4)
    for start in range(0, count, per_row):
        if lines:
            lines.append([])
        lines += _row(board.columns[start : start + per_row], per_row, paper._replace(height=height))
    return lines


def _row(columns: Sequence[Column], places: int, paper: Paper) -> list[Spans]:
    separator = " │ " if paper.width >= _ROOMY else "│ "
    gap = len(separator)
    wide = min(_WIDEST, (paper.width - gap * (places - 1)) // places)
    inside = paper._replace(width=wide)
    stacks = [_stack(column, inside) for column in columns]
    between = (paper.say(separator), "muted")
    lines = []
    for cells in zip_longest(*stacks, fillvalue=[]):
        line: Spans = []
        for number, cell in enumerate(cells):
            if number:
                line.append(between)
            line += cell
            if number < len(cells) - 1:
                line.append((" " * (wide - measure(cell)), ""))
        lines.append(line)
    return lines


def _stack(column: Column, paper: Paper) -> list[Spans]:
    """Return a column from its name down to its last card."""
    head: Line = [(column.name, "column"), " ", (column.fill, column.style)]
    lines = [cut_line(head, paper, paper.width), [(paper.say("─") * paper.width, "muted")]]
    more = column.more
    for number, card in enumerate(column.cards):
        drawn = _card(card, paper)
        rest = len(column.cards) - number - 1 + column.more
        if paper.height is not None and len(lines) + len(drawn) + 2 * bool(rest) > paper.height:
            more = rest + 1
            break
        lines += [*drawn, []]
    if lines[-1] == []:
        lines.pop()
    if more:
        lines += [[], [(cut(paper.say(f"… and {more:,} more"), paper.width, paper), "muted")]]
    return lines


def _card(card: Card, paper: Paper) -> list[Spans]:
    title = wrap(paper.say(card.title), paper.width, paper, most=2)
    extra = card.wide if paper.width >= _DETAILED else ()
    return [
        cut_line(card.head, paper, paper.width),
        *([(line, "")] for line in title),
        *(cut_line(line, paper, paper.width) for line in (*card.lines, *extra)),
    ]
