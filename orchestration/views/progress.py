"""How far something long has come, as one line."""

import io

from rich.console import Console
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

_BAR = 30


def line(what: str, done: int, total: int, seconds: float, columns: int, encoding: str = "utf-8") -> str:
    """Return a line of at most so many columns: what goes on, a bar, the numbers, and the time it still takes.

    While nothing is done yet `total` is what was found so far, and there is no bar. Colours are those of a
    terminal, unless the user wants none.
    """
    written = io.BytesIO()
    console = Console(
        file=io.TextIOWrapper(written, encoding, "replace"), width=columns, force_terminal=True,
        markup=False, emoji=False, highlight=False,
    )  # fmt: skip
    row: list[Text | ProgressBar] = [Text(what, no_wrap=True)]
    if done:
        left = seconds * (total - done) / done
        row.append(ProgressBar(total, done, width=max(5, min(_BAR, columns - len(what) - 40))))
        row.append(Text(f"{done / total:.0%}  {done:,} of {total:,}  {_length(left)} left", no_wrap=True))
    else:
        row.append(Text(f"{total:,} found", no_wrap=True))
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row(*row)
    console.print(grid, end="", no_wrap=True, crop=True)
    console.file.flush()
    return written.getvalue().decode(encoding).partition("\n")[0]


def _length(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m {rest:02d}s" if minutes else f"{rest}s"
