"""What a session sees: every mount of the view, read through dot paths and JSONPath, and what a write to it does."""

import json

import pytest

OWN = ["session", "execution", "observability"]
MOUNTS = ["config", "sprint", "sprints", "tasks", "epics", "team", "agents", "tools"]


@pytest.fixture
def board(run, session, sprint, once):
    """The session, with a blocked task, one in progress, an epic and a tool in its project."""
    assert sprint == "sprint-1"

    def build():
        run("update-epic", "myapp", "login", "--title", "Login", "--priority", "high")
        started = {"status": "active", "assignee": "engineering-lead", "epic_id": "login"}
        run("merge", session, "tasks.TASK-1", "--data", json.dumps(started))
        run("merge", session, "tasks.TASK-2", "--data", '{"status": "blocked", "reason": "no keys"}')
        run("task", "add", "Later", "--session", session)
        run("register-tool", "--name", "bandit", "--type", "command")
        return session

    return once("board", build)


def get(run, session, path):
    return run("get", session, path, "--json-output").json


# -- the whole document and the session's own files


def test_the_whole_document(run, board):
    run("set", board, "notes.a", "1")

    document = get(run, board, "")

    assert list(document) == [*OWN, "notes", *MOUNTS]
    assert document["sprint"]["current"]["id"] == "sprint-1"
    assert list(document["tasks"]) == ["TASK-1", "TASK-2", "TASK-3"]
    assert document["notes"] == {"a": "1"}


def test_the_session(run, board):
    record = get(run, board, "session")

    assert (record["id"], record["mode"], record["project"]) == (board, "development", "myapp")
    assert record["lifecycle"] == {
        "status": "active",
        "heartbeat": "2026-01-05T09:00:01Z",
        "expiry": "2026-01-06T09:00:01Z",
        "last_activity": "2026-01-05T09:00:09Z",
        "expired": False,
        "retired": False,
    }
    assert get(run, board, "session.lifecycle.status") == "active"
    assert get(run, board, "session.lifecycle.expired") is False


def test_execution_holds_the_tasks_of_the_project(run, board):
    document = get(run, board, "execution")

    assert list(document) == ["agents", "workflows", "context", "inherited_context", "tasks"]
    assert list(document["tasks"]) == ["TASK-1", "TASK-2", "TASK-3"]
    assert get(run, board, "execution.tasks.TASK-3.title") == "Later"
    assert get(run, board, "execution.inherited_context") == {}


def test_observability_counts(run, board):
    run("merge", board, "execution.agents", "--data", '{"dev": {"status": "busy"}}')
    run("set", board, "observability.metrics.coverage", "87", "--json-value")

    document = get(run, board, "observability")

    assert document["metrics"] == {
        "coverage": 87,
        "start_time": "2026-01-05T09:00:01Z",
        "heartbeat_count": 0,
        "task_count": 3,
        "agent_count": 1,
    }
    assert [event["type"] for event in document["events"]] == [
        "session_created",
        "task_created",
        "task_created",
        "task_moved",
        "task_blocked",
        "task_created",
        "state_set",
        "state_set",
    ]
    assert get(run, board, "observability.events[-1].subject") == "state: set observability.metrics.coverage"


# -- the sprint


def test_the_current_sprint(run, board):
    sprint = get(run, board, "sprint.current")

    assert {name: sprint[name] for name in ("id", "name", "status", "start_date", "end_date", "tasks")} == {
        "id": "sprint-1",
        "name": "First sprint",
        "status": "active",
        "start_date": "2026-01-05",
        "end_date": "2026-01-19",
        "tasks": ["TASK-1", "TASK-2"],
    }
    assert (sprint["committed_points"], sprint["committed_tasks"]) == (8, ["TASK-1", "TASK-2"])
    assert get(run, board, "sprint.name") == "First sprint"
    assert get(run, board, "sprint.committed_points") == 8
    assert get(run, board, "sprints.sprint-1.status") == "active"


def test_the_sprints_tasks(run, board):
    assert list(get(run, board, "sprint.tasks")) == ["TASK-1", "TASK-2"]
    assert get(run, board, "sprint.tasks.TASK-2.status") == "blocked"
    assert run("get", board, "sprint.tasks.TASK-3") == (
        1,
        "",
        "Error: no value at 'sprint.tasks.TASK-3'\nHint: nearest: TASK-2, TASK-1\n",
    )


def test_the_sprints_blockers(run, board):
    (blocker,) = get(run, board, "sprint.blockers")

    assert {name: blocker[name] for name in ("id", "task_id", "title", "reason", "severity")} == {
        "id": "BLK-1",
        "task_id": "TASK-2",
        "title": "Log out",
        "reason": "no keys",
        "severity": "medium",
    }


def test_the_sprints_metrics(run, board, clock):
    clock.forward(days=1)
    run("recover", board)
    run("set", board, "tasks.TASK-1.status", "done")

    metrics = get(run, board, "sprint.metrics")

    points, tasks = metrics["points"], metrics["tasks"]
    assert {name: points[name] for name in ("committed", "completed", "remaining")} == {
        "committed": 8,
        "completed": 5,
        "remaining": 3,
    }
    assert (tasks["total"], tasks["done"], tasks["blocked"]) == (2, 1, 1)
    assert get(run, board, "sprint.metrics.points.completed") == 5


def test_written_metrics_are_kept_apart(run, board):
    result = run("set", board, "sprint.metrics.coverage", "87", "--json-value")

    assert result.exit_code == 0
    assert result.stderr.splitlines()[1:] == [
        "warning: metrics are computed; what is written is kept under sprint.metrics.reported"
    ]
    assert get(run, board, "sprint.metrics.reported") == {"coverage": 87}
    run("set", board, "sprint.metrics.reported.lint", "0", "--json-value")
    assert get(run, board, "sprint.metrics.reported") == {"coverage": 87, "lint": 0}


def test_the_burndown(run, board):
    rows = get(run, board, "sprint.burndown")

    assert rows[0] == {"date": "2026-01-05", "ideal": 8, "actual": 8}
    assert rows[-1] == {"date": "2026-01-19", "ideal": 0, "actual": None}
    assert get(run, board, "sprint.burndown[0].ideal") == 8


def test_goals_limits_and_configuration(run, board):
    run("set", board, "sprint.goals", '["Ship", {"text": "Test", "done": true}]', "--json-value")
    run("set", board, "sprint.wip_limits.review", "1")
    run("set", board, "sprint.config.capacity", "20")
    run("set", board, "sprint.current.end_date", "2026-01-16")

    assert get(run, board, "sprint.goals") == [
        {"text": "Ship", "done": False},
        {"text": "Test", "done": True},
    ]
    assert get(run, board, "sprint.wip_limits") == {"todo": 10, "in_progress": 5, "review": 1}
    assert get(run, board, "sprint.config") == {
        "start_date": "2026-01-05",
        "end_date": "2026-01-16",
        "capacity": 20,
        "velocity_target": None,
        "wip_limits": {"todo": 10, "in_progress": 5, "review": 1},
    }


def test_two_sessions_of_a_project_see_one_board(run, board):
    other = run("create", "--project", "myapp").value

    run("set", other, "tasks.TASK-3.title", "Much later")

    assert get(run, board, "tasks.TASK-3.title") == "Much later"
    run("set", other, "notes.a", "1")
    assert run("get", board, "notes").exit_code == 1


# -- which sprint is the current one


def plan(run, name, **data):
    assert run("create-sprint", "myapp", name, name, "--data", json.dumps(data)).exit_code == 0


def test_no_sprint_is_null(run, session):
    result = run("get", session, "sprint.current")

    assert result == (
        0,
        "null\n",
        "warning: there is no active or planned sprint; `shared_state create-sprint` makes one\n",
    )
    assert get(run, session, "sprint.tasks") == {}
    assert get(run, session, "sprint.goals") == []
    assert get(run, session, "sprint.metrics") is None
    assert run("set", session, "sprint.goals", "Ship").stderr == (
        "Error: project 'myapp' has no current sprint\nHint: `shared_state create-sprint` makes one\n"
    )


def test_the_next_planned_sprint_is_shown_as_planned(run, session):
    plan(run, "late", start_date="2026-03-01")
    plan(run, "soon", start_date="2026-02-01")

    result = run("get", session, "sprint.current", "--json-output")

    assert (result.json["id"], result.json["status"]) == ("soon", "planned")
    assert result.stderr == (
        "warning: no sprint is active; soon is planned next: `shared_state start-sprint`\n"
    )
    plan(run, "now", start_date="2026-01-01", end_date="2026-01-10")
    assert get(run, session, "sprint.current.id") == "now"


def test_among_active_sprints_the_one_of_today_is_current(run, session, clock):
    run("set-config", "myapp", "--data", '{"settings": {"max_active_sprints": 3}}')
    for name, month, days in (("a", "01", (1, 4)), ("b", "01", (4, 9)), ("c", "02", (1, 9))):
        start, end = (f"2026-{month}-{day:02}" for day in days)
        plan(run, name, start_date=start, end_date=end)
        run("start-sprint", "myapp", name, "--force", "tasks follow")

    assert get(run, session, "sprint.current.id") == "b"
    clock.forward(days=20)
    run("recover", session)
    assert get(run, session, "sprint.current.id") == "c"  # none of today: the latest start


@pytest.mark.usefixtures("sprint")
def test_a_sessions_own_sprint_goes_first(run, session):
    plan(run, "sprint-2", start_date="2026-02-01")
    bound = run("create", "--project", "myapp", "--sprint", "sprint-2").value

    assert get(run, bound, "sprint.current.id") == "sprint-2"
    assert get(run, session, "sprint.current.id") == "sprint-1"
    run("set", session, "session.sprint_id", "sprint-2")
    assert get(run, session, "sprint.current.id") == "sprint-2"


# -- the project's records


def test_epics(run, board):
    assert get(run, board, "epics.login.points_total") == 5
    epic = get(run, board, "epics.login")
    assert {name: epic[name] for name in ("id", "title", "status", "priority", "sprints", "updated_at")} == {
        "id": "login",
        "title": "Login",
        "status": "planned",
        "priority": 2,
        "sprints": ["sprint-1"],
        "updated_at": "2026-01-05T09:00:06Z",
    }

    run("set", board, "epics.login.status", "in_progress")
    run("merge", board, "epics.search", "--data", '{"title": "Search", "tags": "a,b"}')

    assert run("get-epic", "myapp", "login", "--json-output").json["status"] == "in_progress"
    assert get(run, board, "epics.search.tags") == ["a", "b"]


def test_config(run, board):
    run("set", board, "config.settings.default_sprint_length", "10")
    run("set", board, "project.metadata.owner", "dev")

    config = get(run, board, "config")

    assert config["settings"]["default_sprint_length"] == 10
    assert config["settings"]["timezone"] == "UTC"
    assert config["metadata"] == {"owner": "dev"}
    assert get(run, board, "project.settings") == config["settings"]
    assert config["updated_at"] == "2026-01-05T09:00:12Z"
    run("delete", board, "config.settings.default_sprint_length")
    assert get(run, board, "config.settings.default_sprint_length") == 14


def test_team_and_agents(run, board):
    run(
        "set-config",
        "myapp",
        "--data",
        '{"team": {"leads": ["engineering-lead"], "members": ["qa-analyst"]}}',
    )
    run("merge", board, "team.mobile", "--data", '{"lead": "ana", "members": ["bo"], "capacity": 3}')
    run("set", board, "agents.bo.capacity", "2")

    assert get(run, board, "team.leads") == ["engineering-lead"]
    mobile = get(run, board, "team.mobile")
    assert (mobile["lead"], mobile["members"], mobile["capacity"]) == ("ana", ["ana", "bo"], 3)
    assert get(run, board, "teams.mobile") == mobile
    assert get(run, board, "agents.bo.team") == "mobile"
    assert get(run, board, "agents.bo.capacity") == 2
    assert get(run, board, "agents.engineering-lead.team") == "engineering"


def test_tools(run, board):
    run("set", board, "tools.bandit.version", "1.7.5")
    run("merge", board, "tools.ruff", "--data", '{"type": "command", "config": {"line": 110}}')

    assert get(run, board, "tools.bandit.version") == "1.7.5"
    assert list(get(run, board, "tools")) == ["bandit", "ruff"]
    assert run("get-tool", "ruff", "--json-output").json["config"] == {"line": 110}
    assert get(run, board, "tools.ruff")["updated_at"] == "2026-01-05T09:00:12Z"


def test_orchestration(run, board):
    document = get(run, board, "orchestration")

    assert list(document) == ["teams", "agents", "sprint", "events"]
    assert document["sprint"]["id"] == "sprint-1"
    assert {"engineering", "product", "qa", "devops"} <= set(document["teams"])
    assert document["events"][-1]["type"] == "task_created"
    assert get(run, board, "orchestration.sprint.id") == "sprint-1"


# -- deleting records


def test_deleting_records(run, board, git):
    assert run("delete", board, "tools.bandit").exit_code == 0
    assert run("delete", board, "tasks.TASK-3").exit_code == 0

    assert git("log", "-1", "--format=%s%n%(trailers:key=Task)").splitlines() == [
        "task: delete TASK-3",
        "Task: TASK-3",
    ]
    assert get(run, board, "tools") == {}
    assert list(get(run, board, "tasks")) == ["TASK-1", "TASK-2"]
    assert run("delete", board, "epics.nope") == (0, "", "Nothing at epics.nope.\n")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "the empty path names the whole document"),
        ("session", "session cannot be deleted as a whole"),
        ("execution", "execution cannot be deleted as a whole"),
        ("config", "myapp cannot be deleted as a whole"),
        ("session.id", "id of session 'S' cannot be deleted"),
        ("session.lifecycle", "lifecycle of session 'S' cannot be deleted"),
        ("session.lifecycle.status", "lifecycle of session 'S' cannot be deleted"),
        ("sprint", "sprint is computed"),
        ("sprint.current", "sprint 'sprint-1' still has tasks: TASK-1, TASK-2"),
        ("sprint.current.status", "status of sprint 'sprint-1' cannot be deleted"),
        ("epics.login", "epic 'login' still has tasks: TASK-1"),
        ("epics.login.status", "status of epic 'login' cannot be deleted"),
        ("tasks", "the tasks are records of their own"),
        ("epics", "'epics' is computed from its records"),
        ("orchestration", "'orchestration' cannot be written"),
        ("observability.events", "events are commits"),
    ],
)
def test_what_cannot_be_deleted(fails, board, path, message):
    assert fails(1, "delete", board, path) == message.replace("'S'", f"'{board}'")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "the empty path names the whole document"),
        ("sprint", "sprint is computed"),
        ("sprint.blockers", "sprint.blockers is computed"),
        ("sprint.burndown[0].ideal", "sprint.burndown is computed"),
        ("sprint.config.nope", "sprint.config has no 'nope'"),
        ("sprint.current.status", "status of sprint 'sprint-1' cannot be written"),
        ("sprint.current.committed_points", "committed_points of sprint 'sprint-1' cannot be written"),
        ("sprints.nope.name", "no sprint 'nope'"),
        ("tasks", "the tasks are records of their own"),
        ("execution.tasks", "the tasks are records of their own"),
        ("epics", "'epics' is computed from its records"),
        ("epics.login.progress", "progress of epic 'login' cannot be written"),
        ("orchestration.teams", "'orchestration' cannot be written"),
        ("projects.myapp.tasks", "'projects' cannot be written"),
        ("sessions.x.y", "'sessions' cannot be written"),
        ("format.version", "'format' cannot be written"),
        ("conflicts.x", "'conflicts' cannot be written"),
        ("observability.events", "events are commits"),
        ("observability.metrics.heartbeat_count", "observability.metrics.heartbeat_count is computed"),
        ("session.id", "id of session 'S' cannot be written"),
        ("session.created_at", "created_at of session 'S' cannot be written"),
        ("session.lifecycle.status", "lifecycle.status of session 'S' cannot be written"),
        ("session.lifecycle.expired", "lifecycle.expired of session 'S' cannot be written"),
        ("config.project_id", "project_id of project 'myapp' cannot be written"),
        ("tools.bandit.registered_at", "registered_at of tool 'bandit' cannot be written"),
    ],
)
def test_what_cannot_be_written(fails, board, path, message):
    assert fails(1, "set", board, path, "done") == message.replace("'S'", f"'{board}'")


@pytest.mark.parametrize(
    ("path", "data", "message"),
    [
        ("execution", '{"tasks": {"TASK-1": {"status": "done"}}}', "execution.tasks is computed"),
        ("observability", '{"events": [{"type": "x"}]}', "observability.events is computed"),
        ("observability", '{"metrics": {"task_count": 9}}', "observability.metrics.task_count is computed"),
        ("observability.metrics", '{"task_count": 9}', "observability.metrics.task_count is computed"),
    ],
)
def test_what_the_view_computes_is_not_stored_below_it(fails, board, path, data, message):
    assert fails(1, "merge", board, path, "--data", data) == message


# -- JSONPath


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$.session.mode", "development"),
        ("$.sprint.tasks[?(@.status=='blocked')].id", ["TASK-2"]),
        ("$.sprint.tasks[?(@.assignee=='engineering-lead')].title", ["Log in"]),
        ("$.sprint.tasks[?(@.status=='done')]", []),
        ("$.sprint.tasks[?(@.points >= 3 && @.status != 'blocked')].id", ["TASK-1"]),
        ("$.tasks[?(@.points < 4 || @.id == 'TASK-3')].id", ["TASK-2", "TASK-3"]),
        ("$.tasks[*].title", ["Log in", "Log out", "Later"]),
        ("$.tasks.TASK-1.points", 5),
        ("$.sprint.blockers[0].reason", "no keys"),
        ("$.sprint.burndown[0:1]", [{"date": "2026-01-05", "ideal": 8, "actual": 8}]),
        ("$.epics..priority", [2]),
        ("$.tools[?(@.type == 'command')].name", ["bandit"]),
        ("$.orchestration.sprint.id", "sprint-1"),
        ("$.execution.tasks.TASK-3.title", "Later"),
        ("$.tasks[?(@.sprint_id == $.sprint.current.id)].id", ["TASK-1", "TASK-2"]),
        ("$.nope[*]", []),
        ("$..nope", []),
    ],
)
def test_jsonpath(run, board, expression, value):
    assert get(run, board, expression) == value


def test_a_result_of_a_filter_carries_its_id(run, board):
    (task,) = get(run, board, "$.sprint.tasks[?(@.status=='blocked')]")
    assert (task["id"], task["title"]) == ("TASK-2", "Log out")
    (team,) = get(run, board, "$.team[?(@.name=='qa')]")
    assert team["id"] == "qa"


def test_a_definite_jsonpath_prints_one_value(run, board):
    assert run("get", board, "$.session.mode").value == "development"
    assert run("get", board, "$.session.nope").exit_code == 1
    assert run("get", board, "$").json["session"]["id"] == board


# -- a session without a project


def test_without_a_project_every_name_is_the_sessions_own(run, state_dir):
    session = run("create").value

    run("merge", session, "task.TASK-1", "--data", '{"status": "anything"}')
    run("set", session, "sprint.current.name", "Mine")

    assert get(run, session, "task.TASK-1.status") == "anything"
    assert get(run, session, "$.task[?(@.status=='anything')].id") == ["TASK-1"]
    assert list(get(run, session, "")) == [*OWN, "sprint", "task"]
    assert run("get", session, "sprint.metrics").exit_code == 1
    assert not (state_dir / "projects").exists()


def test_without_a_project_an_export_comes_back_whole(run):
    session = run("create").value
    run("merge", session, "sprint", "--data", '{"current": {"name": "Mine"}}')
    run("merge", session, "execution.tasks", "--data", '{"TASK-1": {"status": "anything"}}')
    text = run("export", session).stdout
    run("delete", session, "sprint")

    run("import", "-", input=text)

    assert get(run, session, "sprint.current.name") == "Mine"
    assert get(run, session, "execution.tasks.TASK-1.status") == "anything"
