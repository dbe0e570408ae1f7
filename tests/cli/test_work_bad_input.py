"""Bad input of the work: moves, limits, names, cycles, numbers, sprints, dates, sizes, and titles of every kind."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from inline_snapshot import snapshot

from orchestration.domain import sprints, tasks
from orchestration.store.repo import Store

VIEWS = (
    "board", "sprint", "teams", "dashboard", "kpis", "timeline", "roadmap", "metrics", "velocity", "burndown",
    "forecast", "flow", "report", "monitor",
)  # fmt: skip
TEAM = '{"team": {"engineering": {"lead": "ana", "members": ["bo", "cyrus"]}}, "settings": {"wip_limits": {"in_progress": 1}}}'


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

    assert fails(1, *words) == snapshot('TASK-1 is done and cannot go to todo')
    assert hint(run, *words) == snapshot('reopen it first: `update-task TASK-1 in_progress --reopen REASON`')


def test_a_full_column(run, fails, team):  # noqa: ARG001
    run("update-task", "TASK-1", "in_progress", "--project", "myapp")
    words = ("task", "move", "TASK-2", "in_progress", "--project", "myapp")

    assert fails(1, *words) == snapshot("TASK-2 cannot enter in_progress of sprint 'sprint-1', which is full: 1 of 1 (TASK-1)")
    assert hint(run, *words) == snapshot('finish one of them, set `wip in_progress N`, or `task move TASK-2 in_progress --force REASON`')

    forced = run(*words, "--force", "the release is today", "--json-output")
    assert forced.json["column"] == "in_progress"
    assert run("events", "--type", "task_moved", "--limit", "1", "--project", "myapp", "--json-output").json[0][
        "reason"
    ] == snapshot()


def test_an_unknown_agent_is_told_the_nearest_names(run, fails, team):  # noqa: ARG001
    words = ("task", "assign", "TASK-1", "@cyrsu", "--project", "myapp")

    assert fails(1, *words) == snapshot("no agent 'cyrsu' in this project")
    assert hint(run, *words) == snapshot('agents: ana, bo, cyrus, devops, engineering-fullstack, engineering-lead, engineering-ux, product-manager, ...')


def test_a_cycle_of_dependencies(run, fails, team):  # noqa: ARG001
    assert run("task", "depend", "TASK-2", "TASK-1", "--project", "myapp").exit_code == 0
    words = ("task", "depend", "TASK-1", "TASK-2", "--project", "myapp")

    assert fails(1, *words) == snapshot('tasks would wait for each other: TASK-1 -> TASK-2 -> TASK-1')
    assert hint(run, *words) == snapshot('leave this one out, or take another one out with `task undepend`')


@pytest.mark.parametrize("points", ["-1", "-0.5", "nan", "inf", "many"])
def test_an_estimate_that_is_no_number_of_0_or_more(fails, team, points):  # noqa: ARG001
    assert re.search(snapshot(), fails(2, "task", "estimate", "TASK-1", points, "--project", "myapp"))


# -- sprints


def test_a_sprint_without_tasks_asks_before_it_starts(run, fails, session):  # noqa: ARG001
    run("create-sprint", "myapp", "sprint-2", "Empty")

    assert fails(1, "start-sprint", "myapp", "sprint-2") == snapshot("sprint 'sprint-2' has no tasks")
    assert hint(run, "start-sprint", "myapp", "sprint-2") == snapshot('`task add TITLE --sprint sprint-2`, or start it with --force REASON')


def test_two_active_sprints(run, fails, team):  # noqa: ARG001
    run("create-sprint", "myapp", "sprint-2", "Second")
    run("task", "add", "More", "--sprint", "sprint-2", "--project", "myapp")

    assert fails(1, "start-sprint", "myapp", "sprint-2") == snapshot("sprint 'sprint-2' cannot start: active already: sprint-1")
    assert hint(run, "start-sprint", "myapp", "sprint-2") == snapshot('use `complete-sprint` on it, or raise settings.max_active_sprints (now 1)')


def test_dates_that_are_over(run, clock, team):  # noqa: ARG001
    clock.forward(days=40)

    def said(*words: str) -> str:
        return str(run("orchestration", *words, "--project", "myapp").stdout)

    assert said("board").splitlines()[0] == snapshot('myapp  sprint-1: First sprint  active  2026-01-05 – 2026-01-19  over since 27 days')
    assert said("metrics").splitlines()[0] == snapshot('myapp  figures  sprint-1 (active, 2026-01-05 to 2026-01-19)')
    assert [line for line in said("sprint").splitlines() if "over" in line or "ended" in line] == snapshot(['myapp  sprint-1: First sprint  active  2026-01-05 – 2026-01-19  over since 27 days', 'high     it is over since 27 days, with 2 tasks open', '• its time is over, and 2 tasks are open'])
    for view in VIEWS:
        assert said(view), view


# -- nothing to show

NOTHING = snapshot()


@pytest.mark.parametrize("view", VIEWS)
def test_a_project_without_tasks_says_so_in_a_sentence(run, view):
    run("set-config", "empty", "--data", "{}")

    result = run("orchestration", view, "--project", "empty")

    assert (result.exit_code, result.stderr) == (0, "")
    assert re.search(r"[A-Z][^.]*(?:\bno |\bnothing |\bnone ).*", result.stdout), result.stdout


