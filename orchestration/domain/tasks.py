"""The rules of a task: which values its fields take, which column may follow which, what an event says.

A task stands in one column of the board. Forward it may skip columns, backward it may go to any
column before done; done is left only by reopening, cancelled only to backlog. It is blocked while
one of its blockers is open, whatever its column. Three times tell its life: `committed_at` (left
the backlog to be done), `started_at` (first in in_progress or beyond), `completed_at` (done). The
first two are kept when it moves back, also to the backlog, which keeps sprint, assignee, claim and
open blockers too: the work is parked, not forgotten. Cancelling resolves open blockers.

Functions take a record and return a new one. A stored `updated_at` is dropped by every change
that does not give one.
"""

from collections.abc import Mapping
from typing import Any

from orchestration import ids
from orchestration.domain import blockers, fields, values
from orchestration.domain.records import (
    BLOCKED_MAY_ENTER,
    CLOSED_COLUMNS,
    COLUMN_SYNONYMS,
    COLUMNS,
    Document,
)
from orchestration.domain.task_fields import SCHEMA, is_container, open_blockers, stored, view
from orchestration.errors import Conflict, InvalidData, Refused

TIMES = ("committed_at", "started_at", "completed_at")


def new(
    task_id: str,
    given: Mapping[str, Any],
    *,
    now: str,
    new_blocker_id: str | None = None,
    actor: str | None = None,
) -> Document:
    """Return a new task in the written column, else in backlog; its title defaults to its id.

    `new_blocker_id` and `actor` are needed, as in `update`, when the written status is `blocked`.
    A given `created_at`, as in records brought from elsewhere, takes the place of `now`.
    """
    created = given.get("created_at")
    blank = {
        "id": ids.check(task_id, "task id"),
        "title": task_id,
        "created_at": values.time("created_at", now if created is None else created),
    }
    changes = {field: v for field, v in given.items() if field != "created_at"}
    return update(stored(blank), changes, now=now, new_blocker_id=new_blocker_id, actor=actor)


def update(
    task: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    now: str,
    new_blocker_id: str | None,
    actor: str | None,
) -> Document:
    """Return the task with `changes` merged in: objects deeply, lists and scalars replaced, null = default.

    A written `status` or `column` moves the task; `status: blocked` opens the blocker `new_blocker_id`
    reported by `actor`, by the rule of `blockers.take`. Raises Refused for illegal moves and for system
    fields that would change, InvalidData for values that their fields cannot hold.
    """
    written = dict(changes)
    column, blocker = _take_target(task, written)
    result = stored(task if column is None else move(task, column, now=now))
    times = {field: written.pop(field) for field in TIMES if field in written}
    if times:
        from orchestration.domain import task_times

        task_times.put(result, times, before=task)
    updated_at = written.pop("updated_at", None)
    for field, v in written.items():
        result = _with(result, field, v)
    if blocker is not None:
        if new_blocker_id is None or actor is None:
            raise Refused(
                f"{task['id']} cannot be blocked here",
                hint=f"use `task block {task['id']} REASON`",
            )
        result = block(result, blocker_id=new_blocker_id, reported_by=actor, now=now, **blocker)
    if updated_at is not None:
        return {**result, "updated_at": values.time("updated_at", updated_at)}
    return dict(task) if result == stored(task) else result


def _take_target(task: Mapping[str, Any], written: Document) -> tuple[str | None, Document | None]:
    """Take the words that move or block out of `written`: the column to enter, the blocker to open."""
    state = written.pop("status", None)
    column = written.pop("column", None)
    if column is not None:
        column = _column(task, column)
    if state is None:
        return column, None
    state = values.choice("status", state, (*COLUMNS, "blocked"), COLUMN_SYNONYMS)
    if state == "blocked":
        return column, blockers.take(written, open_blockers(task))
    if column not in (None, state):
        raise InvalidData(f"status {state!r} and column {column!r} disagree", hint="write one of the two")
    # The same column would be no move, yet the status would go on reading `blocked`.
    if open_blockers(task) and state not in BLOCKED_MAY_ENTER:
        raise blockers.refusal(task)
    return state, None


def _with(task: Document, field: str, v: object) -> Document:
    if field == "assignee":
        return assign(task, v)
    if field == "points" and v != task.get("points"):
        _require_whole(task, "estimated")
    if v is None and (field in SCHEMA.checks or field == "claim"):
        return unset(task, field)
    if field == "created_at" and isinstance(v, str):
        v = values.time(field, v)
    # The view knows `blocker`: writing back a record as it was read changes nothing.
    result = stored(fields.updated(SCHEMA, view(task), {field: v}))
    if field in ("parent", "depends_on"):
        linked = result[field] if isinstance(result[field], list) else [result[field]]
        if str(task["id"]).casefold() in (str(one).casefold() for one in linked):
            raise Refused(f"{field} of {task['id']} names the task itself", hint="name another task")
    return result


def unset(task: Mapping[str, Any], field: str) -> Document:
    """Return the task with `field` at its default, or gone if it is a free one; Refused for system fields."""
    fixed = ("id", "column", "status", "blocker", "blockers", "created_at", "split_into")
    if field in fixed or (field == "completed_at" and task.get("column") == "done"):
        raise Refused(f"{field} of {task['id']} cannot be deleted", hint="move, block or unblock the task")
    if field == "points":
        _require_whole(task, "without points")
    if field == "assignee":
        return assign(task, None)
    if field not in task:
        return dict(task)
    kept = {name: v for name, v in task.items() if name != field}
    return stored({**kept, "title": task["id"]} if field == "title" else kept)


def _column(task: Mapping[str, Any], written: object) -> str:
    column = values.choice("column", written, (*COLUMNS, "blocked"), COLUMN_SYNONYMS)
    if column == "blocked":
        raise Refused("blocked is not a column", hint=f"block it with `task block {task['id']} REASON`")
    return column


def move(
    task: Mapping[str, Any], column: object, *, now: str, reopen: str | None = None, by_parts: bool = False
) -> Document:
    """Return the task in `column`, with the times that this fills; the same column changes nothing.

    `reopen`, the reason, is what takes a task from done back to in_progress; `by_parts` says that the
    parts of a split move their container. Raises Refused for an illegal step and InvalidData for a word
    that is no column.
    """
    task_id = str(task["id"])
    before = values.choice(f"column of {task_id}", task.get("column", "backlog"), COLUMNS, COLUMN_SYNONYMS)
    after = _column(task, column)
    if after == before:
        return dict(task)
    if after in ("in_progress", "review", "done") and not by_parts:
        _require_whole(task, f"moved to {after}")
    way_back = f"`update-task {task_id} in_progress --reopen REASON`"
    if before == "done" and after != "in_progress":
        raise Refused(f"{task_id} is done and cannot go to {after}", hint=f"reopen it first: {way_back}")
    if before == "done" and not (reopen or "").strip():
        raise Refused(f"{task_id} is done; reopening it needs a reason", hint=way_back)
    if before == "cancelled" and after != "backlog":
        raise Refused(
            f"{task_id} is cancelled and goes back to backlog only",
            hint=f"`update-task {task_id} backlog`",
        )
    if open_blockers(task) and after not in BLOCKED_MAY_ENTER:
        raise blockers.refusal(task)
    result = stored(task)
    result["column"] = after
    at = values.time("now", now)
    if after not in ("backlog", "cancelled"):
        result["committed_at"] = result["committed_at"] or at
    if after in ("in_progress", "review", "done"):
        result["started_at"] = result["started_at"] or at
    result["completed_at"] = at if after == "done" else None
    if after in CLOSED_COLUMNS:
        result["claim"] = None
    if after == "cancelled" and open_blockers(result):
        # Left open it would keep the status at `blocked` and count as waiting for ever.
        return unblock(result, now=now, resolution="task cancelled")
    return result


def block(
    task: Mapping[str, Any],
    *,
    blocker_id: str,
    reason: object,
    severity: object = "medium",
    on_task: object = None,
    owner: object = None,
    reported_by: str,
    now: str,
) -> Document:
    """Return the task with one more open blocker; raise Refused when it is done or cancelled."""
    _require_unclosed(task, "blocked")
    result = stored(task)
    result["blockers"] = blockers.opened(
        result["blockers"],
        task_id=str(task["id"]),
        blocker_id=blocker_id,
        reason=reason,
        severity=severity,
        on_task=on_task,
        owner=owner,
        reported_by=reported_by,
        now=now,
    )
    return result


def _require_unclosed(task: Mapping[str, Any], what: str) -> None:
    if task.get("column") in CLOSED_COLUMNS:
        raise Refused(
            f"{task['id']} is {task['column']} and cannot be {what}",
            hint="bring it back with `update-task`",
        )


def _require_whole(task: Mapping[str, Any], what: str) -> None:
    if is_container(task):
        raise Refused(
            f"{task['id']} was split and cannot be {what}", hint=f"its parts: {', '.join(task['split_into'])}"
        )


def unblock(
    task: Mapping[str, Any], *, now: str, resolution: object = None, blocker_id: str | None = None
) -> Document:
    """Return the task with all open blockers, or the one named, resolved; raise Refused when none is open."""
    result = stored(task)
    result["blockers"] = blockers.resolved(
        result["blockers"], task_id=str(task["id"]), now=now, resolution=resolution, blocker_id=blocker_id
    )
    return result


def assign(task: Mapping[str, Any], agent: object) -> Document:
    """Return the task assigned to `agent`, or to nobody; another agent's claim ends with it."""
    name = values.agent(agent, "assignee")
    holder = (task.get("claim") or {}).get("agent")
    if name == task.get("assignee") and (name is not None or holder is None):
        return dict(task)
    result = stored(task)
    result["assignee"] = name
    if holder != name:
        result["claim"] = None
    return result


def claim(task: Mapping[str, Any], *, agent: str, session: str, now: str) -> Document:
    """Return the task held by `agent` in `session`, and assigned to it if it was nobody's.

    Raises Conflict while another agent or session holds it, Refused when it is done or cancelled.
    """
    _require_unclosed(task, "claimed")
    _require_whole(task, "claimed")
    name = values.agent(agent)
    if name is None:
        raise InvalidData("a claim needs the name of an agent", hint="name it, such as @qa-analyst")
    held = task.get("claim")
    if held and (held.get("agent"), held.get("session")) == (name, session):
        return dict(task)
    if held:
        raise Conflict(
            f"{task['id']} is claimed by {held.get('agent')} in session {held.get('session')}",
            hint="take another task, or unassign this one first",
        )
    result = stored(task)
    result["claim"] = {"agent": name, "session": session, "at": values.time("now", now)}
    result["assignee"] = result["assignee"] or name
    return result


def estimate(task: Mapping[str, Any], points: object) -> Document:
    """Return the task with `points`, a number of 0 or more, or None for no estimate."""
    result = _with(stored(task), "points", points)
    return dict(task) if result["points"] == task.get("points") else result
