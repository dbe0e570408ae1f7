"""The forecast of a running sprint: which past its runs draw from, and how much remains."""

from collections.abc import Iterable
from datetime import date, timedelta

from orchestration.domain import forecast, metrics, workdays
from orchestration.domain.facts import Facts
from orchestration.domain.records import Document
from orchestration.domain.values import parse_time


def outlook(
    facts: Facts, known_simple: Document | None, needs: dict[str, str], *, outcomes: bool = False
) -> Document | None:
    """Return the forecast of a running sprint: Monte Carlo, else the simple form, of low confidence."""
    sprint = facts.sprint
    if sprint is None or sprint["status"] != "active":
        return None
    span = metrics.sprint_span(sprint, facts.project.config)
    still_open = forecast.open_tasks(facts.mine)
    past = None
    if span is not None and span.unit != "hours":
        today = workdays.day_of(facts.cal, facts.now)
        began = workdays.day_of(facts.cal, facts.since)
        # Since the sprint began its own pace counts, before that the project's.
        mine = set(facts.done)
        done = [
            task
            for task in facts.finished
            if task["id"] in mine or workdays.day_of(facts.cal, parse_time(task["completed_at"])) < began
        ]
        first = _first_day(done, facts)
        past = forecast.past(done, still_open, facts.cal, today=today, first=first)
        left = forecast.remaining(still_open, past.measure)
        if forecast.enough(past, needs) and (left or not still_open):
            needs.pop("forecast", None)
            tip = facts.project.reader.tip
            last_day = workdays.day_of(facts.cal, span.end - timedelta(microseconds=1)) if span.end else None
            return forecast.monte_carlo(
                past, left, facts.cal, today=today, last_day=last_day,
                seed=f"{sprint['id']} {tip.oid if tip else ''}", outcomes=outcomes,
            )  # fmt: skip
    if known_simple is None:
        return None
    return forecast.low_confidence(known_simple, forecast.remaining(still_open, "points"), past)


def _first_day(done: Iterable[Document], facts: Facts) -> date:
    begins = [
        workdays.day_of(facts.cal, parse_time(task["started_at"])) for task in done if task.get("started_at")
    ]
    return min([workdays.day_of(facts.cal, facts.since), *begins])
