"""What people do with tasks on a board: move, assign, estimate and split them, and limit its columns.

Each returns what a front end shows, as plain JSON: `task`, the record as it is now; `counts`, the columns
it concerns, `{column, tasks, limit}` each; `said`, what was done in a line; `notes` and `warnings`, lines
that are worth reading.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration import ids
from orchestration.domain import (
    capacity,
    entry,
    fields,
    limits,
    projects,
    splitting,
    sprints,
    task_actions,
    task_fields,
    teams,
    values,
)
from orchestration.domain.project import Project
from orchestration.domain.records import COLUMN_SYNONYMS, COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.english import counted
from orchestration.errors import Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


class Acting(NamedTuple):
    """Who does something, in which session, and when."""

    session: str | None
    actor: str
    now: str


def move(
    tx: "Transaction", project: Project, task_id: str, column: str, acting: Acting, *, force: str | None,
    reopen: str | None,
) -> Document:  # fmt: skip
    """Move a task to a column; `force` and `reopen` are the reasons for what needs one."""
    to = values.choice("column", column, (*COLUMNS, "blocked"), COLUMN_SYNONYMS)
    if to == "blocked":
        raise Refused("blocked is not a column", hint=f"block it with `task block {task_id} REASON`")
    _, before = task_actions.required(tx, project, task_id)
    container = project.task(before["parent"]) if before.get("parent") else None
    after = task_actions.move(
        tx, project, task_id, to, reopen=reopen, reason=None, force=force, **acting._asdict()
    )
    notes = []
    if to == "in_progress" and after["assignee"] is None and before["column"] != to:
        own = teams.agents(project.config, {}, {})
        name = capacity.suggested(after, project.agents, project.tasks, own)
        free = f"; {name} has a free slot: `task assign {task_id} @{name}`" if name else ""
        notes.append(f"{task_id} is assigned to nobody{free}")
    if container is not None:
        state = (project.task(container["id"]) or container)["column"]
        if state != container["column"]:
            notes.append(f"{container['id']}, of which it is a part, is {state} with it")
    at = before["column"]
    said = f"{task_id} {at} -> {to}" if at != to else f"{task_id} is in {to} already"
    return _shown(project, after, said, notes=notes)


def assign(tx: "Transaction", project: Project, task_id: str, agent: str, acting: Acting) -> Document:
    """Assign a task to an agent, or to nobody; NotFound for an agent whom the project does not know.

    A project that names no agents takes every name.
    """
    name = values.agent(agent, "assignee")
    agents = project.agents
    if name is not None and agents and name not in agents:
        raise capacity.unknown(name, agents)
    _, before = task_actions.required(tx, project, task_id)
    after = task_actions.write(tx, project, task_id, {"assignee": name}, **acting._asdict())
    warnings = []
    if name is not None and not agents:
        warnings.append(f"project {project.id!r} names no agents, so {name} was not looked up")
    elif name is not None and (full := capacity.warning(name, agents[name], task_id, project.tasks)):
        warnings.append(full)
    held = before.get("claim")
    if held and not after["claim"]:
        warnings.append(f"the claim of {held.get('agent')} has ended")
    said = f"{task_id} is assigned to {name}" if name else f"{task_id} is assigned to nobody"
    return _shown(project, after, said, warnings=warnings)


def block(
    tx: "Transaction", project: Project, task_id: str, reason: str, acting: Acting, *, severity: str,
    on_task: str | None,
) -> Document:  # fmt: skip
    """Open a blocker on a task; it stays in its column and counts there."""
    after = task_actions.block(
        tx, project, task_id, reason=reason, severity=severity, on_task=on_task, **acting._asdict()
    )
    waiting = task_fields.open_blockers(after)
    newest = waiting[-1]
    on = f", waiting for {on_task}" if on_task else ""
    said = f"{task_id} is blocked by {newest['id']} ({newest['severity']}{on}): {newest['reason']}"
    notes = [f"{task_id} has {len(waiting)} open blockers"] if len(waiting) > 1 else []
    return _shown(project, after, said, notes=notes)


def unblock(
    tx: "Transaction",
    project: Project,
    task_id: str,
    acting: Acting,
    *,
    note: str | None,
    blocker: str | None,
) -> Document:
    """Close the open blockers of a task, or the one named."""
    _, before = task_actions.required(tx, project, task_id)
    waiting = [str(one["id"]) for one in task_fields.open_blockers(before)]
    after = task_actions.unblock(
        tx, project, task_id, note=note, blocker=blocker, session=acting.session, now=acting.now
    )
    left = task_fields.open_blockers(after)
    closed = ", ".join(name for name in waiting if name not in [one["id"] for one in left])
    said = f"{task_id} is {'still blocked' if left else 'back in ' + after['column']}; {closed} closed"
    return _shown(project, after, said)


def estimate(tx: "Transaction", project: Project, task_id: str, points: object, acting: Acting) -> Document:
    """Estimate a task in points, a number of 0 or more, or `none`; says how the scope of its sprint changes."""
    given = None if isinstance(points, str) and points.strip().lower() in ("none", "") else points
    number = None if given is None else values.number("points", given, low=0)
    _, before = task_actions.required(tx, project, task_id)
    after = task_actions.write(tx, project, task_id, {"points": number}, **acting._asdict())
    warnings = []
    scale = project.settings["point_scale"]
    if number is not None and number not in scale:
        warnings.append(f"{number} is not on the scale {', '.join(map(str, scale))}")
    notes = []
    sprint = project.sprints.get(after["sprint_id"]) if after["sprint_id"] else None
    change = (number or 0) - (before.get("points") or 0)
    if sprint is not None and sprint["status"] == "active" and change and after["column"] != "cancelled":
        mine = project.tasks_of(sprint["id"]).values()
        scope = sum(task.get("points") or 0 for task in mine if task["column"] != "cancelled")
        notes.append(
            f"scope of {sprint['id']}: {tidy(scope - change)} -> {counted(tidy(scope), 'point')}, "
            f"{tidy(sprint.get('committed_points') or 0)} committed"
        )
    said = f"{task_id} is estimated at {number}" if number is not None else f"{task_id} is not estimated"
    return _shown(project, after, said, notes=notes, warnings=warnings)


def split(
    tx: "Transaction", project: Project, task_id: str, words: Iterable[str], acting: Acting, *,
    force: str | None,
) -> Document:  # fmt: skip
    """Split a task into parts, whose titles semicolons separate; `children` of the result are the parts."""
    titles = splitting.titles(words)
    key, before = task_actions.required(tx, project, task_id)
    parts = splitting.parts(before, titles)
    names = task_actions.next_ids(tx, project, len(parts))
    # First, so that it no longer counts where its parts enter.
    after = splitting.container(before, names)
    task_actions.keep(tx, project, key, after)
    made = [
        task_actions.write(tx, project, name, fields_, force=force, **acting._asdict())
        for name, fields_ in zip(names, parts, strict=True)
    ]
    listed = ", ".join(names)
    tx.describe(
        "task_split", fields.subject(f"task: split {task_id} into {listed}"), session=acting.session,
        project=project.id, task=task_id, reason=force,
    )  # fmt: skip
    said = f"{task_id} is split into {listed}"
    return {**_shown(project, after, said, others=made), "children": [task_fields.view(one) for one in made]}


def depend(
    tx: "Transaction", project: Project, task_id: str, on: Iterable[str], acting: Acting, *, remove: bool
) -> Document:
    """Let a task depend on others, or with `remove` no longer; NotFound and Refused as in `dependencies`."""
    _, before = task_actions.required(tx, project, task_id)
    needs = list(before.get("depends_on") or [])
    # What is taken out may be the dangling name of a task that is gone.
    given = [ids.check(name, "task id") for name in on]
    after_needs = (
        [one for one in needs if one not in given] if remove else list(dict.fromkeys([*needs, *given]))
    )
    after = task_actions.write(tx, project, task_id, {"depends_on": after_needs}, **acting._asdict())
    idle = [name for name in given if (name in needs) is not remove]
    listed = ", ".join(after["depends_on"]) or "nothing"
    state = "does not depend" if remove else "depends already"
    notes = [f"{task_id} {state} on {', '.join(idle)}"] if idle else []
    return _shown(project, after, f"{task_id} depends on {listed}", notes=notes)


def limit(
    tx: "Transaction", project: Project, column: str, limit: object, acting: Acting, *, bound: str | None
) -> Document:
    """Set or take off the limit of a column of the current sprint, or of the project when there is none.

    `limit` is a whole number of 1 or more, or `off`.
    """
    given = projects.wip_limits("limit", {column: limit}) or {}
    name = next(iter(given))
    current = project.current(bound)
    if current is None:
        project.required()
        key: tuple[str, ...] = ("projects", project.id, "config")
        before = tx.edit(*key)
        after = projects.merge_config(before, project.id, {"settings": {"wip_limits": given}}, now=acting.now)
        op, subject = projects.event_of(before, after)
    else:
        key = ("projects", project.id, "sprints", current["id"])
        before = tx.edit(*key)
        after = sprints.update(before, {"wip_limits": given}, now=acting.now, config=project.config)
        op, subject = "state_set", f"sprint: {current['id']} limit {name} {given[name] or 'off'}"
    if after != before:
        tx.save(key, after)
        tx.describe(op, fields.subject(subject), session=acting.session, project=project.id)
    sprint_id = current["id"] if current else None
    found = limits.count(name, sprint_id, project.tasks, given)
    over = found["limit"] is not None and found["tasks"] > found["limit"]
    where = f"sprint {sprint_id}" if sprint_id else f"project {project.id}"
    set_to = found["limit"] if found["limit"] is not None else "off"
    return {
        "sprint": sprint_id,
        "counts": [found],
        "said": f"limit of {name} in {where}: {set_to}",
        "notes": [],
        "warnings": [f"{limits.said(found)} is over its limit already"] if over else [],
    }


def _shown(
    project: Project, task: Mapping[str, Any], said: str, *, notes: Iterable[str] = (),
    warnings: Iterable[str] = (), others: Iterable[Mapping[str, Any]] = (),
) -> Document:  # fmt: skip
    now = project.task(str(task["id"])) or task
    return {
        "task": task_fields.view(now),
        "counts": entry.counts(project, now, *others),
        "said": said,
        "notes": list(notes),
        "warnings": list(warnings),
    }
