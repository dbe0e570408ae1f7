"""Giving tasks that wait in todo to agents with free slots.

Tasks by priority, then age; each goes to the agent with the highest score (`suitability`) of those who
have a whole free slot, ties by name. A task given here counts as open for the next one, so work spreads.
Left alone are tasks that nobody could begin: blocked, waiting for another task, claimed, or done by
their parts.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.domain import dependencies, suitability, task_actions, tasks
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.suitability import Staff
from orchestration.domain.task_fields import is_container, open_blockers

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

NO_AGENTS = (
    "Project {project} has no agents yet: name them with `shared_state set-config {project} --data JSON`."
)
NO_TASKS = "No task in todo is without an assignee."


def propose(project: Project) -> Document:
    """Return who would get which task, and why; nothing is changed.

    `assigned` holds a row per task: its facts, the agent's row of `Staff.rank`, `reason`, `runner_up`
    (the next best with a free slot, null if none) and `passed_over` (better ones without one). `left`
    says of each other task why it stays, `agents` what everybody holds before and after, `note` is a
    sentence when nothing can be given out.
    """
    staff = Staff(project)
    waiting = [
        task for task in project.tasks.values() if task.get("column") == "todo" and not task.get("assignee")
    ]
    assigned, left = [], []
    for task in sorted(waiting, key=suitability.by_priority):
        reason = _unready(task, project)
        if reason is None:
            row, reason = _choose(staff, task)
            if row is not None:
                staff.open[row["agent"]] += 1
                assigned.append(row)
        if reason is not None:
            left.append({**_facts(task), "reason": reason})
    note = NO_TASKS if not waiting else NO_AGENTS.format(project=project.id) if not staff.agents else None
    return {
        "project": project.id,
        "assigned": assigned,
        "left": left,
        "agents": staff.held(),
        "note": note,
    }


def outcome(document: Mapping[str, Any]) -> Document:
    """Return what a proposal does: the agent of each task."""
    return {row["task"]: row["agent"] for row in document["assigned"]}


def perform(tx: "Transaction", arguments: Mapping[str, Any], *, now: str, actor: str) -> Document:  # noqa: ARG001 - as every operation
    """Assign tasks as `propose` says, as one change, and return the proposal.

    `arguments`: project, session.
    """
    project = Project(tx, arguments["project"], now=now).required()
    document = propose(project)
    for row in document["assigned"]:
        key, before = task_actions.required(tx, project, row["task"])
        task_actions.save(tx, project, key, before, tasks.assign(before, row["agent"]), session=None)
    given = document["assigned"]
    if given:
        one = given[0] if len(given) == 1 else None
        subject = (
            f"task: {one['task']} assigned to {one['agent']}"
            if one
            else f"task: assign {len(given)} tasks by score"
        )
        tx.describe(
            "task_assigned", subject, session=arguments.get("session"), project=project.id,
            task=one["task"] if one else None,
        )  # fmt: skip
    return document


def _facts(task: Mapping[str, Any]) -> Document:
    return {"task": task["id"], "title": task["title"], "priority": task.get("priority")}


def _unready(task: Mapping[str, Any], project: Project) -> str | None:
    """Say why nobody could begin a task, or None."""
    blockers = open_blockers(task)
    if blockers:
        return f"blocked by {', '.join(str(blocker.get('id')) for blocker in blockers)}"
    needs = dependencies.waiting(task, project.task)
    if needs:
        return f"waits for {', '.join(needs)}"
    if is_container(task):
        return "it is done by its parts"
    if task.get("claim"):
        return f"claimed by {task['claim'].get('agent')}"
    return None


def _choose(staff: Staff, task: Mapping[str, Any]) -> tuple[Document | None, str | None]:
    """Return the row of the agent that gets a task, or None and why nobody does."""
    team = task.get("team")
    of = f" of team {team}" if team else ""
    there = [name for name, agent in staff.agents.items() if team in (None, agent["team"])]
    if not there:
        return None, f"there is no agent{of}"
    if all(staff.is_full(name) for name in there):
        return None, f"no agent{of} has a free slot"
    ranked = staff.rank(task, team=team)
    free = [row for row in ranked if not row["full"]]
    chosen, *others = free
    better = ranked[: ranked.index(chosen)]
    return {
        **_facts(task),
        **chosen,
        "reason": suitability.reason(chosen),
        "runner_up": {"agent": others[0]["agent"], "score": others[0]["score"]} if others else None,
        "passed_over": [{"agent": row["agent"], "score": row["score"]} for row in better],
    }, None
