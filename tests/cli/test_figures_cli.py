"""The figures of a real store: through undo, restore, archive, split, time travel and the clocks of the world."""

import json

import pytest


@pytest.fixture
def team(run, sprint, session):  # noqa: ARG001 - the sprint has to be there
    """A running sprint with TASK-1 (5 points) and TASK-2 (3), worked on by two agents."""
    config = {"team": {"core": {"lead": "ada", "members": ["bob"]}}}
    run("set-config", "myapp", "--data", json.dumps(config))
    return session


def metrics(run, *words):
    return run("metrics", *words, "--project", "myapp", "--json-output").json


def move(run, session, task, status):
    result = run("set", session, f"tasks.{task}.status", status)
    assert result.exit_code == 0, result.stderr
    return result.commit


def hours(clock, count):
    clock.forward(hours=count)


def test_flow_is_read_from_the_commits(run, team, clock):
    move(run, team, "TASK-1", "in_progress")
    hours(clock, 3)
    run("task", "block", "TASK-1", "waits", "--session", team)
    hours(clock, 1)
    run("task", "unblock", "TASK-1", "--session", team)
    hours(clock, 2)
    move(run, team, "TASK-1", "review")
    hours(clock, 2)
    move(run, team, "TASK-1", "done")

    found = metrics(run)

    # 8 hours, 6 of them in progress, 1 of those blocked, and the seconds of the commands
    assert found["flow_efficiency"]["ratio"] == pytest.approx(5 / 8, abs=0.001)
    assert found["blocked"]["hours"] == pytest.approx(1, abs=0.001)
    assert found["cycle_time"]["mean"] == pytest.approx(8, abs=0.01)
    assert found["points"] == {"committed": 8, "completed": 5, "remaining": 3, "total": 8}
    assert found["utilisation"]["now"] == 0
    assert found["forecast"]["confidence"] == "low"
    assert found["needs"]["forecast.dates"] == "needs 5 working days and 5 finished tasks"


def test_what_was_undone_leaves_no_trace(run, team, clock):
    hours(clock, 1)
    before = metrics(run)
    hours(clock, 1)
    moved = move(run, team, "TASK-1", "in_progress")
    hours(clock, 5)
    move(run, team, "TASK-1", "todo")
    hours(clock, 1)
    run("task", "add", "Later", "--points", "2", "--sprint", "sprint-1", "--session", team)
    assert len(metrics(run)["scope"]["changes"]) == 1
    assert metrics(run)["utilisation"]["period"] > 0

    for _ in range(3):
        assert run("undo", "--session", team).exit_code == 0
    after = metrics(run)

    assert after["scope"] == before["scope"] == {"change": 0, "added": [], "removed": [], "changes": []}
    for name in ("points", "tasks", "wip", "littles_law", "flow_efficiency", "blocked", "cycle_time"):
        assert after[name] == before[name], name
    assert after["burndown"]["actual"] == before["burndown"]["actual"] == 8
    assert after["utilisation"]["period"] == 0
    assert set(after["adherence"].values()) == {1}
    run("redo", "--session", team)
    run("redo", "--session", team)
    run("redo", "--session", team)
    assert metrics(run)["utilisation"]["period"] > 0
    assert len(metrics(run)["scope"]["changes"]) == 1
    assert moved


def test_a_change_undone_in_the_middle_leaves_what_came_after(run, team, clock):
    hours(clock, 1)
    estimated = run("set", team, "tasks.TASK-1.points", "8", "--json-value").commit
    hours(clock, 1)
    move(run, team, "TASK-1", "in_progress")
    hours(clock, 4)
    move(run, team, "TASK-1", "done")
    assert [one["points"] for one in metrics(run)["scope"]["changes"]] == [3]

    run("undo", estimated)
    found = metrics(run)

    assert found["scope"]["changes"] == []
    assert found["points"]["completed"] == 5
    assert found["flow_efficiency"]["ratio"] == 1
    assert run("burndown", "--project", "myapp", "--json-output").json["rows"][1]["actual"] == 3


def test_what_a_restore_replaced_leaves_no_trace(run, team, clock):
    hours(clock, 1)
    move(run, team, "TASK-2", "in_progress")
    name = run("backup", "create", "before").value
    hours(clock, 1)
    run("set", team, "tasks.TASK-1.points", "13", "--json-value")
    move(run, team, "TASK-1", "in_progress")
    move(run, team, "TASK-2", "done")
    run("task", "add", "Later", "--points", "2", "--sprint", "sprint-1", "--session", team)
    hours(clock, 4)
    assert run("backup", "restore", name, "--yes").exit_code == 0
    hours(clock, 1)

    found = metrics(run)

    assert found["scope"]["changes"] == []
    assert found["points"] == {"committed": 8, "completed": 0, "remaining": 8, "total": 8}
    assert [one["id"] for one in found["wip"]["items"]] == ["TASK-2"]
    # TASK-2 was in progress all the time, in one of the slots
    slots, period = found["capacity"]["slots"], found["utilisation"]
    assert slots * period["period"] == pytest.approx(6 / 7, abs=0.01)


def test_figures_of_a_moment_of_the_past(run, team, clock):
    move(run, team, "TASK-1", "in_progress")
    hours(clock, 2)
    then = clock.now.isoformat()
    hours(clock, 2)
    move(run, team, "TASK-1", "done")

    now, past = metrics(run), metrics(run, "--at", then)

    assert (now["points"]["completed"], past["points"]["completed"]) == (5, 0)
    assert [one["age_hours"] for one in past["wip"]["items"]] == [pytest.approx(2, abs=0.01)]
    assert past["at"] < now["at"] and past["revision"] != now["revision"]
    assert metrics(run, "--at", then) == past


def test_a_split_task_counts_as_its_parts(run, team, clock):
    hours(clock, 1)
    run("task", "split", "TASK-1", "Form; Check", "--session", team)

    found = metrics(run)

    assert found["tasks"]["total"] == 3
    assert found["points"] == {"committed": 8, "completed": 0, "remaining": 8, "total": 8}
    assert sum(one["points"] for one in found["scope"]["changes"]) == 0


def test_a_sprint_that_ended_keeps_its_figures(run, team, clock):
    move(run, team, "TASK-1", "in_progress")
    hours(clock, 20)
    run("heartbeat", team)
    hours(clock, 10)
    move(run, team, "TASK-1", "done")
    hours(clock, 1)
    run("complete-sprint", "myapp", "sprint-1", "--carry-to", "backlog")

    found = metrics(run, "sprint-1")
    rows = run("burndown", "sprint-1", "--project", "myapp", "--json-output").json

    assert found["scope"]["changes"] == []
    assert rows["rows"][2] == {
        "date": rows["rows"][2]["date"],
        "at": rows["rows"][2]["at"],
        "ideal": pytest.approx(6.7, abs=0.1),
        "actual": 3,
    }
    assert found["forecast"] is None
    assert metrics(run, "all")["finished_sprints"] == [
        {
            "id": "sprint-1",
            "name": "First sprint",
            "completed_at": found["sprint"]["completed_at"],
            "committed": 8,
            "completed": 5,
            "kept": 0.625,
        }
    ]


def test_the_forecast_of_a_team_with_a_past(run, team, clock):
    for number in range(6):
        run("task", "add", f"Step {number}", "--points", "1", "--sprint", "sprint-1", "--session", team)
    for number in range(6):
        if clock.now.weekday() == 5:
            clock.forward(days=2)
            run("recover", team)
        move(run, team, f"TASK-{number + 3}", "done")
        clock.forward(days=1)
        run("recover", team)

    found = run("forecast", "--project", "myapp", "--json-output").json
    again = run("forecast", "--project", "myapp", "--json-output").json

    # Monday to Friday and the Monday after: one point a day, 8 remain on Tuesday 13 January.
    forecast = found["forecast"]
    assert forecast["method"] == "monte_carlo"
    assert forecast["samples"] == {"days": 6, "tasks": 6}
    assert set(forecast["dates"].values()) == {"2026-01-23"}
    # Wednesday to Friday are left of the sprint, which ends where Monday 19 begins
    assert (forecast["probability"], forecast["by_end"], forecast["last_day"]) == (0, 3, "2026-01-18")
    assert forecast["outcomes"] == [{"days": 8, "date": "2026-01-23", "runs": 10000}]
    assert again["forecast"] == forecast


def test_load_counts_slots_and_agents_that_only_tasks_name(run, team):
    run("set", team, "tasks.TASK-1.assignee", "ada")
    run("set", team, "tasks.TASK-2.assignee", "core-helper")
    move(run, team, "TASK-2", "in_progress")

    found = metrics(run)

    slots = found["capacity"]["slots"]
    assert (found["capacity"]["used"], found["capacity"]["free"]) == (2, slots - 2)
    assert found["utilisation"]["now"] == round(1 / slots, 4)
    assert found["distribution"] == [{"team": "default", "points": 3, "tasks": 1, "share": 1}]


@pytest.mark.parametrize("command", ["metrics", "velocity", "burndown", "forecast", "flow"])
def test_a_project_without_sprints_says_so(run, session, command):  # noqa: ARG001
    run("set-config", "myapp", "--data", "{}")

    result = run(command, "--project", "myapp")

    assert (result.exit_code, result.stderr) == (0, "")
    said = ("n/a (needs a sprint", "no active or planned sprint", "No task has been finished")
    assert any(words in result.stdout for words in said)


@pytest.mark.parametrize("command", ["metrics", "velocity", "burndown", "forecast", "flow"])
def test_figures_are_read_without_changing_anything(run, team, unchanged, command):  # noqa: ARG001
    with unchanged():
        result = run(command, "--project", "myapp")

    assert result.exit_code == 0
    assert result.stdout


def test_an_unknown_sprint_and_project(fails, team):  # noqa: ARG001
    assert fails(1, "metrics", "sprint-9", "--project", "myapp") == "no sprint 'sprint-9' in project 'myapp'"
    assert fails(1, "burndown", "--project", "nope") == "no project 'nope'"


def test_the_view_of_a_session_has_the_same_figures(run, team):
    document = run("get", team, "sprint.metrics").json

    found = metrics(run)

    for name in ("tasks", "points", "scope", "velocity", "health", "wip"):
        assert document[name] == found[name]
