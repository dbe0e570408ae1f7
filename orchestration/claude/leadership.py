"""`/kpis`, `/summary`, `/agenda`, `/risks`, `/goals`, `/budget` and `/timeline`: what a leader looks at."""

from typing import Any

from orchestration.claude import changing, figures, looking, monitor
from orchestration.claude.client import Answer, Client
from orchestration.domain import (
    agenda,
    agent_status,
    alerts,
    goals,
    leader_summary,
    project_risks,
    recorded_costs,
    risks,
    values,
)
from orchestration.domain import figures as all_figures
from orchestration.domain import kpis as key_figures
from orchestration.domain import roadmap as roadmaps
from orchestration.domain.project import Project
from orchestration.domain.records import SEVERITIES, Document
from orchestration.english import counted
from orchestration.errors import NotFound

Arguments = dict[str, Any]


def kpis(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show the key figures of the project, and when its top epics will be done."""
    found = figures.look(client, "all")
    document = key_figures.kpis(found.project, found.lives, found.project.current(client.bound_sprint))
    return Answer(client.show("kpis.kpis", document))


def summary(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show the project in a few lines."""
    found = figures.look(client)
    project = found.project
    figured = all_figures.figures(*found)
    activity = agent_status.activity(agent_status.recent(client.index, project))
    raised = alerts.alerts(project, monitor.sessions(client), figured, client.at, activity=activity)
    risked = project_risks.all_risks(project, found.sprint, found.lives)
    document = leader_summary.summary(project, found.sprint, figured, risked, raised)
    return Answer(client.show("leadership.summary", document))


def meeting(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show what there is to talk about."""
    found = figures.look(client)
    risked = project_risks.all_risks(found.project, found.sprint, found.lives)
    return Answer(client.show("leadership.agenda", agenda.agenda(found.project, found.sprint, risked)))


def budget(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show costs and budgets as they were recorded."""
    return Answer(client.show("leadership.costs", recorded_costs.recorded(client.project())))


def timeline(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show epics and sprints on a time line."""
    return Answer(client.show("roadmap.roadmap", roadmaps.roadmap(client.project())))


# -- risks


def list_risks(client: Client, given: Arguments) -> Answer:
    """Show open blockers, what is overdue or at risk, and recorded risks."""
    if given["all"]:
        project = client.project()
        return Answer(client.show("decisions.risks", risks.listing(project, status=None), project=project.id))
    found = figures.look(client)
    document = project_risks.all_risks(found.project, found.sprint, found.lives)
    return Answer(client.show("leadership.risks", document))


def add_risk(client: Client, given: Arguments) -> Answer:
    """Record a risk."""
    severity = values.choice("--severity", given["severity"], SEVERITIES) if given["severity"] else "medium"
    sprint = given["sprint"].removeprefix("#") if given["sprint"] else None

    def action(tx: Any, project: Project, who: Any) -> Document:
        return risks.add(
            tx, project, given["text"], severity=severity, sprint_id=sprint, session=who.session, now=who.now,
            actor=who.actor,
        )  # fmt: skip

    made = changing.change(client, action)
    return Answer(f"✓ Recorded {made['id']} ({made['severity']}): {changing.short(made['text'])}")


def close_risk(client: Client, given: Arguments) -> Answer:
    """Close a recorded risk."""

    def action(tx: Any, project: Project, who: Any) -> Document:
        name = given["id"].upper()
        return risks.close(tx, project, name, reason=given["reason"], session=who.session, now=who.now)

    made = changing.change(client, action)
    return Answer(f"✓ Closed {made['id']}: {changing.short(made['text'])}")


# -- goals


def list_goals(client: Client, given: Arguments) -> Answer:
    """List the goals of a sprint by number."""
    sprint = _sprint(client, client.project(), given["sprint"])
    rows = goals.listing(sprint)
    text = client.show("decisions.goals", rows, sprint=sprint["id"])
    return Answer(text if rows else f"{text} `/goals add TEXT` writes one down.")


def _sprint(client: Client, project: Project, given: str | None) -> Document:
    found = looking.chosen(client, project, given)
    if found is None:
        raise NotFound(
            f"project {project.id!r} has no current sprint", hint="`/state sprints` lists all of them"
        )
    return found


def reach_goal(client: Client, given: Arguments) -> Answer:
    """Mark a goal as reached."""
    return _goal(client, given, number=values.integer("N", given["n"], low=1), reached=True)


def reopen_goal(client: Client, given: Arguments) -> Answer:
    """Mark a goal as not reached after all."""
    return _goal(client, given, number=values.integer("N", given["n"], low=1), reached=False)


def add_goal(client: Client, given: Arguments) -> Answer:
    """Write down a goal of the sprint."""
    return _goal(client, given, text=given["text"])


def _goal(
    client: Client,
    given: Arguments,
    *,
    number: int | None = None,
    reached: bool = True,
    text: str | None = None,
) -> Answer:
    def action(tx: Any, project: Project, who: Any) -> Document:
        sprint = _sprint(client, project, given["sprint"])
        return goals.write(
            tx, project, sprint["id"], number=number, done=reached, text=text, session=who.session
        )

    made = changing.change(client, action)
    rows = goals.listing(made)
    reached_now = sum(row["done"] for row in rows)
    head = f"✓ Sprint {made['id']}: {reached_now} of {counted(len(rows), 'goal')} reached"
    return Answer(f"{head}\n{client.show('decisions.goals', rows, sprint=made['id'])}")
