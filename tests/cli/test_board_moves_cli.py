"""The rules of a board from the command line: each refusal, each way around it, and what is told."""

import pytest

PROJECT = ("--project", "myapp")
TEAM = '{"team": {"web": {"members": ["ann", "bob"]}}}'


def add(run, title="Work", *options):
    return run("task", "add", title, *PROJECT, *options).value


def shown(run, task):
    return run("task", "show", task, *PROJECT, "--json-output").json


def do(run, *words):
    return run("task", *words, *PROJECT)


def lines(result):
    assert result.exit_code == 0, result.stderr
    return result.stderr.splitlines()[1:]


def trailers(git):
    return git("log", "-1", "--format=%s%n%(trailers:only)").splitlines()


# -- full columns


@pytest.fixture
def full(run, sprint):
    """Sprint-1 with TASK-1 in in_progress, which is limited to one task."""
    run("wip", "in_progress", "1", *PROJECT)
    do(run, "move", "TASK-1", "in_progress")
    return sprint


FULL = "TASK-2 cannot enter in_progress of sprint 'sprint-1', which is full: 1 of 1 (TASK-1)"


@pytest.mark.usefixtures("full")
def test_no_way_leads_into_a_full_column(fails, session):
    for words in (
        ("task", "move", "TASK-2", "in_progress", *PROJECT),
        ("update-task", "TASK-2", "active", *PROJECT),
        ("set", session, "tasks.TASK-2.status", "in_progress"),
        ("set", session, "sprint.tasks.TASK-2.column", "in_progress"),
        ("merge", session, "task.TASK-2", "--data", '{"status": "in_progress"}'),
        ("merge", session, "sprint.tasks", "--data", '{"TASK-2": {"status": "in_progress"}}'),
    ):
        assert fails(1, *words) == FULL
    data = '{"status": "in_progress"}'
    assert fails(1, "merge", session, "sprint.tasks.NEW-1", "--data", data) == FULL.replace("TASK-2", "NEW-1")


@pytest.mark.usefixtures("sprint")
def test_tasks_moved_in_one_commit_count_each_other(run, fails, session):
    run("wip", "review", "1", *PROJECT)
    data = '{"TASK-1": {"status": "review"}, "TASK-2": {"status": "review"}}'

    assert fails(1, "merge", session, "tasks", "--data", data) == (
        "TASK-2 cannot enter review of sprint 'sprint-1', which is full: 1 of 1 (TASK-1)"
    )
    swapped = '{"TASK-1": {"status": "review"}, "TASK-2": {"status": "done"}}'
    assert run("merge", session, "tasks", "--data", swapped).exit_code == 0


@pytest.mark.usefixtures("full")
def test_reopening_obeys_the_limit_too(run, fails):
    do(run, "move", "TASK-2", "done")

    words = ("TASK-2", "in_progress", *PROJECT, "--reopen", "it broke")
    assert fails(1, "task", "move", *words) == FULL
    assert fails(1, "update-task", *words) == FULL


@pytest.mark.parametrize("command", [("task", "move"), ("update-task",)])
@pytest.mark.usefixtures("full")
def test_force_is_recorded_as_the_reason(run, fails, git, command):
    words = (*command, "TASK-2", "in_progress", *PROJECT)
    assert fails(1, *words, "--force", " ") == "a rule is overridden for a reason only"

    assert run(*words, "--force", "production is down").exit_code == 0

    assert trailers(git)[:5] == [
        "task: TASK-2 todo -> in_progress",
        "Op: task_moved",
        "Project: myapp",
        "Task: TASK-2",
        "Reason: production is down",
    ]


@pytest.mark.usefixtures("sprint")
def test_force_does_not_lift_other_rules(run, fails):
    do(run, "block", "TASK-1", "vendor")
    message = "TASK-1 is blocked by BLK-1 (vendor)"
    assert fails(1, "task", "move", "TASK-1", "review", *PROJECT, "--force", "x") == message
    do(run, "move", "TASK-2", "done")
    message = "TASK-2 is done and cannot go to todo"
    assert fails(1, "task", "move", "TASK-2", "todo", *PROJECT, "--force", "x") == message
    assert fails(1, "task", "move", "TASK-2", "blocked", *PROJECT) == "blocked is not a column"


def test_the_limits_of_a_project_without_sprints(run, fails):
    for _ in range(6):
        add(run)
    for number in range(1, 6):
        do(run, "move", f"TASK-{number}", "in_progress")

    message = fails(1, "task", "move", "TASK-6", "in_progress", *PROJECT)

    assert message.startswith("TASK-6 cannot enter in_progress, which is full: 5 of 5 (TASK-1, TASK-2,")


# -- limits


@pytest.mark.usefixtures("sprint")
def test_a_limit_of_the_current_sprint(run, git):
    do(run, "move", "TASK-1", "review")
    do(run, "move", "TASK-2", "review")

    assert lines(run("wip", "qa", "1", *PROJECT)) == [
        "✓ limit of review in sprint sprint-1: 1",
        "review 2/1",
        "warning: review 2/1 is over its limit already",
    ]
    assert trailers(git)[:2] == ["sprint: sprint-1 limit review 1", "Op: state_set"]
    result = run("wip", "review", "off", *PROJECT, "--json-output").json
    assert result["counts"] == [{"column": "review", "tasks": 2, "limit": None}]
    limits = run("get-sprint", "myapp", "sprint-1", "--json-output").json["wip_limits"]
    assert limits == {"todo": 10, "in_progress": 5, "review": None}


def test_a_limit_without_a_sprint_is_the_projects(run, git):
    add(run)

    assert lines(run("wip", "todo", "2", *PROJECT))[0] == "✓ limit of todo in project myapp: 2"
    assert trailers(git)[1] == "Op: config_changed"
    config = run("get-config", "myapp", "--json-output").json
    assert config["settings"]["wip_limits"] == {"todo": 2, "in_progress": 5, "review": 3}


@pytest.mark.usefixtures("sprint")
def test_limits_that_are_none(fails):
    assert fails(1, "wip", "todo", "0", *PROJECT) == "limit.todo '0' is out of range"
    assert fails(1, "wip", "tood", "3", *PROJECT).startswith("limit column 'tood' is not one of backlog,")
    assert fails(1, "wip", "todo", "many", *PROJECT) == "limit.todo 'many' is not a number"
    assert fails(1, "wip", "todo", "3", "--project", "nowhere") == "no project 'nowhere'"


# -- dependencies


@pytest.mark.usefixtures("sprint")
def test_a_task_waits_for_what_it_depends_on(run, fails, session, git):
    assert lines(do(run, "depend", "TASK-2", "TASK-1")) == ["✓ TASK-2 depends on TASK-1", "todo 2/10"]
    assert trailers(git)[:2] == ["task: TASK-2 depends on TASK-1", "Op: state_set"]

    message = "TASK-2 cannot enter {}: it depends on TASK-1 (todo)"
    assert fails(1, "task", "move", "TASK-2", "in_progress", *PROJECT) == message.format("in_progress")
    assert fails(1, "update-task", "TASK-2", "done", *PROJECT) == message.format("done")
    assert fails(1, "set", session, "tasks.TASK-2.status", "review") == message.format("review")
    assert run("task", "move", "TASK-2", "in_progress", *PROJECT, "--force", "mocked").exit_code == 0
    do(run, "move", "TASK-2", "todo")
    do(run, "move", "TASK-1", "done")
    assert do(run, "move", "TASK-2", "in_progress").exit_code == 0


@pytest.mark.usefixtures("sprint")
def test_a_circle_of_dependencies_is_refused(run, fails, session):
    add(run, "Third", "--depends", "TASK-2")
    do(run, "depend", "TASK-2", "TASK-1")

    message = "tasks would wait for each other: TASK-1 -> TASK-3 -> TASK-2 -> TASK-1"
    assert fails(1, "task", "depend", "TASK-1", "TASK-3", *PROJECT) == message
    assert fails(1, "set", session, "tasks.TASK-1.depends_on", "TASK-3") == message
    data = '{"depends_on": ["TASK-3"]}'
    assert fails(1, "merge", session, "tasks.TASK-1", "--data", data) == message
    assert fails(1, "task", "depend", "TASK-1", "TASK-1", *PROJECT) == (
        "depends_on of TASK-1 names the task itself"
    )


@pytest.mark.usefixtures("sprint")
def test_a_dependency_on_nothing_is_refused(fails, session):
    message = "{} cannot depend on 'TASK-9', which does not exist"

    assert fails(1, "task", "depend", "TASK-1", "TASK-9", *PROJECT) == message.format("TASK-1")
    assert fails(1, "set", session, "tasks.TASK-1.depends_on", "TASK-9") == message.format("TASK-1")
    assert fails(1, "task", "add", "x", "--depends", "TASK-9", *PROJECT) == message.format("TASK-3")


@pytest.mark.usefixtures("sprint")
def test_dependencies_are_taken_out(run, session, unchanged):
    do(run, "depend", "TASK-2", "TASK-1")

    assert lines(do(run, "undepend", "TASK-2", "TASK-1"))[0] == "✓ TASK-2 depends on nothing"
    with unchanged():
        assert "TASK-2 does not depend on TASK-1" in do(run, "undepend", "TASK-2", "TASK-1").stderr
    # What is gone can be taken out as well.
    do(run, "depend", "TASK-2", "TASK-1")
    run("delete", session, "tasks.TASK-1")
    assert do(run, "undepend", "TASK-2", "TASK-1").exit_code == 0


def test_tasks_merged_together_may_name_each_other_in_any_order(run, fails, session):
    data = '{"A": {"status": "todo", "depends_on": ["B"]}, "B": {"title": "First"}}'

    run("merge", session, "tasks", "--data", data)

    assert shown(run, "A")["depends_on"] == ["B"]
    circle = '{"C": {"depends_on": ["D"]}, "D": {"depends_on": ["C"]}}'
    assert fails(1, "merge", session, "tasks", "--data", circle) == (
        "tasks would wait for each other: D -> C -> D"
    )


# -- moving, assigning, estimating


@pytest.mark.usefixtures("sprint")
def test_a_move_tells_the_count_of_the_column_and_who_is_free(run):
    run("set-config", "myapp", "--data", TEAM)

    assert lines(do(run, "move", "TASK-1", "in_progress")) == [
        "✓ TASK-1 todo -> in_progress",
        "in_progress 1/5",
        "TASK-1 is assigned to nobody; ann has a free slot: `task assign TASK-1 @ann`",
    ]
    assert do(run, "move", "TASK-1", "done").value == "TASK-1"
    result = do(run, "move", "TASK-2", "review", "--json-output").json
    assert result["task"]["column"] == "review"
    assert result["counts"] == [{"column": "review", "tasks": 1, "limit": 3}]
    assert (result["notes"], result["warnings"]) == ([], [])


@pytest.mark.usefixtures("sprint")
def test_assigning(run, fails, git):
    run("set-config", "myapp", "--data", TEAM)

    assert lines(do(run, "assign", "TASK-1", "@agent-ann")) == ["✓ TASK-1 is assigned to ann", "todo 2/10"]
    assert trailers(git)[:2] == ["task: TASK-1 assigned to ann", "Op: task_assigned"]
    assert lines(do(run, "assign", "TASK-2", "@ann"))[2] == (
        "warning: ann has no free slot: 1 of 1 used (TASK-1)"
    )
    assert lines(do(run, "assign", "TASK-1", "none"))[0] == "✓ TASK-1 is assigned to nobody"
    assert shown(run, "TASK-1")["assignee"] is None
    assert fails(1, "task", "assign", "TASK-1", "@anne", *PROJECT) == "no agent 'anne' in this project"
    assert fails(1, "task", "assign", "TASK-9", "@ann", *PROJECT) == "no task 'TASK-9' in project 'myapp'"


@pytest.mark.usefixtures("sprint")
def test_an_unknown_agent_gets_the_nearest_names(run):
    run("set-config", "myapp", "--data", TEAM)

    assert "Hint: did you mean ann?" in do(run, "assign", "TASK-1", "anne").stderr


@pytest.mark.usefixtures("sprint")
def test_estimating(run, fails, git):
    assert lines(do(run, "estimate", "TASK-1", "7")) == [
        "✓ TASK-1 is estimated at 7",
        "todo 2/10",
        "scope of sprint-1: 8 -> 10 points, 8 committed",
        "warning: 7 is not on the scale 1, 2, 3, 5, 8, 13",
    ]
    assert trailers(git)[1] == "Op: task_estimated"
    assert lines(do(run, "estimate", "TASK-1", "none"))[0] == "✓ TASK-1 is not estimated"
    assert fails(1, "task", "estimate", "TASK-1", "-1", *PROJECT) == "points '-1' is out of range"
    assert fails(1, "task", "estimate", "TASK-1", "big", *PROJECT) == "points 'big' is not a number"


# -- splitting


@pytest.mark.usefixtures("sprint")
def test_a_split_and_the_end_of_its_parts(run, fails, git):
    result = do(run, "split", "TASK-1", "Schema; [/api]")

    assert result.stdout == "TASK-3\nTASK-4\n"
    assert lines(result) == ["✓ TASK-1 is split into TASK-3, TASK-4", "todo 3/10"]
    assert trailers(git)[:4] == [
        "task: split TASK-1 into TASK-3, TASK-4",
        "Op: task_split",
        "Project: myapp",
        "Task: TASK-1",
    ]
    whole, part = shown(run, "TASK-1"), shown(run, "TASK-4")
    assert (whole["points"], whole["split_into"]) == (0, ["TASK-3", "TASK-4"])
    assert {name: part[name] for name in ("title", "points", "parent", "sprint_id", "column")} == {
        "title": "[/api]",
        "points": 2,
        "parent": "TASK-1",
        "sprint_id": "sprint-1",
        "column": "todo",
    }
    assert part["committed_at"] is not None
    message = "TASK-1 was split and cannot be moved to done"
    assert fails(1, "update-task", "TASK-1", "done", *PROJECT) == message

    do(run, "move", "TASK-3", "done")
    assert shown(run, "TASK-1")["column"] == "todo"
    last = do(run, "move", "TASK-4", "done")
    assert lines(last)[2] == "TASK-1, of which it is a part, is done with it"
    assert git("show", "--format=", "--name-only", "HEAD").splitlines() == [
        "projects/myapp/tasks/TASK-1.yaml",
        "projects/myapp/tasks/TASK-4.yaml",
    ]
    assert shown(run, "TASK-1")["column"] == "done"
    do(run, "move", "TASK-4", "in_progress", "--reopen", "it broke")
    assert shown(run, "TASK-1")["column"] == "in_progress"


@pytest.mark.usefixtures("sprint")
def test_parts_of_parts_and_parts_that_are_deleted(run, session):
    do(run, "split", "TASK-1", "A; B")
    do(run, "split", "TASK-3", "A1; A2")
    for name in ("TASK-5", "TASK-6"):
        do(run, "move", name, "done")
    assert [shown(run, name)["column"] for name in ("TASK-3", "TASK-1")] == ["done", "todo"]

    run("delete", session, "tasks.TASK-4")

    assert shown(run, "TASK-1")["column"] == "done"
    run("undo", "--session", session)
    assert shown(run, "TASK-1")["column"] == "todo"


@pytest.mark.usefixtures("sprint")
def test_parts_have_to_fit_into_their_column(run, fails):
    run("wip", "todo", "3", *PROJECT)

    message = fails(1, "task", "split", "TASK-1", "A; B; C", *PROJECT)
    assert message == (
        "TASK-5 cannot enter todo of sprint 'sprint-1', which is full: 3 of 3 (TASK-2, TASK-3, TASK-4)"
    )
    assert do(run, "split", "TASK-1", "A; B; C", "--force", "planning").exit_code == 0
    assert fails(1, "task", "split", "TASK-2", "A", *PROJECT) == "a task is split into at least 2 parts"


# -- sprints


def test_a_sprint_without_tasks_is_not_started(run, fails, git):
    run("create-sprint", "myapp", "s", "S")

    assert fails(1, "start-sprint", "myapp", "s") == "sprint 's' has no tasks"
    assert run("start-sprint", "myapp", "s", "--force", "tasks follow").exit_code == 0
    assert trailers(git)[:4] == [
        "sprint: s planned -> active",
        "Op: sprint_started",
        "Project: myapp",
        "Reason: tasks follow",
    ]


@pytest.mark.usefixtures("sprint")
def test_a_second_active_sprint_is_not_started(run, fails):
    run("create-sprint", "myapp", "s", "S")
    add(run, "Next", "--sprint", "s")

    assert fails(1, "start-sprint", "myapp", "s") == "sprint 's' cannot start: active already: sprint-1"


def test_the_start_of_a_sprint_moves_its_backlog_and_says_what_to_look_at(run, git):
    add(run, "Elsewhere")
    run("create-sprint", "myapp", "s", "S", "--data", '{"capacity": 5, "end_date": "2026-01-05T09:00:01Z"}')
    run("update-sprint", "myapp", "s", "--start-date", "2026-01-01T09:00:00Z")
    for number in range(12):
        add(
            run, f"Work {number}", "--sprint", "s", "--points", "1", *(("--depends", "TASK-1") * (not number))
        )
    do(run, "block", "TASK-13", "vendor")

    assert lines(run("start-sprint", "myapp", "s")) == [
        "✓ Started sprint: s (12 tasks, 12 points committed)",
        "warning: 12 points are committed and the capacity is 5: 7 too many",
        "warning: todo 11/10 is over its limit",
        "warning: blocked and still in the backlog: TASK-13",
        "warning: waiting for tasks outside the sprint: TASK-2 on TASK-1",
        "warning: its end, 2026-01-05T09:00:01Z, has passed: `update-sprint myapp s --end-date DATE`",
    ]
    assert len(git("show", "--format=", "--name-only", "HEAD").splitlines()) == 13
    assert [shown(run, name)["column"] for name in ("TASK-1", "TASK-2", "TASK-13")] == [
        "backlog",
        "todo",
        "backlog",
    ]


@pytest.mark.usefixtures("sprint")
def test_what_is_carried_over_keeps_claim_and_blockers_and_may_stand_over_a_limit(run, session):
    run("create-sprint", "myapp", "s", "S", "--data", '{"wip_limits": {"in_progress": 1}}')
    for name in ("TASK-1", "TASK-2"):
        do(run, "move", name, "in_progress")
    run("task", "claim", "TASK-1", "--as", "ann", "--session", session)
    do(run, "block", "TASK-2", "vendor")
    do(run, "split", "TASK-1", "A; B")
    run("task", "claim", "TASK-3", "--as", "ann", "--session", session)
    add(run, "More", "--sprint", "sprint-1")
    do(run, "move", "TASK-5", "in_progress")

    result = run("complete-sprint", "myapp", "sprint-1", "--carry-to", "s")

    assert lines(result) == [
        "✓ Completed sprint: sprint-1; 5 tasks carried to s: TASK-1, TASK-2, TASK-3, TASK-4, TASK-5",
        "warning: s: in_progress 2/1 is over its limit",
    ]
    assert shown(run, "TASK-3")["claim"]["agent"] == "ann"
    assert (shown(run, "TASK-2")["status"], shown(run, "TASK-1")["split_into"]) == (
        "blocked",
        ["TASK-3", "TASK-4"],
    )
