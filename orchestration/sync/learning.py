"""What a purge elsewhere removed, found by comparing a commit of the former history with what it became.

A machine that rejoins has both. Knowing the value, it can take it out of its own changes as well, wherever they
copied it to; where it cannot be told for certain, nothing is guessed.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from orchestration import codec
from orchestration.errors import InvalidData, StoreError
from orchestration.history.erasing import Erasure
from orchestration.store import trees
from orchestration.store.repo import Store
from orchestration.sync import purges

_COMMITS = 500
"""Commits that are compared at most."""
_SHORTEST = 6


def learn(store: Store, known: Mapping[str, str], instead: str) -> Erasure | None:
    """Return what was removed and replaced by `instead` between commits and what they became, None if unclear."""
    messages: list[tuple[str, str]] = []
    for old, new in islice(known.items(), _COMMITS):
        for before, after in _pairs(store, old, new, messages):
            found = _removed(before, after, instead)
            if found is not None:
                return found
    return next((found for pair in messages if (found := _removed(*pair, instead)) is not None), None)


def _pairs(store: Store, old: str, new: str, messages: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the texts in which two commits differ; those of their messages are put aside."""
    try:
        before, after = store.commit(old), store.commit(new)
        reader = purges.at(store, old)
        messages += [(before.message, after.message), (before.author, after.author)]
        for _, a, b in trees.differences(reader.read_tree, before.tree, after.tree):
            if a is not None and b is not None:
                yield from _texts(*(_value(reader.objects.read(one.oid, b"blob")) for one in (a, b)))
    except StoreError:
        return  # a tag, or not there


def _value(data: bytes) -> Any:
    try:
        return codec.load(data, name="the file")
    except InvalidData:
        return data.decode("utf-8", "replace")


def _texts(before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts in which two values of one shape differ."""
    if isinstance(before, str) and isinstance(after, str):
        if before != after:
            yield before, after
    elif isinstance(before, dict) and isinstance(after, dict) and len(before) == len(after):
        for (key, a), (name, b) in zip(before.items(), after.items(), strict=True):
            yield from _texts(key, name)
            yield from _texts(a, b)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for a, b in zip(before, after, strict=True):
            yield from _texts(a, b)


def _removed(before: str, after: str, instead: str) -> Erasure | None:
    number = after.count(instead)
    if before == after or not number or (len(before) - len(after)) % number:
        return None
    start = after.index(instead)
    value = before[start : start + (len(before) - len(after)) // number + len(instead)]
    if len(value.strip()) < _SHORTEST or value in instead:
        return None
    found = Erasure(value, instead)
    return found if found.text(before) == after else None
