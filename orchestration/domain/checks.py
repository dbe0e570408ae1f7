"""Checks of the records of a store, each by itself: documents in, findings out.

A value is as it should be when its field's own rule takes it and would store it in the same form. One
that the rule would store in another form (points as text, a synonym of a column) is mended by storing
that form; one that it refuses is only named. How records fit together is in `links.py`.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from orchestration.domain import counters, epics, fields, links, projects, sessions, tools, values
from orchestration.domain.records import (
    COLUMN_SYNONYMS,
    COLUMNS,
    SEVERITIES,
    SPRINT_STATUSES,
    Document,
)
from orchestration.domain.sprint_fields import SCHEMA as SPRINT
from orchestration.domain.task_fields import SCHEMA as TASK
from orchestration.errors import InvalidData, OrchestrationError
from orchestration.store import layout
from orchestration.store.findings import BY_REPAIR, Finding
from orchestration.store.layout import Key

Records = Mapping[Key, Document]
Mended = dict[str, dict[Key, Document]]
"""The records that would be right, by kind of finding."""
_DURABILITY = ("full", "fast")


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
_SHAPES = {"tasks": _TASK, "archive": _TASK, "sprints": _SPRINT, "epics": _EPIC}


def check(records: Records, *, retired: Collection[str] = ()) -> list[Finding]:
    """Return what is wrong with the records of a store, by place.

    `retired` names the sessions that a cleanup took out of the store: known, though without a record.
    """
    found = _case_twins(records)
    right: dict[Key, Document] = {}
    for key, record in records.items():
        findings, right[key] = _record(key, record)
        found += findings
    found += links.check(right, retired=retired)[0]
    return sorted(found, key=lambda finding: (finding.place, finding.problem))


def mended(records: Records, *, retired: Collection[str] = ()) -> Mended:
    """Return the records that can be mended without guessing, as they would be, by kind of finding."""
    right = {key: _record(key, record)[1] for key, record in records.items()}
    structure = {key: record for key, record in right.items() if record != records[key]}
    return {"structure": structure, "references": links.check(right, retired=retired)[1]}


def place(key: Key, field: str = "") -> str:
    """Name a record by its file, and a field of it after a colon."""
    return f"{layout.file_of(*key)}: {field}" if field else layout.file_of(*key)


def _record(key: Key, record: Document) -> tuple[list[Finding], Document]:
    """Return what is wrong with one record, and the record with everything put right that can be."""
    if key[0] == "tools":
        return _fields(key, record, _TOOL)
    if key[0] == "sessions" and key[2] == "session":
        return _session(key, record)
    if key[0] == "config":
        return _shared(key, record)
    if key[0] == "projects" and key[2] == "config":
        return _config(key, record)
    if key[0] == "projects" and key[2] in _SHAPES:
        found, right = _fields(key, record, _SHAPES[key[2]])
        return (found + _order(key, right) if key[2] == "sprints" else found), right
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
            _field(key, field, value, rule, found, right)
    return found, right


def _field(
    key: Key, field: str, value: Any, rule: fields.Check, found: list[Finding], right: Document
) -> None:
    try:
        stored = rule(field, value)
    except OrchestrationError as error:
        fix = error.hint or "write a value that the field takes"
        found.append(Finding("structure", "error", place(key, field), error.message, fix))
        return
    if stored != value or isinstance(stored, bool) != isinstance(value, bool):
        problem = f"is {_short(value)}, and is stored as {_short(stored)}"
        found.append(Finding("structure", "warning", place(key, field), problem, BY_REPAIR))
        right[field] = stored


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _session(key: Key, record: Document) -> tuple[list[Finding], Document]:
    found, right = _fields(key, record, _SESSION)
    problem = sessions.problem(right)
    if problem is not None:
        fix = f"`session_manager recover {key[1]}` brings back its last good state"
        found.append(Finding("structure", "error", place(key), problem, fix))
    return found, right


def _order(key: Key, sprint: Document) -> list[Finding]:
    start, end = sprint.get("start_date"), sprint.get("end_date")
    try:
        wrong = bool(start and end) and values.parse_time(str(start)) >= values.parse_time(str(end))
    except InvalidData:
        return []  # told already
    if not wrong:
        return []
    fix = f"`shared_state update-sprint {key[1]} {key[3]}` with other dates"
    return [
        Finding("structure", "warning", place(key, "end_date"), f"{end} is not after the start {start}", fix)
    ]


# -- configuration


def _config(key: Key, record: Document) -> tuple[list[Finding], Document]:
    """Check each setting, team and agent by the rule that a change to it has to pass."""
    found: list[Finding] = []
    right = dict(record)
    if record.get("project_id") != key[1]:
        problem = f"is {record.get('project_id')!r}, but the project is {key[1]!r}"
        found.append(Finding("structure", "error", place(key, "project_id"), problem, BY_REPAIR))
        right["project_id"] = key[1]
    for section in (*projects.ORDER[1:], "agents"):
        content = record.get(section)
        if content is None:
            continue
        if not isinstance(content, Mapping):
            fix = f"make {section} an object, or take it out"
            found.append(Finding("structure", "error", place(key, section), "is not an object", fix))
        elif section in ("settings", "team", "agents"):
            right[section] = _section(key, section, content, found, f"{section}.")
    return found, right


def _section(
    key: Key, section: str, content: Mapping[str, Any], found: list[Finding], prefix: str
) -> Document:
    right = dict(content)

    def rule(name: str) -> Callable[[str, Any], Any]:
        def stored(_: str, value: Any) -> Any:
            made = projects.merge_config(None, "any", {section: {name: value}}, now="2026-01-01T00:00:00Z")
            return made[section].get(name, value)

        return stored

    for name, value in content.items():
        if value is None:
            continue  # as good as not there
        entries: Document = {}
        _field(key, f"{prefix}{name}", value, rule(name), found, entries)
        if entries:
            right[name] = next(iter(entries.values()))
    return right


def _shared(key: Key, record: Document) -> tuple[list[Finding], Document]:
    """Check the configuration that all projects share."""
    found: list[Finding] = []
    if key[1] in ("teams", "agents"):
        section = "team" if key[1] == "teams" else "agents"
        return found, _section(key, section, record, found, "")
    right = dict(record)
    if key[1] == "settings":
        for field, rule in _SETTINGS.items():
            if record.get(field) is not None:
                _field(key, field, record[field], rule, found, right)
    return found, right


_SETTINGS: Mapping[str, fields.Check] = {
    "durability": lambda field, value: values.choice(field, value, _DURABILITY),
    "lock_timeout": lambda field, value: values.number(field, value, low=0.001),
    "pack_limit": lambda field, value: values.integer(field, value, low=0),
}


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
