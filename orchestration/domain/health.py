"""The health score of a sprint: one number of 0 to 100, and the parts it is made of.

100 x the weighted mean of its parts, each between 0 and 1. A part without data is left out and the
weights of the others are scaled up, so that nothing unknown counts as good or bad.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from orchestration.domain.records import Document
from orchestration.domain.samples import tidy
from orchestration.domain.values import parse_time

WEIGHTS: Mapping[str, float] = {
    "completion": 0.30,
    "velocity": 0.25,
    "blocker_age": 0.20,
    "load_balance": 0.15,
    "handoffs": 0.10,
}
BLOCKED_TOO_LONG_HOURS = 24
"""A blocker of this age leaves nothing of its part."""
ANSWER_WITHIN = timedelta(hours=24)
"""A handoff is answered in time when it is accepted, deferred or rejected within this."""


def health(values: Mapping[str, tuple[float | None, str]]) -> Document:
    """Return the score and its parts, from the value of each part and what it needs when that is None."""
    parts: list[Document] = []
    for name, weight in WEIGHTS.items():
        value, need = values[name]
        capped = None if value is None else tidy(min(max(value, 0.0), 1.0))
        parts.append(
            {"name": name, "weight": weight, "value": capped, "needs": need if value is None else None}
        )
    known = [part for part in parts if part["value"] is not None]
    total = sum(part["weight"] for part in known)
    score = round(100 * sum(part["weight"] * part["value"] for part in known) / total) if known else None
    return {"score": score, "parts": parts}


def completion(done: float | None, elapsed: float | None, total: float | None) -> float | None:
    """Return the share done / the share of the time gone: 1 or more is on time."""
    if done is None or not elapsed or not total:
        return None
    return done / min(elapsed / total, 1.0)


def velocity(mean: float | None, target: float | None) -> float | None:
    """Return the velocity / its target."""
    return None if mean is None or not target else mean / target


def blocker_age(oldest_hours: float | None) -> float:
    """Return 1 with nothing blocked, falling to 0 while the oldest open blocker gets 24 hours old."""
    return 1 - (oldest_hours or 0.0) / BLOCKED_TOO_LONG_HOURS


def handoffs(records: Iterable[Mapping[str, Any]], *, now: datetime) -> float | None:
    """Return the share of handoffs answered within 24 hours; None when none was answered or is overdue."""
    answers = []
    for record in records:
        if not record.get("created_at"):
            continue
        due = parse_time(record["created_at"]) + ANSWER_WITHIN
        decided = record.get("decided_at")
        if decided or due < now:
            answers.append(parse_time(decided) <= due if decided else False)
    return sum(answers) / len(answers) if answers else None
