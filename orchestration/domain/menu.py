"""The front page of orchestration: session, sprint, teams, what wants attention, and the next best action."""

from collections.abc import Mapping

from orchestration.domain import attention, board, flow, metrics, sessions, status, team_actions
from orchestration.domain.project import Project
from orchestration.domain.records import Document

MOST_RISKS = 5


def menu(
    project: Project, lives: flow.Lives, sprint: Document | None, *, session: Document | None,
    records: Mapping[str, Document],
) -> Document:  # fmt: skip
    """Return {project, session, sprint, teams, attention, next}.

    `session` is the acting session's record or None; `records` are those of all sessions, which tell the
    active teams. sprint has its heading, tasks, points and burndown; `attention` are the risks of
    `attention.of_sprint`, the most severe first; `next` is the first of its suggestions, or null.
    """
    line, found, steps = None, [], []
    if sprint is not None:
        every = project.tasks_of(sprint["id"])
        tasks = metrics.work(every)
        burned = status.burned(project, sprint, every, lives)
        line = {**board.heading(project, sprint), "tasks": metrics.counts(tasks), "burndown": burned}
        found = attention.of_sprint(project, sprint, tasks, burned)
        steps = attention.suggestions(project, sprint, tasks)
    active = team_actions.active(project.reader, records, project_id=project.id, now=project.now)
    return {
        "project": project.id,
        "session": _session(session, project.now),
        "sprint": line,
        "teams": [
            {"name": name, "focus": rows[-1]["focus"], "reserved": rows[-1]["reserved"], "sessions": len(rows)}
            for name, rows in active.items()
        ],
        "attention": found[:MOST_RISKS],
        "more_attention": max(0, len(found) - MOST_RISKS),
        "next": steps[0] if steps else None,
    }  # fmt: skip


def _session(record: Document | None, now: str) -> Document | None:
    if record is None:
        return None
    return {
        "id": record["id"],
        "mode": record["mode"],
        "status": sessions.effective_status(record, now),
        "expiry": record["lifecycle"]["expiry"],
    }
