"""`--at`: what a read prints of a moment is what it printed at that moment."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

READS: tuple[tuple[str, ...], ...] = (
    ("get", "{session}", ""),
    ("get", "{session}", "session"),
    ("get", "{session}", "tasks.TASK-1"),
    ("get", "{session}", "sprint.current"),
    ("get", "{session}", "sprint.metrics"),
    ("get", "{session}", "sprint.burndown"),
    ("get", "{session}", "$.tasks.*.column"),
    ("get", "{session}", "observability"),
    ("export", "{session}"),
    ("list-sessions",),
    ("task", "show", "TASK-1", "--project", "myapp"),
    ("task", "list", "--project", "myapp"),
    ("session_manager", "list", "--all"),
    ("session_manager", "info", "{session}", "--allow-inactive"),
    ("get-config", "myapp"),
    ("list-epics", "myapp"),
    ("get-epic", "myapp", "login"),
    ("list-sprints", "myapp"),
    ("get-sprint", "myapp", "sprint-1"),
    ("list-tools",),
    ("get-tool", "scan"),
    ("history", "{session}", "tasks.TASK-1"),
    ("blame", "{session}", "tasks.TASK-1"),
    ("event_stream", "latest"),
    ("event_stream", "stats"),
)


@pytest.mark.usefixtures("sprint")
def test_every_read_at_a_time_is_what_it_was_at_that_time(run: Any, clock: Any, session: str) -> None:
    run("update-epic", "myapp", "login", "--title", "Log in")
    run("register-tool", "--name", "scan", "--type", "command")
    run("event_stream", "emit", "build_failed", "--project", "myapp")
    run("update-task", "TASK-1", "in_progress", "--session", session)
    clock.forward(days=1)
    # a command's clock goes on by a second, so each read has its own moment
    moments, shown = [], []
    for words in READS:
        said = [session if word == "{session}" else word for word in words]
        shown.append(run(*said, "--json-output").json)
        moments.append(clock.now.isoformat())

    clock.forward(days=2)
    run("recover", session)
    assert run("update-task", "TASK-1", "done", "--session", session).exit_code == 0
    run("create", "--project", "other")
    run("set-config", "myapp", "--data", '{"settings": {"velocity_target": 30}}')
    run("update-epic", "myapp", "login", "--status", "in_progress")
    run("register-tool", "--name", "scan", "--type", "command", "--version", "2")
    run("update-sprint", "myapp", "sprint-1", "--name", "Renamed")
    run("cleanup-expired")

    for words, then, at in zip(READS, shown, moments, strict=True):
        said = [session if word == "{session}" else word for word in words]
        assert run(*said, "--json-output", "--at", at).json == then, words


@pytest.mark.usefixtures("sprint")
def test_a_commit_is_looked_at_in_its_own_moment(run: Any, clock: Any, session: str) -> None:
    moved = run("update-task", "TASK-1", "in_progress", "--session", session).commit
    at = clock.now.isoformat()
    clock.forward(hours=5)
    assert run("update-task", "TASK-1", "done", "--session", session).exit_code == 0

    assert run("get", session, "tasks.TASK-1.status", "--at", moved).value == "in_progress"
    assert run("get", session, "tasks.TASK-1.status", "--at", "HEAD~1").value == "in_progress"
    assert (
        run("get", session, "sprint.metrics", "--at", moved).json
        == run("get", session, "sprint.metrics", "--at", at).json
    )
    assert run("get", session, "tasks.TASK-1.status").value == "done"


def test_what_was_not_there_yet_is_not_there(run: Any, fails: Callable[..., str], session: str) -> None:
    run("set", session, "notes.a", "one")

    assert "no value" in fails(1, "get", session, "notes.a", "--at", "HEAD~1")
    assert "no session" in fails(3, "get", session, "session", "--at", "HEAD~2")
    assert "beyond the first commit" in fails(1, "get", session, "session", "--at", "HEAD~5")
    assert "names no commit and no time" in fails(2, "get", session, "session", "--at", "whenever")
    assert "no commit from before" in fails(1, "get", session, "session", "--at", "3 years ago")


def test_a_deleted_and_a_retired_session_are_seen_as_they_were(run: Any, clock: Any, session: str) -> None:
    run("set", session, "notes.a", "one")
    clock.forward(days=3)
    run("cleanup-expired")

    assert run("get", session, "notes.a", "--at", "HEAD~1").value == "one"
    assert run("get", session[:8], "notes.a", "--at", "2 days ago").value == "one"
    listed = run("session_manager", "list", "--json-output", "--at", "2 days ago").json
    assert [(row["id"], row["retired"]) for row in listed] == [(session, False)]
    assert run("session_manager", "list", "--json-output").json == []


def test_a_read_of_the_past_ignores_edits_by_hand_and_writes_nothing(
    run: Any, session: str, state_dir: Any, unchanged: Any
) -> None:
    run("set", session, "notes.a", "one")
    run("set", session, "notes.a", "two")
    file = state_dir / "sessions" / session[:2] / session / "session.yaml"
    file.write_text(file.read_text() + "extra: true\n")

    with unchanged():
        result = run("get", session, "notes.a", "--at", "HEAD~1")
    assert (result.stdout, result.stderr) == ("one\n", "")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(
        st.tuples(
            st.sampled_from("abc"), st.one_of(st.integers(), st.text(max_size=5), st.none(), st.booleans())
        ),
        min_size=1,
        max_size=6,
    ),
    pick=st.integers(min_value=0),
)
def test_a_value_at_a_time_is_what_get_printed_then(
    run: Any, clock: Any, values: list[tuple[str, Any]], pick: int
) -> None:
    session = run("create", "--quiet").value
    shown = []
    for name, value in values:
        run("set", session, f"notes.{name}", json.dumps(value), "--json-value")
        shown.append((run("get", session, "notes", "--json-output").json, clock.now.isoformat()))
        clock.forward(minutes=7)

    then, at = shown[pick % len(shown)]
    assert run("get", session, "notes", "--json-output", "--at", at).json == then


@pytest.mark.parametrize("at", ["HEAD", "now"])
def test_the_newest_moment_is_the_present(run: Any, session: str, at: str) -> None:
    run("set", session, "notes.a", "one")

    assert run("get", session, "notes", "--at", at).json == {"a": "one"}
