"""A team at random: what its machines change, when they sync, and whether anything of it was lost.

Written against what a machine can do, so that it runs within one process in the tests and with a process
for each machine in `simulation.py`.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from orchestration.domain import conflicts
from orchestration.store.layout import Key
from orchestration.store.snapshot import Snapshot

FIELDS = ("title", "notes", "owner", "points", "stage")
FOLDER = ("projects", "shop", "tasks")


class Machine(Protocol):
    """A store somewhere, and what people there do; it returns when the change is committed there."""

    @property
    def tip(self) -> str:
        """The commit it stands at."""
        ...

    def load(self, *key: str) -> Any:
        """Return a record as it is there."""
        ...

    def change(self, key: Key, **values: Any) -> None:
        """Change fields of a record, which may be new."""
        ...

    def delete(self, *key: str) -> None:
        """Remove a record."""
        ...

    def sync(self) -> object:
        """Exchange changes with the server, or begin to, where that can be reached."""
        ...


class Write(NamedTuple):
    """A change that a machine acknowledged; one without a field removed the record."""

    field: str | None
    value: str | None
    seen: Any
    """What stood there when it was changed, which the change replaced knowingly."""


def work(
    crew: Sequence[Machine], operations: int, rng: random.Random, *, records: int, reach: float
) -> list[Write]:
    """Let machines change records, delete and sync at random; a sync happens with probability `reach`."""
    writes = []
    for number in range(operations):
        one = rng.choice(crew)
        action = rng.random()
        if action < 0.25:
            if rng.random() < reach:
                one.sync()
            continue
        key = (*FOLDER, f"TASK-{rng.randrange(1, records + 1)}")
        held = one.load(*key) or {}
        if action < 0.30 and held:
            one.delete(*key)
            writes.append(Write(None, None, held))
        elif action < 0.40:
            one.change(key, labels=sorted({*held.get("labels", []), f"l{number}"}))
            writes.append(Write("labels", f"l{number}", None))
        else:
            field = rng.choice(FIELDS)
            one.change(key, **{field: f"{field}-{number}"})
            writes.append(Write(field, f"{field}-{number}", held.get(field)))
    return writes


def until_quiet(crew: Sequence[Machine], rng: random.Random) -> int:
    """Let all sync in random order until a round changes nothing; returns how many rounds that took."""
    rounds = 0
    moved = True
    while moved:
        rounds += 1
        moved = False
        for one in rng.sample(crew, len(crew)):
            before = one.tip
            one.sync()
            moved = one.tip != before or moved
    return rounds


def lost(reader: Snapshot, writes: Sequence[Write]) -> list[str]:
    """Return the values that are neither there, nor replaced by who had seen them, nor in a conflict."""
    replaced = {one.seen for one in writes if one.field and one.seen is not None}
    for one in writes:
        if one.field is None:
            replaced |= {value for held in one.seen.values() for value in _values(held)}
    kept = {*_values(reader.load_all(*FOLDER)), *_values(conflicts.listing(reader))}
    return sorted({one.value for one in writes if one.value} - replaced - kept)


def _values(value: Any) -> set[str]:
    """Return all texts in a value."""
    if isinstance(value, Mapping):
        return {text for inner in value.values() for text in _values(inner)}
    if isinstance(value, list):
        return {text for inner in value for text in _values(inner)}
    return {value} if isinstance(value, str) else set()
