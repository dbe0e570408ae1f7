"""Runs of workflows in a store: started from a definition, led step by step, ended; and the dry test of one."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import config_overview, values, workflows
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound, OrchestrationError

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

FOLDER = "workflows"


def start(
    tx: "Transaction", project: Project, given: str, *, run_id: str | None, session: str | None, now: str
) -> Document:
    """Start a run of a definition and return it; its id is `<definition>-<n>` unless one is given."""
    name, definition = defined(project, given)
    taken = tx.names("projects", project.id, FOLDER)
    chosen = run_id or ids.numbered(name, ids.next_number(name, taken))
    ids.check_new(chosen, taken, "workflow")
    run = workflows.start(definition, name, chosen, session=session, now=now)
    _save(tx, project, None, run, session=session)
    return run


def advance(tx: "Transaction", project: Project, run_id: str, *, session: str | None, now: str) -> Document:
    """Take the present step of a run as done and return the run."""
    before = run(tx, project, run_id)
    after = workflows.advance(before, now=now)
    _save(tx, project, before, after, session=session)
    return after


def end(
    tx: "Transaction", project: Project, run_id: str, status: str, *, reason: str | None = None,
    session: str | None, now: str,
) -> Document:  # fmt: skip
    """Complete, fail or cancel a run and return it."""
    before = run(tx, project, run_id)
    after = workflows.end(before, status, now=now)
    _save(tx, project, before, after, session=session, reason=reason)
    return after


def cancel_all(tx: "Transaction", project: Project, *, session: str | None, now: str) -> list[str]:
    """Cancel the runs that a session started and that have not ended, all of the project for None.

    Returns their ids; the caller describes the commit.
    """
    found = []
    for name, one in listing(project).items():
        mine = session is None or one.get("session_id") == session
        if mine and one["status"] in workflows.OPEN:
            tx.save(_key(project, name), workflows.end(run(tx, project, name), "cancelled", now=now))
            found.append(name)
    return found


def listing(project: Project) -> dict[str, Document]:
    """Return the runs of a project by id, newest first."""
    found = project.reader.load_all("projects", project.id, FOLDER)
    rows = sorted(found.items(), key=lambda row: row[0])
    rows.sort(key=lambda row: values.instant(row[1].get("created_at") or project.now), reverse=True)
    return dict(rows)


def run(tx: "Transaction", project: Project, run_id: str) -> Document:
    """Return a run, to be changed; NotFound when there is none."""
    found: Document | None = tx.edit(*_key(project, run_id))
    if found is None:
        raise unknown_run(project, run_id)
    return found


def unknown_run(project: Project, run_id: str) -> NotFound:
    """Return the error for a run that is not there."""
    return NotFound(
        f"no workflow {run_id!r} was started in project {project.id!r}",
        hint="`orchestration workflow list` names them",
    )


def defined(project: Project, given: str) -> tuple[str, Document]:
    """Return the name and the definition of the workflow meant; NotFound with the nearest names."""
    known = config_overview.definitions(project)
    if given not in known:
        near = values.nearest(given, known)
        hint = f"did you mean {' or '.join(near)}?" if near else f"workflows: {', '.join(known) or 'none'}"
        raise NotFound(f"no workflow {given!r}", hint=hint)
    return given, {name: value for name, value in known[given].items() if name != "defined_in"}


def _key(project: Project, run_id: str) -> tuple[str, ...]:
    return ("projects", project.id, FOLDER, ids.check(run_id, "workflow"))


def _save(
    tx: "Transaction", project: Project, before: Document | None, after: Document, *, session: str | None,
    reason: str | None = None,
) -> None:  # fmt: skip
    tx.save(_key(project, after["id"]), after)
    op, subject = workflows.event_of(before, after)
    tx.describe(op, subject, session=session, project=project.id, reason=reason)


def dry_run(project: Project, given: str, files: Iterable[str]) -> Document:
    """Run a definition dry: every step in turn, with who would do it; nothing is written.

    `files` are the agents of the checkout. `steps` hold name, assignee, team, free slots, and `problem` or
    null; `valid` is false when the definition itself, or an assignee, is wrong.
    """
    name, definition = defined(project, given)
    document: Document = {"workflow": name, "valid": True, "problem": None, "steps": [], "status": None}
    try:
        state: Mapping[str, Any] = workflows.start(definition, name, "dry-run", session=None, now=project.now)
    except OrchestrationError as error:
        return {**document, "valid": False, "problem": f"{error.message}; {error.hint or 'mend it'}"}
    agents = config_overview.agents(project, dict.fromkeys(files, ""))
    load = config_overview.slots(project, agents)
    while state["status"] == "running":
        step = next(one for one in state["steps"] if one["name"] == state["current_step"])
        document["steps"].append(_tried(step, agents, load))
        state = workflows.advance(state, now=project.now)
    document["status"] = state["status"]
    document["valid"] = all(step["problem"] is None for step in document["steps"])
    return document


def _tried(step: Mapping[str, Any], agents: Mapping[str, Document], load: Mapping[str, Document]) -> Document:
    agent: str | None = step.get("assignee")
    known = agents.get(agent) if agent is not None else None
    free = load[agent]["free"] if agent is not None and known is not None else None
    problem = note = None
    if agent is None:
        note = "nobody is assigned"
    elif known is None:
        near = values.nearest(agent, agents, 1)
        problem = f"nobody knows the agent {agent!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    elif not free:
        note = "has no free slot now"
    return {
        "name": step["name"],
        "assignee": agent,
        "team": known["team"] if known is not None else None,
        "free": free,
        "problem": problem,
        "note": note,
    }
