"""Rules and figures of epics: a goal larger than one sprint, reached by the tasks that name it."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import fields, values
from orchestration.domain.records import (
    CLOSED_COLUMNS,
    DEFAULT_PRIORITY,
    EPIC_STATUSES,
    EPIC_TRANSITIONS,
    Document,
)
from orchestration.errors import Refused

_COMPUTED = "it is computed from the tasks and sprints that name this epic"
COMPUTED = ("sprints", "points_total", "points_done", "progress")

SCHEMA = fields.Schema(
    kind="epic",
    defaults={
        "id": None,
        "title": None,
        "description": None,
        "status": "planned",
        "priority": DEFAULT_PRIORITY,
        "tags": [],
        "metadata": {},
        "created_at": None,
        "completed_at": None,
    },
    checks={
        "title": values.text,
        "description": values.optional_text,
        "status": lambda field, value: values.choice(field, value, EPIC_STATUSES),
        "priority": lambda _, value: DEFAULT_PRIORITY if value is None else values.priority(value),
        "tags": values.strings,
        "metadata": fields.free_object,
        "completed_at": lambda field, value: None if value is None else values.time(field, value),
    },
    system={
        "id": "an id never changes; create another epic",
        "created_at": "it is set when the epic is created",
        **dict.fromkeys(COMPUTED, _COMPUTED),
    },
)


def new(epic_id: str, given: Mapping[str, Any], *, now: str) -> Document:
    """Return a new epic with every given field stored; its title is "Epic <id>" unless given."""
    fixed = {"id": values.id_("epic", epic_id), "title": f"Epic {epic_id}", "created_at": now}
    return _with_completion(fields.created(SCHEMA, fixed, given), now)


def update(epic: Document, given: Mapping[str, Any], *, now: str) -> Document:
    """Return `epic` with every given field stored; Refused where the status may not follow."""
    result = fields.updated(SCHEMA, epic, given)
    before, after = epic.get("status", "planned"), result["status"]
    # An unknown status can only come from an edited file; any known one repairs it.
    allowed = EPIC_TRANSITIONS.get(before, EPIC_STATUSES)
    if before != after and after not in allowed:
        raise Refused(
            f"epic {epic['id']!r} cannot go from {before} to {after}",
            hint=f"from {before} it may become {', '.join(allowed)}",
        )
    return _with_completion(result, now)


def _with_completion(epic: Document, now: str) -> Document:
    if epic["status"] != "completed":
        return {**epic, "completed_at": None}
    return {**epic, "completed_at": epic["completed_at"] or now}


def unset(epic: Document, field: str) -> Document:
    """Return `epic` with `field` back at its default; a status leaves only by its transitions."""
    if field in ("status", "completed_at", "title"):
        raise Refused(
            f"{field} of epic {epic['id']!r} cannot be deleted", hint="write another value: `update-epic`"
        )
    return fields.unset(SCHEMA, epic, field)


def open_tasks(epic_id: str, tasks: Mapping[str, Document]) -> list[str]:
    """Return the ids of the epic's tasks that are neither done nor cancelled."""
    return [
        task_id
        for task_id, task in tasks.items()
        if task.get("epic_id") == epic_id and task.get("column") not in CLOSED_COLUMNS
    ]


def totals(epic_id: str, tasks: Mapping[str, Document]) -> Document:
    """Return points_total, points_done, progress and the number of tasks, cancelled ones left out.

    progress is done / total points, and null while no task of the epic has points.
    """
    mine = [t for t in tasks.values() if t.get("epic_id") == epic_id and t.get("column") != "cancelled"]
    total = sum(task.get("points") or 0 for task in mine)
    done = sum(task.get("points") or 0 for task in mine if task.get("column") == "done")
    progress = round(done / total, 4) if total else None
    return {"points_total": total, "points_done": done, "progress": progress, "tasks": len(mine)}


def view(epic: Document, tasks: Mapping[str, Document], sprints: Mapping[str, Document]) -> Document:
    """Return `epic` as shown: its sprints, by their own word or by its tasks, and its points."""
    epic_id = epic["id"]
    planned = {task.get("sprint_id") for task in tasks.values() if task.get("epic_id") == epic_id}
    named = [s for s, sprint in sprints.items() if sprint.get("epic_id") == epic_id or s in planned]
    figures = totals(epic_id, tasks)
    computed = {"sprints": named} | {name: figures[name] for name in COMPUTED[1:]}
    shown: Document = {}
    for name, value in epic.items():
        if name == "created_at":
            shown |= computed
        shown[name] = value
    return shown | computed


def event_of(before: Document | None, after: Document) -> tuple[str, str]:
    """Return the event type and the commit subject that say how the epic changed."""
    name = after["id"]
    if before is None:
        return "epic_created", fields.subject(f"epic: create {name} {after['title']}")
    old = before.get("status", "planned")
    if old != after["status"]:
        return "epic_updated", fields.subject(f"epic: {name} {old} -> {after['status']}")
    names = [field for field in fields.changed(before, after) if field != "updated_at"]
    return "epic_updated", fields.subject(f"epic: {name} set {', '.join(names)}")
