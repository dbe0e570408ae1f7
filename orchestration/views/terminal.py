"""Tables at a terminal, drawn with rich: cut to the width, coloured where the word says it too."""

import sys

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from orchestration.views.tables import Details, Table, prefixes, width
from orchestration.views.theme import STYLES

_NARROWEST = 8


def show(table: Table | Details) -> None:
    """Draw a table on stdout."""
    console = Console(file=sys.stdout, markup=False, emoji=False, highlight=False)
    console.print(drawn(table, console.width), soft_wrap=isinstance(table, Details))


def drawn(table: Table | Details, columns: int) -> RichTable | Text:
    """Return the renderable of a table for a terminal of so many columns."""
    if isinstance(table, Details):
        text = Text()
        wide = max((width(name) for name, _ in table.rows), default=0)
        for name, shown in table.rows:
            text.append(f"{name}:{' ' * (wide - width(name))} ", style="dim")
            text.append(f"{shown}\n", style=STYLES.get(shown, ""))
        text.append("\n".join(table.lines))
        text.rstrip()
        return text
    if not table.rows:
        return Text(table.empty)
    rows = table.rows
    needed = sum(max(width(row[n]) for row in [table.columns, *rows]) + 2 for n in range(len(table.columns)))
    if needed > columns and table.ids:
        short = prefixes([row[0] for row in rows])
        rows = [(short[row[0]], *row[1:]) for row in rows]
    wides = [max(width(row[n]) for row in [table.columns, *rows]) for n in range(len(table.columns))]
    grid = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name, wide in zip(table.columns, _fitted(wides, columns), strict=True):
        grid.add_column(name, no_wrap=True, overflow="ellipsis", width=wide)
    for row in rows:
        grid.add_row(*[Text(cell, style=STYLES.get(cell, "")) for cell in row])
    return grid


def _fitted(wides: list[int], columns: int) -> list[int]:
    """Return the widths that fit into so many columns: the last column gives way first, the first never."""
    fitted = list(wides)
    over = sum(fitted) + 2 * (len(fitted) - 1) - columns
    for number in [len(fitted) - 1, *range(len(fitted) - 2, 0, -1)]:
        given = max(0, min(over, fitted[number] - _NARROWEST))
        fitted[number] -= given
        over -= given
    return fitted
