"""Lists as what they stand for: sets of scalars, or records by id, and in which sequence.

A scalar that stands in a list twice is two members, its first and its second: a log of equal lines loses
none of them.
"""

from collections.abc import Callable, Iterable
from typing import Any


def as_set(items: list[Any], canonical: Callable[[Any], str]) -> dict[str, Any] | None:
    """Return the members of a list of scalars by a text of their own, None when it holds anything else."""
    found: dict[str, Any] = {}
    seen: dict[str, int] = {}
    for item in items:
        if isinstance(item, dict | list):
            return None
        text = canonical(item)
        seen[text] = seen.get(text, 0) + 1
        found[f"{text} {seen[text]}"] = item
    return found


def by_identity(items: list[Any], name: str) -> dict[str, Any] | None:
    """Return the mappings of a list by their `name`, None when one has none or two have the same."""
    found: dict[str, Any] = {}
    for item in items:
        identity = item.get(name) if isinstance(item, dict) else None
        if not isinstance(identity, str | int) or isinstance(identity, bool) or str(identity) in found:
            return None
        found[str(identity)] = item
    return found


def members(base: Iterable[str], ours: Iterable[str], theirs: Iterable[str]) -> set[str]:
    """Return the members of a merged set: what a side took out is out, what a side put in is in."""
    start, one, other = set(base), set(ours), set(theirs)
    return (start & one & other) | (one - start) | (other - start)


def sequence(kept: set[str], base: list[str], earlier: list[str], later: list[str]) -> list[str]:
    """Return the members that are kept in the order of a merged list; no list names one twice.

    That is the order of a side which has them all and moved what was there, or only added to it. Where
    neither has: base's order, or that of a side which changed it, then the additions, the earlier
    side's first.
    """
    start, one, other = ([key for key in keys if key in kept] for keys in (base, earlier, later))
    old = set(start)

    def moved(side: list[str]) -> bool:
        there = set(side)
        return [key for key in side if key in old] != [key for key in start if key in there]

    if len(other) == len(kept) and (moved(other) or not moved(one)):
        return other
    if len(one) == len(kept) and not moved(other):
        return one
    head = other if moved(other) else one if moved(one) else start
    known = [key for key in head if key in old]
    return list(dict.fromkeys((*known, *start, *one, *other)))
