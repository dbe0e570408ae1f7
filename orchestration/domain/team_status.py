"""What teams are doing now: their agents with their tasks, whether they are active, handoffs, and last events."""

from collections.abc import Mapping, Sequence

from orchestration.domain import dashboard, handoff_actions, team_handoffs
from orchestration.domain.project import Project
from orchestration.domain.records import Document

EVENTS_SHOWN = 10
LOOKED_AT = 200
"""Events among which those of one team are looked for."""


def status(
    project: Project, name: str | None, *, activity: Mapping[str, str], active: Mapping[str, list[Document]],
    events: Sequence[Document],
) -> Document:  # fmt: skip
    """Return {project, teams, handoffs, events} of all teams or of one.

    A team is as in `dashboard.teams` with its `activations` (`team_actions.active`) and how many open
    handoffs go in and out; `handoffs` are those that wait for an answer or are under way. `events` are the
    project's, newest first: of one team, those its agents made or that are about their tasks are left.
    """
    shown = dashboard.teams(project, name, activity=activity)
    waiting = handoff_actions.listing(project, status="open", team=name)
    teams = []
    for one in shown["teams"]:
        mine = [handoff for handoff in waiting if handoff["status"] not in team_handoffs.CLOSED]
        teams.append(
            {
                **one,
                "activations": active.get(one["name"]) or [],
                "handoffs_in": sum(handoff["to"] == one["name"] for handoff in mine),
                "handoffs_out": sum(handoff["from"] == one["name"] for handoff in mine),
            }
        )
    found = events if name is None else [event for event in events if _about(project, name, event)]
    return {"project": project.id, "teams": teams, "handoffs": waiting, "events": list(found[:EVENTS_SHOWN])}


def _about(project: Project, name: str, event: Mapping[str, object]) -> bool:
    people = {agent for agent, record in project.agents.items() if record["team"] == name}
    if event["source"] in people:
        return True
    entity = event["entity"]
    if not isinstance(entity, Mapping) or entity.get("kind") != "task":
        return False
    task = project.tasks.get(str(entity.get("id")))
    return task is not None and (task.get("team") == name or task.get("assignee") in people)
