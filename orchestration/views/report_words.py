"""What the forms of a report have in common: figures, durations and dates as words."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestration.english import counted, noun

COLUMN_NAMES = {
    "backlog": "Backlog", "todo": "To do", "in_progress": "In progress", "review": "Review", "done": "Done",
    "cancelled": "Cancelled",
}  # fmt: skip
PRIORITIES = {1: "critical", 2: "high", 3: "medium", 4: "low", 5: "lowest"}
RETRO = {"well": "What went well", "not_well": "What did not", "actions": "What we will do"}
STATES = {"finished": "good", "on track": "good", "at risk": "fair", "behind": "poor"}
"""How each state of a burndown is coloured; the word always stands beside it."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Fact(NamedTuple):
    """A figure in the head of a report."""

    label: str
    value: str
    detail: str
    tone: str = ""
    """good, fair, poor or nothing."""


def clean(value: Any) -> str:
    """Return text on one line, without control characters, its parts in the order in which they stand."""
    text = _CONTROL.sub(" ", str(value)).strip()
    return "".join(c for c in text if unicodedata.category(c) != "Cf" or c in "\u200c\u200d")


def number(value: float | None, needs: str | None = None) -> str:
    """Return a number with at most one decimal, or why there is none."""
    if value is None:
        return f"n/a ({needs})" if needs else "n/a"
    return f"{value:,.1f}".removesuffix(".0")


def percent(value: float | None, needs: str | None = None) -> str:
    """Return a share as a percentage, or why there is none."""
    return f"{value * 100:.0f} %" if value is not None else f"n/a ({needs})" if needs else "n/a"


def duration(hours: float | None, needs: str | None = None) -> str:
    """Return hours in their two largest units, or why there are none."""
    if hours is None:
        return f"n/a ({needs})" if needs else "n/a"
    minutes = round(hours * 60)
    days, rest = divmod(minutes, 1440)
    if days:
        return f"{days} d {rest // 60} h" if rest >= 60 else f"{days} d"
    whole, rest = divmod(rest, 60)
    return " ".join(part for part in (whole and f"{whole} h", (rest or not whole) and f"{rest} min") if part)


def day(value: Any) -> str:
    """Return the date of a stored time."""
    return str(value)[:10] if value else "–"


def minute(value: Any) -> str:
    """Return a stored time to the minute, in UTC."""
    return str(value)[:16].replace("T", " ") if value else "–"


def title(document: Mapping[str, Any]) -> str:
    """Return the name of a report's sprint."""
    return clean(document["sprint"]["name"] or document["sprint"]["id"])


def span(document: Mapping[str, Any]) -> str:
    """Return the dates of a sprint, and how far it is."""
    sprint = document["sprint"]
    if not sprint["start_date"]:
        return "no dates yet"
    said = f"{day(sprint['start_date'])} to {day(sprint['end_date'])}"
    if sprint["day"] is not None and sprint["days"] is not None and 1 <= sprint["day"] <= sprint["days"]:
        said += f", day {sprint['day']} of {sprint['days']}"
    return said


def facts(document: Mapping[str, Any]) -> list[Fact]:
    """Return the figures that stand in the head of a report."""
    found = document["figures"]
    needs = found["needs"]
    points, tasks, scope = found["points"], found["tasks"], found["scope"]
    burn, cycle, velocity = found["burndown"], found["cycle_time"], found["velocity"]
    unestimated = f", {tasks['unestimated']} open without points" if tasks["unestimated"] else ""
    burn_needs = needs.get("burn_rate")
    rows = [
        Fact(
            "Points done",
            f"{number(points['completed'])} of {number(points['total'])}",
            f"{percent(found['completion'], needs.get('completion'))}{unestimated}",
        ),
        Fact("Tasks done", f"{tasks['done']} of {tasks['total']}", f"{tasks['cancelled']} cancelled"),
        Fact(
            "Burndown",
            burn["state"] or "n/a",
            f"{number(burn['actual'])} {noun(burn['actual'], 'point')} left, ideal {number(burn['ideal'])}"
            if burn["state"]
            else needs.get("burndown", ""),
            STATES.get(burn["state"], ""),
        ),
        _forecast(document),
        Fact(
            "Cycle time",
            duration(cycle["median"]) if cycle["median"] is not None else "n/a",
            f"median of {cycle['samples']}; 85 % within {duration(cycle['p85'], needs.get('cycle_time.p85'))}"
            if cycle["samples"]
            else needs.get("cycle_time", ""),
        ),
        Fact(
            "Burn rate" if velocity is None else "Velocity",
            number(found["burn_rate"] if velocity is None else velocity["mean"]),
            (f"points per {_unit(found)}" if found["burn_rate"] is not None else burn_needs or "")
            if velocity is None
            else f"mean of {counted(velocity['sprints'], 'sprint')},"
            f" {number(velocity['min'])} to {number(velocity['max'])}",
        ),
        Fact(
            "Blocked",
            counted(tasks["blocked"], "task"),
            f"{duration(found['blocked']['hours'])} lost in all",
            "poor" if tasks["blocked"] else "good",
        ),
        Fact(
            "Scope",
            "n/a" if scope is None else f"{scope['change']:+g}" if scope["change"] else "unchanged",
            needs.get("points.committed", "")
            if scope is None
            else f"points; {counted(len(scope['added']), 'task')} in, {len(scope['removed'])} out",
        ),
    ]
    return [row for row in rows if row is not None]


def _unit(found: Mapping[str, Any]) -> str:
    return "hour" if (found["time"] or {}).get("unit") == "hours" else "working day"


def _forecast(document: Mapping[str, Any]) -> Fact:
    found, needs = document["figures"]["forecast"], document["figures"]["needs"]
    if document["sprint"]["status"] == "completed":
        value = document["figures"]["predictability"]
        return Fact(
            "Predictability", percent(value), needs.get("predictability", "of what sprints committed to")
        )
    if found is None:
        return Fact("Forecast", "n/a", needs.get("forecast", "needs a running sprint"))
    dates = found.get("dates") or {}
    chance = found.get("probability")
    if dates.get("p85"):
        end = "" if chance is None else f"; {percent(chance)} likely by the end"
        tone = "" if chance is None else "good" if chance >= 0.85 else "fair" if chance >= 0.5 else "poor"
        return Fact("Forecast", day(dates["p85"]), f"85 % likely by then{end}", tone)
    return Fact("Forecast", day(found.get("date")), "at the present pace, low confidence")
