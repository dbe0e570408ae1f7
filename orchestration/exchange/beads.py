"""Issues of beads: `.beads/issues.jsonl`, or what `bd export` prints, one JSON object a line.

`blocks` edges stand on the issue that waits. A `parent-child` edge to an epic says which epic an issue
belongs to, to another issue which it is part of; other edges are kept as metadata. Deleted issues
(tombstones), templates and messages are no work and are left out.
"""

import json
from collections.abc import Mapping
from typing import Any

from orchestration.errors import InvalidData
from orchestration.exchange import github
from orchestration.exchange.items import Batch, File, Item, item, word

_COLUMNS = {
    "open": "todo", "in progress": "in_progress", "hooked": "in_progress", "blocked": "todo",
    "deferred": "backlog", "pinned": "backlog", "closed": "done",
}  # fmt: skip
_EPICS = {
    "open": "planned", "in progress": "in_progress", "hooked": "in_progress", "blocked": "blocked",
    "deferred": "planned", "pinned": "planned", "closed": "completed",
}  # fmt: skip
# "task" says no more than that it is one.
_TYPES = {"bug": "bug", "feature": "feature", "chore": "chore", "docs": "docs", "test": "test", "task": None}
_NO_WORK = ("message", "event", "molecule", "gate", "agent", "role", "convoy")
_MAPPED = {
    "id", "title", "description", "acceptance_criteria", "status", "priority", "issue_type", "assignee",
    "labels", "created_at", "started_at", "closed_at", "updated_at", "dependencies", "_type", "content_hash",
}  # fmt: skip


def parse(files: list[File]) -> Batch:
    """Return the issues; InvalidData names file and line of what is no issue."""
    records: dict[str, tuple[str, dict[str, Any]]] = {}
    left: dict[str, int] = {}
    for file in files:
        for place, record in _records(file):
            name, title = record.get("id"), record.get("title")
            if record.get("_type") not in (None, "issue") or _is_no_work(record):
                why = str(record.get("_type") or record.get("status") or record.get("issue_type"))
                left[why] = left.get(why, 0) + 1
                continue
            if not isinstance(name, str) or not name.strip():
                raise InvalidData(f"{place}: an issue without an id", hint="export it again with `bd export`")
            if not isinstance(title, str) or not title.strip():
                raise InvalidData(
                    f"{place}: issue {name} has no title", hint="give it one and export it again"
                )
            if name in records:
                raise InvalidData(f"{place}: issue {name} stands twice", hint="keep one of the lines")
            records[name] = (place, record)
    epics = {name for name, (_, record) in records.items() if record.get("issue_type") == "epic"}
    items = [_issue(place, record, epics) for place, record in records.values()]
    notes = [f"{count} left out: {why}" for why, count in left.items()]
    return Batch("beads", sorted(items, key=lambda one: one.kind != "epic"), None, notes)


def _records(file: File) -> list[tuple[str, dict[str, Any]]]:
    if file.text.lstrip().startswith("["):
        return github.load(file)
    found = []
    for number, line in enumerate(file.text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{file.name}, line {number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidData(
                f"{place}, column {error.colno}: {error.msg}", hint="export it again with `bd export`"
            ) from None
        except RecursionError:
            raise InvalidData(f"{place}: nested too deeply", hint="export it again") from None
        if not isinstance(record, dict):
            raise InvalidData(f"{place}: not an object", hint="export it again with `bd export`")
        found.append((place, record))
    return found


def _is_no_work(record: Mapping[str, Any]) -> bool:
    return (
        record.get("status") == "tombstone"
        or record.get("deleted_at") is not None
        or bool(record.get("is_template"))
        or bool(record.get("ephemeral"))
        or record.get("issue_type") in _NO_WORK
    )


def _issue(place: str, record: dict[str, Any], epics: set[str]) -> Item:
    name = str(record["id"])
    state = word(record.get("status") or "open")
    waits, others, parent = _edges(record)
    rest = {key: value for key, value in record.items() if key not in _MAPPED}
    rest["dependencies"] = others
    is_epic = name in epics
    known = _EPICS if is_epic else _COLUMNS
    if state not in known:
        rest["status"] = record.get("status")
    closed, updated = record.get("closed_at"), record.get("updated_at")
    given: dict[str, tuple[str, Any]] = {
        "title": ("title", record["title"]),
        "description": ("description", record.get("description")),
        "created_at": ("created_at", record.get("created_at")),
        "completed_at": ("closed_at", closed if state == "closed" else None),
    }
    level = record.get("priority", 0)
    if isinstance(level, int) and not isinstance(level, bool) and 0 <= level <= 4:
        given["priority"] = ("priority", level + 1)
    else:
        rest["priority"] = level
    if is_epic:
        given["status"] = ("status", known.get(state, "planned"))
        given["tags"] = ("labels", record.get("labels"))
        rest |= {"depends_on": waits, "parent": parent, "assignee": record.get("assignee")}
        return item("epic", place, name, given, rest)
    kind = word(record.get("issue_type") or "task")
    if kind not in _TYPES:
        rest["issue_type"] = record.get("issue_type")
    working = known.get(state) == "in_progress"
    given |= {
        "column": ("status", known.get(state, "todo")),
        "blocked": ("status", "blocked in beads" if state == "blocked" else None),
        "type": ("issue_type", _TYPES.get(kind)),
        "assignee": ("assignee", record.get("assignee")),
        "labels": ("labels", record.get("labels")),
        "acceptance": ("acceptance_criteria", record.get("acceptance_criteria")),
        "started_at": ("started_at", record.get("started_at") or (updated if working else None)),
        "depends_on": ("dependencies", waits),
        "epic" if parent in epics else "parent": ("dependencies", parent),
    }
    return item("task", place, name, given, rest)


def _edges(record: Mapping[str, Any]) -> tuple[list[str], list[Any], str | None]:
    """Return what an issue waits for, its other edges, and its parent."""
    waits: list[str] = []
    others: list[Any] = []
    parent = None
    given = record.get("dependencies")
    for edge in given if isinstance(given, list) else []:
        target = edge.get("depends_on_id") if isinstance(edge, Mapping) else None
        kind = edge.get("type", "blocks") if isinstance(edge, Mapping) else None
        if isinstance(target, str) and kind == "blocks":
            waits.append(target)
        elif isinstance(target, str) and kind == "parent-child" and parent is None:
            parent = target
        else:
            others.append({"id": target, "type": kind} if isinstance(target, str) else edge)
    return waits, others, parent
