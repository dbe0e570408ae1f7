"""What the commands of handoffs between teams show, as data: see `tables`."""

from typing import Any

from orchestration.views.tables import Table, moment, text


def listing(rows: list[dict[str, Any]], *, project: str, any_status: bool = True) -> Table:
    """List handoffs between teams, newest first."""
    return Table(
        ("ID", "STATUS", "FROM", "TO", "CREATED", "TASKS", "WHAT"),
        [
            (
                row["id"],
                row["status"],
                text(row["from"]),
                text(row["to"]),
                moment(row["created_at"]),
                text(row["tasks"]),
                text(row["text"]),
            )
            for row in rows
        ],
        f"Project {project} has no {'' if any_status else 'such '}handoffs between teams.",
    )
