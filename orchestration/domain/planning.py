"""Epics, sprints, configuration and tools of a project: made, changed, started and ended."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import epics, projects, sprints, task_actions, tools
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.errors import NotFound, Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


def set_config(tx: "Transaction", project_id: str, change: Mapping[str, Any], *, now: str) -> Document:
    """Merge a change into a project's configuration, null deleting a key; makes the project."""
    key = ("projects", ids.check(project_id, "project"), "config")
    before = tx.edit(*key)
    Project(tx, project_id, now=now).check_new()
    after = projects.merge_config(before, project_id, change, now=now)
    if after != before:
        tx.save(key, after)
        op, subject = projects.event_of(before, after)
        tx.describe(op, subject, project=project_id)
    return after


def update_epic(
    tx: "Transaction", project: Project, epic_id: str, given: Mapping[str, Any], *, now: str
) -> tuple[Document, bool, list[str]]:
    """Create or change an epic; returns it, whether it was made, and its tasks still open if it completed."""
    key = ("projects", project.id, "epics", ids.check(epic_id, "epic id"))
    before = tx.edit(*key)
    if before is None:
        project.check_new()
        ids.check_new(epic_id, tx.names(*key[:-1]), "epic id")
        after = epics.new(epic_id, given, now=now)
    else:
        after = epics.update(before, given, now=now)
    if after != before:
        tx.save(key, after)
        op, subject = epics.event_of(before, after)
        tx.describe(op, subject, project=project.id)
    completed = after["status"] == "completed" and (before or {}).get("status") != "completed"
    return after, before is None, epics.open_tasks(epic_id, project.tasks) if completed else []


def create_sprint(
    tx: "Transaction",
    project: Project,
    sprint_id: str,
    name: str,
    given: Mapping[str, Any],
    *,
    update: bool,
    now: str,
) -> tuple[Document, bool]:
    """Plan a sprint, or with `update` change one that exists; returns it and whether it was made."""
    key = ("projects", project.id, "sprints", ids.check(sprint_id, "sprint id"))
    before = tx.edit(*key)
    _check_epic(tx, project, given)
    if before is not None:
        if not update:
            raise Refused(f"sprint {sprint_id!r} exists already", hint="use --update to change it")
        after = sprints.update(before, {**given, "name": name}, now=now, config=project.config)
    else:
        project.check_new()
        ids.check_new(sprint_id, tx.names(*key[:-1]), "sprint id")
        after = sprints.new(sprint_id, name, given, now=now, config=project.config)
    _save_sprint(tx, project, before, after)
    return after, before is None


def update_sprint(
    tx: "Transaction", project: Project, sprint_id: str, given: Mapping[str, Any], *, now: str
) -> Document:
    """Change fields of a sprint and return it."""
    before = sprint(tx, project, sprint_id)
    _check_epic(tx, project, given)
    after = sprints.update(before, given, now=now, config=project.config)
    _save_sprint(tx, project, before, after)
    return after


def start_sprint(
    tx: "Transaction", project: Project, sprint_id: str, *, now: str, force: str | None = None
) -> Document:
    """Start a sprint and return it: dates are filled, its scope is committed, its backlog moves to todo.

    Blocked tasks stay in the backlog. Refused when other sprints run, or when it has no tasks and no
    reason to start, `force`, is given.
    """
    before = sprint(tx, project, sprint_id)
    active = [
        name for name, one in project.sprints.items() if one["status"] == "active" and name != sprint_id
    ]
    mine = project.tasks_of(sprint_id)
    after = sprints.start(before, mine, now=now, config=project.config, active=active)
    first = before["status"] == "planned"
    if first and force is None and not any(task["column"] != "cancelled" for task in mine.values()):
        raise Refused(
            f"sprint {sprint_id!r} has no tasks",
            hint=f"`task add TITLE --sprint {sprint_id}`, or start it with --force REASON",
        )
    for task in sprints.committed(mine, now=now, first=first):
        _save_task(tx, project, task)
    _save_sprint(tx, project, before, after, reason=force)
    return after


def complete_sprint(
    tx: "Transaction", project: Project, sprint_id: str, *, carry_to: str | None, now: str
) -> tuple[Document, list[str]]:
    """End a sprint; its open tasks go to another sprint, or back to the backlog. Returns it and them.

    `carry_to` is a sprint's id, "backlog", or None for the tasks to stay. Refused when some are open
    and nothing says where they go.
    """
    before = sprint(tx, project, sprint_id)
    after = sprints.complete(before, now=now)
    mine = project.tasks_of(sprint_id)
    target = None if carry_to in (None, "backlog") else carry_to
    if target is not None:
        other = sprint(tx, project, target)
        if target == sprint_id or other["status"] not in ("planned", "active"):
            raise Refused(
                f"open tasks cannot be carried to sprint {target!r}, which is {other['status']}",
                hint="name a planned or active sprint, or backlog",
            )
    moved = sprints.carry(mine, target, now=now)
    if moved and carry_to is None:
        names = ", ".join(list(moved)[:5]) + (", ..." if len(moved) > 5 else "")
        raise Refused(
            f"sprint {sprint_id!r} has {counted(len(moved), 'open task')}: {names}",
            hint="say where they go: --carry-to SPRINT, or --carry-to backlog",
        )
    for task in moved.values():
        _save_task(tx, project, task)
    _save_sprint(tx, project, before, after)
    return after, list(moved)


def cancel_sprint(tx: "Transaction", project: Project, sprint_id: str, *, now: str) -> Document:
    """Cancel a planned or active sprint and return it; its tasks keep naming it."""
    before = sprint(tx, project, sprint_id)
    after = sprints.cancel(before, now=now)
    _save_sprint(tx, project, before, after)
    return after


def register_tool(tx: "Transaction", name: str, *, now: str, **given: Any) -> tuple[Document, bool]:
    """Register a tool, or change the given fields of one; returns it and whether it is new."""
    key = ("tools", ids.check(name, "tool"))
    before = tx.edit(*key)
    if before is None:
        ids.check_new(name, tx.names("tools"), "tool")
    after = tools.register(before, name=name, now=now, **given)
    if after != before:
        tx.save(key, after)
        op, subject = tools.event_of(before, after)
        tx.describe(op, subject)
    return after, before is None


def sprint(tx: "Transaction", project: Project, sprint_id: str) -> Document:
    """Return the record of a sprint, to be changed; NotFound when there is none."""
    found: Document | None = tx.edit("projects", project.id, "sprints", ids.check(sprint_id, "sprint id"))
    if found is None:
        raise NotFound(
            f"no sprint {sprint_id!r} in project {project.id!r}",
            hint=f"see `shared_state list-sprints {project.id}`",
        )
    return found


def _check_epic(tx: "Transaction", project: Project, given: Mapping[str, Any]) -> None:
    epic = given.get("epic_id")
    if epic and not tx.exists("projects", project.id, "epics", ids.check(str(epic), "epic id")):
        raise NotFound(
            f"no epic {epic!r} in project {project.id!r}", hint=f"see `shared_state list-epics {project.id}`"
        )


def _save_sprint(
    tx: "Transaction",
    project: Project,
    before: Document | None,
    after: Document,
    *,
    reason: str | None = None,
) -> None:
    if after != before:
        tx.save(("projects", project.id, "sprints", after["id"]), after)
        op, subject = sprints.event_of(before, after)
        tx.describe(op, subject, project=project.id, reason=reason)


def _save_task(tx: "Transaction", project: Project, task: Document) -> None:
    key = project.task_key(task["id"])
    assert key is not None
    tx.edit(*key)
    task_actions.keep(tx, project, key, {k: v for k, v in task.items() if k not in ("status", "blocker")})
