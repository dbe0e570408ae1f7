"""What agents do; see `domain.stalled_agents` for the rows."""

from collections.abc import Sequence

from orchestration.domain.records import Document
from orchestration.views import layout
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.tables import Table


def agents(value: Sequence[Document], *, project: str) -> Page:
    """Show a row for each agent, and below who is stalled."""
    table = Table(
        ("AGENT", "TEAM", "STATUS", "SEEN", "OPEN", "WORKS ON"),
        [
            (
                f"@{clean(one['id'])}",
                clean(one["team"] or "-"),
                one["status"],
                "-" if one["seen_hours"] is None else f"{layout.age(one['seen_hours'], short=True)} ago",
                str(one["open"]),
                ", ".join(f"{task['id']} ({layout.age(task['hours'], short=True)})" for task in one["work"])
                or "-",
            )
            for one in value
        ],
        f"Project {clean(project)} has no agents: `shared_state set-config {clean(project)} --data JSON` names them.",
    )
    lines: list[Line] = [
        [
            (f"@{clean(one['id'])}", "warning"),
            f"  {one['stalled']}: {', '.join(task['id'] for task in one['work'])}",
        ]
        for one in value
        if one["stalled"]
    ]
    stalled = [Section("Stalled", Lines(lines, "Nobody."), wide=True)] if value else []
    return Page([[(f"{clean(project)}  agents", "title")]], [Section("", table, wide=True), *stalled])
