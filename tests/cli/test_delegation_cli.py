"""`autoassign`, `allocation`, `task delegate` and `epic plan`: what they show, and what `apply` then does."""

import json
import subprocess

import pytest
from inline_snapshot import snapshot

PROJECT = ("--project", "myapp")
CONFIG = {
    "team": {"core": {"members": ["ada", "bob"], "skills": ["python"]}},
    "agents": {"ada": {"skills": ["oauth"], "capacity": 2}, "bob": {"skills": ["frontend"]}},
}
ODD = "OAuth [/api] [bold]\x1b[31m \u202eredro\u202c 用户 🚀"
DRAFT = [{"title": "A", "points": 5}, {"title": "B [/x]", "points": 3, "depends_on": "A"}]


@pytest.fixture
def team(run, once, state_dir):
    """Project myapp with two agents of its own, and the active sprint sprint-1."""

    def build():
        run(
            "create-sprint",
            "myapp",
            "sprint-1",
            "First",
            "--data",
            '{"start_date": "2026-01-05", "capacity": 9}',
        )
        # The store's own agents would take part.
        for name in ("teams", "agents"):
            (state_dir / "config" / f"{name}.yaml").write_text("{}\n")
        subprocess.run(
            ["git", "-C", str(state_dir), "-c", "user.name=G", "-c", "user.email=g@example.org",
             "commit", "-qam", "no agents"], check=True,
        )  # fmt: skip
        run("set-config", "myapp", "--data", json.dumps(CONFIG))
        add(run, "Plan")
        run("start-sprint", "myapp", "sprint-1")
        return "myapp"

    return once("delegation-team", build)


def add(run, title, *options):
    task = run("task", "add", title, "--sprint", "sprint-1", *PROJECT, *options).value
    assert run("update-task", task, "todo", *PROJECT).exit_code == 0
    return task


def field(run, task, name):
    return run("task", "show", task, *PROJECT, "--json-output").json[name]


def last(git):
    return git("log", "-1", "--format=%s%n%b").splitlines()


# -- autoassign


@pytest.mark.usefixtures("team")
def test_autoassign_shows_its_choices_and_apply_makes_them(run, unchanged, git):
    add(run, "OAuth login")
    add(run, "Python page of the frontend", "--priority", "high")
    with unchanged():
        found = run("autoassign", *PROJECT)

    plan = found.stderr.split()[-1]
    assert found.stdout == snapshot("""\
TASK-3 -> bob  (score 15)  Python page of the frontend
  fits: frontend, python (team); 0 similar done; 0 open of 1
  runner-up: ada (score 5)
TASK-1 -> ada  (score 0)  Plan
  no skill fits; 0 similar done; 0 open of 2
TASK-2 -> ada  (score 8)  OAuth login
  fits: oauth; 0 similar done; 1 open of 2
Open tasks, before and after:
  ada: 0 -> 2 of 2
  bob: 0 -> 1 of 1
""")
    assert field(run, "TASK-2", "assignee") is None

    commit = run("apply", plan).commit
    assert [field(run, f"TASK-{n}", "assignee") for n in (1, 2, 3)] == ["ada", "ada", "bob"]
    assert last(git)[:2] == ["task: assign 3 tasks by score", "Op: task_assigned"]
    assert run("undo", commit).exit_code == 0
    assert [field(run, f"TASK-{n}", "assignee") for n in (1, 2, 3)] == [None, None, None]


@pytest.mark.usefixtures("team")
def test_autoassign_at_once_and_then_nothing(run):
    done = run("autoassign", *PROJECT, "--yes", "--json-output").json
    assert [(row["task"], row["agent"], row["score"]) for row in done["assigned"]] == [("TASK-1", "ada", 0)]
    assert done["commit"]

    again = run("autoassign", *PROJECT)
    assert again.stdout == "No task in todo is without an assignee.\n"
    assert again.stderr == ""


@pytest.mark.usefixtures("team")
def test_autoassign_dry_run_makes_no_plan(run, state_dir):
    assert run("autoassign", *PROJECT, "--dry-run", "--json-output").json["plan"] is None
    assert not (state_dir / ".git/orchestration/plans").exists()


@pytest.mark.usefixtures("team")
def test_apply_refuses_when_a_task_changed(run, fails):
    plan = run("autoassign", *PROJECT, "--json-output").json["plan"]["id"]
    run("update-task", "TASK-1", "in_progress", *PROJECT)

    assert fails(5, "apply", plan) == "changed since the plan was made: projects.myapp.tasks.TASK-1"


@pytest.mark.usefixtures("team")
def test_apply_refuses_when_it_would_choose_somebody_else(run, fails):
    plan = run("autoassign", *PROJECT, "--json-output").json["plan"]["id"]
    for title in ("One", "Two"):
        task = run("task", "add", title, "--assignee", "ada", *PROJECT).value
        run("update-task", task, "todo", *PROJECT)

    expected = "what the plan rests on has changed: it would do something else now"
    assert fails(5, "apply", plan) == expected
    assert fails(5, "apply", plan) == expected  # it was not used up


@pytest.mark.usefixtures("team")
def test_nobody_to_assign_to(run):
    run("set-config", "myapp", "--data", '{"team": null, "agents": null}')

    found = run("autoassign", *PROJECT)
    assert found.stdout.startswith("Project myapp has no agents yet: ")
    assert run("autoassign", "--project", "nope").exit_code == 1


# -- delegate


@pytest.mark.usefixtures("team")
def test_delegate_shows_who_fits_and_apply_creates_the_task(run, unchanged, git):
    with unchanged():
        found = run("task", "delegate", "Fix OAuth2 of the login", "--points", "5", *PROJECT)
    plan = found.stderr.split()[-1]
    assert found.stdout == snapshot("""\
task:     TASK-2
title:    Fix OAuth2 of the login
type:     bug (the title says 'Fix')
priority: 3
points:   5
assignee: ada (fits: oauth; 0 similar done; 0 open of 2)
sprint:   sprint-1 (active): 0 -> 5 points of 9
Agents, the best fitting first:
  ada (core)  score 10: fits: oauth; 0 similar done; 0 open of 2
  bob (core)  score 0: no skill fits; 0 similar done; 0 open of 1
Teams:
  core: 3 of 3 slots free; best ada (score 10)
No similar task has been done yet.
""")

    assert run("apply", plan).value == "TASK-2"
    shown = run("task", "show", "TASK-2", *PROJECT, "--json-output").json
    wanted = ("column", "assignee", "sprint_id", "type", "points")
    assert [shown[name] for name in wanted] == ["todo", "ada", "sprint-1", "bug", 5]
    assert last(git)[:4] == [
        "task: delegate TASK-2 to ada: Fix OAuth2 of the login",
        "Op: task_delegated",
        "Project: myapp",
        "Task: TASK-2",
    ]


@pytest.mark.usefixtures("team")
def test_similar_tasks_and_their_cycle_times(run, clock):
    run("task", "delegate", "OAuth login page", "--agent", "bob", "--points", "3", "--yes", *PROJECT)
    run("update-task", "TASK-2", "in_progress", *PROJECT)
    clock.forward(hours=5, seconds=-1)
    run("update-task", "TASK-2", "done", *PROJECT)
    found = run("task", "delegate", "Login page again", *PROJECT, "--json-output").json

    assert found["similar"] == [
        {"id": "TASK-2", "title": "OAuth login page", "assignee": "bob", "points": 3, "cycle_hours": 5}
    ]
    assert found["cycle_time"]["median"] == 5
    assert found["similar_points"] == {"median": 3, "samples": 1}
    assert found["task"]["assignee"] == "bob"  # 1 similar done
    assert found["sprint"]["points_before"] == 3


@pytest.mark.usefixtures("team")
def test_without_a_free_slot_there_are_three_ways(run, fails, git):
    run("task", "delegate", "One", "--agent", "@bob", "--yes", *PROJECT)
    found = run("task", "delegate", "It's two", "--agent", "bob", *PROJECT, "--json-output").json

    assert (found["plan"], found["task"]["id"]) == (None, None)
    assert [(way["way"], way["agent"]) for way in found["offers"]] == [
        ("queue", None),
        ("alternative", "ada"),
        ("override", "bob"),
    ]
    command = found["offers"][0]["command"]
    assert command == """state_manager task delegate 'It'"'"'s two' --project myapp --queue"""
    refused = fails(1, "task", "delegate", "Two", "--agent", "bob", "--yes", *PROJECT)
    assert refused == "bob has no free slot: 1 open of 1"

    forced = run("task", "delegate", "Two", "--agent", "bob", "--force", "he asked", "--yes", *PROJECT)
    assert field(run, forced.value, "assignee") == "bob"
    assert "Reason: he asked" in last(git)
    queued = run("task", "delegate", "Three", "--queue", "--yes", *PROJECT).value
    assert field(run, queued, "assignee") is None


@pytest.mark.usefixtures("team")
def test_who_fits_better_but_is_full_is_named(run):
    run("task", "delegate", "Frontend", "--agent", "bob", "--yes", *PROJECT)
    found = run("task", "delegate", "More frontend", *PROJECT, "--json-output").json

    assert found["task"]["assignee"] == "ada"
    why = "no skill fits; 0 similar done; 0 open of 2; bob fits better but has no free slot"
    assert found["assignee_because"] == why


@pytest.mark.usefixtures("team")
def test_delegate_refuses_what_is_unknown(run, fails):
    assert fails(1, "task", "delegate", "X", "--agent", "bop", *PROJECT) == "no agent 'bop' in this project"
    assert fails(1, "task", "delegate", "X", "--team", "cor", *PROJECT) == "no team 'cor' in project 'myapp'"
    assert fails(1, "task", "delegate", " \n ", *PROJECT) == "the task has no words"
    assert (
        fails(1, "task", "delegate", "X", "--epic", "nope", *PROJECT) == "project 'myapp' has no epic 'nope'"
    )
    assert fails(1, "task", "delegate", "X", "--force", " ", *PROJECT) == "--force has no reason"
    assert run("task", "delegate", "X", "--points", "-1", *PROJECT).exit_code == 2
    assert run("task", "delegate", "X", "--priority", "soon", *PROJECT).exit_code == 2


@pytest.mark.usefixtures("team")
def test_a_full_todo_needs_a_reason(run, fails):
    run("update-sprint", "myapp", "sprint-1", "--data", '{"wip_limits": {"todo": 1}}')

    refused = fails(1, "task", "delegate", "X", "--yes", *PROJECT)
    assert refused == "todo 1/1 of sprint 'sprint-1': the column is full"
    assert run("task", "delegate", "X", "--force", "now", "--yes", *PROJECT).value == "TASK-2"


@pytest.mark.usefixtures("team")
def test_apply_of_a_delegation_after_another_task_took_its_id(run, fails):
    plan = run("task", "delegate", "Mine", *PROJECT, "--json-output").json["plan"]["id"]
    run("task", "add", "Theirs", *PROJECT)

    assert "changed since the plan was made: projects.myapp.tasks.TASK-" in fails(5, "apply", plan)


@pytest.mark.usefixtures("team")
def test_titles_are_data(run):
    task = run("task", "delegate", f"{ODD}\nand more\n", "--yes", *PROJECT).value

    assert field(run, task, "title") == ODD
    assert field(run, task, "description") == "and more"
    run("set-config", "myapp", "--data", '{"agents": {"bob": {"capacity": 9}}}')
    run("update-task", task, "todo", *PROJECT)
    add(run, ODD)
    for words in (("autoassign",), ("task", "delegate", ODD), ("allocation",)):
        shown = run(*words, *PROJECT)
        assert shown.exit_code == 0
        assert "\x1b" not in shown.stdout


# -- allocation


@pytest.mark.usefixtures("team")
def test_allocation_moves_what_is_not_begun(run):
    for title in ("One", "Two"):
        run("task", "delegate", title, "--agent", "bob", "--force", "test", "--yes", *PROJECT)
    found = run("allocation", *PROJECT, "--json-output").json

    assert [(row["task"], row["source"], row["agent"]) for row in found["moves"]] == [
        ("TASK-3", "bob", "ada")
    ]
    assert run("apply", found["plan"]["id"]).exit_code == 0
    assert field(run, "TASK-3", "assignee") == "ada"
    assert run("allocation", *PROJECT).stdout.startswith("No agent with several tasks")


# -- epic plan


def epic(run, *words, draft=None):
    given = ("--tasks", "-") if draft is not None else ()
    return run(
        "epic", "plan", *words, *given, *PROJECT, input=json.dumps(draft) if draft is not None else None
    )


@pytest.mark.usefixtures("team")
def test_a_plan_of_an_epic_and_its_one_commit(run, unchanged, git):
    with unchanged():
        found = epic(run, "user-dashboard", draft=DRAFT)
    assert found.stdout == snapshot("""\
epic:       user-dashboard  Epic user-dashboard (new)
capacity:   9 points (sprint sprint-1)
velocity:   not known
per sprint: 9 points, the smaller of capacity and velocity, as far as known
tasks:      2 with 8 points, 0 not estimated
dates:      2026-01-19 to 2026-02-02: 2 weeks, fits 4

sprint-2  Epic user-dashboard  2026-01-19 to 2026-02-02, 8 points
  TASK-2  A  (5 points, feature)
  TASK-3  B [/x]  (3 points, feature; after TASK-2)

Share per team:
  no team: 2 tasks, 8 points, 100 %

Risks:
  no agent has a skill for: 'A', 'B [/x]'
""")

    before = git("rev-list", "--count", "HEAD")
    assert run("apply", found.stderr.split()[-1]).exit_code == 0
    assert int(git("rev-list", "--count", "HEAD")) == int(before) + 1
    assert last(git)[:2] == ["epic: plan user-dashboard: 2 tasks in 1 sprint", "Op: epic_created"]
    assert run("get-epic", "myapp", "user-dashboard", "--json-output").json["status"] == "planned"
    sprint = run("get-sprint", "myapp", "sprint-2", "--json-output").json
    assert [sprint[name] for name in ("status", "start_date", "end_date", "epic_id", "tasks")] == [
        "planned",
        "2026-01-19",
        "2026-02-02",
        "user-dashboard",
        ["TASK-2", "TASK-3"],
    ]
    task = run("task", "show", "TASK-3", *PROJECT, "--json-output").json
    assert [task[name] for name in ("title", "column", "epic_id", "depends_on")] == [
        "B [/x]",
        "backlog",
        "user-dashboard",
        ["TASK-2"],
    ]
    assert run("verify").exit_code == 0


@pytest.mark.usefixtures("team")
def test_the_backlog_of_an_epic_is_planned_at_once(run):
    run("update-epic", "myapp", "login", "--title", "Login")
    task = run("task", "add", "Later", "--epic", "login", "--points", "3", *PROJECT).value
    done = run("epic", "plan", "login", "--yes", "--json-output", *PROJECT).json

    assert [(row["id"], row["sprint_id"]) for row in done["tasks"]] == [(task, "sprint-2")]
    assert field(run, task, "sprint_id") == "sprint-2"


@pytest.mark.usefixtures("team")
def test_an_epic_without_tasks_tells_what_a_draft_rests_on(run, unchanged):
    with unchanged():
        found = epic(run, "user-dashboard")

    assert found.exit_code == 0
    assert "There are no open tasks to plan. What a draft can rest on:" in found.stdout
    shown = found.stdout[found.stdout.index("\n{") :]
    assert json.loads(shown)["features"][0]["tasks"][0]["title"] == "TEXT, what is to be done"


@pytest.mark.usefixtures("team")
def test_apply_of_an_epic_s_plan_after_a_change(run, fails):
    given = ("epic", "plan", "e1", "--tasks", "-", "--json-output", *PROJECT)
    plan = run(*given, input=json.dumps(DRAFT)).json["plan"]["id"]
    run("create-sprint", "myapp", "sprint-2", "Mine")
    assert fails(5, "apply", plan).startswith("changed since the plan was made: projects.myapp.")

    plan = run(*given, input=json.dumps(DRAFT)).json["plan"]["id"]
    run("update-sprint", "myapp", "sprint-1", "--end-date", "2026-01-26")
    assert fails(5, "apply", plan) == "what the plan rests on has changed: it would do something else now"


@pytest.mark.usefixtures("team")
def test_an_epic_plan_refuses(run, fails, tmp_path):
    def refused(code, *words, text="[]"):
        return fails(code, "epic", "plan", "e1", *words, *PROJECT, input=text)

    assert refused(1, "--tasks", "-") == "the draft has no tasks"
    assert refused(1, "--tasks", "-", text="[{title: A").startswith("the draft, line 2, column 1")
    assert refused(1, "--tasks", "-", text=b"[\xff]").startswith("the draft")
    assert refused(1, "--tasks", str(tmp_path / "none.yaml")).endswith("No such file or directory")
    assert refused(1, "--teams", "core,corr") == "no team 'corr' in project 'myapp'"
    assert run("epic", "plan", "e1", "--duration", "0", *PROJECT).exit_code == 2
