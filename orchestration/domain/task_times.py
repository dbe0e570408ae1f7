"""The times of a task that somebody writes, as records brought from elsewhere have them."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import values
from orchestration.domain.records import Document
from orchestration.errors import InvalidData, Refused


def put(task: Document, times: Mapping[str, Any], *, before: Mapping[str, Any]) -> None:
    """Put explicit times into `task`, pulling back times that the same write filled in after them.

    `before` is the task as it was. Refused for a completion that does not go with the column, InvalidData
    for times that are no times or out of order.
    """
    for field, v in times.items():
        task[field] = None if v is None else values.time(field, v)
    if "completed_at" in times and (task["completed_at"] is not None) != (task["column"] == "done"):
        raise Refused(
            f"completed_at goes with the column done; {task['id']} is in {task['column']}",
            hint="write the status with it",
        )
    for earlier, later in (("started_at", "completed_at"), ("committed_at", "started_at")):
        if task[earlier] and task[later] and _precedes(task[later], task[earlier]):
            if earlier in times or before.get(earlier):
                raise InvalidData(
                    f"{later} {task[later]} is before {earlier} {task[earlier]}", hint="write both, in order"
                )
            task[earlier] = task[later]


def _precedes(a: str, b: str) -> bool:
    # A date has no hour to compare.
    if len(a) == 10 or len(b) == 10:
        return a[:10] < b[:10]
    return values.parse_time(a) < values.parse_time(b)
