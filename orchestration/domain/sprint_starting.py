"""Starting a sprint, with everything that is worth knowing before: its tasks, points, teams and warnings."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from orchestration.domain import (
    board,
    commitment,
    dashboard,
    fields,
    metrics,
    planning,
    sprint_names,
    sprints,
    team_actions,
    values,
    workdays,
)
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.samples import tidy
from orchestration.domain.task_fields import is_container, open_blockers
from orchestration.errors import NotFound

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


def perform(tx: "Transaction", arguments: Mapping[str, Any], *, now: str, actor: str) -> Document:  # noqa: ARG001 - as every operation
    """Start a sprint as one change and return what was known before, and its warnings.

    `arguments`: project; sprint, None for the next planned one; days, its length from today; teams to
    activate for the session; force, the reason to start it without tasks. Raises what
    `planning.start_sprint` and `team_actions.activate` raise.
    """
    project = Project(tx, arguments["project"], now=now).required()
    given = arguments.get("sprint")
    before = sprint_names.named(project, given) if given else _next(project)
    name = before["id"]
    if arguments.get("days") is not None:
        dates = _dates(project, values.integer("days", arguments["days"], low=1, high=3650))
        planning.update_sprint(tx, project, name, dates, now=now)
    teams = [team_actions.named(project, one) for one in arguments.get("teams") or []]
    after = planning.start_sprint(tx, project, name, now=now, force=arguments.get("force"))
    session = arguments.get("session")
    active = team_actions.activations(tx.load("sessions", session, "execution") or {}) if session else {}
    for team in teams:
        if session and team not in active:
            team_actions.activate(tx, project, session, team, now=now)
    op, subject = sprints.event_of(before, after)
    tx.describe(
        op, fields.subject(subject), session=session, project=project.id, reason=arguments.get("force")
    )
    return _document(project, before, after, teams)


def outcome(document: Mapping[str, Any]) -> Document:
    """Return what starting does: the dates, the commitment and the teams."""
    sprint = document["sprint"]
    kept = {name: sprint[name] for name in ("id", "start_date", "end_date")}
    return {**kept, "points": document["points"]["committed"], "tasks": [row["id"] for row in document["tasks"]],
            "activated": document["activated"]}  # fmt: skip


def _next(project: Project) -> Document:
    found = sprint_names.planned(project)
    if not found:
        raise NotFound(
            f"project {project.id!r} has no planned sprint",
            hint=f"make one: `shared_state create-sprint {project.id} ID NAME`",
        )
    return found[0]


def _dates(project: Project, days: int) -> Document:
    calendar = workdays.calendar(project.settings)
    today: date = workdays.day_of(calendar, values.parse_time(project.now))
    return {"start_date": today.isoformat(), "end_date": (today + timedelta(days=days)).isoformat()}


def _document(project: Project, before: Document, after: Document, teams: Sequence[str]) -> Document:
    mine = [task for task in project.tasks_of(after["id"]).values() if task["column"] != "cancelled"]
    velocity = metrics.velocity(project.finished(before=after["id"]), {})
    return {
        "project": project.id,
        "sprint": {**board.heading(project, after), "was": before["status"]},
        "goals": [{"text": one["text"], "done": bool(one.get("done"))} for one in after.get("goals") or []],
        "tasks": [_row(task) for task in sorted(mine, key=board.order) if not is_container(task)],
        "points": {
            "committed": tidy(after.get("committed_points") or 0),
            "unestimated": sum(task.get("points") is None for task in mine if not is_container(task)),
            "capacity": sprints.capacity(after),
            "velocity": velocity["mean"] if velocity else None,
            "target": sprints.velocity_target(after, project.config),
        },
        "teams": [
            {name: one[name] for name in ("name", "slots", "used", "load")}
            for one in dashboard.teams(project, None, activity={})["teams"]
        ],
        "activated": list(teams),
        "warnings": commitment.remarks(project, after),
    }  # fmt: skip


def _row(task: Mapping[str, Any]) -> Document:
    names = ("id", "title", "column", "priority", "points", "assignee")
    return {**{name: task.get(name) for name in names}, "blocked": bool(open_blockers(task))}
