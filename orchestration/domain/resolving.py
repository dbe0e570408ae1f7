"""Deciding conflicts: the chosen value is written, what hangs on it is mended, and the record goes.

One commit, which can be undone like any other. A value of either side was valid there; another one is
checked like any write. Rules of transition do not hold here: both sides kept to them.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration import merge, paths
from orchestration.domain import checks, conflicts, fields, reconciling, task_actions
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import InvalidData, NotFound, Refused
from orchestration.merge import canonical
from orchestration.paths import MISSING
from orchestration.store import layout
from orchestration.store.layout import Key

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


class Resolved(NamedTuple):
    """A conflict that was decided."""

    path: str
    ids: list[str]
    """The records that are gone."""
    before: Any
    after: Any
    """The values at the path, MISSING for none; the same when what stood was kept."""

    def document(self) -> Document:
        """Return {path, resolved, before, after}, the last two each with `value` and `deleted`."""
        values = {"before": self.before, "after": self.after}
        shown = {name: conflicts.plain(value) for name, value in values.items()}
        return {"path": self.path, "resolved": self.ids, **shown}


def resolve(
    tx: "Transaction", place: str, *, side: str | None = None, value: Any = MISSING, session: str | None, now: str
) -> Resolved:  # fmt: skip
    """Decide the conflict at a path or of an id: for a side, for another value, or for what stands now.

    NotFound when there is none; Refused when a side of several is meant, or its value was too large to be
    kept; InvalidData for a value that its field cannot hold.
    """
    found = _at(tx, place)
    first = next(iter(found.values()))
    path = conflicts.path_of(first)
    before = conflicts.present(tx, path)
    after = before
    if value is not MISSING:
        after = value
    elif side is not None:
        after = _of_side(found, side, tx.machine.name, before)
    if canonical(after) != canonical(before):
        _write(tx, path, after, now=now)
    for key in found:
        tx.delete(*key)
    key = layout.split(path)[0]
    tx.describe(
        "state_set",
        fields.subject(f"conflict: {first['path']} resolved"),
        session=session,
        project=key[1] if key[0] == "projects" else None,
        task=key[-1] if key[0] == "projects" and key[2] in ("tasks", "archive") else None,
        reason=_reason(first, side, value, tx.machine.name),
    )
    return Resolved(first["path"], [key[-1] for key in found], before, conflicts.present(tx, path))


def _at(tx: "Transaction", place: str) -> dict[Key, Document]:
    known = conflicts.every(tx)
    found = {key: one for key, one in known.items() if key[-1] == place}
    if not found and not place.startswith("C-"):
        wanted = tuple(str(key) for key in paths.parse(place))
        found = {key: one for key, one in known.items() if conflicts.path_of(one) == wanted}
    if not found:
        raise NotFound(f"there is no conflict at {place!r}", hint="list them with `state_manager conflicts`")
    return found


def _of_side(found: Mapping[Key, Document], side: str, machine: str, before: Any) -> Any:
    if len(found) > 1:
        names = ", ".join(sorted(key[-1] for key in found))
        raise Refused(
            f"several conflicts have this path: {names}",
            hint="name one of them instead of the path, or give the --value that settles all",
        )
    one = next(iter(found.values()))
    stored = conflicts.side_of(one, machine)[side]
    if stored == one["chosen"] and MISSING in (one.get(name, MISSING) for name in conflicts.SIDES):
        return before  # it was kept from being deleted: nothing is to be put back
    if stored in (one.get("left_out") or []):
        raise Refused(
            f"the value of {side} was too large to be kept in the conflict",
            hint=f"it is in commit {one.get(f'{stored}_commit')}; `git show` prints the file as it was there",
        )
    return one.get(stored, MISSING)


def _reason(one: Document, side: str | None, value: Any, machine: str) -> str:
    if value is not MISSING:
        return "another value"
    if side is None:
        return "what stands is kept"
    stored = conflicts.side_of(one, machine)[side]
    return f"the value of {one.get(f'{stored}_by') or side}"


def _write(tx: "Transaction", path: merge.Path, value: Any, *, now: str) -> None:
    named, inner = layout.split(path)
    key = conflicts.home(tx, named)
    before = tx.edit(*key)
    if not inner and value is MISSING:
        if key[0] == "projects" and key[2] == "tasks":
            task_actions.remember_number(tx, Project(tx, key[1], now=now), key[3], now=now)
        tx.delete(*key)
        return
    if before is None and inner:
        raise NotFound(
            f"{paths.format(key)} is gone", hint="leave out the value: that takes the conflict away"
        )
    after = _put(before, (*key, *inner), len(key), value) if inner else value
    if not isinstance(after, dict):
        raise InvalidData(f"{paths.format(key)} is a record, not a value", hint="give a JSON object")
    after = reconciling.whole(key, checks.mended({key: after})["structure"].get(key, after))
    _check(tx, key, before, after, now=now)
    tx.save(key, after)
    if key[0] == "projects" and key[2] == "tasks":
        task_actions.settle(tx, Project(tx, key[1], now=now), before, after, now=now)


def _put(document: Any, path: merge.Path, depth: int, value: Any) -> Any:
    """Return a document with a value put at a path or, for MISSING, taken away."""
    name, last = path[depth], depth + 1 == len(path)
    inner = merge.child(document, name, path[:depth])
    new = value if last else _put({} if inner is MISSING else inner, path, depth + 1, value)
    if isinstance(document, dict):
        kept = {key: one for key, one in document.items() if key != name or new is not MISSING}
        return kept if new is MISSING else {**kept, name: new}
    if not isinstance(document, list):
        where = paths.format(path[:depth])
        raise Refused(f"{where} is {paths.kind(document)} by now", hint="resolve it with a --value there")
    if inner is MISSING:
        return [*document, *([] if new is MISSING else [new])]
    return [new if one is inner else one for one in document if one is not inner or new is not MISSING]


def _check(tx: "Transaction", key: Key, before: Document | None, after: Document, *, now: str) -> None:
    """Raise InvalidData for what a record may not hold, Refused for one active sprint too many."""
    known = set(_errors(key, before or {}))
    for place, problem in _errors(key, after):
        if (place, problem) not in known:
            raise InvalidData(f"{place.partition(': ')[2] or place}: {problem}", hint="choose another value")
    if key[0] != "projects" or key[2] != "sprints" or after.get("status") != "active":
        return
    project = Project(tx, key[1], now=now)
    active = [name for name, one in project.sprints.items() if one["status"] == "active" and name != key[3]]
    limit = project.settings["max_active_sprints"]
    if (before or {}).get("status") != "active" and len(active) >= limit:
        raise Refused(
            f"sprint {key[3]!r} cannot be active: {', '.join(active)} is",
            hint=f"`shared_state complete-sprint {key[1]} {active[0]}` ends it",
        )


def _errors(key: Key, one: Document) -> Iterable[tuple[str, str]]:
    found = checks.check({key: one})
    return [
        (each.place, each.problem) for each in found if (each.kind, each.severity) == ("structure", "error")
    ]
