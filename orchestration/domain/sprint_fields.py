"""The fields of a sprint and the forms in which their values are stored."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import fields, projects, values
from orchestration.domain.records import Document
from orchestration.errors import InvalidData

BY_STEPS = "use `start-sprint`, `complete-sprint` or `cancel-sprint`"
_FROZEN = "it is frozen by `start-sprint`"
RETRO_PARTS = ("well", "not_well", "actions")


def _goals(field: str, value: Any) -> list[Document]:
    if value is None:
        return []
    items = [value] if isinstance(value, str) and not value.lstrip().startswith("[") else value
    if isinstance(items, str):
        items = values.strings(field, items)
    if not isinstance(items, list):
        raise InvalidData(f"{field} is not a list", hint='use ["goal", {"text": "goal", "done": true}]')
    return [_goal(f"{field}[{n}]", item) for n, item in enumerate(items)]


def _goal(field: str, value: Any) -> Document:
    if not isinstance(value, Mapping):
        return {"text": values.text(field, value), "done": False}
    return {
        **value,
        "text": values.text(f"{field}.text", value.get("text")),
        "done": values.boolean(f"{field}.done", value.get("done", False)),
    }


def _date(field: str, value: Any) -> str | None:
    if value is None:
        return None
    written = values.time(field, value)
    # Outside these years the arithmetic of zones and sprint lengths can leave the calendar.
    if not "1970" <= written[:4] <= "2999":
        raise InvalidData(f"{field} {written!r} is not a year from 1970 to 2999", hint="check the date")
    return written


def points(field: str, value: Any) -> int | float | None:
    """Check a number of story points; null is unknown."""
    return None if value is None else values.number(field, value, low=0)


def _retro(field: str, value: Any) -> Document | None:
    if value is None:
        return None
    found = values.mapping(field, value)
    for part in RETRO_PARTS:
        # An action may be an object with an owner; anything but a list is text to be split.
        if part in found and not isinstance(found[part], list):
            found[part] = values.strings(f"{field}.{part}", found[part])
    return found


SCHEMA = fields.Schema(
    kind="sprint",
    defaults={
        "id": None,
        "name": None,
        "status": "planned",
        "archived": False,
        "epic_id": None,
        "goals": [],
        "start_date": None,
        "end_date": None,
        "started_at": None,
        "completed_at": None,
        "capacity": None,
        "velocity_target": None,
        # Empty means the project's limits, null means none at all.
        "wip_limits": {},
        "committed_points": None,
        "committed_tasks": None,
        "retro": None,
        "report": None,
        "metadata": {},
        "created_at": None,
    },
    checks={
        "name": values.text,
        "epic_id": fields.identifier,
        "goals": _goals,
        "start_date": _date,
        "end_date": _date,
        "capacity": points,
        "velocity_target": points,
        "wip_limits": projects.wip_limits,
        "retro": _retro,
        "metadata": fields.free_object,
    },
    system={
        "id": "an id never changes; create another sprint",
        "status": BY_STEPS,
        "archived": "use `/archive`",
        "started_at": BY_STEPS,
        "completed_at": BY_STEPS,
        "committed_points": _FROZEN,
        "committed_tasks": _FROZEN,
        "scope_changes": "they are read from history",
        "tasks": "write the task's sprint_id",
        "created_at": "it is set when the sprint is created",
    },
)
