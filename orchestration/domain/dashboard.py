"""The dashboard of a project: its sprint in a line, its teams and agents, alerts, handoffs and events."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.domain import agent_status, alerts, board, flow, handoff_actions, load, metrics, status
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.samples import tidy
from orchestration.errors import NotFound

EVENTS_SHOWN, HANDOFFS_SHOWN = 8, 5
HIGH, FULL = 0.7, 0.9
Active = Mapping[str, Sequence[Document]]
"""The activations of each team that is active, oldest first."""


def load_word(utilisation: float | None, used: int) -> str:
    """Return idle with nothing to do, ok below 70 %, high to 90 %, full to 100 %, over above."""
    if not used:
        return "idle"
    if utilisation is None or utilisation > 1:
        return "over"
    return "ok" if utilisation < HIGH else "high" if utilisation <= FULL else "full"


def teams(
    project: Project, name: str | None, *, activity: Mapping[str, str], active: Active | None = None
) -> Document:
    """Return the load of the teams, or of one, with their agents: `load.load`, and the word for each load.

    `activity` says when each agent last made a commit. Agents have as well the status, the last sign of
    life and the `current` tasks of `agent_status.rows`. With `active` (`team_actions.active`) a team that a
    live session activates is active, with the focus of the newest. NotFound for an unknown team.
    """
    found = load.load(project)
    known = [one["name"] for one in found["teams"]]
    if name is not None and name not in known:
        raise NotFound(
            f"no team {name!r} in project {project.id!r}",
            hint=f"its teams: {', '.join(known)}" if known else "`shared_state set-config` makes them",
        )
    people = _agents(project, found["agents"], activity)
    shown = []
    for one in found["teams"]:
        if name in (None, one["name"]):
            record = project.teams.get(one["name"]) or {}
            mine = [agent for agent in people if agent["team"] == one["name"]]
            facts = {"focus": record.get("focus"), "skills": record.get("skills") or []}
            if at_work := (active or {}).get(one["name"]):
                facts |= {"status": "active", "focus": at_work[-1]["focus"] or facts["focus"]}
            shown.append({**one, **facts, "load": load_word(one["utilisation"], one["used"]), "agents": mine})
    whole = {key: found[key] for key in ("slots", "used", "free", "wip", "open", "blocked", "utilisation")}
    word = load_word(found["utilisation"], found["used"])
    return {"project": project.id, **whole, "load": word, "unassigned": found["unassigned"], "teams": shown}


def _agents(project: Project, loads: Sequence[Document], activity: Mapping[str, str]) -> list[Document]:
    known = {row["id"]: row for row in agent_status.rows(project, activity)}
    # one that only its backlog names
    nothing: Document = {"status": "offline", "tasks": [], "last_active": None}
    rows = []
    for one in loads:
        state = known.get(one["id"], nothing)
        rows.append(
            {
                **one,
                "role": (project.agents.get(one["id"]) or {}).get("role"),
                "load": load_word(one["utilisation"], one["used"]),
                "status": state["status"],
                "current": [
                    {"id": name, "title": project.tasks[name].get("title") or name} for name in state["tasks"]
                ],
                "last_active": state["last_active"],
                "seen_hours": board.hours_since(state["last_active"], project.now),
            }
        )
    return sorted(rows, key=lambda row: (agent_status.STATUSES.index(row["status"]), row["id"]))


def dashboard(
    project: Project,
    lives: flow.Lives,
    *,
    sessions: Sequence[Mapping[str, Any]],
    activity: Mapping[str, str],
    events: Sequence[Document],
    active: Active | None = None,
    bound: str | None = None,
) -> Document:
    """Return {project, sprint, teams, agents, alerts, sessions, handoffs, events} of a project.

    `sessions` are rows as `alerts.alerts` takes them; `events` the newest, newest first; `active` is as in
    `teams`; `bound` the acting session's sprint. sprint has, besides its heading, tasks, points and the
    burndown; `lives` are those of the project's tasks.
    """
    current = project.current(bound)
    found = teams(project, None, activity=activity, active=active)
    live = [row for row in sessions if row["project"] == project.id and row["status"] == "active"]
    line = _sprint(project, current, lives) if current else None
    figures = {"burndown": line["burndown"]} if line else None
    return {
        "project": project.id,
        "sprint": line,
        "teams": [{key: v for key, v in one.items() if key != "agents"} for one in found["teams"]],
        "agents": [agent for team in found["teams"] for agent in team["agents"]],
        "unassigned": found["unassigned"],
        "alerts": alerts.alerts(project, sessions, figures, project.now, activity=activity),
        "sessions": {
            "active": sum(not row["expired"] for row in live),
            "expired": sum(bool(row["expired"]) for row in live),
        },
        "handoffs": handoff_actions.listing(project)[:HANDOFFS_SHOWN],
        "events": list(events[:EVENTS_SHOWN]),
    }


def _sprint(project: Project, sprint: Document, lives: flow.Lives) -> Document:
    every = project.tasks_of(sprint["id"])
    tasks = metrics.work(every)
    done = sum(task.get("points") or 0 for task in tasks.values() if task["column"] == "done")
    total = sum(task.get("points") or 0 for task in tasks.values() if task["column"] != "cancelled")
    return {
        **board.heading(project, sprint),
        "tasks": metrics.counts(tasks),
        "points": {"completed": tidy(done), "total": tidy(total)},
        "burndown": status.burned(project, sprint, every, lives),
    }
