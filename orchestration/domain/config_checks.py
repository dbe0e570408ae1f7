"""Checks of configuration: each setting, team, agent and workflow by the rule that a change to it has to pass."""

from collections.abc import Callable, Mapping
from typing import Any

from orchestration.domain import check_fields, fields, projects, values, workflows
from orchestration.domain.check_fields import place
from orchestration.domain.records import Document
from orchestration.store.findings import BY_REPAIR, Finding
from orchestration.store.layout import Key

SHARED_SECTIONS: Mapping[str, str] = {"teams": "team", "agents": "agents", "workflows": "workflows"}
"""The files of the store's configuration that hold named entries, and the section of a project's."""
SECTIONS = ("settings", "team", "agents", "workflows")
_DURABILITY = ("full", "fast")
_SETTINGS: Mapping[str, fields.Check] = {
    "durability": lambda field, value: values.choice(field, value, _DURABILITY),
    "lock_timeout": lambda field, value: values.number(field, value, low=0.001),
    "pack_limit": lambda field, value: values.integer(field, value, low=0),
}


def project(key: Key, record: Document) -> tuple[list[Finding], Document]:
    """Return what is wrong with a project's configuration, and it with everything put right that can be."""
    found: list[Finding] = []
    right = dict(record)
    if record.get("project_id") != key[1]:
        problem = f"is {record.get('project_id')!r}, but the project is {key[1]!r}"
        found.append(Finding("structure", "error", place(key, "project_id"), problem, BY_REPAIR))
        right["project_id"] = key[1]
    for section in dict.fromkeys((*projects.ORDER[1:], *SECTIONS)):
        content = record.get(section)
        if content is None:
            continue
        if not isinstance(content, Mapping):
            fix = f"make {section} an object, or take it out"
            found.append(Finding("structure", "error", place(key, section), "is not an object", fix))
        elif section in SECTIONS:
            right[section] = _section(key, section, content, found, f"{section}.")
    return found, right


def shared(key: Key, record: Document) -> tuple[list[Finding], Document]:
    """Return what is wrong with configuration that all projects share, and it put right."""
    found: list[Finding] = []
    if key[1] in SHARED_SECTIONS:
        return found, _section(key, SHARED_SECTIONS[key[1]], record, found, "")
    right = dict(record)
    if key[1] == "settings":
        for field, rule in _SETTINGS.items():
            if record.get(field) is not None:
                check_fields.check(key, field, record[field], rule, found, right)
    return found, right


def stored(section: str, name: str, value: Any) -> Any:
    """Return an entry of a section as a change to it stores it; InvalidData when it cannot."""
    if section == "workflows":
        return workflows.definition(f"workflows.{values.id_('workflow', name)}", value)
    made = projects.merge_config(None, "any", {section: {name: value}}, now="2026-01-01T00:00:00Z")
    return made[section].get(name, value)


def _section(
    key: Key, section: str, content: Mapping[str, Any], found: list[Finding], prefix: str
) -> Document:
    right = dict(content)

    def rule(name: str) -> Callable[[str, Any], Any]:
        return lambda _, value: stored(section, name, value)

    for name, value in content.items():
        if value is None:
            continue  # as good as not there
        entries: Document = {}
        check_fields.check(key, f"{prefix}{name}", value, rule(name), found, entries)
        if entries:
            right[name] = next(iter(entries.values()))
    return right
