"""`shared_state`: configuration, epics, sprints, tools and messages of a project, and whose project it is."""

import json

import pytest
from inline_snapshot import snapshot


def subjects(git, count):
    return git("log", f"-{count}", "--format=%s").splitlines()


# -- configuration


def test_set_config_makes_the_project_and_marks_its_defaults(run, git):
    data = '{"team": {"leads": ["@agent-eng"], "members": "qa,dev"}, "settings": {"default_sprint_length": "10"}}'

    result = run("set-config", "myapp", "--data", data)

    assert (result.stdout, result.stderr) == ("", f"commit {result.commit}\n✓ Configured project myapp\n")
    assert subjects(git, 1) == ["config: create myapp"]
    config = run("get-config", "myapp", "--json-output").json
    assert config["team"] == {"leads": ["eng"], "members": ["qa", "dev"]}
    assert config["settings"]["default_sprint_length"] == 10
    assert config["settings"]["wip_limits"] == {"todo": 10, "in_progress": 5, "review": 3}
    assert "settings.timezone" in config["defaults"]
    assert "settings.default_sprint_length" not in config["defaults"]
    assert config["updated_at"] == "2026-01-05T09:00:01Z"


def test_set_config_merges_deeply_and_null_deletes(run):
    for metadata, zone in ({"x": 1, "y": 2}, "Europe/Berlin"), ({"y": None, "z": 3}, None):
        data = {"metadata": {"a": metadata}, "settings": {"timezone": zone}}
        assert run("set-config", "myapp", "--data", json.dumps(data)).exit_code == 0

    config = run("get-config", "myapp", "--json-output").json
    assert config["metadata"] == {"a": {"x": 1, "z": 3}}
    assert config["settings"]["timezone"] == "UTC"
    assert "settings.timezone" in config["defaults"]


def test_both_shapes_of_a_team(run):
    run(
        "set-config",
        "myapp",
        "--data",
        '{"team": {"leads": ["eng"], "mobile": {"lead": "ana", "members": ["bo"]}}}',
    )

    config = run("get-config", "myapp", "--json-output").json
    assert config["team"] == {"leads": ["eng"], "mobile": {"lead": "ana", "members": ["bo"]}}


def test_the_configuration_as_text(run):
    run("set-config", "myapp", "--data", '{"settings": {"default_sprint_length": 10}}')

    lines = run("get-config", "myapp").stdout.splitlines()

    assert [line for line in lines if "sprint_length" in line or "timezone" in line] == snapshot(
        ["settings.timezone:               UTC  (default)", "settings.default_sprint_length:  10"]
    )


def test_setting_what_is_set_changes_nothing(run, unchanged):
    run("set-config", "myapp", "--data", '{"settings": {"default_sprint_length": 10}}')

    with unchanged():
        assert (
            run("set-config", "myapp", "--data", '{"settings": {"default_sprint_length": 10}}').exit_code == 0
        )


# -- epics


def test_update_epic_creates_and_updates_and_says_which(run, git):
    words = (
        "update-epic",
        "myapp",
        "login",
        "--title",
        "Login",
        "--description",
        "All of it",
        "--priority",
        "high",
    )
    made = run(*words, "--data", '{"tags": ["auth"], "owner": "ana"}')
    changed = run("update-epic", "myapp", "login", "--status", "in_progress")

    assert made.stderr.splitlines()[1] == "✓ Created epic: login"
    assert changed.stderr.splitlines()[1] == "✓ Updated epic: login"
    epic = run("get-epic", "myapp", "login", "--json-output").json
    assert epic == {
        "id": "login",
        "title": "Login",
        "description": "All of it",
        "status": "in_progress",
        "priority": 2,
        "tags": ["auth"],
        "metadata": {},
        "sprints": [],
        "points_total": 0,
        "points_done": 0,
        "progress": None,
        "created_at": "2026-01-05T09:00:01Z",
        "completed_at": None,
        "owner": "ana",
        "updated_at": "2026-01-05T09:00:02Z",
    }
    assert subjects(git, 2) == ["epic: login planned -> in_progress", "epic: create login Login"]


def test_every_given_field_is_stored_when_it_creates(run):
    run("update-epic", "myapp", "login", "--status", "completed", "--priority", "1")

    epic = run("get-epic", "myapp", "login", "--json-output").json
    assert (epic["status"], epic["priority"], epic["title"], epic["completed_at"]) == (
        "completed",
        1,
        "Epic login",
        "2026-01-05T09:00:01Z",
    )


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("planned", "completed", True),
        ("planned", "blocked", True),
        ("blocked", "planned", True),
        ("blocked", "completed", False),
        ("completed", "planned", False),
        ("completed", "in_progress", True),
        ("cancelled", "planned", False),
        ("cancelled", "in_progress", True),
    ],
)
def test_the_statuses_of_an_epic(run, before, after, allowed):
    run("update-epic", "myapp", "login", "--status", before)

    result = run("update-epic", "myapp", "login", "--status", after)

    assert result.exit_code == (0 if allowed else 1)
    if not allowed:
        assert result.stderr.startswith(f"Error: epic 'login' cannot go from {before} to {after}\n")


def test_completing_an_epic_with_open_tasks_warns(run):
    run("update-epic", "myapp", "login")
    run("task", "add", "Log in", "--epic", "login", "--project", "myapp")

    result = run("update-epic", "myapp", "login", "--status", "completed")

    assert result.exit_code == 0
    assert "warning: epic login is completed with open tasks: TASK-1" in result.stderr.splitlines()


def test_epics_are_listed_by_priority_then_age(run):
    for name, priority in (("later", "4"), ("first", "1"), ("older", "3"), ("newer", "3")):
        run("update-epic", "myapp", name, "--priority", priority)
    run("update-epic", "myapp", "older", "--status", "in_progress")
    run("task", "add", "A", "--epic", "first", "--points", "3", "--project", "myapp")
    run("task", "add", "B", "--epic", "first", "--points", "5", "--project", "myapp")
    run("update-task", "TASK-1", "done", "--project", "myapp")

    rows = run("list-epics", "myapp", "--json-output").json
    assert [row["id"] for row in rows] == ["first", "older", "newer", "later"]
    assert (rows[0]["points_done"], rows[0]["points_total"], rows[0]["progress"]) == (3, 8, 0.375)
    assert run("list-epics", "myapp", "--status", "in_progress", "--json-output").json == [rows[1]]
    assert run("list-epics", "myapp").stdout == snapshot("""\
ID     STATUS       PRIORITY  POINTS  TITLE
first  planned      1         3/8     Epic first
older  in_progress  3         0/0     Epic older
newer  planned      3         0/0     Epic newer
later  planned      4         0/0     Epic later
""")
    assert run("list-epics", "myapp", "--status", "cancelled").stdout == "Project myapp has no such epics.\n"


# -- sprints


def test_a_new_sprint_is_planned(run, git):
    run("update-epic", "myapp", "login")
    data = {"start_date": "2026-02-02", "goals": ["Ship"], "capacity": 20, "metadata": {"room": 3}, "own": 1}

    result = run(
        "create-sprint", "myapp", "sprint-1", "First", "--epic-id", "login", "--data", json.dumps(data)
    )

    assert result.stderr.splitlines()[1] == "✓ Created sprint: sprint-1"
    sprint = run("get-sprint", "myapp", "sprint-1", "--json-output").json
    assert {
        name: sprint[name] for name in ("id", "name", "status", "epic_id", "start_date", "end_date", "goals")
    } == {
        "id": "sprint-1",
        "name": "First",
        "status": "planned",
        "epic_id": "login",
        "start_date": "2026-02-02",
        "end_date": "2026-02-16",
        "goals": [{"text": "Ship", "done": False}],
    }
    assert (sprint["capacity"], sprint["metadata"], sprint["own"]) == (20, {"room": 3}, 1)
    assert subjects(git, 1) == ["sprint: create sprint-1 First"]


def test_the_length_of_a_sprint_is_the_projects(run):
    run("set-config", "myapp", "--data", '{"settings": {"default_sprint_length": 7}}')
    run("create-sprint", "myapp", "s", "S", "--data", '{"start_date": "2026-02-02"}')

    assert run("get-sprint", "myapp", "s", "--json-output").json["end_date"] == "2026-02-09"


def test_create_sprint_updates_when_told(run):
    run("create-sprint", "myapp", "s", "S", "--data", '{"start_date": "2026-02-02", "goals": ["Ship"]}')

    result = run("create-sprint", "myapp", "s", "Second", "--update", "--data", '{"end_date": "2026-02-06"}')

    assert result.stderr.splitlines()[1] == "✓ Updated sprint: s"
    sprint = run("get-sprint", "myapp", "s", "--json-output").json
    assert (sprint["name"], sprint["start_date"], sprint["end_date"], sprint["goals"]) == (
        "Second",
        "2026-02-02",
        "2026-02-06",
        [{"text": "Ship", "done": False}],
    )


def test_update_sprint(run):
    run("update-epic", "myapp", "login")
    run("create-sprint", "myapp", "s", "S")
    words = (
        "--name",
        "Second",
        "--epic-id",
        "login",
        "--start-date",
        "2026-02-02",
        "--end-date",
        "2026-02-06",
    )

    numbers = ("--capacity", "20", "--velocity-target", "18")
    run("update-sprint", "myapp", "s", *words, *numbers, "--data", '{"goals": "Ship"}')

    sprint = run("get-sprint", "myapp", "s", "--json-output").json
    expected = {
        "name": "Second",
        "epic_id": "login",
        "start_date": "2026-02-02",
        "end_date": "2026-02-06",
        "capacity": 20,
        "velocity_target": 18,
    }
    assert {name: sprint[name] for name in expected} == expected
    assert sprint["goals"] == [{"text": "Ship", "done": False}]


@pytest.mark.usefixtures("sprint")
def test_starting_freezes_the_commitment(run, git):
    run("task", "add", "Late", "--points", "8", "--sprint", "sprint-1", "--project", "myapp")

    record = run("get-sprint", "myapp", "sprint-1", "--json-output").json

    assert (record["status"], record["started_at"]) == ("active", "2026-01-05T09:00:05Z")
    assert (record["committed_points"], record["committed_tasks"]) == (8, ["TASK-1", "TASK-2"])
    assert record["tasks"] == ["TASK-1", "TASK-2", "TASK-3"]
    assert git("log", "-1", "--skip=1", "--format=%s%n%(trailers:key=Op,valueonly)").splitlines() == [
        "sprint: sprint-1 planned -> active",
        "sprint_started",
    ]


def test_starting_says_what_is_committed(run):
    run("create-sprint", "myapp", "s", "S")
    run("task", "add", "A", "--points", "3", "--sprint", "s", "--project", "myapp")

    result = run("start-sprint", "myapp", "s")

    assert result.stderr.splitlines()[1] == "✓ Started sprint: s (1 task, 3 points committed)"
    assert run("get-sprint", "myapp", "s", "--json-output").json["start_date"] == "2026-01-05"


@pytest.mark.usefixtures("sprint")
def test_only_so_many_sprints_are_active(run, fails):
    run("create-sprint", "myapp", "sprint-2", "Second")

    assert fails(1, "start-sprint", "myapp", "sprint-2") == (
        "sprint 'sprint-2' cannot start: active already: sprint-1"
    )
    run("set-config", "myapp", "--data", '{"settings": {"max_active_sprints": 2}}')
    assert run("start-sprint", "myapp", "sprint-2", "--force", "tasks follow").exit_code == 0


@pytest.mark.parametrize(
    ("carry", "column", "sprint_id"), [("backlog", "backlog", None), ("sprint-2", "todo", "sprint-2")]
)
@pytest.mark.usefixtures("sprint")
def test_completing_carries_open_tasks(run, git, carry, column, sprint_id):
    run("create-sprint", "myapp", "sprint-2", "Second")
    run("update-task", "TASK-1", "done", "--project", "myapp")
    run("update-task", "TASK-2", "todo", "--project", "myapp")

    result = run("complete-sprint", "myapp", "sprint-1", "--carry-to", carry)

    assert result.stderr.splitlines()[1] == (
        f"✓ Completed sprint: sprint-1; 1 task carried to {carry}: TASK-2"
    )
    task = run("task", "show", "TASK-2", "--project", "myapp", "--json-output").json
    assert (task["column"], task["sprint_id"]) == (column, sprint_id)
    assert (
        run("task", "show", "TASK-1", "--project", "myapp", "--json-output").json["sprint_id"] == "sprint-1"
    )
    assert subjects(git, 1) == ["sprint: sprint-1 active -> completed"]
    assert git("show", "--format=", "--name-only", "HEAD").splitlines() == [
        "projects/myapp/sprints/sprint-1.yaml",
        "projects/myapp/tasks/TASK-2.yaml",
    ]


@pytest.mark.parametrize(
    ("steps", "words", "message"),
    [
        ([], ("complete-sprint",), "sprint 's' is planned; it cannot become completed"),
        (["start-sprint"], ("start-sprint",), "sprint 's' is already active"),
        (["cancel-sprint"], ("start-sprint",), "sprint 's' is cancelled; it cannot become active"),
        (["cancel-sprint"], ("cancel-sprint",), "sprint 's' is already cancelled"),
        (
            ["start-sprint", "complete-sprint"],
            ("cancel-sprint",),
            "sprint 's' is completed; it cannot become cancelled",
        ),
        (["start-sprint", "complete-sprint"], ("complete-sprint",), "sprint 's' is already completed"),
    ],
)
def test_illegal_steps_of_a_sprint(run, fails, steps, words, message):
    run("create-sprint", "myapp", "s", "S")
    for step in steps:
        empty = ("--force", "tasks follow") if step == "start-sprint" else ()
        assert run(step, "myapp", "s", *empty).exit_code == 0

    assert fails(1, *words, "myapp", "s") == message


@pytest.mark.usefixtures("sprint")
def test_a_completed_sprint_may_go_on(run):
    for name in ("TASK-1", "TASK-2"):
        run("update-task", name, "done", "--project", "myapp")
    run("complete-sprint", "myapp", "sprint-1")

    assert run("start-sprint", "myapp", "sprint-1").exit_code == 0
    record = run("get-sprint", "myapp", "sprint-1", "--json-output").json
    assert (record["status"], record["completed_at"], record["committed_points"]) == ("active", None, 8)


@pytest.mark.usefixtures("sprint")
def test_sprints_are_listed_newest_first(run):
    run("update-epic", "myapp", "login")
    run(
        "create-sprint",
        "myapp",
        "sprint-2",
        "Second",
        "--epic-id",
        "login",
        "--data",
        '{"start_date": "2026-02-02"}',
    )
    run("create-sprint", "myapp", "sprint-0", "Past", "--data", '{"start_date": "2025-12-01"}')
    run("cancel-sprint", "myapp", "sprint-0")

    def listed(*options):
        return [row["id"] for row in run("list-sprints", "myapp", *options, "--json-output").json]

    assert listed() == ["sprint-2", "sprint-1", "sprint-0"]
    assert listed("--status", "active") == ["sprint-1"]
    assert listed("--epic-id", "login") == ["sprint-2"]
    assert run("list-sprints", "myapp").stdout == snapshot("""\
ID        STATUS     START       END         TASKS  COMMITTED  NAME
sprint-2  planned    2026-02-02  2026-02-16  0      -          Second
sprint-1  active     2026-01-05  2026-01-19  2      8          First sprint
sprint-0  cancelled  2025-12-01  2025-12-15  0      -          Past
""")
    assert (
        run("list-sprints", "myapp", "--status", "completed").stdout == "Project myapp has no such sprints.\n"
    )


@pytest.mark.usefixtures("sprint")
def test_archived_sprints_are_listed_on_request(run, state_dir):
    file = state_dir / "projects/myapp/sprints/sprint-1.yaml"
    file.write_text(file.read_text().replace("archived: false", "archived: true"))
    run("update-sprint", "myapp", "sprint-1", "--name", "Old")

    assert run("list-sprints", "myapp", "--json-output").json == []
    assert [row["id"] for row in run("list-sprints", "myapp", "--archived", "--json-output").json] == [
        "sprint-1"
    ]


# -- tools


def test_a_tool_is_registered_and_changed(run, clock, git):
    words = ("register-tool", "--name", "bandit", "--type", "command")
    about = ("--description", "Finds [risks]", "--path", "tools/x.py")
    made = run(*words, *about, "--dependencies", '["a"]', "--config", '{"l": 1}')
    clock.forward(hours=1)
    changed = run(*words, "--version", "1.7.5", "--config", '{"m": 2}')

    assert made.stderr.splitlines()[1] == "✓ Registered command: bandit"
    assert changed.stderr.splitlines()[1] == "✓ Updated command: bandit"
    assert run("get-tool", "bandit", "--json-output").json == {
        "name": "bandit",
        "type": "command",
        "version": "1.7.5",
        "description": "Finds [risks]",
        "path": "tools/x.py",
        "dependencies": ["a"],
        "config": {"m": 2},
        "registered_at": "2026-01-05T09:00:01Z",
        "updated_at": "2026-01-05T10:00:02Z",
    }
    assert subjects(git, 2) == ["tool: update bandit (command)", "tool: register bandit (command)"]


def test_tools_are_listed_by_name(run):
    for name, kind in (("zed", "agent"), ("bandit", "command"), ("ana", "agent")):
        run("register-tool", "--name", name, "--type", kind)

    assert [tool["name"] for tool in run("list-tools", "--json-output").json] == ["ana", "bandit", "zed"]
    assert [tool["name"] for tool in run("list-tools", "--type", "agent", "--json-output").json] == [
        "ana",
        "zed",
    ]
    assert run("list-tools", "--type", "agent").stdout == snapshot("""\
NAME  TYPE   VERSION  DESCRIPTION
ana   agent  1.0.0    -
zed   agent  1.0.0    -
""")
    assert run("list-tools", "--type", "hook").stdout == "No such tools are registered.\n"


# -- messages


@pytest.mark.usefixtures("sprint")
def test_a_message_is_an_event(run, session, git):
    sent = run("notify", "@qa-analyst", "review", "please look at TASK-1", "--session", session)
    run("broadcast", "freeze", '{"until": "Monday"}', "--project", "myapp")

    assert sent.stderr.splitlines()[1] == "✓ Sent review to qa-analyst: please look at TASK-1"
    assert git("log", "-2", "--format=%s%n%(trailers:only)").splitlines() == [
        "message: freeze to all",
        "Op: message",
        "Project: myapp",
        'Data: {"to": "all", "topic": "freeze", "data": {"until": "Monday"}}',
        "At: 2026-01-05T09:00:07Z",
        "",
        "message: review to qa-analyst: please look at TASK-1",
        "Op: message",
        f"Session: {session}",
        "Project: myapp",
        'Data: {"to": "qa-analyst", "kind": "review", "text": "please look at TASK-1"}',
        "At: 2026-01-05T09:00:06Z",
    ]
    events = run("get", session, "orchestration.events").json
    assert events[-1]["data"] == {"to": "all", "topic": "freeze", "data": {"until": "Monday"}}


# -- whose project: repositories of the same name


@pytest.fixture
def checkout(git, tmp_path, monkeypatch):
    """Make a git repository at a path and go there."""

    def checkout(path, remote=None):
        folder = tmp_path / path
        folder.mkdir(parents=True)
        git("init", "--quiet", at=folder)
        if remote:
            git("remote", "add", "origin", remote, at=folder)
        monkeypatch.chdir(folder)
        return folder

    return checkout


def project_of(run):
    return run("create", "--json-output").json["project"]


def test_the_folder_names_the_project(run, checkout, monkeypatch):
    folder = checkout("shop")
    (folder / "src").mkdir()
    monkeypatch.chdir(folder / "src")

    assert project_of(run) == "shop"
    assert run("task", "add", "Log in").value == "TASK-1"
    assert run("task", "list", "--project", "shop", "--json-output").json[0]["title"] == "Log in"


def test_two_repositories_of_one_name_never_share_a_board(run, fails, checkout, tmp_path):
    checkout("one/api")
    run("task", "add", "Ours")
    checkout("two/api")

    message = f"project 'api' belongs to the repository {tmp_path / 'one/api/.git'}, not to {tmp_path / 'two/api/.git'}"
    for words in (("create",), ("task", "add", "Theirs"), ("task", "list"), ("init", "config_manager")):
        assert fails(1, *words) == message
    assert run("create").stderr.splitlines()[1] == (
        "Hint: give this one a name of its own: `orchestration init --project NAME`, or say --project"
    )
    assert [row["title"] for row in run("task", "list", "--project", "api", "--json-output").json] == ["Ours"]
    assert run("orchestration", "init", "--project", "api-two").exit_code == 0
    assert project_of(run) == "api-two"


def test_a_read_binds_no_name(run, checkout):
    run("create", "--project", "other")
    checkout("one/api")
    run("task", "list")
    run("list")
    checkout("two/api")

    assert run("task", "add", "Ours").value == "TASK-1"


def test_worktrees_share_a_board(run, checkout, git, monkeypatch, tmp_path):
    folder = checkout("shop")
    git("commit", "--quiet", "--allow-empty", "-m", "start", at=folder)
    run("task", "add", "Log in")
    git("worktree", "add", "--quiet", str(tmp_path / "feature-x"), at=folder)
    monkeypatch.chdir(tmp_path / "feature-x")

    assert project_of(run) == "shop"
    assert run("task", "list", "--json-output").json[0]["title"] == "Log in"


def test_clones_of_one_remote_share_a_board(run, fails, checkout):
    checkout("one/shop", "https://user:secret@example.org/team/shop.git")
    run("task", "add", "Log in")

    checkout("two/shop", "https://example.org/team/shop")
    assert run("task", "list", "--json-output").json[0]["title"] == "Log in"
    checkout("three/shop", "https://example.org/else/shop")
    assert fails(1, "task", "list").startswith("project 'shop' belongs to the repository ")


def test_a_project_that_is_named_is_obeyed(run, session, checkout):
    checkout("one/api")
    run("create")
    checkout("two/api")

    assert run("create", "--project", "api", "--json-output").json["project"] == "api"
    assert run("create", "--json-output", env={"CLAUDE_PROJECT_ID": "api"}).json["project"] == "api"
    assert run("task", "add", "x", "--session", session).value == "TASK-1"
    assert run("task", "list", "--project", "myapp", "--json-output").json[0]["title"] == "x"


def test_the_nearest_configuration_goes_before_the_folder(run, checkout, monkeypatch):
    folder = checkout("shop")
    (folder / ".claude").mkdir()
    (folder / ".claude/orchestration.yaml").write_text("project: storefront\n")
    monkeypatch.chdir(folder)

    assert project_of(run) == "storefront"
    assert run("create", "--json-output", env={"CLAUDE_PROJECT_ID": "env"}).json["project"] == "env"
    assert run("create", "--json-output", "--project", "option", env={"CLAUDE_PROJECT_ID": "env"}).json[
        "project"
    ] == ("option")


def test_the_folder_of_the_environment(run, checkout, monkeypatch, tmp_path):
    folder = checkout("shop")
    monkeypatch.chdir(tmp_path)

    assert run("create", "--json-output").json["project"] is None
    assert run("create", "--json-output", env={"CLAUDE_PROJECT_DIR": str(folder)}).json["project"] == "shop"


def test_a_store_by_option(run, tmp_path, state_dir):
    place = tmp_path / "elsewhere"

    assert run("set-config", "myapp", "--data", "{}", "--store", str(place)).exit_code == 0

    assert (place / "projects/myapp/config.yaml").is_file()
    assert not state_dir.exists()
