"""The document of the session a command names."""

from orchestration.cli._app import App
from orchestration.domain import sessions
from orchestration.domain.session_view import SessionView
from orchestration.errors import InactiveSession


def session_view(app: App, session: str) -> SessionView:
    """Return what a session sees; a warning tells when it has expired, InactiveSession that it is retired."""
    session_id = app.session_id(session)
    reader = app.snapshot
    if not reader.exists("sessions", session_id):
        raise InactiveSession(
            f"session {session_id} is retired", hint=f"`session_manager recover {session_id}`"
        )
    view = SessionView(reader, session_id, now=app.at, index=lambda: app.index)
    if view.session.get("project"):
        app.log("DEBUG", f"project {view.session['project']} from the session")
    status = sessions.effective_status(view.session, app.at)
    if status == "expired":
        app.warn(f"session {session_id} has expired; `session_manager recover {session_id}` revives it")
    return view
