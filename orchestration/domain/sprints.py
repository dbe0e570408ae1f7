"""Rules of sprints: dates, goals, the commitment frozen at the start, and which sprint is current.

A sprint's end is the moment its successor may begin: 15 to 29 January are fourteen days, and the
29th is the first of the next sprint. Tasks name their sprint; a sprint only lists what it committed to.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from orchestration.domain import fields, projects, values, workdays
from orchestration.domain.records import CLOSED_COLUMNS, SPRINT_STATUSES, SPRINT_TRANSITIONS, Document
from orchestration.domain.sprint_fields import BY_STEPS, SCHEMA, points
from orchestration.domain.task_fields import open_blockers
from orchestration.domain.tasks import move
from orchestration.errors import InvalidData, Refused


def new(
    sprint_id: str, name: str, given: Mapping[str, Any], *, now: str, config: Document | None
) -> Document:
    """Return a planned sprint; its end, unless given, is its start and the project's sprint length.

    Refused for fields a caller may not write, InvalidData where it would not start before its end.
    """
    for field in ("id", "status"):
        if field in given:
            raise Refused(
                f"{field} cannot be given to a new sprint",
                hint="its id is an argument" if field == "id" else f"it begins planned; {BY_STEPS}",
            )
    if "name" in given and given["name"] != name:
        raise Refused(f"the new sprint {sprint_id!r} has two names", hint="give the name once")
    fixed = {"id": values.id_("sprint", sprint_id), "created_at": now}
    return _dated(fields.created(SCHEMA, fixed, {"name": name, **given}), config)


def update(sprint: Document, given: Mapping[str, Any], *, now: str, config: Document | None) -> Document:  # noqa: ARG001 - all updates take now
    """Return `sprint` with the given fields; Refused for system fields, InvalidData for bad dates."""
    result = fields.updated(SCHEMA, sprint, given)
    return _dated(result, config) if "start_date" in given or "end_date" in given else result


def unset(sprint: Document, field: str) -> Document:
    """Return `sprint` with `field` back at its default."""
    return fields.unset(SCHEMA, sprint, field)


def _dated(sprint: Document, config: Document | None) -> Document:
    start, end = sprint["start_date"], sprint["end_date"]
    if start is None:
        return sprint
    settings = projects.settings(config)
    if end is None:
        return {**sprint, "end_date": _later(start, settings["default_sprint_length"])}
    calendar = workdays.calendar(settings)
    if workdays.moment(calendar, start) >= workdays.moment(calendar, end):
        raise InvalidData(
            f"sprint {sprint['id']!r} would start {start}, which is not before its end {end}",
            hint="give an end_date after start_date",
        )
    return sprint


def _later(start: str, days: int) -> str:
    length = timedelta(days=days)
    if len(start) == len("2024-01-15"):
        return (date.fromisoformat(start) + length).isoformat()
    return values.format_time(values.parse_time(start) + length)


def _require_step(sprint: Document, status: str) -> None:
    before = sprint.get("status", "planned")
    if status == before:
        raise Refused(f"sprint {sprint['id']!r} is already {status}")
    # An unknown status can only come from an edited file; any step repairs it.
    allowed = ", ".join(SPRINT_TRANSITIONS.get(before, SPRINT_STATUSES))
    if status not in allowed.split(", "):
        raise Refused(
            f"sprint {sprint['id']!r} is {before}; it cannot become {status}",
            hint=f"from {before} it may become {allowed}" if allowed else "create another sprint",
        )


def start(
    sprint: Document,
    tasks: Mapping[str, Document],
    *,
    now: str,
    config: Document | None,
    active: Sequence[str],
) -> Document:
    """Return `sprint` active: dates filled, committed points and tasks frozen.

    `active` names the other active sprints; Refused when `max_active_sprints` of them run. A completed
    sprint becomes active again with its dates and commitment as they were.
    """
    _require_step(sprint, "active")
    settings = projects.settings(config)
    if len(active) >= settings["max_active_sprints"]:
        raise Refused(
            f"sprint {sprint['id']!r} cannot start: active already: {', '.join(active)}",
            hint=f"use `complete-sprint` on it, or raise settings.max_active_sprints "
            f"(now {settings['max_active_sprints']})",
        )
    result = _stepped(sprint, status="active", completed_at=None, archived=False)
    if sprint.get("status") == "completed":
        return result
    calendar = workdays.calendar(settings)
    today = workdays.day_of(calendar, values.parse_time(now)).isoformat()
    mine = of(sprint["id"], tasks)
    committed = {task_id: task for task_id, task in mine.items() if task["column"] != "cancelled"}
    result |= {
        "start_date": sprint.get("start_date") or today,
        "started_at": now,
        "committed_points": sum(task.get("points") or 0 for task in committed.values()),
        "committed_tasks": list(committed),
    }
    return _dated(result, config)


def committed(tasks: Mapping[str, Document], *, now: str, first: bool) -> list[Document]:
    """Return those tasks of a sprint that change when it starts.

    Open ones are committed to; at its `first` start those in the backlog move to todo, but for blocked
    ones, which stay where they are until they are unblocked.
    """
    changed = []
    for task in tasks.values():
        after = task
        if first and task["column"] == "backlog" and not open_blockers(task):
            after = move(task, "todo", now=now)
        if after["column"] not in CLOSED_COLUMNS and not after["committed_at"]:
            after = {**after, "committed_at": now}
        if after != task:
            changed.append({name: value for name, value in after.items() if name != "updated_at"})
    return changed


def complete(sprint: Document, *, now: str) -> Document:
    """Return an active sprint completed; Refused for any other."""
    _require_step(sprint, "completed")
    return _stepped(sprint, status="completed", completed_at=now)


def cancel(sprint: Document, *, now: str) -> Document:  # noqa: ARG001 - every step takes now
    """Return a planned or active sprint cancelled; Refused for any other."""
    _require_step(sprint, "cancelled")
    return _stepped(sprint, status="cancelled")


def archive(sprint: Document) -> Document:
    """Return a completed sprint marked as archived; Refused for any other."""
    status = sprint.get("status")
    if status != "completed":
        raise Refused(
            f"sprint {sprint['id']!r} is {status}, not completed", hint="use `complete-sprint` first"
        )
    return _stepped(sprint, archived=True)


def _stepped(sprint: Document, **changes: Any) -> Document:
    kept = {name: value for name, value in sprint.items() if name != "updated_at"}
    return fields.arranged(SCHEMA, fields.blank(SCHEMA) | kept | changes)


def of(sprint_id: str, tasks: Mapping[str, Document]) -> dict[str, Document]:
    """Return the tasks of a sprint by id."""
    return {task_id: task for task_id, task in tasks.items() if task.get("sprint_id") == sprint_id}


def carry(tasks: Mapping[str, Document], to: str | None, *, now: str) -> dict[str, Document]:
    """Return those tasks that are neither done nor cancelled, in sprint `to`, or in the backlog for None."""
    result = {}
    for task_id, task in tasks.items():
        if task["column"] in CLOSED_COLUMNS:
            continue
        moved = move(task, "backlog", now=now) if to is None else task
        kept = {name: value for name, value in moved.items() if name != "updated_at"}
        result[task_id] = {**kept, "sprint_id": to}
    return result


def current(sprints: Mapping[str, Document], *, bound: str | None, today: date) -> Document | None:
    """Return the sprint that a session means by "the sprint", or None when there is none.

    The session's bound one; else the active one whose dates contain today, else the active one that
    starts latest; else the planned one whose dates contain today, else the one that starts, or was
    created, earliest.
    """
    if bound is not None and bound in sprints:
        return sprints[bound]
    day = today.isoformat()
    active = [s for s in sprints.values() if s.get("status") == "active"]
    if active:
        return max(active, key=lambda s: (_contains(s, day), _begins(s, ""), s.get("created_at") or ""))
    planned = [s for s in sprints.values() if s.get("status") == "planned"]
    if planned:
        return min(planned, key=lambda s: (not _contains(s, day), _begins(s, "9"), s.get("created_at") or ""))
    return None


def _begins(sprint: Document, unknown: str) -> str:
    return sprint.get("start_date") or sprint.get("started_at") or unknown


def _contains(sprint: Document, day: str) -> bool:
    start, end = sprint.get("start_date"), sprint.get("end_date")
    return bool(start and end and start[:10] <= day <= end[:10])


def capacity(sprint: Document) -> int | float | None:
    """Return the points the sprint can hold: its own field, else `metadata.capacity`."""
    return _own(sprint, "capacity")


def velocity_target(sprint: Document, config: Document | None) -> int | float | None:
    """Return the sprint's target, else the one in its metadata, else the project's."""
    own = _own(sprint, "velocity_target")
    return projects.settings(config)["velocity_target"] if own is None else own


def _own(sprint: Document, field: str) -> int | float | None:
    for place in (sprint, sprint.get("metadata") or {}):
        if place.get(field) is not None:
            return points(f"sprint {sprint['id']!r} {field}", place[field])
    return None


def wip_limits(sprint: Document | None, config: Document | None) -> dict[str, int | None]:
    """Return the limit of each limited column: the sprint's own over the project's; null means none."""
    own: Mapping[str, int | None] | None = (sprint or {}).get("wip_limits", {})
    return {} if own is None else projects.settings(config)["wip_limits"] | dict(own)


def view(sprint: Document, tasks: Mapping[str, Document], *, config: Document | None) -> Document:
    """Return `sprint` as shown: the ids of its tasks, and capacity, target and limits as they hold."""
    shown = (
        fields.blank(SCHEMA)
        | sprint
        | {
            "capacity": capacity(sprint),
            "velocity_target": velocity_target(sprint, config),
            "wip_limits": wip_limits(sprint, config),
        }
    )
    return shown | {"tasks": list(of(sprint["id"], tasks))}


def event_of(before: Document | None, after: Document) -> tuple[str, str]:
    """Return the event type and the commit subject that say how the sprint changed."""
    name = after["id"]
    if before is None:
        return "sprint_created", fields.subject(f"sprint: create {name} {after['name']}")
    old = before.get("status", "planned")
    if old != after["status"]:
        op = {"active": "sprint_started", "completed": "sprint_completed"}.get(after["status"], "state_set")
        return op, fields.subject(f"sprint: {name} {old} -> {after['status']}")
    if after.get("archived") and not before.get("archived"):
        return "sprint_archived", fields.subject(f"sprint: archive {name}")
    names = [field for field in fields.changed(before, after) if field != "updated_at"]
    return "state_set", fields.subject(f"sprint: {name} set {', '.join(names)}")
