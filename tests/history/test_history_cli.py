"""What happened, by path: history, diff, blame, changes, watch."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

BEN = {"LOGNAME": "ben", "USER": "ben"}


@pytest.fixture(autouse=True)
def ada(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")


@pytest.fixture
def told(run: Any) -> str:
    """A session whose notes and task two people changed."""
    session: str = run("create", "--project", "myapp").value
    run("set", session, "notes.plan", "ship")
    run("task", "add", "Log in", "--points", "5", "--session", session)
    run("set", session, "notes.mood", "good", env=BEN)
    run("update-task", "TASK-1", "in_progress", "--session", session, env=BEN)
    run("set", session, "notes.plan", "wait", env=BEN)
    run("set", session, "tasks.TASK-1.points", "8")
    return session


def subjects(result: Any) -> list[str]:
    return [row["subject"] for row in result.json]


# -- history


def test_history_lists_the_changes_of_a_session_and_its_project_newest_first(run: Any, told: str) -> None:
    lines = run("history", told).stdout.splitlines()

    assert [line.split()[0] for line in lines] == ["WHEN"] + ["2026-01-05"] * 7
    assert [tuple(line.split()[1:4:2]) for line in lines[1:3]] == [
        ("09:00:07", "task_estimated"),
        ("09:00:06", "state_set"),
    ]
    assert [line.split()[2] for line in lines[1:]] == ["ada", "ben", "ben", "ben", "ada", "ada", "ada"]
    assert lines[1].endswith("task: TASK-1 estimated at 8")
    assert lines[-1].endswith(f"session: create {told[:8]} (development for myapp)")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("notes", ["state: set notes.plan", "state: set notes.mood", "state: set notes.plan"]),
        ("notes.plan", ["state: set notes.plan", "state: set notes.plan"]),
        ("notes.mood", ["state: set notes.mood"]),
        ("notes.nothing", []),
        ("tasks.TASK-1.title", ["task: create TASK-1 Log in"]),
        ("task.TASK-1.status", ["task: TASK-1 backlog -> in_progress", "task: create TASK-1 Log in"]),
        ("execution.tasks.TASK-1.points", ["task: TASK-1 estimated at 8", "task: create TASK-1 Log in"]),
        (
            "tasks",
            [
                "task: TASK-1 estimated at 8",
                "task: TASK-1 backlog -> in_progress",
                "task: create TASK-1 Log in",
            ],
        ),
        ("epics", []),
        ("config.settings", []),
    ],
)
def test_history_of_a_path_has_the_commits_that_changed_its_value(
    run: Any, told: str, path: str, expected: list[str]
) -> None:
    assert subjects(run("history", told, path, "--json-output")) == expected


def test_history_can_be_narrowed(run: Any, told: str) -> None:
    every = run("history", told, "--json-output").json
    commits = [row["commit"] for row in every]

    def found(*words: str) -> list[int]:
        return [commits.index(row["commit"]) for row in run("history", told, "--json-output", *words).json]

    assert found("--author", "ben") == [1, 2, 3]
    assert found("--op", "task_moved") == [2]
    assert found("--limit", "2") == [0, 1]
    assert found("--since", every[2]["at"]) == [0, 1, 2]
    assert found("--since", commits[2][:10]) == [0, 1, 2]
    assert found("--until", every[4]["at"]) == [5, 6]
    assert found("--since", "5 minutes ago", "--until", "now") == list(range(7))
    assert found("--at", commits[5]) == [5, 6]
    assert found("--author", "grace") == []
    assert run("history", told, "--author", "grace").stdout == "There are no such changes.\n"


@pytest.mark.usefixtures("sprint")
def test_history_of_the_sprint_knows_only_its_own_tasks(run: Any, session: str) -> None:
    run("task", "add", "Elsewhere", "--session", session)
    moved = run("update-task", "TASK-1", "in_progress", "--session", session).commit
    run("set", session, "sprint.current.name", "Renamed")

    ops = [row["op"] for row in run("history", session, "sprint.tasks", "--json-output").json]
    assert ops == ["task_moved", "sprint_started", "task_created", "task_created"]
    assert all(row["task"] != "TASK-3" for row in run("history", session, "sprint", "--json-output").json)
    assert (
        run("history", session, "sprint.tasks.TASK-1.status", "--json-output")
        .json[0]["commit"]
        .startswith(moved)
    )
    assert subjects(run("history", session, "sprint.current.name", "--limit", "1", "--json-output"))[
        0
    ].startswith("sprint")


def test_history_names_what_it_cannot_follow(fails: Callable[..., str], session: str) -> None:
    assert "no current sprint" in fails(1, "history", session, "sprint.current")
    assert "nothing is kept at" in fails(1, "history", session, "projects.myapp")
    assert "bad path" in fails(2, "history", session, "$.tasks")
    assert "no session" in fails(3, "history", "nobody-here")
    assert "names no commit and no time" in fails(2, "history", session, "--since", "whenever")


# -- diff


def test_diff_shows_each_path_added_removed_or_changed(run: Any, told: str) -> None:
    run("delete", told, "notes.mood")
    run("set", told, "notes.deep.er", "1", "--json-value")

    result = run("diff", told, "HEAD~4")
    assert result.stdout.splitlines() == [
        '~ notes.plan: "ship" -> "wait"',
        '- notes.mood: "good"',
        '+ notes.deep: {"er": 1}',
        "~ tasks.TASK-1.points: 5 -> 8",
    ]
    assert run("diff", told, "HEAD~4", "HEAD~3", "--json-output").json == [
        {"path": "notes.plan", "kind": "changed", "old": "ship", "new": "wait"}
    ]
    assert run("diff", told, "HEAD~3", "HEAD~4", "--json-output").json == [
        {"path": "notes.plan", "kind": "changed", "old": "wait", "new": "ship"}
    ]
    assert run("diff", told, "HEAD").stdout == "Nothing differs.\n"


def test_diff_leaves_out_other_sessions_and_projects(run: Any, told: str) -> None:
    other = run("create", "--project", "other").value
    run("set", other, "notes.a", "1")

    assert run("diff", told, "HEAD~2", "--json-output").json == []
    assert [one["path"] for one in run("diff", other, "HEAD~2", "--json-output").json] == ["notes", "session"]


def test_diff_of_a_retired_session_shows_what_went(run: Any, clock: Any, told: str) -> None:
    clock.forward(days=3)
    run("cleanup-expired")

    assert [(one["kind"], one["path"]) for one in run("diff", told, "HEAD~1", "--json-output").json] == [
        ("removed", "notes"),
        ("removed", "session"),
    ]


# -- blame


def test_blame_says_who_made_each_value(run: Any, told: str) -> None:
    rows = {row["path"]: row for row in run("blame", told, "notes", "--json-output").json}
    assert {path: (row["value"], row["author"], row["at"][11:19]) for path, row in rows.items()} == {
        "notes.plan": ("wait", "ben", "09:00:06"),
        "notes.mood": ("good", "ben", "09:00:04"),
    }

    rows = {row["path"]: row for row in run("blame", told, "tasks.TASK-1", "--json-output").json}
    told_by = {path.rpartition(".")[2]: (row["author"], row["op"]) for path, row in rows.items()}
    assert told_by["title"] == ("ada", "task_created")
    assert told_by["column"] == told_by["started_at"] == ("ben", "task_moved")
    assert told_by["points"] == ("ada", "task_estimated")

    assert run("blame", told, "tasks.TASK-1.status").stdout.splitlines()[1].endswith('"in_progress"')
    assert run("blame", told, "notes.plan", "--at", "HEAD~2", "--json-output").json[0]["author"] == "ada"


def test_blame_of_a_value_set_again_names_the_last_change_of_it(run: Any, session: str) -> None:
    for value in ("a", "b", "a"):
        last = run("set", session, "notes.x", value).commit
    run("set", session, "notes.y", "a")

    assert run("blame", session, "notes.x", "--json-output").json[0]["commit"].startswith(last)


def test_blame_follows_both_sides_of_a_merge(run: Any, git: Callable[..., str], told: str) -> None:
    git("switch", "-q", "-c", "side", "HEAD~1")
    ours = run("set", told, "notes.mood", "fine", env=BEN).commit
    git("switch", "-q", "main")
    theirs = run("set", told, "tasks.TASK-1.points", "13").commit
    git("merge", "-q", "--no-edit", "side")

    found = run("blame", told, "", "--json-output").json
    by_path = {row["path"]: row["commit"] for row in found}
    assert by_path["notes.mood"].startswith(ours)
    assert by_path["tasks.TASK-1.points"].startswith(theirs)
    assert all(row["commit"] for row in found)


@pytest.mark.usefixtures("sprint")
def test_blame_of_nothing_and_of_the_computed(fails: Callable[..., str], session: str) -> None:
    assert "no value at 'notes'" in fails(1, "blame", session, "notes")
    assert "computed" in fails(2, "blame", session, "sprint.metrics")


# -- changes


def test_changes_are_grouped_by_record_with_who_did_them(run: Any, told: str) -> None:
    run("notify", "qa-analyst", "question", "is it done?", "--session", told)

    lines = run("changes", told, "--since", "HEAD~4").stdout.splitlines()
    assert [line.partition(" (")[0] for line in lines] == [
        "notes",
        "  plan ship -> wait",
        "tasks.TASK-1",
        "  column backlog -> in_progress",
        "  points 5 -> 8",
        "  committed_at null -> 2026-01-05T09:00:05Z",
        "  started_at null -> 2026-01-05T09:00:05Z",
        "message: question to qa-analyst: is it done?",
    ]
    assert lines[0].startswith("notes (ben, 2026-01-05T09:00Z, ")
    assert lines[2].startswith("tasks.TASK-1 (ada, ")
    assert run("changes", told, "--since", "HEAD").stdout == "Nothing changed.\n"


@pytest.mark.parametrize("most", [40, 90, 150, 200, 10_000])
def test_changes_keep_to_their_budget_and_say_what_they_left_out(run: Any, told: str, most: int) -> None:
    every = run("changes", told, "--since", "HEAD~6").stdout
    shown = run("changes", told, "--since", "HEAD~6", "--max-chars", str(most))
    told_of = run("changes", told, "--since", "HEAD~6", "--max-chars", str(most), "--json-output").json

    assert len(shown.stdout) <= most
    if most > len(every):
        assert (shown.stdout, told_of["left_out"]) == (every, 0)
    else:
        last = shown.stdout.splitlines()[-1]
        number = told_of["left_out"]
        assert last == f"… {number} more {'change was' if number == 1 else 'changes were'} left out"
    assert [record["record"] for record in told_of["records"]] == ["notes", "tasks.TASK-1"]


# -- watch


@pytest.fixture
def watching() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command in a process of its own, with its output to be read line by line."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "orchestration", *words]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_watch_prints_a_line_for_each_change_at_a_path(run: Any, told: str, watching: Any) -> None:
    process = watching("state_manager", "watch", told, "notes", "--interval", "0.05", "--timeout", "5")
    commits = []
    time.sleep(1.5)  # it has begun
    commits.append(run("set", told, "notes.plan", "go").commit)
    run("set", told, "tasks.TASK-1.points", "3")
    commits.append(run("delete", told, "notes.mood", env=BEN).commit)
    lines = [json.loads(line) for line in process.stdout]

    assert process.wait() == 0
    assert [(one["author"], one["path"], one["old"], one["new"]) for one in lines] == [
        ("ada", "notes.plan", "wait", "go"),
        ("ben", "notes.mood", "good", None),
    ]
    assert [one["commit"][:12] for one in lines] == commits
    assert set(lines[0]) == {"commit", "at", "author", "path", "old", "new"}


def test_watch_ends_with_its_timeout_and_with_an_interrupt(told: str, run: Any, watching: Any) -> None:
    assert run("watch", told, "", "--timeout", "0.1").stdout == ""
    process = watching("state_manager", "watch", told, "notes")
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 0
