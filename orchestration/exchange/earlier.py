"""The state of the earlier JSON implementation: `sessions/<id>.json` and `shared/`.

`shared/tools.json` is the tool registry; `shared/projects/<project>/` holds `config.json`, `epics.json` and
`sprints.json`, mappings by id. A session's file holds `session`, `execution` and `observability`, and whatever
was written beside them; its tasks stand in `execution.tasks`, `sprint.tasks`, `tasks` or `task`. Where two
sessions of one project know the same task, the session that was active last is right.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from orchestration import ids
from orchestration.domain.records import Document
from orchestration.errors import InvalidData
from orchestration.exchange.items import Batch, File, Item, item

_NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "name", "summary"),
    "description": ("description", "details"),
    "type": ("type", "kind"),
    "column": ("column", "status", "state"),
    "assignee": ("assignee", "assigned_to", "assigned_agent", "agent", "owner"),
    "team": ("team",),
    "points": ("points", "story_points", "estimate", "estimated_points", "effort"),
    "priority": ("priority",),
    "labels": ("labels", "tags"),
    "acceptance": ("acceptance", "acceptance_criteria"),
    "artifacts": ("artifacts", "files"),
    "depends_on": ("depends_on", "dependencies", "blocked_by"),
    "parent": ("parent", "parent_id", "parent_task"),
    "epic": ("epic_id", "epic"),
    "sprint": ("sprint_id", "sprint"),
    "created_at": ("created_at", "created"),
    "committed_at": ("committed_at",),
    "started_at": ("started_at", "started"),
    "completed_at": ("completed_at", "completed", "done_at"),
    "blocked": ("blocked_reason", "blocker_reason", "block_reason"),
}
"""The names under which a task's fields were written, the usual one first."""
_SPRINT = (
    "name", "goals", "start_date", "end_date", "status", "archived", "capacity", "velocity_target", "wip_limits",
    "retro", "report", "started_at", "completed_at", "created_at",
)  # fmt: skip
_EPIC = ("title", "description", "status", "priority", "tags", "created_at", "completed_at")
_TASKS = (("execution", "tasks"), ("sprint", "tasks"), ("tasks",), ("task",))
# git knows when a record was last changed.
_KNOWN = ("id", "updated_at")


def parse(files: list[File]) -> Batch:
    """Return projects, tools, sessions and their tasks; InvalidData names file and line of bad JSON."""
    items: dict[tuple[str | None, str, str], Item] = {}
    configs: dict[str, Document] = {}
    tools: dict[str, Document] = {}
    sessions: list[tuple[str, Document]] = []
    for file in files:
        content = _load(file)
        parts = file.name.split("/")
        name = parts[-1]
        if isinstance(content.get("session"), dict):
            sessions.append((file.name, content))
        elif name == "tools.json":
            tools |= {key: value for key, value in content.items() if isinstance(value, dict)}
        elif len(parts) >= 2 and name == "config.json":
            configs[parts[-2]] = content
        elif len(parts) >= 2 and name in ("epics.json", "sprints.json"):
            kind = name.removesuffix("s.json")
            for key, value in content.items():
                found = _record(kind, file, key, value, parts[-2])
                items[parts[-2], kind, found.id] = found
        else:
            raise InvalidData(
                f"{file.name}, line 1: neither a session nor a part of shared/", hint="take the file out"
            )
    planned = _planned(items.values())
    # the tasks of the session that was active last replace those of the others
    for place, session in sorted(sessions, key=_last_active):
        project = session["session"].get("project") or None
        for task in _tasks(place, session, project) if project else ():
            if "sprint" not in task.fields and (project, task.id) in planned:
                task.fields["sprint"] = planned[project, task.id]
            items[project, "task", task.id] = task
        for sprint in _current(place, session, project) if project else ():
            items.setdefault((project, "sprint", sprint.id), sprint)
    order = ("epic", "sprint", "task")
    return Batch(
        "json", sorted(items.values(), key=lambda one: order.index(one.kind)), None, [], configs, tools,
        tuple(sessions),
    )  # fmt: skip


def _planned(items: Iterable[Item]) -> dict[tuple[str | None, str], str]:
    """Return the sprint of each task that a sprint lists, and take the lists away: tasks name their sprint."""
    found: dict[tuple[str | None, str], str] = {}
    for one in items:
        listed = one.metadata.pop("tasks", None) if one.kind == "sprint" else None
        for name in listed if isinstance(listed, list) else ():
            found[one.project, str(name)] = one.id
    return found


def _load(file: File) -> Document:
    try:
        content = json.loads(file.text or "{}")
    except json.JSONDecodeError as error:
        raise InvalidData(
            f"{file.name}, line {error.lineno}, column {error.colno}: {error.msg}",
            hint="repair the file, or take it out",
        ) from None
    except RecursionError:
        raise InvalidData(f"{file.name}, line 1: nested too deeply", hint="take the file out") from None
    if not isinstance(content, dict):
        raise InvalidData(f"{file.name}, line 1: not an object", hint="take the file out")
    return content


def _last_active(one: tuple[str, Document]) -> str:
    lifecycle = one[1]["session"].get("lifecycle")
    found = lifecycle.get("last_activity") if isinstance(lifecycle, Mapping) else None
    return str(found or one[1]["session"].get("created_at") or "")


def _record(kind: str, file: File, key: str, value: Any, project: str) -> Item:
    if not isinstance(value, dict):
        line = file.text.count("\n", 0, max(file.text.find(json.dumps(key)), 0)) + 1
        raise InvalidData(
            f"{file.name}, line {line}: {kind} {key!r} is not an object", hint="repair the file"
        )
    known = _EPIC if kind == "epic" else _SPRINT
    given = {name: (name, value.get(name)) for name in known}
    rest = {name: v for name, v in value.items() if name not in (*known, *_KNOWN, "epic_id", "metadata")}
    rest |= value["metadata"] if isinstance(value.get("metadata"), dict) else {}
    if kind == "sprint":
        given["epic"] = ("epic_id", value.get("epic_id"))
        if value.get("status") in ("active", "completed") and not value.get("started_at"):
            # that it has begun is known, and when it was to begin
            given["started_at"] = ("start_date", value.get("start_date"))
        if not value.get("name"):
            given["name"] = ("name", key)
    elif not value.get("title"):
        given["title"] = ("title", key)
    return item(kind, file.name, key, given, rest, project=project)


def _tasks(place: str, session: Document, project: str) -> list[Item]:
    found: dict[str, Item] = {}
    for path in _TASKS:
        part: Any = session
        for name in path:
            part = part.get(name) if isinstance(part, dict) else None
        if isinstance(part, list):
            part = {str(one.get("id")): one for one in part if isinstance(one, dict) and one.get("id")}
        for key, value in part.items() if isinstance(part, dict) else ():
            if isinstance(value, dict):
                found[key] = _task(place, key, value, project)
    current = current_sprint(session)
    inside = (session.get("sprint") or {}).get("tasks") if isinstance(session.get("sprint"), dict) else None
    for key in inside if current and isinstance(inside, dict) else ():
        if key in found and "sprint" not in found[key].fields:
            found[key].fields["sprint"] = current
    return list(found.values())


def _task(place: str, key: str, value: Document, project: str) -> Item:
    given: dict[str, tuple[str, Any]] = {}
    taken = {*_KNOWN, "metadata", "blocker", "blockers"}
    for field, names in _NAMES.items():
        for name in names:
            if value.get(name) not in (None, "", [], {}):
                given[field] = (name, value[name])
                taken.add(name)
                break
    rest = {name: v for name, v in value.items() if name not in taken}
    rest |= value["metadata"] if isinstance(value.get("metadata"), dict) else {}
    column = str(given.get("column", ("", "todo"))[1])
    if column == "blocked":
        given["column"] = (given["column"][0], "in_progress" if value.get("started_at") else "todo")
        given.setdefault("blocked", ("status", _reason(value)))
    elif "blocked" in given:
        rest[given["blocked"][0]] = given.pop("blocked")[1]
    if isinstance(value.get("updated_at"), str):
        if column in ("completed", "done"):
            given.setdefault("completed_at", ("updated_at", value["updated_at"]))
        elif column in ("in_progress", "active", "review", "testing", "qa"):
            given.setdefault("started_at", ("updated_at", value["updated_at"]))
    given.setdefault("title", ("title", key))
    return item("task", f"{place}: {key}", key, given, rest, project=project)


def _reason(value: Document) -> str:
    for one in (
        value.get("blocker"),
        *(value["blockers"] if isinstance(value.get("blockers"), list) else ()),
    ):
        said = one.get("reason") or one.get("description") if isinstance(one, dict) else one
        if isinstance(said, str) and said.strip():
            return said
    return "not given"


def current_sprint(session: Mapping[str, Any]) -> str | None:
    """Return the id of the sprint that a session worked on."""
    sprint = session.get("sprint")
    current = sprint.get("current") if isinstance(sprint, dict) else None
    name = current.get("id") if isinstance(current, dict) else current
    return name if isinstance(name, str) and ids.problem(name) is None else None


def _current(place: str, session: Document, project: str) -> list[Item]:
    """Return the sprint a session worked on, should the project not know it."""
    name, current = current_sprint(session), (session.get("sprint") or {})
    if name is None or not isinstance(current.get("current"), dict):
        return []
    file = File(place, "")
    return [_record("sprint", file, name, current["current"], project)]
