"""A project's configuration: what it may hold, how it changes, and which values are defaults."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import fields, values, workdays, workflows
from orchestration.domain.records import (
    COLUMN_SYNONYMS,
    COLUMNS,
    DEFAULT_SETTINGS,
    TEAM_STATUSES,
    WEEKDAYS,
    Document,
)
from orchestration.errors import InvalidData, Refused
from orchestration.paths import merge_patch

ORDER = ("project_id", "settings", "team", "environments", "metadata")
PROJECT_WIDE = ("leads", "members")
_SYSTEM = ("project_id", "created_at")


def merge_config(
    config: Document | None, project_id: str, change: Mapping[str, Any], *, now: str
) -> Document:
    """Return the configuration with a JSON merge patch (RFC 7396) applied and every changed value checked.

    null deletes a key, so that its default holds again; only in `settings.wip_limits` a column's null
    stays and means "no limit". Unknown keys are kept. Refused for project_id and created_at.
    """
    before: Document = config or {
        "project_id": values.id_("project", project_id),
        "settings": {},
        "team": {},
        "environments": {},
        "metadata": {},
        "created_at": now,
    }
    for name in _SYSTEM:
        if name in change and change[name] != before.get(name):
            raise Refused(f"{name} of project {project_id!r} cannot be written", hint=f"leave out {name!r}")
    written = {key: value for key, value in change.items() if key not in _SYSTEM}
    after: Document = merge_patch({k: v for k, v in before.items() if k != "updated_at"}, written)
    for section in ORDER[1:]:
        # A deleted section is an empty one.
        content = after.setdefault(section, {})
        if not isinstance(content, Mapping):
            raise InvalidData(f"{section} is not an object", hint=f'use {{"{section}": {{...}}}}')
    after["settings"] = _settings(before.get("settings") or {}, after["settings"], change.get("settings"))
    after["team"] = _teams(after["team"], change.get("team"))
    if "agents" in written and "agents" in after:
        after["agents"] = _agents(after["agents"])
    if "workflows" in written and "workflows" in after:
        after["workflows"] = workflows.section("workflows", after["workflows"], written["workflows"])
    return _arranged(after)


def _settings(
    before: Mapping[str, Any], merged: Mapping[str, Any], change: Mapping[str, Any] | None
) -> Document:
    result = dict(merged)
    for name in change or {}:
        if name == "wip_limits" and change and change[name] is not None:
            # The patch would take a null for "delete"; for a limit it is a value.
            old = before.get(name)
            given = wip_limits("settings.wip_limits", change[name]) or {}
            result[name] = (dict(old) if isinstance(old, Mapping) else {}) | given
        elif name in result:
            result[name] = _setting(name, result[name])
    return result


def _setting(name: str, value: Any) -> Any:
    field = f"settings.{name}"
    if name == "timezone":
        text = values.text(field, value).strip()
        written = "UTC" if text.upper() == "UTC" else text
        workdays.zone(written)
        return written
    if name == "default_sprint_length":
        return values.integer(field, value, low=1, high=366)
    if name in ("velocity_target", "team_capacity"):
        return values.number(field, value, low=0)
    if name == "commit_moves":
        return values.boolean(field, value)
    if name in ("max_active_sprints", "claim_timeout"):
        return values.integer(field, value, low=1)
    if name == "working_days":
        days = {_weekday(field, item) for item in values.strings(field, value)}
        if not days:
            raise InvalidData(f"{field} is empty", hint='use some of "Mon" to "Sun"')
        return [day for day in WEEKDAYS if day in days]
    if name == "active_columns":
        found = [
            values.choice(field, item, COLUMNS, COLUMN_SYNONYMS) for item in values.strings(field, value)
        ]
        return list(dict.fromkeys(found))
    if name == "point_scale":
        return _scale(field, value)
    return value


def _weekday(field: str, value: str) -> str:
    return values.choice(field, value[:3] if value.lower().endswith("day") else value, WEEKDAYS)


def _scale(field: str, value: Any) -> list[int | float]:
    numbers = [values.number(field, item, low=0) for item in values.strings(field, value)]
    if not numbers or numbers != sorted(set(numbers)):
        raise InvalidData(f"{field} does not ascend", hint="use a list such as [1, 2, 3, 5, 8, 13]")
    return numbers


def wip_limits(field: str, value: Any) -> dict[str, int | None] | None:
    """Check limits by column: whole numbers >= 1, or null (or "off") for none; null as a whole is none."""
    if value is None:
        return None
    result: dict[str, int | None] = {}
    for name, limit in values.mapping(field, value).items():
        column = values.choice(f"{field} column", name, COLUMNS, COLUMN_SYNONYMS)
        off = limit is None or (isinstance(limit, str) and limit.strip().lower() in ("off", "none"))
        result[column] = None if off else values.integer(f"{field}.{column}", limit, low=1)
    return result


def _teams(merged: Mapping[str, Any], change: Mapping[str, Any] | None) -> Document:
    result = dict(merged)
    for name in change or {}:
        if name not in result:
            continue
        field = f"team.{name}"
        if name in PROJECT_WIDE:
            result[name] = agent_list(field, result[name])
        else:
            result[values.id_("team name", name)] = _team(field, result[name])
    return result


def _team(field: str, value: Any) -> Document:
    if not isinstance(value, Mapping):
        raise InvalidData(
            f"{field} is not an object",
            hint='use {"lead": "...", "members": ["..."]}, or the lists team.leads and team.members',
        )
    result = dict(value)
    for key, given in value.items():
        place = f"{field}.{key}"
        if key == "lead":
            found = agent_list(place, [given])
            result[key] = found[0] if found else None
        elif key in ("leads", "members"):
            result[key] = agent_list(place, given)
        elif key == "skills":
            result[key] = values.strings(place, given)
        elif key == "capacity":
            result[key] = values.number(place, given, low=0)
        elif key == "reserved":
            result[key] = values.number(place, given, low=0, high=100)
        elif key == "status":
            result[key] = values.choice(place, given, TEAM_STATUSES)
        elif key == "settings":
            result[key] = _team_settings(place, given)
    return result


def _team_settings(field: str, value: Any) -> Document:
    result = values.mapping(field, value)
    if "max_parallel" in result:
        result["max_parallel"] = values.integer(f"{field}.max_parallel", result["max_parallel"], low=1)
    if "require_review" in result:
        result["require_review"] = values.boolean(f"{field}.require_review", result["require_review"])
    return result


def _agents(value: Any) -> Document:
    result = {}
    for name, given in values.mapping("agents", value).items():
        field = f"agents.{values.id_('agent', name)}"
        record = values.mapping(field, given)
        if "team" in record:
            record["team"] = values.optional_id(f"{field}.team", record["team"])
        if "skills" in record:
            record["skills"] = values.strings(f"{field}.skills", record["skills"])
        if "capacity" in record:
            record["capacity"] = values.number(f"{field}.capacity", record["capacity"], low=0)
        result[name] = record
    return result


def agent_list(field: str, value: Any) -> list[str]:
    """Check a list of agents, in any of the forms of an agent's name; each is kept once."""
    names = []
    for item in values.strings(field, value):
        try:
            name = values.agent(item)
        except InvalidData as error:
            raise InvalidData(f"{field}: {error.message}", hint=error.hint) from None
        if name is not None:
            names.append(name)
    return list(dict.fromkeys(names))


def settings(config: Mapping[str, Any] | None) -> Document:
    """Return all settings of a project, the defaults filled in."""
    stored = _stored(config or {})
    result: Document = {name: _copied(value) for name, value in DEFAULT_SETTINGS.items()} | stored
    result["wip_limits"] = DEFAULT_SETTINGS["wip_limits"] | dict(stored.get("wip_limits") or {})
    return result


def _stored(config: Mapping[str, Any]) -> Document:
    return {name: value for name, value in (config.get("settings") or {}).items() if value is not None}


def with_defaults(config: Mapping[str, Any]) -> Document:
    """Return the configuration as shown: complete, with defaults where nothing is stored."""
    empty: Document = {section: {} for section in ORDER[2:]}
    return _arranged({**empty, **config, "settings": settings(config)})


def defaulted(config: Mapping[str, Any]) -> list[str]:
    """Return the paths of `with_defaults` whose values are defaults."""
    stored = _stored(config)
    paths = []
    for name in DEFAULT_SETTINGS:
        if name not in stored:
            paths.append(f"settings.{name}")
        elif name == "wip_limits":
            columns = [column for column in DEFAULT_SETTINGS[name] if column not in stored[name]]
            paths.extend(f"settings.wip_limits.{column}" for column in columns)
    return paths


def event_of(before: Document | None, after: Document) -> tuple[str, str]:
    """Return the event type and the commit subject that say how the configuration changed."""
    name = after["project_id"]
    if before is None:
        return "config_changed", fields.subject(f"config: create {name}")
    paths = []
    for section in fields.changed(before, after):
        old, new = before.get(section), after.get(section)
        inner = fields.changed(old, new) if isinstance(old, Mapping) and isinstance(new, Mapping) else []
        paths.extend([f"{section}.{key}" for key in inner] or [section])
    return "config_changed", fields.subject(f"config: {name} set {', '.join(paths)}")


def _arranged(config: Mapping[str, Any]) -> Document:
    known = [*ORDER, "created_at"]
    return {name: config[name] for name in known if name in config} | dict(config)


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, list) else value
