"""Checks of the records of a store, each by itself: documents in, findings out.

A value is as it should be when its field's own rule takes it and would store it in the same form. One
that the rule would store in another form (points as text, a synonym of a column) is mended by storing
that form; one that it refuses is only named. How records fit together is in `links.py`.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from orchestration.domain import (
    check_fields,
    config_checks,
    counters,
    epics,
    fields,
    links,
    sessions,
    team_checks,
    tools,
    values,
    workflows,
)
from orchestration.domain.check_fields import place
from orchestration.domain.records import (
    COLUMN_SYNONYMS,
    COLUMNS,
    SEVERITIES,
    SPRINT_STATUSES,
    Document,
)
from orchestration.domain.sprint_fields import SCHEMA as SPRINT
from orchestration.domain.task_fields import SCHEMA as TASK
from orchestration.errors import InvalidData
from orchestration.store import layout
from orchestration.store.findings import BY_REPAIR, Finding
from orchestration.store.layout import Key

Records = Mapping[Key, Document]
Mended = dict[str, dict[Key, Document]]
"""The records that would be right, by kind of finding."""


class _Shape(NamedTuple):
    """What a kind of record must hold beyond its schema's checks."""

    schema: fields.Schema
    identity: str = "id"
    required: tuple[str, ...] = ()
    more: Mapping[str, fields.Check] = {}


def _moment(field: str, value: Any) -> str | None:
    return None if value is None else values.time(field, value)


def _blockers(field: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise InvalidData(f"{field} is not a list of objects", hint="take out what is no blocker")
    for number, one in enumerate(value):
        place = f"{field}[{number}]"
        values.id_(f"{place}.id", one.get("id"))
        values.choice(f"{place}.severity", one.get("severity", "medium"), SEVERITIES)
        _moment(f"{place}.resolved_at", one.get("resolved_at"))
    return value


def _claim(field: str, value: Any) -> Document | None:
    if value is None:
        return None
    found = values.mapping(field, value)
    values.text(f"{field}.agent", found.get("agent"))
    return found


_TIMES: Mapping[str, fields.Check] = dict.fromkeys(
    ("created_at", "committed_at", "started_at", "completed_at", "updated_at"), _moment
)
_TASK = _Shape(
    TASK,
    required=("title", "column"),
    more={
        **_TIMES,
        "column": lambda field, value: values.choice(field, value, COLUMNS, COLUMN_SYNONYMS),
        "assignee": lambda field, value: values.agent(value, field),
        "blockers": _blockers,
        "claim": _claim,
    },
)
_SPRINT = _Shape(
    SPRINT,
    required=("name", "status"),
    more={
        **_TIMES,
        "status": lambda field, value: values.choice(field, value, SPRINT_STATUSES),
        "archived": values.boolean,
    },
)
_EPIC = _Shape(epics.SCHEMA, required=("title", "status"), more=_TIMES)
_TOOL = _Shape(tools.SCHEMA, identity="name", required=("type",))
_SESSION = _Shape(sessions.SCHEMA)
_WORKFLOW = _Shape(workflows.SCHEMA, required=("name", "status"))
_SHAPES = {
    "tasks": _TASK,
    "archive": _TASK,
    "sprints": _SPRINT,
    "epics": _EPIC,
    "workflows": _WORKFLOW,
}


def check(
    records: Records, *, retired: Collection[str] = (), files: Collection[str] | None = None
) -> list[Finding]:
    """Return what is wrong with the records of a store, by place.

    `retired` names the sessions that a cleanup took out of the store: known, though without a record.
    `files` are the agents that files of the checkout describe, None where nobody has looked: who is
    not known is then no more than a hint.
    """
    found = _case_twins(records)
    right: dict[Key, Document] = {}
    for key, record in records.items():
        findings, right[key] = _record(key, record)
        found += findings
    found += links.check(right, retired=retired, files=files)[0]
    found += team_checks.check(right, files=files)
    return sorted(found, key=lambda finding: (finding.place, finding.problem))


def mended(records: Records, *, retired: Collection[str] = ()) -> Mended:
    """Return the records that can be mended without guessing, as they would be, by kind of finding."""
    right = {key: _record(key, record)[1] for key, record in records.items()}
    structure = {key: record for key, record in right.items() if record != records[key]}
    return {"structure": structure, "references": links.check(right, retired=retired)[1]}


def _record(key: Key, record: Document) -> tuple[list[Finding], Document]:
    """Return what is wrong with one record, and the record with everything put right that can be."""
    if key[0] == "tools":
        return _fields(key, record, _TOOL)
    if key[0] == "sessions" and key[2] == "session":
        return _session(key, record)
    if key[0] == "config":
        return config_checks.shared(key, record)
    if key[0] == "projects" and key[2] == "config":
        return config_checks.project(key, record)
    if key[0] == "projects" and key[2] in _SHAPES:
        found, right = _fields(key, record, _SHAPES[key[2]])
        return found + _order(key, right), right
    return [], record


def _fields(key: Key, record: Document, shape: _Shape) -> tuple[list[Finding], Document]:
    found: list[Finding] = []
    right = dict(record)
    name = key[-2] if key[0] == "sessions" else key[-1]
    if record.get(shape.identity) != name:
        was = record.get(shape.identity)
        found.append(
            Finding(
                "structure", "error", place(key, shape.identity),
                f"is {was!r}, but the file is named {name!r}" if was is not None else "is missing", BY_REPAIR,
            )
        )  # fmt: skip
        right = {shape.identity: name} | right | {shape.identity: name}
    checks = {**shape.schema.checks, **shape.more}
    for field, rule in checks.items():
        value = record.get(field)
        default = shape.schema.defaults.get(field)
        needed = field in shape.required
        if value is None and needed:
            default = name if default is None and field in ("title", "name") else default
            fix = BY_REPAIR if default is not None else "write it into the file"
            found.append(Finding("structure", "error", place(key, field), "is missing", fix))
            if default is not None:
                right[field] = default
        elif value is not None and not counters.is_counter(value):
            check_fields.check(key, field, value, rule, found, right)
    return found, right


def _session(key: Key, record: Document) -> tuple[list[Finding], Document]:
    found, right = _fields(key, record, _SESSION)
    problem = sessions.problem(right)
    if problem is not None:
        fix = f"`session_manager recover {key[1]}` brings back its last good state"
        found.append(Finding("structure", "error", place(key), problem, fix))
    return found, right


_ORDER = {
    "sprints": (("start_date", "end_date"), ("started_at", "completed_at")),
    "tasks": (("started_at", "completed_at"),),
    "archive": (("started_at", "completed_at"),),
}
"""Which times of a record come one after the other."""


def _order(key: Key, record: Document) -> list[Finding]:
    found = []
    for first, last in _ORDER.get(key[2], ()):
        start, end = record.get(first), record.get(last)
        planned = first == "start_date"  # a sprint takes time; a task may be done in the moment it is begun
        try:
            begun, ended = (values.parse_time(str(time)) for time in (start, end))
        except InvalidData:
            continue  # one of them is not there, or told already
        if begun > ended or (planned and begun == ended):
            fix = "write the times in their order"
            if planned:
                fix = f"`shared_state update-sprint {key[1]} {key[3]}` with other dates"
            problem = f"{end} is {'not after' if planned else 'before'} the start {start}"
            found.append(Finding("structure", "warning", place(key, last), problem, fix))
    return found


def _case_twins(records: Records) -> list[Finding]:
    """Find records whose names differ only by case: on some disks they are one file."""
    first: dict[Key, Key] = {}
    found = []
    for key in sorted(records):
        twin = first.setdefault(tuple(part.casefold() for part in key), key)
        if twin != key:
            problem = f"differs only by case from {layout.file_of(*twin)}"
            fix = "rename one of them, and whatever refers to it"
            found.append(Finding("structure", "error", place(key), problem, fix))
    return found
