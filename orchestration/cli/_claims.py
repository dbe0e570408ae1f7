"""What the commands that show or take claims have in common."""

from orchestration.cli._app import App
from orchestration.domain.claims import Watch
from orchestration.domain.project import Project
from orchestration.store import presence


def watch(app: App, project: Project) -> Watch:
    """Return what tells which claims of a project are orphaned.

    A touched file knows the last time alone: at another moment, silence is not judged.
    """

    def seen(session: str) -> str | None:
        return None if app.then is not None else presence.seen(app.store.private, session)

    return Watch(
        project.reader, project.settings, now=app.at, seen=seen, commits=lambda: app.index.last_activity()
    )
