"""When the remaining work will be done, from how much was done on each of the last working days.

The Monte Carlo form draws days of the past with replacement until nothing remains, 10,000 times (the
bootstrap of Vacanti, "When Will It Be Done?"); what it answers is a chance, not a date. With too little
of a past, the simple form divides what remains by the burn rate, and says that little confidence is due.

Days are working days after today, which is partly gone and counts for nothing.
"""

from _random import Random  # the generator alone: `random` loads OpenSSL and more around it
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate, chain, islice
from math import ceil
from typing import Any, NamedTuple

from orchestration.domain import samples, workdays
from orchestration.domain.cycle import Needs
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.values import format_time, parse_time

RUNS = 10_000
_BLOCK = 16_384
LIMIT_DAYS = 365
"""A run that takes longer counts as never done."""
SAMPLE_DAYS = 30
NEEDS_DAYS, NEEDS_TASKS = 5, 5
PERCENTILES = (50, 70, 85, 95)
PROMISE = 85
"""The percentile to plan with."""
BY_END = 100 - PROMISE
"""The percentile of what is done by the end: so many runs do less."""
LONGEST_PAST = timedelta(days=90)
# A date further away says no more than that there is none.
_SIMPLE_LIMIT_DAYS = 3650


class Past(NamedTuple):
    """What was done on each working day of the past, newest first, and how many tasks that were."""

    days: list[float]
    tasks: int
    measure: str
    """`points`, or `tasks` where under half of the tasks are estimated."""


class Outcome(NamedTuple):
    """What the runs of a simulation came to."""

    days: list[int]
    """The days that each run took, ascending; more than LIMIT_DAYS is never."""
    sums: list[float]
    """What each run did within the days until the end, ascending; empty without an end."""


def past(
    done: Iterable[Document],
    still_open: Sequence[Document],
    cal: workdays.Calendar,
    *,
    today: date,
    first: date | None,
) -> Past:
    """Return the points done on each of the last 30 working days before today, days without any included.

    `first` is the first day of work: what was before it is no past. Nothing older than 90 days counts.
    What was done on a free day counts for the working day before it.
    """
    earliest = max(first or today, today - LONGEST_PAST)
    days = workdays.last_before(cal, today, SAMPLE_DAYS, earliest=workdays.worked_on(cal, earliest))
    finished: dict[date, list[Document]] = {day: [] for day in days}
    for task in done:
        if task.get("completed_at"):
            day = workdays.worked_on(cal, workdays.day_of(cal, parse_time(task["completed_at"])))
            if day in finished:
                finished[day].append(task)
    counted = [task for tasks in finished.values() for task in tasks]
    known = [*counted, *still_open]
    estimated = sum(1 for task in known if task.get("points") is not None)
    measure = "points" if 2 * estimated >= len(known) else "tasks"
    sums = [
        float(sum((task.get("points") or 0) if measure == "points" else 1 for task in tasks))
        for tasks in finished.values()
    ]
    return Past(sums, len(counted), measure)


def remaining(still_open: Iterable[Document], measure: str) -> float:
    """Return what open tasks amount to in a measure."""
    return tidy(sum((task.get("points") or 0) if measure == "points" else 1 for task in still_open))


def simulate(days: Sequence[float], left: float, until_end: int | None, seed: str) -> Outcome:
    """Draw days with replacement until nothing is left, and sum what `until_end` days bring, 10,000 times.

    The same arguments give the same outcome on every machine.
    """
    blocks = _blocks(days, seed)
    draws = chain.from_iterable(blocks)
    took: list[int] = []
    if left <= 0 or not any(days):
        took = [0 if left <= 0 else LIMIT_DAYS + 1] * RUNS
    else:
        # points may be halves or thirds: what is left of rounding is nothing
        whole = rest = left - 1e-9
        # Where a run ends is looked up in the running sums of a block, which costs half of adding day by day.
        block, sums, last, at, room = [0.0], [0.0], 0, 0, LIMIT_DAYS + 1
        while len(took) < RUNS:
            if at == last:
                block = list(next(blocks))
                sums, last, at = list(accumulate(block, initial=0.0)), len(block), 0
            end = bisect_left(sums, sums[at] + rest, at + 1)
            if end - at > room:
                end = at + room
            if end > last:  # it goes on in the next block
                rest -= sums[last] - sums[at]
                room -= last - at
                at = last
            else:
                took.append(LIMIT_DAYS + 1 - room + end - at)
                at, rest, room = end, whole, LIMIT_DAYS + 1
        draws = chain(block[at:], draws)
        took.sort()
    by_end: list[float] = []
    if until_end is not None:
        by_end = sorted(islice(map(sum, zip(*[draws] * until_end, strict=False)), RUNS)) or [0] * RUNS
    return Outcome(took, by_end)


def _blocks(days: Sequence[float], seed: str) -> Iterator[Iterator[float]]:
    """Yield days drawn with replacement, many at a time, for ever."""
    # A byte stands for the day of that number, one too large is drawn again: a call for each of a hundred
    # thousand draws would cost five times as much.
    fair = 256 - 256 % len(days)
    table, unfair = bytes(n % len(days) for n in range(256)), bytes(range(fair, 256))
    random = Random(int.from_bytes(seed.encode(), "big"))
    while True:
        drawn = random.getrandbits(8 * _BLOCK).to_bytes(_BLOCK, "little")
        yield map(days.__getitem__, drawn.translate(table, unfair))


def monte_carlo(
    known: Past,
    left: float,
    cal: workdays.Calendar,
    *,
    today: date,
    last_day: date | None,
    seed: str,
    outcomes: bool = False,
    run: Callable[[Sequence[float], float, int | None, str], Outcome] = simulate,
) -> Document:
    """Return the dates by percentile, the chance to be done by the last day, and what is done by then.

    "By then" is the 15th percentile of the sums: 85 % of the runs do at least as much. With `outcomes`
    also how many runs ended on each date. `run` stands in for `simulate`.
    """
    until_end = None if last_day is None else workdays.count(cal, today + _DAY, last_day + _DAY)
    found = run(known.days, left, until_end, seed)

    def dated(days: float) -> str | None:
        return None if days > LIMIT_DAYS else workdays.after(cal, today, int(days)).isoformat()

    by_percent = {percent: samples.nearest_rank(found.days, percent) for percent in PERCENTILES}
    promise = by_percent[PROMISE]
    result: Document = {
        "method": "monte_carlo",
        "confidence": "normal",
        "measure": known.measure,
        "remaining": left,
        "days": None if promise > LIMIT_DAYS else int(promise),
        "hours": None,
        "date": dated(promise),
        "dates": {f"p{percent}": dated(days) for percent, days in by_percent.items()},
        "probability": None if until_end is None else _chance(found.days, until_end, left),
        "by_end": None if until_end is None else tidy(samples.nearest_rank(found.sums, BY_END)),
        "samples": {"days": len(known.days), "tasks": known.tasks},
        "runs": RUNS,
        "last_day": None if last_day is None else last_day.isoformat(),
    }
    if outcomes:
        counted = Counter(found.days)
        result["outcomes"] = [{"days": n, "date": dated(n), "runs": counted[n]} for n in sorted(counted)]
    return result


_DAY = timedelta(days=1)


def _chance(days: Sequence[int], until_end: int, left: float) -> float:
    if left <= 0:
        return 1
    return tidy(bisect_left(days, min(until_end, LIMIT_DAYS) + 1) / len(days))


def simple(left: float, rate: float | None, span: workdays.Span, *, now: str) -> Document:
    """Return ceil(remaining / burn rate) working days, or hours in a short sprint, with the date it is.

    Without a burn rate there is no end: days and date are null.
    """
    steps = 0 if left <= 0 else ceil(tidy(left / rate)) if rate else None
    result: dict[str, Any] = {"method": "simple", "days": None, "hours": None, "date": None}
    near = steps is not None and steps <= _SIMPLE_LIMIT_DAYS
    if span.unit == "hours":
        ends = parse_time(now) + timedelta(hours=steps) if near and steps is not None else None
        return result | {"hours": steps, "date": ends and format_time(ends)}
    today = workdays.day_of(span.cal, parse_time(now))
    ending = workdays.after(span.cal, today, steps).isoformat() if near and steps is not None else None
    return result | {"days": steps, "date": ending}


def low_confidence(form: Document, left: float, known: Past | None) -> Document:
    """Return a simple form with the other fields of a forecast, marked as one of low confidence."""
    return {
        "method": form["method"],
        "confidence": "low",
        "measure": "points",
        "remaining": left,
        "days": form["days"],
        "hours": form["hours"],
        "date": form["date"],
        "dates": None,
        "probability": None,
        "by_end": None,
        "samples": None if known is None else {"days": len(known.days), "tasks": known.tasks},
        "runs": None,
        "last_day": None,
    }


def enough(known: Past, needs: Needs, name: str = "forecast") -> bool:
    """Say whether a past has the 5 days and 5 finished tasks that Monte Carlo needs, else note what it needs."""
    if len(known.days) >= NEEDS_DAYS and known.tasks >= NEEDS_TASKS:
        return True
    needs[f"{name}.dates"] = f"needs {NEEDS_DAYS} working days and {NEEDS_TASKS} finished tasks"
    return False


def open_tasks(tasks: Mapping[str, Document]) -> list[Document]:
    """Return the tasks that are neither done nor cancelled."""
    return [task for task in tasks.values() if task["column"] not in CLOSED_COLUMNS]
