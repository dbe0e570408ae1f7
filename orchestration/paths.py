"""Names of places inside a document: `sprint.tasks.TASK-1`, `items[0]`, `config["a.b"]`.

A path is a tuple of keys. A number after a dot is text (`a.0` is `("a", "0")`), since it may be the key of a
mapping; a number in brackets is an int. Both find an item of a list and a member of a mapping, so the two
spellings read the same value.
"""

import json
import re
from typing import Any

from orchestration.errors import BadUsage, NotFound, Refused

Path = tuple[str | int, ...]

MISSING: Any = object()
"""What `child` returns when there is nothing; None is a value."""

_NAME = re.compile(r"""[^\s.\[\]"']+""")
_INDEX = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_QUOTED = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_NEEDS_NO_QUOTES = re.compile(r"\w[\w-]*\Z")
_KEYS_SHOWN = 5


class MissingPath(NotFound):
    """Nothing stands at a path; `found` is the part of it that exists, `keys` what to try after that."""

    def __init__(self, path: Path, found: Path, keys: list[str], hint: str | None) -> None:
        super().__init__(f"no value at '{format(path)}'", hint)
        self.path = path
        self.found = found
        self.keys = keys


def parse(text: str) -> Path:
    """Read a path in dot notation; raise BadUsage naming the column of what does not fit."""
    if text.startswith("$"):
        raise _malformed(
            text, "a name", 0, hint='what begins with $ is JSONPath; write such a key as ["$..."]'
        )
    path: list[str | int] = []
    at = 0
    while at < len(text):
        key: str | int
        if text[at] == "[":
            key, at = _bracket(text, at + 1)
        else:
            if path:
                if text[at] != ".":
                    raise _malformed(text, "'.' or '['", at)
                at += 1
            key, at = _name(text, at)
        path.append(key)
    return tuple(path)


def format(path: Path) -> str:  # noqa: A001 - read as paths.format, beside paths.parse
    """Return the printed form of a path: names after dots, indexes and odd keys in brackets."""
    printed = ""
    for key in path:
        if isinstance(key, int):
            printed += f"[{key}]"
        elif not _NEEDS_NO_QUOTES.match(key):
            printed += f"[{json.dumps(key, ensure_ascii=False)}]"
        else:
            printed += f".{key}" if printed else key
    return printed


def child(value: Any, key: str | int) -> Any:
    """Return what `key` names in a mapping or list, or MISSING."""
    if isinstance(value, dict):
        return value.get(str(key), MISSING)
    if isinstance(value, list):
        index = _position(value, key)
        return MISSING if index is None else value[index]
    return MISSING


def get(data: Any, path: Path) -> Any:
    """Return the value at `path`; raise MissingPath when there is none."""
    value = data
    for depth, key in enumerate(path):
        inner = child(value, key)
        if inner is MISSING:
            raise _missing(value, path, depth)
        value = inner
    return value


def set_value(data: Any, path: Path, value: Any) -> Any:
    """Put `value` at `path`, changing `data` in place, and return the document (`value` for the empty path).

    Absent parents become mappings. A list takes an index it has, or its length to append. Raises Refused,
    with `data` unchanged, when a parent is a scalar or a list has no such index.
    """
    if not path:
        return value
    parent = data
    for depth, key in enumerate(path[:-1]):
        inner = child(parent, key)
        if inner is MISSING:
            inner = {}
            _put(parent, key, inner, path[:depth])
        parent = inner
    _put(parent, path[-1], value, path[:-1])
    return data


def delete(data: Any, path: Path) -> bool:
    """Remove what stands at `path`, changing `data` in place; return False when nothing does."""
    if not path:
        raise Refused("the whole document cannot be deleted", hint="name a path inside it")
    parent = data
    for key in path[:-1]:
        parent = child(parent, key)
    if child(parent, path[-1]) is MISSING:
        return False
    if isinstance(parent, dict):
        del parent[str(path[-1])]
    else:
        del parent[_position(parent, path[-1])]
    return True


def deep_merge(base: Any, change: Any) -> Any:
    """Return `base` with `change` laid over it: mappings member by member, all else replaced, null a value.

    Neither argument is changed; the result shares their inner values.
    """
    if not (isinstance(base, dict) and isinstance(change, dict)):
        return change
    merged = dict(base)
    for key, value in change.items():
        merged[key] = deep_merge(base[key], value) if key in base else value
    return merged


def merge_patch(base: Any, change: Any) -> Any:
    """Return `base` with a JSON Merge Patch applied (RFC 7396, section 2): null deletes the member.

    Neither argument is changed; the result shares their inner values.
    """
    if not isinstance(change, dict):
        return change
    merged = dict(base) if isinstance(base, dict) else {}
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def kind(value: Any) -> str:
    """Name the kind of a JSON value as messages do: 'text', 'a list', 'null'."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (int, float)):
        return "a number"
    return "a list" if isinstance(value, list) else "a mapping"


def _name(text: str, at: int) -> tuple[str, int]:
    if text[at : at + 1] in ("'", '"'):
        return _quoted(text, at)
    match = _NAME.match(text, at)
    if match is None:
        raise _malformed(text, "a name", at)
    return match[0], match.end()


def _bracket(text: str, at: int) -> tuple[str | int, int]:
    key: str | int
    if text[at : at + 1] in ("'", '"'):
        key, at = _quoted(text, at)
    else:
        match = _INDEX.match(text, at)
        if match is None:
            raise _malformed(text, "an index or a quoted key", at)
        key, at = int(match[0]), match.end()
    if text[at : at + 1] != "]":
        raise _malformed(text, "']'", at)
    return key, at + 1


def _quoted(text: str, at: int) -> tuple[str, int]:
    match = _QUOTED.match(text, at)
    if match is None:
        raise _malformed(text, "a closing quote", len(text))
    if text[at] == "'":
        return match[0][1:-1], match.end()
    try:
        key: str = json.loads(match[0], strict=False)
    except json.JSONDecodeError as error:
        raise _malformed(text, "an escape of JSON", at + error.pos) from None
    return key, match.end()


def _malformed(text: str, expected: str, at: int, hint: str | None = None) -> BadUsage:
    return BadUsage(
        f"bad path {text!r}: expected {expected} at column {at + 1}",
        hint=hint or 'write a path such as sprint.tasks.TASK-1, items[0] or config["a.b"]',
    )


def _position(items: list[Any], key: str | int) -> int | None:
    """Return the index of an existing item, or None; digits count as an index, as `a.0` does."""
    if isinstance(key, str):
        if not (_INDEX.fullmatch(key) and key.isdigit()):
            return None
        key = int(key)
    return key if -len(items) <= key < len(items) else None


def _put(parent: Any, key: str | int, value: Any, where: Path) -> None:
    if isinstance(parent, dict):
        parent[str(key)] = value
        return
    place = f"'{format(where)}'" if where else "the document"
    if not isinstance(parent, list):
        raise Refused(
            f"{place} is {kind(parent)}, not a mapping", hint="set that value first, or name another path"
        )
    index = _position(parent, key)
    if index is not None:
        parent[index] = value
    elif str(key) == str(len(parent)):
        parent.append(value)
    else:
        raise Refused(
            f"{place} is a list of {len(parent)} without the index {key!r}", hint=f"[{len(parent)}] appends"
        )


def _missing(value: Any, path: Path, depth: int) -> MissingPath:
    found = path[:depth]
    if isinstance(value, dict):
        # difflib costs more start-up than the rest of this module; only this error needs it.
        from difflib import get_close_matches

        names = [str(name) for name in value]
        near = get_close_matches(str(path[depth]), names, n=_KEYS_SHOWN)
        keys = near or names[:_KEYS_SHOWN]
        shown = ", ".join(format((name,)) for name in keys) or "none, it is empty"
        return MissingPath(path, found, keys, f"nearest: {shown}" if near else f"keys there: {shown}")
    place = f"'{format(found)}'" if found else "the document"
    if isinstance(value, list):
        keys = [str(index) for index in range(min(len(value), _KEYS_SHOWN))]
        return MissingPath(path, found, keys, f"{place} is a list of {len(value)}")
    return MissingPath(path, found, [], f"{place} is {kind(value)}, not a mapping")
