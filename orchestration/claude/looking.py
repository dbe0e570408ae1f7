"""What several answers look at: the sprint that is meant, whose claims hold, and the last events."""

from orchestration.claude import named
from orchestration.claude.client import Client
from orchestration.domain import board, events, sprint_names, team_actions
from orchestration.domain.claims import Watch
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.store import presence


def chosen(client: Client, project: Project, given: str | None) -> Document | None:
    """Return the sprint that is named, else the current one; NotFound with the nearest ids."""
    name = named.sprint(given)
    if name is not None and name != board.ALL:
        return sprint_names.named(project, name)
    return board.chosen(project, name, bound=client.bound_sprint)


def watch(client: Client, project: Project) -> Watch:
    """Return what tells which claims of a project are orphaned."""
    return Watch(
        project.reader, project.settings, now=client.at,
        seen=lambda session: presence.seen(client.store.private, session),
        commits=lambda: client.index.last_activity(),
    )  # fmt: skip


def last_events(client: Client, project: Project, limit: int) -> list[Document]:
    """Return the newest events of a project, newest first."""
    return [events.record(event) for event in client.index.events(project=project.id, limit=limit)]


def active(client: Client, project: Project) -> dict[str, list[Document]]:
    """Return what live sessions have activated, by team."""
    return team_actions.active(client.snapshot, client.sessions(), project_id=project.id, now=client.at)
