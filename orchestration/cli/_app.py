"""What every command line stands on: the App it gets, a workplace that talks to a terminal.

One seam is lazy on purpose, because a command line call pays for its imports: `App.emit` loads rich
only for a table at a terminal.
"""

import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

import click

from orchestration.cli import _output
from orchestration.surroundings import LEVELS
from orchestration.workplace import Workplace


class App(Workplace):
    """A workplace with the streams of a command line."""

    def __init__(self) -> None:
        super().__init__(os.environ)
        self.json = False
        self.remarks: list[str] = []
        self.rows: int | None = None
        """The lines of a screen to be filled, while something is followed."""
        self.at_terminal = sys.stdout is not None and sys.stdout.isatty()  # None: closed by the caller

    def log(self, level: str, text: str) -> None:
        """Write a remark to stderr if the log level asks for it.

        With JSON asked for, warnings wait: should the command fail, stderr is one JSON object.
        """
        if LEVELS.index(level) >= self.level:
            line = f"{level.lower()}: {_output.visible(text)}"
            if self.json and not self.debug:
                self.remarks.append(line)
            else:
                click.echo(line, err=True)

    def told(self, commit: str) -> None:
        """Tell on stderr which commit was made."""
        click.echo(f"commit {commit[:12]}", err=True)

    def progress(self, what: str) -> Callable[[int, int], None] | None:
        """Return a reporter of (done, total) on stderr, or None when nobody watches."""
        return _output.progress(what)

    def emit(self, value: Any, *, view: str | None = None, **facts: Any) -> None:
        """Print a result: JSON when asked for, else through the named view.

        It is a function of `views/tables.py`, or, as `module.function`, of another module there.
        """
        if self.json or view is None:
            click.echo(_output.as_json(value))
            return
        from orchestration.views import tables

        module, _, name = view.rpartition(".")
        views = importlib.import_module(f"orchestration.views.{module}") if module else tables
        table = getattr(views, name)(value, **facts)
        if self.at_terminal:
            from orchestration.views import terminal

            terminal.show(table, height=self.rows)
        else:
            click.echo(tables.plain(table))

    def say(self, text: str) -> None:
        """Print a confirmation: on stdout at a terminal, else on stderr."""
        click.echo(_output.visible(text), err=not self.at_terminal)
