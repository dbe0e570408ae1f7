"""Chosen values of every version that files ever had, out of the derived index.

Whoever computes from history needs a few values of each version, not the whole record. A version's
content never changes under its id, so the values are read once and kept beside the index, as JSON in
table `leaves`, and may be lost at any time.
"""

import contextlib
import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.errors import InvalidData
from orchestration.store import database
from orchestration.store.catchup import EVERY, Progress

if TYPE_CHECKING:
    from orchestration.store.documents import Documents
    from orchestration.store.index import Index


class Version(NamedTuple):
    """A file as one commit made it."""

    path: str
    commit: str
    at: str
    """When the commit says it happened (ISO 8601, UTC, without the Z)."""
    op: str | None
    blob: str | None
    """None where the commit removed the file."""
    values: list[Any] | None
    """The chosen values, null for those that are missing; None for no file or one that does not parse."""


def versions(
    index: "Index", folders: Sequence[str], names: Sequence[str], *, paths: Collection[str] | None = None
) -> list[Version]:
    """Return all versions of the files below `folders`, oldest first, with the top-level values `names`.

    With `paths` only of those among them that are named there.
    """
    inside = " OR ".join(["path >= ? AND path < ?"] * len(folders))
    values: list[str] = [border for folder in folders for border in database.below(folder)]
    if paths is not None:
        inside, values = "path IN (SELECT value FROM json_each(?))", [json.dumps(list(paths))]
    chosen = ",".join(names)
    rows = index.rows(
        "SELECT path, oid, at, op, touched.blob, json FROM touched JOIN commits USING (seq)"
        f" LEFT JOIN leaves ON leaves.names = ? AND leaves.blob = touched.blob WHERE {inside}"
        " ORDER BY time, seq",
        chosen, *values,
    )  # fmt: skip
    missing = {blob: path for path, _, _, _, blob, text in rows if blob and text is None}
    fresh = _read(index.store.documents, missing, names, index.progress)
    if fresh:
        _keep(index, chosen, fresh)
    texts = [(fresh[row[4]] if row[5] is None else row[5]) if row[4] else "null" for row in rows]
    return [
        Version(path, oid, at, op, blob, found)
        for (path, oid, at, op, blob, _), found in zip(rows, json.loads(f"[{','.join(texts)}]"), strict=True)
    ]


def changed_since(index: "Index", folders: Sequence[str], since: str) -> set[str]:
    """Return the files below `folders` that a commit changed at a time, as `Version.at` has it, or later."""
    inside = " OR ".join(["+path >= ? AND +path < ?"] * len(folders))
    # the plus keeps SQLite from going through all that ever happened to those files
    rows = index.rows(
        f"SELECT DISTINCT path FROM touched WHERE seq >= (SELECT MIN(seq) FROM commits WHERE at >= ?) AND ({inside})",
        since, *(border for folder in folders for border in database.below(folder)),
    )  # fmt: skip
    return {path for (path,) in rows}


def _read(
    documents: "Documents", blobs: dict[str, str], names: Sequence[str], progress: Progress | None
) -> dict[str, str]:
    """Return the chosen values of blobs, whose files are given for messages, as JSON."""
    found = {}
    for number, (blob, path) in enumerate(blobs.items()):
        if progress and number % EVERY == 0:
            progress(number, len(blobs))
        try:
            data = documents.peek(blob, path)
        except InvalidData:
            data = None  # a hand-edited file with a mistake: somebody was told when it was read
        chosen = [data.get(name) for name in names] if isinstance(data, dict) else None
        found[blob] = json.dumps(chosen)
    if progress and blobs:
        progress(len(blobs), len(blobs))
    return found


def _keep(index: "Index", chosen: str, fresh: dict[str, str]) -> None:
    # somebody else may be writing for long: then it is kept another day
    with contextlib.suppress(sqlite3.DatabaseError):
        index.keep("INSERT OR IGNORE INTO leaves VALUES (?, ?, ?)", [(chosen, *row) for row in fresh.items()])
