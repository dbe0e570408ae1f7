"""Tables at a terminal, drawn with rich: cut to the width, coloured where the word says it too."""

import sys

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from orchestration.views.tables import Details, Table, width
from orchestration.views.theme import STYLES


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
    if needed > columns and table.short:
        rows = [(table.short.get(row[0], row[0]), *row[1:]) for row in rows]
    grid = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, name in enumerate(table.columns):
        last = number == len(table.columns) - 1
        grid.add_column(name, no_wrap=True, overflow="ellipsis", ratio=1 if last else None)
    for row in rows:
        grid.add_row(*[Text(cell, style=STYLES.get(cell, "")) for cell in row])
    return grid
