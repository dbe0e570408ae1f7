"""Making, changing, moving and claiming tasks of a project."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import projects, task_events, task_fields, tasks
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound, Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

COUNTER = "TASK"


def write(
    tx: "Transaction", project: Project, task_id: str, given: Mapping[str, Any], dropped: str | None = None, *,
    session: str | None, now: str, actor: str,
) -> Document:  # fmt: skip
    """Change a task, or create it when its id is unknown, and return it.

    `dropped` names a field put back to its default first. Raises what `tasks.update` raises, and
    Refused for a sprint or an epic that does not exist.
    """
    key = project.task_key(task_id)
    before = tx.edit(*key) if key else None
    blocker = next_blocker(project) if given.get("status") == "blocked" else None
    if key is None or before is None:
        project.check_new()
        ids.check_new(task_id, project.task_ids(), "task id")
        key = ("projects", project.id, "tasks", task_id)
        after = tasks.new(task_id, given, now=now, new_blocker_id=blocker, actor=actor)
    else:
        base = tasks.unset(before, dropped) if dropped is not None else before
        after = tasks.update(base, given, now=now, new_blocker_id=blocker, actor=actor)
    _check_references(project, given, after)
    _enter_sprint(project, before, after, now)
    save(tx, project, key, before, after, session=session)
    return after


def add(
    tx: "Transaction",
    project: Project,
    given: Mapping[str, Any],
    *,
    session: str | None,
    now: str,
    actor: str,
) -> Document:
    """Create a task under the next free id of the project and return it."""
    floor = ((project.config or {}).get("counters") or {}).get(COUNTER, 0)
    number = ids.next_number(COUNTER, project.task_ids(), floor)
    task_id = ids.numbered(COUNTER, number, tx.machine.suffix)
    return write(tx, project, task_id, given, session=session, now=now, actor=actor)


def move(
    tx: "Transaction", project: Project, task_id: str, status: str, *, reopen: str | None, reason: str | None,
    session: str | None, now: str, actor: str,
) -> Document:  # fmt: skip
    """Move a task to a column, or block it, and return it."""
    key, before = required(tx, project, task_id)
    if reopen is not None:
        after = tasks.move(before, status, now=now, reopen=reopen)
        save(tx, project, key, before, after, session=session, reason=reopen)
        return after
    given: Document = {"status": status}
    if status.strip().lower() == "blocked" and reason:
        given["reason"] = reason
    return write(tx, project, task_id, given, session=session, now=now, actor=actor)


def claim(
    tx: "Transaction", project: Project, task_id: str, *, agent: str, session: str, now: str
) -> Document:
    """Let an agent take a task for a session; Conflict when another one holds it."""
    key, before = required(tx, project, task_id)
    after = tasks.claim(before, agent=agent, session=session, now=now)
    save(tx, project, key, before, after, session=session)
    return after


def block(
    tx: "Transaction", project: Project, task_id: str, *, reason: str, severity: str, on_task: str | None,
    session: str | None, now: str, actor: str,
) -> Document:  # fmt: skip
    """Open a blocker on a task and return it; NotFound for an `on_task` that does not exist."""
    key, before = required(tx, project, task_id)
    if on_task is not None and project.task_key(ids.check(on_task, "task id")) is None:
        raise NotFound(f"no task {on_task!r} in project {project.id!r}", hint="see `state_manager task list`")
    after = tasks.block(
        before, blocker_id=next_blocker(project), reason=reason, severity=severity, on_task=on_task,
        reported_by=actor, now=now,
    )  # fmt: skip
    save(tx, project, key, before, after, session=session)
    return after


def unblock(
    tx: "Transaction", project: Project, task_id: str, *, note: str | None, blocker: str | None,
    session: str | None, now: str,
) -> Document:  # fmt: skip
    """Resolve the open blockers of a task, or the one named, and return it; Refused when none is open."""
    key, before = required(tx, project, task_id)
    after = tasks.unblock(before, now=now, resolution=note, blocker_id=blocker)
    save(tx, project, key, before, after, session=session)
    return after


def required(tx: "Transaction", project: Project, task_id: str) -> tuple[tuple[str, ...], Document]:
    """Return key and record of a task to be changed; NotFound when there is none."""
    key = project.task_key(ids.check(task_id, "task id"))
    before = tx.edit(*key) if key else None
    if key is None or before is None:
        raise NotFound(f"no task {task_id!r} in project {project.id!r}", hint="see `state_manager task list`")
    return key, before


def save(
    tx: "Transaction", project: Project, key: tuple[str, ...], before: Document | None, after: Document, *,
    session: str | None, reason: str | None = None,
) -> None:  # fmt: skip
    """Store a changed task and say in the commit what happened to it."""
    if after == before:
        return
    tx.save(key, after)
    op, subject = task_events.of(before, after)
    if reason is None and op == "task_blocked":
        reason = str(task_fields.open_blockers(after)[-1]["reason"])
    tx.describe(op, subject, session=session, project=project.id, task=after["id"], reason=reason)


def next_blocker(project: Project) -> str:
    """Return the next free blocker id of the project."""
    taken = [
        str(blocker.get("id"))
        for task_id in project.task_ids()
        for blocker in (project.task(task_id) or {}).get("blockers") or []
    ]
    machine = getattr(project.reader, "machine", None)
    return ids.numbered("BLK", ids.next_number("BLK", taken), machine.suffix if machine else None)


def remember_number(tx: "Transaction", project: Project, task_id: str, *, now: str) -> None:
    """Keep the number of a task that is about to be deleted from being given out again."""
    number = ids.next_number(COUNTER, [task_id]) - 1
    key = ("projects", project.id, "config")
    config = tx.edit(*key)
    known = ((config or {}).get("counters") or {}).get(COUNTER, 0)
    if number > known:
        tx.save(key, projects.merge_config(config, project.id, {"counters": {COUNTER: number}}, now=now))


def _check_references(project: Project, given: Mapping[str, Any], after: Document) -> None:
    for field, folder, command in (
        ("sprint_id", "sprints", "list-sprints"),
        ("epic_id", "epics", "list-epics"),
    ):
        name = after.get(field)
        if field in given and name and not project.reader.exists("projects", project.id, folder, name):
            raise Refused(
                f"project {project.id!r} has no {field.removesuffix('_id')} {name!r}",
                hint=f"see `shared_state {command} {project.id}`",
            )


def _enter_sprint(project: Project, before: Document | None, after: Document, now: str) -> None:
    """Work that enters a running sprint is committed from that moment."""
    sprint_id = after.get("sprint_id")
    if not sprint_id or after["committed_at"] or (before or {}).get("sprint_id") == sprint_id:
        return
    sprint = project.reader.load("projects", project.id, "sprints", sprint_id)
    if sprint and sprint["status"] == "active":
        after["committed_at"] = now
