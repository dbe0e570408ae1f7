"""Requesting and answering handoffs between the teams of a project."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from orchestration import ids
from orchestration.domain import team_handoffs, values
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound, Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

FOLDER = "handoffs"


def request(
    tx: "Transaction", project: Project, source: str, target: str, *, text: str | None,
    tasks: Iterable[str] = (), artifacts: Iterable[str] = (), criteria: Iterable[str] = (),
    session: str | None, now: str,
) -> Document:  # fmt: skip
    """Record that one team asks another to take work over, and return the handoff.

    Raises InvalidData for a team there is not, with the nearest name, NotFound for an unknown task, and what
    `team_handoffs.new` raises.
    """
    project.required()
    source, target = team(project, source), team(project, target)
    attached = [_task(project, name) for name in tasks]
    others = all_of(project)
    number = ids.next_number("HO", others)
    after = team_handoffs.new(
        ids.numbered("HO", number, tx.machine.suffix), source, target, text=text, tasks=attached,
        artifacts=artifacts, criteria=criteria, others=others, now=now,
        load=team_handoffs.load(target, project.teams[target], project.tasks, attached),
    )  # fmt: skip
    _save(tx, project, None, after, session=session)
    return after


def answer(
    tx: "Transaction", project: Project, handoff_id: str, status: str, *, reason: str | None,
    session: str | None, now: str,
) -> tuple[Document, list[str]]:  # fmt: skip
    """Take a handoff to another status; returns it and the tasks that went to the receiver by that."""
    key = ("projects", project.id, FOLDER, ids.check(handoff_id, "handoff id"))
    before = tx.edit(*key)
    if before is None:
        raise NotFound(
            f"no handoff {handoff_id!r} in project {project.id!r}", hint="see `shared_state list-handoffs`"
        )
    after = team_handoffs.step(before, status, reason=reason, now=now)
    moved = _deliver(tx, project, after) if status == "accepted" else []
    _save(tx, project, before, after, session=session)
    return after, moved


def _deliver(tx: "Transaction", project: Project, handoff: Document) -> list[str]:
    """Give the attached tasks that are still there to the receiving team and return those that changed."""
    receiver = project.teams.get(handoff["to"])
    if receiver is None:
        raise Refused(
            f"there is no team {handoff['to']!r} any more",
            hint=f"`reject-handoff {handoff['id']} REASON`, or add the team again",
        )
    moved = []
    for name in handoff["tasks"]:
        key = project.task_key(name)
        task = tx.edit(*key) if key else None
        if key is None or task is None:
            continue
        given = team_handoffs.received(task, handoff["to"], receiver["members"])
        if given != task:
            tx.save(key, given)
            moved.append(name)
    return moved


def all_of(project: Project) -> dict[str, Document]:
    """Return the handoffs between teams by id."""
    return {
        name: one
        for name, one in project.reader.load_all("projects", project.id, FOLDER).items()
        if one.get("kind", "team") == "team"
    }


def listing(project: Project, *, status: str | None = None, team: str | None = None) -> list[Document]:
    """Return the handoffs of a status, or `open` ones, from or to a team; the newest first."""
    found = [
        one
        for one in all_of(project).values()
        if (
            status in (None, one["status"])
            or (status == "open" and one["status"] not in team_handoffs.CLOSED)
        )
        and team in (None, one["from"], one["to"])
    ]
    return sorted(found, key=lambda one: (values.instant(one["created_at"]), one["id"]), reverse=True)


def team(project: Project, given: str) -> str:
    """Return the name of the team meant; InvalidData with the nearest name when there is none."""
    if not project.teams:
        raise Refused(
            f"project {project.id!r} has no teams",
            hint=f'`shared_state set-config {project.id} --data \'{{"team": {{"NAME": {{"members": []}}}}}}\'`',
        )
    return values.choice("team", given.removeprefix("@"), list(project.teams))


def _task(project: Project, given: str) -> str:
    if ids.problem(given) is None and project.task_key(given) is not None:
        return given
    raise project.no_task(given)


def _save(
    tx: "Transaction", project: Project, before: Document | None, after: Document, *, session: str | None
) -> None:
    tx.save(("projects", project.id, FOLDER, after["id"]), after)
    op, subject = team_handoffs.event_of(before, after)
    reason = after["reason"] if (before or {}).get("reason") != after["reason"] else None
    only = after["tasks"][0] if len(after["tasks"]) == 1 else None
    tx.describe(op, subject, session=session, project=project.id, task=only, reason=reason)
