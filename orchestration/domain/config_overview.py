"""What a configuration amounts to: the overview, its teams with their load, its agents with their records."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.domain import capacity, projects, samples, teams, values, workflows
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, WORK_COLUMNS, Document
from orchestration.domain.task_fields import open_blockers

HOST_HINT = "the host's own settings are at /settings"
_HOUR = 3600


def overview(project: Project, validation: Mapping[str, Any], last_change: Document | None) -> Document:
    """Return what is configured, how many of each, and whether it is valid.

    `settings` holds only those that differ from the defaults; `last_change` is the newest event of the
    project's configuration.
    """
    config = project.config or {}
    full = projects.with_defaults(config)
    defaults = set(projects.defaulted(config))
    stored = config.get("settings") or {}
    return {
        "project_id": project.id,
        "settings": {name: stored[name] for name in stored if f"settings.{name}" not in defaults},
        "defaults": len(defaults),
        "teams": list(project.teams),
        "agents": len(project.agents),
        "workflows": list(definitions(project)),
        "environments": list(full["environments"]),
        "tools": len(project.tools),
        "validation": {name: validation[name] for name in ("valid", "errors", "warnings", "hints")},
        "last_change": last_change,
        "host": HOST_HINT,
    }


def definitions(project: Project) -> dict[str, Document]:
    """Return the workflows of a project by id, each with `defined_in`: project or store."""
    shared = project.reader.load("config", "workflows") or {}
    own = (project.config or {}).get("workflows") or {}
    return {
        name: {**one, "defined_in": "project" if name in own else "store"}
        for name, one in workflows.definitions(project.config, shared).items()
    }


# -- teams


def team_rows(project: Project, active: Mapping[str, Any] | None = None) -> list[Document]:
    """Return all teams with slots, used and free, and where they are defined; `active` is by team's name."""
    load = capacity.load(project.agents, project.tasks)
    shared = project.reader.load("config", "teams") or {}
    own = (project.config or {}).get("team") or {}
    rows = []
    for name, team in project.teams.items():
        used = sum(load[agent]["used"] for agent in team["members"] if agent in load)
        slots = team["capacity"]
        source = "project" if name in own else "store" if name in shared else "agents"
        now_active = (active or {}).get(name) or []
        status = {"status": "active" if now_active else team["status"], "activations": now_active}
        load_of = {"slots": slots, "used": used, "free": max(0, slots - used)}
        rows.append({**team, **status, **load_of, "defined_in": source})
    return rows


def team(project: Project, name: str, active: Mapping[str, Any] | None = None) -> Document:
    """Return one team, as in `team_rows`, with its members' roles, skills and slots."""
    row = next(one for one in team_rows(project, active) if one["name"] == name)
    load = capacity.load(project.agents, project.tasks)
    members = [
        {
            "id": agent,
            "role": (project.agents.get(agent) or {}).get("role"),
            "skills": (project.agents.get(agent) or {}).get("skills") or [],
            **load.get(agent, {"slots": 1, "used": 0, "free": 1}),
        }
        for agent in row["members"]
    ]
    return {**row, "members": members}


# -- agents


def agents(project: Project, files: Mapping[str, str]) -> dict[str, Document]:
    """Return all agents by id: the project's, and those that only a file of the checkout describes.

    `files` is the file of each agent by name; it stands in `file`. `source` is config, tool or agent file.
    """
    found = {name: {**one, "file": files.get(name)} for name, one in project.agents.items()}
    for name, file in files.items():
        if name not in found:
            team = teams.prefix_team(name, project.teams)
            found[name] = {
                "id": name, "team": team, "role": None, "skills": [], "capacity": 1, "model": None,
                "source": "agent file", "file": file,
            }  # fmt: skip
    return found


def slots(project: Project, known: Mapping[str, Document]) -> dict[str, Document]:
    """Return `{slots, used, free}` of agents by id."""
    return capacity.load(known, project.tasks)


def stats(project: Project, known: Mapping[str, Document]) -> list[Document]:
    """Return what the tasks of the board and the archive tell of each agent, by id.

    open, working (in_progress and review), blocked and done are numbers of tasks; points are of done ones;
    cycle_time is in hours, from the first start to the end, see `samples.summary`.
    """
    mine: dict[str, list[Document]] = {name: [] for name in known}
    for task in _all_tasks(project):
        if task.get("assignee") in mine:
            mine[task["assignee"]].append(task)
    return [_stat(name, known[name], tasks) for name, tasks in sorted(mine.items())]


def _all_tasks(project: Project) -> list[Document]:
    found = list(project.tasks.values())
    for sprint in project.reader.names("projects", project.id, "archive"):
        found += project.reader.load_all("projects", project.id, "archive", sprint).values()
    return found


def _stat(name: str, agent: Mapping[str, Any], tasks: list[Document]) -> Document:
    waiting = [task for task in tasks if task["column"] not in CLOSED_COLUMNS]
    done = [task for task in tasks if task["column"] == "done"]
    hours = [
        (values.parse_time(task["completed_at"]) - values.parse_time(task["started_at"])).total_seconds()
        / _HOUR
        for task in done
        if task.get("started_at") and task.get("completed_at")
    ]
    return {
        "id": name,
        "team": agent.get("team"),
        "open": len(waiting),
        "working": sum(task["column"] in WORK_COLUMNS for task in waiting),
        "blocked": sum(bool(open_blockers(task)) for task in waiting),
        "done": len(done),
        "points": samples.tidy(sum(task.get("points") or 0 for task in done)),
        "cycle_time": samples.summary(hours),
        "last_done": max((task["completed_at"] for task in done if task.get("completed_at")), default=None),
    }


def about_agents(
    findings: Sequence[Document], known: Mapping[str, Document], only: str | None
) -> list[Document]:
    """Return the findings that name an agent, or one agent, in what they say or in their place."""
    names = known if only is None else [only]
    found = []
    for row in findings:
        field = row["place"].partition(": ")[2]
        words = set(re.findall(r"[A-Za-z0-9][A-Za-z0-9._-]*", f"{row['problem']} {row['place']}"))
        fields = ("assignee", "lead", "leads", "members")
        is_about = (
            field.startswith("agents") or field.rpartition(".")[2] in fields or "/agents" in row["place"]
        )
        if is_about and (only is None or not words.isdisjoint(names)):
            found.append(row)
    return found
