"""What changed between two documents, by path.

Mappings are compared key by key. Lists of one length are compared item by item, a list that only grew
or shrank at its end by the items there; any other list changed as a whole, since no item can say which
one of the other list it was.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from orchestration import paths
from orchestration.paths import MISSING, Path


class Change(NamedTuple):
    """One place that differs; `MISSING` stands for no value there."""

    path: Path
    old: Any
    new: Any

    @property
    def kind(self) -> str:
        """Return "added", "removed" or "changed"."""
        return "added" if self.old is MISSING else "removed" if self.new is MISSING else "changed"


def diff(old: Any, new: Any) -> list[Change]:
    """Return the places where two documents differ, in the order of the documents."""
    return list(_differences((), old, new))


def apply(data: Any, changes: Iterable[Change]) -> Any:
    """Return `data` with changes made in the order given; `apply(a, diff(a, b))` is `b`."""
    # from the end of a list backwards, so that indexes stay what they are
    ordered = list(changes)
    removals = [change for change in ordered if change.new is MISSING]
    result = _copy(data)
    for change in reversed(removals):
        if not change.path:
            return MISSING
        paths.delete(result, change.path)
    for change in ordered:
        if change.new is not MISSING:
            result = paths.set_value(result, change.path, _copy(change.new))
    return result


def inverted(changes: Iterable[Change]) -> list[Change]:
    """Return the changes that take back `changes`."""
    return [Change(change.path, change.new, change.old) for change in changes]


def _differences(path: Path, old: Any, new: Any) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict) and (old or new):
        for key in old:
            yield from _differences((*path, key), old[key], new.get(key, MISSING))
        for key in new:
            if key not in old:
                yield Change((*path, key), MISSING, new[key])
    elif isinstance(old, list) and isinstance(new, list) and _aligned(old, new):
        for number in range(max(len(old), len(new))):
            before = old[number] if number < len(old) else MISSING
            after = new[number] if number < len(new) else MISSING
            yield from _differences((*path, number), before, after)
    elif not same(old, new):
        yield Change(path, old, new)


def _aligned(old: list[Any], new: list[Any]) -> bool:
    shared = min(len(old), len(new))
    return len(old) == len(new) or (shared > 0 and same(old[:shared], new[:shared]))


def same(a: Any, b: Any) -> bool:
    """Say whether two values are equal and of one type: 1, 1.0 and true are three values."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(same(one, other) for one, other in zip(a, b, strict=True))
    return bool(a == b)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value
