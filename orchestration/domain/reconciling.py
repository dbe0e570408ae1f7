"""What a merge leaves to be put right in one record, so that it is as valid as both sides were.

Merging goes by path; a record means more than its paths. `whole` mends it:

* a task that is not done has no `completed_at`; one that is done has it, and the times before it;
* a done or cancelled task is held by nobody and waits for nothing: its open blockers are resolved;
* a task that was split has no points and no claim;
* a sprint or an epic has `completed_at` exactly when it is completed, and only a completed sprint is archived;
* a closed decision has the status that all its votes give; a handoff that waits is not decided;
* a workflow that has ended has no present step, one that runs is at its first step that has not ended.

`merged` mends what takes both sides to tell: an assignee who came with a claim that gave way, and a sprint
that would end before it starts, which gets both dates of the side that ends it later.

Times are those of the record, never a clock's: every machine gets the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

from orchestration.domain import blockers, decisions, epics, fields, values, workflows
from orchestration.domain.records import CLOSED_COLUMNS, WORK_COLUMNS, Document
from orchestration.domain.sprint_fields import SCHEMA as SPRINT
from orchestration.domain.task_fields import SCHEMA as TASK
from orchestration.errors import InvalidData
from orchestration.merge import Conflict, Merged, Side, canonical, same, value_at
from orchestration.paths import MISSING
from orchestration.store.layout import Key

_TIMES = ("created_at", "committed_at", "started_at", "completed_at", "opened_at", "resolved_at", "ended_at")


def whole(key: Key, record: Document) -> Document:
    """Return a record with what its fields say of each other in agreement; a valid one as it is."""
    kind = key[2] if key[0] == "projects" and len(key) > 3 else ""
    rule = _RULES.get(kind)
    try:
        return rule(dict(record)) if rule else record
    except InvalidData:
        return record  # a value that its field cannot hold: `verify` names it


def merged(
    key: Key, found: Merged, base: Document | None, ours: Document | None, theirs: Document | None
) -> Merged:
    """Return a record merged from three versions made whole, with the conflicts that are left.

    A conflict whose place now holds what neither side wrote, because it follows from other fields, is none.
    """
    value, conflicts = found
    if not isinstance(value, dict):
        return found
    if ours is not None and theirs is not None:
        value, conflicts = _dated(
            key, *_assigned(key, value, conflicts, ours, theirs), base or {}, ours, theirs
        )
    value = whole(key, value)
    return Merged(value, [one for each in conflicts for one in _standing(each, key, value)])


_FOLLOWS = (("workflows", "current_step"), ("decisions", "status"))
"""Fields that follow from others, so that no conflict is about them."""


def _standing(conflict: Conflict, key: Key, value: Document) -> list[Conflict]:
    if key[0] == "projects" and (key[2], *conflict.path[len(key) :]) in _FOLLOWS:
        return []
    now = canonical(value_at(value, conflict.path, at=key))
    for side in (conflict.chosen, "ours", "theirs"):
        if now == canonical(getattr(conflict, side)):
            return [conflict._replace(chosen=side)]
    return [conflict] if len(conflict.path) <= len(key) else []


def latest(*records: Mapping[str, Any]) -> str | None:
    """Return the latest time that records name, also in their lists; None when they name none."""
    found: list[str] = []
    for record in records:
        found += [str(record[name]) for name in _TIMES if record.get(name)]
        inner = [one for part in ("blockers", "steps") for one in record.get(part) or []]
        found += [time for one in inner if isinstance(one, dict) and (time := latest(one))]
    return max(found, key=values.instant, default=None)


# -- records by themselves


def _task(task: Document) -> Document:
    column = task.get("column")
    last = latest(task)
    done = column == "done"
    if last is not None and done:
        task["completed_at"] = task.get("completed_at") or last
    elif task.get("completed_at"):
        task["completed_at"] = None
    if last is not None and (column in WORK_COLUMNS or done):
        task["started_at"] = task.get("started_at") or task.get("completed_at") or last
    if last is not None and (column == "todo" or column in WORK_COLUMNS or done):
        task["committed_at"] = task.get("committed_at") or task.get("started_at") or last
    if column in CLOSED_COLUMNS:
        if task.get("claim"):
            task["claim"] = None
        if last is not None and blockers.still_open(task.get("blockers")):
            at, note = task.get("completed_at") or last, f"task {column}"
            task["blockers"] = blockers.resolved(
                task["blockers"], task_id=str(task.get("id")), now=at, resolution=note
            )
    if task.get("split_into"):
        task |= {"points": 0, "claim": None}
    return fields.arranged(TASK, task)


def _completed(record: Document) -> Document:
    if record.get("status") == "completed":
        record["completed_at"] = record.get("completed_at") or latest(record)
    elif record.get("completed_at"):
        record["completed_at"] = None
    return record


def _sprint(sprint: Document) -> Document:
    if sprint.get("status") != "completed" and sprint.get("archived"):
        sprint["archived"] = False
    return fields.arranged(SPRINT, _completed(sprint))


def _epic(epic: Document) -> Document:
    return fields.arranged(epics.SCHEMA, _completed(epic))


def _decision(decision: Document) -> Document:
    votes = decision.get("votes")
    closed = decision.get("status") in decisions.STATUSES[1:]
    if closed and isinstance(votes, dict) and all(isinstance(one, str) for one in votes.values()):
        decision["status"] = decisions.tally(decision)["outcome"] or decision["status"]
    elif decision.get("status") == "voting" and decision.get("decided_at"):
        decision["decided_at"] = None
    return decision


def _handoff(handoff: Document) -> Document:
    if handoff.get("status") == "pending_acceptance" and handoff.get("decided_at"):
        handoff["decided_at"] = None
    return handoff


def _workflow(run: Document) -> Document:
    steps = run.get("steps")
    if not isinstance(steps, list) or not all(isinstance(one, dict) for one in steps):
        return run
    waiting = [n for n, one in enumerate(steps) if one.get("status", "pending") in workflows.OPEN]
    status = run.get("status")
    if status == "running" and not waiting and steps:
        status = run["status"] = "completed"
    if status in workflows.OPEN:
        if status == "running" and waiting:
            first = waiting[0]
            begun = {"status": "running", "started_at": steps[first].get("started_at") or latest(run)}
            run["steps"] = [{**one, **begun} if n == first else one for n, one in enumerate(steps)]
            run["current_step"] = steps[first].get("name")
        return run
    closing = {"status": "completed" if status == "completed" else "cancelled", "ended_at": latest(run)}
    run["steps"] = [{**one, **closing} if n in waiting else one for n, one in enumerate(steps)]
    return {**run, "current_step": None}


_RULES: Mapping[str, Callable[[Document], Document]] = {
    "tasks": _task,
    "archive": _task,
    "sprints": _sprint,
    "epics": _epic,
    "decisions": _decision,
    "handoffs": _handoff,
    "workflows": _workflow,
}


# -- what takes both sides to tell


def _assigned(
    key: Key, value: Document, conflicts: list[Conflict], ours: Document, theirs: Document
) -> tuple[Document, list[Conflict]]:
    """Take back the assignment that came with a claim which gave way to an earlier one."""
    claims = [one.get("claim") for one in (ours, theirs)]
    if key[2:3] not in (("tasks",), ("archive",)) or not all(isinstance(one, dict) for one in claims):
        return value, conflicts
    for mine, other in ((ours, theirs), (theirs, ours)):
        lost, held = other["claim"], mine["claim"]
        if (
            not same(held, lost)
            and same(value.get("claim"), held)
            and value.get("assignee") == lost.get("agent")
        ):
            if mine.get("assignee") != held.get("agent"):
                continue
            path = (*key, "assignee")
            return {**value, "assignee": mine["assignee"]}, [one for one in conflicts if one.path != path]
    return value, conflicts


def _dated(
    key: Key, value: Document, conflicts: list[Conflict], base: Document, ours: Document, theirs: Document
) -> tuple[Document, list[Conflict]]:
    names = ("start_date", "end_date")
    start, end = (value.get(name) for name in names)
    if key[2:3] != ("sprints",) or not isinstance(start, str) or not isinstance(end, str) or start < end:
        return value, conflicts
    ends = [str(one.get("end_date")) + str(one.get("start_date")) for one in (ours, theirs)]
    side: Side = "ours" if ends[0] >= ends[1] else "theirs"
    dates = {name: (ours if side == "ours" else theirs).get(name) for name in names}
    paths = {name: (*key, name) for name in names}
    told = [one for one in conflicts if one.path not in paths.values()]
    for name, path in paths.items():
        if not same(ours.get(name), theirs.get(name)):
            versions = [one.get(name, MISSING) for one in (base, ours, theirs)]
            told.append(Conflict(path, versions[0], versions[1], versions[2], side))
    return {**value, **dates}, told
