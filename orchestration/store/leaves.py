"""Chosen values of every version that files ever had, out of the derived index.

Whoever computes from history needs a few values of each version, not the whole record. A version's
content never changes under its id, so the values are read once and kept beside the index, as JSON in
table `leaves`, and may be lost at any time.
"""

import contextlib
import json
import sqlite3
from collections.abc import Sequence
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


def versions(index: "Index", folders: Sequence[str], names: Sequence[str]) -> list[Version]:
    """Return all versions of the files below `folders`, oldest first, with the top-level values `names`."""
    inside = " OR ".join(["path >= ? AND path < ?"] * len(folders))
    chosen = ",".join(names)
    rows = index.rows(
        "SELECT path, oid, at, op, touched.blob, json FROM touched JOIN commits USING (seq)"
        f" LEFT JOIN leaves ON leaves.names = ? AND leaves.blob = touched.blob WHERE {inside}"
        " ORDER BY time, seq",
        chosen, *(border for folder in folders for border in database.below(folder)),
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
