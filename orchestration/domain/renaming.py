"""New ids for records that join others of the same ids, and every reference along with them.

An id that was published never changes; these are of a project that nobody shared yet. The new id is the
old one with the name of the machine it comes from, which no other machine gives.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from orchestration.domain.records import Document

Ids = Mapping[str, Collection[str]]
"""Ids by kind: tasks (archived ones as well), sprints, epics, decisions, risks, handoffs, workflows."""
Renames = Mapping[str, Mapping[str, str]]
"""By kind, old ids to new ones."""

KINDS = ("tasks", "sprints", "epics", "decisions", "risks", "handoffs", "workflows")
_FIELDS = {
    "task_id": "tasks",
    "task": "tasks",
    "tasks": "tasks",
    "parent": "tasks",
    "depends_on": "tasks",
    "split_into": "tasks",
    "on_task": "tasks",
    "open_tasks": "tasks",
    "current_task": "tasks",
    "committed_tasks": "tasks",
    "sprint_id": "sprints",
    "sprint": "sprints",
    "sprints": "sprints",
    "current_sprint": "sprints",
    "epic_id": "epics",
    "epic": "epics",
    "epics": "epics",
}
"""Fields that name records, wherever they stand: an id, a list of ids or of records, a mapping by id."""
_LONGEST = 64
_COUNTED = re.compile(r"(?:TASK|HO|DEC|RISK)-\d+")


def clashes(ours: Ids, theirs: Ids, machine: str) -> dict[str, dict[str, str]]:
    """Return new ids for those of `ours` that `theirs` has as well; upper and lower case are one.

    A plainly counted id, such as TASK-7, gets a new one too: the machine that made the other store counts
    on to that number by itself.
    """
    found: dict[str, dict[str, str]] = {}
    for kind in KINDS:
        there = {one.casefold() for one in theirs.get(kind, ())}
        taken = there | {one.casefold() for one in ours.get(kind, ())}
        for name in sorted(ours.get(kind, ())):
            if name.casefold() in there or _COUNTED.fullmatch(name):
                new = _free(name, machine, taken)
                taken.add(new.casefold())
                found.setdefault(kind, {})[name] = new
    return found


def _free(name: str, machine: str, taken: Collection[str]) -> str:
    number = 1
    while True:
        ending = f"-{machine}" if number == 1 else f"-{number}-{machine}"
        new = name[: _LONGEST - len(ending)] + ending
        if new.casefold() not in taken:
            return new
        number += 1


def renamed(record: Document, renames: Renames, *, kind: str | None = None) -> Document:
    """Return a record with the new ids in its references and, for a record of `kind`, in its own `id`."""
    found: Document = _inside(record, renames)
    own = renames.get(kind or "", {})
    return {**found, "id": own[found["id"]]} if found.get("id") in own else found


def _inside(value: Any, renames: Renames) -> Any:
    if isinstance(value, dict):
        return {key: _field(str(key), one, renames) for key, one in value.items()}
    return [_inside(one, renames) for one in value] if isinstance(value, list) else value


def _field(name: str, value: Any, renames: Renames) -> Any:
    names = renames.get(_FIELDS.get(name, ""))
    return _inside(value, renames) if not names else _named(value, names, renames)


def _named(value: Any, names: Mapping[str, str], renames: Renames) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_named(one, names, renames) for one in value]
    if not isinstance(value, dict):
        return value
    inner = {names.get(str(key), key): _inside(one, renames) for key, one in value.items()}
    return {**inner, "id": names[inner["id"]]} if inner.get("id") in names else inner


def aliases(config: Document, renames: Mapping[str, str]) -> Document:
    """Return a project's configuration that knows tasks by their old ids as well."""
    known = {old: list(news) for old, news in (config.get("aliases") or {}).items()}
    for old, new in renames.items():
        known[old] = sorted({*known.get(old, []), new})
    return {**config, "aliases": known} if known else config
