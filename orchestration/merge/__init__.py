"""Merging two histories of one record by meaning: by path inside the data, never by line.

`merge(base, ours, theirs, later)` works on plain JSON data and is a pure function of what both sides
agree on, so every machine that merges the same two heads gets the same value. Per value:

* changed on one side: that change; changed alike on both: that value;
* changed differently: by its rule in `rules.TABLE`, else by its kind. Mappings merge key by key, unknown
  keys like known ones. Lists of scalars merge as sets: what one side took out is out, what either put in
  is in; a list of mappings with ids likewise, and an item of both sides is merged in itself. Counters
  merge machine by machine while nobody set them. Anything else is a conflict: the side that wrote later
  stands, the greater canonical JSON where `later` cannot tell;
* deleted on one side and changed on the other: the change stays, also the change of a whole record, and
  the deletion is a conflict.

A conflict is a value beside the result: nothing blocks, and no side is lost.

Order. Keys of a mapping that both sides changed stand in base's order, then the added ones by name. A list
keeps the order of the only side that changed its sequence; where both did, base's order and then the
additions, those of the earlier side first. What only one side changed is taken as it is.

What holds for three and more machines, in whatever order they merge, also where their histories crossed:

* what only one of them changed, be it a value, a key, a member of a list, or its part of a counter, is in
  the result as it left it, and in no conflict;
* of several values for one place one stands; any other was replaced by somebody who had seen it, or is in
  a conflict of some merge;
* once one machine has merged all, the others get its result: theirs is the base of that merge;
* when all began at one base, gave no value another kind, put no scalar twice into a list, and `later` goes
  by one time per machine that no other shares, the result is the same in every order but for that of
  additions to lists, and of several values the latest stands.

It does not hold that the conflicts are the same in every order, nor that the same of several values stands
where histories crossed, or where one machine put another value in place of a mapping that others changed
inside. Machines may then disagree until they have each other's merges. Histories that crossed have several
bases: merge those first, over their own base, and take the result as base.
"""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from orchestration.merge import lists, rules
from orchestration.paths import MISSING

Path = tuple[str, ...]
Side = Literal["ours", "theirs"]
Later = Callable[[Path], Side | None]
"""From a repository path to the side whose value there was written later; None where neither was.

A value is as old as the commit that wrote it: behind a merge, that of the parent which had it already.
"""

COUNT = "$count"
"""The key of a counter: its value maps machines to what each has counted."""
_SET = "set"
"""The part of a counter that a person wrote."""


class Conflict(NamedTuple):
    """A place that both sides changed; `MISSING` stands for no value there."""

    path: Path
    """Keys from the top of the store; an item of a list that has ids is named by its id."""
    base: Any
    ours: Any
    theirs: Any
    chosen: Side
    """Whose value is in the result."""


class Merged(NamedTuple):
    """What became of three versions of a record."""

    value: Any
    """None for no record."""
    conflicts: list[Conflict]
    """In the order of the paths."""


def merge(base: Any, ours: Any, theirs: Any, later: Later, *, at: Path = ()) -> Merged:
    """Merge two versions of the record at repository path `at` that come from `base`; None is no record."""
    work = _Merge(later)
    value = work.value(at, *(MISSING if one is None else one for one in (base, ours, theirs)))
    return Merged(None if value is MISSING else value, sorted(work.conflicts, key=lambda one: one.path))


def canonical(value: Any) -> str:
    """Return a value as JSON with sorted keys, equal for equal values and for no others; "" for MISSING."""
    return "" if value is MISSING else json.dumps(value, sort_keys=True, separators=(",", ":"))


def same(one: Any, other: Any) -> bool:
    """Say whether two values are equal as JSON, where 1, 1.0 and true are three values."""
    return one is other or (one == other and canonical(one) == canonical(other))


def child(value: Any, key: str, path: Path = ()) -> Any:
    """Return what a conflict's path means by `key` in the value at `path`, or MISSING."""
    if isinstance(value, dict):
        return value.get(key, MISSING)
    if isinstance(value, list):
        items = lists.by_identity(value, _identity(path))
        return MISSING if items is None else items.get(key, MISSING)
    return MISSING


def value_at(record: Any, path: Path, *, at: Path = ()) -> Any:
    """Return the value at a conflict's path in the record whose own path is `at`, or MISSING."""
    for depth in range(len(at), len(path)):
        record = child(record, path[depth], path[:depth])
    return record


def _identity(path: Path) -> str:
    return rules.IDENTITY.get(rules.of(path) or "", "id")


def _greater(ours: Any, theirs: Any) -> Side:
    # equal values may differ in the order of their keys, which canonical JSON does not show
    return "ours" if _ordered(ours) >= _ordered(theirs) else "theirs"


def _ordered(value: Any) -> tuple[str, str]:
    return canonical(value), "" if value is MISSING else json.dumps(value)


class _Merge:
    """One merge: who wrote later, and the conflicts so far."""

    def __init__(self, later: Later) -> None:
        self.later = later
        self.conflicts: list[Conflict] = []

    def value(self, path: Path, base: Any, ours: Any, theirs: Any) -> Any:
        """Return what the value at a path becomes, MISSING for none."""
        if same(ours, theirs):
            return base if same(base, ours) else (ours if _greater(ours, theirs) == "ours" else theirs)
        if same(ours, base):
            return theirs
        if same(theirs, base):
            return ours
        rule = rules.of(path)
        found = self._by_rule(rule, path, base, ours, theirs)
        if found is MISSING and MISSING not in (ours, theirs) and rule != rules.WHOLE:
            found = self._by_kind(path, base, ours, theirs)
        return self._conflict(path, base, ours, theirs) if found is MISSING else found

    def _by_rule(self, rule: str | None, path: Path, base: Any, ours: Any, theirs: Any) -> Any:
        """Return the value that the table's rule gives, MISSING where it does not fit the values."""
        if rule in (rules.LATEST, rules.EARLIEST):
            return _time(ours, theirs, latest=rule == rules.LATEST)
        if rule == rules.GREATEST and _is_number(ours) and _is_number(theirs):
            return max((ours, theirs), key=lambda one: (one, canonical(one)))
        if rule == rules.FURTHEST:
            steps = [rules.STILL_OPEN.index(one) if one in rules.STILL_OPEN else 2 for one in (ours, theirs)]
            return MISSING if steps[0] == steps[1] else ours if steps[0] > steps[1] else theirs
        if rule == rules.FIRST_CLAIM:
            return self._claim(path, base, ours, theirs)
        return MISSING

    def _by_kind(self, path: Path, base: Any, ours: Any, theirs: Any) -> Any:
        """Return the value merged from what is inside it, MISSING where it is one value."""
        if is_counter(ours) or is_counter(theirs):
            return _counter(base, ours, theirs)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return self._mapping(path, base if isinstance(base, dict) else {}, ours, theirs)
        if isinstance(ours, list) and isinstance(theirs, list):
            return self._list(path, base if isinstance(base, list) else [], ours, theirs)
        return MISSING

    def _mapping(self, path: Path, base: Any, ours: Any, theirs: Any) -> dict[str, Any]:
        added = sorted((ours.keys() | theirs.keys()) - base.keys())
        return self._members(path, (*base, *added), base, ours, theirs)

    def _members(self, path: Path, keys: Iterable[str], base: Any, ours: Any, theirs: Any) -> dict[str, Any]:
        found = {}
        for key in keys:
            versions = (one.get(key, MISSING) for one in (base, ours, theirs))
            value = self.value((*path, key), *versions)
            if value is not MISSING:
                found[key] = value
        return found

    def _list(self, path: Path, base: list[Any], ours: list[Any], theirs: list[Any]) -> Any:
        versions = (base, ours, theirs)
        scalars = [lists.as_set(one, canonical) for one in versions]
        if all(one is not None for one in scalars):
            found: list[dict[str, Any]] = [one for one in scalars if one is not None]
            kept = lists.members(*found)
            return [{**found[1], **found[2]}[key] for key in self._sequence(path, kept, found)]
        name = _identity(path)
        items = [lists.by_identity(one, name) for one in versions]
        if any(one is None for one in items):
            return MISSING
        found = [one for one in items if one is not None]
        merged = self._members(path, dict.fromkeys(key for one in found for key in one), *found)
        return [merged[key] for key in self._sequence(path, merged, found)]

    def _sequence(self, path: Path, kept: Iterable[str], found: list[dict[str, Any]]) -> list[str]:
        base, ours, theirs = (list(one) for one in found)
        ours_later = self._side(path, ours, theirs) == "ours"
        return lists.sequence(set(kept), base, *((theirs, ours) if ours_later else (ours, theirs)))

    def _claim(self, path: Path, base: Any, ours: Any, theirs: Any) -> Any:
        claims = [one for one in (ours, theirs) if one is not None and one is not MISSING]
        if len(claims) == 1:
            return claims[0]
        if not isinstance(ours, dict) or not isinstance(theirs, dict):
            return MISSING
        times = ours.get("at"), theirs.get("at")
        first = _time(*times, latest=False)
        side: Side = "ours" if first == times[0] else "theirs"
        if first is MISSING or _instant(times[0]) == _instant(times[1]):
            later = self.later(path) or ("theirs" if _named(ours) <= _named(theirs) else "ours")
            side = "theirs" if later == "ours" else "ours"
        return self._decide(path, base, ours, theirs, side)

    def _conflict(self, path: Path, base: Any, ours: Any, theirs: Any) -> Any:
        side: Side
        if MISSING in (ours, theirs):
            side = "theirs" if ours is MISSING else "ours"
        else:
            side = self._side(path, ours, theirs)
        return self._decide(path, base, ours, theirs, side)

    def _decide(self, path: Path, base: Any, ours: Any, theirs: Any, side: Side) -> Any:
        self.conflicts.append(Conflict(path, base, ours, theirs, side))
        return ours if side == "ours" else theirs

    def _side(self, path: Path, ours: Any, theirs: Any) -> Side:
        return self.later(path) or _greater(ours, theirs)


def _named(claim: dict[str, Any]) -> tuple[str, str]:
    """Return what orders claims of one moment: by agent, then by session and what else they say."""
    return str(claim.get("agent")), canonical(claim)


def _time(ours: Any, theirs: Any, *, latest: bool) -> Any:
    """Return the earlier or later of two times, MISSING when one of them is neither a time nor nothing."""
    times = [one for one in (ours, theirs) if one is not None and one is not MISSING]
    instants = [_instant(one) for one in times]
    if not times:
        return None
    if None in instants:
        return MISSING
    ordered = sorted(zip(instants, times, strict=True))
    return ordered[-1 if latest else 0][1]


def _instant(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# -- counters


def is_counter(value: Any) -> bool:
    """Say whether a value is a number kept in parts, one per machine."""
    return isinstance(value, dict) and set(value) == {COUNT} and isinstance(value[COUNT], dict)


def _counter(base: Any, ours: Any, theirs: Any) -> Any:
    """Merge two counters part by part; MISSING when one of them was set, or is none.

    Only its own machine changes a part. Where both sides still differ from base in one, base is older
    than the newest value that both have, and the greater is the newer while counting goes up.
    """
    start = _parts(base) or {}
    sides = [_parts(one) for one in (ours, theirs)]
    for parts in sides:
        if parts is None or not same(parts.get(_SET), start.get(_SET)) or not parts.keys() >= start.keys():
            return MISSING
    one, other = (parts or {} for parts in sides)
    merged = {}
    for name in (*start, *sorted((one.keys() | other.keys()) - start.keys())):
        before, mine, yours = (parts.get(name) for parts in (start, one, other))
        known = [part for part in (mine, yours) if part is not None and not same(part, before)]
        merged[name] = max(known, key=lambda part: (part, canonical(part)), default=before)
    return {COUNT: merged}


def _parts(value: Any) -> dict[str, Any] | None:
    if is_counter(value):
        parts: dict[str, Any] = value[COUNT]
        return parts if all(map(_is_number, parts.values())) else None
    return {_SET: value} if _is_number(value) else None
