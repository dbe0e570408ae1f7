"""Which team gets which part of a plan."""

from collections.abc import Mapping

from orchestration.domain import capacity, samples, suitability
from orchestration.domain.epic_drafts import Item
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.sprint_filling import size


def place(project: Project, filled: list[list[Item]], chosen: list[str] | None) -> dict[str, str]:
    """Return the team of each task, by its ref: its own, else the one whose skills fit best.

    A team's match is that of its best member; ties go to the team with fewer planned points per slot, then
    by name. A task that fits none goes, when teams were chosen, to the one with fewest, else to nobody.
    """
    load = dict.fromkeys(project.teams, 0.0)
    found: dict[str, str] = {}
    for item in (item for part in filled for item in part):
        agent = project.agents.get(str(item.task.get("assignee")))
        team = item.task.get("team") or (agent["team"] if agent else None)
        if team is None:
            match = _matches(project, item, chosen)
            best = max(match.values(), default=0)
            fitting = [name for name, one in match.items() if one == best]
            if best or chosen:
                team = min(fitting, key=lambda name: (load[name] / slots(project, name), name), default=None)
        if team is not None:
            found[item.ref] = team
            load[team] = load.get(team, 0) + size(item)
    return found


def _matches(project: Project, item: Item, chosen: list[str] | None) -> dict[str, int | float]:
    asked = suitability.traits(item.task).asked
    found: dict[str, int | float] = {}
    for agent in project.agents.values():
        team = agent["team"]
        if team in project.teams and (chosen is None or team in chosen):
            match = suitability.skill_match(suitability.skills(asked, agent, project.teams[team]))
            found[team] = max(found.get(team, 0), match)
    return found


def slots(project: Project, team: str) -> float:
    members = (project.teams.get(team) or {}).get("members") or []
    return float(sum(capacity.slots(project.agents.get(name)) for name in members)) or 1.0


def shares(
    project: Project, filled: list[list[Item]], placed: Mapping[str, str], chosen: list[str] | None
) -> list[Document]:
    """Return what each team gets, most points first; `team` is null for tasks that fit nobody."""
    items = [item for part in filled for item in part]
    total = sum(map(size, items))
    names: dict[str | None, list[Item]] = {name: [] for name in chosen or ()}
    for item in items:
        names.setdefault(placed.get(item.ref), []).append(item)
    rows = []
    for name, mine in names.items():
        points = sum(map(size, mine))
        rows.append(
            {
                "team": name,
                "tasks": len(mine),
                "points": samples.tidy(points),
                "share": samples.tidy(points / total) if total else None,
                "slots": samples.tidy(slots(project, name)) if name in project.teams else None,
            }
        )
    return sorted(rows, key=lambda row: (row["team"] is None, -row["points"], row["team"] or ""))
