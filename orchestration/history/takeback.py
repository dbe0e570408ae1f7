"""Taking back what a commit did, value by value, in files that may have gone on since.

A value that is still what the commit made it becomes what it was before. A value that already is what
it was before is left alone. Anything else was touched by a later change: it is a conflict, and changes
only by force. Files that the commit made or removed are treated as one value.
"""

from typing import Any

from orchestration import codec, diff, paths
from orchestration.errors import InvalidData, Refused
from orchestration.history import changes
from orchestration.paths import MISSING
from orchestration.store import layout, trees
from orchestration.store.commits import Commit
from orchestration.store.transaction import Transaction

Edit = tuple[str, bytes | None, bytes | None]
"""A file, its content before the commit and after it; None for no file."""


def files(tx: Transaction, parent: Commit, commit: Commit) -> list[Edit]:
    """Return what a commit changed; Refused when that is more than ordinary files."""
    found = []
    for path, old, new in trees.differences(tx.read_tree, parent.tree, commit.tree):
        if not all(entry is None or entry.is_file for entry in (old, new)):
            raise Refused(f"{path} is not an ordinary file", hint="take it back with git itself")
        before, after = (tx.objects.read(one.oid, b"blob") if one else None for one in (old, new))
        found.append((path, before, after))
    return found


def take_back(tx: Transaction, edits: list[Edit], *, force: bool) -> list[str]:
    """Take back edits in a transaction; returns the repository paths that later changes touched.

    Those are left as they are, unless `force` puts their old values back too.
    """
    conflicts: list[str] = []
    for file, before, after in edits:
        tx.adopt(file)
        present = tx.content(file)
        if present == before:
            continue
        if present == after:
            tx.put(file, before)  # byte for byte, so that what was undone leaves no trace
            continue
        inside = None
        if before is not None and after is not None and present is not None:
            inside = _inside(file, before, after, present, force=force)
        if inside is not None:
            content, touched = inside
            tx.put(file, content)
            conflicts += touched
            continue
        conflicts.append(changes.place(file))
        if force:
            tx.put(file, before)
    return conflicts


def _inside(
    file: str, before: bytes, after: bytes, present: bytes, *, force: bool
) -> tuple[bytes, list[str]] | None:
    """Return a record with the old values back, and its conflicts; None when its values are not to be told."""
    key = layout.key_of(file)
    if key is None:
        return None
    try:
        old, new, now = (changes.record(file, content) for content in (before, after, present))
    except InvalidData:
        return None
    todo, touched = _compared(diff.diff(old, new), now)
    try:
        result = diff.apply(now, diff.inverted(todo))
    except Refused:
        return None  # what held the values is something else now
    for change in touched if force else ():
        result = _forced(result, change, old)
    content = present if diff.same(result, now) else codec.dump(result)
    return content, [paths.format((*key, *change.path)) for change in touched]


def _compared(made: list[diff.Change], now: Any) -> tuple[list[diff.Change], list[diff.Change]]:
    """Return the changes that still stand, and those that something later touched."""
    todo, touched = [], []
    for change in made:
        value = changes.at(now, change.path)
        if change.new is MISSING and changes.at(now, change.path[:-1]) is MISSING:
            touched.append(change)  # what it was removed from is gone
        elif diff.same(value, change.new):
            todo.append(change)
        elif not diff.same(value, change.old):
            touched.append(change)
    return todo, touched


def _forced(document: Any, change: diff.Change, old: Any) -> Any:
    """Return the document with the value of before a change, made to fit where its place is gone."""
    if change.old is MISSING:
        paths.delete(document, change.path)
        return document
    for length in range(len(change.path), 0, -1):
        path = change.path[:length]
        try:
            return paths.set_value(document, path, paths.get(old, path))
        except Refused:
            continue
    return old
