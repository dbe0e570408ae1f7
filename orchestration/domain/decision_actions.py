"""The log of decisions of a project: proposing, voting, closing."""

from typing import TYPE_CHECKING

from orchestration import ids
from orchestration.domain import decisions, values, workdays
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

FOLDER = "decisions"


def propose(
    tx: "Transaction", project: Project, text: str, *, proposer: str, deadline: str | None,
    session: str | None, now: str,
) -> Document:  # fmt: skip
    """Record a proposal that people can vote on, and return it."""
    project.check_new()
    number = ids.next_number("DEC", tx.names("projects", project.id, FOLDER))
    after = decisions.new(
        ids.numbered("DEC", number, tx.machine.suffix), text, proposer=proposer, deadline=deadline, now=now,
        calendar=workdays.calendar(project.settings),
    )  # fmt: skip
    _save(tx, project, None, after, session=session)
    return after


def vote(
    tx: "Transaction", project: Project, decision_id: str, choice: str, *, by: str, session: str | None,
    now: str,
) -> Document:  # fmt: skip
    """Record the vote of a named person and return the decision."""
    before = _required(tx, project, decision_id)
    calendar = workdays.calendar(project.settings)
    after = decisions.vote(before, choice, by=by, now=now, calendar=calendar)
    if after != before:
        _save(tx, project, before, after, session=session)
    return after


def close(
    tx: "Transaction", project: Project, decision_id: str, *, session: str | None, now: str
) -> Document:
    """Count the votes of a decision and return it as they decide."""
    before = _required(tx, project, decision_id)
    after = decisions.close(before, now=now)
    _save(tx, project, before, after, session=session)
    return after


def listing(project: Project, *, status: str | None = None, now: str) -> list[Document]:
    """Return the decisions of a status as shown: those open for votes first, then the newest."""
    calendar = workdays.calendar(project.settings)
    found = project.reader.load_all("projects", project.id, FOLDER).values()
    rows = [
        decisions.view(one, now=now, calendar=calendar) for one in found if status in (None, one["status"])
    ]
    rows.sort(key=lambda one: (values.instant(one["created_at"]), one["id"]), reverse=True)
    return sorted(rows, key=lambda one: one["status"] != "voting")


def shown(project: Project, decision_id: str, *, now: str) -> Document:
    """Return one decision as shown; NotFound when there is none."""
    found = project.reader.load("projects", project.id, FOLDER, ids.check(decision_id, "decision id"))
    if found is None:
        raise _unknown(project, decision_id)
    return decisions.view(found, now=now, calendar=workdays.calendar(project.settings))


def _required(tx: "Transaction", project: Project, decision_id: str) -> Document:
    found: Document | None = tx.edit("projects", project.id, FOLDER, ids.check(decision_id, "decision id"))
    if found is None:
        raise _unknown(project, decision_id)
    return found


def _unknown(project: Project, decision_id: str) -> NotFound:
    return NotFound(
        f"no decision {decision_id!r} in project {project.id!r}", hint="see `shared_state decision list`"
    )


def _save(
    tx: "Transaction", project: Project, before: Document | None, after: Document, *, session: str | None
) -> None:
    tx.save(("projects", project.id, FOLDER, after["id"]), after)
    op, subject = decisions.event_of(before, after)
    tx.describe(op, subject, session=session, project=project.id)
