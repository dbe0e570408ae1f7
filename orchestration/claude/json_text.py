"""Small changes to JSON that a person wrote: what is not changed keeps every blank it has.

Each function takes the text of a file and returns the new one. A path is a sequence of names and numbers.
What `drop` takes out is what `put` and `append` put in, to the byte.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from orchestration.errors import InvalidData

Path = Sequence[str | int]
_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\r\n]*")
_INDENT = re.compile(r"\n([ \t]+)\"")


class Span(NamedTuple):
    """A value in the text; `parts` are the values in it with where each begins, for a member its name."""

    start: int
    end: int
    parts: dict[str | int, tuple[int, "Span"]]


def load(text: str, name: str) -> dict[str, Any]:
    """Return the object that a file holds; InvalidData, with the place, for anything else."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise InvalidData(f"{name} names something twice in one object", hint="keep one of them")
        return found

    try:
        data = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise InvalidData(
            f"{name} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}",
            hint="mend it first; nothing was changed",
        ) from None
    if not isinstance(data, dict):
        raise InvalidData(f"{name} is not an object", hint="mend it first; nothing was changed")
    return data


def put(text: str, path: Path, value: Any) -> str:
    """Add a member, or give it another value."""
    *above, name = path
    span = _at(text, above)
    if name in span.parts:
        old = span.parts[name][1]
        return text[: old.start] + _shown(text, value, len(path)) + text[old.end :]
    return _insert(text, span, len(above), f"{json.dumps(name, ensure_ascii=False)}: ", value)


def append(text: str, path: Path, value: Any) -> str:
    """Add an element at the end of a list."""
    return _insert(text, _at(text, path), len(path), "", value)


def drop(text: str, path: Path) -> str:
    """Take out a member or an element."""
    *above, name = path
    span = _at(text, above)
    names = list(span.parts)
    place = names.index(name)
    start, value = span.parts[name]
    if len(names) == 1:
        return text[: span.start + 1] + text[span.end - 1 :]
    if place:
        return text[: span.parts[names[place - 1]][1].end] + text[value.end :]
    return text[:start] + text[span.parts[names[1]][0] :]


def _insert(text: str, span: Span, depth: int, prefix: str, value: Any) -> str:
    line = _newline(text) + _unit(text) * (depth + 1)
    shown = prefix + _shown(text, value, depth + 1)
    if not span.parts:
        end = _newline(text) + _unit(text) * depth
        return f"{text[: span.start + 1]}{line}{shown}{end}{text[span.end - 1 :]}"
    last = list(span.parts.values())[-1][1].end
    return f"{text[:last]},{line}{shown}{text[last:]}"


def _shown(text: str, value: Any, depth: int) -> str:
    lines = json.dumps(value, indent=_unit(text), ensure_ascii=False).split("\n")
    return (_newline(text) + _unit(text) * depth).join(lines)


def _unit(text: str) -> str:
    found = _INDENT.search(text)
    return found[1] if found else "  "


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _at(text: str, path: Path) -> Span:
    span = _span(text, _skip(text, 0))
    for name in path:
        span = span.parts[name][1]
    return span


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    assert found is not None, "it matches nothing too"
    return found.end()


def _span(text: str, start: int) -> Span:
    """Return the value at a place of a text that is known to be JSON."""
    if text[start] not in "{[":
        return Span(start, _DECODER.raw_decode(text, start)[1], {})
    parts: dict[str | int, tuple[int, Span]] = {}
    at = _skip(text, start + 1)
    while text[at] not in "}]":
        begin, name = at, len(parts)
        key: str | int = name
        if text[start] == "{":
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value = _span(text, at)
        parts[key] = begin, value
        at = _skip(text, value.end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return Span(start, at + 1, parts)
