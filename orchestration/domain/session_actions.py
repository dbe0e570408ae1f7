"""The life of sessions: made, kept alive, handed over, ended, retired and brought back."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration import ids
from orchestration.domain import sessions
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.errors import BadUsage, InactiveSession, NotFound, UnknownSession
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


class Expired(NamedTuple):
    """A session whose lease has run out."""

    id: str
    session: Document
    open_tasks: list[str]
    """Its project's open tasks that it had claimed; they stay in the project."""


def create(
    tx: "Transaction", session_id: str, *, mode: str, project: str | None, parent: str | None = None,
    metadata: Mapping[str, Any] | None = None, sprint: str | None = None, by: str, now: str,
) -> Document:  # fmt: skip
    """Make an active session and return it; NotFound for a sprint its project does not have."""
    taken = tx.folder(f"sessions/{session_id[:2].lower()}")
    ids.check_new(session_id, taken, "session")
    if project is not None:
        Project(tx, project, now=now).check_new()
    if sprint is not None and (
        project is None or not tx.exists("projects", project, "sprints", ids.check(sprint, "sprint"))
    ):
        raise NotFound(f"no sprint {sprint!r} in project {project!r}", hint="see `shared_state list-sprints`")
    session = sessions.new(
        session_id, mode=mode, project=project, parent=parent, metadata=metadata, sprint_id=sprint,
        created_by=by, now=now,
    )  # fmt: skip
    tx.save(("sessions", session_id, "session"), session)
    of = f" for {project}" if project else ""
    said = f"session: create {session_id[:8]} ({mode}{of})"
    tx.describe("session_created", said, session=session_id, project=project)
    return session


def change_status(
    tx: "Transaction", session_id: str, status: str, *, now: str, reason: str | None = None
) -> Document:
    """Pause, complete or fail a session and return it; Refused where that is no legal step."""
    before = required(tx, session_id)
    after = sessions.transition(before, status, now=now, reason=reason)
    tx.save(("sessions", session_id, "session"), after)
    step = f"{before['lifecycle']['status']} -> {status}"
    _describe(tx, after, "state_set", f"session: {session_id[:8]} {step}", reason)
    return after


def heartbeat(tx: "Transaction", session_id: str, *, now: str) -> Document:
    """Renew a session's lease and return it; InactiveSession when it has run out."""
    after = sessions.heartbeat(required(tx, session_id), now=now)
    tx.save(("sessions", session_id, "session"), after)
    # an event: two heartbeats in one second change nothing the second time, and are two all the same
    said = f"session: heartbeat {session_id[:8]}"
    tx.emit("heartbeat", said, session=session_id, project=after.get("project"))
    return after


def recover(
    tx: "Transaction", session_id: str, *, now: str, files: Mapping[str, Document], gone: bool
) -> tuple[Document, str]:
    """Make a session active again with a fresh lease; returns it and what its status was.

    `files` are records from history, by name, in place of those that are gone or damaged; `gone` says
    that the session had left the store. UnknownSession when its own record is not among what is left.
    """
    for name, record in files.items():
        tx.save(("sessions", session_id, name), record, recalled=True)
    current = files.get("session") or tx.edit("sessions", session_id, "session")
    if current is None:
        raise UnknownSession(
            f"no version of session {session_id!r} can be read", hint="see `state_manager verify`"
        )
    was = "retired" if gone else sessions.effective_status(current, now)
    after = sessions.resume(current, now=now, previous="retired" if gone else None)
    tx.save(("sessions", session_id, "session"), after)
    _describe(tx, after, "session_recovered", f"session: recover {session_id[:8]} (was {was})")
    return after, was


def hand_off(
    tx: "Transaction", source_id: str, target_id: str, *, data: Any, keep_source: bool, sprint: Document | None,
    by: str, now: str,
) -> tuple[Document, bool]:  # fmt: skip
    """Hand the work of one session to another, made if it does not exist; returns it and "was made"."""
    if source_id == target_id:
        raise BadUsage("a session cannot hand over to itself", hint="name two different sessions")
    source = required(tx, source_id)
    target = tx.edit("sessions", target_id, "session")
    made = target is None
    if made:
        target = create(
            tx, target_id, mode=source["mode"], project=source["project"], parent=source_id,
            sprint=None, by=by, now=now,
        )  # fmt: skip
    elif sessions.effective_status(target, now) != "active":
        raise InactiveSession(
            f"session {target_id!r} is {sessions.effective_status(target, now)}",
            hint=f"use `session_manager recover {target_id}`",
        )
    execution = tx.load("sessions", source_id, "execution") or {}
    project = Project(tx, source["project"], now=now) if source.get("project") else None
    claims = list(claimed(tx, source_id, now=now))
    mine = _work_of(source_id, project, sprint)
    mine += [task for board, task in claims if board.id != source.get("project")]
    tx.recall([execution.get("context"), mine, sprint])
    received = tx.edit("sessions", target_id, "execution") or {}
    received["inherited_context"] = sessions.inherited_context(
        source_id,
        now=now,
        context=execution.get("context") or {},
        handoff_data=data,
        tasks=mine,
        sprint=sprint,
    )
    tx.save(("sessions", target_id, "execution"), received)
    for board, task in claims:
        _pass_claim(tx, board, task, target_id, now)
    if not keep_source:
        status = sessions.effective_status(source, now)
        if status in ("active", "paused", "expired"):
            done = sessions.transition(source, "completed", now=now)
            tx.save(("sessions", source_id, "session"), done)
    _describe(tx, target, "handoff_received", f"session: hand off {source_id[:8]} to {target_id[:8]}")
    return target, made


def _work_of(source_id: str, project: Project | None, sprint: Document | None) -> list[Document]:
    """Return the tasks a session was at: those it claimed and those of its sprint."""
    if project is None:
        return []
    sprint_id = sprint["id"] if sprint else None
    return [
        task
        for task in project.tasks.values()
        if _holds(task, source_id) or (sprint_id is not None and task.get("sprint_id") == sprint_id)
    ]


def claimed(reader: Snapshot, session_id: str, *, now: str) -> Iterator[tuple[Project, Document]]:
    """Return the open tasks that a session claimed, in any project."""
    for name in reader.names("projects"):
        board = Project(reader, name, now=now)
        for task in board.tasks.values():
            if _holds(task, session_id) and task["column"] not in CLOSED_COLUMNS:
                yield board, task


def _holds(task: Document, session_id: str) -> bool:
    return (task.get("claim") or {}).get("session") == session_id


def _pass_claim(tx: "Transaction", board: Project, task: Document, to: str, now: str) -> None:
    key = ("projects", board.id, "tasks", task["id"])
    record = tx.edit(*key)
    tx.save(key, {**record, "claim": {**record["claim"], "session": to, "at": now}})


def expired(records: Mapping[str, Document], reader: Snapshot, now: str) -> list[Expired]:
    """Return the sessions that a cleanup retires, oldest expiry first."""
    found = []
    boards: dict[str, Project] = {}
    for name, session in records.items():
        if not sessions.is_expired(session, now):
            continue
        project_id = session.get("project")
        mine: list[str] = []
        if project_id:
            board = boards.setdefault(project_id, Project(reader, project_id, now=now))
            mine = [
                task["id"]
                for task in board.tasks.values()
                if _holds(task, name) and task["column"] not in CLOSED_COLUMNS
            ]
        found.append(Expired(name, session, mine))
    return sorted(found, key=lambda one: one.session["lifecycle"]["expiry"])


def retire(tx: "Transaction", names: list[str], *, now: str) -> list[str]:
    """Take expired sessions out of the files in one commit; history keeps them. Returns their ids.

    A session that somebody revived since `names` was read stays.
    """
    gone = []
    for name in names:
        session = tx.load("sessions", name, "session")
        if session is not None and sessions.is_expired(session, now):
            tx.delete_all("sessions", name)
            gone.append(name)
    if gone:
        what = gone[0][:8] if len(gone) == 1 else f"{len(gone)} expired sessions"
        tx.describe("session_expired", f"session: retire {what}", retired=gone)
    return gone


def required(tx: "Transaction", session_id: str) -> Document:
    """Return the record of a live session, to be changed; InactiveSession for a retired one."""
    found: Document | None = tx.edit("sessions", session_id, "session")
    if found is None:
        raise InactiveSession(
            f"session {session_id!r} is retired", hint=f"use `session_manager recover {session_id}`"
        )
    return found


def _describe(tx: "Transaction", session: Document, op: str, subject: str, reason: str | None = None) -> None:
    tx.describe(op, subject, session=session["id"], project=session.get("project"), reason=reason)
