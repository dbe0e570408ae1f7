"""Decisions, goals and risks: pure rules."""

import pytest

from orchestration.domain import decisions, goals, risks, workdays
from orchestration.errors import InvalidData, NotFound, Refused

NOW = "2026-01-05T09:00:00Z"
UTC = workdays.calendar({"timezone": "UTC", "working_days": ["Mon"]})
TONGA = workdays.calendar({"timezone": "Pacific/Tongatapu", "working_days": ["Mon"]})


def decision(deadline=None, calendar=UTC):
    return decisions.new(
        "DEC-1", "Use Postgres", proposer="@ada", deadline=deadline, now=NOW, calendar=calendar
    )


def voted(yes=0, no=0, abstain=0):
    cast = [*["yes"] * yes, *["no"] * no, *["abstain"] * abstain]
    return {**decision(), "votes": {f"p{n}": one for n, one in enumerate(cast)}}


def test_a_new_decision_is_open_for_votes():
    assert decision("2026-02-01") == {
        "id": "DEC-1",
        "text": "Use Postgres",
        "proposer": "ada",
        "votes": {},
        "status": "voting",
        "deadline": "2026-02-01",
        "created_at": NOW,
        "decided_at": None,
    }


@pytest.mark.parametrize(
    ("yes", "no", "abstain", "consensus", "outcome"),
    [
        (3, 1, 0, 0.75, "approved"),
        (1, 0, 9, 1.0, "approved"),
        (2, 1, 0, 0.6667, "conditional"),
        (1, 1, 0, 0.5, "conditional"),
        (74, 26, 0, 0.74, "conditional"),
        (1, 2, 0, 0.3333, "rejected"),
        (0, 1, 0, 0.0, "rejected"),
    ],
)
def test_what_the_votes_decide(yes, no, abstain, consensus, outcome):
    found = decisions.tally(voted(yes, no, abstain))

    assert (found["consensus"], found["outcome"], found["needs"]) == (consensus, outcome, {})
    assert decisions.close(voted(yes, no, abstain), now=NOW)["status"] == outcome


def test_without_a_vote_for_or_against_it_stays_open():
    made = voted(abstain=3)

    assert decisions.tally(made) == {
        "yes": 0,
        "no": 0,
        "abstain": 3,
        "consensus": None,
        "outcome": None,
        "needs": {"consensus": "needs 1 vote for or against"},
    }
    with pytest.raises(Refused, match="DEC-1 has no vote for or against, so it stays open for votes"):
        decisions.close(made, now=NOW)


def test_one_person_has_one_vote():
    made = decision()
    for name, choice in (("Ana", "yes"), ("ana", "no"), ("@bob", "Yes")):
        made = decisions.vote(made, choice, by=name, now=NOW, calendar=UTC)

    assert made["votes"] == {"Ana": "no", "bob": "yes"}


def test_a_vote_has_a_name_and_a_known_word():
    with pytest.raises(InvalidData, match="name is empty"):
        decisions.vote(decision(), "yes", by=" ", now=NOW, calendar=UTC)
    with pytest.raises(InvalidData, match="vote 'maybe' is not one of yes, no, abstain"):
        decisions.vote(decision(), "maybe", by="ana", now=NOW, calendar=UTC)


def test_a_closed_decision_takes_no_votes():
    closed = decisions.close(voted(1), now=NOW)

    with pytest.raises(Refused, match="DEC-1 is approved; its votes are counted"):
        decisions.vote(closed, "no", by="ana", now=NOW, calendar=UTC)
    with pytest.raises(Refused):
        decisions.close(closed, now=NOW)


@pytest.mark.parametrize(
    ("calendar", "now", "over"),
    [
        (UTC, "2026-02-01T23:59:59Z", False),
        (UTC, "2026-02-02T00:00:00Z", True),
        (TONGA, "2026-02-01T10:59:59Z", False),
        (TONGA, "2026-02-01T11:00:00Z", True),  # midnight at UTC+13
    ],
)
def test_the_day_of_a_deadline_ends_in_the_projects_zone(calendar, now, over):
    made = decision("2026-02-01", calendar)

    assert decisions.view(made, now=now, calendar=calendar)["overdue"] is over
    if over:
        with pytest.raises(Refused, match="voting on DEC-1 ended 2026-02-01"):
            decisions.vote(made, "yes", by="ana", now=now, calendar=calendar)
    else:
        assert decisions.vote(made, "yes", by="ana", now=now, calendar=calendar)["votes"] == {"ana": "yes"}


def test_a_deadline_lies_ahead():
    with pytest.raises(Refused, match="the deadline 2026-01-04 is over"):
        decision("2026-01-04")


def test_goals_are_marked_by_their_number():
    stored = [{"text": "one", "done": False}, {"text": "two", "done": False, "owner": "ana"}]

    assert goals.marked(stored, 2, done=True) == [
        {"text": "one", "done": False},
        {"text": "two", "done": True, "owner": "ana"},
    ]
    assert goals.added(stored, " three ")[-1] == {"text": "three", "done": False}
    with pytest.raises(NotFound) as missing:
        goals.marked(stored, 0, done=True)
    assert missing.value.hint == "goals are numbered 1 to 2"


def test_a_risk_is_closed_once():
    risk = risks.new("RISK-1", "late vendor", severity="HIGH", reported_by="ana", now=NOW)
    closed = risks.closed(risk, reason=" delivered ", now=NOW)

    assert (risk["severity"], risk["status"]) == ("high", "open")
    assert (closed["status"], closed["closed_at"], closed["reason"]) == ("closed", NOW, "delivered")
    with pytest.raises(Refused, match="RISK-1 is closed already"):
        risks.closed(closed, now=NOW)
