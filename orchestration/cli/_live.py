"""Following: what a command shows, drawn again whenever the state changes.

A frame is what the command prints once, so that any command that shows something can be followed. It is
drawn again at a new commit, and at an interval for the sake of the clocks in it; the interval is longer
where drawing is dear, so that an idle follower stays below 1 % of a processor.
"""

import io
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout

import click

from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.cli._screen import Lines, Screen, stopping
from orchestration.errors import BadUsage, OrchestrationError
from orchestration.store.watching import Watch

INTERVAL = 5.0
_PAUSE = 0.25
"""The fewest seconds between two frames, however fast others write."""
_SHARE = 0.01
"""The part of a processor that redrawing for the clocks may take."""
_OF_A_MOMENT = ("now", "at", "then", "snapshot", "index", "newest_index")


def follow(app: App, draw: Callable[[], None], interval: float = INTERVAL) -> None:
    """Call `draw`, which prints a frame, at every change and every `interval` seconds, until Ctrl-C.

    Where stdout is no terminal, or JSON is asked for, it is called once. An error of the first call is
    raised; one of a later call is shown, and following goes on. BadUsage together with --at.
    """
    if app.at_option is not None:
        raise BadUsage("what is followed is the present", hint="leave out --at or --follow")
    if app.json or not app.at_terminal:
        draw()
        return
    watch = Watch(app.store.git_dir)
    place, first = watch.place, True
    screen = Lines() if app.env.get("TERM", "") in ("", "dumb") else Screen()
    app.rows = screen.rows
    lines, _ = _frame(draw, first=True)
    cost = 0.0  # the first frame is dear, for it imports what it draws with
    with stopping(), screen:
        while True:
            if not first:
                lines, cost = _frame(draw, gone=watch.place is None)
            first = False
            screen.paint(lines, _footer(app, interval))
            if screen.wait(watch.changed, pause=max(_PAUSE, 2 * cost), timeout=max(interval, cost / _SHARE)):
                return
            if watch.place != place:
                place = watch.place
                app.__dict__.pop("store", None)  # another one in its place: nothing read of the old one holds
            refresh(app)
            app.rows = screen.rows


def _footer(app: App, interval: float) -> str:
    return f"{app.at}  q or Ctrl-C ends  drawn at every change, ages every {interval:g} s"


def refresh(app: App) -> None:
    """Let the next read of a command that goes on see the newest state, at the present time."""
    for name in _OF_A_MOMENT:
        app.__dict__.pop(name, None)


def _frame(draw: Callable[[], None], *, first: bool = False, gone: bool = False) -> tuple[list[str], float]:
    """Return the lines that `draw` prints, remarks last, and the seconds of processor that it took."""
    begun = time.process_time()
    shown, remarks = _Frame(sys.stdout.encoding), _Frame(sys.stderr.encoding, terminal=False)
    try:
        with redirect_stdout(shown), redirect_stderr(remarks):
            if gone:
                click.echo("The store is not there at the moment; waiting for it.")
            else:
                draw()
    except (OrchestrationError, OSError) as error:
        if first:
            raise
        message = error.message if isinstance(error, OrchestrationError) else str(error)
        return [_output.visible(f"Error: {message}")], time.process_time() - begun
    return [*shown.lines(), *remarks.lines()], time.process_time() - begun


class _Frame(io.TextIOWrapper):
    """Stands in for a stream while a frame is drawn: a terminal to those who ask."""

    def __init__(self, encoding: str, *, terminal: bool = True) -> None:
        self._bytes = io.BytesIO()
        self._terminal = terminal
        super().__init__(self._bytes, encoding=encoding, errors="replace")

    def isatty(self) -> bool:
        return self._terminal

    def lines(self) -> list[str]:
        """Return what was written."""
        self.flush()
        return self._bytes.getvalue().decode(self.encoding, "replace").removesuffix("\n").split("\n")
