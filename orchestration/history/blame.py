"""Who made each value of a record what it is."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from orchestration import paths
from orchestration.diff import same
from orchestration.history.lives import Lives
from orchestration.paths import MISSING, Path
from orchestration.store.queries import Event

Reading = Callable[[Any], Any]
"""From a record to the value that is explained."""


class Line(NamedTuple):
    """A value, and the commit that made it so; None where history does not reach."""

    path: Path
    value: Any
    event: Event | None


def blame(lives: Lives, file: str, present: Any, reading: Reading) -> list[Line]:
    """Explain each leaf of the value that `reading` finds in the record `present` of a file.

    A leaf is a scalar, or an empty mapping or list.
    """
    value = reading(present)
    found: dict[Path, Event] = {}
    open_leaves = dict(leaves(value))
    for number in range(len(lives.touches(file))):
        if not open_leaves:
            break
        step = lives.step(file, number)
        after = reading(step.after)
        befores = [reading(before) for before in step.before]
        for path, leaf in list(open_leaves.items()):
            if same(at(after, path), leaf) and not any(same(at(before, path), leaf) for before in befores):
                found[path] = step.event
                del open_leaves[path]
    return [Line(path, leaf, found.get(path)) for path, leaf in leaves(value)]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the leaves of a value with their paths, in the value's order."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from leaves(item, (*path, number))
    elif value is not MISSING:
        yield path, value


def at(value: Any, path: Path) -> Any:
    """Return the value at a path, MISSING when there is none."""
    for key in path:
        value = paths.child(value, key)
        if value is MISSING:
            break
    return value
