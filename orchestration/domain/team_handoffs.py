"""Handing work from team to team: requested, then accepted, deferred or rejected by the receiver.

Records go in and new ones come out. A handoff is open until it is completed or rejected, and waits for an
answer while it is pending or deferred. What is attached to it moves to the receiver when it accepts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.domain import fields, values
from orchestration.domain.records import CLOSED_COLUMNS, WORK_COLUMNS, Document
from orchestration.domain.task_fields import stored
from orchestration.errors import Refused

TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "pending_acceptance": ("accepted", "deferred", "rejected"),
    "deferred": ("pending_acceptance",),
    "accepted": ("in_progress",),
    "in_progress": ("completed",),
    "completed": (),
    "rejected": (),
}
STATUSES = tuple(TRANSITIONS)
WAITING = ("pending_acceptance", "deferred")
CLOSED = ("completed", "rejected")
LOAD_COLUMNS = ("todo", *WORK_COLUMNS)
COMMANDS: Mapping[str, str] = {
    "accepted": "accept-handoff",
    "deferred": "defer-handoff",
    "rejected": "reject-handoff",
    "pending_acceptance": "resume-handoff",
    "in_progress": "start-handoff",
    "completed": "complete-handoff",
}
"""The command that takes a handoff to each status."""
_OPS = {
    "accepted": "team_handoff_accepted",
    "deferred": "team_handoff_deferred",
    "rejected": "team_handoff_rejected",
    "pending_acceptance": "team_handoff_resumed",
    "in_progress": "team_handoff_started",
    "completed": "team_handoff_completed",
}
_NEEDS_REASON = ("deferred", "rejected")

Records = Mapping[str, Document]


def new(
    handoff_id: str,
    source: str,
    target: str,
    *,
    text: str | None,
    tasks: Iterable[str] = (),
    artifacts: Iterable[str] = (),
    criteria: Iterable[str] = (),
    load: Document | None = None,
    others: Records,
    now: str,
) -> Document:
    """Return a handoff that waits for its receiver; `load` is kept under `data.receiver_load`.

    `others` are the project's handoffs by id. Refused for one team, for nothing to hand over, for a task that
    waits in another handoff, and where waiting handoffs would go in a circle.
    """
    if source == target:
        raise Refused(f"team {source!r} cannot hand over to itself", hint="name another team")
    said = (values.optional_text("text", text) or "").strip() or None
    attached, paths = list(dict.fromkeys(tasks)), list(dict.fromkeys(artifacts))
    if not (said or attached or paths):
        raise Refused("nothing is handed over", hint="say what in a text, or with --task or --artifacts")
    waiting = {name: one for name, one in others.items() if one.get("status") in WAITING}
    for name, one in waiting.items():
        twice = [task for task in attached if task in (one.get("tasks") or [])]
        if twice:
            raise Refused(
                f"{', '.join(twice)} waits in {name} already",
                hint=f"answer that first: `{COMMANDS['accepted']} {name}` or `{COMMANDS['rejected']} {name}`",
            )
    _check_circle(source, target, waiting)
    return {
        "id": values.id_("handoff id", handoff_id),
        "kind": "team",
        "from": source,
        "to": target,
        "text": said,
        "data": {} if load is None else {"receiver_load": dict(load)},
        "tasks": attached,
        "artifacts": paths,
        "criteria": [one.strip() for one in criteria if one.strip()],
        "status": "pending_acceptance",
        "created_at": values.time("created_at", now),
        "decided_at": None,
        "reason": None,
    }


def _check_circle(source: str, target: str, waiting: Records) -> None:
    """Refuse a handoff by which teams would wait for each other's answers in a circle."""
    ways: dict[str, list[tuple[str, str]]] = {target: []}
    ahead = [target]
    while ahead:
        team = ahead.pop()
        if team == source:
            names = [name for name, _ in ways[team]]
            circle = " -> ".join([source, target, *(to for _, to in ways[team])])
            raise Refused(
                f"the handoffs {', '.join(names)} and this one would go in a circle: {circle}",
                hint=f"answer {names[0]} first: `{COMMANDS['accepted']} {names[0]}` "
                f"or `{COMMANDS['rejected']} {names[0]}`",
            )
        for name, one in waiting.items():
            if one.get("from") == team and one.get("to") not in ways:
                ways[str(one["to"])] = [*ways[team], (name, str(one["to"]))]
                ahead.append(str(one["to"]))


def step(handoff: Mapping[str, Any], status: str, *, reason: str | None = None, now: str) -> Document:
    """Return the handoff in another status; Refused for a step that is not allowed or lacks its reason."""
    before, name = str(handoff.get("status")), str(handoff["id"])
    if status == before:
        raise Refused(f"{name} is {status} already")
    allowed = TRANSITIONS.get(before, STATUSES)
    if status not in allowed:
        ways = " or ".join(f"`{COMMANDS[one]} {name}`" for one in allowed)
        raise Refused(
            f"{name} is {before}; it cannot become {status}",
            hint=f"possible now: {ways}" if ways else "request another one with `team-handoff`",
        )
    said = (values.optional_text("reason", reason) or "").strip() or None
    if said is None and status in _NEEDS_REASON:
        raise Refused(f"{name} needs a reason to be {status}", hint=f"`{COMMANDS[status]} {name} REASON`")
    result = {**handoff, "status": status, "reason": said}
    if status in ("accepted", "deferred", "rejected"):
        result["decided_at"] = values.time("now", now)
    elif status == "pending_acceptance":
        result["decided_at"] = None
    else:
        result["reason"] = said or handoff.get("reason")
    return result


def received(task: Mapping[str, Any], team: str, members: Iterable[str]) -> Document:
    """Return a task as the receiving team gets it; a done or cancelled one stays as it is.

    Its claim ends, and so does the assignment to somebody who is not in the team.
    """
    if task.get("column") in CLOSED_COLUMNS:
        return dict(task)
    result = stored(task)
    result["team"] = team
    result["claim"] = None
    if result["assignee"] not in set(members):
        result["assignee"] = None
    kept: Document = result
    return dict(task) if kept == stored(task) else kept


def load(name: str, team: Mapping[str, Any], tasks: Records, attached: Iterable[str]) -> Document:
    """Return {slots, before, after}: the receiver's tasks in todo, in_progress and review, blocked included.

    `after` counts the attached tasks too, as far as they are in these columns.
    """
    members, names = set(team["members"]), set(attached)
    before = after = 0
    for task_id, task in tasks.items():
        if task.get("column") not in LOAD_COLUMNS:
            continue
        assignee = task.get("assignee")
        mine = assignee in members if assignee else task.get("team") == name
        before += mine
        after += mine or task_id in names
    return {"slots": team["capacity"], "before": before, "after": after}


def event_of(before: Document | None, after: Document) -> tuple[str, str]:
    """Return the event type and the commit subject that say how a handoff changed."""
    name, way = after["id"], f"{after['from']} -> {after['to']}"
    if before is None:
        said = f": {after['text']}" if after["text"] else ""
        return "team_handoff_requested", fields.subject(f"handoff: {name} {way}{said}")
    status = after["status"]
    said = f": {after['reason']}" if after["reason"] and status in _NEEDS_REASON else ""
    return _OPS[status], fields.subject(f"handoff: {name} {way} {status}{said}")
