"""When each session was last at work on this machine: the time of a touched file, outside history.

The files lie in `.git/orchestration/presence/<session>`. They cost a write next to nothing, are never
flushed to disk, and may be deleted: what they say is only how lately a session was seen here. A session
without one is another machine's, or has not been seen since the store was cloned.
"""

import contextlib
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from orchestration.store import hosts

FOLDER = "presence"
SILENCE = 3600
"""Seconds without a sign after which a sub-agent is taken for gone: its client ended without a word."""


def touch(private: Path, session: str, now: datetime) -> None:
    """Note that a session is at work now; where that cannot be written, nothing is noted."""
    path = f"{private}/{FOLDER}/{session}"
    at = int(now.timestamp())
    with contextlib.suppress(OSError):
        try:
            os.utime(path, (at, at))
        except FileNotFoundError:
            os.makedirs(f"{private}/{FOLDER}", exist_ok=True)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
            os.utime(path, (at, at))


def forget(private: Path, sessions: Iterable[str]) -> None:
    """Remove the files of sessions that are gone."""
    for session in sessions:
        with contextlib.suppress(OSError):
            os.unlink(f"{private}/{FOLDER}/{session}")


def seen(private: Path, session: str) -> str | None:
    """Return when a session was last at work here (ISO 8601, UTC), or None when it never was."""
    try:
        return _moment(os.stat(f"{private}/{FOLDER}/{session}"))
    except OSError:
        return None


def all_seen(private: Path) -> dict[str, str]:
    """Return when each session was last at work here (ISO 8601, UTC), by session id."""
    found = {}
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"{private}/{FOLDER}"):
            found[entry.name] = _moment(entry.stat())
    return found


def agents(private: Path, project: str, now: datetime) -> dict[str, str]:
    """Return when each sub-agent that runs here for a project gave its last sign (ISO 8601, UTC), by its name."""
    found: dict[str, str] = {}
    for path in private.glob("agents/*/*"):
        if hosts.binding(str(private), path.parent.name).get("project") != project:
            continue
        with contextlib.suppress(OSError):
            stat = path.stat()
            if -1 <= now.timestamp() - stat.st_mtime <= SILENCE:
                name = path.read_text("utf-8", "replace")[:64]
                found[name] = max(_moment(stat), found.get(name, ""))
    return found


def _moment(stat: os.stat_result) -> str:
    return datetime.fromtimestamp(int(stat.st_mtime), UTC).replace(tzinfo=None).isoformat() + "Z"
