"""`shared_state decision`, `goal` and `risk`: the options arrive."""

from collections.abc import Callable
from typing import Any

import pytest
from inline_snapshot import snapshot


@pytest.fixture(autouse=True)
def ana(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ana")


def test_from_a_proposal_to_a_decision(run: Any, session: str, git: Callable[..., str]) -> None:
    made = run(
        "decision", "propose", "Use [/postgres]", "--deadline", "2026-02-01", "--session", session
    ).value
    for name, choice in (("ana", "yes"), ("bob", "yes"), ("eve", "abstain"), ("max", "no"), ("mia", "yes")):
        run("decision", "vote", made, choice, "--as", name, "--project", "myapp")
    closed = run("decision", "close", made, "--project", "myapp")

    assert "✓ DEC-1 is approved (3 yes, 1 no: 75%)" in closed.stderr
    assert run("decision", "show", made, "--project", "myapp").stdout == snapshot("""\
id:         DEC-1
decision:   Use [/postgres]
proposer:   ana
status:     approved
created_at: 2026-01-05 09:00
deadline:   2026-02-01
decided_at: 2026-01-05 09:00
consensus:  75%
Votes:
  ana: yes
  bob: yes
  eve: abstain
  max: no
  mia: yes
""")
    ops = git("log", "-3", "--format=%(trailers:key=Op,valueonly,separator=%x20) %s")
    assert ops.splitlines()[::2] == [
        "decision_closed decision: DEC-1 approved with 3 to 1",
        "decision_voted decision: DEC-1 no by max",
    ]


def test_a_vote_given_twice_is_one_commit(run: Any, session: str, git: Callable[..., str]) -> None:  # noqa: ARG001
    run("decision", "propose", "Use Postgres", "--project", "myapp")
    run("decision", "vote", "DEC-1", "yes", "--as", "ana", "--project", "myapp")
    before = git("rev-parse", "HEAD")
    again = run("decision", "vote", "DEC-1", "yes", "--as", "ana", "--project", "myapp")

    assert (again.exit_code, git("rev-parse", "HEAD")) == (0, before)


def test_decisions_that_are_refused(run: Any, fails: Callable[..., str], session: str) -> None:  # noqa: ARG001
    run("decision", "propose", "Use Postgres", "--project", "myapp")

    def refused(*words: str) -> str:
        return fails(1, "decision", *words, "--project", "myapp")

    assert refused("close", "DEC-1") == "DEC-1 has no vote for or against, so it stays open for votes"
    assert refused("vote", "DEC-1", "maybe") == "vote 'maybe' is not one of yes, no, abstain"
    assert refused("vote", "DEC-9", "yes") == "no decision 'DEC-9' in project 'myapp'"
    assert refused("propose", " ") == "text is empty"
    assert refused("propose", "x", "--deadline", "2025-01-01") == "the deadline 2025-01-01 is over"


def test_the_log_of_decisions(run: Any, session: str) -> None:  # noqa: ARG001
    run("set-config", "myapp", "--data", "{}")
    shown = run("decision", "list", "--project", "myapp")
    assert shown.stdout == "Project myapp has no decisions.\n"
    for text in ("First", "Second"):
        run("decision", "propose", text, "--project", "myapp")
    run("decision", "vote", "DEC-2", "no", "--as", "ana", "--project", "myapp")
    run("decision", "close", "DEC-2", "--project", "myapp")

    assert run("decision", "list", "--project", "myapp").stdout == snapshot("""\
ID     STATUS    YES  NO  ABSTAIN  CONSENSUS                          DEADLINE  DECISION
DEC-1  voting    0    0   0        n/a (needs 1 vote for or against)  -         First
DEC-2  rejected  0    1   0        0%                                 -         Second
""")


def test_goals_of_the_current_sprint(run: Any, fails: Callable[..., str], sprint: str) -> None:
    empty = run("goal", "list", "--project", "myapp")
    assert empty.stdout == f"Sprint {sprint} has no goals.\n"
    run("goal", "add", "People log in", "--project", "myapp")
    run("goal", "add", "People log out", "--project", "myapp")
    done = run("goal", "done", "1", "--project", "myapp")
    run("goal", "done", "2", "--project", "myapp")
    run("goal", "reopen", "2", "--project", "myapp")

    assert f"✓ Sprint {sprint}: 1 of 2 goals reached" in done.stderr
    assert run("goal", "list", "--project", "myapp", "--json-output").json == [
        {"number": 1, "text": "People log in", "done": True},
        {"number": 2, "text": "People log out", "done": False},
    ]
    assert fails(1, "goal", "done", "3", "--project", "myapp") == "there is no goal 3"


def test_recorded_risks(run: Any, fails: Callable[..., str], sprint: str) -> None:
    run("risk", "add", "The vendor is late", "--project", "myapp")
    run("risk", "add", "The key expires", "--severity", "high", "--sprint", sprint, "--project", "myapp")
    listed = run("risk", "list", "--project", "myapp", "--json-output").json
    run("risk", "close", "RISK-1", "delivered", "--project", "myapp")

    assert [(one["id"], one["severity"], one["sprint_id"]) for one in listed] == [
        ("RISK-2", "high", sprint),
        ("RISK-1", "medium", None),
    ]
    assert run("risk", "list", "--all", "--project", "myapp").stdout == snapshot("""\
ID      SEVERITY  STATUS  SPRINT    SINCE             RISK
RISK-2  high      open    sprint-1  2026-01-05 09:00  The key expires
RISK-1  medium    closed  -         2026-01-05 09:00  The vendor is late
""")
    assert "no sprint 'sprint-9'" in fails(
        1, "risk", "add", "x", "--sprint", "sprint-9", "--project", "myapp"
    )
