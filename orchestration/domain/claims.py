"""Claims: which agent works on a task, and whether the session that claimed it is still there.

A claim belongs to the session in which it was made. It is orphaned once that session has ended
(completed, failed, retired), its lease has run out, or there was no sign of it for longer than
`settings.claim_timeout` minutes. Whether a claim is orphaned is computed on reading: a session that
recovers has its claims again, unless somebody took them over meanwhile. Only orphaned claims can be
taken over; a session that is alive never loses one.

Signs of life are presence on this machine, the heartbeat and the newest commit that names the session.
Silence is judged only of sessions that work on this machine: every commit made here leaves presence, so
a session without it, or with a commit newer than it, works elsewhere and is judged by its lease alone.
A paused session said that it comes back: it too keeps its claims for as long as its lease.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration import ids
from orchestration.domain import fields, sessions, task_actions, task_fields, tasks, values
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, DEFAULT_SETTINGS, Document
from orchestration.errors import InactiveSession, InvalidData
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


class Taken(NamedTuple):
    """A task that was claimed; `former` is the orphaned claim that was taken over, `why` it was orphaned."""

    task: Document
    former: Document | None = None
    why: str | None = None


class Watch:
    """Tells which claims are orphaned, from one state and the signs of life.

    `seen` returns when a session was last at work on this machine, or None; `commits`, asked only of
    what looks silent, when each session was last named by a commit; both in ISO 8601.
    """

    def __init__(
        self, reader: Snapshot, settings: Mapping[str, Any], *, now: str,
        seen: Callable[[str], str | None], commits: Callable[[], Mapping[str, str]],
    ) -> None:  # fmt: skip
        self.reader = reader
        given = settings.get("claim_timeout")
        # A person may have written anything into the file.
        self.timeout = given if isinstance(given, int) and given > 0 else DEFAULT_SETTINGS["claim_timeout"]
        self.now = now
        self._seen = seen
        self._commits = commits
        self._known: dict[str, str | None] = {}

    def orphaned(self, task: Mapping[str, Any]) -> str | None:
        """Say why the claim of an open task is orphaned; None when it is not, or there is none."""
        claim = task.get("claim")
        if not isinstance(claim, dict) or task.get("column") in CLOSED_COLUMNS:
            return None
        session_id = claim.get("session")
        if not isinstance(session_id, str) or ids.problem(session_id):
            return "its claim names no session"
        if session_id not in self._known:
            self._known[session_id] = self._absence(session_id)
        return self._known[session_id]

    def _absence(self, session_id: str) -> str | None:
        try:
            session = self.reader.load("sessions", session_id, "session")
        except InvalidData:
            return None  # it cannot be told, so nothing is taken from it; `verify` names the file
        return absence(
            session,
            now=self.now,
            timeout=self.timeout,
            seen=self._seen(session_id),
            named=lambda: self._commits().get(session_id),
        )


def absence(
    session: Document | None, *, now: str, timeout: int, seen: str | None, named: Callable[[], str | None]
) -> str | None:
    """Say why a session holds no claims any more; None while it is alive, or its record cannot tell.

    `timeout` is in minutes; `seen` is its presence on this machine, `named` returns the time of the
    newest commit that names it.
    """
    if session is None:
        return "its session is retired"
    if sessions.problem(session):
        return None
    lifecycle = session["lifecycle"]
    if lifecycle["status"] in ("completed", "failed"):
        return f"its session is {lifecycle['status']}"
    if sessions.is_expired(session, now):
        return f"its session expired at {_minute(lifecycle['expiry'])}"
    if lifecycle["status"] != "active" or seen is None:
        return None
    latest = max(seen, lifecycle["heartbeat"], key=values.instant)
    if values.parse_time(now) - values.parse_time(latest) <= timedelta(minutes=timeout):
        return None
    commit = named()
    if commit is not None and values.instant(commit)[:19] > values.instant(latest)[:19]:
        return None
    return f"no sign of its session since {_minute(latest)}"


def _minute(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC"


def holder(agent: object) -> str:
    """Return the plain name of an agent who takes work; InvalidData when none is named."""
    name = values.agent(agent)
    if name is None:
        raise InvalidData("a claim needs the name of an agent", hint="name it, such as @qa-analyst")
    return name


def held(project: Project, watch: Watch, agent: str) -> list[Document]:
    """Return the open tasks that an agent holds in sessions that are alive, oldest claim first.

    What is blocked and parked in the backlog does not count: it waits for somebody else.
    """
    found = [
        task
        for task in project.tasks.values()
        if (task.get("claim") or {}).get("agent") == agent
        and task.get("column") not in CLOSED_COLUMNS
        and not (task.get("column") == "backlog" and task_fields.open_blockers(task))
        and watch.orphaned(task) is None
    ]
    return sorted(found, key=lambda task: (str(task["claim"].get("at")), task["id"]))


def take(
    tx: "Transaction", project: Project, task_id: str, *, agent: str, session: str, watch: Watch, now: str
) -> Taken:
    """Let an agent take a task for a session, also one whose claim is orphaned.

    Raises Conflict while another agent or session that is alive holds it, Refused when it is closed, and
    InactiveSession when the session that asks has ended meanwhile.
    """
    asking = tx.load("sessions", session, "session")
    status = sessions.effective_status(asking, now) if asking else "retired"
    if status != "active":
        raise InactiveSession(f"session {session} is {status}", hint=f"`session_manager recover {session}`")
    key, before = task_actions.required(tx, project, task_id)
    former: Document | None = before.get("claim")
    why = watch.orphaned(before)
    if former is None or why is None or former.get("session") == session:
        after = tasks.claim(before, agent=agent, session=session, now=now)
        task_actions.save(tx, project, key, before, after, session=session)
        return Taken(after)
    after = tasks.claim(released(before), agent=agent, session=session, now=now)
    task_actions.save(tx, project, key, before, after, session=session)
    taken = Taken(after, former, f"claim of {former.get('agent')} in session {former.get('session')}: {why}")
    tx.describe(
        "task_assigned", fields.subject(f"task: {after['id']} {said(taken)}"),
        session=session, project=project.id, task=after["id"], reason=taken.why,
    )  # fmt: skip
    return taken


def said(taken: Taken) -> str:
    """Say who claimed a task, and whose orphaned claim that ended."""
    by = f"claimed by {taken.task['claim']['agent']}"
    return by if taken.former is None else f"{by}, taken over from {taken.former.get('agent')}"


def released(task: Mapping[str, Any]) -> Document:
    """Return the task without its claim, and without the assignee when that is who held it."""
    result = task_fields.stored(task)
    if result["assignee"] == (result["claim"] or {}).get("agent"):
        result["assignee"] = None
    result["claim"] = None
    return result
