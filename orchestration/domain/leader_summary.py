"""A project in a few lines for somebody who leads it: sprint, pace, health, risks, decisions and handoffs."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.domain import board, decision_actions, goals, handoff_actions, team_handoffs
from orchestration.domain.project import Project
from orchestration.domain.records import SEVERITIES, Document

RISKS_SHOWN = 5


def summary(
    project: Project, sprint: Document | None, figures: Mapping[str, Any], risks: Mapping[str, Any],
    alerts: Sequence[Document],
) -> Document:  # fmt: skip
    """Return {project, sprint, goals, points, tasks, completion, burndown_state, forecast, velocity,
    predictability, health, risks, blockers, alerts, decisions, handoffs, epics, needs}.

    `figures` are those of the sprint (`figures.figures`), `risks` as of `project_risks.all_risks`.
    """  # fmt: skip
    decisions = decision_actions.listing(project, now=project.now)
    waiting = [
        one
        for one in handoff_actions.listing(project, status="open")
        if one["status"] in team_handoffs.WAITING
    ]
    reached = goals.listing(sprint) if sprint else []
    found = [*risks["computed"], *risks["recorded"]]
    found.sort(key=lambda one: -SEVERITIES.index(one["severity"]))
    return {
        "project": project.id,
        "sprint": board.heading(project, sprint) if sprint else None,
        "goals": {"total": len(reached), "reached": sum(one["done"] for one in reached)},
        **{name: figures[name] for name in ("points", "tasks", "completion", "velocity", "predictability")},
        "burndown_state": figures["burndown"]["state"],
        "forecast": figures["forecast"],
        "health": figures["health"],
        "risks": {
            "total": len(found),
            "first": [{"severity": one["severity"], "text": one["text"]} for one in found[:RISKS_SHOWN]],
        },
        "blockers": len(risks["blockers"]),
        "alerts": {
            "critical": sum(one["severity"] == "critical" for one in alerts),
            "warning": sum(one["severity"] == "warning" for one in alerts),
        },
        "decisions": {
            "voting": [
                {"id": one["id"], "text": one["text"]} for one in decisions if one["status"] == "voting"
            ],
            "closed": sum(one["status"] != "voting" for one in decisions),
        },
        "handoffs": [{name: one[name] for name in ("id", "from", "to", "status")} for one in waiting],
        "epics": {
            "open": sum(
                one["status"] in ("planned", "in_progress", "blocked") for one in project.epics.values()
            ),
            "completed": sum(one["status"] == "completed" for one in project.epics.values()),
        },
        "needs": figures["needs"],
    }
