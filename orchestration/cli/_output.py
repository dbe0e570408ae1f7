"""Text on the two streams: results on stdout, everything else on stderr."""

import json
import os
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import click

_WORTH_TELLING = 2000
_PATIENCE, _OFTEN = 0.3, 0.1
"""Seconds before progress is told at all, and between two times that it is."""
_drawn: list[str] = []
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"


def as_json(value: Any) -> str:
    """Return JSON indented by two."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def as_value(value: Any) -> str:
    """Return a value as `get` prints it: text bare, everything else as JSON."""
    return value if isinstance(value, str) else as_json(value)


def put(text: str) -> None:
    """Print a result as it is; by itself click takes ANSI sequences out of what a pipe gets."""
    click.echo(text, color=True)


def error(message: str, hint: str | None, *, code: str, as_json: bool, remarks: list[str]) -> None:
    """Print a failure to stderr: at most two lines, or one JSON object that holds the remarks as well."""
    if as_json:
        body: dict[str, Any] = {"error": {"code": code, "message": message, "hint": hint}}
        if remarks:
            body["remarks"] = remarks
        click.echo(json.dumps(body, ensure_ascii=False), err=True)
        return
    click.echo(f"Error: {visible(message)}", err=True)
    if hint:
        click.echo(f"Hint: {visible(hint)}", err=True)


def visible(text: str) -> str:
    """Return `text` on one line, with control characters shown instead of obeyed."""
    return re.sub(
        _CONTROL, lambda found: f"\\x{ord(found[0]):02x}", text.replace("\n", " ").replace("\t", " ")
    )


def progress(what: str) -> Callable[[int, int], None] | None:
    """Return a reporter of (done, total) on stderr, or None when nobody watches.

    What takes less than a moment, or is not much, is not told. The line goes when all is done.
    """
    if watched() is None:
        return None
    begun = time.monotonic()
    told = begun + _PATIENCE - _OFTEN
    counting = True

    def report(done: int, total: int) -> None:
        nonlocal begun, told, counting
        now = time.monotonic()
        if counting and done:
            begun, counting = now, False  # the time of counting says nothing about what is left
        if done >= total:
            clear()
        elif total >= _WORTH_TELLING and now - told >= _OFTEN:
            import shutil

            from orchestration.views import progress as views

            told = now
            columns = shutil.get_terminal_size().columns - 1
            line = views.line(what, done, total, now - begun, columns, sys.stderr.encoding)
            sys.stderr.write(f"\r{line}\x1b[0m\x1b[K")
            sys.stderr.flush()
            _drawn.append(what)

    return report


def watched() -> Callable[[str], Callable[[int, int], None] | None] | None:
    """Return `progress`, or None when nobody watches, or the terminal cannot draw in one line."""
    if sys.stderr is None or os.environ.get("TERM", "dumb") == "dumb":
        return None
    return progress if sys.stderr.isatty() else None


def clear() -> None:
    """Take a line of progress away that stands on the terminal."""
    if _drawn:
        _drawn.clear()
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
