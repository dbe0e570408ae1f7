"""How long work takes: cycle and lead time, the age of what is in progress, blocked time, flow efficiency.

Durations are elapsed hours, nights and weekends included. The measures are those of D. Vacanti,
"Actionable Agile Metrics for Predictability": cycle time from the start of work to its end, and the age
of an item compared with a percentile of the cycle times of those that are finished.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from orchestration.domain import flow, samples
from orchestration.domain.records import CLOSED_COLUMNS, WORK_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.task_fields import open_blockers
from orchestration.domain.values import parse_time

_HOUR = timedelta(hours=1)
ESTIMATES_NEED = 8

Needs = dict[str, str]


def cycle_hours(task: Document) -> float | None:
    """Return completed_at - first started_at of a finished task, None while it has not both."""
    return _between(task.get("started_at"), task)


def lead_hours(task: Document) -> float | None:
    """Return completed_at - committed_at, or - created_at when it was never committed."""
    return _between(task.get("committed_at") or task.get("created_at"), task)


def _between(begin: str | None, task: Document) -> float | None:
    if not begin or not task.get("completed_at"):
        return None
    return (parse_time(task["completed_at"]) - parse_time(begin)) / _HOUR


def statistics(
    done: Iterable[Document], name: str, measure: Callable[[Document], float | None], needs: Needs
) -> Document:
    """Return mean, median, p85 and p95 (nearest rank) of a measure, and what they wait for in `needs`."""
    found = [value for task in done if (value := measure(task)) is not None]
    if not found:
        needs[name] = "needs 1 finished task"
    elif len(found) < samples.PERCENTILES_NEED:
        need = f"needs {samples.PERCENTILES_NEED} finished tasks"
        needs[f"{name}.p85"] = needs[f"{name}.p95"] = need
    return samples.summary(found)


def wip(
    tasks: Mapping[str, Document], finished: Iterable[Document], *, now: datetime, needs: Needs
) -> Document:
    """Return the tasks in progress or review, blocked ones included, oldest first, with their age.

    Flagged is what is older than the 85th percentile of the cycle times of `finished` tasks, which
    needs 5 of them.
    """
    known = [value for task in finished if (value := cycle_hours(task)) is not None]
    enough = len(known) >= samples.PERCENTILES_NEED
    threshold = samples.nearest_rank(known, 85) if enough else None
    if threshold is None:
        needs["wip.threshold_hours"] = f"needs {samples.PERCENTILES_NEED} finished tasks"
    items = []
    for task_id, task in tasks.items():
        if task["column"] in WORK_COLUMNS:
            begun = task.get("started_at")
            age = max((now - parse_time(begun)) / _HOUR, 0.0) if begun else None
            old = None if threshold is None or age is None else age > threshold
            items.append(_item(task_id, task, age, old))
    items.sort(key=lambda item: (-(item["age_hours"] or 0), item["id"]))
    return {
        "tasks": len(items),
        "blocked": sum(1 for item in items if item["blocked"]),
        "threshold_hours": None if threshold is None else tidy(threshold),
        "flagged": None if threshold is None else sum(1 for item in items if item["flagged"]),
        "items": items,
    }


def _item(task_id: str, task: Document, age: float | None, old: bool | None) -> Document:
    return {
        "id": task_id,
        "title": task.get("title"),
        "column": task["column"],
        "assignee": task.get("assignee"),
        "started_at": task.get("started_at"),
        "age_hours": None if age is None else tidy(age),
        "blocked": bool(open_blockers(task)),
        "flagged": old,
    }


def blocked(tasks: Mapping[str, Document], *, now: datetime, needs: Needs) -> Document:
    """Return blocked / open tasks, the hours lost to blockers, and the mean time it took to unblock.

    Hours are the union of each task's blocker intervals, so that two blockers at once count once; they
    are summed over the tasks, also those that are done.
    """
    still_open = [task for task in tasks.values() if task["column"] not in CLOSED_COLUMNS]
    waiting = [task for task in still_open if open_blockers(task)]
    lost = sum(_seconds(flow.union(blocker_intervals(task, now))) for task in tasks.values())
    resolved = [
        (parse_time(one["resolved_at"]) - parse_time(one["opened_at"])) / _HOUR
        for task in tasks.values()
        for one in _blockers(task)
        if one.get("resolved_at")
    ]
    oldest = min(
        (
            parse_time(one["opened_at"])
            for task in waiting
            for one in _blockers(task)
            if not one["resolved_at"]
        ),
        default=None,
    )
    if not still_open:
        needs["blocked.ratio"] = "needs 1 open task"
    if not resolved:
        needs["blocked.mean_hours_to_unblock"] = "needs 1 resolved blocker"
    return {
        "open": len(still_open),
        "tasks": len(waiting),
        "ratio": tidy(len(waiting) / len(still_open)) if still_open else None,
        "hours": tidy(lost / 3600),
        "mean_hours_to_unblock": tidy(samples.mean(resolved)) if resolved else None,
        "oldest_hours": None if oldest is None else tidy(max((now - oldest) / _HOUR, 0.0)),
    }


def _blockers(task: Document) -> list[Document]:
    found = task.get("blockers")
    return [one for one in found if isinstance(one, dict) and one.get("opened_at")] if found else []


def blocker_intervals(task: Document, now: datetime) -> list[flow.Interval]:
    """Return the times in which each blocker of a task was open, up to now."""
    found = []
    for one in _blockers(task):
        start = parse_time(one["opened_at"])
        end = parse_time(one["resolved_at"]) if one.get("resolved_at") else now
        if start < end:
            found.append((start, end))
    return found


def _seconds(stretches: Iterable[flow.Interval]) -> float:
    return sum((end - start).total_seconds() for start, end in stretches)


def flow_efficiency(
    done: Mapping[str, Document], lives: flow.Lives, *, active: Sequence[str], needs: Needs
) -> Document | None:
    """Return active / elapsed time of finished tasks: the hours of all of them, summed before dividing.

    Active is the time in the `active` columns, out of the commits, while not blocked; elapsed is the
    cycle time. A task that the commits know only as finished, as after an import, is no sample.
    """
    active_seconds = elapsed_seconds = 0.0
    count = 0
    for task_id, task in done.items():
        life = lives.get(task_id)
        if not life or not task.get("started_at") or not task.get("completed_at"):
            continue
        start, end = parse_time(task["started_at"]), parse_time(task["completed_at"])
        if start >= end or life[0].at >= end:
            continue
        worked = flow.intervals(life, active, start, end)
        waited = flow.union(blocker_intervals(task, end))
        active_seconds += _seconds(worked) - flow.overlap(worked, waited)
        elapsed_seconds += (end - start).total_seconds()
        count += 1
    if not elapsed_seconds:
        needs["flow_efficiency"] = "needs 1 finished task that took time"
        return None
    return {
        "ratio": tidy(active_seconds / elapsed_seconds),
        "active_hours": tidy(active_seconds / 3600),
        "elapsed_hours": tidy(elapsed_seconds / 3600),
        "samples": count,
    }


def estimate_quality(done: Iterable[Document], *, needs: Needs) -> Document | None:
    """Return Spearman's rank correlation of points and cycle time; it needs 8 estimated finished tasks."""
    pairs = [
        (task["points"], hours)
        for task in done
        if task.get("points") is not None and (hours := cycle_hours(task)) is not None
    ]
    if len(pairs) < ESTIMATES_NEED:
        needs["estimate_quality"] = f"needs {ESTIMATES_NEED} finished tasks with points"
        return None
    rho = samples.spearman([points for points, _ in pairs], [hours for _, hours in pairs])
    if rho is None:
        needs["estimate_quality"] = "needs points and cycle times that differ"
        return None
    return {"rho": tidy(rho), "samples": len(pairs)}
