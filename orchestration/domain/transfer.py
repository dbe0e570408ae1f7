"""Bringing an exported session back: its own files, and what its project is missing.

An export is what `get S ""` shows. A session's own files become what the export holds. The records of
its project are shared with others, who may have gone on: of those only the missing ones come back.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration import ids, paths
from orchestration.domain import epics, fields, projects, sessions, sprint_fields, task_fields, values
from orchestration.domain.mounts import MOUNTS, RESERVED
from orchestration.domain.project import Project
from orchestration.domain.records import (
    COLUMNS,
    DEFAULT_SETTINGS,
    SESSION_STATUSES,
    SPRINT_STATUSES,
    Document,
)
from orchestration.errors import InvalidData

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

_COMPUTED_LIFECYCLE = ("last_activity", "expired", "retired")
_COUNTED = ("start_time", "heartbeat_count", "task_count", "agent_count")
_RECORDS = (
    ("epics", epics.SCHEMA, epics.COMPUTED),
    ("sprints", sprint_fields.SCHEMA, ("tasks",)),
    ("tasks", task_fields.SCHEMA, ("status", "blocker")),
)


def _objects(field: str, value: Any) -> list[Document]:
    if not isinstance(value, list):
        raise InvalidData(f"{field} is {paths.kind(value)}, not a list", hint="use `state_manager export`")
    return [values.mapping(f"{field}[{number}]", item) for number, item in enumerate(value)]


_TIMES = dict.fromkeys(("created_at", "committed_at", "started_at", "completed_at"), values.time)
# What only steps write: the schemas leave it unchecked.
_STEPS: Mapping[str, Mapping[str, fields.Check]] = {
    "task": {
        **_TIMES,
        "column": lambda field, v: values.choice(field, v, COLUMNS),
        "claim": values.mapping,
        "blockers": _objects,
    },
    "sprint": {
        **{name: check for name, check in _TIMES.items() if name != "committed_at"},
        "status": lambda field, v: values.choice(field, v, SPRINT_STATUSES),
        "archived": values.boolean,
        "committed_points": lambda field, v: values.number(field, v, low=0),
        "committed_tasks": values.strings,
    },
    "epic": {"created_at": values.time},
}


def restore(
    tx: "Transaction", document: Mapping[str, Any], *, as_new: str | None, now: str
) -> tuple[str, list[str]]:
    """Bring back an exported session; returns its id and the project records that were missing.

    `as_new` is the id under which it comes back as another session. InvalidData names the place of
    what no export holds.
    """
    given = document.get("session")
    if not isinstance(given, dict):
        raise InvalidData(
            "this is no export of a session: it has no session", hint="use `state_manager export`"
        )
    for name, part in document.items():
        if not isinstance(part, dict):
            raise InvalidData(
                f"{name} is {paths.kind(part)}, not an object", hint="use `state_manager export`"
            )
    session = _session(given, as_new, now)
    name = session["id"]
    if tx.edit("sessions", name, "session") is None:
        ids.check_new(name, tx.folder(f"sessions/{name[:2].lower()}"), "session")
    tx.delete_all("sessions", name)
    tx.save(("sessions", name, "session"), session)
    # a session without a project keeps files of its own under these names
    mounted = MOUNTS if session.get("project") else ()
    taken = ["session"]
    for part_name, part in document.items():
        if part_name in (*mounted, "session", "orchestration"):
            continue
        if part_name in RESERVED:
            raise InvalidData(f"{part_name!r} cannot name a part of a session", hint="leave it out")
        taken.append(ids.check_new(part_name, taken, "name"))
        own = _own(part_name, part, mounted=bool(mounted))
        if own:
            tx.save(("sessions", name, part_name), own)
    brought = _missing(tx, session.get("project"), document, now)
    tx.describe("restored", f"session: import {name[:8]}", session=name, project=session.get("project"))
    return name, brought


def _session(given: Mapping[str, Any], as_new: str | None, now: str) -> Document:
    stored = {key: value for key, value in given.items() if key != "updated_at"}
    for key in ("id", "mode", "created_at", "lifecycle"):
        if key not in stored:
            raise InvalidData(f"session.{key} is missing", hint="use `state_manager export`")
    ids.check(values.text("session.id", stored["id"]), "session")
    session = _checked("session", sessions.SCHEMA, stored)
    session["created_at"] = values.time("session.created_at", session["created_at"])
    lifecycle = values.mapping("session.lifecycle", session["lifecycle"])
    session["lifecycle"] = {
        **{key: value for key, value in lifecycle.items() if key not in _COMPUTED_LIFECYCLE},
        "status": values.choice("session.lifecycle.status", lifecycle.get("status"), SESSION_STATUSES),
        "heartbeat": values.time("session.lifecycle.heartbeat", lifecycle.get("heartbeat")),
        "expiry": values.time("session.lifecycle.expiry", lifecycle.get("expiry")),
    }
    if as_new is None:
        return session
    fresh = sessions.resume({**session, "id": as_new}, now=now)
    del fresh["lifecycle"]["recovered_from"]
    return {**fresh, "parent_session": session["id"], "created_at": now, "host_session_id": None}


def _own(name: str, part: Mapping[str, Any], *, mounted: bool) -> Document:
    """Return what belongs into the file `name`: without what the view computes."""
    if name == "execution":
        computed = ("tasks",) if mounted else ()
        return {key: value for key, value in part.items() if key not in computed and value not in ({}, [])}
    if name != "observability":
        return dict(part)
    own = {key: value for key, value in part.items() if key not in ("events", "metrics")}
    counted = values.mapping("observability.metrics", part.get("metrics") or {})
    metrics = {key: value for key, value in counted.items() if key not in _COUNTED}
    return own | ({"metrics": metrics} if metrics else {})


def _missing(tx: "Transaction", project_id: str | None, document: Mapping[str, Any], now: str) -> list[str]:
    if not project_id:
        return []
    brought = []
    config = document.get("config")
    if isinstance(config, dict) and not tx.exists("projects", project_id, "config"):
        change = {key: value for key, value in config.items() if key not in ("project_id", "created_at")}
        given = change.get("settings")
        if isinstance(given, dict):  # an export shows defaults as well; stored they would stay for ever
            own = {name: value for name, value in given.items() if value != DEFAULT_SETTINGS.get(name)}
            change["settings"] = own
        made = values.time("config.created_at", config.get("created_at") or now)
        tx.save(("projects", project_id, "config"), projects.merge_config(None, project_id, change, now=made))
        brought.append("config")
    project = Project(tx, project_id, now=now)
    for folder, schema, computed in _RECORDS:
        known = project.task_ids() if folder == "tasks" else tx.names("projects", project_id, folder)
        for name, record in (document.get(folder) or {}).items():
            if name in known:
                continue
            known.append(ids.check_new(name, known))
            key = ("projects", project_id, folder, name)
            where = f"{folder}.{name}"
            if not isinstance(record, dict) or record.get("id") != name:
                raise InvalidData(f"{where} is no record with that id", hint="use `state_manager export`")
            stored = {field: value for field, value in record.items() if field not in computed}
            tx.save(key, _checked(where, schema, {**stored, "created_at": stored.get("created_at") or now}))
            brought.append(where)
    return brought


def _checked(where: str, schema: fields.Schema, record: Mapping[str, Any]) -> Document:
    """Return `record` with every known field in the form it is stored in."""
    steps = _STEPS.get(schema.kind, {})
    found = fields.blank(schema) | {k: v for k, v in record.items() if v is not None or k not in steps}
    for name, check in {**schema.checks, **steps}.items():
        if found[name] is not None:
            try:
                found[name] = check(name, found[name])
            except InvalidData as error:
                raise InvalidData(f"{where}: {error.message}", hint=error.hint) from None
    return fields.arranged(schema, found)
