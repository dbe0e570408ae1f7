"""The figures of a sprint and its project in words: a row for each, with what it needs where it is not known."""

from typing import Any

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout
from orchestration.views.kpis import missing
from orchestration.views.layout import Line, amount, clean, number, percent, remaining
from orchestration.views.tables import Table, text


def title(value: Document, what: str) -> Line:
    """Return the first line of a page: the project, what it shows, and the sprint."""
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


def table(rows: list[tuple[str, str]]) -> Table:
    """Return figures with their values as a table."""
    return Table(("FIGURE", "VALUE"), [*rows], "")


def of_sprint(value: Document) -> list[tuple[str, str]]:
    """Return what a sprint has done and how it goes."""
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
                "committed",
                None if committed is None else f"{amount(committed, 'point')}",
                "points.committed",
            ),
        ]
    rows += [
        said("completion", _share(value["completion"])),
        said("burn_rate", measured(value["burn_rate"], f" points a {unit}")),
        said("burndown", _burndown(value["burndown"])),
        said("velocity", value["velocity"] and f"{spread(value['velocity'])} points a sprint"),
        said("predictability", _share(value["predictability"])),
        said("throughput", _throughput(value["throughput"])),
        said("forecast", forecast(value["forecast"], needs)),
    ]
    return rows


def of_flow(value: Document) -> list[tuple[str, str]]:
    """Return how work flows."""
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


def of_capacity(value: Document) -> list[tuple[str, str]]:
    """Return slots and how busy they are."""
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
        points = f"{number(slots['committed_points'])} committed of {amount(slots['sprint_points'], 'point')}"
        rows.append(("sprint capacity", points))
    return rows


def health_title(health: Document) -> str:
    """Return the heading of the health score."""
    return "Health" if health["score"] is None else f"Health {health['score']} of 100"


def health(health: Document) -> Table:
    """Return the parts of the health score."""
    rows: list[tuple[str, ...]] = [
        (
            part["name"].replace("_", " "),
            percent(part["value"]) if part["value"] is not None else f"n/a ({part['needs']})",
            percent(part["weight"]),
        )
        for part in health["parts"]
    ]
    return Table(("PART", "VALUE", "WEIGHT"), rows, "")


def distribution(rows: list[Document]) -> Table:
    """Return each team's share of the work."""
    shown: list[tuple[str, ...]] = [
        (clean(row["team"]), percent(row["share"]), number(row["points"]), f"{row['tasks']:,}")
        for row in rows
    ]
    return Table(("TEAM", "SHARE", "POINTS", "TASKS"), shown, "")


def _share(value: float | None) -> str | None:
    return None if value is None else percent(value)


def measured(value: float | None, unit: str) -> str | None:
    """Return a number with its unit, or None."""
    return None if value is None else f"{value:.4g}{unit}"


def _age(hours: float | None, needs: dict[str, str], name: str) -> str:
    return layout.age(hours) if hours is not None else missing(needs, name)


def spread(velocity: Document) -> str:
    """Return a mean with its least and most."""
    mean, low, high = (number(round(velocity[name], 1)) for name in ("mean", "min", "max"))
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
        return f"{counted(found['last_7_days'], 'task')} in the last 7 days, {found['previous_7_days']} in the 7 before"
    peak = found["peak_day"]
    shown += f", peak {peak['tasks']} on {peak['date']}" if peak else ""
    return shown + (f", trend {found['trend'] * 100:+.0f} %" if found["trend"] is not None else "")


def _burndown(found: Document) -> str | None:
    if found["state"] is None:
        return None
    if found["state"] == "finished":
        return "finished"
    return f"{found['state']}: {remaining(found['actual'])}, ideal {found['ideal']:.4g}"


def forecast(found: Document | None, needs: dict[str, str]) -> str | None:
    """Return when a sprint will be done, or None."""
    if found is None:
        return None
    if found["dates"] is None:
        when = found["date"] or "no end in sight"
        return f"{when} at this rate, low confidence ({needs.get('forecast.dates', 'a short sprint')})"
    dates = found["dates"]
    shown = f"{dates['p50'] or 'later'} (50 %), {dates['p85'] or 'later'} (85 %)"
    return shown + (f", {percent(found['probability'])} in time" if found["probability"] is not None else "")
