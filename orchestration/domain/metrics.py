"""The figures of a sprint, each by the formula of the command reference, "Metrics".

Points of cancelled tasks count nowhere. A figure whose samples do not suffice is null, and `needs`
says what it waits for. Rates are per working day, in a sprint shorter than 3 days per hour: `time.unit`
says which. Weekends and part days: see `workdays`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from orchestration.domain import projects, samples, workdays
from orchestration.domain.records import CLOSED_COLUMNS, COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.sprints import of
from orchestration.domain.task_fields import open_blockers
from orchestration.domain.values import format_time, parse_time

VELOCITY_NEEDS, VELOCITY_SPRINTS = 3, 5
# A date further away says no more than that there is none.
_FORECAST_LIMIT_DAYS = 3650
_STARTED = "needs a started sprint"

Tasks = Mapping[str, Document]


def sprint_metrics(
    sprint: Document,
    tasks: Tasks,
    *,
    config: Document | None,
    finished: Sequence[tuple[Document, Tasks]],
    now: str,
) -> Document:
    """Return the figures of `sprint` from tasks that name it; `finished` are ended sprints, with tasks."""
    needs: dict[str, str] = {}
    tasks = of(sprint["id"], tasks)
    found = counts(tasks)
    points = _points(sprint, tasks, needs)
    span = sprint_span(sprint, config)
    until = parse_time(sprint.get("completed_at") or now)
    spent = _spent(sprint, span, until)
    done = [task for task in tasks.values() if task["column"] == "done"]
    rate = None if spent is None else points["completed"] / spent
    if spent is None:
        needs["burn_rate"] = needs["throughput"] = _STARTED
    return {
        "tasks": found,
        "points": points,
        "scope": _scope(sprint, tasks, points),
        "completion": _share(
            points["completed"], points["total"], "completion", "needs estimated tasks", needs
        ),
        "task_completion": _share(len(done), found["total"], "task_completion", "needs 1 task", needs),
        "time": _time(span, spent),
        "velocity": velocity(finished, needs),
        "predictability": predictability(finished, needs),
        "burn_rate": None if rate is None else tidy(rate),
        "throughput": None if span is None or spent is None else _throughput(done, span, spent, needs),
        "cycle_time": _hours(done, "cycle_time", ("started_at",), needs),
        "lead_time": _hours(done, "lead_time", ("committed_at", "created_at"), needs),
        "forecast": _forecast(sprint, points["remaining"], found["unestimated"], rate, span, now, needs),
        "needs": needs,
    }


def counts(tasks: Tasks) -> Document:
    """Count tasks: all but the cancelled as `total`, each column, the open ones blocked or unestimated."""
    columns = Counter(task["column"] for task in tasks.values())
    still_open = [task for task in tasks.values() if task["column"] not in CLOSED_COLUMNS]
    return {
        "total": len(tasks) - columns["cancelled"],
        **{column: columns[column] for column in COLUMNS},
        "blocked": sum(1 for task in still_open if open_blockers(task)),
        "unestimated": sum(1 for task in still_open if task.get("points") is None),
    }


def _sum(tasks: Iterable[Document]) -> int | float:
    return tidy(sum(task.get("points") or 0 for task in tasks))


def _points(sprint: Document, tasks: Tasks, needs: dict[str, str]) -> Document:
    completed = _sum(task for task in tasks.values() if task["column"] == "done")
    remaining = _sum(task for task in tasks.values() if task["column"] not in CLOSED_COLUMNS)
    committed = sprint.get("committed_points")
    if committed is None:
        needs["points.committed"] = _STARTED
    total = tidy(completed + remaining)
    return {"committed": committed, "completed": completed, "remaining": remaining, "total": total}


def _scope(sprint: Document, tasks: Tasks, points: Document) -> Document | None:
    # Only what the tasks of today tell; when and by whom the scope changed, history knows.
    committed = sprint.get("committed_tasks")
    if committed is None or points["committed"] is None:
        return None
    inside = [task_id for task_id, task in tasks.items() if task["column"] != "cancelled"]
    return {
        "change": tidy(points["total"] - points["committed"]),
        "added": [task_id for task_id in inside if task_id not in committed],
        "removed": [task_id for task_id in committed if task_id not in inside],
    }


def _share(part: float, whole: float, name: str, need: str, needs: dict[str, str]) -> int | float | None:
    if not whole:
        needs[name] = need
        return None
    return tidy(part / whole)


def sprint_span(sprint: Document, config: Document | None) -> workdays.Span | None:
    """Return the planned time of `sprint`, or the one since its start when it has no dates, else None."""
    start, end = sprint.get("start_date") or sprint.get("started_at"), sprint.get("end_date")
    if start is None:
        return None
    calendar = workdays.calendar(projects.settings(config))
    return workdays.span(
        calendar, workdays.moment(calendar, start), workdays.moment(calendar, end) if end else None
    )


def _spent(sprint: Document, span: workdays.Span | None, until: datetime) -> float | None:
    # The pace counts from the real start: a planned date may be long before or after it.
    if span is None or sprint.get("started_at") is None:
        return None
    return max(1.0, span.spent(parse_time(sprint["started_at"]), until))


def _time(span: workdays.Span | None, spent: float | None) -> Document:
    return {
        "unit": None if span is None else span.unit,
        "elapsed": None if spent is None else tidy(spent),
        "total": None if span is None or span.end is None else tidy(span.spent(span.start, span.end)),
    }


def velocity_of(sprint: Document, tasks: Tasks) -> int | float:
    """Return the points done in a finished sprint; what was done after its completion does not count."""
    end = sprint.get("completed_at")
    return _sum(
        task for task in of(sprint["id"], tasks).values() if _done_by(task, parse_time(end) if end else None)
    )


def _done_by(task: Document, end: datetime | None) -> bool:
    at = task.get("completed_at")
    return task["column"] == "done" and (end is None or not at or parse_time(at) <= end)


def _last(finished: Sequence[tuple[Document, Tasks]]) -> list[tuple[Document, Tasks]]:
    ordered = sorted(finished, key=lambda pair: pair[0].get("completed_at") or pair[0].get("end_date") or "")
    return ordered[-VELOCITY_SPRINTS:]


def velocity(finished: Sequence[tuple[Document, Tasks]], needs: dict[str, str]) -> Document | None:
    """Return mean, min and max of the last 3 to 5 finished sprints, or None and a note in `needs`."""
    done = [velocity_of(sprint, tasks) for sprint, tasks in _last(finished)]
    if len(done) < VELOCITY_NEEDS:
        needs["velocity"] = f"needs {VELOCITY_NEEDS} finished sprints"
        return None
    return {"mean": tidy(samples.mean(done)), "min": min(done), "max": max(done), "sprints": len(done)}


def predictability(finished: Sequence[tuple[Document, Tasks]], needs: dict[str, str]) -> int | float | None:
    """Return done of committed / committed points, the mean of the last 5 sprints that committed any."""
    shares = []
    for sprint, tasks in _last([pair for pair in finished if pair[0].get("committed_points")]):
        kept = {
            task_id: tasks[task_id] for task_id in sprint.get("committed_tasks") or [] if task_id in tasks
        }
        shares.append(velocity_of(sprint, kept) / sprint["committed_points"])
    if not shares:
        needs["predictability"] = "needs 1 finished sprint with committed points"
        return None
    return tidy(samples.mean(shares))


def _throughput(done: list[Document], span: workdays.Span, spent: float, needs: dict[str, str]) -> Document:
    rate = len(done) / spent
    days = Counter(
        workdays.day_of(span.cal, parse_time(t["completed_at"])) for t in done if t.get("completed_at")
    )
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


def _hours(done: list[Document], name: str, begins: Sequence[str], needs: dict[str, str]) -> Document:
    # Elapsed time, nights and weekends included.
    spans = []
    for task in done:
        begin = next((task[field] for field in begins if task.get(field)), None)
        if begin and task.get("completed_at"):
            spans.append((parse_time(task["completed_at"]) - parse_time(begin)) / timedelta(hours=1))
    found = samples.summary(spans)
    if not spans:
        needs[name] = "needs 1 finished task"
    elif len(spans) < samples.PERCENTILES_NEED:
        need = f"needs {samples.PERCENTILES_NEED} finished tasks"
        needs[f"{name}.p85"] = needs[f"{name}.p95"] = need
    return found


def _forecast(
    sprint: Document,
    remaining: float,
    unestimated: int,
    rate: float | None,
    span: workdays.Span | None,
    now: str,
    needs: dict[str, str],
) -> Document | None:
    """Return the simple form, remaining / burn rate rounded up, with the date or time that is."""
    if rate is None or span is None or sprint["status"] != "active":
        needs["forecast"] = "needs a running sprint"
        return None
    if not remaining and unestimated:
        needs["forecast"] = f"needs points on {unestimated} open tasks"
        return None
    if remaining and not rate:
        needs["forecast"] = "needs 1 finished task with points"
        return None
    steps = ceil(tidy(remaining / rate)) if remaining else 0
    result: dict[str, Any] = {"method": "simple", "days": None, "hours": None, "date": None}
    near = steps <= _FORECAST_LIMIT_DAYS
    if span.unit == "hours":
        ends = parse_time(now) + timedelta(hours=steps) if near else None
        return result | {"hours": steps, "date": ends and format_time(ends)}
    today = workdays.day_of(span.cal, parse_time(now))
    return result | {
        "days": steps,
        "date": workdays.after(span.cal, today, steps).isoformat() if near else None,
    }
