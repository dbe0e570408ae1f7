"""From a path that a session sees to the record that a write has to change."""

from typing import NamedTuple

from orchestration import ids
from orchestration.domain.mounts import ALIASES, MOUNTS, RESERVED, SPRINT_CONFIG
from orchestration.domain.project import Project
from orchestration.errors import NotFound, Refused

Path = tuple[str, ...]

_COMPUTED_SPRINT = ("blockers", "burndown")
_REPORTED = "metrics are computed; what is written is kept under sprint.metrics.reported"


class Target(NamedTuple):
    """Where a path leads: a kind of record, its name, and the path inside the record."""

    kind: str
    """own (a file of the session), task, sprint, epic, tool or config."""
    name: str
    inner: Path
    sprint_id: str | None = None
    """Set for a task reached through the current sprint."""
    notice: str | None = None
    """What the writer should know about where it goes."""


def find(words: Path, project: Project | None, *, bound: str | None) -> Target:
    """Return the target of a path in a session of `project` that is bound to the sprint `bound`.

    Raises Refused for what is computed, NotFound where there is no current sprint to write to.
    """
    first, rest = words[0], words[1:]
    if words[:2] == ("observability", "events"):
        raise Refused("events are commits", hint="`merge` a JSON array into observability.events")
    if project is None:
        if first in RESERVED or ids.problem(first):
            raise Refused(f"{first!r} cannot name a part of a session", hint="use another name")
        return Target("own", first, rest)
    if first in ("task", "tasks"):
        return _task(rest)
    if words[:2] == ("execution", "tasks"):
        return _task(rest[1:])
    if first == "sprint":
        return _sprint(rest, project, bound)
    if first in ("sprints", "epics", "tools"):
        if not rest:
            raise Refused(f"{first!r} is computed from its records", hint=f"name one: {first}.ID")
        return Target(first.removesuffix("s"), ids.check(rest[0]), rest[1:])
    if first in ("config", "project"):
        return Target("config", project.id, rest)
    if first in ("team", "teams", "agents"):
        return Target("config", project.id, ("team" if first == "teams" else first, *rest))
    if first in (*RESERVED, *ALIASES, *MOUNTS) or ids.problem(first):
        raise Refused(f"{first!r} cannot be written", hint="name one of its parts, or another name")
    return Target("own", first, rest)


def is_all_tasks(words: Path) -> bool:
    """Say whether a path names all tasks at once."""
    return words in (("task",), ("tasks",), ("execution", "tasks"), ("sprint", "tasks"))


def _task(rest: Path, sprint_id: str | None = None) -> Target:
    if not rest:
        raise Refused("the tasks are records of their own", hint="name one: tasks.TASK-1")
    return Target("task", ids.check(rest[0], "task id"), rest[1:], sprint_id)


def _sprint(rest: Path, project: Project, bound: str | None) -> Target:
    part = rest[0] if rest else ""
    if not part or part in _COMPUTED_SPRINT:
        where = f"sprint.{part}" if part else "sprint"
        raise Refused(f"{where} is computed", hint="write a field of sprint.current")
    current = project.current(bound)
    if current is None:
        raise NotFound(
            f"project {project.id!r} has no current sprint", hint="`shared_state create-sprint` makes one"
        )
    name = current["id"]
    if part == "tasks":
        return _task(rest[1:], name)
    if part == "current":
        return Target("sprint", name, rest[1:])
    if part == "metrics":
        inner = rest[2:] if rest[1:2] == ("reported",) else rest[1:]
        return Target("sprint", name, ("reported", *inner), notice=_REPORTED)
    if part == "config":
        if len(rest) > 1 and rest[1] not in SPRINT_CONFIG:
            raise Refused(f"sprint.config has no {rest[1]!r}", hint=f"fields: {', '.join(SPRINT_CONFIG)}")
        return Target("sprint", name, rest[1:])
    return Target("sprint", name, rest)
