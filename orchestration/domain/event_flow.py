"""How events come about and how they flow: from command to change to event, their rates, and the quiet times.

A command is what acted (its session, and who); the change are the files of its commit; the event is the
commit itself. A gap is a time without any event.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from orchestration.domain.records import Document
from orchestration.domain.samples import tidy
from orchestration.domain.values import format_time, parse_time

if TYPE_CHECKING:
    from orchestration.store.queries import Event

GAPS_SHOWN = 3
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MARKS = {None: "removed"}


def rates(found: Iterable["Event"], now: datetime) -> Document:
    """Return {total, last_hour, last_day, last_week, per_day, by_type, by_source, first, last, gaps} of events.

    per_day is a mean since the first; a gap is {from, to, hours}, the longest first.
    """
    rows = sorted((parse_time(event.at), event) for event in found)
    times = [at for at, _ in rows]
    days = (now - times[0]) / _DAY if times else 0.0
    between = sorted(
        ((b - a, a, b) for a, b in zip(times, [*times[1:], now], strict=False)),
        key=lambda gap: gap[0],
        reverse=True,
    )
    return {
        "total": len(times),
        **{name: sum(now - at <= span for at in times) for name, span in _SPANS.items()},
        "per_day": tidy(len(times) / days) if days >= 1 else None,
        "by_type": dict(Counter(event.op or "commit" for _, event in rows).most_common()),
        "by_source": dict(Counter(event.author for _, event in rows).most_common()),
        "first": format_time(times[0]) if times else None,
        "last": format_time(times[-1]) if times else None,
        "gaps": [
            {"from": format_time(a), "to": format_time(b), "hours": tidy(length / _HOUR)}
            for length, a, b in between[:GAPS_SHOWN]
            if length > _HOUR
        ],
    }


_SPANS: Mapping[str, timedelta] = {"last_hour": _HOUR, "last_day": _DAY, "last_week": 7 * _DAY}


def traces(
    found: Sequence["Event"], touched: Callable[[str], Mapping[str, Any]], undone: Mapping[str, str]
) -> list[Document]:
    """Return {commit, at, source, session, type, subject, reason, changes, undone_by} for each event.

    `touched` returns the files of a commit, each with what it became, None where it was removed; `undone`
    maps a commit to the one that took it back.
    """
    rows = []
    for event in found:
        files = touched(event.oid)
        rows.append(
            {
                "commit": event.oid,
                "at": event.at,
                "source": event.author,
                "session": event.session,
                "type": event.op or "commit",
                "subject": event.subject,
                "reason": event.reason,
                "changes": [f"{_MARKS.get(blob, 'wrote')} {file}" for file, blob in sorted(files.items())],
                "undone_by": undone.get(event.oid),
            }
        )
    return rows
