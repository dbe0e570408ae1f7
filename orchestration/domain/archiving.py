"""Archiving a sprint: its tasks leave the board for the archive, where they are still found by id."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.domain import board, fields, planning, sprint_stopping, sprints, values
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.sprint_names import named
from orchestration.english import counted
from orchestration.errors import NotFound, Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


def perform(tx: "Transaction", arguments: Mapping[str, Any], *, now: str, actor: str) -> Document:  # noqa: ARG001 - as every operation
    """Archive a sprint as one change and return what moves; a running one that is over is completed first.

    `arguments`: project; sprint, None for the latest completed one that is not archived, else an active
    one that is over or finished; carry_to and force as for ending a sprint.
    """
    project = Project(tx, arguments["project"], now=now).required()
    given = arguments.get("sprint")
    before = named(project, given) if given else _latest(project)
    name = before["id"]
    if before.get("archived"):
        raise Refused(f"sprint {name!r} is archived already")
    ended = None
    if before["status"] == "active":
        why = sprint_stopping.over(project, before)
        if why is None:
            raise Refused(
                f"sprint {name!r} is still running", hint=f"`/orchestrate sprint stop {name}` ends it"
            )
        ended = {**sprint_stopping.end(tx, project, before, arguments, now=now), "why": why}
    after = sprints.archive(planning.sprint(tx, project, name))
    tx.save(("projects", project.id, "sprints", name), after)
    moved = [task_id for task_id, task in project.tasks.items() if task.get("sprint_id") == name]
    for task_id in moved:
        key = ("projects", project.id, "tasks", task_id)
        tx.save(("projects", project.id, "archive", name, task_id), tx.edit(*key))
        tx.delete(*key)
        project.tasks.pop(task_id)
    tx.describe(
        "sprint_archived", fields.subject(f"sprint: archive {name}, {counted(len(moved), 'task')}"),
        session=arguments.get("session"), project=project.id,
    )  # fmt: skip
    return {
        "project": project.id,
        "sprint": board.heading(project, after),
        "tasks": moved,
        "ended": ended,
    }


def outcome(document: Mapping[str, Any]) -> Document:
    """Return what archiving does: which tasks go to the archive, and which are carried over before."""
    ended = document["ended"]
    return {
        "sprint": document["sprint"]["id"],
        "tasks": document["tasks"],
        "ended": sprint_stopping.outcome(ended) if ended else None,
    }


def _latest(project: Project) -> Document:
    done = [
        one for one in project.sprints.values() if one["status"] == "completed" and not one.get("archived")
    ]
    if done:
        return max(done, key=lambda one: (values.instant(one.get("completed_at") or project.now), one["id"]))
    running = [one for one in project.sprints.values() if sprint_stopping.over(project, one)]
    if running:
        return running[0]
    active = [name for name, one in project.sprints.items() if one["status"] == "active"]
    raise NotFound(
        f"project {project.id!r} has no completed sprint to archive",
        hint=f"`/orchestrate sprint stop {active[0]}` ends the running one" if active else None,
    )
