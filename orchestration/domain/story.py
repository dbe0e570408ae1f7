"""What happened to what a session sees: the commits, who made each value, what is new since one."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from orchestration import paths
from orchestration.diff import same
from orchestration.domain.comparison import Difference, compare
from orchestration.domain.places import Place, Places, Scope
from orchestration.errors import BadUsage
from orchestration.history.blame import blame
from orchestration.history.lives import Lives
from orchestration.paths import MISSING
from orchestration.store.index import Index
from orchestration.store.queries import Event
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot

_CUT = 60
"""The longest form of a value in a line of news."""


def history(
    store: Store, index: Index, found: Places, *, session_id: str, limit: int | None, **wanted: Any
) -> list[Event]:
    """Return the commits that changed what stands at places, newest first, at most `limit`."""
    named = ("session", session_id) if found.named else None
    places = [place.path for place in found.files]
    if all(place.is_whole for place in found.files):
        return index.events(paths=places, or_named=named, limit=limit, **wanted)
    lives = Lives(store, index)
    kept: list[Event] = []
    for event in index.events(paths=places, or_named=named, **wanted):
        if limit is not None and len(kept) >= limit:
            break
        if any(_changes(lives, event, place) for place in found.files):
            kept.append(event)
    return kept


def _changes(lives: Lives, event: Event, place: Place) -> bool:
    """Say whether a commit changed the value of a place."""
    prefix = f"{place.path}/"
    files = (
        [place.path] if place.is_file else [f for f in lives.index.touched(event.oid) if f.startswith(prefix)]
    )
    for file in files:
        step = lives.change(file, event.oid)
        if step is not None:
            after = place.read(step.after)
            if not any(same(place.read(before), after) for before in step.before):
                return True
    return False


def explain(
    store: Store, index: Index, reader: Snapshot, found: Places, scope: Scope
) -> Iterator[dict[str, Any]]:
    """Yield each leaf of the values at places with who made it so, when, in which commit.

    Path, value, and author, at, commit, op and subject: null where history does not reach.
    """
    if found.computed:
        raise BadUsage("that is computed", hint="ask for the blame of what it is computed from")
    lives = Lives(store, index)
    for place in found.files:
        for file in _files(reader, place):
            present = lives.record(reader.blob_id(file), file)
            base = (*scope.view_path(file), *place.inner)
            for line in blame(lives, file, present, place.read):
                event = line.event
                yield {
                    "path": paths.format((*base, *line.path)),
                    "value": line.value,
                    "author": event.author if event else None,
                    "at": event.at if event else None,
                    "commit": event.oid if event else None,
                    "op": event.op if event else None,
                    "subject": event.subject if event else None,
                }


def _files(reader: Snapshot, place: Place) -> Iterator[str]:
    """Yield the files of a place."""
    if place.is_file:
        yield place.path
        return
    for name, entry in reader.folder(place.path).items():
        inner = place._replace(path=f"{place.path}/{name}")
        if entry.is_folder or inner.is_file:
            yield from _files(reader, inner)


class News(NamedTuple):
    """What is new about one record, or what was said, and who did it last."""

    record: str
    """The path of a record; empty for an event that changed none."""
    lines: list[str]
    event: Event | None
    differences: list[Difference]


def news(index: Index, old: Snapshot, new: Snapshot, scope: Scope) -> list[News]:
    """Return what anyone changed of what a session sees, by record, and the events without a change."""
    assert old.tip is not None, "there was a commit to compare with"
    since = old.tip.oid
    groups: dict[paths.Path, list[Difference]] = {}
    for one in compare(old, new, scope.folders(), scope):
        groups.setdefault(one.record, []).append(one)
    found = []
    for record, differences in groups.items():
        files = {file for one in differences for file in one.files}
        last = index.events(paths=files, after=since, limit=1)
        lines = [line_of(one) for one in differences]
        found.append(News(paths.format(record), lines, last[0] if last else None, differences))
    for event in _said(index, since, scope):
        found.append(News("", [event.subject], event, []))
    return found


def _said(index: Index, since: str, scope: Scope) -> Iterable[Event]:
    """Return the events since a commit that changed no file, oldest first, without heartbeats."""
    seen: dict[str, Event] = {}
    for wanted in ({"session": scope.session_id}, {"project": scope.project_id}):
        if any(wanted.values()):
            for event in index.events(after=since, newest_first=False, changing=False, **wanted):
                seen[event.oid] = event
    return [event for event in seen.values() if event.op != "heartbeat"]


def line_of(one: Difference) -> str:
    """Return a difference in one short line, its path inside the record first."""
    inner = paths.format(one.path[len(one.record) :]) or "record"
    if one.kind == "added":
        return f"{inner} added {_short(one.new)}"
    if one.kind == "removed":
        return f"{inner} removed, was {_short(one.old)}"
    return f"{inner} {_short(one.old)} -> {_short(one.new)}"


def _short(value: Any) -> str:
    text = "nothing" if value is MISSING else value if isinstance(value, str) else _compact(value)
    text = " ".join(text.split())
    return text if len(text) <= _CUT else text[: _CUT - 1] + "…"


def budgeted(found: list[News], most: int | None) -> tuple[list[str], int]:
    """Return the lines of news that fit into `most` characters, line ends included, and how many do not.

    When some do not, the last line says how many.
    """
    groups = [([_head(group)], group.lines if group.record else [""]) for group in found]
    count = sum(len(lines) for _, lines in groups)
    lines = [line for head, inner in groups for line in (*head, *_indented(inner))]
    if most is None or sum(len(line) + 1 for line in lines) <= most:
        return lines, 0
    room = most - len(_left_out(count)) - 1
    lines, told = [], 0
    for head, inner in groups:
        for number in range(len(inner)):
            new = (head if number == 0 else []) + _indented(inner[number : number + 1])
            room -= sum(len(line) + 1 for line in new)
            if room < 0:
                return [*lines, _left_out(count - told)], count - told
            lines += new
            told += 1
    return lines, 0


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines if line]


def _left_out(number: int) -> str:
    return f"… {number} more {'change was' if number == 1 else 'changes were'} left out"


def _head(group: News) -> str:
    who = f" ({group.event.author}, {group.event.at[:16]}Z, {group.event.oid[:12]})" if group.event else ""
    return f"{group.record or group.lines[0]}{who}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
