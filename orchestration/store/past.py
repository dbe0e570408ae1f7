"""The derived index as of a commit of the past.

The index of the newest commit knows everything about the older ones as well: temporary views, under
the names of its tables, show of it what the commit asked for had before it. A commit that is not in
the branch's history gets an index of its own, in memory.
"""

import json
from collections.abc import Callable
from typing import Any

from orchestration.errors import InvalidData
from orchestration.store import database, layout
from orchestration.store.catchup import Progress
from orchestration.store.index import Index
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot

_BEFORE = (
    "WITH RECURSIVE line (oid) AS (VALUES (?) UNION SELECT parent FROM ("
    "SELECT commits.oid AS child, parent FROM main.commits"
    " UNION ALL SELECT commits.oid, merged.parent FROM main.merged JOIN main.commits USING (seq)"
    ") JOIN line ON child = line.oid WHERE parent IS NOT NULL)"
    " SELECT seq FROM line JOIN main.commits USING (oid)"
)
"""The numbers of a commit and its ancestors."""


class PastIndex(Index):
    """Answers as of the commit of `then`; nothing that is asked changes the file."""

    of_the_present = False

    def __init__(self, store: Store, then: Snapshot, progress: Progress | None = None) -> None:
        assert then.tip is not None, "an empty store has no past"
        super().__init__(store)
        self.then = then
        self._oid = then.tip.oid
        self.catch_up(store.snapshot(), progress)
        if not self._knows(self._oid):
            super().close()
            super().__init__(store, shared=False)
            self.catch_up(then, progress)

    def _follow(self, snapshot: Snapshot) -> None:
        super()._follow(snapshot)
        found = self._db.execute("SELECT seq, whole FROM commits WHERE oid = ?", (self._oid,)).fetchone()
        if found is None:
            return
        seq, whole = found
        condition = f"seq <= {seq:d}"
        if not whole:
            self._db.execute("CREATE TEMP TABLE before (seq INTEGER PRIMARY KEY)")
            self._db.execute(f"INSERT INTO before {_BEFORE}", (self._oid,))
            condition = "seq IN (SELECT seq FROM before)"
        for name in ("commits", "merged", "touched"):
            self._db.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM main.{name} WHERE {condition}")

    def updated_at(self, path: str) -> str | None:
        """Return when a file was last touched (ISO 8601, UTC), or None when there was no such file."""
        if self.then.blob_id(path) is None:
            return None
        rows = self.rows(
            "SELECT at FROM touched JOIN commits USING (seq) WHERE path = ? ORDER BY time DESC, seq DESC LIMIT 1",
            path,
        )
        return rows[0][0] + "Z" if rows else None

    def updated(self, prefix: str) -> dict[str, str]:
        """Return when each file below a folder of the repository was last touched, by path."""
        rows = self.rows(
            "SELECT path, at || 'Z' FROM touched JOIN commits USING (seq) WHERE path >= ? AND path < ?"
            " ORDER BY time, seq",
            *database.below(prefix),
        )
        return {path: at for path, at in dict(rows).items() if self.then.blob_id(path) is not None}

    def documents(
        self, prefix: str, *, name: str | None = None, problems: list[InvalidData] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Return the records below a folder of the repository; see `Index.documents`."""
        known: dict[str, str] = dict(
            self.rows(
                "SELECT blob, json FROM main.current WHERE path >= ? AND path < ? AND json IS NOT NULL",
                *database.below(prefix),
            )
        )
        found: dict[str, dict[str, Any]] = {}
        for path, blob in sorted(self._files(prefix)):
            if not path.endswith(f"/{name}" if name else layout.SUFFIX):
                continue
            try:
                text = known.get(blob) or self.store.documents.text(blob, path)
                if text[:1] != "{":
                    raise InvalidData(f"{path} does not hold a mapping", hint="edit the file so that it does")
            except InvalidData as error:
                if problems is None:
                    raise
                problems.append(error)
                continue
            found[path] = json.loads(text)
        return found

    def _files(self, folder: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for name, entry in self.then.folder(folder).items():
            path = f"{folder}/{name}" if folder else name
            if entry.is_folder:
                found += self._files(path)
            elif entry.is_file:
                found.append((path, entry.oid))
        return found

    def _there(self) -> Callable[[str], bool]:
        return lambda session: self.then.exists("sessions", session)
