"""What teams can take on: slots, points per sprint at the recent pace, roles without a free slot, and the outlook.

points per sprint   mean points done by the team in the last 3 to 5 finished sprints (needs 3)
a day               tasks the team finished on the last 30 working days / these days, those before the
                    first work on any of the project's finished tasks left out (needs 5 days and 5 tasks)
used after N days   max(0, used - a day x working days in N days): nothing new is begun meanwhile
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from orchestration.domain import dashboard, metrics, samples, work_done, workdays
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.samples import tidy
from orchestration.domain.values import parse_time

PAST_DAYS, NEEDS_DAYS, NEEDS_TASKS = 30, 5, 5


def capacity(
    project: Project, name: str | None, *, activity: Mapping[str, str], days: int | None = None
) -> Document:
    """Return the capacity of the teams of a project, or of one.

    {project, slots, used, free, utilisation, load, teams, roles, bottlenecks, days, needs}: teams as in
    `dashboard.teams`, `load` being that of the slots, each with points_per_sprint and, with `days`, outlook
    {days, working_days, per_day, expected, used, free}; a role is {role, agents, slots, used, free,
    blocked}; bottlenecks are the roles
    without a free slot. NotFound for an unknown team.
    """
    shown = dashboard.teams(project, name, activity=activity)
    needs: dict[str, str] = {}
    points = _points(project, needs)
    pace = _Pace(project) if days is not None else None
    teams = []
    for one in shown["teams"]:
        agents = [_filled(agent) for agent in one["agents"]]
        row = {
            **_filled(one),
            "agents": agents,
            "points_per_sprint": points.get(one["name"], 0) if points is not None else None,
        }
        if pace is not None and days is not None:
            row["outlook"] = pace.outlook(one, days, needs)
        teams.append(row)
    roles = _roles(agent for one in teams for agent in one["agents"])
    whole = ("project", "slots", "used", "free", "utilisation", "load", "unassigned")
    return {
        **{key: _filled(shown)[key] for key in whole},
        "teams": teams,
        "roles": roles,
        "bottlenecks": [row["role"] for row in roles if row["used"] and not row["free"]],
        "days": days,
        "needs": needs,
    }


def _filled(row: Mapping[str, Any]) -> Document:
    """Return a row whose `load` is the word for what its slots hold, work that waits in todo included."""
    share = row["used"] / row["slots"] if row["slots"] else None
    return {**row, "load": dashboard.load_word(share, row["used"])}


def _points(project: Project, needs: dict[str, str]) -> dict[str, Any] | None:
    """Return the mean points that each team did in the last finished sprints, None with fewer than 3."""
    finished = project.finished()[-metrics.VELOCITY_SPRINTS :]
    if len(finished) < metrics.VELOCITY_NEEDS:
        needs["points_per_sprint"] = f"needs {metrics.VELOCITY_NEEDS} finished sprints"
        return None
    done: dict[str, float] = {}
    for sprint, tasks in finished:
        for team, mine in work_done.by_team(project, tasks.values()).items():
            done[team] = done.get(team, 0) + metrics.velocity_of(sprint, {task["id"]: task for task in mine})
    return {team: tidy(points / len(finished)) for team, points in done.items()}


def _roles(agents: Iterable[Mapping[str, Any]]) -> list[Document]:
    """Return what fills the slots of each role, the fullest first; agents without one stand for themselves."""
    found: dict[str, Document] = {}
    for agent in agents:
        role = str(agent["role"] or f"@{agent['id']}")
        row = found.setdefault(role, {"role": role, "agents": [], "slots": 0, "used": 0, "blocked": 0})
        row["agents"].append(agent["id"])
        for name in ("slots", "used", "blocked"):
            row[name] += agent[name]
    rows = [{**row, "free": tidy(max(0, row["slots"] - row["used"]))} for row in found.values()]
    return sorted(rows, key=lambda row: (row["slots"] - row["used"], -row["used"], row["role"]))


class _Pace:
    """How many tasks each team finished on each of the last working days."""

    def __init__(self, project: Project) -> None:
        self.cal = workdays.calendar(project.settings)
        self.now = parse_time(project.now)
        self.today = workdays.day_of(self.cal, self.now)
        done = work_done.between(work_done.every_task(project).values(), None, self.now)
        self.done = work_done.by_team(project, done)
        self.days = self._last_days(done)

    def _last_days(self, done: Sequence[Document]) -> list[date]:
        begun = [parse_time(task.get("started_at") or task["completed_at"]) for task in done]
        first = min((workdays.day_of(self.cal, at) for at in begun), default=self.today)
        return workdays.last_before(self.cal, self.today, PAST_DAYS, earliest=first)

    def outlook(self, team: Mapping[str, Any], days: int, needs: dict[str, str]) -> Document:
        """Return what a team is expected to have finished, and to hold, after so many days."""
        coming = workdays.count(
            self.cal, self.today + timedelta(days=1), self.today + timedelta(days=days + 1)
        )
        mine = [self._day(task) for task in self.done.get(team["name"], [])]
        counted = [day for day in mine if day in self.days]
        found: Document = {"days": days, "working_days": coming, "per_day": None, "expected": None}
        if len(self.days) < NEEDS_DAYS or len(counted) < NEEDS_TASKS:
            needs[f"outlook.{team['name']}"] = (
                f"needs {NEEDS_TASKS} tasks finished in {NEEDS_DAYS} working days or more"
            )
            return {**found, "used": None, "free": None}
        rate = samples.mean([counted.count(day) for day in self.days])
        used = max(0.0, team["used"] - rate * coming)
        return {
            **found,
            "per_day": tidy(rate),
            "expected": tidy(rate * coming),
            "used": tidy(used),
            "free": tidy(max(0.0, team["slots"] - used)),
        }

    def _day(self, task: Document) -> date:
        at = workdays.day_of(self.cal, parse_time(task["completed_at"]))
        return workdays.worked_on(self.cal, at)
