"""The derived index: what history knows about records and sessions, without walking it.

An SQLite file, `.git/orchestration/index.sqlite`, made from the commits and never the truth: it may
be deleted at any time, and is made again when it is missing, damaged, of another version, or when the
branch was rewritten. A reader that needs it first catches up to its snapshot; nobody else touches it.
Where the file cannot be written (a read-only store, a lock held too long) the same tables are filled
in memory, so no read ever fails because of the index.

    commits   a row per commit, parents before children, with what its trailers say
    touched   the files that each commit made as they are
    current   the files of the newest indexed commit, the commit that touched each last, and their
              records as JSON, as far as somebody asked for them
    state     the newest indexed commit, and how far the journal was read

`commits.time` is never before that of a parent, so ordering by (time, seq) is chronological across
merged branches and keeps parents before children. `commits.at` has no `Z`, which would sort
`10:00:00Z` behind `10:00:00.5Z`.
"""

import json
import sqlite3
from typing import NamedTuple

from orchestration.store.catchup import EVERY, Place, Progress, Source, read_journal
from orchestration.store.commits import Commit
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot

_VERSION = 1
_TABLES = (
    "CREATE TABLE commits (seq INTEGER PRIMARY KEY, oid TEXT NOT NULL UNIQUE, parent TEXT, time INTEGER,"
    " at TEXT, author TEXT, op TEXT, session TEXT, project TEXT, task TEXT, reason TEXT, severity TEXT,"
    " data TEXT, subject TEXT, retired TEXT)",
    "CREATE INDEX by_time ON commits (time)",
    "CREATE INDEX by_session ON commits (session, op, at)",
    "CREATE INDEX retiring ON commits (time) WHERE retired <> ''",
    "CREATE TABLE touched (seq INTEGER, path TEXT, blob TEXT, PRIMARY KEY (seq, path)) WITHOUT ROWID",
    "CREATE INDEX by_path ON touched (path)",
    "CREATE TABLE current (path TEXT PRIMARY KEY, blob TEXT NOT NULL, seq INTEGER NOT NULL, json TEXT)"
    " WITHOUT ROWID",
    "CREATE TABLE state (tip TEXT, inode INTEGER, offset INTEGER)",
    "INSERT INTO state VALUES (NULL, 0, 0)",
    f"PRAGMA user_version = {_VERSION}",
)
_BUSY_SECONDS = 2.0
_LAST_SECOND = 253402300799  # of the year 9999: what git takes for a time may be anything
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Retirement(NamedTuple):
    """When a session's files left the store: they are in the parent, the last commit that had them."""

    commit: str
    parent: str | None
    at: str


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


class Index:
    """Answers about a store's history; first `catch_up`, then ask.

    `shared=False` keeps it in memory: for a look at another commit than the branch's newest, which must
    not make the file on disk begin anew.
    """

    def __init__(self, store: Store, *, shared: bool = True) -> None:
        self.store = store
        self._path = str(store.private / "index.sqlite") if shared else None
        self._db = _open(self._path) if self._path and store.exists else _memory()
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
            _remove(self._path)
        self._path = None
        self._db = _memory()
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
            news = None
            if base:
                news = collect(snapshot, self.store, base, self._knows, Place(*place), self._progress)
            if news is None:
                base = None
                news = collect(snapshot, self.store, None, self._knows, Place(0, 0), self._progress)
            assert news is not None
            if self._add(news, tip, base):
                return

    def _knows(self, oid: str) -> bool:
        return self._db.execute("SELECT 1 FROM commits WHERE oid = ?", (oid,)).fetchone() is not None

    def _add(self, news: News, tip: str | None, base: str | None) -> bool:
        """Write down what is new since `base`; False when the index is no longer at `tip`.

        Short: what takes long was done before, so that other readers need not wait for it.
        """
        with self._db as db:
            db.execute("BEGIN IMMEDIATE")
            if db.execute("SELECT tip FROM state").fetchone()[0] != tip:
                return False
            if base is None:
                for table in ("commits", "touched", "current"):
                    db.execute(f"DELETE FROM {table}")
            first = db.execute("SELECT COALESCE(MAX(seq), 0) + 1 FROM commits").fetchone()[0]
            self._add_commits(news, first)
            self._add_files(news, first)
            db.execute("UPDATE state SET tip = ?, inode = ?, offset = ?", (news.commits[-1].oid, *news.place))
        return True

    def _add_commits(self, news: News, first: int) -> None:
        times: dict[str, int] = {}
        rows = []
        for seq, commit in enumerate(news.commits, first):
            time = min(max(commit.time, 0), _LAST_SECOND)
            for parent in commit.parents:
                if parent not in times:
                    found = self._db.execute("SELECT time FROM commits WHERE oid = ?", (parent,)).fetchone()
                    times[parent] = found[0] if found else 0
                time = max(time, times[parent])
            times[commit.oid] = time
            rows.append(_row(seq, commit, time))
        marks = ", ".join("?" * len(rows[0]))
        self._db.executemany(f"INSERT INTO commits VALUES ({marks})", rows)
        self._db.executemany(
            "INSERT INTO touched VALUES (?, ?, ?)",
            [(seq, path, blob) for seq, files in enumerate(news.touched, first) for path, blob in files.items()],
        )

    def _add_files(self, news: News, first: int) -> None:
        db = self._db
        last = first + len(news.commits) - 1
        gone = [(path,) for path, blob in news.changed.items() if blob is None]
        there = sorted((path, blob, last) for path, blob in news.changed.items() if blob is not None)
        db.executemany("DELETE FROM current WHERE path = ?", gone)
        db.executemany(
            "INSERT INTO current (path, blob, seq) VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE SET"
            " json = CASE WHEN blob = excluded.blob THEN json END, blob = excluded.blob, seq = excluded.seq",
            there,
        )
        touched_by = {path: seq for seq, files in enumerate(news.touched, first) for path in files}
        ...
