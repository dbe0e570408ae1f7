"""The derived index: what history knows about records and sessions, without walking it.

A reader that needs it first catches up to its snapshot (`tables.py`); writers never touch it.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from orchestration import ids
from orchestration.errors import InvalidData
from orchestration.store import database, layout, queries
from orchestration.store.catchup import EVERY, Files
from orchestration.store.queries import Event, Touch, event_of
from orchestration.store.tables import Tables


class Retirement(NamedTuple):
    """When a session's files left the store: they are in the parent, the last commit that had them."""

    commit: str
    parent: str | None
    at: str


class Index(Tables):
    """Answers about a store's history; first `catch_up`, then ask."""

    of_the_present = True
    """What is computed from it may be kept beside it."""

    # -- records

    def updated_at(self, path: str) -> str | None:
        """Return when a file was last touched (ISO 8601, UTC), or None when there is no such file."""
        rows = self.rows("SELECT at FROM current JOIN commits USING (seq) WHERE path = ?", path)
        return rows[0][0] + "Z" if rows else None

    def updated(self, prefix: str) -> dict[str, str]:
        """Return when each file below a folder of the repository was last touched, by path."""
        return dict(
            self.rows(
                "SELECT path, at || 'Z' FROM current JOIN commits USING (seq) WHERE path >= ? AND path < ?",
                *database.below(prefix),
            )
        )

    def documents(
        self, prefix: str, *, name: str | None = None, problems: list[InvalidData] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Return the records below a folder of the repository, by path of their file, sorted.

        `name` asks for the files of that name alone, such as `session.yaml`. A file that does not parse
        is left out and told in `problems`; without such a list, InvalidData is raised.
        """
        rows = self.rows(
            "SELECT path, json, blob FROM current WHERE path >= ? AND path < ? AND substr(path, ?) = ?",
            *database.below(prefix), *_ending(name),
        )  # fmt: skip
        texts = {path: text for path, text, _ in rows if text is not None}
        found = dict(zip(texts, json.loads(f"[{','.join(texts.values())}]"), strict=True))
        if len(found) < len(rows):
            missing = [(path, blob) for path, text, blob in rows if text is None]
            found = dict(sorted({**found, **self._parse(missing, problems)}.items()))
        return found

    def _parse(
        self, files: list[tuple[str, str]], problems: list[InvalidData] | None
    ) -> dict[str, dict[str, Any]]:
        """Return the records of files given by path and blob, and keep them for the next time."""
        kept: list[tuple[str, str, str]] = []
        for number, (path, blob) in enumerate(files):
            if self._progress and number % EVERY == 0:
                self._progress(number, len(files))
            try:
                text = self.store.documents.text(blob, path)
                if text[:1] != "{":
                    raise InvalidData(f"{path} does not hold a mapping", hint="edit the file so that it does")
            except InvalidData as error:
                if problems is None:
                    raise
                problems.append(error)
                continue
            kept.append((text, path, blob))
        if self._progress:
            self._progress(len(files), len(files))
        # somebody else may be writing for long, or have moved the index on: then it is kept another day
        with contextlib.suppress(sqlite3.DatabaseError), self._db as db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany("UPDATE current SET json = ? WHERE path = ? AND blob = ?", kept)
        parsed = json.loads(f"[{','.join([text for text, _, _ in kept])}]")
        return dict(zip([path for _, path, _ in kept], parsed, strict=True))

    # -- sessions

    def versions(self, path: str) -> list[tuple[str, str | None]]:
        """Return the commits that touched a file and the blob each made it, newest first; None is no file."""
        return self.rows(
            "SELECT oid, blob FROM touched JOIN commits USING (seq) WHERE path = ? ORDER BY time DESC, seq DESC",
            path,
        )

    def makers(self, blob: str) -> list[tuple[str, str]]:
        """Return the files that were once made this blob, each with the commit that did it, newest first."""
        return self.rows(
            "SELECT path, oid FROM touched JOIN commits USING (seq) WHERE blob = ? ORDER BY time DESC, seq DESC",
            blob,
        )

    def last_activity(self) -> dict[str, str]:
        """Return when each session was last named by a commit (ISO 8601, UTC), by session id."""
        return dict(
            self.rows(
                "SELECT session, MAX(at) || 'Z' FROM commits WHERE session IS NOT NULL GROUP BY session"
            )
        )

    def retired(self) -> dict[str, Retirement]:
        """Return the sessions whose files a cleanup removed, and that did not come back, by id."""
        found: dict[str, Retirement] = {}
        rows = self.rows(
            "SELECT retired, oid, parent, at || 'Z' FROM commits WHERE retired IS NOT NULL"
            " ORDER BY time DESC, seq DESC"
        )
        there = self._there()
        for names, *facts in rows:
            for name in names.split():
                if ids.problem(name) is None and not there(name):
                    found.setdefault(name, Retirement(*facts))
        return found

    def _there(self) -> Callable[[str], bool]:
        """Return what says whether a session has files."""
        found = self.rows(
            "SELECT path FROM current WHERE path >= ? AND path < ?", *database.below("sessions")
        )
        folders = {path.rpartition("/")[0] for (path,) in found}
        return lambda session: layout.folder_of("sessions", session) in folders

    def count(self, *, session: str, op: str) -> int:
        """Return how many commits of an event type name a session."""
        found: int = self.rows("SELECT COUNT(*) FROM commits WHERE session = ? AND op = ?", session, op)[0][0]
        return found

    def counts(self, op: str) -> dict[str, int]:
        """Return how many commits of an event type name each session, by session id."""
        return dict(
            self.rows(
                "SELECT session, COUNT(*) FROM commits WHERE session IS NOT NULL AND op = ? GROUP BY session",
                op,
            )
        )

    # -- history

    def events(
        self, *, path_prefix: str | None = None, paths: Iterable[str] = (), limit: int | None = None,
        newest_first: bool = True, **wanted: Any,
    ) -> list[Event]:  # fmt: skip
        """Return the events that fit all that is given, at most `limit`, newest or oldest first.

        `path_prefix`, or one of `paths`, is a file, or a folder, that they touched; `wanted` is as
        `queries.where` has it: session, project, task, op, author, severity, since, until, after. Times are
        from `since` up to, and without, `until`.
        """
        places = [path_prefix] if path_prefix else list(paths)
        test, values = queries.where(self.rows, paths=places, **wanted)
        order = "DESC" if newest_first else "ASC"
        rows = self.rows(
            f"SELECT {queries.EVENT} FROM commits WHERE {test} ORDER BY time {order}, seq {order} LIMIT ?",
            *values, -1 if limit is None else limit,
        )  # fmt: skip
        return [event_of(row) for row in rows]

    def life(self, path: str) -> list[Touch]:
        """Return the commits that made a file as it was, newest first."""
        rows = self.rows(
            f"SELECT parent, blob, {queries.EVENT} FROM touched JOIN commits USING (seq) WHERE path = ?"
            " ORDER BY time DESC, seq DESC",
            path,
        )
        return [Touch(event_of(event), parent, blob) for parent, blob, *event in rows]

    def has_merges(self) -> bool:
        """Say whether history is more than one line."""
        return bool(self.rows("SELECT 1 FROM merged LIMIT 1"))

    def tally(self, what: str, **wanted: Any) -> dict[str, int]:
        """Return how many events there are by `type`, `author` or `day`, the most, or the latest day, first."""
        column = {"type": "COALESCE(op, 'commit')", "author": "author", "day": "substr(at, 1, 10)"}[what]
        test, values = queries.where(self.rows, **wanted)
        order = "1 DESC" if what == "day" else "2 DESC, 1"
        rows = self.rows(
            f"SELECT {column}, COUNT(*) FROM commits WHERE {test} GROUP BY 1 ORDER BY {order}", *values
        )
        return dict(rows)

    def newest_at(self, moment: datetime) -> str | None:
        """Return the newest commit whose event time is not after `moment`."""
        rows = self.rows(
            "SELECT oid FROM commits WHERE at <= ? ORDER BY time DESC, seq DESC LIMIT 1",
            database.sortable(moment),
        )
        return rows[0][0] if rows else None

    def touched(self, oid: str) -> Files:
        """Return the files a commit made as they are, with their new blob ids; None for one it removed."""
        return dict(
            self.rows(
                "SELECT path, blob FROM touched WHERE seq = (SELECT seq FROM commits WHERE oid = ?)", oid
            )
        )

    def undos(self) -> list[tuple[str, str]]:
        """Return (commit, a commit that it took back) for all that was ever undone, newest first."""
        return self.rows(
            "SELECT commits.oid, undos.oid FROM undos JOIN commits USING (seq) ORDER BY time DESC, seq DESC"
        )

    def includes(self, oid: str) -> bool:
        """Say whether a commit is part of the history that is indexed."""
        return bool(self.rows("SELECT 1 FROM commits WHERE oid = ?", oid))


def _ending(name: str | None) -> tuple[int, str]:
    """Return how many last characters of a path to look at, as SQLite counts, and what they must be."""
    end = f"/{name}" if name else layout.SUFFIX
    return -len(end), end
