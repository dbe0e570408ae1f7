"""How much teams and agents got done in a period, how fast, and what came back: figures, and no ranking.

per_week          tasks, and points, done / working days of the period x working days of a week
cycle time        hours from the first start to the end (`cycle`); flow efficiency as there
utilisation       busy slot-time / (slots x working time) of the period (`load`)
reopened          tasks that left done again in the period, out of the commits
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from orchestration.domain import cycle, flow, load, work_done, workdays
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.samples import tidy
from orchestration.domain.values import parse_time
from orchestration.errors import NotFound

PERIODS: Mapping[str, timedelta | None] = {"7d": timedelta(days=7), "30d": timedelta(days=30), "all": None}


def performance(
    project: Project,
    lives: flow.Lives,
    *,
    team: str | None = None,
    period: str = "30d",
    metric: str | None = None,
) -> Document:
    """Return {project, period, from, to, metric, reported, teams, needs} of all teams, or of one.

    A team, and each of its agents under `agents`, has name, done, points, per_week {tasks, points},
    cycle_time (`samples.summary`), flow_efficiency, utilisation and reopened. `reported` are figures of
    quality that somebody wrote into the current sprint's metrics. Agents without work are left out.
    """
    facts = _Facts(project, lives, period)
    names = list(dict.fromkeys([*project.teams, *facts.done_by_team]))
    if team is not None and team not in names:
        raise NotFound(
            f"no team {team!r} in project {project.id!r}", hint=f"its teams: {', '.join(names) or 'none'}"
        )
    current = project.current()
    return {
        "project": project.id,
        "period": period,
        "from": _written(facts.start),
        "to": project.now,
        "metric": metric,
        "reported": (current or {}).get("reported") or {},
        "teams": [facts.team(name) for name in names if team in (None, name)],
        "needs": {} if facts.start else {"per_week": "needs 1 finished task"},
    }


def _written(moment: datetime | None) -> str | None:
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z" if moment else None


class _Facts:
    """The period, what was done in it, and the lives of all tasks."""

    def __init__(self, project: Project, lives: flow.Lives, period: str) -> None:
        self.project = project
        self.lives = lives
        self.end = parse_time(project.now)
        self.cal = workdays.calendar(project.settings)
        self.tasks = work_done.every_task(project)
        length = PERIODS[period]
        self.start = self.end - length if length else self._first()
        self.done = work_done.between(self.tasks.values(), self.start, self.end)
        self.done_by_team = work_done.by_team(project, self.done)
        self.working = workdays.elapsed(self.cal, self.start, self.end) if self.start else 0.0

    def _first(self) -> datetime | None:
        """Return when the first task that is done was begun."""
        done = work_done.between(self.tasks.values(), None, self.end)
        return min(
            (parse_time(task.get("started_at") or task["completed_at"]) for task in done), default=None
        )

    def team(self, name: str) -> Document:
        record = self.project.teams.get(name) or {}
        mine = [one for one, agent in self.project.agents.items() if agent["team"] == name]
        known = [task["assignee"] for task in self.done_by_team.get(name, []) if task.get("assignee")]
        people = list(dict.fromkeys([*mine, *known]))
        of_team = {key for key, task in self.tasks.items() if load.team_of(task, self.project.agents) == name}
        agents = [self._agent(agent) for agent in people]
        slots = record.get("capacity")
        return {
            "name": name,
            **self._figures(self.done_by_team.get(name, []), of_team, slots or 0),
            "agents": [one for one in agents if one["done"] or one["reopened"]],
        }

    def _agent(self, name: str) -> Document:
        mine = {key for key, task in self.tasks.items() if task.get("assignee") == name}
        slots = (self.project.agents.get(name) or {}).get("capacity")
        done = [task for task in self.done if task.get("assignee") == name]
        return {"name": name, **self._figures(done, mine, 1 if slots is None else slots)}

    def _figures(self, done: Sequence[Document], tasks: Iterable[str], slots: float) -> Document:
        points = sum(task.get("points") or 0 for task in done)
        weeks = self.working / len(self.cal.working)
        mine = {key: self.lives[key] for key in tasks if key in self.lives}
        busy = load.utilisation(mine, slots, self.cal, start=self.start, end=self.end) if self.start else None
        active = self.project.settings["active_columns"]
        efficiency = cycle.flow_efficiency(
            {task["id"]: task for task in done}, self.lives, active=active, needs={}
        )
        return {
            "done": len(done),
            "points": tidy(points),
            "per_week": {"tasks": tidy(len(done) / weeks), "points": tidy(points / weeks)} if weeks else None,
            "cycle_time": cycle.statistics(done, "cycle_time", cycle.cycle_hours, {}),
            "flow_efficiency": efficiency["ratio"] if efficiency else None,
            "utilisation": busy,
            "reopened": sum(self._reopened(life) for life in mine.values()),
        }

    def _reopened(self, life: flow.Life) -> int:
        """Count how often a task left done for a column of open work in the period."""
        pairs: Iterable[tuple[Any, Any]] = zip(life, life[1:], strict=False)
        return sum(
            before.column == "done"
            and after.column not in ("done", None)
            and self.start is not None
            and self.start <= after.at <= self.end
            for before, after in pairs
        )
