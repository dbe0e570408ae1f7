"""The dashboard of a project; see `domain.dashboard` for the document."""

from collections.abc import Sequence

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout, team_load
from orchestration.views.board import title
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.sprint_status import burndown, events
from orchestration.views.tables import Table


def dashboard(value: Document) -> Page:
    """Show everything a team lead looks at first."""
    teams = (
        Lines([], team_load.none(value["project"])) if not value["teams"] else team_load.bars(value["teams"])
    )
    return Page(
        _head(value),
        [
            Section("Alerts", alerts(value["alerts"]), wide=True),
            Section("Teams", teams),
            Section("Handoffs", _handoffs(value["handoffs"])),
            *_agents(value["agents"]),
            Section("Last events", events(value["events"]), wide=True),
        ],
    )


def _head(value: Document) -> list[Line]:
    sprint = value["sprint"]
    if sprint is None:
        make = f"`shared_state create-sprint {value['project']} ID NAME`"
        lines: list[Line] = [
            [(clean(value["project"]), "title")],
            ["There is no sprint: ", (make, "command")],
        ]
    else:
        tasks, points = sprint["tasks"], sprint["points"]
        said = (
            f"{layout.number(points['completed'])} of {layout.amount(points['total'], 'point')} and"
            f" {tasks['done']} of {counted(tasks['total'], 'task')} done,"
            f" {tasks['in_progress'] + tasks['review']} in work, {tasks['blocked']} blocked"
        )
        lines = [title(value["project"], sprint), [said], burndown(sprint["burndown"])]
    counts = value["sessions"]
    expired = f", {counts['expired']} expired" if counts["expired"] else ""
    return [*lines, [f"{counted(counts['active'], 'active session')}{expired}"]]


def alerts(rows: Sequence[Document]) -> Lines:
    """Show alerts, the worst first."""
    lines: list[Line] = [
        [(f"{one['severity']:<8}", one["severity"]), "  ", clean(one["text"])] for one in rows
    ]
    return Lines(lines, "Nothing needs attention.", wraps=True)


def _agents(rows: Sequence[Document]) -> list[Section]:
    """Show the agents that do something, or were seen, or should do something; name the others."""
    there = [one for one in rows if one["status"] != "offline" or one["open"]]
    away = [one for one in rows if one not in there]
    table = Table(
        ("AGENT", "TEAM", "STATUS", "SLOTS", "SEEN", "WORKS ON"),
        [
            (
                f"@{clean(one['id'])}",
                clean(one["team"]),
                one["status"],
                f"{layout.number(one['used'])}/{layout.number(one['slots'])}",
                "-" if one["seen_hours"] is None else f"{layout.age(one['seen_hours'])} ago",
                ", ".join(f"{task['id']} {clean(task['title'])}" for task in one["current"]) or "-",
            )
            for one in there
        ],
        "No agent has work, or was seen within a day." if rows else "There are no agents.",
    )
    found = [Section("Agents", table, wide=True)]
    if away:
        names = ", ".join(f"@{clean(one['id'])}" for one in away)
        found.append(
            Section("", Lines([[(f"Offline, without work: {names}", "muted")]], wraps=True), wide=True)
        )
    return found


def _handoffs(rows: Sequence[Document]) -> Lines:
    lines: list[Line] = [
        [
            (one["id"], "id"),
            f" {clean(one['from'])} → {clean(one['to'])} ",
            (one["status"].replace("_", " "), "warning" if one["status"] == "pending_acceptance" else ""),
            f"  {clean(one.get('text') or ', '.join(one.get('tasks') or []))}",
        ]
        for one in rows
    ]
    return Lines(lines, "No team has handed anything over.")
