"""Which events somebody looks for: of a type, about a task, since a time, with some words in them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.domain import places
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.index import Index
    from orchestration.store.queries import Event


class Wanted(NamedTuple):
    """What an event has to be; None and no words are no condition."""

    words: Sequence[str] = ()
    """Each has to be in its type, its author, its project, its task or its subject, in any case."""
    op: str | None = None
    task: str | None = None
    project: str | None = None
    since: datetime | None = None


def newest(index: "Index", reader: Snapshot, wanted: Wanted, limit: int | None) -> list["Event"]:
    """Return the last `limit` events that fit, oldest first."""
    found = index.events(limit=None if wanted.words else limit, **_conditions(reader, wanted))
    return list(islice(_fitting(found, wanted.words), limit))[::-1]


def after(index: "Index", reader: Snapshot, wanted: Wanted, commit: str | None) -> list["Event"]:
    """Return the events that fit and happened after a commit, oldest first."""
    given: dict[str, Any] = {"after": commit} if commit else {}
    found = index.events(newest_first=False, **given, **_conditions(reader, wanted))
    return list(_fitting(found, wanted.words))


def _conditions(reader: Snapshot, wanted: Wanted) -> dict[str, Any]:
    conditions: dict[str, Any] = {"op": wanted.op, "project": wanted.project, "since": wanted.since}
    if wanted.task is not None:
        files = places.files_of(reader, "task", wanted.task, project_id=wanted.project)
        # Without a project in the store only the commit's own word is left.
        conditions |= {"paths": files, "or_named": ("task", wanted.task)} if files else {"task": wanted.task}
    return conditions


def _fitting(found: Iterable["Event"], words: Sequence[str]) -> Iterable["Event"]:
    if not words:
        return found
    folded = [word.casefold() for word in words]
    return (event for event in found if _holds(event, folded))


def _holds(event: "Event", words: Sequence[str]) -> bool:
    about = (event.op, event.author, event.project, event.task, event.subject)
    text = "\n".join(one for one in about if one).casefold()
    return all(word in text for word in words)
