"""What was computed from all versions of a file, kept beside the derived index until the file changes.

A kind of value has a name. It lies as JSON in table `kept`, with the number of the last commit that touched
the file and with how many commits had been undone by then: when either is another, it is computed anew.
A value that holds by itself what it was computed from is `noted` under a name, one for each.
"""

import contextlib
import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.store import database

if TYPE_CHECKING:
    from orchestration.store.index import Index


class Found(NamedTuple):
    """What is kept of files, None where it has to be computed, as of the commit `tip`."""

    values: dict[str, Any]
    tip: str | None


def find(index: "Index", kind: str, folders: Sequence[str], *, paths: Collection[str] | None = None) -> Found:
    """Return what is kept, by path, of all files that ever were below `folders`.

    With `paths` only of those among them that are named there.
    """
    inside = " OR ".join(["path >= ? AND path < ?"] * len(folders))
    names: list[str] = [border for folder in folders for border in database.below(folder)]
    if paths is not None:
        inside, names = "path IN (SELECT value FROM json_each(?))", [json.dumps(list(paths))]
    tip = index.rows("SELECT tip FROM state")[0][0]
    rows = index.rows(
        f"WITH last AS (SELECT path, MAX(seq) AS seq FROM touched WHERE {inside} GROUP BY path)"
        " SELECT last.path, json FROM last LEFT JOIN kept ON kept.kind = ? AND kept.path = last.path"
        " AND kept.seq = last.seq AND undos = (SELECT COUNT(*) FROM undos)",
        *names, kind if index.of_the_present else "",
    )  # fmt: skip
    texts = {path: text for path, text in rows if text is not None}
    known = dict(zip(texts, json.loads(f"[{','.join(texts.values())}]"), strict=True))
    return Found({path: known.get(path) for path, _ in rows}, tip)


def noted(index: "Index", kind: str, name: str) -> Any:
    """Return what was noted under a name, None for nothing."""
    rows = index.rows("SELECT json FROM kept WHERE kind = ? AND path = ?", kind, name)
    return json.loads(rows[0][0]) if rows else None


def note(index: "Index", kind: str, name: str, value: Any) -> None:
    """Note a value under a name, in the place of what was there; an index of the past notes nothing."""
    if not index.of_the_present:
        return
    with contextlib.suppress(sqlite3.DatabaseError):  # as below
        row = (kind, name, json.dumps(value, separators=(",", ":")))
        index.keep("INSERT OR REPLACE INTO kept VALUES (?, ?, 0, 0, ?)", [row])


def keep(index: "Index", kind: str, values: Mapping[str, Any], *, tip: str | None) -> None:
    """Keep values, by path, that were computed as of the commit `tip`; an index of the past keeps nothing."""
    if not values or not index.of_the_present:
        return
    rows = [(kind, json.dumps(value, separators=(",", ":")), path, tip) for path, value in values.items()]
    # Somebody else may be writing for long, or have moved the index on: then it is kept another day.
    with contextlib.suppress(sqlite3.DatabaseError):
        index.keep(
            "INSERT OR REPLACE INTO kept SELECT ?, path, MAX(seq), (SELECT COUNT(*) FROM undos), ? FROM touched"
            " WHERE path = ? AND EXISTS (SELECT 1 FROM state WHERE tip = ?) GROUP BY path",
            rows,
        )
