"""Putting a session, and on request its project's board, back to how they began.

A session begins with its record alone: execution, observability and files of its own go, and so do
fields that its record did not begin with; who it is, its metadata and its lease stay. A project's
board begins empty: tasks and sprints go, archived ones too; configuration, epics, decisions and tools
stay, and no number of a task is given out twice.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from orchestration.domain import sessions, task_actions
from orchestration.domain.project import Project
from orchestration.domain.records import WORK_COLUMNS, Document
from orchestration.errors import InactiveSession, NotFound, Refused, StoreError
from orchestration.history import backups
from orchestration.history.changes import FileChange
from orchestration.store.objects import object_id
from orchestration.store.snapshot import Snapshot
from orchestration.store.transaction import Transaction

BOARD = ("tasks", "sprints")


class Reset(NamedTuple):
    """What a reset does."""

    session: str
    project: str | None
    """The project whose board is reset as well."""
    parts: tuple[str, ...]
    """The names of what goes: files of the session, and `tasks`, `sprints`."""
    at_work: tuple[str, ...]
    """Tasks of the project that are being worked on."""


class Done(NamedTuple):
    """What came of a reset."""

    reset: Reset
    files: list[FileChange]
    backup: str | None
    """The backup of the state before; None when there was nothing to change."""


def names(text: str | None) -> list[str]:
    """Return the parts of a session that a text such as `execution,tasks` names."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def choose(reader: Snapshot, arguments: Mapping[str, Any], *, now: str) -> Reset:
    """Return what a reset of a session does: all parts, or those in `partial`, without those in `preserve`.

    `arguments`: session, project (whether its board goes too), partial, preserve.
    InactiveSession when the session is not active, NotFound for a part that it does not have.
    """
    session_id, partial, preserve = (arguments[name] for name in ("session", "partial", "preserve"))
    record = reader.load("sessions", session_id, "session")
    status = sessions.effective_status(record, now) if record else "retired"
    if record is None or status != "active":
        raise InactiveSession(
            f"session {session_id!r} is {status}", hint=f"use `session_manager recover {session_id}`"
        )
    board = record.get("project") if arguments["project"] else None
    if arguments["project"] and not board:
        raise Refused(f"session {session_id!r} has no project", hint="leave out --project")
    own = dict.fromkeys(["session", "execution", "observability", *reader.names("sessions", session_id)])
    known = [*own, *(BOARD if board else ())]
    for name in (*partial, *preserve):
        if name not in known:
            hint = "add --project" if name in BOARD else f"parts: {', '.join(known)}"
            raise NotFound(f"session {session_id!r} has no part {name!r}", hint=hint)
    parts = tuple(name for name in known if name in (partial or known) and name not in preserve)
    if "sprints" in parts and "tasks" not in parts:
        raise Refused("the tasks need their sprints", hint="reset both: tasks,sprints")
    tasks = Project(reader, board or record["project"], now=now).tasks if record.get("project") else {}
    at_work = tuple(
        name
        for name, task in tasks.items()
        if task.get("column") in WORK_COLUMNS
        and (board or (task.get("claim") or {}).get("session") == session_id)
    )
    return Reset(session_id, board, parts, at_work)


def check_work(reset: Reset) -> None:
    """Refuse to remove tasks that somebody is working on."""
    if reset.at_work and "tasks" in reset.parts:
        raise Refused(
            f"being worked on: {', '.join(reset.at_work[:8])}{', …' if len(reset.at_work) > 8 else ''}",
            hint="--force resets the project all the same",
        )


def perform(tx: Transaction, reset: Reset, *, known: Collection[str], now: str) -> None:
    """Make the changes of a reset; `known` are the ids of all sessions, for those bound to a sprint that goes."""
    for name in reset.parts:
        if name == "session":
            _save_changed(tx, reset.session, pristine(tx.edit("sessions", reset.session, "session")))
        elif name not in BOARD:
            tx.delete("sessions", reset.session, name)
    if reset.project is not None:
        _clear_board(tx, Project(tx, reset.project, now=now), reset.parts, known, now)
    tx.describe(
        "state_deleted",
        f"session: reset {reset.session[:8]}{f' with project {reset.project}' if reset.project else ''}",
        session=reset.session,
        project=reset.project,
    )


def pristine(session: Document) -> Document:
    """Return a session's record with the fields it began with alone."""
    return {name: value for name, value in session.items() if name in sessions.SCHEMA.defaults}


def _save_changed(tx: Transaction, session_id: str, record: Document) -> None:
    key = ("sessions", session_id, "session")
    if record != tx.load(*key):
        tx.save(key, record)


def _clear_board(
    tx: Transaction, project: Project, parts: Collection[str], known: Collection[str], now: str
) -> None:
    if "tasks" in parts:
        for task_id in project.task_ids():
            task_actions.remember_number(tx, project, task_id, now=now)
        tx.delete_all("projects", project.id, "tasks")
        for sprint in tx.names("projects", project.id, "archive"):
            tx.delete_all("projects", project.id, "archive", sprint)
    if "sprints" in parts:
        tx.delete_all("projects", project.id, "sprints")
        for session_id in known:
            record = tx.load("sessions", session_id, "session")
            if record and record.get("project") == project.id and record.get("sprint_id"):
                tx.edit("sessions", session_id, "session")
                _save_changed(tx, session_id, {**record, "sprint_id": None})


def carry_out(
    tx: Transaction, arguments: Mapping[str, Any], confirm: Callable[[Transaction], None], *, now: str
) -> Done:
    """Make the changes of a reset and back up the state before; `confirm` is called once they are made.

    `arguments` are those of `choose`, and force: also when tasks are being worked on.
    """
    chosen = choose(tx, arguments, now=now)
    if not arguments["force"]:
        check_work(chosen)
    perform(tx, chosen, known=tx.names("sessions"), now=now)
    confirm(tx)
    files = tx.changes()
    message = f"before the reset of session {chosen.session}"
    backup = backups.create(tx, "before-reset", message=message) if files else None
    return Done(chosen, files, backup)


def verify(after: Snapshot, files: Collection[FileChange]) -> int:
    """Return how many files of a commit are as a reset made them; StoreError names one that is not."""
    for file, _, content in files:
        if after.blob_id(file) != (None if content is None else object_id(b"blob", content)):
            raise StoreError(f"{file} is not what the reset made it", hint="see `state_manager verify`")
    return len(files)
