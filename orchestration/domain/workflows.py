"""Workflows: named sequences of steps, and the runs of them.

A definition (name, type, description, steps with name and assignee) stands in the store's
`config/workflows.yaml`, for all projects, or under `workflows` in a project's configuration, which goes
first. A run is a record of its own, `projects/<project>/workflows/<id>.yaml`, with a copy of the steps:
what becomes of the definition later does not touch it. Its steps are done one after the other.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from orchestration import ids, paths
from orchestration.domain import fields, values
from orchestration.domain.records import WORKFLOW_STATUSES, WORKFLOW_TRANSITIONS, Document
from orchestration.errors import InvalidData, Refused

OPEN = ("pending", "running")
"""The statuses of a run that has not ended."""
_STEP = ("name", "status", "assignee", "started_at", "ended_at")


def _moment(field: str, value: Any) -> str | None:
    return None if value is None else values.time(field, value)


def _status(field: str, value: Any) -> str:
    return values.choice(field, value, WORKFLOW_STATUSES)


def _run_steps(field: str, value: Any) -> list[Document]:
    found = _steps(field, value)
    for number, step in enumerate(found):
        place = f"{field}[{number}]"
        step["status"] = _status(f"{place}.status", step.get("status") or "pending")
        for name in ("started_at", "ended_at"):
            step[name] = _moment(f"{place}.{name}", step.get(name))
    return [{name: step.get(name) for name in _STEP} | step for step in found]


SCHEMA = fields.Schema(
    kind="workflow",
    defaults={
        "id": None,
        "name": None,
        "type": None,
        "status": "pending",
        "steps": [],
        "current_step": None,
        "session_id": None,
        "created_at": None,
    },
    checks={
        "name": values.text,
        "type": values.optional_text,
        "status": _status,
        "steps": _run_steps,
        "current_step": values.optional_text,
        "session_id": fields.identifier,
        "created_at": _moment,
    },
    system=dict.fromkeys(("id", "status", "current_step", "created_at"), "use `orchestration workflow`"),
)
"""The fields of a run."""


# -- definitions


def definition(field: str, value: Any) -> Document:
    """Return a definition as it is stored; InvalidData, naming the place below `field`, when it cannot be.

    A step may be written as its name alone. Names of steps are unique; assignees take any form of a name.
    """
    result = values.mapping(field, value)
    for name in ("name", "type", "description"):
        if result.get(name) is not None:
            result[name] = values.text(f"{field}.{name}", result[name])
    if not result.get("steps"):
        raise InvalidData(f"{field}.steps is empty", hint='use [{"name": "Implement", "assignee": "ana"}]')
    return {**result, "steps": _steps(f"{field}.steps", result["steps"])}


def section(field: str, value: Any, written: Mapping[str, Any]) -> Document:
    """Return definitions by id as they are stored; InvalidData when one of those `written` cannot be."""
    found = values.mapping(field, value)
    for name in written:
        if name in found:
            found[values.id_("workflow", name)] = definition(f"{field}.{name}", found[name])
    return found


def _steps(field: str, value: Any) -> list[Document]:
    if not isinstance(value, list):
        raise InvalidData(
            f"{field} is not a list", hint='use [{"name": "Implement", "assignee": "ana"}, ...]'
        )
    found: list[Document] = []
    for number, given in enumerate(value):
        place = f"{field}[{number}]"
        step: Document = {"name": given} if isinstance(given, str) else values.mapping(place, given)
        step["name"] = values.text(f"{place}.name", step.get("name"))
        if "assignee" in step:
            step["assignee"] = values.agent(step["assignee"], f"{place}.assignee")
        found.append(step)
    for number, step in enumerate(found):
        if step["name"] in [one["name"] for one in found[:number]]:
            raise InvalidData(
                f"{field}[{number}].name {step['name']!r} stands twice", hint="give each step its own name"
            )
    return found


def definitions(config: Mapping[str, Any] | None, shared: Mapping[str, Any] | None) -> dict[str, Document]:
    """Return the definitions of a project by id: the store's, with the project's own in their place."""
    own = (config or {}).get("workflows")
    found = {**(shared or {}), **(own if isinstance(own, Mapping) else {})}
    return {name: dict(one) for name, one in found.items() if isinstance(one, Mapping)}


def assignees(workflow: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the place of each assignee of a step, such as `steps[1].assignee`, and the agent it names."""
    steps = workflow.get("steps")
    for number, step in enumerate(steps if isinstance(steps, list) else []):
        if isinstance(step, Mapping) and isinstance(step.get("assignee"), str):
            yield paths.format(("steps", number, "assignee")), step["assignee"]


# -- runs


def start(workflow: Mapping[str, Any], name: str, run_id: str, *, session: str | None, now: str) -> Document:
    """Return a new, running run of definition `name`, its first step begun."""
    checked = definition(f"workflows.{name}", workflow)
    steps = [
        {**step, "status": "pending", "assignee": step.get("assignee"), "started_at": None, "ended_at": None}
        for step in checked["steps"]
    ]
    made = fields.created(
        SCHEMA,
        {"id": ids.check(run_id, "workflow"), "created_at": now},
        {
            "name": checked.get("name") or name,
            "type": checked.get("type") or name,
            "steps": steps,
            "session_id": session,
        },
    )
    return _begin(_moved(made, "running"), 0, now)


def advance(run: Mapping[str, Any], *, now: str) -> Document:
    """Return a run with its present step done: the next one begins, after the last it is completed."""
    number = _present(run)
    after = _ended(run, number, "completed", now)
    return _begin(after, number + 1, now) if number + 1 < len(after["steps"]) else _moved(after, "completed")


def end(run: Mapping[str, Any], status: str, *, now: str) -> Document:
    """Return a run completed, failed or cancelled; Refused where the table forbids it.

    Completing takes every step as done. When it fails or is cancelled, so does its present step; those
    that were still to come are cancelled.
    """
    after = _moved(run, status)
    present = run.get("current_step")
    steps = []
    for step in after["steps"]:
        closing = status if status == "completed" or step["name"] == present else "cancelled"
        is_open = step.get("status", "pending") in OPEN
        steps.append({**step, "status": closing, "ended_at": now} if is_open else step)
    return {**after, "steps": steps, "current_step": None}


def _moved(run: Mapping[str, Any], status: str) -> Document:
    before = run["status"]
    if status == before:
        raise Refused(f"workflow {run['id']!r} is already {status}")
    if status not in WORKFLOW_TRANSITIONS[before]:
        may = ", ".join(WORKFLOW_TRANSITIONS[before])
        raise Refused(
            f"workflow {run['id']!r} is {before}; it cannot become {status}",
            hint=f"from here it may become {may}" if may else "it has ended: start another run",
        )
    ended = {"current_step": None} if status not in OPEN else {}
    return {**run, "status": status, **ended}


def _present(run: Mapping[str, Any]) -> int:
    if run["status"] != "running":
        raise Refused(
            f"workflow {run['id']!r} is {run['status']}: it has no present step", hint="start another run"
        )
    names = [step["name"] for step in run["steps"]]
    if run["current_step"] not in names:
        raise InvalidData(
            f"workflow {run['id']!r} has no step {run['current_step']!r}",
            hint="write one of its steps into current_step",
        )
    return names.index(run["current_step"])


def _begin(run: Mapping[str, Any], number: int, now: str) -> Document:
    steps = list(run["steps"])
    steps[number] = {**steps[number], "status": "running", "started_at": now}
    return {**run, "steps": steps, "current_step": steps[number]["name"]}


def _ended(run: Mapping[str, Any], number: int, status: str, now: str) -> Document:
    steps = list(run["steps"])
    steps[number] = {**steps[number], "status": status, "ended_at": now}
    return {**run, "steps": steps}


def event_of(before: Document | None, after: Document) -> tuple[str, str]:
    """Return the event type and the commit subject that say how a run changed."""
    name = after["id"]
    if before is None:
        said = f"start {name} ({after['name']})"
    elif before["status"] != after["status"]:
        said = f"{name} {before['status']} -> {after['status']}"
    else:
        said = f"{name} at {after['current_step']}"
    return "state_set", fields.subject(f"workflow: {said}")
