"""`shared_state team-handoff` and its answers: the options arrive, each step is one commit."""

from collections.abc import Callable
from typing import Any

import pytest
from inline_snapshot import snapshot

TEAMS = '{"team": {"dev": {"members": ["ada"]}, "checks": {"members": ["eve"]}}}'


@pytest.fixture
def teams(run: Any, session: str) -> None:
    run("set-config", "myapp", "--data", TEAMS)
    for title, agent in (("Log in", "ada"), ("Log [/api] out", "eve")):
        run("task", "add", title, "--assignee", agent, "--project", "myapp")
    run("update-task", "TASK-1", "todo", "--project", "myapp")
    run("task", "claim", "TASK-1", "--as", "ada", "--session", session)


@pytest.fixture
def asked(run: Any, teams: None) -> str:  # noqa: ARG001
    words = ("--task", "TASK-1, TASK-2", "--artifacts", "a.py,b.py", "--criteria", "all, or nothing")
    result: str = run("team-handoff", "dev", "checks", "please test", *words, "--project", "myapp").value
    return result


def trailers(git: Callable[..., str], commit: str = "HEAD") -> str:
    return git("log", "-1", "--format=%s%n%(trailers:key=Op)%(trailers:key=Reason)", commit)


def test_a_request_is_recorded_with_the_receivers_load(run: Any, asked: str, git: Callable[..., str]) -> None:
    record = run("get-handoff", asked, "--project", "myapp", "--json-output").json

    assert (record["tasks"], record["artifacts"]) == (["TASK-1", "TASK-2"], ["a.py", "b.py"])
    assert (record["criteria"], record["status"]) == (["all, or nothing"], "pending_acceptance")
    assert record["data"] == {"receiver_load": {"slots": 1, "before": 0, "after": 1}}
    assert trailers(git) == "handoff: HO-1 dev -> checks: please test\nOp: team_handoff_requested"


def test_a_receiver_without_room_is_told_of(run: Any, teams: None) -> None:  # noqa: ARG001
    run("update-task", "TASK-2", "todo", "--project", "myapp")
    result = run("team-handoff", "dev", "checks", "--task", "TASK-1", "--project", "myapp")

    assert result.exit_code == 0
    assert "warning: team checks would have more tasks than slots: 2 of 1 slot, 1 before" in result.stderr


def test_acceptance_moves_the_tasks_in_the_same_commit(run: Any, asked: str, git: Callable[..., str]) -> None:
    before = git("rev-parse", "HEAD")
    result = run("accept-handoff", asked, "--project", "myapp")
    first, second = (
        run("task", "show", name, "--project", "myapp", "--json-output").json for name in ("TASK-1", "TASK-2")
    )

    assert result.value == "HO-1"
    assert "✓ Accepted HO-1; now with team checks: TASK-1, TASK-2" in result.stderr
    assert (first["team"], first["assignee"], first["claim"]) == ("checks", None, None)
    assert (second["team"], second["assignee"]) == ("checks", "eve")
    assert git("rev-list", "--count", f"{before}..HEAD") == "1"
    assert trailers(git) == "handoff: HO-1 dev -> checks accepted\nOp: team_handoff_accepted"


def test_each_step_to_the_end(run: Any, asked: str, git: Callable[..., str]) -> None:
    for words in (
        ("defer-handoff", asked, "next week"),
        ("resume-handoff", asked),
        ("accept-handoff", asked),
        ("start-handoff", asked),
        ("complete-handoff", asked, "all green"),
    ):
        assert run(*words, "--project", "myapp").exit_code == 0

    assert git("log", "-5", "--reverse", "--format=%(trailers:key=Op,valueonly,separator=%x20)") == snapshot("""\
team_handoff_deferred
team_handoff_resumed
team_handoff_accepted
team_handoff_started
team_handoff_completed\
""")
    assert trailers(git) == (
        "handoff: HO-1 dev -> checks completed\nOp: team_handoff_completed\nReason: all green"
    )


def test_a_rejected_handoff_leaves_the_tasks_alone(run: Any, asked: str) -> None:
    run("reject-handoff", asked, "not now", "--project", "myapp")
    task = run("task", "show", "TASK-1", "--project", "myapp", "--json-output").json

    assert (task["team"], task["assignee"]) == (None, "ada")
    assert run("list-handoffs", "--status", "open", "--project", "myapp").stdout == (
        "Project myapp has no such handoffs between teams.\n"
    )


def test_what_is_refused(fails: Callable[..., str], asked: str) -> None:
    def refused(*words: str) -> str:
        return fails(1, *words, "--project", "myapp")

    assert refused("team-handoff", "dev", "dev", "x") == "team 'dev' cannot hand over to itself"
    assert "team 'chekcs' is not one of" in refused("team-handoff", "dev", "chekcs", "x")
    assert refused("team-handoff", "dev", "checks", "x", "--task", "TASK-9") == (
        "no task 'TASK-9' in project 'myapp'"
    )
    assert "would go in a circle: checks -> dev -> checks" in refused("team-handoff", "checks", "dev", "x")
    assert refused("complete-handoff", asked) == "HO-1 is pending_acceptance; it cannot become completed"
    assert refused("accept-handoff", "HO-9") == "no handoff 'HO-9' in project 'myapp'"
    assert "needs a reason" in refused("reject-handoff", asked, " ")
    fails(2, "reject-handoff", asked, "--project", "myapp")


def test_the_list_at_80_columns(run: Any, asked: str) -> None:  # noqa: ARG001
    run("team-handoff", "dev", "checks", "a text\nin [/two] lines", "--project", "myapp")

    assert run("list-handoffs", "--project", "myapp").stdout == snapshot("""\
ID    STATUS              FROM  TO      CREATED           TASKS           WHAT
HO-2  pending_acceptance  dev   checks  2026-01-05 09:00  -               a text in [/two] lines
HO-1  pending_acceptance  dev   checks  2026-01-05 09:00  TASK-1, TASK-2  please test
""")


def test_no_handoffs_are_a_sentence(run: Any, teams: None) -> None:  # noqa: ARG001
    assert run("list-handoffs", "--project", "myapp").stdout == (
        "Project myapp has no handoffs between teams.\n"
    )


def test_a_handoff_is_undone_like_anything_else(run: Any, asked: str) -> None:
    run("accept-handoff", asked, "--project", "myapp")
    run("state_manager", "undo", "--any")

    assert run("get-handoff", asked, "--project", "myapp", "--json-output").json["status"] == (
        "pending_acceptance"
    )
    assert run("task", "show", "TASK-1", "--project", "myapp", "--json-output").json["assignee"] == "ada"
