"""The fields of a task, the form in which each is stored, and the record as it is shown."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import blockers, fields, values
from orchestration.domain.records import DEFAULT_PRIORITY, TASK_TYPES, Document


def _acceptance(field: str, v: object) -> list[str]:
    # A criterion is a sentence and has commas of its own: plain text is one criterion per line.
    if isinstance(v, str) and not v.lstrip().startswith("["):
        return [line.strip() for line in v.splitlines() if line.strip()]
    return values.strings(field, v)


def _distinct(field: str, v: object) -> list[str]:
    return list(dict.fromkeys(values.strings(field, v)))


SCHEMA = fields.Schema(
    kind="task",
    defaults={
        "id": None,
        "title": None,
        "description": None,
        "type": "feature",
        "column": "backlog",
        "assignee": None,
        "team": None,
        "claim": None,
        "points": None,
        "priority": DEFAULT_PRIORITY,
        "epic_id": None,
        "sprint_id": None,
        "parent": None,
        "depends_on": [],
        "labels": [],
        "acceptance": [],
        "artifacts": [],
        "blockers": [],
        "created_at": None,
        "committed_at": None,
        "started_at": None,
        "completed_at": None,
    },
    checks={
        "title": lambda field, v: values.text(field, v).strip(),
        "description": values.optional_text,
        "type": lambda field, v: values.choice(field, v, TASK_TYPES),
        "team": values.optional_id,
        "points": lambda field, v: values.number(field, v, low=0),
        "priority": lambda _, v: values.priority(v),
        "epic_id": values.optional_id,
        "sprint_id": values.optional_id,
        "parent": values.optional_id,
        "depends_on": lambda field, v: [values.id_(field, one) for one in _distinct(field, v)],
        "labels": _distinct,
        "acceptance": _acceptance,
        "artifacts": values.strings,
    },
    system={
        "id": "make a new task instead",
        "created_at": "it is set when the task is made",
        "blocker": "use `state_manager task block` and `task unblock`, or write status: blocked with it",
        "blockers": "use `state_manager task block` and `task unblock`",
        "claim": "use `state_manager task claim`; null releases it",
        "split_into": "use `state_manager task split`",
    },
)


def stored(task: Mapping[str, Any]) -> Document:
    """Return a copy in field order, with defaults and without `updated_at` and what is computed."""
    stored = {field: v for field, v in task.items() if field not in ("status", "blocker", "orphaned")}
    return fields.updated(SCHEMA, stored, {})


def open_blockers(task: Mapping[str, Any]) -> list[Document]:
    """Return the blockers that are not resolved, oldest first."""
    return blockers.still_open(task.get("blockers"))


def status(task: Mapping[str, Any]) -> str:
    """Return `blocked` while a blocker is open, else the column."""
    return "blocked" if open_blockers(task) else str(task.get("column", "backlog"))


def is_container(task: Mapping[str, Any]) -> bool:
    """Whether the task was split: it stands for its parts, with no points and no work of its own."""
    return bool(task.get("split_into"))


def view(task: Mapping[str, Any]) -> Document:
    """Return the task as shown: `status` after `column`, the newest open `blocker` before `blockers`."""
    waiting = open_blockers(task)
    shown: Document = {}
    for field, v in stored(task).items():
        if field == "blockers":
            shown["blocker"] = dict(waiting[-1]) if waiting else None
        shown[field] = v
        if field == "column":
            shown["status"] = status(task)
    if "updated_at" in task:
        shown["updated_at"] = task["updated_at"]
    return shown
