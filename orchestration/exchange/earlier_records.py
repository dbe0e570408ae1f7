"""Bringing over what only the earlier JSON implementation has: configurations, tools and sessions.

These are taken once. What the store has already of them is left as it is.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import projects, sessions, tools, values
from orchestration.domain.mounts import MOUNTS, RESERVED
from orchestration.domain.records import SESSION_LIFETIME_HOURS, SESSION_MODES, SESSION_STATUSES, Document
from orchestration.errors import InvalidData, OrchestrationError
from orchestration.exchange import earlier
from orchestration.exchange.items import Batch

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

_OWN_METRICS = ("start_time", "heartbeat_count", "task_count", "agent_count")


def bring(tx: "Transaction", batch: Batch, summary: Document, *, now: str) -> None:
    """Make the configurations, tools and sessions of a batch that the store lacks, and count them."""
    for kind in ("sessions", "configs", "tools"):
        summary[kind] = {"made": 0, "changed": 0, "same": 0}
    for name, config in batch.configs.items():
        if name not in summary["projects"]:
            summary["projects"].append(name)
        _count(summary, "configs", _config(tx, ids.check(name, "project"), config, summary, now))
    for name, tool in batch.tools.items():
        _count(summary, "tools", _tool(tx, name, tool, summary, now))
    for place, session in batch.sessions:
        _count(summary, "sessions", _session(tx, place, session, summary, now))


def _count(summary: Document, kind: str, made: bool) -> None:
    summary[kind]["made" if made else "same"] += 1


def _unmapped(summary: Document, name: str) -> None:
    summary["unmapped"][name] = summary["unmapped"].get(name, 0) + 1


def _config(tx: "Transaction", name: str, given: Mapping[str, Any], summary: Document, now: str) -> bool:
    key = ("projects", name, "config")
    if tx.edit(*key) is not None:
        return False
    created = _time(given.get("created_at")) or now
    made = projects.merge_config(None, name, {}, now=created)
    for section, content in given.items():
        if section in ("project_id", "created_at", "updated_at"):
            continue
        parts = content if isinstance(content, Mapping) and section in projects.ORDER else {None: content}
        for part, value in parts.items():
            change = {section: {part: value}} if part is not None else {section: value}
            try:
                made = projects.merge_config(made, name, change, now=now)
            except OrchestrationError as error:
                # A value that no setting can hold is kept where anything may stand.
                where = section if part is None else f"{section}.{part}"
                made = projects.merge_config(made, name, {"metadata": {where: value}}, now=now)
                summary["notes"].append(f"project {name}: {error.message}; kept under metadata")
                _unmapped(summary, where)
    tx.save(key, made)
    return True


def _tool(tx: "Transaction", name: str, given: Mapping[str, Any], summary: Document, now: str) -> bool:
    if ids.problem(name) is not None:
        summary["notes"].append(f"tool {name!r} {ids.problem(name)}; left out")
        return False
    if tx.edit("tools", name) is not None:
        return False
    known = ("type", "version", "description", "path", "dependencies", "config")
    fields = {field: given[field] for field in known if given.get(field) not in (None, "")}
    try:
        made = tools.register(None, name=name, now=_time(given.get("registered_at")) or now, **fields)
    except InvalidData as error:
        summary["notes"].append(f"tool {name}: {error.message}; left out")
        return False
    rest = {
        field: v for field, v in given.items() if field not in (*known, "name", "registered_at", "updated_at")
    }
    for field in rest:
        _unmapped(summary, field)
    tx.save(("tools", name), {**made, **({"metadata": rest} if rest else {})})
    return True


def _session(tx: "Transaction", place: str, document: Mapping[str, Any], summary: Document, now: str) -> bool:
    given = document["session"]
    name = str(given.get("id") or place.rpartition("/")[2].removesuffix(".json"))
    if ids.problem(name) is not None:
        raise InvalidData(f"{place}, line 1: session id {name!r} {ids.problem(name)}", hint="repair the id")
    if tx.edit("sessions", name, "session") is not None:
        return False
    ids.check_new(name, tx.folder(f"sessions/{name[:2].lower()}"), "session")
    project = given.get("project") if ids.problem(str(given.get("project") or "")) is None else None
    session, metadata = _own(given, name, project, now)
    sprint = earlier.current_sprint(document)
    if sprint and project and tx.exists("projects", project, "sprints", sprint):
        session["sprint_id"] = sprint
    reserved = (*RESERVED, *(MOUNTS if project else ()), "session", "task")
    for part, content in document.items():
        if part in ("session", "tasks", "task") and project or part == "session":
            continue
        own = _part(part, content, bool(project))
        if part in ("execution", "observability") or (
            isinstance(own, dict) and part not in reserved and ids.problem(part) is None
        ):
            if own:
                tx.save(("sessions", name, part), own)
        elif own not in (None, {}, []):
            metadata[part] = own
    for field in metadata:
        if field not in (given.get("metadata") or {}):
            _unmapped(summary, f"session.{field}")
    tx.save(("sessions", name, "session"), {**session, "metadata": metadata})
    return True


def _own(given: Mapping[str, Any], name: str, project: str | None, now: str) -> tuple[Document, Document]:
    """Return the session's record, and what it cannot hold beside the metadata it had."""
    mode = given.get("mode") if given.get("mode") in SESSION_MODES else "development"
    lifecycle = given["lifecycle"] if isinstance(given.get("lifecycle"), Mapping) else {}
    created = _time(given.get("created_at")) or now
    heartbeat = _time(lifecycle.get("heartbeat")) or _time(lifecycle.get("last_activity")) or created
    ends = values.parse_time(heartbeat) + timedelta(hours=SESSION_LIFETIME_HOURS[str(mode)])
    parent = given.get("parent_session")
    made = sessions.new(
        name, mode=str(mode), project=project, created_by=str(given.get("created_by") or "import"), now=created,
        parent=parent if isinstance(parent, str) and ids.problem(parent) is None else None,
    )  # fmt: skip
    status = lifecycle.get("status")
    made["lifecycle"] = {
        "status": status if status in SESSION_STATUSES else "active",
        "heartbeat": heartbeat,
        "expiry": _time(lifecycle.get("expiry")) or values.format_time(ends),
    }
    known = {"id", "mode", "project", "parent_session", "created_at", "created_by", "lifecycle", "metadata"}
    rest = {field: v for field, v in given.items() if field not in known and v not in (None, {}, [], "")}
    if status is not None and status not in SESSION_STATUSES:
        rest["status"] = status
    return made, dict(given["metadata"] if isinstance(given.get("metadata"), Mapping) else {}) | rest


def _part(name: str, content: Any, mounted: bool) -> Any:
    """Return what is kept of one part of a session: without what is computed, or has become a record."""
    if not isinstance(content, dict):
        return content
    if name == "execution":
        left = ("tasks",) if mounted else ()
        return {field: v for field, v in content.items() if field not in left and v not in ({}, [], None)}
    if name == "sprint" and mounted:
        return {
            field: v
            for field, v in content.items()
            if field not in ("tasks", "current") and v not in ({}, [])
        }
    if name == "observability":
        kept = {field: v for field, v in content.items() if field not in ("events", "metrics")}
        metrics = content["metrics"] if isinstance(content.get("metrics"), Mapping) else {}
        own = {field: v for field, v in metrics.items() if field not in _OWN_METRICS}
        events = content.get("events")
        return kept | ({"metrics": own} if own else {}) | ({"earlier_events": events} if events else {})
    return content


def _time(v: Any) -> str | None:
    try:
        return values.time("time", v) if v else None
    except InvalidData:
        return None
