"""Bad input of the work: moves, limits, names, cycles, numbers, sprints, dates, sizes, and titles of every kind."""

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot
from rich.cells import cell_len

from orchestration.domain import sprints, tasks
from orchestration.store.repo import Store

ROOT = Path(__file__).parent.parent.parent
VIEWS = (
    "board", "sprint", "teams", "dashboard", "kpis", "timeline", "roadmap", "metrics", "velocity", "burndown",
    "forecast", "flow", "report", "monitor",
)  # fmt: skip
TEAM = json.dumps(
    {
        "team": {"engineering": {"lead": "ana", "members": ["bo", "cyrus"]}},
        "settings": {"wip_limits": {"in_progress": 1}},
    }
)


@pytest.fixture
def team(run: Any, sprint: str) -> str:
    """Project myapp with a running sprint, a team of three and one place in progress."""
    assert run("set-config", "myapp", "--data", TEAM).exit_code == 0
    return sprint


def hint(run: Any, *words: str) -> str:
    return str(run(*words).stderr).partition("Hint: ")[2].rstrip("\n")


# -- the rules of the board


def test_an_illegal_move(run, fails, team):  # noqa: ARG001
    run("update-task", "TASK-1", "done", "--project", "myapp")
    words = ("task", "move", "TASK-1", "todo", "--project", "myapp")

    assert fails(1, *words) == snapshot("TASK-1 is done and cannot go to todo")
    assert hint(run, *words) == snapshot("reopen it first: `update-task TASK-1 in_progress --reopen REASON`")


def test_a_full_column(run, fails, team):  # noqa: ARG001
    run("update-task", "TASK-1", "in_progress", "--project", "myapp")
    words = ("task", "move", "TASK-2", "in_progress", "--project", "myapp")

    assert fails(1, *words) == snapshot(
        "TASK-2 cannot enter in_progress of sprint 'sprint-1', which is full: 1 of 1 (TASK-1)"
    )
    assert hint(run, *words) == snapshot(
        "finish one of them, set `wip in_progress N`, or `task move TASK-2 in_progress --force REASON`"
    )

    assert run(*words, "--force", "the release is today").exit_code == 0
    moved = run("events", "--type", "task_moved", "--limit", "1", "--project", "myapp", "--json-output").json[
        0
    ]
    assert (moved["entity"]["id"], moved["subject"]) == snapshot(
        ("TASK-2", "task: TASK-2 todo -> in_progress")
    )


def test_an_unknown_agent_is_told_the_nearest_names(run, fails, team):  # noqa: ARG001
    words = ("task", "assign", "TASK-1", "@cyrsu", "--project", "myapp")

    assert fails(1, *words) == snapshot("no agent 'cyrsu' in this project")
    assert hint(run, *words) == snapshot("did you mean cyrus?")


def test_a_cycle_of_dependencies(run, fails, team):  # noqa: ARG001
    assert run("task", "depend", "TASK-2", "TASK-1", "--project", "myapp").exit_code == 0
    words = ("task", "depend", "TASK-1", "TASK-2", "--project", "myapp")

    assert fails(1, *words) == snapshot("tasks would wait for each other: TASK-1 -> TASK-2 -> TASK-1")
    assert hint(run, *words) == snapshot("leave this one out, or take another one out with `task undepend`")


@pytest.mark.parametrize(
    ("points", "problem"),
    [
        ("-1", "is out of range"),
        ("-0.5", "is out of range"),
        ("nan", "is not a number"),
        ("inf", "is not a number"),
        ("many", "is not a number"),
    ],
)
def test_an_estimate_is_a_number_of_0_or_more(fails, team, points, problem):  # noqa: ARG001
    assert (
        fails(1, "task", "estimate", "TASK-1", points, "--project", "myapp") == f"points {points!r} {problem}"
    )


# -- sprints


def test_a_sprint_without_tasks_asks_before_it_starts(run, fails, session):  # noqa: ARG001
    run("create-sprint", "myapp", "sprint-2", "Empty")

    assert fails(1, "start-sprint", "myapp", "sprint-2") == snapshot("sprint 'sprint-2' has no tasks")
    assert hint(run, "start-sprint", "myapp", "sprint-2") == snapshot(
        "`task add TITLE --sprint sprint-2`, or start it with --force REASON"
    )


def test_two_active_sprints(run, fails, team):  # noqa: ARG001
    run("create-sprint", "myapp", "sprint-2", "Second")
    run("task", "add", "More", "--sprint", "sprint-2", "--project", "myapp")

    assert fails(1, "start-sprint", "myapp", "sprint-2") == snapshot(
        "sprint 'sprint-2' cannot start: active already: sprint-1"
    )
    assert hint(run, "start-sprint", "myapp", "sprint-2") == snapshot(
        "use `complete-sprint` on it, or raise settings.max_active_sprints (now 1)"
    )


def test_dates_that_are_over(run, clock, team):  # noqa: ARG001
    clock.forward(days=40)

    def said(*words: str) -> str:
        return str(run("orchestration", *words, "--project", "myapp").stdout)

    assert said("board").splitlines()[0] == snapshot(
        "myapp  sprint-1: First sprint  active  2026-01-05 – 2026-01-19  over for 27 days"
    )
    assert said("metrics").splitlines()[0] == snapshot(
        "myapp  figures  sprint-1 (active, 2026-01-05 to 2026-01-19)"
    )
    assert [line for line in said("sprint").splitlines() if "over" in line or "ended" in line] == snapshot(
        [
            "myapp  sprint-1: First sprint  active  2026-01-05 – 2026-01-19  over for 27 days",
            "high     it is over for 27 days, with 2 tasks open",
            "• its time is over, and 2 tasks are open",
        ]
    )
    for view in VIEWS:
        assert said(view), view


# -- nothing to show

SENTENCES = {
    "board": "Project empty has no tasks yet: `state_manager task add TITLE`",
    "sprint": "Project empty has no sprint: `shared_state create-sprint empty ID NAME`",
    "teams": "No task is open: every slot is free.",
    "dashboard": "There is no sprint: `shared_state create-sprint empty ID NAME`",
    "kpis": "There are no open epics.",
    "roadmap": "There are no epics and no sprints to show: `shared_state create-sprint empty ID NAME`",
    "metrics": "There are no tasks on this board yet.",
    "velocity": "No sprint is finished yet.",
    "burndown": "Project empty has no active or planned sprint.",
    "forecast": "Project empty has no active or planned sprint.",
    "flow": "No task has been finished in the last 90 days.",
    "monitor": "Nothing needs attention.",
}


@pytest.mark.parametrize("view", SENTENCES)
def test_a_project_without_tasks_says_so_in_a_sentence(run, view):
    run("set-config", "empty", "--data", "{}")

    result = run("orchestration", view, "--project", "empty")

    assert (result.exit_code, result.stderr) == (0, "")
    assert SENTENCES[view] in result.stdout.splitlines(), result.stdout


def test_a_project_without_a_sprint_has_no_report(fails, run):
    run("set-config", "empty", "--data", "{}")

    assert fails(1, "report", "--project", "empty") == snapshot("project 'empty' has no current sprint")


@pytest.mark.parametrize("view", VIEWS)
def test_a_sprint_without_tasks_is_shown(run, view):
    run("set-config", "empty", "--data", "{}")
    run("create-sprint", "empty", "sprint-1", "First")
    run("start-sprint", "empty", "sprint-1", "--force", "to see it")

    result = run("orchestration", view, "--project", "empty")

    assert (result.exit_code, result.stderr) == (0, "")
    assert not re.search(r"(?<!^)\bNone\b(?! found)|\bnan\b|\binf\b", result.stdout), result.stdout


# -- very many tasks

MANY = 10_000
SECONDS = 30
"""What a view may take at most, on a machine that does other things as well; most take one."""


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store whose project big has a running sprint of 10,000 tasks, a third of them done."""
    place = tmp_path_factory.mktemp("huge") / "state"
    now, at = datetime(2026, 1, 5, 9, tzinfo=UTC), "2026-01-05T09:00:00Z"
    store = Store(place)
    with store.transaction(author="ana", now=now) as tx:
        tx.save(
            ("config", "settings"), {**tx.load("config", "settings"), "durability": "fast", "pack_limit": 0}
        )
        tx.describe("state_set", "config: durability fast")
    with store.transaction(author="ana", now=now) as tx:
        records = {}
        for number in range(1, MANY + 1):
            given = {
                "title": f"Task {number}",
                "points": 1,
                "sprint_id": "s",
                "assignee": f"agent-{number % 50}",
            }
            task = tasks.new(f"TASK-{number}", {**given, "status": "todo"}, now=at)
            if number % 3 == 1:
                task = tasks.move(task, "done", now="2026-01-06T09:00:00Z")
            elif number % 3 == 2:
                task = tasks.move(task, "in_progress", now="2026-01-06T09:00:00Z")
            records[task["id"]] = task
            tx.save(("projects", "big", "tasks", task["id"]), task)
        sprint = sprints.new("s", "Everything", {"start_date": "2026-01-05"}, now=at, config=None)
        sprint = sprints.start(sprint, records, now=at, config=None, active=[])
        tx.save(("projects", "big", "sprints", "s"), sprint)
        tx.describe("sprint_started", "sprint: s starts", project="big")
    return str(place)


@pytest.mark.parametrize("view", VIEWS)
def test_a_sprint_of_ten_thousand_tasks(run, huge, view):
    words = ("orchestration", view, "--project", "big", "--store", huge)
    begun = time.monotonic()

    result = run(*words)

    assert (result.exit_code, result.stderr) == (0, "")
    assert time.monotonic() - begun < SECONDS


def test_the_counts_of_ten_thousand_tasks(run, huge):
    board = run(
        "orchestration", "board", "--project", "big", "--store", huge, "--limit", "5", "--json-output"
    ).json

    assert [(one["name"], one["count"], one["points"], len(one["cards"])) for one in board["columns"]] == [
        ("todo", 3333, 3333, 5),
        ("in_progress", 3333, 3333, 5),
        ("review", 0, 0, 0),
        ("done", 3334, 3334, 5),
    ]
    found = run("orchestration", "metrics", "--project", "big", "--store", huge, "--json-output").json
    assert found["points"] == {"committed": MANY, "completed": 3334, "remaining": 6666, "total": MANY}
    assert (found["wip"]["tasks"], found["capacity"]["used"]) == (3333, 6666)


# -- titles

TITLES = {
    "markup": "fix [/api] and [bold red]this[/] :boom:",
    "ansi": "\x1b[31mred\x1b[0m and \x1b]0;owned\x07 and \x9b2J",
    "right to left": "\u202eevil\u202c تسجيل الدخول עברית",
    "newlines": "first\nsecond\r\nthird\u2028fourth\x85fifth",
    "html": "<script>alert(1)</script> =cmd|' /C calc'!A0",
    "wide": "日本語のタスク 👩‍👩‍👧 " + "x" * 300,
}
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]")


@pytest.fixture
def hostile(run: Any, sprint: str) -> str:
    """Project myapp, whose records have titles of every kind."""
    for number, title in enumerate(TITLES.values(), 3):
        words = ("task", "add", title, "--sprint", sprint, "--project", "myapp", "--assignee", "ana")
        assert run(*words).exit_code == 0
        assert run("update-task", f"TASK-{number}", "todo", "--project", "myapp").exit_code == 0
        assert run("task", "block", f"TASK-{number}", title[:60], "--project", "myapp").exit_code == 0
    names = json.dumps({"name": TITLES["ansi"] + TITLES["right to left"] + TITLES["newlines"]})
    assert run("update-epic", "myapp", "e", "--title", TITLES["ansi"] + TITLES["newlines"]).exit_code == 0
    run("update-sprint", "myapp", sprint, "--data", names)
    return sprint


SHOWN = (*VIEWS, "state_manager task list", "state_manager task ready", "events")


@pytest.mark.parametrize("view", SHOWN)
def test_titles_are_shown_and_never_obeyed(run, hostile, view):  # noqa: ARG001
    result = run("orchestration", *view.split(), "--project", "myapp")

    assert (result.exit_code, result.stderr) == (0, "")
    assert UNSAFE.findall(result.stdout) == []
    for word in ("second", "third", "fourth", "fifth"):  # a title is one line
        assert not re.search(rf"^\s*{word}", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("columns", [80, 140])
def test_nor_at_a_terminal(hostile, columns):  # noqa: ARG001
    for view in SHOWN:
        once = ("--once",) if view == "monitor" else ()  # at a terminal it would go on
        text = at_a_terminal(columns, *view.split(), *once, "--project", "myapp")
        # colours are ours, and an isolated text from right to left is meant to be one
        left = re.sub("\x1b\\[[0-9;]*m", "", text).replace("\r\n", "\n")
        assert UNSAFE.findall(left.replace("\u2068", "").replace("\u2069", "")) == [], view
        assert max(map(cell_len, left.splitlines())) <= columns or view in ("report", "events"), view


def at_a_terminal(columns: int, *words: str) -> str:
    """Return what a command writes to a terminal of a width."""
    mine, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration", *words], stdout=theirs, stdin=theirs,
        env=env | {"TERM": "xterm-256color", "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)},
    )  # fmt: skip
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # the terminal is closed by its last user
        while more := os.read(mine, 65536):
            said += more
    os.close(mine)
    assert process.wait() == 0, said
    return said.decode()


def test_a_list_has_a_line_for_each_title(run, hostile):  # noqa: ARG001
    lines = run("orchestration", "state_manager", "task", "list", "--project", "myapp").stdout.splitlines()

    assert [line.partition("sprint-1  ")[2][:70] for line in lines[1:]] == snapshot(
        [
            "Log in",
            "Log out",
            "fix [/api] and [bold red]this[/] :boom:",
            " [31mred [0m and  ]0;owned  and  2J",
            " evil  تسجيل الدخول עברית",
            "first second  third fourth fifth",
            "<script>alert(1)</script> =cmd|' /C calc'!A0",
            "日本語のタスク 👩\u200d👩\u200d👧 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ]
    )
    board = run("orchestration", "board", "--project", "myapp").stdout
    blocked = [line for line in board.splitlines() if " by BLK" in line]
    assert [line.split(")  ")[-1].strip()[:70] for line in blocked] == snapshot(
        [
            "fix [/api] and [bold red]this[/] :boom:",
            "\\x1b[31mred\\x1b[0m and \\x1b]0;owned\\x07 and \\x9b2J",
            "\\u202eevil\\u202c تسجيل الدخول עברית",
            "first second  third fourth fifth",
            "<script>alert(1)</script> =cmd|' /C calc'!A0",
            "日本語のタスク 👩\u200d👩\u200d👧 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ]
    )
