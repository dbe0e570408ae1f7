"""What is new to somebody who looks again: the events since, sorted by how much they matter to them."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from orchestration.store.index import Index
    from orchestration.store.queries import Event

QUIET = frozenset(
    ("heartbeat", "session_created", "session_recovered", "session_expired", "agent_started", "agent_stopped")
)
"""Event types that say that somebody is at work, and nothing about the work."""
_FOLDERS = ("tasks", "archive")


class News(NamedTuple):
    """Events, each in one of the lists, oldest first; `others` counts the rest by who acted."""

    mine: "list[Event]"
    """About tasks that the session holds or touched."""
    handoffs: "list[Event]"
    """Handoffs, and messages to the session."""
    blockers: "list[Event]"
    """New blockers of other tasks."""
    others: dict[str, int]

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self.mine or self.handoffs or self.blockers or self.others)


def since(index: "Index", project: str, commit: str) -> "list[Event]":
    """Return what happened in a project after a commit, oldest first: what names it, and what touched its files."""
    named = index.events(project=project, after=commit)
    touching = index.events(path_prefix=f"projects/{project}", after=commit)
    order = {oid: number for number, (oid,) in enumerate(index.rows(_AFTER, commit))}
    found = {event.oid: event for event in (*named, *touching)}
    return sorted(found.values(), key=lambda event: order[event.oid])


_AFTER = "SELECT oid FROM commits WHERE seq > (SELECT seq FROM commits WHERE oid = ?) ORDER BY time, seq"


def touched_by(index: "Index", session: str) -> set[str]:
    """Return the tasks that commits of a session were about."""
    rows = index.rows("SELECT DISTINCT task FROM commits WHERE session = ? AND task IS NOT NULL", session)
    return {task for (task,) in rows}


def sort(
    events: "Iterable[Event]", *, session: str | None, mine: set[str],
    files: "Callable[[str], Iterable[str]]",
) -> News:  # fmt: skip
    """Sort events for a session; `mine` are its tasks, `files` tells which files a commit touched."""
    news = News([], [], [], {})
    for event in events:
        op = event.op or ""
        if op in QUIET:
            continue
        if event.task in mine or (event.task is None and not mine.isdisjoint(_tasks(files(event.oid)))):
            news.mine.append(event)
        elif _is_to(event, session):
            news.handoffs.append(event)
        elif op == "task_blocked":
            news.blockers.append(event)
        else:
            news.others[event.author] = news.others.get(event.author, 0) + 1
    return news


def _is_to(event: "Event", session: str | None) -> bool:
    op = event.op or ""
    if op.startswith("team_handoff_"):
        return True
    return session is not None and event.session == session and (op == "handoff_received" or "message" in op)


def _tasks(files: Iterable[str]) -> set[str]:
    """Return the ids of the tasks whose files are among some."""
    parts = (file.split("/") for file in files)
    return {part[-1].removesuffix(".yaml") for part in parts if len(part) > 3 and part[2] in _FOLDERS}
