"""`observability` and `orchestration monitor`: the situation of a project, from recorded data."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from inline_snapshot import snapshot

from orchestration.views import monitor, terminal

TEAMS = '{"team": {"dev": {"members": ["ada", "bob"], "capacity": 4}}}'


@pytest.fixture(autouse=True)
def ana(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ana")


@pytest.fixture
def work(run: Any, sprint: str, session: str, clock: Any) -> str:
    """A sprint in which ada is at work, TASK-2 is blocked, and hours have gone by."""
    clock.forward(hours=1)
    run("set-config", "myapp", "--data", TEAMS)
    run("state_manager", "task", "claim", "TASK-1", "--as", "ada", "--session", session)
    run("update-task", "TASK-1", "in_progress", "--project", "myapp")
    run("state_manager", "task", "block", "TASK-2", "no [/key] 🔑", "--project", "myapp")
    clock.forward(hours=5)
    return sprint


def shown(value: dict[str, Any], width: int) -> str:
    lines = terminal.text(monitor.situation(value), width).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def test_the_situation_as_json(run: Any, work: str) -> None:
    value = run("observability", "status", "--project", "myapp", "--json-output").json

    assert (value["project"], value["sprint"]["id"]) == ("myapp", work)
    assert value["columns"] == [
        {"column": "todo", "tasks": 1, "limit": 10},
        {"column": "in_progress", "tasks": 1, "limit": 5},
        {"column": "review", "tasks": 0, "limit": 3},
        {"column": "done", "tasks": 0, "limit": None},
    ]
    assert [(one["kind"], one["severity"], one["entity"]["id"]) for one in value["alerts"]] == [
        ("agent_silent", "warning", "ada"),
        ("blocked", "warning", "TASK-2"),
    ]
    assert value["agents"]["counts"]["busy"] == 1
    assert value["agents"]["rows"][0]["tasks"] == ["TASK-1"]
    assert [one["mode"] for one in value["sessions"]] == ["development"]
    assert value["events"][0]["subject"] == "task: TASK-2 blocked: no [/key] 🔑"


@pytest.mark.parametrize("width", [80, 140])
def test_the_page(run: Any, work: str, width: int) -> None:  # noqa: ARG001
    value = run("observability", "status", "--project", "myapp", "--json-output").json
    value["sessions"] = []  # their ids are random
    del value["events"][4:]  # the store was made by whoever needed it first

    page = shown(value, width)
    assert max(map(len, page.splitlines())) <= width
    if width == 80:
        assert page == snapshot("""\
myapp  sprint-1: First sprint  active  2026-01-05 – 2026-01-19  day 1 of 14
todo 1/10  in_progress 1/5  review 0/3  done 0  blocked 1
0 of 8 points done (0 %)  at risk  health 47/100

Alerts
warning: ada is silent for 5h 0m while working on TASK-1
warning: TASK-2 is blocked for 5h 0m: no [/key] 🔑

Agents
busy  @ada  dev  TASK-1
7 agents offline

Sessions
No session is active.

Last events
2026-01-05 10:00:09  ana  task: TASK-2 blocked: no [/key] 🔑
2026-01-05 10:00:08  ana  task: TASK-1 todo -> in_progress
2026-01-05 10:00:07  ada  task: TASK-1 claimed by ada
2026-01-05 10:00:06  ana  config: create myapp
""")


def test_piped_it_is_the_same_uncut(run: Any, work: str) -> None:  # noqa: ARG001
    piped = run("orchestration", "monitor", "--project", "myapp")

    assert (piped.exit_code, piped.stderr) == (0, "")
    assert "warning: TASK-2 is blocked for 5h 0m: no [/key] 🔑" in piped.stdout
    assert "\x1b" not in piped.stdout


def test_one_team_or_one_agent(run: Any, fails: Callable[..., str], work: str) -> None:  # noqa: ARG001
    def of(name: str) -> list[str]:
        words = ("observability", "status", name, "--project", "myapp", "--json-output")
        value = json.loads(run(*words).stdout)
        assert {row["id"] for row in value["agents"]["rows"]} <= {"ada", "bob"}
        return [one["kind"] for one in value["alerts"]]

    assert of("dev") == ["agent_silent"]
    assert of("@bob") == []
    assert fails(1, "observability", "status", "deb", "--project", "myapp") == (
        "project 'myapp' has no team or agent 'deb'"
    )


def test_an_empty_project_says_so(run: Any) -> None:
    run("set-config", "myapp", "--data", "{}")
    page = run("orchestration", "monitor", "--once", "--project", "myapp").stdout

    assert page.startswith("myapp  no current sprint\n")
    for sentence in ("Nothing needs attention.", "No session is active."):
        assert sentence in page


def test_the_situation_of_another_moment(run: Any, work: str, git: Callable[..., str]) -> None:  # noqa: ARG001
    words = ("orchestration", "monitor", "--project", "myapp", "--at", git("rev-parse", "HEAD~1"))

    assert "TASK-2 is blocked" not in run(*words).stdout


def test_reading_changes_nothing(run: Any, work: str, unchanged: Any) -> None:  # noqa: ARG001
    with unchanged():
        for words in (("status",), ("monitor", "--once"), ("sprint",), ("metrics",)):
            assert run("observability", *words, "--project", "myapp").exit_code == 0
