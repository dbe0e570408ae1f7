"""The burndown of a sprint: committed points that remain, against the straight line to its end.

ideal(d) = S0 x (1 - d / D): S0 committed points, d elapsed and D total working time. A row stands
for a moment: the start, every midnight between, the end, and the latest moment known, which is now or
the sprint's completion. What happened on the 15th therefore shows in the row of the 16th. Work added
later is not in the line: it did not belong to the commitment; scope steps are drawn from history.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from orchestration.domain import workdays
from orchestration.domain.metrics import sprint_span
from orchestration.domain.records import Document
from orchestration.domain.samples import tidy
from orchestration.domain.sprints import of
from orchestration.domain.values import format_time, parse_time

ON_TRACK, AT_RISK = 0.95, 0.85


def burndown(
    sprint: Document, tasks: Mapping[str, Document], *, config: Document | None, now: str
) -> list[Document]:
    """Return rows of date, ideal and actual points, actual being null in the future.

    `date` is a day for its midnight in the project's zone, and a time for any other moment. A sprint
    without dates or without committed points has no rows.
    """
    scope = sprint.get("committed_points")
    span = sprint_span(sprint, config) if sprint.get("start_date") else None
    if not scope or span is None or span.end is None or span.end <= span.start:
        return []
    done = _done(sprint, of(sprint["id"], tasks))
    known = parse_time(sprint.get("completed_at") or now)
    total = span.spent(span.start, span.end)
    rows = []
    for at in _moments(span, span.end, known):
        left = scope * (1 - min(span.spent(span.start, at) / total, 1))
        burnt = sum(points for completed, points in done if completed <= at)
        actual = tidy(scope - burnt) if at <= known else None
        rows.append({"date": _label(span.cal, at), "ideal": tidy(left), "actual": actual})
    return rows


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


def _done(sprint: Document, tasks: Mapping[str, Document]) -> list[tuple[datetime, int | float]]:
    committed = sprint.get("committed_tasks") or []
    found = (tasks[task_id] for task_id in committed if task_id in tasks)
    return [
        (parse_time(task["completed_at"]), task.get("points") or 0)
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
