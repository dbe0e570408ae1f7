"""The facts that lists show of sessions, put together from their records, the history and presence."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.domain import values
from orchestration.domain.records import Document
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.index import Index


def rows(
    reader: Snapshot, known: Mapping[str, tuple[Document, bool]], index: "Index", seen: Mapping[str, str], *,
    now: str,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return a row for each session, newest activity first.

    `known` maps ids to (record, is retired); `seen` says when each was last at work on this machine.
    """
    if not known:
        return []
    last = index.last_activity()
    beats = index.counts("heartbeat")
    moment = values.instant(now)
    counts: dict[str | None, int] = {None: 0}
    found = []
    for name, (record, gone) in known.items():
        project = record.get("project")
        if project not in counts:
            counts[project] = len(reader.names("projects", str(project), "tasks"))
        lifecycle = record["lifecycle"]
        activity = lifecycle["heartbeat"]
        for other in (last, seen):
            if name in other:
                activity = latest(activity, other[name])
        found.append(
            {
                "id": name,
                "mode": record["mode"],
                "project": project,
                "status": lifecycle["status"],
                "expired": values.instant(lifecycle["expiry"]) <= moment,
                "retired": gone,
                "created_at": record["created_at"],
                "last_activity": activity,
                "heartbeat": lifecycle["heartbeat"],
                "expiry": lifecycle["expiry"],
                "parent_session": record.get("parent_session"),
                "task_count": counts[project],
                "metrics": {"start_time": record["created_at"], "heartbeat_count": beats.get(name, 0)},
            }
        )
    found.sort(key=lambda row: (values.instant(row["last_activity"]), row["id"]), reverse=True)
    return found


def latest(*times: str) -> str:
    """Return the latest of some times: records hold whole seconds, commits parts of them."""
    return max(times, key=values.instant) if len(set(times)) > 1 else times[0]
