"""How far something long has come, as one line."""

import io

from rich.console import Console
from rich.progress_bar import ProgressBar

_BAR, _SHORTEST = 30, 5


def line(what: str, done: int, total: int, seconds: float, columns: int, encoding: str = "utf-8") -> str:
    """Return a line of at most so many columns: what goes on, a bar, the numbers, and the time it still takes.

    While nothing is done yet `total` is what was found so far, and there is no bar. Colours are those of a
    terminal, unless the user wants none.
    """
    if not done:
        return f"{what} {total:,} found"[:columns]
    left = seconds * (total - done) / done
    tail = f" {done / total:.0%}  {done:,} of {total:,}  {_length(left)} left"
    room = columns - len(what) - 1 - len(tail)
    if room < _SHORTEST:
        return f"{what}{tail}"[:columns]
    return f"{what} {_bar(done, total, min(_BAR, room), encoding)}{tail}"


def _bar(done: int, total: int, width: int, encoding: str) -> str:
    written = io.BytesIO()
    console = Console(file=io.TextIOWrapper(written, encoding, "replace"), width=width, force_terminal=True)
    console.print(ProgressBar(total, done, width=width), end="")
    console.file.flush()
    return written.getvalue().decode(encoding)


def _length(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes:02d}m"
    return f"{minutes}m {rest:02d}s" if minutes else f"{rest}s"
