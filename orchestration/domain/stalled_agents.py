"""What agents do, for how long, and who of them is stalled: at work, and silent for longer than alerts allow."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import agent_status, alerts, board, values
from orchestration.domain.project import Project
from orchestration.domain.records import Document


def rows(project: Project, activity: Mapping[str, str]) -> list[Document]:
    """Return the rows of `agent_status.rows`, each with its tasks, how long they are in work, and `stalled`.

    `work` is [{id, title, column, hours}], hours since it began or null; `seen_hours` since the last sign of
    life; `stalled` says why the agent counts as stalled, null when it does not.
    """
    found = []
    for row in agent_status.rows(project, activity):
        work = [
            {
                "id": name,
                "title": project.tasks[name].get("title") or name,
                "column": project.tasks[name]["column"],
                "hours": board.hours_since(project.tasks[name].get("started_at"), project.now),
            }
            for name in row["tasks"]
        ]
        seen = board.hours_since(row["last_active"], project.now)
        found.append({**row, "work": work, "seen_hours": seen, "stalled": _stalled(row, project, work)})
    return found


def _stalled(row: Mapping[str, Any], project: Project, work: list[Document]) -> str | None:
    if row["status"] != "busy":
        return None
    signs = [sign for sign in [row["last_active"], *(_begun(project, one["id"]) for one in work)] if sign]
    if not signs:
        return "it gave no sign of life yet"
    last = max(signs, key=values.instant)
    silent = values.parse_time(project.now) - values.parse_time(last)
    return f"silent for {alerts.age(silent)}" if silent > alerts.SILENT else None


def _begun(project: Project, task_id: str) -> str | None:
    found: str | None = project.tasks[task_id].get("started_at")
    return found
