"""`/metrics`, `/velocity`, `/burndown` and `/forecast`."""

from typing import Any, NamedTuple

from orchestration.claude import looking
from orchestration.claude.client import Answer, Client
from orchestration.domain import burndown as burndowns
from orchestration.domain import extracts, figures, flow
from orchestration.domain.project import Project
from orchestration.domain.records import Document

Arguments = dict[str, Any]


class Look(NamedTuple):
    """A project, the lives of its tasks, and a sprint of it; None is the whole project."""

    project: Project
    lives: flow.Lives
    sprint: Document | None


def look(client: Client, given: str | None = None) -> Look:
    """Return the project, and the sprint that is named, else the current one."""
    project = client.project()
    sprint = looking.chosen(client, project, given)
    return Look(project, figures.lives(client.index, project, sprint), sprint)


def metrics(client: Client, given: Arguments) -> Answer:
    """Show all figures of a sprint and its project."""
    return Answer(client.show("figures.metrics", figures.figures(*look(client, given["sprint"]))))


def velocity(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show the points done in the last sprints."""
    found = figures.figures(*look(client))
    return Answer(client.show("figures.velocity", extracts.velocity(found)))


def burndown(client: Client, given: Arguments) -> Answer:
    """Show what remains of a sprint day by day."""
    found = look(client, given["sprint"])
    if found.sprint is None:
        return Answer(client.show("figures.nothing", extracts.nothing(found.project.id)))
    project = found.project
    document = burndowns.document(
        found.sprint,
        project.tasks_of(found.sprint["id"]),
        found.lives,
        config=project.config,
        now=project.now,
    )
    return Answer(client.show("figures.burndown", document))


def forecast(client: Client, given: Arguments) -> Answer:
    """Show when the running sprint will be done."""
    found = look(client, given["sprint"])
    if found.sprint is None:
        return Answer(client.show("figures.nothing", extracts.nothing(found.project.id)))
    document = extracts.forecast(figures.figures(*found, outcomes=True))
    return Answer(client.show("figures.forecast", document))
