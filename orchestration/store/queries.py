"""What the derived index tells of commits, and the conditions under which it looks for them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from orchestration.store import database

EVENT = "oid, at || 'Z', author, op, session, project, task, reason, severity, data, subject, retired"
"""The columns of an `Event`, in its order."""

Values = tuple[str | int, ...]
Ask = Callable[..., list[tuple[int]]]
"""Runs a query with its values."""

_FEW = 2000
"""Files that are touched more often are looked for commit by commit, from the newest."""


class Event(NamedTuple):
    """A commit, as an event; `data` is the text of its `Data:` trailer, one line of JSON."""

    oid: str
    at: str
    author: str
    op: str | None
    session: str | None
    project: str | None
    task: str | None
    reason: str | None
    severity: str | None
    data: str | None
    subject: str
    retired: tuple[str, ...]


class Touch(NamedTuple):
    """A commit that made a file as it was: with content `blob`, or removed it."""

    event: Event
    parent: str | None
    blob: str | None


def event_of(row: Sequence[Any]) -> Event:
    """Return an event from a row of its columns."""
    *facts, retired = row
    return Event._make((*facts, tuple((retired or "").split())))


def where(
    ask: Ask, *, session: str | None = None, project: str | None = None, task: str | None = None,
    op: str | None = None, author: str | None = None, severity: str | None = None,
    since: datetime | None = None, until: datetime | None = None, after: str | None = None,
    paths: Iterable[str] = (), or_named: tuple[str, str] | None = None,
    changing: bool | None = None,
) -> tuple[str, Values]:  # fmt: skip
    """Return the condition on `commits`, and its values, for commits that fit all that is given.

    `paths` are files and folders, one of which they touched; with `or_named`, such as ("task", "TASK-1"),
    it is enough that they name that. `after` is a commit that came before them; `changing` says whether they touched a
    file at all.
    """
    tests: list[tuple[str, Values]] = []
    columns = {"session": session, "project": project, "task": task, "op": op, "author": author}
    tests += [(f"{name} = ?", (value,)) for name, value in columns.items() if value is not None]
    if severity is not None:
        tests.append(("COALESCE(severity, 'info') = ?", (severity,)))
    if since is not None:
        tests.append(("at >= ?", (database.sortable(since),)))
    if until is not None:
        tests.append(("at < ?", (database.sortable(until),)))
    if after is not None:
        tests.append(("seq > (SELECT seq FROM commits WHERE oid = ?)", (after,)))
    if changing is not None:
        touches = "EXISTS (SELECT 1 FROM touched WHERE touched.seq = commits.seq)"
        tests.append((touches if changing else f"NOT {touches}", ()))
    given = list(paths)
    if given:
        tests.append(_touching(ask, given, or_named))
    return " AND ".join(test for test, _ in tests) or "TRUE", tuple(v for _, vs in tests for v in vs)


def _touching(ask: Ask, paths: list[str], or_named: tuple[str, str] | None) -> tuple[str, Values]:
    inside = " OR ".join(["path = ? OR path >= ? AND path < ?"] * len(paths))
    values: Values = tuple(value for path in paths for value in (path, *database.below(path)))
    found = ask(f"SELECT COUNT(*) FROM (SELECT 1 FROM touched WHERE {inside} LIMIT {_FEW})", *values)
    if found[0][0] < _FEW:
        test = f"seq IN (SELECT seq FROM touched WHERE {inside})"
    else:
        test = f"EXISTS (SELECT 1 FROM touched WHERE touched.seq = commits.seq AND ({inside}))"
    if or_named is None:
        return test, values
    column, name = or_named
    assert column in ("session", "task"), "it becomes part of the query"
    return f"({test} OR {column} = ?)", (*values, name)
