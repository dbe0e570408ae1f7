"""The burndown of a sprint: the points that remain, against the straight line from commitment to end.

ideal(d) = S0 x (1 - d / D): S0 committed points, d elapsed and D total working time. A row stands
for a moment: the start, every midnight between, the end, and the latest moment known, which is now or
the sprint's completion. What happened on the 15th therefore shows in the row of the 16th.

The actual line is what remained at each moment, as the commits tell it: work that is added, removed or
estimated anew while the sprint runs moves it up or down. The ideal line stays that of the commitment.
Without lives it is the committed work alone.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from orchestration.domain import flow, workdays
from orchestration.domain.flow import Step
from orchestration.domain.metrics import committed, sprint_span
from orchestration.domain.records import Document
from orchestration.domain.samples import tidy
from orchestration.domain.sprints import of
from orchestration.domain.values import format_time, parse_time

ON_TRACK, AT_RISK = 0.95, 0.85


class Change(NamedTuple):
    """A change of what a running sprint holds."""

    at: datetime
    task: str
    kind: str
    """`added`, `removed` or `estimated`."""
    points: float
    """How much more, or less, the sprint holds."""


def burndown(
    sprint: Document,
    tasks: Mapping[str, Document],
    *,
    config: Document | None,
    now: str,
    lives: flow.Lives | None = None,
) -> list[Document]:
    """Return rows of date, ideal and actual points, actual being null in the future.

    `date` is a day for its midnight in the project's zone, and a time for any other moment. A sprint
    without dates or without committed points has no rows.
    """
    rows = _rows(sprint, tasks, config=config, now=now, lives=lives)
    return [{name: row[name] for name in ("date", "ideal", "actual")} for row in rows]


def _rows(
    sprint: Document,
    tasks: Mapping[str, Document],
    *,
    config: Document | None,
    now: str,
    lives: flow.Lives | None,
) -> list[Document]:
    scope = sprint.get("committed_points")
    span = sprint_span(sprint, config) if sprint.get("start_date") else None
    if not scope or span is None or span.end is None or span.end <= span.start:
        return []
    mine = of(sprint["id"], tasks)
    drops = sorted(_from_lives(sprint, mine, lives) if lives is not None else _from_tasks(sprint, mine))
    times, sums = [when for when, _ in drops], list(accumulate((points for _, points in drops), initial=0.0))
    known = parse_time(sprint.get("completed_at") or now)
    total = span.spent(span.start, span.end)
    rows = []
    for at in _moments(span, span.end, known):
        left = scope * (1 - min(span.spent(span.start, at) / total, 1))
        actual = tidy(scope + sums[bisect_right(times, at)]) if at <= known else None
        rows.append(
            {"date": _label(span.cal, at), "at": format_time(at), "ideal": tidy(left), "actual": actual}
        )
    return rows


def document(
    sprint: Document,
    tasks: Mapping[str, Document],
    lives: flow.Lives,
    *,
    config: Document | None,
    now: str,
) -> Document:
    """Return the burndown as a whole: its rows, the changes of scope, r = ideal / actual, and the state.

    {sprint, name, status, committed, rows: [{date, at, ideal, actual}], scope_changes: [{at, task, kind,
    points}], ideal, actual, ratio, state}; `at` is the row's moment in UTC, and the last four are those of
    the latest row known, null before the start and without rows.
    """
    rows = _rows(sprint, tasks, config=config, now=now, lives=lives)
    return {
        "sprint": sprint["id"],
        "name": sprint.get("name"),
        "status": sprint["status"],
        "committed": sprint.get("committed_points"),
        "rows": rows,
        "scope_changes": [shown(change) for change in scope_changes(sprint, lives)],
        **summary(rows),
    }


def summary(rows: Sequence[Document]) -> Document:
    """Return {ideal, actual, ratio, state} of the latest row known, all null when there is none."""
    known = [row for row in rows if row["actual"] is not None]
    if not known:
        return dict.fromkeys(("ideal", "actual", "ratio", "state"))
    ideal, actual = known[-1]["ideal"], known[-1]["actual"]
    ratio = tidy(ideal / actual) if actual > 0 else None
    return {"ideal": ideal, "actual": actual, "ratio": ratio, "state": state(list(rows))}


def state(rows: list[Document]) -> str | None:
    """Return "finished", "on track", "at risk" or "behind" from the latest row known, None before the start.

    r = ideal / actual: >= 0.95 on track, 0.85 to 0.95 at risk, below behind.
    """
    known = [row for row in rows if row["actual"] is not None]
    if not known:
        return None
    ideal, actual = known[-1]["ideal"], known[-1]["actual"]
    if actual <= 0:
        return "finished"
    r = ideal / actual
    return "on track" if r >= ON_TRACK else "at risk" if r >= AT_RISK else "behind"


def shown(change: Change) -> Document:
    """Return a change of scope as JSON values."""
    return {**change._asdict(), "at": format_time(change.at), "points": tidy(change.points)}


# -- out of the commits


def scope_changes(sprint: Document, lives: flow.Lives) -> list[Change]:
    """Return what was added, removed and estimated anew while the sprint ran, oldest first.

    A cancelled or deleted task is removed. What the completion carries over belongs to the sprint's end
    and is no change of its scope.
    """
    if not sprint.get("started_at"):
        return []
    started = parse_time(sprint["started_at"])
    ended = parse_time(sprint["completed_at"]) if sprint.get("completed_at") else None
    found = []
    for task_id, life in _known_lives(sprint, lives, started):
        before: Step | None = None
        for step in life:
            if step.at > started and (ended is None or step.at < ended):
                change = _change(task_id, before, step, sprint["id"])
                if change is not None:
                    found.append(change)
            before = step
    return sorted(found)


def _known_lives(
    sprint: Document, lives: flow.Lives, started: datetime
) -> Iterator[tuple[str, Sequence[Step]]]:
    """Yield the lives, those of committed tasks from the start on: brought from elsewhere, they begin later."""
    committed_tasks = set(sprint.get("committed_tasks") or [])
    for task_id, life in lives.items():
        if life and life[0].at > started and task_id in committed_tasks:
            yield task_id, [life[0]._replace(at=started, column="todo", sprint_id=sprint["id"]), *life]
        else:
            yield task_id, life


def _change(task_id: str, before: Step | None, after: Step, sprint: str) -> Change | None:
    inside_before, inside = _inside(before, sprint), _inside(after, sprint)
    points_before = (before.points or 0) if before is not None and inside_before else 0
    points = (after.points or 0) if inside else 0
    if inside and not inside_before:
        return Change(after.at, task_id, "added", points)
    if inside_before and not inside:
        return Change(after.at, task_id, "removed", -points_before)
    if points != points_before:
        return Change(after.at, task_id, "estimated", points - points_before)
    return None


def _inside(step: Step | None, sprint: str) -> bool:
    return step is not None and step.sprint_id == sprint and step.column not in (None, "cancelled")


def _from_lives(
    sprint: Document, tasks: Mapping[str, Document], lives: flow.Lives
) -> list[tuple[datetime, float]]:
    """Return by how much the remaining points differ from the commitment, as differences at moments."""
    if not sprint.get("started_at"):
        return []
    started = parse_time(sprint["started_at"])
    ended = parse_time(sprint["completed_at"]) if sprint.get("completed_at") else None
    found = [(started, -float(sprint["committed_points"]))]
    for task_id, life in _known_lives(sprint, lives, started):
        done = _done_at(tasks.get(task_id))
        last_open = max((n for n, step in enumerate(life) if step.column != "done"), default=-1)
        left = 0.0
        for number, step in enumerate(life):
            if ended is not None and step.at >= ended:
                break
            at = max(step.at, started)
            points = (step.points or 0) if _inside(step, sprint["id"]) and step.column != "done" else 0
            if done is not None and number > last_open:
                # A record may have been written with a time of its own, by who reports afterwards.
                at = max(done, started)
            if points != left:
                found.append((at, points - left))
                left = points
    return found


def _done_at(task: Document | None) -> datetime | None:
    if task is None or task["column"] != "done" or not task.get("completed_at"):
        return None
    return parse_time(task["completed_at"])


# -- out of the tasks alone


def _from_tasks(sprint: Document, tasks: Mapping[str, Document]) -> list[tuple[datetime, float]]:
    found = (tasks[task_id] for task_id in committed(sprint, tasks) if task_id in tasks)
    return [
        (parse_time(task["completed_at"]), -(task.get("points") or 0))
        for task in found
        if task["column"] == "done" and task.get("completed_at")
    ]


def _moments(span: workdays.Span, end: datetime, known: datetime) -> list[datetime]:
    moments = {span.start, end}
    if known > span.start:
        moments.add(known)
    day, last = workdays.day_of(span.cal, span.start), workdays.day_of(span.cal, end)
    while day < last:
        day += timedelta(days=1)
        midnight = workdays.midnight(span.cal, day)
        if midnight < end:
            moments.add(midnight)
    return sorted(moments)


def _label(cal: workdays.Calendar, at: datetime) -> str:
    day = workdays.day_of(cal, at)
    return day.isoformat() if workdays.midnight(cal, day) == at else format_time(at)
