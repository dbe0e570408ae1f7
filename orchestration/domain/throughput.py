"""How much gets done: tasks per day, their trend, and whether the flow is in balance.

The check is Little's law (J. D. C. Little, "A Proof for the Queuing Formula L = lambda W", 1961), in the
form that Vacanti gives it for finished work: mean WIP = throughput x mean cycle time. It holds over a
time in which as much is begun as is finished; where the two sides are far apart, forecasts from the past
do not carry far.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from orchestration.domain import cycle, flow, samples, workdays
from orchestration.domain.cycle import Needs
from orchestration.domain.records import WORK_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.values import parse_time

LITTLE_NEEDS = 5
UNSTABLE = 0.30
_WEEK = timedelta(days=7)


def rates(done: list[Document], span: workdays.Span, spent: float, needs: Needs) -> Document:
    """Return finished tasks per working day and week, or per hour in a short sprint, and the peak day."""
    rate = len(done) / spent
    days = per_day(done, span.cal)
    peak = min(days, key=lambda day: (-days[day], day), default=None)
    daily = span.unit == "working_days"
    if not daily:
        needs["throughput.per_working_day"] = "needs a sprint of 3 days or more; see throughput.per_hour"
    return {
        "per_working_day": tidy(rate) if daily else None,
        "per_week": tidy(rate * len(span.cal.working)) if daily else None,
        "per_hour": None if daily else tidy(rate),
        "peak_day": None if peak is None else {"date": peak.isoformat(), "tasks": days[peak]},
    }


def per_day(done: Iterable[Document], cal: workdays.Calendar) -> Counter[date]:
    """Count the tasks that were finished on each day of the project's zone."""
    return Counter(
        workdays.day_of(cal, parse_time(task["completed_at"])) for task in done if task.get("completed_at")
    )


def trend(done: Iterable[Document], cal: workdays.Calendar, *, now: datetime, needs: Needs) -> Document:
    """Return the tasks finished today and in the 6 days before, in the 7 before those, and the change."""
    days = per_day(done, cal)
    today = workdays.day_of(cal, now)
    last = sum(number for day, number in days.items() if today - _WEEK < day <= today)
    before = sum(number for day, number in days.items() if today - 2 * _WEEK < day <= today - _WEEK)
    if not before:
        needs["throughput.trend"] = "needs 1 task finished 7 to 13 days ago"
    return {
        "last_7_days": last,
        "previous_7_days": before,
        "trend": tidy((last - before) / before) if before else None,
    }


def littles_law(
    done: Iterable[Document], lives: flow.Lives, *, start: datetime, end: datetime, needs: Needs
) -> Document | None:
    """Compare the mean WIP between two moments with throughput x mean cycle time of what was finished then.

    It needs 5 finished tasks. More than 30 % apart is an unstable flow.
    """
    hours = [
        value
        for task in done
        if (value := cycle.cycle_hours(task)) is not None and start <= parse_time(task["completed_at"]) < end
    ]
    days = (end - start) / timedelta(days=1)
    if len(hours) < LITTLE_NEEDS or days <= 0 or not any(hours):
        needs["littles_law"] = f"needs {LITTLE_NEEDS} finished tasks that took time"
        return None
    busy = sum(
        (until - since).total_seconds()
        for life in lives.values()
        for since, until in flow.intervals(life, WORK_COLUMNS, start, end)
    )
    mean_wip = busy / 86400 / days
    rate, mean_days = len(hours) / days, samples.mean(hours) / 24
    expected = rate * mean_days
    deviation = abs(mean_wip - expected) / expected
    stable = deviation <= UNSTABLE
    return {
        "mean_wip": tidy(mean_wip),
        "throughput_per_day": tidy(rate),
        "mean_cycle_days": tidy(mean_days),
        "expected_wip": tidy(expected),
        "deviation": tidy(deviation),
        "stable": stable,
        "note": None if stable else "unstable flow",
    }


def adherence(
    lives: flow.Lives,
    limits: Mapping[str, int | None],
    *,
    sprint: str | None,
    start: datetime,
    end: datetime,
) -> dict[str, float]:
    """Return for each limited column the share of time that it held no more tasks than its limit of today.

    Counted are the tasks of `sprint`, or of all the board for None.
    """
    limited = {column: limit for column, limit in limits.items() if limit is not None}
    if start >= end:
        return {}
    changes: dict[str, list[tuple[datetime, int]]] = {column: [] for column in limited}
    for life in lives.values():
        for step, since, until in flow.within(life, start, end):
            if step.column in limited and (sprint is None or step.sprint_id == sprint):
                changes[step.column] += [(since, 1), (until, -1)]
    return {column: _share_within(changes[column], limit, start, end) for column, limit in limited.items()}


def _share_within(changes: list[tuple[datetime, int]], limit: int, start: datetime, end: datetime) -> float:
    over, count, since = 0.0, 0, start
    for at, change in sorted(changes):
        if count > limit:
            over += (at - since).total_seconds()
        count, since = count + change, at
    return tidy(1 - over / (end - start).total_seconds())
