"""Which project a command looks at."""

from orchestration.cli._app import App
from orchestration.domain import sessions
from orchestration.domain.project import Project
from orchestration.domain.records import Document


def project_of(app: App, project: str | None, session: str | None) -> tuple[Project, str | None]:
    """Return the project to look at, which has to be there, and the sprint its session is bound to."""
    record: Document | None = None
    if session is not None or app.env.get("CLAUDE_SESSION_ID"):
        acting = app.session_id(session)
        record = app.snapshot.load("sessions", acting, "session")
        status = sessions.effective_status(record, app.at) if record else "retired"
        if status != "active":  # looking is allowed
            app.warn(f"session {acting} is {status}; `session_manager recover {acting}` revives it")
    name = app.project_id(project, session=record)
    assert name is not None, "it is required"
    return Project(app.snapshot, name, now=app.at).required(), (record or {}).get("sprint_id")
