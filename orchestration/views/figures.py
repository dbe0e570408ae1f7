"""The figures of a sprint and its project, and their charts; see `domain.figures` for the documents."""

from functools import partial
from typing import Any

from orchestration.domain.records import Document
from orchestration.english import counted, noun
from orchestration.views import charts, figure_rows, layout
from orchestration.views.kpis import missing
from orchestration.views.layout import Chart, Line, Lines, Page, Section, clean, number, percent, remaining
from orchestration.views.tables import Table, moment, text

_CHANGES_SHOWN = 12
_ITEMS_SHOWN = 12


def nothing(value: Document) -> Page:
    """Say that there is no sprint to look at."""
    said = f"Project {clean(value['project'])} has no active or planned sprint."
    return Page([[said], [("shared_state create-sprint makes one", "command")]])


def metrics(value: Document) -> Page:
    """Show all figures, each with what it needs where its samples do not suffice."""
    sprint = value["sprint"]
    sections = [
        Section("Sprint" if sprint else "Board", figure_rows.table(figure_rows.of_sprint(value)), wide=True)
    ]
    sections += [
        Section("Flow", figure_rows.table(figure_rows.of_flow(value)), wide=True),
        Section("Capacity", figure_rows.table(figure_rows.of_capacity(value))),
        Section(figure_rows.health_title(value["health"]), figure_rows.health(value["health"])),
    ]
    if value["distribution"]:
        sections.append(Section("Work by team", figure_rows.distribution(value["distribution"])))
    head = [figure_rows.title(value, "figures")]
    if not value["tasks"]["total"]:
        head.append([f"There are no tasks {'in this sprint' if sprint else 'on this board'} yet."])
    return Page(head, sections)


# -- one question each


def velocity(value: Document) -> Page:
    """Show the points of the last sprints as bars, their mean, and the pace of the running one."""
    rows, needs = value["finished_sprints"], value["needs"]
    data = Table(
        ("SPRINT", "ENDED", "COMMITTED", "COMPLETED", "KEPT", "NAME"),
        [
            (
                row["id"], text(row["completed_at"])[:10], number(row["committed"]), number(row["completed"]),
                percent(row["kept"]), clean(row["name"] or ""),
            )
            for row in rows
        ],
        "No sprint is finished yet.",
    )  # fmt: skip
    mean = (value["velocity"] or {}).get("mean")
    said = (
        figure_rows.spread(value["velocity"]) + " points a sprint"
        if value["velocity"]
        else missing(needs, "velocity")
    )
    kept = (
        percent(value["predictability"])
        if value["predictability"] is not None
        else missing(needs, "predictability")
    )
    unit = "hour" if (value["time"] or {}).get("unit") == "hours" else "working day"
    rate = figure_rows.measured(value["burn_rate"], f" points a {unit}") or missing(needs, "burn_rate")
    facts = figure_rows.table([("velocity", said), ("predictability", kept), ("burn rate now", rate)])
    bars: Any = Chart(partial(charts.velocity, rows, mean), data) if rows else data
    return Page(
        [figure_rows.title(value, "velocity")], [Section("", bars, wide=True), Section("", facts, wide=True)]
    )


def burndown(value: Document) -> Page:
    """Show what remains of a sprint day by day, the ideal line, and what changed its scope."""
    head: Line = [(f"{clean(value['sprint'])}  burndown", "title"), f"  {clean(value['name'] or '')}"]
    rows = value["rows"]
    if not rows:
        return Page(
            [head], [Section("", Lines([], "It has no start and end dates, or committed to no points yet."))]
        )
    data = Table(
        ("DATE", "IDEAL", "REMAINING"),
        [(row["date"], number(row["ideal"]), number(row["actual"])) for row in rows],
        "",
    )
    state: Line = ["It has not begun yet."]
    if value["state"] == "finished":
        state = [("finished", "finished"), ": nothing remains"]
    elif value["state"]:
        state = [
            (value["state"], value["state"]),
            f": {remaining(value['actual'])}, the ideal is {value['ideal']:.4g}, r = {value['ratio']:.2f}",
        ]
    changes = value["scope_changes"]
    shown = changes[-_CHANGES_SHOWN:]
    listed = Table(
        ("WHEN", "TASK", "CHANGE", "POINTS"),
        [(moment(one["at"]), one["task"], one["kind"], f"{one['points']:+g}") for one in shown],
        "The scope has not changed since the start.",
    )
    net = sum(one["points"] for one in changes)
    title = (
        f"Scope {net:+g} {noun(abs(net), 'point')} in {counted(len(changes), 'change')}"
        if changes
        else "Scope"
    )
    if len(shown) < len(changes):
        title += f", the last {len(shown)}"
    return Page(
        [head, state],
        [
            Section("", Chart(partial(charts.burndown, value), data), wide=True),
            Section(title, listed, wide=True),
        ],
    )


def forecast(value: Document) -> Page:
    """Show when a sprint will be done: dates with their chance, and how the runs fell out."""
    found, needs, points = value["forecast"], value["needs"], value["points"]
    tasks = value["tasks"]
    still_open = counted(tasks["total"] - tasks["done"], "task")
    left = f"{remaining(points['remaining'])} in {still_open}"
    if tasks["unestimated"]:
        left += f", {tasks['unestimated']:,} without estimate"
    head: list[Line] = [figure_rows.title(value, "forecast"), [left]]
    if found is None:
        return Page([*head, [missing(needs, "forecast")]])
    if found["dates"] is None:
        return Page([*head, [figure_rows.forecast(found, needs) or ""]])
    rows = [(f"{key[1:]} %", day or "later than a year") for key, day in found["dates"].items()]
    facts = [
        (
            "in time",
            percent(found["probability"]) if found["probability"] is not None else "n/a (needs an end date)",
        ),
        ("done by the end", f"{number(found['by_end'])} {found['measure']} (85 %)"),
        (
            "drawn from",
            f"{found['samples']['days']} working days, {found['samples']['tasks']:,} finished tasks",
        ),
    ]
    data = Table(
        ("DATE", "RUNS"),
        [(one["date"] or "later", f"{one['runs']:,}") for one in found["outcomes"]],
        "",
    )
    chart = Chart(partial(charts.outcomes, found), data)
    return Page(
        head,
        [
            Section("Done by", Table(("CHANCE", "DATE"), [*rows], "")),
            Section("Sprint", figure_rows.table(facts)),
            Section(f"{found['runs']:,} runs, and the share of them that is done by then", chart, wide=True),
        ],
    )


def flow(value: Document) -> Page:
    """Show cycle times as a scatter with percentiles, the age of work in progress, and what slows it."""
    done = [row for row in value["finished"] if row["cycle_hours"] is not None]
    data = Table(
        ("TASK", "DONE", "CYCLE", "LEAD", "POINTS", "TITLE"),
        [
            (
                row["id"], moment(row["completed_at"]), layout.age(row["cycle_hours"]), layout.age(row["lead_hours"]),
                number(row["points"]), clean(row["title"] or ""),
            )
            for row in done
        ],
        "No task has been finished in the last 90 days.",
    )  # fmt: skip
    levels = []
    threshold = value["wip"]["threshold_hours"]
    if threshold is not None:
        levels.append((f" 85 % {layout.age(threshold)}", threshold))
    chart: Any = Chart(partial(charts.scatter, done, levels), data) if done else data
    items = value["wip"]["items"]
    aged = Table(
        ("TASK", "COLUMN", "AGE", "FLAG", "ASSIGNEE", "TITLE"),
        [
            (
                one["id"], one["column"], layout.age(one["age_hours"]),
                "old" if one["flagged"] else "blocked" if one["blocked"] else "", text(one["assignee"]),
                clean(one["title"] or ""),
            )
            for one in items[:_ITEMS_SHOWN]
        ],
        "Nothing is in progress.",
    )  # fmt: skip
    more = f", the oldest {_ITEMS_SHOWN} of {len(items):,}" if len(items) > _ITEMS_SHOWN else ""
    return Page(
        [figure_rows.title(value, "flow")],
        [
            Section("Cycle time of the last 90 days", chart, wide=True),
            Section("Figures", figure_rows.table(figure_rows.of_flow(value)), wide=True),
            Section(f"In progress{more}", aged, wide=True),
        ],
    )
