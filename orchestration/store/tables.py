"""The tables of the derived index (see `database`), caught up with the state that is asked about.

They lie in `.git/orchestration/index.sqlite`, learn from the journal and the commits (`catchup.py`), and may
be deleted at any time. Where the file cannot be written (a read-only store, a lock held too long) or is
damaged, the same tables are filled in memory, so no read ever fails because of the index.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from orchestration.store import catchup, database
from orchestration.store.catchup import Place, Progress
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot


class Tables:
    """What history knows, in tables; first `catch_up`, then ask.

    `shared=False` keeps them in memory: for a look at another commit than the branch's newest, which must
    not make the file on disk begin anew.
    """

    def __init__(self, store: Store, *, shared: bool = True) -> None:
        self.store = store
        self._path = str(store.private / "index.sqlite") if shared and store.exists else None
        self._db = database.open_file(self._path) if self._path else database.open_memory()
        self._snapshot: Snapshot | None = None
        self._progress: Progress | None = None

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # -- catching up

    def catch_up(self, snapshot: Snapshot, progress: Progress | None = None) -> None:
        """Learn what happened up to the commit of `snapshot`; the answers are then as of that commit.

        When another process has indexed beyond it meanwhile, they are as of the later commit. The first
        time after a clone this takes long, as may the first `documents`: `progress` is called then.
        """
        self._snapshot, self._progress = snapshot, progress
        try:
            self._follow(snapshot)
        except sqlite3.DatabaseError as error:
            self._leave_file(error)

    def _leave_file(self, error: sqlite3.DatabaseError) -> None:
        """Go on in memory; a damaged file is removed, so that the next reader begins a new one."""
        if self._path is None or self._snapshot is None:
            raise error
        self._db.close()
        if not isinstance(error, sqlite3.OperationalError):
            database.remove(self._path)
        self._path = None
        self._db = database.open_memory()
        self._follow(self._snapshot)

    def _follow(self, snapshot: Snapshot) -> None:
        target = snapshot.tip
        while target is not None:
            tip, *place = self._db.execute("SELECT tip, inode, offset FROM state").fetchone()
            if tip == target.oid:
                return
            base = tip
            if tip and self._knows(target.oid):
                # Behind the index: another reader was faster, unless the branch was moved back.
                if self._path and self.store.refs.head().commit != target.oid:
                    return
                base = None
            # What takes long happens here, before the transaction, so that nobody waits for it.
            news = None
            if base:
                news = catchup.collect(self.store, snapshot, base, self._knows, Place(*place), self._progress)
            if news is None:
                base = None
                news = catchup.collect_all(self.store, snapshot, self._progress)
            if database.add(self._db, news, tip=tip, base=base):
                return

    def _knows(self, oid: str) -> bool:
        return self._db.execute("SELECT 1 FROM commits WHERE oid = ?", (oid,)).fetchone() is not None

    # -- asking

    def rows(self, sql: str, *values: str | int) -> list[Any]:
        """Return what a query of the tables finds."""
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._leave_file(error)
            return self._db.execute(sql, values).fetchall()

    def keep(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows of derived values in one go; DatabaseError when that is not possible now."""
        with self._db as db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(sql, rows)

    @property
    def progress(self) -> Progress | None:
        """Who is told about what takes long."""
        return self._progress
