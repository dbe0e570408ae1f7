"""What a change of a task is called: the event type and the subject of its commit."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import fields
from orchestration.domain.task_fields import open_blockers, stored


def of(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[str, str]:
    """Return the event type and the commit subject that say best how `before` became `after`."""
    kind, said = _event(before, after)
    return kind, fields.subject(f"task: {said}")


def _event(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[str, str]:
    task_id, current = str(after["id"]), stored(after)
    if before is None:
        title = fields.subject(str(current["title"]))
        return "task_created", f"create {task_id}" + (f" {title}" if title != task_id else "")
    old = stored(before)
    waited = {one.get("id"): one for one in open_blockers(before)}
    waiting = {one.get("id"): one for one in open_blockers(after)}
    opened = [one for name, one in waiting.items() if name not in waited]
    if opened:
        return "task_blocked", f"{task_id} blocked: {fields.subject(str(opened[-1].get('reason')))}"
    changed = fields.changed(old, current)
    if "column" in changed:
        return "task_moved", f"{task_id} {old['column']} -> {current['column']}"
    closed = [one for one in current["blockers"] if one.get("id") in waited and one.get("id") not in waiting]
    if closed:
        names = ", ".join(str(one["id"]) for one in closed)
        note = fields.subject(str(closed[-1].get("resolution") or ""))
        said = f"{task_id} {names} resolved, still blocked" if waiting else f"{task_id} unblocked"
        return "task_unblocked", said + (f": {note}" if note else "")
    if "claim" in changed and current["claim"]:
        return "task_assigned", f"{task_id} claimed by {current['claim'].get('agent')}"
    if "assignee" in changed:
        name = current["assignee"]
        return "task_assigned", f"{task_id} assigned to {name}" if name else f"{task_id} unassigned"
    if "points" in changed:
        points = current["points"]
        return "task_estimated", f"{task_id} " + (
            f"estimated at {points}" if points is not None else "not estimated"
        )
    if changed == ["depends_on"]:
        return "state_set", f"{task_id} depends on {', '.join(current['depends_on']) or 'nothing'}"
    if changed and not any(field in current for field in changed):
        return "state_deleted", f"{task_id} delete {', '.join(changed)}"
    return "state_set", f"{task_id} set {', '.join(changed) or 'updated_at'}"
