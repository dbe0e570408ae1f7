"""Decisions: proposed, voted on by named people, and closed by what their votes say.

Consensus is yes / (yes + no); abstaining counts for neither. A decision closes as approved with at least
75 %, as conditional with at least 50 %, else as rejected. One without a yes or a no stays open.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from orchestration.domain import fields, values, workdays
from orchestration.domain.records import Document
from orchestration.errors import Refused

VOTES = ("yes", "no", "abstain")
STATUSES = ("voting", "approved", "conditional", "rejected")
NEEDS = "needs 1 vote for or against"


def new(
    decision_id: str, text: object, *, proposer: object, deadline: object = None, now: str,
    calendar: workdays.Calendar,
) -> Document:  # fmt: skip
    """Return a decision that is open for votes; Refused for a deadline that is over."""
    ends = None if deadline is None else values.time("deadline", deadline)
    if ends is not None and _is_over(ends, now, calendar):
        raise Refused(f"the deadline {ends} is over", hint="give a later one, or none")
    return {
        "id": values.id_("decision id", decision_id),
        "text": values.text("text", text).strip(),
        "proposer": named("proposer", proposer),
        "votes": {},
        "status": "voting",
        "deadline": ends,
        "created_at": values.time("created_at", now),
        "decided_at": None,
    }


def named(field: str, given: object) -> str:
    """Return the name of a person or agent, `@name` as the plain one; InvalidData for none."""
    name = values.text(field, given).strip()
    return (values.agent(name, field) or name) if name.startswith("@") else name


def _is_over(deadline: str, now: str, calendar: workdays.Calendar) -> bool:
    # A date is a day to vote on: it ends with its last moment in the project's zone.
    if len(deadline) == len("2024-01-15"):
        end = workdays.midnight(calendar, date.fromisoformat(deadline) + timedelta(days=1))
    else:
        end = values.parse_time(deadline)
    return values.parse_time(now) >= end


def vote(
    decision: Mapping[str, Any], choice: object, *, by: object, now: str, calendar: workdays.Calendar
) -> Document:
    """Return the decision with the vote of `by`, who may change it while voting goes on.

    Refused when the decision is closed or its deadline is over; names differ by more than case.
    """
    _require_voting(decision)
    if decision.get("deadline") and _is_over(decision["deadline"], now, calendar):
        raise Refused(
            f"voting on {decision['id']} ended {decision['deadline']}",
            hint=f"count the votes with `decision close {decision['id']}`",
        )
    name = named("name", by)
    cast = dict(decision.get("votes") or {})
    known = next((one for one in cast if one.casefold() == name.casefold()), name)
    cast[known] = values.choice("vote", choice, VOTES, {"y": "yes", "n": "no", "abstention": "abstain"})
    return {**decision, "votes": cast}


def close(decision: Mapping[str, Any], *, now: str) -> Document:
    """Return the decision with the status that its votes give; Refused when nobody voted yes or no."""
    _require_voting(decision)
    found = tally(decision)
    outcome = found["outcome"]
    if outcome is None:
        raise Refused(
            f"{decision['id']} has no vote for or against, so it stays open for votes",
            hint=f"`decision vote {decision['id']} yes|no --as NAME`",
        )
    return {**decision, "status": outcome, "decided_at": values.time("now", now)}


def _require_voting(decision: Mapping[str, Any]) -> None:
    if decision.get("status") != "voting":
        raise Refused(
            f"{decision['id']} is {decision.get('status')}; its votes are counted",
            hint="propose it anew with `decision propose TEXT`",
        )


def tally(decision: Mapping[str, Any]) -> Document:
    """Return how many said yes, no and abstain, the consensus (0 to 1), and the outcome if closed now.

    Consensus and outcome are null, and `needs` says why, without a vote for or against.
    """
    cast = Counter((decision.get("votes") or {}).values())
    yes, no = cast["yes"], cast["no"]
    counted = yes + no
    outcome = None
    if counted:
        outcome = (
            "approved" if 4 * yes >= 3 * counted else "conditional" if 2 * yes >= counted else "rejected"
        )
    return {
        "yes": yes,
        "no": no,
        "abstain": cast["abstain"],
        "consensus": round(yes / counted, 4) if counted else None,
        "outcome": outcome,
        "needs": {} if counted else {"consensus": NEEDS},
    }


def view(decision: Mapping[str, Any], *, now: str, calendar: workdays.Calendar) -> Document:
    """Return the decision as shown: with its `tally`, and whether its deadline is over."""
    deadline = decision.get("deadline")
    over = bool(deadline) and _is_over(str(deadline), now, calendar)
    return {**decision, "overdue": over and decision["status"] == "voting", "tally": tally(decision)}


def event_of(before: Document | None, after: Document) -> tuple[str, str]:
    """Return the event type and the commit subject that say how a decision changed."""
    name = after["id"]
    if before is None:
        return "decision_proposed", fields.subject(f"decision: {name} proposed: {after['text']}")
    if before["status"] != after["status"]:
        found = tally(after)
        said = f"{after['status']} with {found['yes']} to {found['no']}"
        return "decision_closed", fields.subject(f"decision: {name} {said}")
    who = next(one for one, cast in after["votes"].items() if before["votes"].get(one) != cast)
    return "decision_voted", fields.subject(f"decision: {name} {after['votes'][who]} by {who}")
