"""Tasks from the command line: `task add|show|list|claim`, `update-task`, and writing them through paths."""

import json

import pytest
from inline_snapshot import snapshot

PROJECT = ("--project", "myapp")


def add(run, title, *options):
    return run("task", "add", title, *PROJECT, *options).value


def shown(run, task):
    return run("task", "show", task, *PROJECT, "--json-output").json


def move(run, task, status, *options):
    return run("update-task", task, status, *PROJECT, *options)


# -- add, show, list


def test_a_captured_add_prints_the_id_alone(run):
    result = run("task", "add", "Fix [list] *markup*", *PROJECT)

    assert result.value == "TASK-1"
    assert result.stderr == f"commit {result.commit}\n✓ Created TASK-1: Fix [list] *markup*\n"


@pytest.mark.usefixtures("sprint")
def test_a_task_with_every_option(run):
    run("update-epic", "myapp", "login", "--title", "Login")
    task = add(
        run, "Write tests", "--description", "all of them", "--points", "2.5", "--priority", "high", "--epic", "login",
        "--sprint", "sprint-1", "--team", "qa", "--assignee", "@qa-analyst", "--type", "test",
        "--depends", "TASK-1, TASK-2", "--labels", "slow,ci",
    )  # fmt: skip

    assert shown(run, task) == {
        "id": "TASK-3",
        "title": "Write tests",
        "description": "all of them",
        "type": "test",
        "column": "backlog",
        "status": "backlog",
        "assignee": "qa-analyst",
        "team": "qa",
        "claim": None,
        "points": 2.5,
        "priority": 2,
        "epic_id": "login",
        "sprint_id": "sprint-1",
        "parent": None,
        "depends_on": ["TASK-1", "TASK-2"],
        "labels": ["slow", "ci"],
        "acceptance": [],
        "artifacts": [],
        "blocker": None,
        "blockers": [],
        "created_at": "2026-01-05T09:00:07Z",
        "committed_at": "2026-01-05T09:00:07Z",
        "started_at": None,
        "completed_at": None,
        "updated_at": "2026-01-05T09:00:07Z",
        "orphaned": None,
    }


def test_the_project_comes_from_the_session(run, session, git):
    task = run("task", "add", "Log in", "--session", session[:8]).value

    assert git("log", "-1", "--format=%s%n%(trailers:only)").splitlines() == [
        "task: create TASK-1 Log in",
        "Op: task_created",
        f"Session: {session}",
        "Project: myapp",
        "Task: TASK-1",
        "At: 2026-01-05T09:00:02Z",
    ]
    assert run("task", "show", task, "--session", session, "--json-output").json["title"] == "Log in"
    assert run("task", "add", "Log out", env={"CLAUDE_SESSION_ID": session}).value == "TASK-2"


def test_a_task_as_text(run):
    add(run, "Log in", "--labels", "a,b")

    lines = run("task", "show", "TASK-1", *PROJECT).stdout.splitlines()

    assert lines[:6] == snapshot(
        [
            "id:           TASK-1",
            "title:        Log in",
            "description:  -",
            "type:         feature",
            "column:       backlog",
            "status:       backlog",
        ]
    )
    assert [line.split() for line in lines if line.startswith(("labels", "claim"))] == [
        ["claim:", "-"],
        ["labels:", "a,", "b"],
    ]


@pytest.mark.usefixtures("sprint")
def test_the_list_is_by_priority_then_age(run):
    add(run, "Urgent", "--priority", "critical", "--assignee", "dev")
    add(run, "Later", "--priority", "5")
    move(run, "TASK-1", "blocked", "--reason", "no keys")

    def listed(*options):
        return [row["id"] for row in run("task", "list", *PROJECT, *options, "--json-output").json]

    assert listed() == ["TASK-3", "TASK-1", "TASK-2", "TASK-4"]
    assert listed("--status", "blocked") == ["TASK-1"]
    assert listed("--status", "backlog") == ["TASK-3", "TASK-4"]
    assert listed("--assignee", "@dev") == ["TASK-3"]
    assert listed("--sprint", "sprint-1") == ["TASK-1", "TASK-2"]
    assert listed("--sprint", "sprint-1", "--status", "todo") == ["TASK-2"]
    assert listed("--epic", "login") == []
    assert run("task", "list", *PROJECT, "--epic", "login").stdout == "There are no tasks like that.\n"
    assert run("task", "list", *PROJECT).stdout == snapshot("""\
ID      STATUS   PRIORITY  POINTS  ASSIGNEE  SPRINT    TITLE
TASK-3  backlog  1         -       dev       -         Urgent
TASK-1  blocked  3         5       -         sprint-1  Log in
TASK-2  todo     3         3       -         sprint-1  Log out
TASK-4  backlog  5         -       -         -         Later
""")


# -- ids


def test_numbers_are_never_given_out_again(run, session):
    assert [add(run, title) for title in "abc"] == ["TASK-1", "TASK-2", "TASK-3"]

    run("delete", session, "tasks.TASK-3")
    run("delete", session, "tasks.TASK-2")

    assert add(run, "d") == "TASK-4"
    run("delete", session, "tasks.TASK-4")
    run("delete", session, "tasks.TASK-1")
    assert add(run, "e") == "TASK-5"
    assert run("task", "list", *PROJECT, "--json-output").json[0]["title"] == "e"


def test_written_ids_count_and_odd_ones_do_not(run, session):
    for name in ("TASK-123", "task-x", "TASK-7b", "LOGIN-500"):
        assert run("merge", session, f"tasks.{name}", "--data", "{}").exit_code == 0

    assert add(run, "next") == "TASK-124"


@pytest.mark.parametrize(
    "path", ["tasks.task-1", "task.Task-1.title", "sprint.tasks.task-1", "execution.tasks.tAsK-1"]
)
@pytest.mark.usefixtures("sprint")
def test_ids_that_differ_only_by_case_are_refused(fails, session, path):
    name = path.split(".")[-2 if path.endswith("title") else -1]
    words = (
        ("set", session, path, "x") if path.endswith("title") else ("merge", session, path, "--data", "{}")
    )

    assert fails(1, *words) == f"task id '{name}' differs only by case from 'TASK-1'"


@pytest.mark.usefixtures("sprint", "session")
def test_a_project_that_differs_only_by_case_is_refused(fails):
    message = "project 'MyApp' differs only by case from 'myapp'"

    assert fails(1, "create", "--project", "MyApp") == message
    assert fails(1, "task", "add", "x", "--project", "MyApp") == message
    assert fails(1, "set-config", "MyApp", "--data", "{}") == message
    assert fails(1, "update-epic", "MyApp", "login") == message
    assert fails(1, "create-sprint", "MyApp", "s", "S") == message


# -- moving


@pytest.mark.parametrize(
    ("word", "column"),
    [
        ("todo", "todo"),
        ("pending", "todo"),
        ("active", "in_progress"),
        ("In Progress", "in_progress"),
        ("in-progress", "in_progress"),
        ("qa", "review"),
        ("completed", "done"),
        ("cancelled", "cancelled"),
    ],
)
def test_statuses_and_their_synonyms(run, word, column):
    add(run, "Log in")

    result = move(run, "TASK-1", word)

    assert result.value == "TASK-1"
    assert result.stderr.splitlines()[1] == f"✓ TASK-1 is {column}"
    assert shown(run, "TASK-1")["column"] == column


def test_moving_fills_the_times(run):
    add(run, "Log in")
    move(run, "TASK-1", "todo")
    move(run, "TASK-1", "done")
    move(run, "TASK-1", "in_progress", "--reopen", "it broke")

    task = shown(run, "TASK-1")
    assert [task[name] for name in ("committed_at", "started_at", "completed_at")] == [
        "2026-01-05T09:00:02Z",
        "2026-01-05T09:00:03Z",
        None,
    ]


@pytest.mark.parametrize(
    ("before", "words", "message"),
    [
        ("done", ("todo",), "TASK-1 is done and cannot go to todo"),
        ("done", ("in_progress",), "TASK-1 is done; reopening it needs a reason"),
        ("done", ("cancelled",), "TASK-1 is done and cannot go to cancelled"),
        ("done", ("blocked",), "TASK-1 is done and cannot be blocked"),
        ("cancelled", ("todo",), "TASK-1 is cancelled and goes back to backlog only"),
        (
            "todo",
            ("nope",),
            "status 'nope' is not one of backlog, todo, in_progress, review, done, cancelled, blocked",
        ),
    ],
)
def test_illegal_moves_are_refused(run, fails, before, words, message):
    add(run, "Log in")
    move(run, "TASK-1", before)

    assert fails(1, "update-task", "TASK-1", *words, *PROJECT) == message


def test_a_blocked_task_stays_until_it_is_unblocked(run, fails, git):
    add(run, "Log in")
    result = move(run, "TASK-1", "blocked", "--reason", "waiting for the vendor")

    assert result.stderr.splitlines()[1] == "✓ TASK-1 is blocked"
    assert git("log", "-1", "--format=%s") == "task: TASK-1 blocked: waiting for the vendor"
    task = shown(run, "TASK-1")
    assert (task["status"], task["column"]) == ("blocked", "backlog")
    assert {name: task["blocker"][name] for name in ("id", "reason", "severity", "opened_at")} == {
        "id": "BLK-1",
        "reason": "waiting for the vendor",
        "severity": "medium",
        "opened_at": "2026-01-05T09:00:02Z",
    }
    for status in ("todo", "in_progress", "done"):
        message = fails(1, "update-task", "TASK-1", status, *PROJECT)
        assert message == "TASK-1 is blocked by BLK-1 (waiting for the vendor)"
    assert move(run, "TASK-1", "cancelled").exit_code == 0
    assert shown(run, "TASK-1")["status"] == "cancelled"


def test_a_block_without_a_reason_says_so(run):
    add(run, "Log in")
    move(run, "TASK-1", "blocked")

    assert shown(run, "TASK-1")["blocker"]["reason"] == "not given"


@pytest.mark.usefixtures("sprint")
def test_the_session_may_stand_before_the_task(run, session, git):
    assert run("update-task", session, "TASK-1", "review").value == "TASK-1"
    assert f"Session: {session}" in git("log", "-1", "--format=%B").splitlines()


def test_a_move_to_the_same_column_changes_nothing(run, unchanged):
    add(run, "Log in")

    with unchanged():
        assert move(run, "TASK-1", "backlog").value == "TASK-1"


@pytest.mark.usefixtures("sprint")
def test_an_acting_session_has_to_be_active(run, fails, session):
    run("pause", session)

    for words in (
        ("task", "add", "x"),
        ("update-task", "TASK-1", "todo"),
        ("task", "claim", "TASK-1", "--as", "dev"),
    ):
        assert fails(4, *words, "--session", session) == f"session {session} is paused"


# -- claims: two agents cannot take the same task


@pytest.mark.usefixtures("sprint")
def test_a_claim_is_told_and_kept(run, session, git):
    result = run("task", "claim", "TASK-1", "--as", "@dev", "--session", session)

    assert result.value == "TASK-1"
    assert result.stderr.splitlines()[1] == "✓ dev claimed TASK-1"
    task = shown(run, "TASK-1")
    assert task["claim"] == {"agent": "dev", "session": session, "at": "2026-01-05T09:00:06Z"}
    assert task["assignee"] == "dev"
    assert git("log", "-1", "--format=%an: %s") == "dev: task: TASK-1 claimed by dev"


@pytest.mark.usefixtures("sprint")
def test_the_second_claim_is_refused(run, fails, session, unchanged):
    other = run("create", *PROJECT).value
    run("task", "claim", "TASK-1", "--as", "dev", "--session", session)

    held = f"TASK-1 is claimed by dev in session {session}"
    assert fails(5, "task", "claim", "TASK-1", "--as", "qa", "--session", session) == held
    assert fails(5, "task", "claim", "TASK-1", "--as", "dev", "--session", other) == held
    with unchanged():
        assert run("task", "claim", "TASK-1", "--as", "dev", "--session", session).exit_code == 0


@pytest.mark.usefixtures("sprint")
def test_two_agents_that_read_the_same_revision(run, fails, session):
    revision = run("get", session, "tasks.TASK-1", "--rev").stderr.split()[1]
    words = ("task", "claim", "TASK-1", "--session", session, "--expect", revision)

    first = run(*words, "--as", "dev")
    message = fails(5, *words, "--as", "qa")

    assert first.exit_code == 0
    assert message == f"projects/myapp/tasks/TASK-1.yaml has changed since {revision}"
    assert shown(run, "TASK-1")["claim"]["agent"] == "dev"


@pytest.mark.usefixtures("sprint")
def test_expect_on_update_task(run, fails, session):
    revision = run("get", session, "tasks.TASK-1", "--rev").stderr.split()[1]
    first = move(run, "TASK-1", "in_progress", "--expect", revision).commit

    words = ("update-task", "TASK-1", "review", *PROJECT, "--expect")
    assert fails(5, *words, revision) == f"projects/myapp/tasks/TASK-1.yaml has changed since {revision}"
    assert run(*words, first).exit_code == 0


@pytest.mark.parametrize("status", ["done", "cancelled"])
@pytest.mark.usefixtures("sprint")
def test_closing_releases_the_claim(run, fails, session, status):
    run("task", "claim", "TASK-1", "--as", "dev", "--session", session)

    move(run, "TASK-1", status)

    assert shown(run, "TASK-1")["claim"] is None
    message = fails(1, "task", "claim", "TASK-1", "--as", "qa", "--session", session)
    assert message == f"TASK-1 is {status} and cannot be claimed"


@pytest.mark.usefixtures("sprint")
def test_unassigning_releases_the_claim(run, session):
    run("task", "claim", "TASK-1", "--as", "dev", "--session", session)

    run("set", session, "tasks.TASK-1.assignee", "none")

    assert shown(run, "TASK-1")["claim"] is None
    assert run("task", "claim", "TASK-1", "--as", "qa", "--session", session).exit_code == 0


@pytest.mark.usefixtures("sprint")
def test_a_claim_needs_an_active_session(run, fails, session):
    run("complete", session)

    assert fails(3, "task", "claim", "TASK-1", "--as", "dev", *PROJECT) == ("there is no active session")


# -- through paths


def test_a_merge_creates_a_task(run, session, git):
    run("merge", session, "task.TASK-123", "--data", '{"status": "active", "points": "5", "labels": "a,b"}')

    task = run("get", session, "tasks.TASK-123").json
    assert {
        name: task[name] for name in ("title", "column", "points", "labels", "sprint_id", "started_at")
    } == {
        "title": "TASK-123",
        "column": "in_progress",
        "points": 5,
        "labels": ["a", "b"],
        "sprint_id": None,
        "started_at": "2026-01-05T09:00:02Z",
    }
    assert git("log", "-1", "--format=%s") == "task: create TASK-123"


@pytest.mark.usefixtures("sprint")
def test_a_task_made_through_the_sprint_is_in_the_sprint(run, session):
    run("set", session, "sprint.tasks.TASK-9.title", "In the sprint")

    task = run("get", session, "tasks.TASK-9").json
    assert (task["sprint_id"], task["committed_at"]) == ("sprint-1", "2026-01-05T09:00:06Z")


@pytest.mark.parametrize(
    "path", ["task.TASK-1", "tasks.TASK-1", "execution.tasks.TASK-1", "sprint.tasks.TASK-1"]
)
@pytest.mark.usefixtures("sprint")
def test_all_paths_of_a_task_are_one_record(run, session, path):
    run("set", session, f"{path}.status", "in_progress")
    run("merge", session, path, "--data", '{"labels": ["x"]}')
    run("append", session, f"{path}.labels", '"y"')
    run("increment", session, f"{path}.points", "3")

    for other in ("task.TASK-1", "tasks.TASK-1", "execution.tasks.TASK-1", "sprint.tasks.TASK-1"):
        task = run("get", session, other).json
        assert (task["status"], task["labels"], task["points"]) == ("in_progress", ["x", "y"], 8)
        assert task["updated_at"] == "2026-01-05T09:00:09Z"


@pytest.mark.usefixtures("sprint")
def test_a_task_of_another_sprint_is_not_reached_through_this_one(run, fails, session):
    add(run, "Elsewhere")

    message = "TASK-3 is not in the current sprint 'sprint-1'"
    assert run("get", session, "sprint.tasks.TASK-3").exit_code == 1
    assert fails(1, "set", session, "sprint.tasks.TASK-3.title", "x") == message
    assert fails(1, "delete", session, "sprint.tasks.TASK-3") == message
    assert run("set", session, "tasks.TASK-3.title", "x").exit_code == 0


@pytest.mark.usefixtures("sprint")
def test_writing_back_what_was_read_changes_nothing(run, session, unchanged):
    move(run, "TASK-1", "blocked", "--reason", "no keys")
    task = run("get", session, "tasks.TASK-1").json
    del task["updated_at"]  # written, it would be kept

    with unchanged():
        assert run("merge", session, "tasks.TASK-1", "--data", json.dumps(task)) == (0, "", "")


@pytest.mark.usefixtures("sprint")
def test_an_explicit_updated_at_is_kept_until_the_next_write(run, session):
    run("merge", session, "tasks.TASK-1", "--data", '{"updated_at": "2024-01-01T00:00:00Z"}')
    assert run("get", session, "tasks.TASK-1.updated_at").value == "2024-01-01T00:00:00Z"
    assert shown(run, "TASK-1")["updated_at"] == "2024-01-01T00:00:00Z"

    run("set", session, "tasks.TASK-1.title", "Renamed")

    assert shown(run, "TASK-1")["updated_at"] == "2026-01-05T09:00:09Z"


@pytest.mark.usefixtures("sprint")
def test_several_tasks_in_one_commit(run, session, git):
    run("merge", session, "sprint.tasks", "--data", '{"TASK-1": {"status": "todo"}, "NEW-1": {"points": 2}}')

    assert git("log", "-1", "--format=%s") == "task: change TASK-1, NEW-1"
    assert run("get", session, "$.sprint.tasks[?(@.points < 4)].id").json == ["NEW-1", "TASK-2"]


@pytest.mark.usefixtures("sprint")
def test_one_bad_task_among_several_changes_none(fails, session):
    data = '{"TASK-1": {"status": "todo"}, "TASK-2": {"priority": 9}}'

    assert fails(1, "merge", session, "tasks", "--data", data) == "priority 9 is out of range"


@pytest.mark.usefixtures("sprint")
def test_fields_go_back_to_their_default(run, session):
    run(
        "merge",
        session,
        "tasks.TASK-1",
        "--data",
        '{"priority": 1, "labels": ["x"], "own": {"a": 1, "b": 2}}',
    )

    for path in ("priority", "labels[0]", "own.a", "points"):
        run("delete", session, f"tasks.TASK-1.{path}")
    task = shown(run, "TASK-1")

    assert (task["priority"], task["labels"], task["own"], task["points"]) == (3, [], {"b": 2}, None)


@pytest.mark.parametrize("field", ["id", "column", "status", "created_at", "blockers"])
@pytest.mark.usefixtures("sprint")
def test_system_fields_cannot_be_deleted(fails, session, field):
    assert fails(1, "delete", session, f"tasks.TASK-1.{field}") == f"{field} of TASK-1 cannot be deleted"
