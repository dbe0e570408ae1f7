"""The figures of a sprint that its tasks alone tell, each by the formula of the command reference, "Metrics".

`figures` adds what history and the rest of the project know.

Points of cancelled tasks count nowhere. A figure whose samples do not suffice is null, and `needs`
says what it waits for. Rates are per working day, in a sprint shorter than 3 days per hour: `time.unit`
says which. Weekends and part days: see `workdays`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from orchestration.domain import cycle, forecast, projects, samples, throughput, workdays
from orchestration.domain.cycle import Needs
from orchestration.domain.records import CLOSED_COLUMNS, COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.sprints import of
from orchestration.domain.task_fields import is_container, open_blockers
from orchestration.domain.values import instant, parse_time

VELOCITY_NEEDS, VELOCITY_SPRINTS = 3, 5
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
    needs: Needs = {}
    tasks = of(sprint["id"], tasks)
    whole, tasks = tasks, work(tasks)
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
        "scope": _scope(sprint, whole, points),
        "completion": _share(
            points["completed"], points["total"], "completion", "needs estimated tasks", needs
        ),
        "task_completion": _share(len(done), found["total"], "task_completion", "needs 1 task", needs),
        "time": _time(span, spent),
        "velocity": velocity(finished, needs),
        "predictability": predictability(finished, needs),
        "burn_rate": None if rate is None else tidy(rate),
        "throughput": None if span is None or spent is None else throughput.rates(done, span, spent, needs),
        "cycle_time": cycle.statistics(done, "cycle_time", cycle.cycle_hours, needs),
        "lead_time": cycle.statistics(done, "lead_time", cycle.lead_hours, needs),
        "forecast": _forecast(sprint, points["remaining"], found["unestimated"], rate, span, now, needs),
        "needs": needs,
    }


def work(tasks: Tasks) -> dict[str, Document]:
    """Return the tasks without those that were split: their parts are the work."""
    return {name: task for name, task in tasks.items() if not is_container(task)}


def committed(sprint: Document, tasks: Tasks) -> set[str]:
    """Return the ids of the tasks that a sprint committed to, and of the parts they were split into since."""
    found = set(sprint.get("committed_tasks") or [])
    while (
        new := {
            name
            for name, task in tasks.items()
            if task.get("parent") in found and is_container(tasks.get(task["parent"], {}))
        }
        - found
    ):
        found |= new
    return found


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


def _points(sprint: Document, tasks: Tasks, needs: Needs) -> Document:
    completed = _sum(task for task in tasks.values() if task["column"] == "done")
    remaining = _sum(task for task in tasks.values() if task["column"] not in CLOSED_COLUMNS)
    committed = sprint.get("committed_points")
    if committed is None:
        needs["points.committed"] = _STARTED
    total = tidy(completed + remaining)
    return {"committed": committed, "completed": completed, "remaining": remaining, "total": total}


def _scope(sprint: Document, tasks: Tasks, points: Document) -> Document | None:
    # Only what the tasks of today tell; when and by whom the scope changed, history knows.
    if sprint.get("committed_tasks") is None or points["committed"] is None:
        return None
    inside = {task_id for task_id, task in tasks.items() if task["column"] != "cancelled"}
    known = committed(sprint, tasks)
    return {
        "change": tidy(points["total"] - points["committed"]),
        "added": [task_id for task_id in tasks if task_id in inside and task_id not in known],
        "removed": [task_id for task_id in sprint["committed_tasks"] if task_id not in inside],
    }


def _share(part: float, whole: float, name: str, need: str, needs: Needs) -> int | float | None:
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
    until = instant(end) if end else None
    return _sum(task for task in of(sprint["id"], tasks).values() if _done_by(task, until))


def _done_by(task: Document, until: str | None) -> bool:
    at = task.get("completed_at")
    return task["column"] == "done" and (until is None or not at or instant(at) <= until)


def _last(finished: Sequence[tuple[Document, Tasks]]) -> list[tuple[Document, Tasks]]:
    ordered = sorted(finished, key=lambda pair: pair[0].get("completed_at") or pair[0].get("end_date") or "")
    return ordered[-VELOCITY_SPRINTS:]


def velocity(finished: Sequence[tuple[Document, Tasks]], needs: Needs) -> Document | None:
    """Return mean, min and max of the last 3 to 5 finished sprints, or None and a note in `needs`."""
    done = [velocity_of(sprint, tasks) for sprint, tasks in _last(finished)]
    if len(done) < VELOCITY_NEEDS:
        needs["velocity"] = f"needs {VELOCITY_NEEDS} finished sprints"
        return None
    return {"mean": tidy(samples.mean(done)), "min": min(done), "max": max(done), "sprints": len(done)}


def finished_rows(finished: Sequence[tuple[Document, Tasks]]) -> list[Document]:
    """Return the last 5 finished sprints, oldest first: committed and completed points, and the share kept.

    `kept` is done of committed / committed, null for a sprint that committed no points.
    """
    return [
        {
            "id": sprint["id"],
            "name": sprint.get("name"),
            "completed_at": sprint.get("completed_at"),
            "committed": sprint.get("committed_points"),
            "completed": velocity_of(sprint, tasks),
            "kept": tidy(_kept(sprint, tasks)) if sprint.get("committed_points") else None,
        }
        for sprint, tasks in _last(finished)
    ]


def _kept(sprint: Document, tasks: Tasks) -> float:
    mine = {name: tasks[name] for name in committed(sprint, tasks) if name in tasks}
    share: float = velocity_of(sprint, mine) / sprint["committed_points"]
    return share


def predictability(finished: Sequence[tuple[Document, Tasks]], needs: Needs) -> int | float | None:
    """Return done of committed / committed points, the mean of the last 5 sprints that committed any."""
    ended = _last([pair for pair in finished if pair[0].get("committed_points")])
    shares = [_kept(sprint, tasks) for sprint, tasks in ended]
    if not shares:
        needs["predictability"] = "needs 1 finished sprint with committed points"
        return None
    return tidy(samples.mean(shares))


def _forecast(
    sprint: Document,
    remaining: float,
    unestimated: int,
    rate: float | None,
    span: workdays.Span | None,
    now: str,
    needs: Needs,
) -> Document | None:
    """Return the simple form of the forecast, None where there is nothing to divide."""
    if rate is None or span is None or sprint["status"] != "active":
        needs["forecast"] = "needs a running sprint"
        return None
    if not remaining and unestimated:
        needs["forecast"] = f"needs points on {unestimated} open tasks"
        return None
    if remaining and not rate:
        needs["forecast"] = "needs 1 finished task with points"
        return None
    return forecast.simple(remaining, rate, span, now=now)
