"""The forecast of a running sprint: which past its runs draw from, and how much remains."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from orchestration.domain import forecast, metrics, samples, workdays
from orchestration.domain.facts import Facts
from orchestration.domain.forecast import Outcome
from orchestration.domain.records import Document
from orchestration.domain.values import parse_time
from orchestration.store import kept

if TYPE_CHECKING:
    from orchestration.store.index import Index

_KIND = "forecast"


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
            index = facts.project.index
            return forecast.monte_carlo(
                past, left, facts.cal, today=today, last_day=last_day,
                seed=f"{sprint['id']} {tip.oid if tip else ''}", outcomes=outcomes,
                run=forecast.simulate if index is None else _noted(index, f"{facts.project.id}/{sprint['id']}"),
            )  # fmt: skip
    if known_simple is None:
        return None
    return forecast.low_confidence(known_simple, forecast.remaining(still_open, "points"), past)


def _noted(index: "Index", name: str) -> Callable[[Sequence[float], float, int | None, str], Outcome]:
    """Return a `simulate` that notes what came of it: the same state is asked about again and again."""

    def run(days: Sequence[float], left: float, until_end: int | None, seed: str) -> Outcome:
        asked = [list(days), left, until_end, seed]
        known = kept.noted(index, _KIND, name)
        if known is not None and known[0] == asked:
            return Outcome([day for day, runs in known[1] for _ in range(runs)], known[2])
        found = forecast.simulate(days, left, until_end, seed)
        sums = [samples.nearest_rank(found.sums, forecast.BY_END)] if found.sums else []
        kept.note(index, _KIND, name, [asked, sorted(Counter(found.days).items()), sums])
        return found

    return run


def _first_day(done: Iterable[Document], facts: Facts) -> date:
    begins = [
        workdays.day_of(facts.cal, parse_time(task["started_at"])) for task in done if task.get("started_at")
    ]
    return min([workdays.day_of(facts.cal, facts.since), *begins])
