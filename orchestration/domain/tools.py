"""The tool registry: what agents, commands, hooks, workflows and libraries a store knows."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import fields, values
from orchestration.domain.records import TOOL_TYPES, Document
from orchestration.errors import InvalidData


def _names(field: str, value: Any) -> list[str]:
    return list(dict.fromkeys(values.strings(field, value)))


SCHEMA = fields.Schema(
    kind="tool",
    defaults={
        "name": None,
        "type": None,
        "version": "1.0.0",
        "description": None,
        "path": None,
        "dependencies": [],
        "config": {},
        "registered_at": None,
    },
    checks={
        "type": lambda field, value: values.choice(field, value, TOOL_TYPES),
        "version": values.text,
        "description": values.optional_text,
        "path": values.optional_text,
        "dependencies": _names,
        "config": fields.free_object,
    },
    system={
        "name": "a name never changes; register another tool",
        "registered_at": "it is set when the tool is first registered",
    },
)


def register(
    tool: Document | None,
    *,
    name: str,
    type: str | None = None,  # noqa: A002 - the field's name in the record and on the command line
    version: str | None = None,
    description: str | None = None,
    path: str | None = None,
    dependencies: Any = None,
    config: Any = None,
    now: str,
) -> Document:
    """Return the tool, new or with the given fields replaced; None leaves a field as it is.

    registered_at stays the time of the first registration. InvalidData for a new tool without a type.
    """
    offered = {
        "type": type,
        "version": version,
        "description": description,
        "path": path,
        "dependencies": dependencies,
        "config": config,
    }
    given = {field: value for field, value in offered.items() if value is not None}
    if tool is None:
        if "type" not in given:
            raise InvalidData(f"tool {name!r} has no type", hint=f"use one of {', '.join(TOOL_TYPES)}")
        return fields.created(SCHEMA, {"name": values.id_("tool", name), "registered_at": now}, given)
    # A configuration given again is the whole configuration: what it leaves out is gone.
    return fields.updated(SCHEMA, {**tool, "config": {}} if "config" in given else tool, given)


def update(tool: Document, given: Mapping[str, Any]) -> Document:
    """Return `tool` with `given` merged in, objects per key; Refused for its name and registered_at."""
    return fields.updated(SCHEMA, tool, given)


def event_of(before: Document | None, after: Document) -> tuple[str, str]:
    """Return the event type and the commit subject that say how the tool changed."""
    verb = "register" if before is None else "update"
    return "tool_registered", fields.subject(f"tool: {verb} {after['name']} ({after['type']})")
