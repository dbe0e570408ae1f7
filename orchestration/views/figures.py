"""The figures of a sprint and its project, and their charts; see `domain.figures` for the documents."""

from functools import partial
from typing import Any

from orchestration.domain.records import Document
from orchestration.views import charts, layout
from orchestration.views.kpis import missing
from orchestration.views.layout import Chart, Line, Lines, Page, Section, clean, number, percent
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
    sections = [Section("Sprint" if sprint else "Board", _table(_sprint_rows(value)), wide=True)]
    sections += [
        Section("Flow", _table(_flow_rows(value)), wide=True),
        Section("Capacity", _table(_capacity_rows(value))),
        Section(_health_title(value["health"]), _health(value["health"])),
    ]
    if value["distribution"]:
        sections.append(Section("Work by team", _distribution(value["distribution"])))
    return Page([_title(value, "figures")], sections)


def _title(value: Document, what: str) -> Line:
    sprint = value["sprint"]
    line: list[Any] = [(f"{clean(value['project'])}  {what}", "title")]
    if sprint:
        dates = (
            f", {text(sprint['start_date'])[:10]} to {text(sprint['end_date'])[:10]}"
            if sprint["start_date"]
            else ""
        )
        line.append(f"  {sprint['id']} ({sprint['status']}{dates})")
    return line


def _table(rows: list[tuple[str, str]]) -> Table:
    return Table(("FIGURE", "VALUE"), [*rows], "")


def _sprint_rows(value: Document) -> list[tuple[str, str]]:
    needs, points, tasks, time = value["needs"], value["points"], value["tasks"], value["time"]
    unit = {"hours": "hour", "working_days": "working day"}.get((time or {}).get("unit") or "", "")

    def said(name: str, shown: str | None, *also: str) -> tuple[str, str]:
        return name.replace("_", " "), shown if shown is not None else missing(needs, name, *also)

    rows = [
        (
            "tasks",
            f"{tasks['done']:,} done of {tasks['total']:,}, {tasks['blocked']:,} blocked, "
            f"{tasks['unestimated']:,} without estimate",
        )
    ]
    if points:
        committed = points["committed"]
        rows += [
            ("points", f"{number(points['completed'])} done, {number(points['remaining'])} remaining"),
            said(
                "committed", None if committed is None else f"{number(committed)} points", "points.committed"
            ),
        ]
    rows += [
        said("completion", _share(value["completion"])),
        said("burn_rate", _with(value["burn_rate"], f" points a {unit}")),
        said("burndown", _burndown(value["burndown"])),
        said("velocity", value["velocity"] and f"{_range(value['velocity'])} points a sprint"),
        said("predictability", _share(value["predictability"])),
        said("throughput", _throughput(value["throughput"])),
        said("forecast", _forecast(value["forecast"], needs)),
    ]
    return rows


def _flow_rows(value: Document) -> list[tuple[str, str]]:
    needs = value["needs"]
    wip, blocked, law = value["wip"], value["blocked"], value["littles_law"]
    efficiency, quality = value["flow_efficiency"], value["estimate_quality"]
    age = wip["threshold_hours"]
    rows = [
        ("cycle time", _statistics(value["cycle_time"], needs, "cycle_time")),
        ("lead time", _statistics(value["lead_time"], needs, "lead_time")),
        (
            "in progress",
            f"{wip['tasks']:,} ({wip['blocked']:,} blocked), "
            + (
                f"{wip['flagged']:,} older than {layout.age(age)}, the 85th percentile"
                if age is not None
                else f"ages {missing(needs, 'wip.threshold_hours')}"
            ),
        ),
        (
            "flow efficiency",
            percent(efficiency["ratio"]) if efficiency else missing(needs, "flow_efficiency"),
        ),
        (
            "blocked",
            f"{percent(blocked['ratio'])} of open tasks, {layout.age(blocked['hours'])} lost",
        ),
        (
            "time to unblock",
            _age(blocked["mean_hours_to_unblock"], needs, "blocked.mean_hours_to_unblock"),
        ),
        (
            "Little's law",
            f"WIP {law['mean_wip']:.1f}, expected {law['expected_wip']:.1f}: "
            + (law["note"] or "stable flow")
            if law
            else missing(needs, "littles_law"),
        ),
        (
            "estimates",
            f"correlation {quality['rho']:+.2f} with cycle time, {quality['samples']:,} tasks"
            if quality
            else missing(needs, "estimate_quality"),
        ),
    ]
    if value["adherence"]:
        shares = ", ".join(f"{column} {percent(share)}" for column, share in value["adherence"].items())
        rows.append(("within WIP limits", shares))
    return rows


def _capacity_rows(value: Document) -> list[tuple[str, str]]:
    slots, use, needs = value["capacity"], value["utilisation"], value["needs"]
    period = (
        percent(use["period"])
        if use["period"] is not None
        else missing(needs, "utilisation.period", "utilisation")
    )
    rows = [
        ("slots", f"{number(slots['slots'])}, {number(slots['used'])} used, {number(slots['free'])} free"),
        ("utilisation", f"{percent(use['now'])} now, {period} since {use['from'][:10]}"),
    ]
    if slots["sprint_points"] is not None:
        points = f"{number(slots['committed_points'])} committed of {number(slots['sprint_points'])}"
        rows.append(("sprint capacity", f"{points} points"))
    return rows


def _health_title(health: Document) -> str:
    return "Health" if health["score"] is None else f"Health {health['score']} of 100"


def _health(health: Document) -> Table:
    rows: list[tuple[str, ...]] = [
        (
            part["name"].replace("_", " "),
            percent(part["value"]) if part["value"] is not None else f"n/a ({part['needs']})",
            percent(part["weight"]),
        )
        for part in health["parts"]
    ]
    return Table(("PART", "VALUE", "WEIGHT"), rows, "")


def _distribution(rows: list[Document]) -> Table:
    shown: list[tuple[str, ...]] = [
        (clean(row["team"]), percent(row["share"]), number(row["points"]), f"{row['tasks']:,}")
        for row in rows
    ]
    return Table(("TEAM", "SHARE", "POINTS", "TASKS"), shown, "")


def _share(value: float | None) -> str | None:
    return None if value is None else percent(value)


def _with(value: float | None, unit: str) -> str | None:
    return None if value is None else f"{value:.4g}{unit}"


def _age(hours: float | None, needs: dict[str, str], name: str) -> str:
    return layout.age(hours) if hours is not None else missing(needs, name)


def _range(velocity: Document) -> str:
    mean, low, high = (number(velocity[name]) for name in ("mean", "min", "max"))
    return f"{mean} ({low} to {high})"


def _statistics(found: Document | None, needs: dict[str, str], name: str) -> str:
    if found is None or found["mean"] is None:
        return missing(needs, name)
    shown = f"median {layout.age(found['median'])}, mean {layout.age(found['mean'])}"
    if found["p85"] is None:
        return f"{shown}, percentiles {missing(needs, f'{name}.p85')}"
    return f"{shown}, 85 % in {layout.age(found['p85'])}, 95 % in {layout.age(found['p95'])}"


def _throughput(found: Document | None) -> str | None:
    if found is None:
        return None
    if found["per_working_day"] is not None:
        shown = f"{found['per_working_day']:.3g} tasks a day, {found['per_week']:.3g} a week"
    elif found["per_hour"] is not None:
        shown = f"{found['per_hour']:.3g} tasks an hour"
    else:
        return f"{found['last_7_days']} tasks in the last 7 days, {found['previous_7_days']} in the 7 before"
    peak = found["peak_day"]
    shown += f", peak {peak['tasks']} on {peak['date']}" if peak else ""
    return shown + (f", trend {found['trend'] * 100:+.0f} %" if found["trend"] is not None else "")


def _burndown(found: Document) -> str | None:
    if found["state"] is None:
        return None
    if found["state"] == "finished":
        return "finished"
    return f"{found['state']}: {number(found['actual'])} points remain, ideal {found['ideal']:.4g}"


def _forecast(found: Document | None, needs: dict[str, str]) -> str | None:
    if found is None:
        return None
    if found["dates"] is None:
        when = found["date"] or "no end in sight"
        return f"{when} at this rate, low confidence ({needs.get('forecast.dates', 'a short sprint')})"
    dates = found["dates"]
    shown = f"{dates['p50'] or 'later'} (50 %), {dates['p85'] or 'later'} (85 %)"
    return shown + (f", {percent(found['probability'])} in time" if found["probability"] is not None else "")


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
    said = _range(value["velocity"]) + " points a sprint" if value["velocity"] else missing(needs, "velocity")
    kept = (
        percent(value["predictability"])
        if value["predictability"] is not None
        else missing(needs, "predictability")
    )
    unit = "hour" if (value["time"] or {}).get("unit") == "hours" else "working day"
    rate = _with(value["burn_rate"], f" points a {unit}") or missing(needs, "burn_rate")
    facts = _table([("velocity", said), ("predictability", kept), ("burn rate now", rate)])
    bars: Any = Chart(partial(charts.velocity, rows, mean), data) if rows else data
    return Page([_title(value, "velocity")], [Section("", bars, wide=True), Section("", facts, wide=True)])


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
            f": {number(value['actual'])} points remain, the ideal is {value['ideal']:.4g}, r = {value['ratio']:.2f}",
        ]
    changes = value["scope_changes"]
    shown = changes[-_CHANGES_SHOWN:]
    listed = Table(
        ("WHEN", "TASK", "CHANGE", "POINTS"),
        [(moment(one["at"]), one["task"], one["kind"], f"{one['points']:+g}") for one in shown],
        "The scope has not changed since the start.",
    )
    net = sum(one["points"] for one in changes)
    title = f"Scope {net:+g} points in {layout.plural(len(changes), 'change')}" if changes else "Scope"
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
    still_open = layout.plural(tasks["total"] - tasks["done"], "task")
    left = f"{number(points['remaining'])} points remain in {still_open}"
    if tasks["unestimated"]:
        left += f", {tasks['unestimated']:,} without estimate"
    head: list[Line] = [_title(value, "forecast"), [left]]
    if found is None:
        return Page([*head, [missing(needs, "forecast")]])
    if found["dates"] is None:
        return Page([*head, [_forecast(found, needs) or ""]])
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
            Section("Sprint", _table(facts)),
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
        [_title(value, "flow")],
        [
            Section("Cycle time of the last 90 days", chart, wide=True),
            Section("Figures", _table(_flow_rows(value)), wide=True),
            Section(f"In progress{more}", aged, wide=True),
        ],
    )
