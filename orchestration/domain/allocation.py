"""Balancing the load of agents: tasks nobody has begun move from full agents to free ones.

load = open tasks / slots. While an agent with several tasks is above 90 %, the most loaded one (ties by
name) gives away its last unclaimed task in todo, lowest priority and youngest first, to the best fitting
agent (`suitability`) with a whole free slot whose load stays below what the giver's was. A task with a
team stays in that team, and no task moves twice.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.domain import samples, suitability, task_actions, tasks
from orchestration.domain.autoassign import NO_AGENTS
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.suitability import Staff
from orchestration.domain.task_fields import is_container, open_blockers
from orchestration.english import counted

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

FULL = 0.9
BALANCED = (
    "No agent with several tasks, above 90 % of its slots, has one in todo that somebody free could take."
)


def propose(project: Project) -> Document:
    """Return the moves that would balance the load, each with its reason; nothing is changed.

    `moves`: task, title, source, and the receiver's row of `Staff.rank`. `agents`: load before and after,
    null for an agent without slots. `note` is a sentence when there are no moves.
    """
    staff = Staff(project)
    held = _movable(project)
    moves: list[Document] = []
    while (move := _next(staff, held)) is not None:
        staff.open[move["source"]] -= 1
        staff.open[move["agent"]] += 1
        held[move["source"]].remove(project.tasks[move["task"]])
        moves.append(move)
    note = None
    if not moves:
        note = BALANCED if staff.agents else NO_AGENTS.format(project=project.id)
    return {
        "project": project.id,
        "moves": moves,
        "agents": [
            {
                **row,
                "load_before": _load(row["open_before"], row["slots"]),
                "load_after": _load(row["open_after"], row["slots"]),
            }
            for row in staff.held()
        ],
        "note": note,
    }


def outcome(document: Mapping[str, Any]) -> Document:
    """Return what a proposal does: the new agent of each task."""
    return {move["task"]: move["agent"] for move in document["moves"]}


def perform(tx: "Transaction", arguments: Mapping[str, Any], *, now: str, actor: str) -> Document:  # noqa: ARG001 - as every operation
    """Move tasks as `propose` says, as one change, and return the proposal.

    `arguments`: project, session.
    """
    project = Project(tx, arguments["project"], now=now).required()
    document = propose(project)
    for move in document["moves"]:
        key, task = task_actions.required(tx, project, move["task"])
        task_actions.save(tx, project, key, task, tasks.assign(task, move["agent"]), session=None)
    moved = len(document["moves"])
    if moved:
        tx.describe(
            "task_assigned", f"task: balance load, {counted(moved, 'task')} reassigned",
            session=arguments.get("session"), project=project.id,
        )  # fmt: skip
    return document


def _movable(project: Project) -> dict[str, list[Document]]:
    """Return the tasks that each agent could give away, the first to go first."""
    found: dict[str, list[Document]] = {}
    for task in sorted(project.tasks.values(), key=suitability.by_priority, reverse=True):
        untouched = task.get("column") == "todo" and not task.get("claim") and not task.get("started_at")
        if untouched and task.get("assignee") and not open_blockers(task) and not is_container(task):
            found.setdefault(task["assignee"], []).append(task)
    return found


def _next(staff: Staff, held: Mapping[str, list[Document]]) -> Document | None:
    givers = [
        name
        for name in staff.agents
        if held.get(name) and staff.open[name] > 1 and _ratio(staff, name) > FULL
    ]
    for giver in sorted(givers, key=lambda name: (-_ratio(staff, name), name)):
        for task in held[giver]:
            for row in staff.rank(task, team=task.get("team")):
                name = row["agent"]
                if name == giver or row["full"] or _ratio(staff, name, 1) >= _ratio(staff, giver):
                    continue
                facts = {"task": task["id"], "title": task["title"], "source": giver}
                return {**facts, **row, "reason": suitability.reason(row)}
    return None


def _ratio(staff: Staff, agent: str, more: int = 0) -> float:
    # Work without a slot is more than full, however little it is.
    held, slots = staff.open[agent] + more, staff.slots[agent]
    return held / slots if slots else float("inf") if held else 0.0


def _load(held: int, slots: float) -> int | float | None:
    return samples.tidy(held / slots) if slots else None
