"""What an imported item makes of the record it belongs to.

A record remembers in `source.seen` what its item said at the last import. A field that the source has not
changed since is left alone, whoever changed it here; one that it has changed is taken from the source. A
list takes what the source added to it and loses what the source took away. Rules of the board, such as
limits and the order of columns, do not bind an import: it tells what has already happened.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from orchestration.domain import blockers, epics, fields
from orchestration.domain.records import CLOSED_COLUMNS, WORK_COLUMNS, Document
from orchestration.domain.sprint_fields import SCHEMA as SPRINT
from orchestration.domain.task_fields import SCHEMA as TASK
from orchestration.domain.task_fields import open_blockers
from orchestration.exchange.items import Item

SCHEMAS: Mapping[str, fields.Schema] = {"task": TASK, "epic": epics.SCHEMA, "sprint": SPRINT}
_LONG = 80
_LISTS = ("labels", "depends_on", "acceptance", "artifacts", "tags")


class Links(NamedTuple):
    """The ids that an item's references have here; what could not be found is left out."""

    depends_on: list[str]
    parent: str | None = None
    epic_id: str | None = None
    sprint_id: str | None = None


def source(system: str, origin: str | None, item: Item) -> Document:
    """Return what a record says of where it comes from."""
    found = {"system": system, "origin": origin, "id": item.id, "url": item.url}
    return {name: value for name, value in found.items() if value is not None}


def said(item: Item, links: Links) -> Document:
    """Return the values of an item by our field, its references as our ids."""
    found = {
        name: v for name, v in item.fields.items() if name not in ("depends_on", "parent", "epic", "sprint")
    }
    linked = {
        "depends_on": links.depends_on,
        "parent": links.parent,
        "epic_id": links.epic_id,
        "sprint_id": links.sprint_id,
    }
    return found | {name: v for name, v in linked.items() if v and name in SCHEMAS[item.kind].defaults}


def merged(
    before: Document | None, name: str, item: Item, links: Links, came_from: Document, *, now: str,
    blocker_id: str | None, actor: str,
) -> Document:  # fmt: skip
    """Return the record `name` with what the source has changed since the last import; a new one for None.

    `blocker_id` names the blocker that is opened when the source begins to say that a task is blocked.
    """
    schema = SCHEMAS[item.kind]
    record: Document = fields.blank(schema) | ({"id": name, "created_at": now} if before is None else before)
    old: Document = record.get("source") or {}
    seen: Document = old.get("seen") or {}
    values = said(item, links)
    values |= {f"metadata.{key}": value for key, value in item.metadata.items()}
    marks = {field: value if field in _LISTS else _mark(value) for field, value in values.items()}
    changed = [field for field in {**marks, **seen} if marks.get(field) != seen.get(field)]
    for field in changed:
        _apply(record, schema, field, values.get(field), seen.get(field))
    record["source"] = {
        **came_from,
        **({"blocker": old["blocker"]} if "blocker" in old else {}),
        "seen": marks,
    }
    if item.kind == "task" and changed:
        _live(record, changed, values, now=now, blocker_id=blocker_id, actor=actor)
    if before is not None and fields.arranged(schema, fields.blank(schema) | before) == record:
        return before
    record.pop("updated_at", None)
    return fields.arranged(schema, record)


def _mark(value: Any) -> Any:
    """Return what `seen` keeps of a value: long texts and what is not mapped as their fingerprint."""
    if isinstance(value, dict) or len(str(value)) > _LONG:
        return "sha256:" + sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return value


def _apply(record: Document, schema: fields.Schema, field: str, value: Any, seen: Any) -> None:
    """Take one field from the source; a value that is gone there gives way to our default."""
    if field.startswith("metadata."):
        key = field.partition(".")[2]
        others = {name: v for name, v in (record.get("metadata") or {}).items() if name != key}
        record["metadata"] = others | ({} if value is None else {key: value})
        if not record["metadata"] and "metadata" not in schema.defaults:
            del record["metadata"]
    elif field == "blocked":
        return
    elif field in _LISTS:
        present, was = list(record.get(field) or []), seen if isinstance(seen, list) else []
        kept = [one for one in present if one in (value or []) or one not in was]
        record[field] = kept + [one for one in value or [] if one not in kept and one not in was]
    elif value is not None:
        record[field] = value
    elif field not in ("created_at", "title", "name", "column"):
        record[field] = fields.blank(schema).get(field)


def _live(
    task: Document,
    changed: list[str],
    values: Mapping[str, Any],
    *,
    now: str,
    blocker_id: str | None,
    actor: str,
) -> None:
    """Make column, times, claim and blockers of a task fit together."""
    column, name = task["column"], str(task["id"])
    if "column" in changed:
        if column in WORK_COLUMNS:
            # known to be worked on, since when only if the source says so
            task["started_at"] = values.get("started_at") or task.get("started_at") or now
        if column != "done":
            task["completed_at"] = None
        if column in CLOSED_COLUMNS:
            task["claim"] = None
    if task.get("completed_at") and column != "done":
        task["completed_at"] = None
    ours = task["source"].get("blocker")
    open_ids = [one.get("id") for one in open_blockers(task)]
    if column in CLOSED_COLUMNS and open_ids:
        task["blockers"] = blockers.resolved(
            task["blockers"], task_id=name, now=now, resolution=f"{column} in the source"
        )
    elif "blocked" in changed and "blocked" not in values and ours in open_ids:
        task["blockers"] = blockers.resolved(
            task["blockers"], task_id=name, now=now, resolution="not blocked in the source", blocker_id=ours
        )
    elif "blocked" in changed and "blocked" in values and blocker_id and ours not in open_ids:
        task["blockers"] = blockers.opened(
            task["blockers"], task_id=name, blocker_id=blocker_id, reason=values["blocked"], reported_by=actor,
            now=now,
        )  # fmt: skip
        task["source"]["blocker"] = blocker_id
