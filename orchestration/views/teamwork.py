"""What teams can take on, what they did, and how they wait for each other; see `domain.team_capacity` and others."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout, team_load
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.tables import Table, text

_LINKS_SHOWN = 20


def overview(value: Document) -> Page:
    """Show teams, leads, skills and load on a page; `domain.dashboard.teams` gives the document."""
    page = team_load.teams(value)
    skills: list[Line] = [
        [f"{clean(one['name'])}: {clean(', '.join(one['skills']))}"]
        for one in value["teams"]
        if one["skills"]
    ]
    return page._replace(
        sections=[*page.sections, *([Section("Skills", Lines(skills, wraps=True))] if skills else [])]
    )


def tree(value: Document) -> Page:
    """Show teams with their members below them, each with what it holds."""
    head: Line = [(f"{clean(value['project'])}  teams", "title")]
    if not value["teams"]:
        return Page([head], foot=[[team_load.none(value["project"])]])
    lines: list[Line] = []
    for team in value["teams"]:
        lead = f"  lead @{clean(team['lead'])}" if team["lead"] else ""
        lines.append(
            [(clean(team["name"]), "column"), f"{lead}  {held(team)} ", (team["load"], team["load"])]
        )
        for number, agent in enumerate(team["agents"], 1):
            branch = "└─" if number == len(team["agents"]) else "├─"
            role = f" ({clean(agent['role'])})" if agent["role"] else ""
            lines.append(
                [f"  {branch} @{clean(agent['id'])}{role}  {held(agent)} ", (agent["load"], agent["load"])]
            )
    return Page([head], [Section("", Lines(lines), wide=True)])


def table(value: Document) -> Table:
    """List teams with lead, slots, load and members."""
    return Table(
        ("TEAM", "LEAD", "SLOTS", "USED", "FREE", "LOAD", "OPEN", "BLOCKED", "MEMBERS"),
        [
            (
                clean(one["name"]),
                clean(text(one["lead"])),
                layout.number(one["slots"]),
                layout.number(one["used"]),
                layout.number(one["free"]),
                one["load"],
                str(one["open"]),
                str(one["blocked"]),
                clean(text(one["members"])),
            )
            for one in value["teams"]
        ],
        team_load.none(value["project"]),
    )


def held(one: Mapping[str, Any]) -> str:
    """Return how many slots are used of how many."""
    return f"{layout.number(one['used'])}/{layout.number(one['slots'])} slots"


# -- status


def status(value: Document) -> Page:
    """Show what teams do: their tasks, what is blocked, handoffs, and the last events."""
    head: list[Line] = [[(f"{clean(value['project'])}  teams", "title")]]
    if not value["teams"]:
        return Page(head, foot=[[team_load.none(value["project"])]])
    return Page(
        head,
        [
            *(Section(_title(one), Lines(_members(one), "It has no members.")) for one in value["teams"]),
            Section(
                "Handoffs", Lines([_handoff(one) for one in value["handoffs"]], "None is open."), wide=True
            ),
            Section("Last events", _events(value["events"]), wide=True),
        ],
    )


def _title(team: Mapping[str, Any]) -> str:
    state = "active" if team["activations"] else "not active"
    focus = next((one["focus"] for one in team["activations"] if one["focus"]), None)
    said = f"{state}, focus {clean(focus)}" if focus else state
    flow = f"handoffs {team['handoffs_in']} in, {team['handoffs_out']} out"
    return f"{clean(team['name'])} ({said}; {held(team)}, {team['blocked']} blocked; {flow})"


def _members(team: Mapping[str, Any]) -> list[Line]:
    lines: list[Line] = []
    for agent in team["agents"]:
        names = ", ".join(f"{one['id']} {clean(one['title'])}" for one in agent["current"])
        more = agent["open"] - len(agent["current"])
        rest = f"{counted(more, 'more task')}" if more else ""
        work = "; ".join(part for part in (names, rest) if part) or "nothing"
        blocked = [(f"  {agent['blocked']} blocked", "blocked")] if agent["blocked"] else []
        lines.append([f"@{clean(agent['id'])}  ", (agent["status"], agent["status"]), f"  {work}", *blocked])
    return lines


def _handoff(one: Mapping[str, Any]) -> Line:
    what = one.get("text") or ", ".join(one.get("tasks") or one.get("artifacts") or [])
    way = f" {clean(one['from'])} → {clean(one['to'])}  "
    return [(one["id"], "id"), way, (one["status"].replace("_", " "), "warning"), f"  {clean(what)}"]


def _events(rows: Sequence[Document]) -> Lines:
    lines: list[Line] = [
        [
            (str(one["timestamp"])[5:16].replace("T", " "), "muted"),
            f"  {clean(one['source'])}  {clean(one['subject'])}",
        ]
        for one in rows
    ]
    return Lines(lines, "Nothing has happened yet.")


# -- dependencies


def graph(value: Document) -> Page:
    """Show which teams wait for which, by which tasks, and the open handoffs between them."""
    of = f" of {clean(value['team'])}" if value["team"] else ""
    head: list[Line] = [[(f"{clean(value['project'])}  dependencies between teams{of}", "title")]]
    edges: list[Line] = [
        [f"{clean(one['team'])} waits for {clean(one['needs'])}: {counted(one['links'], 'task')}"]
        for one in value["edges"]
    ]
    links = Table(
        ("TASK", "TEAM", "WAITS FOR", "TEAM", "STATUS", "WHAT"),
        [
            (
                one["task"], clean(one["team"]), one["needs"], clean(one["needs_team"]), one["needs_status"],
                clean(one["needs_title"] or ""),
            )
            for one in value["links"][:_LINKS_SHOWN]
        ],
        "No open task waits for one of another team.",
    )  # fmt: skip
    more = len(value["links"]) - _LINKS_SHOWN
    foot: list[Line] = [[f"and {more} more tasks"]] if more > 0 else []
    foot += [
        [("In a circle: " + " → ".join(map(clean, [*one, one[0]])), "warning")] for one in value["circles"]
    ]
    count = value["inside"]
    foot.append([f"{count} {'dependency' if count == 1 else 'dependencies'} within a team."])
    return Page(
        head,
        [
            Section("Teams", Lines(edges, "No team waits for another.")),
            Section("Handoffs", Lines([_handoff(one) for one in value["handoffs"]], "None is open.")),
            Section("Tasks", links, wide=True),
        ],
        foot,
    )
