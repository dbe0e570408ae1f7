"""Working time: which days a project works, and where its days begin and end.

Days begin at midnight in `settings.timezone`. A span of working time is counted in days and
may be a fraction: noon on a working day is half a day after its midnight.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple

from orchestration.domain import values
from orchestration.domain.records import WEEKDAYS
from orchestration.errors import InvalidData

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


class Calendar(NamedTuple):
    """A project's zone and the weekdays it works, Monday being 0."""

    zone: tzinfo
    working: frozenset[int]

    def works(self, day: date) -> bool:
        """Say whether `day` is a working day."""
        return day.weekday() in self.working


def zone(name: str) -> tzinfo:
    """Return the zone of an IANA name; InvalidData when this machine knows none of that name."""
    if name == "UTC":
        return UTC
    # zoneinfo reads files and imports a good deal, which a store that keeps to UTC should not pay for.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    # ValueError: not a plain relative name; OSError: a folder of zones, such as "Europe".
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidData(
            f"settings.timezone {name[:60]!r} is not a known time zone",
            hint="use an IANA name such as 'UTC' or 'Europe/Berlin'",
        ) from None


def calendar(settings: Mapping[str, Any]) -> Calendar:
    """Return the calendar that a project's complete settings describe."""
    field = "settings.working_days"
    names = [values.choice(field, name, WEEKDAYS) for name in values.strings(field, settings["working_days"])]
    if not names:
        raise InvalidData(f"{field} is empty", hint='use some of "Mon" to "Sun"')
    return Calendar(zone(settings["timezone"]), frozenset(map(WEEKDAYS.index, names)))


def moment(cal: Calendar, written: str) -> datetime:
    """Return the moment, in UTC, of a stored time; a date means its midnight in the project's zone."""
    if len(written) == len("2024-01-15"):
        return midnight(cal, date.fromisoformat(written))
    return values.parse_time(written)


def midnight(cal: Calendar, day: date) -> datetime:
    """Return the moment, in UTC, at which `day` begins."""
    return datetime.combine(day, time(), tzinfo=cal.zone).astimezone(UTC)


def day_of(cal: Calendar, at: datetime) -> date:
    """Return the date that a clock in the project's zone shows at a moment."""
    return at.astimezone(cal.zone).date()


def count(cal: Calendar, start: date, end: date) -> int:
    """Count the working days from `start` up to, and not including, `end`; 0 when it is not later."""
    if end <= start:
        return 0
    weeks, rest = divmod((end - start).days, 7)
    return weeks * len(cal.working) + sum(cal.works(start + n * _DAY) for n in range(rest))


def elapsed(cal: Calendar, start: datetime, end: datetime) -> float:
    """Return the working days, whole and part, between two moments; 0 when `end` is not later."""
    if end <= start:
        return 0.0
    first, last = day_of(cal, start), day_of(cal, end)
    return count(cal, first, last) + _part(cal, last, end) - _part(cal, first, start)


def _part(cal: Calendar, day: date, at: datetime) -> float:
    # A day with a clock change has 23 or 25 hours; such a day is over after 24 at the latest.
    return min((at - midnight(cal, day)) / _DAY, 1.0) if cal.works(day) else 0.0


def after(cal: Calendar, day: date, number: int) -> date:
    """Return the date of the `number`th working day after `day`; 0 is `day` itself."""
    if number <= 0:
        return day
    # The last few are walked, so that the result is a working day whatever `day` is.
    weeks, rest = divmod(number - 1, len(cal.working))
    rest += 1
    result = day + weeks * 7 * _DAY
    while rest:
        result += _DAY
        rest -= cal.works(result)
    return result


class Span(NamedTuple):
    """The time of a sprint, counted in working days, or in hours where those would be too coarse."""

    cal: Calendar
    start: datetime
    end: datetime | None
    unit: str
    """Either "working_days", or "hours" for less than 3 days and for a time without working days."""

    def spent(self, start: datetime, end: datetime) -> float:
        """Return the time between two moments in the span's unit; 0 when `end` is not later."""
        if self.unit == "hours":
            return max((end - start) / _HOUR, 0.0)
        return elapsed(self.cal, start, end)


def span(cal: Calendar, start: datetime, end: datetime | None) -> Span:
    """Return the span between two moments; one without an end is counted in working days."""
    short = end is not None and (end - start < 3 * _DAY or not elapsed(cal, start, end))
    return Span(cal, start, end, "hours" if short else "working_days")


def clock(cal: Calendar, start: datetime, end: datetime) -> Callable[[datetime], float]:
    """Return a function from a moment between two others to the working days passed since the first.

    The same as `elapsed`, for many moments in one stretch of time.
    """
    first, last = day_of(cal, start), day_of(cal, end)
    days = [first + n * _DAY for n in range((last - first).days + 2)]
    midnights = [midnight(cal, day) for day in days]
    passed, total = [], 0.0
    for day in days:
        passed.append(total)
        total += cal.works(day)

    def since(at: datetime) -> float:
        n = bisect_right(midnights, at) - 1
        part = min((at - midnights[n]) / _DAY, 1.0) if cal.works(days[n]) else 0.0
        return passed[n] + part

    begun = since(start)
    return lambda at: since(at) - begun


def last_before(cal: Calendar, day: date, number: int, *, earliest: date) -> list[date]:
    """Return at most `number` working days before `day`, newest first, none before `earliest`."""
    found: list[date] = []
    while len(found) < number and day > earliest:
        day -= _DAY
        if cal.works(day):
            found.append(day)
    return found


def worked_on(cal: Calendar, day: date) -> date:
    """Return the working day that what happened on `day` counts for: itself, else the one before it."""
    while not cal.works(day):
        day -= _DAY
    return day
