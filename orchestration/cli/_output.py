"""Text on the two streams: results on stdout, everything else on stderr."""

import json
import re
import sys
from collections.abc import Callable
from typing import Any

import click

_WORTH_TELLING = 2000
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
    """Return a reporter of (done, total) on stderr, or None when nobody watches."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None

    def report(done: int, total: int) -> None:
        if total >= _WORTH_TELLING:
            sys.stderr.write("\r\x1b[K" if done >= total else f"\r{what}: {done}/{total}\x1b[K")
            sys.stderr.flush()

    return report
