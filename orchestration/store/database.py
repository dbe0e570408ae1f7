"""The SQLite file of the derived index: its tables, opening it, and adding what is new.

Made from the commits and never the truth: it is begun anew when it is missing, damaged, of another
version, or when the branch was rewritten.

    commits   a row per commit, parents before children, with what its trailers say; `whole` is 1 where
              all commits with a lower number are its ancestors, as on a line of history
    merged    the further parents of merges
    undos     the commits that a commit took back
    touched   the files that each commit made as they are
    current   the files of the newest indexed commit, the commit that touched each last, and their
              records as JSON, as far as somebody asked for them
    leaves    chosen values of the versions of files, by content (`leaves.py`)
    kept      what was computed from all versions of a file (`kept.py`)
    state     the newest indexed commit, and how far the journal was read

`commits.time` is never before that of a parent, so ordering by (time, seq) is chronological across
merged branches and keeps parents before children. `commits.at` has no `Z`, which would sort
`10:00:00Z` behind `10:00:00.5Z`.
"""

import contextlib
import os
import sqlite3
from datetime import UTC, datetime

from orchestration.store.catchup import News
from orchestration.store.commits import Commit

_VERSION = 4
_TABLES = (
    "CREATE TABLE commits (seq INTEGER PRIMARY KEY, oid TEXT NOT NULL UNIQUE, parent TEXT, time INTEGER,"
    " at TEXT, author TEXT, op TEXT, session TEXT, project TEXT, task TEXT, reason TEXT, severity TEXT,"
    " data TEXT, subject TEXT, retired TEXT, whole INTEGER)",
    "CREATE TABLE merged (seq INTEGER, parent TEXT)",
    "CREATE TABLE undos (seq INTEGER, oid TEXT)",
    "CREATE TABLE touched (seq INTEGER, path TEXT, blob TEXT, PRIMARY KEY (seq, path)) WITHOUT ROWID",
    "CREATE TABLE current (path TEXT PRIMARY KEY, blob TEXT NOT NULL, seq INTEGER NOT NULL, json TEXT)"
    " WITHOUT ROWID",
    "CREATE TABLE leaves (names TEXT, blob TEXT, json TEXT NOT NULL, PRIMARY KEY (names, blob)) WITHOUT ROWID",
    "CREATE TABLE kept (kind TEXT, path TEXT, seq INTEGER, undos INTEGER, json TEXT, PRIMARY KEY (kind, path))"
    " WITHOUT ROWID",
    "CREATE TABLE state (tip TEXT, inode INTEGER, offset INTEGER)",
    "INSERT INTO state VALUES (NULL, 0, 0)",
    f"PRAGMA user_version = {_VERSION}",
)
_INDEXES = {
    "by_time": "commits (time, seq, at)",
    "by_session": "commits (session, op, at)",
    "retiring": "commits (time) WHERE retired IS NOT NULL",
    "by_path": "touched (path)",
}
_BUSY_SECONDS = 2.0
_LAST_SECOND = 253402300799  # of the year 9999: what git takes for a time may be anything


def open_memory() -> sqlite3.Connection:
    """Return an empty index in memory."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    _make_tables(db)
    return db


def open_file(path: str) -> sqlite3.Connection:
    """Open the file, or begin it anew; where that is impossible, return an empty index in memory."""
    try:
        try:
            return _connect(path)
        except sqlite3.OperationalError:
            raise  # in use, or not to be written: there is nothing wrong with it
        except sqlite3.DatabaseError:
            remove(path)
            return _connect(path)
    except (sqlite3.DatabaseError, OSError):
        return open_memory()


def _connect(path: str) -> sqlite3.Connection:
    """Open the file; DatabaseError when it is no index, or not one of this version."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = OFF")
        if _version(db) == 0:
            db.execute("PRAGMA journal_mode = WAL")
            with db:
                db.execute("BEGIN IMMEDIATE")
                if _version(db) == 0:
                    _make_tables(db)
        if _version(db) != _VERSION:
            raise sqlite3.DatabaseError(f"{path} is of another version")
    except BaseException:
        db.close()
        raise
    return db


def _version(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version


def _make_tables(db: sqlite3.Connection) -> None:
    for statement in _TABLES:
        db.execute(statement)
    _make_indexes(db)


def _make_indexes(db: sqlite3.Connection) -> None:
    for name, columns in _INDEXES.items():
        db.execute(f"CREATE INDEX {name} ON {columns}")


def remove(path: str) -> None:
    """Remove the file; its companions first, for alone they would be taken for a new file's."""
    for name in (path + "-wal", path + "-shm", path):
        with contextlib.suppress(OSError):
            os.unlink(name)


def add(db: sqlite3.Connection, news: News, *, tip: str | None, base: str | None) -> bool:
    """Add what is new since commit `base`, or all there is; False when the index is no longer at `tip`."""
    with db:
        db.execute("BEGIN IMMEDIATE")
        if db.execute("SELECT tip FROM state").fetchone()[0] != tip:
            return False
        if base is None:
            for table in ("commits", "merged", "undos", "touched", "current", "kept"):
                db.execute(f"DELETE FROM {table}")
            for name in _INDEXES:  # sorting once at the end is faster than keeping them sorted
                db.execute(f"DROP INDEX {name}")
        first = db.execute("SELECT COALESCE(MAX(seq), 0) + 1 FROM commits").fetchone()[0]
        _add_commits(db, news, first, base)
        if base is None:
            _make_indexes(db)
        _add_files(db, news, first)
        db.execute("UPDATE state SET tip = ?, inode = ?, offset = ?", (news.commits[-1].oid, *news.place))
    return True


def _add_commits(db: sqlite3.Connection, news: News, first: int, base: str | None) -> None:
    times: dict[str, int] = {}
    heads = {base} if base else set()  # the commits so far that have no child among them
    rows, merged = [], []
    for seq, commit in enumerate(news.commits, first):
        time = min(max(commit.time, 0), _LAST_SECOND)
        for parent in commit.parents:
            if parent not in times:
                found = db.execute("SELECT time FROM commits WHERE oid = ?", (parent,)).fetchone()
                times[parent] = found[0] if found else 0
            time = max(time, times[parent])
        times[commit.oid] = time
        heads = heads.difference(commit.parents) | {commit.oid}
        rows.append((*_row(seq, commit, time), len(heads) == 1))
        merged += [(seq, parent) for parent in commit.parents[1:]]
    db.executemany(f"INSERT INTO commits VALUES ({', '.join('?' * len(rows[0]))})", rows)
    db.executemany("INSERT INTO merged VALUES (?, ?)", merged)
    undos = [(n, oid) for n, commit in enumerate(news.commits, first) for oid in commit.undoes]
    db.executemany("INSERT INTO undos VALUES (?, ?)", undos)
    touched = [(seq, *item) for seq, files in enumerate(news.touched, first) for item in files.items()]
    db.executemany("INSERT INTO touched VALUES (?, ?, ?)", touched)


def _row(seq: int, commit: Commit, time: int) -> tuple[object, ...]:
    """Return the row of table `commits`, but for its last column."""
    trailers = commit.trailers()
    facts = {key: values[-1] for key, values in trailers.items()}
    named = [facts.get(key) for key in ("Op", "Session", "Project", "Task", "Reason", "Severity", "Data")]
    parent = commit.parents[0] if commit.parents else None
    retired = " ".join(trailers.get("Retired", ())) or None
    at = _at(facts.get("At"), time)
    return seq, commit.oid, parent, time, at, commit.author, *named, commit.subject, retired


def _at(stated: str | None, time: int) -> str:
    """Return when a commit happened: as it states, else by git's time in seconds."""
    if stated:
        try:
            moment = datetime.fromisoformat(stated)
            if stated[-1] == "Z":
                return moment.replace(tzinfo=None).isoformat()
            return sortable(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            pass  # written by hand: the commit's own time stands
    return sortable(datetime.fromtimestamp(time, UTC))


def sortable(moment: datetime) -> str:
    """Return an aware time as `commits.at` holds it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def below(prefix: str) -> tuple[str, str]:
    """Return from where, and up to where, the paths below a folder sort."""
    return (prefix + "/", prefix + "0") if prefix else ("", "\U0010ffff")  # 0 comes right after /


def _add_files(db: sqlite3.Connection, news: News, first: int) -> None:
    touched_by = {path: seq for seq, files in enumerate(news.touched, first) for path in files}
    last = first + len(news.commits) - 1
    gone = [(path,) for path, blob in news.changed.items() if blob is None]
    there = [(path, blob, touched_by.get(path, last)) for path, blob in news.changed.items() if blob]
    db.executemany("DELETE FROM current WHERE path = ?", gone)
    db.executemany(
        "INSERT INTO current (path, blob, seq) VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE SET"
        " json = CASE WHEN blob = excluded.blob THEN json END, blob = excluded.blob, seq = excluded.seq",
        sorted(there),
    )
    if any(len(commit.parents) > 1 for commit in news.commits):
        # Sides that were merged are numbered one after the other, so the later change of a file is not
        # always the one with the higher number.
        db.execute(
            "UPDATE current SET seq = (SELECT seq FROM touched JOIN commits USING (seq)"
            " WHERE touched.path = current.path ORDER BY time DESC, seq DESC LIMIT 1)"
            " WHERE path IN (SELECT path FROM touched WHERE seq >= ?)",
            (first,),
        )
