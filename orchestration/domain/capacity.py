"""How much work agents hold: slots, and the tasks that use them.

A slot is one task at a time. An agent has as many as its `capacity` says, 1 unless given. Each task
assigned to it in todo, in_progress or review uses one, blocked ones included; containers of a split use
none. free = max(0, slots - used).
"""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from orchestration.domain import values
from orchestration.domain.records import Document
from orchestration.domain.task_fields import is_container
from orchestration.errors import NotFound

USING = ("todo", "in_progress", "review")
_NEAR, _LISTED = 3, 8


def using(agent: str, tasks: Mapping[str, Document], *, but: str | None = None) -> list[str]:
    """Return the ids of the tasks that use a slot of `agent`; `but` names one to leave out."""
    return [
        name
        for name, task in tasks.items()
        if task.get("assignee") == agent
        and task.get("column") in USING
        and name != but
        and not is_container(task)
    ]


def slots(agent: Mapping[str, Any] | None) -> int | float:
    """Return how many tasks an agent takes on at once."""
    given = (agent or {}).get("capacity")
    return 1 if given is None else given


def load(agents: Mapping[str, Document], tasks: Mapping[str, Document]) -> dict[str, Document]:
    """Return `{slots, used, free}` by agent."""
    used = dict.fromkeys(agents, 0)
    for task in tasks.values():
        name = task.get("assignee")
        if name in used and task.get("column") in USING and not is_container(task):
            used[name] += 1
    found = {}
    for name, record in agents.items():
        found[name] = {"slots": slots(record), "used": used[name]}
        found[name]["free"] = max(0, slots(record) - used[name])
    return found


def warning(
    agent: str, record: Mapping[str, Any] | None, task_id: str, tasks: Mapping[str, Document]
) -> str | None:
    """Return what to say when `agent` has no free slot for one more task, None when it has one."""
    held = using(agent, tasks, but=task_id)
    room = slots(record)
    if len(held) < room:
        return None
    names = ", ".join(held[:_LISTED]) + (", ..." if len(held) > _LISTED else "")
    return f"{agent} has no free slot: {len(held)} of {room} used" + (f" ({names})" if names else "")


def suggested(
    task: Mapping[str, Any],
    agents: Mapping[str, Document],
    tasks: Mapping[str, Document],
    own: Container[str] = (),
) -> str | None:
    """Return the agent to whom an unassigned task could be given, or None when nobody has a free slot.

    Of the task's team, when it names one; the project's `own` agents before those that all projects of
    the store share, then most free slots first, then by name.
    """
    team = task.get("team")
    free = {
        name: one["free"]
        for name, one in load(agents, tasks).items()
        if one["free"] > 0 and team in (None, agents[name].get("team"))
    }
    return min(free, key=lambda name: (name not in own, -free[name], name), default=None)


def unknown(agent: str, agents: Iterable[str]) -> NotFound:
    """Return the error for the name of an agent that the project does not know; it offers the nearest."""
    names = sorted(agents)
    near = values.nearest(agent, names, _NEAR)
    shown = ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
    return NotFound(
        f"no agent {agent!r} in this project",
        hint=f"did you mean {' or '.join(near)}?" if near else f"agents: {shown}",
    )
