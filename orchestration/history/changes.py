"""What a transaction changes, by path: the rows of a preview and of a report."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from orchestration import codec, paths
from orchestration.diff import diff
from orchestration.errors import InvalidData
from orchestration.paths import MISSING
from orchestration.store import layout

FileChange = tuple[str, bytes | None, bytes | None]
"""A file, its content before and after; None for no file."""


class Change(NamedTuple):
    """One value that differs; `old` and `new` are None where there is none."""

    path: str
    kind: str
    """added, removed or changed."""
    old: Any
    new: Any


def by_path(files: Iterable[FileChange]) -> list[Change]:
    """Return what differs, as repository paths; a file that holds no record is one change of its own."""
    found: list[Change] = []
    for file, before, after in files:
        if before != after:
            found += _of_file(file, before, after)
    return found


def place(file: str) -> str:
    """Return the repository path of a file's record, or the file's name when it holds none."""
    key = layout.key_of(file)
    return paths.format(key) if key else file


def record(file: str, content: bytes | None) -> Any:
    """Return the record a file holds, MISSING when there is no file; InvalidData when it does not parse."""
    return MISSING if content is None else codec.load(content, name=file)


def at(document: Any, path: paths.Path) -> Any:
    """Return the value at a path, MISSING when there is none."""
    for key in path:
        document = paths.child(document, key)
        if document is MISSING:
            break
    return document


def _of_file(file: str, before: bytes | None, after: bytes | None) -> list[Change]:
    kind = "added" if before is None else "removed" if after is None else "changed"
    key = layout.key_of(file)
    if key is None:
        return [Change(file, kind, None, None)]
    try:
        old, new = record(file, before), record(file, after)
    except InvalidData:  # a person committed it; what changed in it cannot be said by path
        return [Change(paths.format(key), kind, None, None)]
    return [
        Change(paths.format((*key, *one.path)), one.kind, _plain(one.old), _plain(one.new))
        for one in diff(old, new)
    ]


def _plain(value: Any) -> Any:
    return None if value is MISSING else value
