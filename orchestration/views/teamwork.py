"""What teams can take on, what they did, and how they wait for each other; see `domain.team_capacity` and others."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.domain.records import Document
from orchestration.views import layout, team_load
from orchestration.views.kpis import missing
from orchestration.views.layout import Bar, Bars, Line, Lines, Page, Section, clean
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
            [(clean(team["name"]), "column"), f"{lead}  {_slots(team)} ", (team["load"], team["load"])]
        )
        for number, agent in enumerate(team["agents"], 1):
            branch = "└─" if number == len(team["agents"]) else "├─"
            role = f" ({clean(agent['role'])})" if agent["role"] else ""
            lines.append(
                [f"  {branch} @{clean(agent['id'])}{role}  {_slots(agent)} ", (agent["load"], agent["load"])]
            )
    return Page([head], [Section("", Lines(lines), wide=True)])


def table(value: Document) -> Table:
    """List teams with lead, slots, load and members."""
    return Table(
        ("TEAM", "LEAD", "SLOTS", "USED", "FREE", "LOAD", "OPEN", "BLOCKED", "SKILLS", "MEMBERS"),
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
                clean(text(one["skills"])),
                clean(text(one["members"])),
            )
            for one in value["teams"]
        ],
        team_load.none(value["project"]),
    )


def _slots(one: Mapping[str, Any]) -> str:
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
    return f"{clean(team['name'])} ({said}; {_slots(team)}, {team['blocked']} blocked; {flow})"


def _members(team: Mapping[str, Any]) -> list[Line]:
    lines: list[Line] = []
    for agent in team["agents"]:
        names = ", ".join(f"{one['id']} {clean(one['title'])}" for one in agent["current"])
        more = agent["open"] - len(agent["current"])
        rest = f"{layout.plural(more, 'more task')}" if more else ""
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


# -- capacity


def capacity(value: Document) -> Page:
    """Show slots of each member and team, points per sprint, full roles, and with days the outlook."""
    head: list[Line] = [[(f"{clean(value['project'])}  capacity", "title")]]
    if not value["teams"]:
        return Page(head, foot=[[team_load.none(value["project"])]])
    sections = [Section(f"{clean(one['name'])}  {_team(one, value)}", _people(one)) for one in value["teams"]]
    roles = Table(
        ("ROLE", "AGENTS", "USED", "SLOTS", "FREE", "BLOCKED"),
        [
            (
                clean(one["role"]), str(len(one["agents"])), layout.number(one["used"]), layout.number(one["slots"]),
                layout.number(one["free"]), str(one["blocked"]),
            )
            for one in value["roles"]
        ],
        "There are no agents.",
    )  # fmt: skip
    full = ", ".join(map(clean, value["bottlenecks"]))
    sections.append(Section(f"Roles, without a free slot: {full or 'none'}", roles, wide=True))
    if value["days"] is not None:
        title = f"In {layout.plural(value['days'], 'day')}, at the pace of the last 30 working days"
        sections.append(Section(title, _outlook(value), wide=True))
    return Page(head, sections)


def _team(one: Mapping[str, Any], value: Document) -> str:
    points = one["points_per_sprint"]
    pace = missing(value["needs"], "points_per_sprint") if points is None else f"{points:g}"
    said = f"{layout.percent(one['utilisation'])} utilised, {one['load']}"
    return f"{_slots(one)}, {layout.number(one['free'])} free, {said}; points per sprint {pace}"


def _people(one: Mapping[str, Any]) -> Bars | Lines:
    if not one["agents"]:
        return Lines([], "It has no members.")
    rows = []
    for agent in one["agents"]:
        share = agent["used"] / agent["slots"] if agent["slots"] else None
        rows.append(
            Bar(
                f"@{clean(agent['id'])}",
                share,
                agent["load"],
                f"{_slots(agent)}, {layout.number(agent['free'])} free",
            )
        )
    return Bars(rows)


def _outlook(value: Document) -> Table:
    rows: list[tuple[str, ...]] = []
    for one in value["teams"]:
        found = one["outlook"]
        need = missing(value["needs"], f"outlook.{one['name']}")
        rows.append(
            (
                clean(one["name"]),
                layout.number(one["used"]),
                need if found["expected"] is None else f"{found['expected']:.1f}",
                "-" if found["used"] is None else f"{found['used']:.1f}",
                "-" if found["free"] is None else f"{found['free']:.1f}",
            )
        )
    return Table(("TEAM", "HELD NOW", "DONE BY THEN", "HELD THEN", "FREE THEN"), rows, "")


def resources(value: Document) -> Page:
    """Show the load of each team against its capacity."""
    head: list[Line] = [[(f"{clean(value['project'])}  resources", "title")]]
    if not value["teams"]:
        return Page(head, foot=[[team_load.none(value["project"])]])
    rows = [
        Bar(
            clean(one["name"]), one["used"] / one["slots"] if one["slots"] else None, one["load"],
            f"{_slots(one)}, {layout.number(one['free'])} free, {one['blocked']} blocked",
        )
        for one in value["teams"]
    ]  # fmt: skip
    said = f"{_slots(value)}, {layout.number(value['free'])} free"
    nobody = f"{layout.plural(len(value['unassigned']), 'task')} of nobody" if value["unassigned"] else ""
    full = (
        f"Without a free slot: {', '.join(map(clean, value['bottlenecks']))}" if value["bottlenecks"] else ""
    )
    return Page(
        [*head, [said]], [Section("Teams", Bars(rows), wide=True)], [[one] for one in (nobody, full) if one]
    )


# -- performance


def performance(value: Document) -> Page:
    """Show what teams and their agents did in a period, each beside the others, in no order of merit."""
    since = f"since {value['from'][:10]}" if value["from"] else "nothing was finished yet"
    head: list[Line] = [
        [(f"{clean(value['project'])}  performance", "title"), f"  {value['period']}, {since}"]
    ]
    wanted = value["metric"]
    sections = []
    for team in value["teams"]:
        rows = [team, *team["agents"]]
        names = ["team", *(f"@{clean(one['name'])}" for one in team["agents"])]
        columns, cells = _columns(wanted)
        table_rows = [(name, *cells(one)) for name, one in zip(names, rows, strict=True)]
        sections.append(Section(clean(team["name"]), Table(("", *columns), table_rows, ""), wide=True))
    if wanted in (None, "quality"):
        lines: list[Line] = [
            [f"{clean(name)}: {clean(text(one))}"] for name, one in value["reported"].items()
        ]
        sections.append(
            Section("Reported of the sprint", Lines(lines, "No figures of quality were reported."))
        )
    return Page(head, sections, [] if sections else [[team_load.none(value["project"])]])


def _columns(metric: str | None) -> tuple[list[str], Any]:
    parts: dict[str, tuple[list[str], Any]] = {
        "velocity": (["DONE", "POINTS", "POINTS/WEEK", "TASKS/WEEK"], _velocity),
        "efficiency": (["CYCLE MEDIAN", "CYCLE 85 %", "FLOW EFF.", "UTILISATION"], _efficiency),
        "quality": (["REOPENED"], lambda one: (str(one["reopened"]),)),
    }
    chosen = [parts[metric]] if metric else list(parts.values())
    names = [name for columns, _ in chosen for name in columns]
    return names, lambda one: tuple(cell for _, cells in chosen for cell in cells(one))


def _velocity(one: Mapping[str, Any]) -> tuple[str, ...]:
    week = one["per_week"]
    pace = ("-", "-") if week is None else (f"{week['points']:.1f}", f"{week['tasks']:.1f}")
    return (str(one["done"]), layout.number(one["points"]), *pace)


def _efficiency(one: Mapping[str, Any]) -> tuple[str, ...]:
    times = one["cycle_time"]
    late = "n/a (needs 5)" if times["p85"] is None else layout.age(times["p85"])
    return (
        "n/a (needs 1)" if times["median"] is None else layout.age(times["median"]),
        late,
        layout.percent(one["flow_efficiency"]),
        layout.percent(one["utilisation"]),
    )


# -- dependencies


def graph(value: Document) -> Page:
    """Show which teams wait for which, by which tasks, and the open handoffs between them."""
    of = f" of {clean(value['team'])}" if value["team"] else ""
    head: list[Line] = [[(f"{clean(value['project'])}  dependencies between teams{of}", "title")]]
    edges: list[Line] = [
        [f"{clean(one['team'])} waits for {clean(one['needs'])}: {layout.plural(one['links'], 'task')}"]
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
    foot.append(
        [
            f"{layout.plural(value['inside'], 'dependency') if value['inside'] == 1 else str(value['inside']) + ' dependencies'} within a team."
        ]
    )
    return Page(
        head,
        [
            Section("Teams", Lines(edges, "No team waits for another.")),
            Section("Handoffs", Lines([_handoff(one) for one in value["handoffs"]], "None is open.")),
            Section("Tasks", links, wide=True),
        ],
        foot,
    )
