"""Epics and sprints on a time line: from when to when each goes, and how much of it is done."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import epics, metrics, values, workdays
from orchestration.domain.project import Project
from orchestration.domain.records import Document

_EPICS = ("in_progress", "blocked", "planned", "completed")


def roadmap(project: Project) -> Document:
    """Return {project, today, from, to, rows} of a project, cancelled and archived records left out.

    A row is {kind: epic | sprint, id, title, status, epic_id, start, end, progress, points_done,
    points_total}: each epic with its sprints below it, then the sprints of no epic. Dates are days of the
    project's zone, null where none are planned; an epic goes from its first sprint to its last. progress is
    the share of the points, null without any.
    """
    calendar = workdays.calendar(project.settings)
    shown = {
        name: _sprint(project, sprint, calendar)
        for name, sprint in project.sprints.items()
        if sprint["status"] != "cancelled" and not sprint.get("archived")
    }
    known = [one for one in project.epics.values() if one["status"] in _EPICS]
    known.sort(key=lambda one: (_EPICS.index(one["status"]), one["priority"], str(one["created_at"])))
    rows = []
    for epic in known:
        mine = [row for row in shown.values() if row["epic_id"] == epic["id"]]
        rows += [_epic(project, epic, mine), *sorted(mine, key=_order)]
    placed = {epic["id"] for epic in known}
    rows += sorted((row for row in shown.values() if row["epic_id"] not in placed), key=_order)
    starts = [row["start"] for row in rows if row["start"]]
    return {
        "project": project.id,
        "today": workdays.day_of(calendar, values.parse_time(project.now)).isoformat(),
        "from": min(starts, default=None),
        "to": max([row["end"] or row["start"] for row in rows if row["start"]], default=None),
        "rows": rows,
    }


def _order(row: Mapping[str, Any]) -> tuple[bool, str, str]:
    return (row["start"] is None, row["start"] or "", row["id"])


def _sprint(project: Project, sprint: Document, calendar: workdays.Calendar) -> Document:
    def day(written: str | None) -> str | None:
        return workdays.day_of(calendar, workdays.moment(calendar, written)).isoformat() if written else None

    tasks = metrics.work(project.tasks_of(sprint["id"]))
    return {
        "kind": "sprint",
        "id": sprint["id"],
        "title": sprint.get("name") or sprint["id"],
        "status": sprint["status"],
        "epic_id": sprint.get("epic_id"),
        "start": day(sprint.get("start_date") or sprint.get("started_at")),
        "end": day(sprint.get("completed_at") or sprint.get("end_date")),
        **_progress(
            sum(task.get("points") or 0 for task in tasks.values() if task["column"] == "done"),
            sum(task.get("points") or 0 for task in tasks.values() if task["column"] != "cancelled"),
        ),
    }


def _epic(project: Project, epic: Document, sprints: list[Document]) -> Document:
    totals = epics.totals(epic["id"], metrics.work(project.tasks))
    starts = [row["start"] for row in sprints if row["start"]]
    ends = [row["end"] for row in sprints if row["end"]]
    return {
        "kind": "epic",
        "id": epic["id"],
        "title": epic["title"],
        "status": epic["status"],
        "epic_id": epic["id"],
        "start": min(starts, default=None),
        "end": max(ends, default=None),
        **_progress(totals["points_done"], totals["points_total"]),
    }


def _progress(done: float, total: float) -> Document:
    return {"progress": round(done / total, 4) if total else None, "points_done": done, "points_total": total}
