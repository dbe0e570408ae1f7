"""Risks, goals, decisions, the agenda and the summary."""

import pytest


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/kpis", "predictability"),
        ("/summary", "done:           0 of 8 points"),
        ("/agenda", "• goal 1 is open: Log in\n    → /goals done 1"),
        ("/risks", "No risk is recorded; `/risks add TEXT` records one."),
        ("/goals", "1  no       Log in"),
        ("/budget", "No cost and no budget is recorded, and none is estimated."),
        ("/timeline", "▲ today"),
        ("/consensus", "Project myapp has no decisions; `/propose TEXT` makes one."),
        ("/decisions", "Project myapp has no decisions. `/propose TEXT` makes one."),
    ],
)
def test_looking_answers_and_changes_nothing(running, typed, said) -> None:
    before = running.commits()

    assert said in running.say(typed)

    assert running.commits() == before


def test_goals_are_marked_and_written_down(running) -> None:
    assert running.say("/goals done 1").startswith("✓ Sprint sprint-1: 1 of 1 goal reached")
    running.say("/goals add Don't break login")
    running.say("/goals reopen 1 --sprint #sprint-1")

    assert [(one["text"], one["done"]) for one in running.project().sprints["sprint-1"]["goals"]] == [
        ("Log in", False),
        ("Don't break login", False),
    ]
    assert "goals are numbered 1 to 2" in running.refused("/goals done 3")


def test_a_risk_is_recorded_shown_and_closed(running) -> None:
    said = running.say("/risks add [/api] may \x1b[31mfail --severity high")

    assert said.startswith("✓ Recorded RISK-1 (high): [/api] may \\x1b[31mfail")
    assert "high     RISK-1: [/api] may \\x1b[31mfail" in running.say("/risks")
    assert "high     [/api] may \\x1b[31mfail" in running.say("/summary")
    running.say("/risks close risk-1 it did not")
    assert "No risk is recorded" in running.say("/risks")
    assert "closed" in running.say("/risks --all")


def test_a_blocker_is_a_risk_and_on_the_agenda(running) -> None:
    running.say("/block TASK-1 no key")

    assert "TASK-1 0m medium no key  Log in" in running.say("/risks")
    assert "• TASK-1 is blocked for 0m: no key\n    → /unblock TASK-1" in running.say("/agenda")


def test_a_decision_is_voted_on_by_names_and_closed_by_its_votes(running) -> None:
    assert running.say('/propose Use "OAuth2"').splitlines()[:2] == [
        '✓ Proposed DEC-1: Use "OAuth2"', "Vote: /vote DEC-1 yes|no|abstain",
    ]  # fmt: skip
    assert '• DEC-1: Use "OAuth2" (0 yes, 0 no, 0 abstain)' in running.say("/agenda")
    assert "no vote for or against" in running.refused("/consensus close DEC-1")

    for name in ("bob", "@cy", "dee"):
        running.say(f"/vote 1 yes --as {name}")
    assert running.say("/vote dec-1 no").splitlines()[:2] == [
        "✓ DEC-1: 3 yes, 1 no, 0 abstain", "75% agree: approved if closed now, by /consensus close DEC-1",
    ]  # fmt: skip
    assert "  ada: no" in running.say("/consensus DEC-1")
    assert running.say("/consensus close DEC-1").startswith(
        "✓ DEC-1 is approved: 3 yes, 1 no, 0 abstain (75%)"
    )
    assert "DEC-1  approved" in running.say("/decisions approved")
    assert running.say("/decisions rejected") == "Project myapp has no decisions that are rejected."
    assert "is approved; its votes are counted" in running.refused("/vote DEC-1 yes")


def test_votes_and_decisions_that_are_not(running) -> None:
    assert "'maybe' is not one of yes, no, abstain" in running.refused("/vote DEC-1 maybe")
    assert "none is open for votes; `/propose TEXT` makes one" in running.refused("/vote DEC-1 yes")
    assert "TEXT is missing" in running.refused("/propose")


def test_costs_are_shown_once_they_are_recorded(running) -> None:
    running.say("/config set metadata.budget 1000 --json")
    running.say("/state set sprint.metrics.cost_usd 12.5 --json")

    shown = running.say("/budget")

    assert "project  budget    1000  1" in shown
    assert "sprint   sprint-1  cost_usd  12.5" in shown
