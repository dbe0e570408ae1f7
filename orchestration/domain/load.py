"""Who has how much to do: slots, what fills them, how busy they are, and which team did how much.

A slot is room for one task at a time; an agent has as many as its `capacity` says, 1 unless given. Used
are assigned tasks in todo, in_progress and review, blocked ones included.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from orchestration.domain import flow, workdays
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, WORK_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.task_fields import is_container, open_blockers
from orchestration.domain.teams import DEFAULT_TEAM, prefix_team

FILLING = ("todo", *WORK_COLUMNS)
UNASSIGNED = "unassigned"
_COUNTED = ("slots", "used", "wip", "open", "blocked")


def load(project: Project) -> Document:
    """Return slots, load and utilisation of a project, of each of its teams, and of each agent.

        {slots, used, free, wip, open, blocked, utilisation, unassigned: [task ids],
         teams:  [{name, lead, status, members, slots, used, free, wip, open, blocked, utilisation}],
         agents: [{id, team, known, slots, used, free, wip, open, blocked, utilisation, tasks: [ids]}]}

    `wip` counts tasks in progress and review, `open` all that are neither done nor cancelled; utilisation
    is wip / slots, null without slots. An agent that only tasks name has one slot and is not `known`.
    `unassigned` are tasks nobody has, from todo on.
    """
    agents = {name: _agent(name, record, known=True) for name, record in project.agents.items()}
    unassigned = []
    for task_id, task in project.tasks.items():
        name, column = task.get("assignee"), task["column"]
        if column in CLOSED_COLUMNS or is_container(task):
            continue
        if not name:
            if column in FILLING:
                unassigned.append(task_id)
            continue
        row = agents.get(name)
        if row is None:
            row = agents[name] = _agent(name, {"team": prefix_team(name, project.teams)}, known=False)
        row["open"] += 1
        row["blocked"] += bool(open_blockers(task))
        row["used"] += column in FILLING
        row["wip"] += column in WORK_COLUMNS
        row["tasks"].append(task_id)
    teams = [_team(name, team, agents.values()) for name, team in project.teams.items()]
    placed = {team["name"] for team in teams}
    strays = [row for row in agents.values() if row["team"] not in placed]
    for name in sorted({row["team"] for row in strays}):
        slots = sum(row["slots"] for row in strays if row["team"] == name)
        members = [row["id"] for row in strays if row["team"] == name]
        teams.append(_team(name, {"members": members, "capacity": slots}, strays))
    for row in agents.values():
        _measure(row)
    whole = {field: sum(team[field] for team in teams) for field in _COUNTED}
    _measure(whole)
    return {**whole, "unassigned": unassigned, "teams": teams, "agents": list(agents.values())}


def _agent(name: str, record: Mapping[str, Any], *, known: bool) -> Document:
    slots = record.get("capacity")
    return {
        "id": name,
        "team": record.get("team") or DEFAULT_TEAM,
        "known": known,
        **dict.fromkeys(_COUNTED, 0),
        "slots": 1 if slots is None else slots,
        "tasks": [],
    }


def _team(name: str, team: Mapping[str, Any], agents: Iterable[Document]) -> Document:
    mine = [row for row in agents if row["team"] == name]
    row = {
        "name": name,
        "lead": team.get("lead"),
        "status": team.get("status") or "inactive",
        "members": list(team["members"]),
        **{field: sum(agent[field] for agent in mine) for field in _COUNTED},
    }
    row["slots"] = team["capacity"] if team.get("capacity") is not None else row["slots"]
    # Who works for a team without being listed in it brings a slot along.
    row["slots"] += sum(agent["slots"] for agent in mine if agent["id"] not in row["members"])
    _measure(row)
    return row


def _measure(row: Document) -> None:
    row["free"] = tidy(max(0, row["slots"] - row["used"]))
    row["utilisation"] = tidy(row["wip"] / row["slots"]) if row["slots"] else None


def utilisation(
    lives: flow.Lives, slots: float, cal: workdays.Calendar, *, start: datetime, end: datetime
) -> float | None:
    """Return the busy slot-time between two moments / (slots x working time); None without either.

    A slot is busy while a task stands in progress or review on a working day. More tasks than slots make
    it more than 1.
    """
    time = workdays.elapsed(cal, start, end)
    if not time or not slots:
        return None
    passed = workdays.clock(cal, start, end)
    busy = sum(
        passed(until) - passed(since)
        for life in lives.values()
        for since, until in flow.intervals(life, WORK_COLUMNS, start, end)
    )
    return tidy(busy / (slots * time))


def distribution(tasks: Iterable[Document], agents: Mapping[str, Document]) -> list[Document]:
    """Return each team's share of the points that are done or in progress, the largest first.

    A task belongs to its own team, else to its assignee's. Where no such task has points, the shares are
    of tasks.
    """
    rows: dict[str, Document] = {}
    for task in tasks:
        if task["column"] != "done" and task["column"] not in WORK_COLUMNS:
            continue
        name = team_of(task, agents)
        row = rows.setdefault(name, {"team": name, "points": 0, "tasks": 0})
        row["points"] += task.get("points") or 0
        row["tasks"] += 1
    measure = "points" if any(row["points"] for row in rows.values()) else "tasks"
    total = sum(row[measure] for row in rows.values())
    found = [
        {**row, "points": tidy(row["points"]), "share": tidy(row[measure] / total)} for row in rows.values()
    ]
    return sorted(found, key=lambda row: (-row["share"], row["team"]))


def team_of(task: Mapping[str, Any], agents: Mapping[str, Document]) -> str:
    """Return the team that a task counts for, `unassigned` when it has neither team nor assignee."""
    if task.get("team"):
        return str(task["team"])
    if not task.get("assignee"):
        return UNASSIGNED
    return str((agents.get(task["assignee"]) or {}).get("team") or DEFAULT_TEAM)


def balance(agents: Iterable[Mapping[str, Any]]) -> float | None:
    """Return the share of assigned work that waits on nobody while another has a free slot.

    1 is balanced; each task beyond its agent's slots that a free slot elsewhere could take lowers it. None
    with fewer than 2 agents or without assigned work.
    """
    rows = list(agents)
    used = sum(row["used"] for row in rows)
    if len(rows) < 2 or not used:
        return None
    beyond = sum(max(0, row["used"] - row["slots"]) for row in rows)
    free = sum(max(0, row["slots"] - row["used"]) for row in rows)
    return float(1 - min(beyond, free) / used)
