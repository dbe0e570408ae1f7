"""Which commits stand: what was taken back so far, by the `Undoes:` trailers."""

from collections.abc import Mapping
from typing import NamedTuple

from orchestration.store.index import Index


class Past(NamedTuple):
    """What was taken back so far."""

    undone: Mapping[str, str]
    """The commits that are undone at present, each with the commit that did it."""
    targets: Mapping[str, tuple[str, ...]]
    """All commits that took something back, newest first, with what that was."""

    def is_redo(self, oid: str) -> bool:
        """Say whether a commit took back an undo, which brought a change back."""
        return any(one in self.targets and not self.is_redo(one) for one in self.targets.get(oid, ()))


def past(index: Index) -> Past:
    """Return what was taken back so far."""
    targets: dict[str, tuple[str, ...]] = {}
    for oid, target in index.undos():
        targets[oid] = (*targets.get(oid, ()), target)
    undone: dict[str, str] = {}
    for oid, mine in targets.items():
        if oid not in undone:  # newest first: whether it stands itself is known by now
            for target in mine:
                undone.setdefault(target, oid)
    return Past(undone, targets)
