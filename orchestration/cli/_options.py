"""Values on a command line that need more than text: JSON of one kind, and where it comes from."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from orchestration.errors import BadUsage, InvalidData

F = TypeVar("F", bound=Callable[..., Any])


def in_range(
    check: Callable[[str], object],
) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """Return the callback of an option whose value `check` takes; BadUsage for another one."""

    def callback(_: click.Context, option: click.Parameter, text: str | None) -> str | None:
        if text is not None:
            try:
                check(text)
            except InvalidData as error:
                raise BadUsage(f"{option.opts[0]}: {error.message}", hint=error.hint) from None
        return text

    return callback


def json_value(text: str, name: str) -> Any:
    """Return the JSON value of a command line text; BadUsage names the option and the place."""

    def refuse(word: str) -> Any:
        raise BadUsage(f"{name} holds {word}, which JSON has not", hint="use null or a number")

    try:
        value = json.loads(text, parse_constant=refuse, object_pairs_hook=_unique)
        if not text.isascii() or "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except UnicodeEncodeError:
        raise BadUsage(f"{name} is not valid Unicode", hint="write it in UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadUsage(
            f"{name} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}",
            hint="put it in single quotes, with its names and texts in double quotes",
        ) from None
    except RecursionError:
        raise BadUsage(f"{name} is nested too deeply") from None


def json_object(text: str | None, name: str) -> dict[str, Any]:
    """Return the JSON object of a command line text, an empty one for None."""
    if text is None:
        return {}
    value = json_value(text, name)
    if not isinstance(value, dict):
        raise BadUsage(f"{name} is not a JSON object", hint='give an object such as {"team": "engineering"}')
    return value


def json_list(text: str | None, name: str) -> list[Any] | None:
    """Return the JSON array of a command line text, None for None."""
    if text is None:
        return None
    value = json_value(text, name)
    if not isinstance(value, list):
        raise BadUsage(f"{name} is not a JSON array", hint='give an array such as ["bandit", "safety"]')
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadUsage(f"the key {twice!r} stands twice in one JSON object", hint="keep one of them")
    return found


def read_text(source: str | None) -> str:
    """Return the content of a file, or of stdin for None or "-"."""
    if source in (None, "-"):
        return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    assert source is not None
    return Path(source).read_text("utf-8", "surrogateescape")


def project_option(function: F) -> F:
    """Add --project."""
    return click.option(
        "--project", metavar="P", help="The project, by default the session's or this folder's."
    )(function)


def session_option(function: F) -> F:
    """Add --session."""
    return click.option("--session", metavar="S", help="The session that acts, by default the current one.")(
        function
    )


def expect_option(function: F) -> F:
    """Add --expect."""
    return click.option(
        "--expect", metavar="REV", help="Refuse (exit 5) if the record has changed since this commit."
    )(function)
