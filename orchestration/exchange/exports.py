"""Tasks as CSV, JSON and Markdown, in stable columns, for spreadsheets, programs and people.

A cell of a CSV file that a spreadsheet would take for a formula begins with an apostrophe, as OWASP's page
on CSV injection advises; in Markdown nothing of a title is markup.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from orchestration.domain import markdown, task_fields
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.english import counted

FORMATS = ("csv", "json", "md")
COLUMNS = (
    "id", "title", "type", "status", "column", "priority", "points", "assignee", "team", "epic_id", "sprint_id",
    "parent", "depends_on", "labels", "blocked_by", "created_at", "committed_at", "started_at", "completed_at",
    "source_system", "source_id", "description",
)  # fmt: skip
"""The columns of the CSV file; new ones are only ever added at the end."""

_SHORT = ("id", "title", "status", "priority", "points", "assignee", "labels")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width ones count as well
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def of_project(project: Project, sprint: Document | None) -> Document:
    """Return the tasks of a project, or of one of its sprints, as `document` has them; archived ones as well."""
    if sprint is not None:
        found = list(project.tasks_of(sprint["id"]).values())
    else:
        found = [task for name in project.task_ids() if (task := project.task(name)) is not None]
    return document(project.id, found, sprint_id=sprint["id"] if sprint else None, at=project.now)


def document(project_id: str, tasks: Iterable[Document], *, sprint_id: str | None, at: str) -> Document:
    """Return an export as data: the project, the sprint or None, the time it tells of, and whole tasks.

    Tasks stand by priority, then age.
    """
    rows = [task_fields.view(task) for task in tasks]
    rows.sort(key=lambda row: (row["priority"], row["created_at"] or "", row["id"]))
    return {"project": project_id, "sprint": sprint_id, "at": at, "tasks": rows}


def written(found: Mapping[str, Any], form: str) -> str:
    """Return an export as the text of a file of one of the `FORMATS`."""
    if form == "json":
        return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    return as_csv(found["tasks"]) if form == "csv" else as_markdown(found)


def as_csv(tasks: Iterable[Document]) -> str:
    """Return tasks as CSV with a header line."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for task in tasks:
        row = _row(task)
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return stream.getvalue()


def _row(task: Document) -> Document:
    came_from = task.get("source") if isinstance(task.get("source"), Mapping) else {}
    blocker = task.get("blocker") or {}
    return task | {
        "blocked_by": blocker.get("reason"),
        "source_system": (came_from or {}).get("system"),
        "source_id": (came_from or {}).get("id"),
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        value = ", ".join(str(one) for one in value)
    if isinstance(value, int | float):
        return str(value)
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))
    # a tab or a line's end at the beginning hides what comes after it
    return f"'{text}" if text.lstrip()[:1] in _FORMULA or text[:1] in ("\t", "\r", "\n") else text


def as_markdown(found: Mapping[str, Any]) -> str:
    """Return an export as a Markdown page: a table and how many tasks and points it is."""
    of = f"Sprint {found['sprint']}" if found["sprint"] else f"Project {found['project']}"
    lines = [f"# {markdown.inline(of)}", ""]
    tasks = found["tasks"]
    if not tasks:
        return "\n".join([*lines, "There are no tasks.", ""])
    points = sum(task["points"] or 0 for task in tasks)
    done = sum(task["points"] or 0 for task in tasks if task["column"] == "done")
    lines += [f"{counted(len(tasks), 'task')}, {done:g} of {counted(points, 'point')} done.", ""]
    lines += ["| " + " | ".join(name.capitalize() for name in _SHORT) + " |"]
    lines += [
        "|" + "|".join(" ---: " if name in ("priority", "points") else " --- " for name in _SHORT) + "|"
    ]
    lines += [
        "| " + " | ".join(markdown.inline(_shown(task.get(name))) for name in _SHORT) + " |" for task in tasks
    ]
    return "\n".join([*lines, ""])


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
