"""What is known of a project that the draft of an epic should rest on: all of it from records."""

from collections.abc import Sequence

from orchestration.domain import capacity, epics, metrics, samples, suitability, values
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.sprint_filling import Room


def find(project: Project, epic: Document, chosen: Sequence[str] | None, room: Room) -> Document:
    """Return what is known of the project: velocity, predictability, teams, and epics like this one."""
    finished = project.finished()
    load = capacity.load(project.agents, project.tasks)
    teams = []
    for name, team in sorted(project.teams.items()):
        if team["members"] and (chosen is None or name in chosen):
            mine = [load[agent] for agent in team["members"] if agent in load]
            own = {
                skill
                for agent in team["members"]
                for skill in project.agents.get(agent, {}).get("skills") or []
            }
            teams.append(
                {
                    "team": name,
                    "members": len(team["members"]),
                    "slots": samples.tidy(sum(one["slots"] for one in mine)),
                    "free": samples.tidy(sum(one["free"] for one in mine)),
                    "skills": sorted({*(team.get("skills") or []), *own}),
                }
            )
    return {
        "velocity": room.measured,
        "finished_sprints": len(finished),
        "predictability": metrics.predictability(finished, {}),
        "sprint_length": int(project.settings["default_sprint_length"]),
        "point_scale": project.settings["point_scale"],
        "teams": teams,
        "similar_epics": _similar(project, epic),
    }


def _similar(project: Project, epic: Document) -> list[Document]:
    """Return the epics that share a word of the title, with their totals and the days they took."""
    asked = {*suitability.words(str(epic["title"])), *suitability.words(epic["id"])} - {"epic"}
    asked -= suitability.SAYS_NOTHING
    found = []
    for name, other in project.epics.items():
        if name == epic["id"] or asked.isdisjoint(
            {*suitability.words(str(other["title"])), *suitability.words(name)}
        ):
            continue
        mine = [task for task in project.tasks.values() if task.get("epic_id") == name]
        starts = [task["started_at"] for task in mine if task.get("started_at")]
        ends = [task["completed_at"] for task in mine if task.get("completed_at")]
        spent = values.parse_time(max(ends)) - values.parse_time(min(starts)) if starts and ends else None
        totals = epics.totals(name, project.tasks)
        found.append(
            {
                "id": name,
                "title": other["title"],
                "status": other["status"],
                **totals,
                "days": None if spent is None else samples.tidy(spent.total_seconds() / 86400),
            }
        )
    return found
