"""The table of ready work."""

from typing import Any

from orchestration.views.tables import Table, text


def ready(work: dict[str, Any]) -> Table:
    """List what can be taken, in this order, then the orphaned tasks that have to wait."""
    rows = [(task, _offered(task)) for task in work["ready"]]
    rows += [(task, _waiting(task)) for task in work["orphaned"] if task["waits_for"]]
    return Table(
        ("ID", "STATUS", "PRIORITY", "POINTS", "ASSIGNEE", "NOTE", "TITLE"),
        [
            (
                task["id"],
                task["status"],
                text(task["priority"]),
                text(task["points"]),
                text(task["assignee"]),
                text(note),
                text(task["title"]),
            )
            for task, note in rows
        ],
        work["note"] or "",
    )


def _offered(task: dict[str, Any]) -> str:
    again = [f"offered again: {task['orphaned']}"] if task["orphaned"] else []
    fits = [f"fits: {', '.join(task['fits'])}"] if task["fits"] else []
    return "; ".join([*again, *fits])


def _waiting(task: dict[str, Any]) -> str:
    return f"orphaned: {task['orphaned']}; {task['waits_for']}"
