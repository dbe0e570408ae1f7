"""`event_stream`: every commit is an event."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def ada(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")


@pytest.fixture
def mine(run: Any) -> str:
    """A session of ada's in project myapp."""
    session: str = run("create", "--project", "myapp").value
    return session


def types(result: Any) -> list[str]:
    return [event["type"] for event in result.json]


def test_emit_is_a_commit_that_keeps_the_tree(run: Any, git: Callable[..., str], mine: str) -> None:
    before = git("rev-parse", "HEAD^{tree}")
    data = {"message": "tests fail", "count": 3, "line": "ü\n"}
    found = run(
        "event_stream",
        "emit",
        "build_failed",
        "--data",
        json.dumps(data),
        "--severity",
        "error",
        "--session",
        mine,
    )

    assert git("rev-parse", "HEAD") == found.value
    assert git("rev-parse", "HEAD^{tree}") == before
    assert git("log", "-1", "--format=%s%n%(trailers:key=Op)%(trailers:key=Severity)") == (
        "event: build_failed: tests fail\nOp: build_failed\nSeverity: error"
    )
    assert run("event_stream", "latest", "1", "--json-output").json == [
        {
            "id": found.value,
            "timestamp": "2026-01-05T09:00:02Z",
            "type": "build_failed",
            "source": "ada",
            "severity": "error",
            "project": "myapp",
            "session_id": mine,
            "entity": {"kind": "session", "id": mine},
            "data": data,
            "cause": None,
            "subject": "event: build_failed: tests fail",
        }
    ]
    events = run("get", mine, "observability.events", "--json-output").json
    assert events[-1]["type"] == "build_failed"


def test_emit_needs_no_session_and_no_project(run: Any) -> None:
    shown = run("event_stream", "emit", "started", "--json-output").json

    assert shown == {
        "id": shown["id"], "type": "started", "severity": "info", "project": None, "session_id": None, "data": None,
    }  # fmt: skip


def test_emit_refuses_what_an_event_cannot_hold(fails: Callable[..., str], clock: Any, session: str) -> None:
    assert "is no type of an event" in fails(1, "event_stream", "emit", "two words")
    assert "is not JSON" in fails(2, "event_stream", "emit", "note", "--data", "{")
    assert "4000 are the most" in fails(1, "event_stream", "emit", "note", "--data", json.dumps("x" * 4000))
    assert "loud" in fails(2, "event_stream", "emit", "note", "--severity", "loud")
    assert "no session" in fails(3, "event_stream", "emit", "note", "--session", "nobody-here")
    clock.forward(days=2)
    assert "is expired" in fails(4, "event_stream", "emit", "note", "--session", session)


@pytest.mark.usefixtures("sprint")
def test_latest_lists_the_newest_first(run: Any) -> None:
    assert types(run("event_stream", "latest", "3", "--json-output")) == [
        "sprint_started", "task_created", "task_created",
    ]  # fmt: skip
    lines = run("event_stream", "latest", "2").stdout.splitlines()
    assert lines[0].split() == ["WHEN", "TYPE", "SEVERITY", "WHO", "ABOUT", "WHAT"]
    assert lines[2].split()[1:4] == ["09:00:04", "task_created", "info"]
    assert lines[2].endswith("task TASK-2    task: create TASK-2 Log out")
    assert run("event_stream", "latest", "--project", "nothing").stdout == "There are no such events.\n"


def test_without_a_store_there_are_no_events(run: Any) -> None:
    assert run("event_stream", "latest", "--json-output").json == []
    assert run("event_stream", "stats", "--json-output").json == {
        "total": 0, "by_type": {}, "by_author": {}, "per_day": {},
    }  # fmt: skip
    assert run("event_stream", "stream").stdout == ""


@pytest.mark.usefixtures("sprint")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("task", "TASK-1"), ["task_moved", "sprint_started", "task_created"]),
        (("task", "TASK-9"), []),
        (("sprint", "sprint-1"), ["sprint_started", "sprint_created"]),
        (("epic", "login"), ["epic_created"]),
        (("tool", "scan"), ["tool_registered"]),
        (("type", "task_created"), ["task_created", "task_created"]),
        (("severity", "warning"), ["slow"]),
        (("agent", "ben"), ["slow"]),
        (("project", "myapp", "--limit", "1"), ["epic_created"]),
    ],
)
def test_filter_finds_the_events_about_one_thing(
    run: Any, session: str, words: tuple[str, ...], expected: list[str]
) -> None:
    run("update-task", "TASK-1", "in_progress", "--session", session)
    run("event_stream", "emit", "slow", "--severity", "warning", env={"LOGNAME": "ben"})
    run("update-epic", "myapp", "login", "--title", "Log in")
    run("register-tool", "--name", "scan", "--type", "command")

    found = types(run("event_stream", "filter", *words, "--json-output"))
    assert found == expected


def test_filter_by_session_takes_the_beginning_of_an_id(run: Any, fails: Any, session: str) -> None:
    run("heartbeat", session)

    assert types(run("event_stream", "filter", "session", session[:8], "--json-output")) == [
        "heartbeat", "session_created",
    ]  # fmt: skip
    assert types(run("event_stream", "filter", "session", "nobody-here", "--json-output")) == []
    assert "'colour'" in fails(2, "event_stream", "filter", "colour", "red")


def test_stats_count_by_type_author_and_day(run: Any, clock: Any, mine: str) -> None:
    clock.forward(hours=20)
    run("heartbeat", mine)
    run("event_stream", "emit", "note", "--project", "myapp", env={"LOGNAME": "ben"})
    run("heartbeat", mine)

    assert run("event_stream", "stats", "--project", "myapp", "--json-output").json == {
        "total": 4,
        "by_type": {"heartbeat": 2, "note": 1, "session_created": 1},
        "by_author": {"ada": 3, "ben": 1},
        "per_day": {"2026-01-06": 3, "2026-01-05": 1},
    }
    assert "by_author.ben:" in run("event_stream", "stats").stdout


def test_stream_prints_the_last_events_oldest_first(run: Any, mine: str) -> None:
    run("heartbeat", mine)

    assert run("event_stream", "stream", "--tail", "2").stdout.splitlines() == [
        f"2026-01-05T09:00:01Z  session_created  ada  session: create {mine[:8]} (development for myapp)",
        f"2026-01-05T09:00:02Z  heartbeat  ada  session: heartbeat {mine[:8]}",
    ]
    lines = run("event_stream", "stream", "--tail", "1", "--json-output").stdout.splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["heartbeat"]


def test_stream_follows_what_happens(run: Any, mine: str) -> None:
    words = ["event_stream", "stream", "--follow", "--tail", "0", "--interval", "0.05", "--timeout", "4"]
    command = [sys.executable, "-m", "orchestration", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(1.5)  # it has begun
        run("heartbeat", mine)
        run("set", mine, "notes.a", "1")
        assert process.stdout is not None
        shown = [line.split("  ")[1:] for line in process.stdout]

    assert process.returncode == 0
    assert shown == [
        ["heartbeat", "ada", f"session: heartbeat {mine[:8]}\n"],
        ["state_set", "ada", "state: set notes.a\n"],
    ]
