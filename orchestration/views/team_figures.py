"""What teams can take on and what they did; see `domain.team_capacity` and `domain.performance`."""

from collections.abc import Callable, Mapping
from typing import Any

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout, team_load
from orchestration.views.kpis import missing
from orchestration.views.layout import Bar, Bars, Line, Lines, Page, Section, clean
from orchestration.views.tables import Table, text
from orchestration.views.teamwork import held

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
        title = f"In {counted(value['days'], 'day')}, at the pace of the last 30 working days"
        sections.append(Section(title, _outlook(value), wide=True))
    return Page(head, sections)


def _team(one: Mapping[str, Any], value: Document) -> str:
    points = one["points_per_sprint"]
    pace = missing(value["needs"], "points_per_sprint") if points is None else layout.mean(points)
    said = f"{layout.percent(one['utilisation'])} utilised, {one['load']}"
    return f"{held(one)}, {layout.number(one['free'])} free, {said}; points per sprint {pace}"


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
                f"{held(agent)}, {layout.number(agent['free'])} free",
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
            f"{held(one)}, {layout.number(one['free'])} free, {one['blocked']} blocked",
        )
        for one in value["teams"]
    ]  # fmt: skip
    said = f"{held(value)}, {layout.number(value['free'])} free"
    nobody = f"{counted(len(value['unassigned']), 'task')} of nobody" if value["unassigned"] else ""
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
    sections = [
        Section(name.capitalize() if wanted is None else "", _measured(value, name), wide=True)
        for name in _METRICS
        if wanted in (None, name)
    ]
    if wanted in (None, "quality"):
        lines: list[Line] = [
            [f"{clean(name)}: {clean(text(one))}"] for name, one in value["reported"].items()
        ]
        sections.append(
            Section("Reported of the sprint", Lines(lines, "No figures of quality were reported."))
        )
    return Page(head, sections)


def _measured(value: Document, metric: str) -> Table:
    columns, cells = _METRICS[metric]
    rows = [
        (clean(team["name"]) if one is team else f"  @{clean(one['name'])}", *cells(one))
        for team in value["teams"]
        for one in (team, *team["agents"])
    ]
    return Table(("TEAM", *columns), rows, team_load.none(value["project"]))


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


_METRICS: Mapping[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any]], tuple[str, ...]]]] = {
    "velocity": (("DONE", "POINTS", "POINTS/WEEK", "TASKS/WEEK"), _velocity),
    "efficiency": (("CYCLE TIME MEDIAN", "85 %", "FLOW EFFICIENCY", "UTILISATION"), _efficiency),
    "quality": (("REOPENED",), lambda one: (str(one["reopened"]),)),
}
