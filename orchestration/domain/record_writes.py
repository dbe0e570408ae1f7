"""What a write through a path makes of a record of the project that has fields: epic, sprint, tool, configuration."""

from collections.abc import Mapping
from typing import Any

from orchestration import ids
from orchestration.domain import epics, projects, sprints, tools
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.targets import Target
from orchestration.errors import InvalidData, NotFound
from orchestration.store.snapshot import Snapshot


def changed(
    reader: Snapshot, project: Project, target: Target, before: Document | None, given: Document,
    dropped: str | None, *, removed: bool, now: str,
) -> tuple[Any, Document]:  # fmt: skip
    """Return the rules of a kind of record, and the record as it is to be, checked by them.

    `given` are the fields to change, `dropped` is emptied first, so that objects replace. NotFound for a sprint
    that does not exist; other records are made.
    """
    rules: Any = {"epic": epics, "sprint": sprints, "tool": tools, "config": projects}[target.kind]
    if target.kind == "config":
        patch: Document = {target.inner[0]: None} if removed and target.inner else given
        emptied = before
        if dropped is not None and not removed and before is not None:
            emptied = {name: value for name, value in before.items() if name != dropped}
        return rules, projects.merge_config(emptied, project.id, patch, now=now)
    if before is None:
        if target.kind == "sprint":
            raise NotFound(f"no sprint {target.name!r}", hint="`shared_state create-sprint` makes one")
        folder = ("tools",) if target.kind == "tool" else ("projects", project.id, f"{target.kind}s")
        ids.check_new(target.name, reader.names(*folder), target.kind)
        if target.kind == "epic":
            return rules, epics.new(target.name, given, now=now)
        return rules, tools.register(None, name=target.name, now=now, **_tool_fields(given))
    if removed:
        return rules, rules.unset(before, target.inner[0])
    base = rules.unset(before, dropped) if dropped is not None else before
    extra = {"config": project.config} if target.kind == "sprint" else {}
    return rules, rules.update(base, given, **({} if target.kind == "tool" else {"now": now}), **extra)


def _tool_fields(given: Mapping[str, Any]) -> Document:
    known = ("type", "version", "description", "path", "dependencies", "config")
    unknown = [name for name in given if name not in known]
    if unknown:
        raise InvalidData(f"a tool has no field {unknown[0]!r}", hint=f"fields: {', '.join(known)}")
    return dict(given)
