"""Teams at work: a session activates a team, with what it is to look at and a share of it that is kept free.

The activation stands in the session's `execution.teams.<name>`. A team is active while a live session
activates it; so it is no longer when that session ends or its lease runs out, without any write.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import capacity, config_overview, fields, sessions, values
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, WORK_COLUMNS, Document
from orchestration.domain.task_fields import open_blockers
from orchestration.errors import InactiveSession, NotFound, Refused
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

Sessions = Mapping[str, Document]
_ROW = ("session", "activated_at", "focus", "reserved")


# -- which teams are active


def active(reader: Snapshot, records: Sessions, *, project_id: str, now: str) -> dict[str, list[Document]]:
    """Return the activations of live sessions by team: session, activated_at, focus, reserved (percent).

    `records` are the sessions' own records by id.
    """
    found: dict[str, list[Document]] = {}
    for session_id, record in records.items():
        if record.get("project") != project_id or sessions.effective_status(record, now) != "active":
            continue
        execution = reader.load("sessions", session_id, "execution") or {}
        for team, one in activations(execution).items():
            row = {"session": session_id, **one}
            found.setdefault(team, []).append({name: row.get(name) for name in _ROW})
    return {team: sorted(rows, key=lambda row: str(row["activated_at"])) for team, rows in found.items()}


def activations(execution: Mapping[str, Any]) -> dict[str, Document]:
    """Return the activations that a session's execution holds, by team."""
    teams = execution.get("teams")
    return {
        name: dict(one)
        for name, one in (teams.items() if isinstance(teams, Mapping) else ())
        if isinstance(one, Mapping)
    }


# -- pure rules


def activated(
    execution: Mapping[str, Any], team: str, *, focus: str | None, share: Any, change: bool, now: str
) -> Document:
    """Return an execution with a team active; Refused when it is already and nothing is to `change`.

    `share` is the part of the team, 1 to 100 percent, that works on this; what is left is reserved. A
    change keeps what it does not name, and since when the team is active.
    """
    before = activations(execution).get(team)
    if before is not None and not change:
        said = f" with focus {before['focus']!r}" if before.get("focus") else ""
        raise Refused(
            f"team {team!r} is active already, since {before.get('activated_at')}{said}",
            hint="`team activate` with --change gives it another focus or capacity",
        )
    if before is None and change:
        raise Refused(f"team {team!r} is not active", hint="leave out --change")
    free = None if share is None else 100 - values.number("capacity", share, low=1, high=100)
    kept = before or {"activated_at": now, "focus": None, "reserved": 0}
    after = {
        "activated_at": kept.get("activated_at"),
        "focus": kept.get("focus") if focus is None else values.optional_text("focus", focus) or None,
        "reserved": kept.get("reserved") if free is None else free,
    }
    return {**execution, "teams": {**activations(execution), team: after}}


def deactivated(execution: Mapping[str, Any], team: str) -> Document:
    """Return an execution with a team no longer active; the same when it was not."""
    left = {name: one for name, one in activations(execution).items() if name != team}
    rest = {name: value for name, value in execution.items() if name != "teams"}
    return {**rest, "teams": left} if left else rest


# -- in a transaction


def activate(
    tx: "Transaction", project: Project, session_id: str, given: str, *, focus: str | None = None,
    share: Any = None, change: bool = False, now: str,
) -> Document:  # fmt: skip
    """Activate a team for a session and return the activation; NotFound for a team that is not there."""
    team = named(project, given)
    _check_live(tx, session_id, now)
    before = tx.edit("sessions", session_id, "execution") or {}
    after = activated(before, team, focus=focus, share=share, change=change, now=now)
    found = activations(after)[team]
    if after != before:
        tx.save(("sessions", session_id, "execution"), after)
        said = f"team: {'change' if change else 'activate'} {team}"
        said += f" ({found['focus']})" if found["focus"] else ""
        tx.describe("team_activated", fields.subject(said), session=session_id, project=project.id)
    return found


def deactivate(tx: "Transaction", project: Project, session_id: str, given: str, *, now: str) -> bool:
    """End a session's activation of a team; False when it had none."""
    ids.check(given, "team")
    _check_live(tx, session_id, now)
    before = tx.edit("sessions", session_id, "execution") or {}
    after = deactivated(before, given)
    if activations(after) == activations(before):
        named(project, given)  # one that is not there at all is a slip of the pen
        return False
    tx.save(("sessions", session_id, "execution"), after)
    tx.describe(
        "team_deactivated", fields.subject(f"team: deactivate {given}"), session=session_id,
        project=project.id,
    )  # fmt: skip
    return True


def named(project: Project, given: str) -> str:
    """Return the name of the team meant; NotFound with the nearest names when there is none."""
    team = given.removeprefix("@")
    if team not in project.teams:
        near = values.nearest(team, project.teams)
        hint = (
            f"did you mean {' or '.join(near)}?" if near else f"teams: {', '.join(project.teams) or 'none'}"
        )
        raise NotFound(f"no team {team!r} in project {project.id!r}", hint=hint)
    return team


def _check_live(tx: "Transaction", session_id: str, now: str) -> None:
    record = tx.load("sessions", session_id, "session")
    status = sessions.effective_status(record, now) if record else "retired"
    if status != "active":
        raise InactiveSession(
            f"session {session_id} is {status}", hint=f"`session_manager recover {session_id}`"
        )


# -- what there is to know of a team before it is activated


def facts(project: Project, given: str, current: Mapping[str, list[Document]]) -> Document:
    """Return a team's lead, members with load, slots, and the open and blocked tasks that are its own.

    `current` are the activations as of `active`. Tasks are those of its members, and unassigned ones that
    name the team.
    """
    name = named(project, given)
    shown = config_overview.team(project, name, current)
    team = project.teams[name]
    mine = [
        task
        for task in project.tasks.values()
        if task["column"] not in CLOSED_COLUMNS
        and (task["assignee"] in team["members"] if task.get("assignee") else task.get("team") == name)
    ]
    mine.sort(key=lambda task: (task["priority"], task["created_at"], task["id"]))
    return {
        "team": name,
        **{key: shown[key] for key in ("lead", "members", "skills", "slots", "used", "free")},
        "activations": shown["activations"],
        "open": [_task(task) for task in mine],
        "working": sum(task["column"] in WORK_COLUMNS for task in mine),
        "blocked": [_task(task) for task in mine if open_blockers(task)],
        "overloaded": sorted(
            agent for agent, one in capacity.load(project.agents, project.tasks).items()
            if agent in team["members"] and one["used"] > one["slots"]
        ),
    }  # fmt: skip


def _task(task: Mapping[str, Any]) -> Document:
    waiting = open_blockers(task)
    return {
        **{name: task.get(name) for name in ("id", "title", "column", "priority", "assignee")},
        "blocker": waiting[-1].get("reason") if waiting else None,
    }
