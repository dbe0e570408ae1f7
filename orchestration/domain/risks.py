"""Recorded risks of a project: what may go wrong, until somebody says that it no longer can."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import fields, values
from orchestration.domain.project import Project
from orchestration.domain.records import SEVERITIES, Document
from orchestration.errors import NotFound, Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

FOLDER = "risks"
STATUSES = ("open", "closed")


def new(
    risk_id: str, text: object, *, severity: object = "medium", sprint_id: str | None = None,
    reported_by: str, now: str,
) -> Document:  # fmt: skip
    """Return an open risk."""
    return {
        "id": values.id_("risk id", risk_id),
        "text": values.text("text", text).strip(),
        "severity": values.choice("severity", severity, SEVERITIES),
        "sprint_id": sprint_id,
        "status": "open",
        "reported_by": values.text("reported_by", reported_by),
        "created_at": values.time("created_at", now),
        "closed_at": None,
        "reason": None,
    }


def closed(risk: Mapping[str, Any], *, reason: object = None, now: str) -> Document:
    """Return the risk closed; Refused when it is already."""
    if risk.get("status") == "closed":
        raise Refused(f"{risk['id']} is closed already", hint="record it anew with `risk add TEXT`")
    said = (values.optional_text("reason", reason) or "").strip() or None
    return {**risk, "status": "closed", "closed_at": values.time("now", now), "reason": said}


def add(
    tx: "Transaction", project: Project, text: str, *, severity: str, sprint_id: str | None,
    session: str | None, now: str, actor: str,
) -> Document:  # fmt: skip
    """Record a risk of the project, or of one of its sprints, and return it."""
    project.check_new()
    if sprint_id is not None and not tx.exists("projects", project.id, "sprints", ids.check(sprint_id)):
        raise NotFound(
            f"no sprint {sprint_id!r} in project {project.id!r}",
            hint=f"see `shared_state list-sprints {project.id}`",
        )
    number = ids.next_number("RISK", tx.names("projects", project.id, FOLDER))
    name = ids.numbered("RISK", number, tx.machine.suffix)
    after = new(name, text, severity=severity, sprint_id=sprint_id, reported_by=actor, now=now)
    _save(tx, project, after, f"risk: {name} {after['severity']}: {after['text']}", session=session)
    return after


def close(
    tx: "Transaction", project: Project, risk_id: str, *, reason: str | None, session: str | None, now: str
) -> Document:
    """Close a recorded risk and return it; NotFound when there is none."""
    before = tx.edit("projects", project.id, FOLDER, ids.check(risk_id, "risk id"))
    if before is None:
        raise NotFound(f"no risk {risk_id!r} in project {project.id!r}", hint="see `shared_state risk list`")
    after = closed(before, reason=reason, now=now)
    said = f": {after['reason']}" if after["reason"] else ""
    _save(tx, project, after, f"risk: {after['id']} closed{said}", session=session, reason=after["reason"])
    return after


def listing(project: Project, *, status: str | None = "open") -> list[Document]:
    """Return the recorded risks of a status, or all for None: the most severe first, then the oldest."""
    found = project.reader.load_all("projects", project.id, FOLDER).values()
    rows = [one for one in found if status in (None, one["status"])]
    rows.sort(key=lambda one: (-SEVERITIES.index(one["severity"]), values.instant(one["created_at"])))
    return rows


def _save(
    tx: "Transaction", project: Project, after: Document, said: str, *, session: str | None,
    reason: str | None = None,
) -> None:  # fmt: skip
    tx.save(("projects", project.id, FOLDER, after["id"]), after)
    tx.describe("state_set", fields.subject(said), session=session, project=project.id, reason=reason)
