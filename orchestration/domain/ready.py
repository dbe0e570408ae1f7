"""Ready work: what an agent can take now, in the order in which it should be taken.

Work is pulled from todo, as on any Kanban board. A task there is ready when no blocker is open, the
tasks it depends on are done, it is not the container of a split, and nobody holds it. A task whose claim
is orphaned is ready again from the column where it was left. When nothing of that is ready, the backlog
items of active sprints are offered in the same way. First comes the highest priority, then the oldest,
then the lowest id.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.domain import capacity, claims, dependencies, fields, task_actions, task_fields
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, DEFAULT_PRIORITY, WORK_COLUMNS, Document
from orchestration.english import counted
from orchestration.errors import Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

_OBSTACLES: Mapping[str, str] = {
    "blocked": "blocked",
    "depends": "waiting for other tasks",
    "claimed": "claimed",
    "assigned": "assigned to others",
    "container": "split into others",
}
"""What keeps a task from being ready, and how a count of such tasks reads."""


class _Obstacle(NamedTuple):
    kind: str
    said: str


def document(
    project: Project, watch: claims.Watch, *, agent: str | None = None, limit: int | None = None
) -> Document:
    """Return the ready tasks, for `agent` or for anybody, and the orphaned ones.

    `source` is "todo", or "backlog" when the active sprint's backlog is offered; `ready` are at most `limit`
    tasks as shown, each with `orphaned` and what in it `fits` the agent; `total` says how many there are;
    `orphaned` are all open tasks whose session is gone, each with what it `waits_for` unless it is offered;
    `waiting` counts what keeps tasks in todo from being ready; `note` is a sentence where the list needs one.
    """
    board = _Board(project, watch, agent)
    offered, source = board.offered, "todo"
    if not offered and board.parked:
        offered, source = board.parked, "backlog"
    offered.sort(key=_order)
    record = project.agents.get(agent) if agent is not None else None
    rows = [
        task_fields.view(task)
        | {"orphaned": watch.orphaned(task), "fits": [] if agent is None else fits(task, agent, record)}
        for task in offered[:limit]
    ]
    there = {task["id"] for task in offered}
    board.orphaned.sort(key=lambda pair: _order(pair[0]))
    orphaned = [
        task_fields.view(task)
        | {
            "orphaned": watch.orphaned(task),
            "waits_for": said or (None if task["id"] in there else "in the backlog"),
        }
        for task, said in board.orphaned
    ]
    return {
        "project": project.id,
        "agent": agent,
        "source": source,
        "total": len(offered),
        "ready": rows,
        "orphaned": orphaned,
        "waiting": board.waiting,
        "note": _note(project, source, len(offered), agent, board.waiting),
    }


class _Board:
    """The open tasks of a project, sorted by whether they can be taken."""

    def __init__(self, project: Project, watch: claims.Watch, agent: str | None) -> None:
        self.project = project
        self.agent = agent
        self.offered: list[Document] = []
        self.parked: list[Document] = []
        self.orphaned: list[tuple[Document, str | None]] = []
        self.waiting = dict.fromkeys(_OBSTACLES, 0)
        for task in project.tasks.values():
            if task.get("column", "backlog") not in CLOSED_COLUMNS:
                self._sort(task, orphan=watch.orphaned(task) is not None)

    def _sort(self, task: Document, *, orphan: bool) -> None:
        column = task.get("column", "backlog")
        if column in WORK_COLUMNS and not orphan:
            return
        in_backlog = column == "backlog"
        if in_backlog and not orphan and task.get("sprint_id") not in self._active:
            return
        obstacle = self._obstacle(task, orphan=orphan)
        if orphan:
            self.orphaned.append((task, obstacle.said if obstacle else None))
        if obstacle is not None:
            if not in_backlog:
                self.waiting[obstacle.kind] += 1
        elif not in_backlog:
            self.offered.append(task)
        elif task.get("sprint_id") in self._active:
            self.parked.append(task)

    @cached_property
    def _active(self) -> set[str]:
        return {name for name, sprint in self.project.sprints.items() if sprint["status"] == "active"}

    def _obstacle(self, task: Document, *, orphan: bool) -> _Obstacle | None:
        if task_fields.is_container(task):
            return _Obstacle("container", "split into other tasks")
        open_blockers = task_fields.open_blockers(task)
        if open_blockers:
            return _Obstacle(
                "blocked", "blocked by " + ", ".join(str(one.get("id")) for one in open_blockers)
            )
        undone = dependencies.waiting(task, self._find)
        if undone:
            return _Obstacle("depends", f"waiting for {', '.join(undone)}")
        if task.get("claim") and not orphan:
            return _Obstacle("claimed", f"claimed by {task['claim'].get('agent')}")
        # An orphan's assignee is who left it, unless somebody gave it to another agent.
        owner = task.get("assignee")
        if orphan and owner == task["claim"].get("agent"):
            owner = None
        if self.agent is not None and owner not in (None, self.agent):
            return _Obstacle("assigned", f"assigned to {owner}")
        return None

    def _find(self, task_id: str) -> Document | None:
        return self.project.tasks.get(task_id) or self.project.task(task_id)


def _order(task: Mapping[str, Any]) -> tuple[int, str, str]:
    # The number in an id counts as one: TASK-2 is before TASK-10.
    name = re.sub("[0-9]+", lambda found: found[0].zfill(15), str(task["id"]))
    # Without the Z: with it a whole second would come after its parts.
    created = str(task.get("created_at") or "").removesuffix("Z")
    return task.get("priority") or DEFAULT_PRIORITY, created, name


def fits(task: Mapping[str, Any], agent: str, record: Document | None) -> list[str]:
    """Say what in a task suits an agent: that it is assigned to it, its team, its skills.

    A skill suits a task that has it as a label or as its type.
    """
    found = ["assigned"] if task.get("assignee") == agent else []
    if record is not None:
        if record.get("team") and task.get("team") == record["team"]:
            found.append(f"team {record['team']}")
        asked = {str(word).casefold() for word in [*(task.get("labels") or []), task.get("type")]}
        found += [skill for skill in record.get("skills") or [] if str(skill).casefold() in asked]
    return found


def _note(
    project: Project, source: str, total: int, agent: str | None, waiting: Mapping[str, int]
) -> str | None:
    if total and source == "todo":
        return None
    if total:
        return "Nothing in todo is ready: these are in the backlog of the active sprint."
    by = f" for {agent}" if agent else ""
    counts = [f"{count} {_OBSTACLES[kind]}" for kind, count in waiting.items() if count]
    why = ", ".join(counts) or "there is nothing in todo, nor in the backlog of an active sprint"
    return f"No task of project {project.id} is ready{by}: {why}."


def choose(project: Project, watch: claims.Watch, *, agent: str, more: bool = False) -> Document:
    """Return the ready work for an agent, as `document` does, of which the first task is its next.

    Refused when it holds as many tasks as it has slots already, unless it asks for `more`.
    """
    mine = claims.held(project, watch, agent)
    slots = capacity.slots(project.agents.get(agent))
    if len(mine) >= slots and not more:
        names = ", ".join(task["id"] for task in mine[:5]) + (", …" if len(mine) > 5 else "")
        raise Refused(
            f"{agent} holds {names} and has {counted(slots, 'slot')}" if mine
            else f"{agent} has no slots",
            hint="finish or unassign one first, or take one more with --more",
        )  # fmt: skip
    return document(project, watch, agent=agent, limit=1)


def take_next(
    tx: "Transaction", project: Project, watch: claims.Watch, *, agent: str, session: str, more: bool = False,
    start: bool = False, now: str, actor: str,
) -> tuple[claims.Taken | None, Document]:  # fmt: skip
    """Let an agent take its next task; returns it, None when nothing is ready, and the ready work.

    With `start` it also moves to in_progress, under the rules of moving: where they refuse, it is not
    taken. Raises what `choose` and these rules raise.
    """
    work = choose(project, watch, agent=agent, more=more)
    if not work["ready"]:
        return None, work
    task_id = work["ready"][0]["id"]
    taken = claims.take(tx, project, task_id, agent=agent, session=session, watch=watch, now=now)
    column = taken.task["column"]
    if start and column not in WORK_COLUMNS:
        task = task_actions.move(
            tx, project, task_id, "in_progress", reopen=None, reason=None, session=session, now=now,
            actor=actor,
        )  # fmt: skip
        taken = taken._replace(task=task)
        tx.describe(
            "task_moved", fields.subject(f"task: {task_id} {column} -> in_progress, {claims.said(taken)}"),
            session=session, project=project.id, task=task_id, reason=taken.why,
        )  # fmt: skip
    return taken, work
