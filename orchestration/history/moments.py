"""What people write for a place in history: a commit, a branch or tag, or a time.

A time names the newest commit of the branch that had happened by then, by its own `At:`, not by git's
clock. Times without an offset are UTC, and a date alone is its beginning.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from orchestration.errors import BadUsage, NotFound
from orchestration.store.index import Index
from orchestration.store.objects import DamagedObject
from orchestration.store.repo import Store

FORMS = (
    "a commit id of 7 digits or more, HEAD, HEAD~3, a branch or tag, 2026-01-05, 2026-01-05T14:30,"
    " today, yesterday, or 2 hours ago"
)
"""What may be written."""

_STEPS = re.compile(r"(?P<name>.+?)(?P<steps>(?:~[0-9]{0,9}|\^)+)?\Z")
_NAME = re.compile(r"(?![/.-])(?!.*(?:\.\.|//|/\.|\.lock(?:/|\Z)|@\{))[\w./@+-]+(?<![/.])\Z")
_LONGEST = 200  # a name is a file, whose name the system bounds
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]+\s*(?:Z|[+-][0-9:]+)?)?\Z", re.IGNORECASE)
_AGO = re.compile(r"(?P<number>[0-9]{1,9}|an?|one)\s*(?P<unit>[a-z]+)\s+ago\Z")
_SECONDS = {
    ("s", "sec", "secs", "second", "seconds"): 1,
    ("m", "min", "mins", "minute", "minutes"): 60,
    ("h", "hr", "hrs", "hour", "hours"): 3600,
    ("d", "day", "days"): 86400,
    ("w", "week", "weeks"): 7 * 86400,
    ("month", "months"): 30 * 86400,
    ("y", "year", "years"): 365 * 86400,
}
_UNITS = {word: seconds for words, seconds in _SECONDS.items() for word in words}


class Moment(NamedTuple):
    """A commit, and the time at which it is looked at: the time asked for, else the commit's own."""

    commit: str
    at: datetime


def resolve(store: Store, index: Callable[[], Index], text: str, *, now: datetime) -> str:
    """Return the id of the commit that `text` names; see `find`."""
    return find(store, index, text, now=now).commit


def find(store: Store, index: Callable[[], Index], text: str, *, now: datetime) -> Moment:
    """Return the commit and the time that `text` names; `index` is asked only about a time.

    Raises NotFound for an unknown commit and for a time before the first one, BadUsage for text that is
    neither a revision nor a time.
    """
    words = text.strip()
    if not store.exists or store.refs.head().commit is None:
        raise NotFound("the store has no history yet", hint="the first write makes it")
    oid = revision(store, words)
    if oid is not None:
        return Moment(oid, store.commit(oid).at)
    when = time(words, now=now)
    if when is None:
        raise BadUsage(f"{text!r} names no commit and no time", hint=f"write {FORMS}")
    newest = index().newest_at(when)
    if newest is None:
        raise NotFound(f"the store has no commit from before {shown(when)}", hint="its history begins later")
    return Moment(newest, when)


def instant(store: Store, text: str, *, now: datetime) -> datetime:
    """Return the time that `text` means: a time, or that of a commit; BadUsage for anything else."""
    words = text.strip()
    oid = revision(store, words) if store.exists else None
    when = store.commit(oid).at if oid else time(words, now=now)
    if when is None:
        raise BadUsage(f"{text!r} names no commit and no time", hint=f"write {FORMS}")
    return when


def time(text: str, *, now: datetime) -> datetime | None:
    """Return the time that `text` says, None when it says none; BadUsage for a time there is not."""
    words = " ".join(text.lower().split())
    if words == "now":
        return now
    if words == "today":
        return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if words == "yesterday":
        return now - timedelta(days=1)
    ago = _AGO.match(words)
    try:
        if ago is not None and ago["unit"] in _UNITS:
            number = int(ago["number"]) if ago["number"].isdigit() else 1
            return now - timedelta(seconds=number * _UNITS[ago["unit"]])
        if _ISO.match(text):
            found = datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadUsage(f"there is no time {text!r}", hint=f"write {FORMS}") from None
    return None


def revision(store: Store, text: str) -> str | None:
    """Return the commit that a revision names, None for text that is none; NotFound for an unknown id."""
    match = _STEPS.match(text)
    if match is None:
        return None
    oid = _named(store, match["name"])
    if oid is None and re.match(r"[0-9a-f]{7,40}\Z", match["name"]):
        oid = store.resolve(match["name"])
    if oid is None:
        return None
    for step in re.findall(r"~[0-9]*|\^", match["steps"] or ""):
        for _ in range(int(step[1:] or 1) if step[0] == "~" else 1):
            parents = store.commit(oid).parents
            if not parents:
                raise NotFound(f"{text!r} goes back beyond the first commit", hint="take fewer steps")
            oid = parents[0]
    return oid


def _named(store: Store, name: str) -> str | None:
    """Return the commit of HEAD, a branch or a tag, by its short or full name."""
    if name in ("HEAD", "@"):
        return store.refs.head().commit
    if len(name) > _LONGEST or not _NAME.match(name):
        return None
    full = (
        [name]
        if name.startswith("refs/")
        else [f"refs/{kind}/{name}" for kind in ("tags", "heads", "remotes")]
    )
    oid = next((found for one in full if (found := store.refs.read(one))), None)
    return peeled(store, oid) if oid else None


def peeled(store: Store, oid: str) -> str:
    """Return the commit that a reference leads to, through annotated tags."""
    while True:
        try:
            store.objects.read(oid, b"commit")
            return oid
        except DamagedObject:  # also what is not a commit
            head = store.objects.read(oid, b"tag").decode("utf-8", "replace").partition("\n\n")[0]
            oid = dict(line.split(" ", 1) for line in head.split("\n"))["object"]


def shown(when: datetime) -> str:
    """Return a time as records hold it, to the second."""
    return when.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
