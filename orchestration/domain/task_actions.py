"""Making, changing, moving and claiming tasks of a project."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import projects, task_events, task_fields, tasks
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

COUNTER = "TASK"


def write(
    tx: "Transaction", project: Project, task_id: str, given: Mapping[str, Any], dropped: str | None = None, *,
    session: str | None, now: str, actor: str, force: str | None = None,
) -> Document:  # fmt: skip
    """Change a task, or create it when its id is unknown, and return it.

    `dropped` names a field put back to its default first. Raises what `tasks.update` raises, Refused for
    a sprint or an epic that does not exist, and what `entry` raises; `force` is the reason to enter a
    column in spite of it.
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
    _store(tx, project, key, before, after, session=session, now=now, force=force, reason=force)
    return after


def add(
    tx: "Transaction",
    project: Project,
    given: Mapping[str, Any],
    *,
    session: str | None,
    now: str,
    actor: str,
    force: str | None = None,
) -> Document:
    """Create a task under the next free id of the project and return it."""
    task_id = next_ids(tx, project, 1)[0]
    return write(tx, project, task_id, given, session=session, now=now, actor=actor, force=force)


def next_ids(tx: "Transaction", project: Project, number: int) -> list[str]:
    """Return the next free task ids of the project."""
    floor = ((project.config or {}).get("counters") or {}).get(COUNTER, 0)
    first = ids.next_number(COUNTER, project.task_ids(), floor)
    return [ids.numbered(COUNTER, first + n, tx.machine.suffix) for n in range(number)]


def move(
    tx: "Transaction", project: Project, task_id: str, status: str, *, reopen: str | None, reason: str | None,
    session: str | None, now: str, actor: str, force: str | None = None,
) -> Document:  # fmt: skip
    """Move a task to a column, or block it, and return it; `force` is the reason to break a rule of entry."""
    if force is not None and not force.strip():
        raise Refused("a rule is overridden for a reason only", hint="say it: --force REASON")
    key, before = required(tx, project, task_id)
    if reopen is not None:
        after = tasks.move(before, status, now=now, reopen=reopen)
        why = "; ".join(text for text in (reopen, force) if text)
        _store(tx, project, key, before, after, session=session, now=now, force=force, reason=why)
        return after
    given: Document = {"status": status}
    if status.strip().lower() == "blocked" and reason:
        given["reason"] = reason
    return write(tx, project, task_id, given, session=session, now=now, actor=actor, force=force)


def block(
    tx: "Transaction", project: Project, task_id: str, *, reason: str, severity: str, on_task: str | None,
    session: str | None, now: str, actor: str,
) -> Document:  # fmt: skip
    """Open a blocker on a task and return it; NotFound for an `on_task` that does not exist."""
    key, before = required(tx, project, task_id)
    if on_task is not None and project.task_key(ids.check(on_task, "task id")) is None:
        raise project.no_task(on_task)
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
        raise project.no_task(task_id)
    return key, before


def save(
    tx: "Transaction", project: Project, key: tuple[str, ...], before: Document | None, after: Document, *,
    session: str | None, reason: str | None = None,
) -> None:  # fmt: skip
    """Store a changed task and say in the commit what happened to it."""
    if after == before:
        return
    keep(tx, project, key, after)
    op, subject = task_events.of(before, after)
    if reason is None and op == "task_blocked":
        reason = str(task_fields.open_blockers(after)[-1]["reason"])
    tx.describe(op, subject, session=session, project=project.id, task=after["id"], reason=reason)


def keep(tx: "Transaction", project: Project, key: tuple[str, ...], task: Document) -> None:
    """Store a task, so that the project's tasks, when they are read already, show it as it is now."""
    tx.save(key, task)
    if key[2] == "tasks" and "tasks" in project.__dict__:
        project.tasks[task["id"]] = task


def _store(
    tx: "Transaction", project: Project, key: tuple[str, ...], before: Document | None, after: Document, *,
    session: str | None, now: str, force: str | None, reason: str | None,
) -> None:  # fmt: skip
    """Store a task that may have moved, if the rules of its board allow it."""
    if after["depends_on"] and after["depends_on"] != (before or {}).get("depends_on"):
        from orchestration.domain import entry

        entry.check_needs(project, before, after)
    if force is None and (before is None or after["column"] != before.get("column", "backlog")):
        from orchestration.domain import entry

        entry.check(project, after)
    save(tx, project, key, before, after, session=session, reason=reason)
    settle(tx, project, before, after, now=now)


def settle(
    tx: "Transaction", project: Project, before: Document | None, after: Document | None, *, now: str
) -> None:
    """Bring the container of a part along: done with its last part, reopened with one."""
    states = [(one.get("parent"), one.get("column")) if one else (None, None) for one in (before, after)]
    if states[0] == states[1]:
        return
    part = (after or before or {}).get("id")
    for parent in dict.fromkeys(name for name, _ in states if name):
        key = project.task_key(parent)
        container = project.task(parent)
        if key is None or container is None or part not in (container.get("split_into") or []):
            continue
        from orchestration.domain import splitting

        found = [project.task(name) for name in container["split_into"]]
        parts = [one for one in found if one is not None and one.get("parent") == parent]
        settled = splitting.settled(container, parts, now=now)
        if settled != container:
            tx.edit(*key)
            keep(tx, project, key, settled)
            settle(tx, project, container, settled, now=now)


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
