"""What cannot be done: one clear line, the right exit code, nothing changed and nothing created."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LONG = "a" * 300
BAD_IDS = [
    ("..", "may hold only letters, digits, '.', '_' and '-', and begins with a letter or digit"),
    (".git", "may hold only letters, digits, '.', '_' and '-', and begins with a letter or digit"),
    ("a/b", "may hold only letters, digits, '.', '_' and '-', and begins with a letter or digit"),
    ("a\nb", "may hold only letters, digits, '.', '_' and '-', and begins with a letter or digit"),
    ("-x y", "may hold only letters, digits, '.', '_' and '-', and begins with a letter or digit"),
    ("ü", "may hold only letters, digits, '.', '_' and '-', and begins with a letter or digit"),
    ("a..b", "may not contain '..'"),
    ("a.", "may not end with a dot"),
    ("x.lock", "may not end with '.lock'"),
    ("x.LOCK", "may not end with '.lock'"),
    ("none", "is a reserved word"),
    ("", "is empty"),
    (LONG, "is 300 characters long; 64 is the limit"),
]


@pytest.fixture
def noted(run, session, sprint, once):
    """The session, with free values in `notes` to go wrong with; its sprint is active."""
    assert sprint == "sprint-1"

    def build():
        run("merge", session, "notes", "--data", '{"text": "x", "list": [1], "n": 1}')
        return session

    return once("noted", build)


def told(name: str) -> str:
    return repr(name if len(name) <= 40 else name[:37] + "...")


# -- ids


@pytest.mark.parametrize(("name", "reason"), BAD_IDS)
@pytest.mark.usefixtures("session")
def test_a_bad_id_of_a_session(fails, name, reason):
    message = f"session {told(name)} {reason}"
    for words in (
        ("get", name, "session"),
        ("heartbeat", name),
        ("recover", name),
        ("set", name, "a.b", "1"),
    ):
        assert fails(3, *words) == message
    assert fails(3, "create", "--parent-session", name) == message
    assert fails(3, "notify", "dev", "note", "hello", "--session", name) == message


@pytest.mark.parametrize(("name", "reason"), BAD_IDS)
@pytest.mark.usefixtures("sprint")
def test_a_bad_id_of_a_record(fails, session, name, reason):
    reason = f"{told(name)} {reason}"
    assert fails(1, "create", "--project", name) == f"project {reason}"
    assert fails(1, "task", "add", "x", "--project", name) == f"project {reason}"
    assert fails(1, "set-config", name, "--data", "{}") == f"project {reason}"
    assert fails(1, "get-config", name) == f"project {reason}"
    assert fails(1, "update-epic", "myapp", name) == f"epic id {reason}"
    assert fails(1, "create-sprint", "myapp", name, "S") == f"sprint id {reason}"
    assert fails(1, "start-sprint", "myapp", name) == f"sprint id {reason}"
    assert fails(1, "register-tool", "--name", name, "--type", "hook") == f"tool {reason}"
    assert fails(1, "get-tool", name) == f"tool {reason}"
    assert fails(1, "task", "claim", name, "--as", "dev", "--session", session) == f"task id {reason}"
    quoted = json.dumps(name)
    assert fails(1, "set", session, f"tasks[{quoted}].title", "x") == f"task id {reason}"
    assert fails(1, "set", session, f"epics[{quoted}].title", "x") == f"id {reason}"
    assert fails(1, "handoff", session, name) == f"id {reason}"


@pytest.mark.parametrize(
    "words",
    [
        ("get", "-x", "session"),
        ("set-config", "-x", "--data", "{}"),
        ("create-sprint", "myapp", "-x", "S"),
        ("update-epic", "myapp", "-x"),
        ("get-tool", "-x"),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("session")
def test_a_leading_dash_is_an_option(fails, words):
    assert fails(2, *words) == "no such option: -x"


@pytest.mark.parametrize("name", ["..", ".git", "a/b", "-x", "x.lock", "current", ""])
def test_a_bad_name_of_a_sessions_file(fails, noted, name):
    assert fails(1, "set", noted, f"[{json.dumps(name)}].a", "1") == f"{name!r} cannot be written"


def test_names_that_differ_only_by_case(fails, noted):
    assert fails(1, "set", noted, "Notes.a", "1") == "name 'Notes' differs only by case from 'notes'"
    assert fails(1, "create-sprint", "myapp", "SPRINT-1", "S") == (
        "sprint id 'SPRINT-1' differs only by case from 'sprint-1'"
    )


# -- unknown sessions


@pytest.mark.parametrize(
    "words",
    [
        ("heartbeat", "nope"),
        ("recover", "nope"),
        ("info", "nope"),
        ("pause", "nope"),
        ("complete", "nope"),
        ("fail", "nope", "--reason", "x"),
        ("handoff", "nope", "SESSION"),
        ("create", "--parent-session", "nope"),
        ("get", "nope", "session"),
        ("set", "nope", "a.b", "1"),
        ("merge", "nope", "a", "--data", "{}"),
        ("delete", "nope", "a.b"),
        ("append", "nope", "a.b", "1"),
        ("increment", "nope", "a.b"),
        ("export", "nope"),
        ("update-task", "nope", "TASK-1", "todo"),
        ("task", "add", "x", "--session", "nope"),
        ("task", "claim", "TASK-1", "--as", "dev", "--session", "nope"),
        ("notify", "dev", "note", "hello", "--session", "nope"),
    ],
    ids=lambda words: words[0],
)
def test_an_unknown_session(fails, session, words):
    words = [session if word == "SESSION" else word for word in words]

    assert fails(3, *words) == "no session 'nope'"


@pytest.mark.usefixtures("session")
def test_an_error_with_json_output_is_one_object(run):
    result = run("get", "nope", "session", "--json-output")

    assert (result.exit_code, result.stdout) == (3, "")
    assert json.loads(result.stderr) == {
        "error": {
            "code": "unknown_session",
            "message": "no session 'nope'",
            "hint": "list them with `session_manager list`",
        }
    }


# -- JSON

NOT_JSON = "is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"
JSON_WORDS = [
    (("create", "--metadata"), "--metadata", "object"),
    (("handoff", "SESSION", "next-one", "--data"), "--data", None),
    (("set", "SESSION", "notes.a", "--json-value"), "VALUE", None),
    (("append", "SESSION", "notes.list"), "VALUE", None),
    (("merge", "SESSION", "notes", "--data"), "--data", "object"),
    (("set-config", "myapp", "--data"), "--data", "object"),
    (("update-epic", "myapp", "e", "--data"), "--data", "object"),
    (("create-sprint", "myapp", "s", "S", "--data"), "--data", "object"),
    (("update-sprint", "myapp", "sprint-1", "--data"), "--data", "object"),
    (("register-tool", "--name", "t", "--type", "hook", "--config"), "--config", "object"),
    (("register-tool", "--name", "t", "--type", "hook", "--dependencies"), "--dependencies", "array"),
    (("broadcast", "topic", "--project", "myapp"), "the message", None),
]


@pytest.mark.parametrize(("words", "name", "kind"), JSON_WORDS, ids=[words[0] for words, _, _ in JSON_WORDS])
def test_bad_json(fails, noted, words, name, kind):
    words = [noted if word == "SESSION" else word for word in words]

    assert fails(2, *words, "{") == f"{name} {NOT_JSON}"
    assert fails(2, *words, "") == f"{name} is not JSON: Expecting value at line 1, column 1"
    assert fails(2, *words, "[NaN]") == f"{name} holds NaN, which JSON has not"
    assert fails(2, *words, '{"a": 1, "a": 2}') == "the key 'a' stands twice in one JSON object"
    assert fails(2, *words, "[" * 100_000) == f"{name} is nested too deeply"
    assert fails(2, *words, '"\\ud800"') == f"{name} is not valid Unicode"
    if kind:
        wrong = ["3", '"text"', "null", "{}" if kind == "array" else "[1]"]
        for text in wrong:
            assert fails(2, *words, text) == f"{name} is not a JSON {kind}"


@pytest.mark.usefixtures("session")
def test_bad_json_on_stdin(fails):
    for words in (("import", "-"), ("query", "$.a")):
        assert fails(2, *words, input="{") == f"stdin {NOT_JSON}"
        assert fails(2, *words, input=b'"\xff"') == "stdin is not valid Unicode"
    assert fails(2, "import", "-", input="[1]") == "stdin is not a JSON object"
    assert fails(1, "import", "-", input="{}") == "this is no export of a session: it has no session"


def test_bad_events(fails, session):
    for data in ('{"type": "x"}', "[1]", "3"):
        assert fails(2, "merge", session, "observability.events", "--data", data) == (
            "events are a JSON array of objects"
        )


# -- values

EPIC_STATUSES = "'planned', 'in_progress', 'completed', 'blocked', 'cancelled'"
STYLES = "'sprint_execution', 'leadership_chat', 'all-team_dashboard', 'config_manager'"
VALUES = [
    # out of the choices or the range of an option, or of a wrong kind: usage
    (
        2,
        "create --mode nope",
        "Invalid value for '--mode': 'nope' is not one of 'development', 'leadership', 'sprint', 'config'",
    ),
    (
        2,
        "list --mode nope",
        "Invalid value for '--mode': 'nope' is not one of 'development', 'leadership', 'sprint', 'config'",
    ),
    (
        2,
        "init nope",
        f"Invalid value for 'STYLE': 'nope' is not one of {STYLES}",
    ),
    (
        2,
        "update-epic myapp e --status nope",
        f"Invalid value for '--status': 'nope' is not one of {EPIC_STATUSES}",
    ),
    (2, "update-epic myapp e --priority 9", "--priority: priority '9' is out of range"),
    (2, "update-epic myapp e --priority 0", "--priority: priority '0' is out of range"),
    (2, "update-epic myapp e --priority urgent", "--priority: priority 'urgent' is not a number"),
    (
        2,
        "list-epics myapp --status nope",
        f"Invalid value for '--status': 'nope' is not one of {EPIC_STATUSES}",
    ),
    (
        2,
        "list-sprints myapp --status nope",
        "Invalid value for '--status': 'nope' is not one of 'planned', 'active', 'completed', 'cancelled'",
    ),
    (
        2,
        "list-tools --type nope",
        "Invalid value for '--type': 'nope' is not one of 'agent', 'command', 'hook', 'workflow', 'library'",
    ),
    (
        2,
        "register-tool --name t --type nope",
        "Invalid value for '--type': 'nope' is not one of 'agent', 'command', 'hook', 'workflow', 'library'",
    ),
    (2, "update-sprint myapp sprint-1 --capacity -1", "--capacity: points '-1' is out of range"),
    (
        2,
        "update-sprint myapp sprint-1 --velocity-target many",
        "--velocity-target: points 'many' is not a number",
    ),
    (2, "task add T --project myapp --priority 9", "--priority: priority '9' is out of range"),
    (2, "task add T --project myapp --points -1", "--points: points '-1' is out of range"),
    (
        2,
        "task add T --project myapp --type nope",
        "Invalid value for '--type': 'nope' is not one of 'feature', 'bug', 'chore', 'test', 'docs', 'infra', 'design'",
    ),
    (
        2,
        "task list --project myapp --status nope",
        "--status: status 'nope' is not one of backlog, todo, in_progress, review, done, cancelled, blocked, open",
    ),
    # a bad value for a field: refused
    (
        1,
        "set SESSION tasks.TASK-1.status nope",
        "status 'nope' is not one of backlog, todo, in_progress, review, done, cancelled, blocked",
    ),
    (1, "set SESSION tasks.TASK-1.column blocked", "blocked is not a column"),
    (
        1,
        "set SESSION tasks.TASK-1.type nope",
        "type 'nope' is not one of feature, bug, chore, test, docs, infra, design",
    ),
    (1, "set SESSION tasks.TASK-1.priority 9", "priority '9' is out of range"),
    (1, "set SESSION tasks.TASK-1.priority 0", "priority '0' is out of range"),
    (1, "set SESSION tasks.TASK-1.priority 2.5", "priority '2.5' is not a whole number"),
    (1, "set SESSION tasks.TASK-1.priority urgent", "priority 'urgent' is not a number"),
    (1, "set SESSION tasks.TASK-1.points -1", "points '-1' is out of range"),
    (1, "set SESSION tasks.TASK-1.started_at soon", "started_at 'soon' is not an ISO 8601 date or date-time"),
    (1, "set SESSION tasks.TASK-1.depends_on TASK-1", "depends_on of TASK-1 names the task itself"),
    (1, "set SESSION tasks.TASK-1.epic_id nope", "project 'myapp' has no epic 'nope'"),
    (1, "set SESSION tasks.TASK-1.sprint_id nope", "project 'myapp' has no sprint 'nope'"),
    (1, "set SESSION session.mode nope", "mode 'nope' is not one of development, leadership, sprint, config"),
    (
        1,
        "set SESSION epics.e.status nope",
        "status 'nope' is not one of planned, in_progress, completed, blocked, cancelled",
    ),
    (1, "set SESSION epics.e.priority 6", "priority '6' is out of range"),
    (
        1,
        "set SESSION sprint.current.start_date soon",
        "start_date 'soon' is not an ISO 8601 date or date-time",
    ),
    (
        1,
        "set SESSION sprint.current.end_date 2026-01-05",
        "sprint 'sprint-1' would start 2026-01-05, which is not before its end 2026-01-05",
    ),
    (1, "set SESSION sprint.goals 3 --json-value", "goals is not a list"),
    (
        1,
        "set SESSION config.settings.timezone Nowhere",
        "settings.timezone 'Nowhere' is not a known time zone",
    ),
    (
        1,
        "set SESSION config.settings.working_days Foo",
        "settings.working_days 'Foo' is not one of Mon, Tue, Wed, Thu, Fri, Sat, Sun",
    ),
    (1, "set SESSION tools.t.type nope", "type 'nope' is not one of agent, command, hook, workflow, library"),
    (1, "set SESSION tools.t.nope 1", "a tool has no field 'nope'"),
    (1, "set SESSION team x", "team is not an object"),
    (1, "set SESSION session x", "session is a record, not a value"),
    (1, "set SESSION notes x", "notes is a record, not a value"),
    (1, 'set-config myapp --data {"settings":3}', "settings is not an object"),
    (1, 'set-config myapp --data {"team":{"mobile":3}}', "team.mobile is not an object"),
    (
        1,
        'set-config myapp --data {"settings":{"default_sprint_length":0}}',
        "settings.default_sprint_length 0 is out of range",
    ),
    (1, 'update-epic myapp e --data {"priority":9}', "priority 9 is out of range"),
    (1, 'update-epic myapp e --data {"id":"f"}', "id of epic 'e' cannot be written"),
    (1, "task add T --project myapp --epic nope", "project 'myapp' has no epic 'nope'"),
    (1, "task add T --project myapp --sprint nope", "project 'myapp' has no sprint 'nope'"),
    (1, "task claim TASK-1 --as none --session SESSION", "a claim needs the name of an agent"),
    (
        1,
        "update-task TASK-1 nope --project myapp",
        "status 'nope' is not one of backlog, todo, in_progress, review, done, cancelled, blocked",
    ),
    (1, "update-task TASK-9 todo --project myapp", "no task 'TASK-9' in project 'myapp'"),
    (1, "task show TASK-9 --project myapp", "no task 'TASK-9' in project 'myapp'"),
    (1, "task show .. --project myapp", "no task '..' in project 'myapp'"),
    (1, "task list", "no project is named and this folder is in no git repository"),
    (1, "fail SESSION --reason ", "reason is empty"),
    # sprints
    (1, "create --project myapp --sprint nope", "no sprint 'nope' in project 'myapp'"),
    (1, "create-sprint myapp sprint-1 Again", "sprint 'sprint-1' exists already"),
    (1, "create-sprint myapp s S --epic-id nope", "no epic 'nope' in project 'myapp'"),
    (
        1,
        'create-sprint myapp s S --data {"start_date":"2026-02-02","end_date":"2026-02-01"}',
        "sprint 's' would start 2026-02-02, which is not before its end 2026-02-01",
    ),
    (
        1,
        'create-sprint myapp s S --data {"start_date":"2026-02-02","end_date":"2026-02-02"}',
        "sprint 's' would start 2026-02-02, which is not before its end 2026-02-02",
    ),
    (1, 'create-sprint myapp s S --data {"id":"x"}', "id cannot be given to a new sprint"),
    (1, 'create-sprint myapp s S --data {"status":"active"}', "status cannot be given to a new sprint"),
    (
        1,
        "update-sprint myapp sprint-1 --end-date 2026-01-01",
        "sprint 'sprint-1' would start 2026-01-05, which is not before its end 2026-01-01",
    ),
    (1, "update-sprint myapp sprint-1 --epic-id nope", "no epic 'nope' in project 'myapp'"),
    (1, "update-sprint myapp nope --name x", "no sprint 'nope' in project 'myapp'"),
    (1, "start-sprint myapp nope", "no sprint 'nope' in project 'myapp'"),
    (1, "complete-sprint myapp nope", "no sprint 'nope' in project 'myapp'"),
    (1, "complete-sprint myapp sprint-1", "sprint 'sprint-1' has 2 open tasks: TASK-1, TASK-2"),
    (
        1,
        "complete-sprint myapp sprint-1 --carry-to sprint-1",
        "open tasks cannot be carried to sprint 'sprint-1', which is active",
    ),
    (1, "complete-sprint myapp sprint-1 --carry-to nope", "no sprint 'nope' in project 'myapp'"),
    (1, "cancel-sprint myapp nope", "no sprint 'nope' in project 'myapp'"),
    (1, "get-sprint myapp nope", "no sprint 'nope' in project 'myapp'"),
    (1, "get-epic myapp nope", "no epic 'nope' in project 'myapp'"),
    (1, "get-tool nope", "no tool 'nope' is registered"),
    # an unknown project
    (1, "get-config nope", "no project 'nope'"),
    (1, "list-epics nope", "no project 'nope'"),
    (1, "list-sprints nope", "no project 'nope'"),
    (1, "start-sprint nope s", "no project 'nope'"),
    (1, "notify dev note hello --project nope", "no project 'nope'"),
    (1, "broadcast topic {} --project nope", "no project 'nope'"),
    # paths
    (1, "set SESSION notes.text.b x", "'notes.text' is text, not a mapping"),
    (1, "set SESSION session.mode.x 1", "'session.mode' is text, not a mapping"),
    (1, "set SESSION tasks.TASK-1.title.x 1", "'title' is text, not a mapping"),
    (1, "set SESSION notes.list[5] x", "'notes.list' is a list of 1 without the index '5'"),
    (1, 'merge SESSION notes.text --data {"x":1}', "notes.text is text, not an object"),
    (1, "append SESSION notes.text 1", "notes.text is not a list"),
    (1, "append SESSION tasks.TASK-1 1", "tasks.TASK-1 is not a list"),
    (1, "increment SESSION notes.text", "only a number can be incremented"),
    (1, "increment SESSION notes.list", "only a number can be incremented"),
    (1, "increment SESSION tasks.TASK-1", "tasks.TASK-1 is a record, not a number"),
    (1, "increment SESSION notes.n x", "'x' is not a number"),
    (1, "increment SESSION notes.n nan", "'nan' is not a finite number"),
    (1, "append SESSION  1", "the empty path names the whole document"),
    (1, "increment SESSION ", "the empty path names the whole document"),
    (1, "merge SESSION  --data {}", "the empty path names the whole document"),
    (1, "get SESSION session.nope", "no value at 'session.nope'"),
    (1, "get SESSION session.mode.x", "no value at 'session.mode.x'"),
    (1, "get SESSION notes.list[3]", "no value at 'notes.list[3]'"),
    (2, "get SESSION a..b", "bad path 'a..b': expected a name at column 3"),
    (2, "get SESSION a[x]", "bad path 'a[x]': expected an index or a quoted key at column 3"),
    (2, "set SESSION a[ 1", "bad path 'a[': expected an index or a quoted key at column 3"),
    (2, 'delete SESSION ["a', "bad path '[\"a': expected a closing quote at column 4"),
    (2, "set SESSION $.a 1", "a write needs one place, not a JSONPath"),
    (2, "get SESSION $.[", "bad JSONPath: unexpected end at column 4"),
    (2, "get SESSION $nope", "bad JSONPath: unexpected 'nope' at column 2"),
    (2, "get SESSION $.tasks[?(!@.a)]", "bad JSONPath: negation is not offered at column 11"),
    (2, "get SESSION $.tasks[?(@.a==1]", "bad JSONPath: unexpected ']' at column 17"),
    (2, "query a.b", "bad JSONPath: expected '$' at column 1"),
    # --expect
    (2, "set SESSION notes.a 1 --expect x", "'x' is no commit id"),
    (1, "set SESSION notes.a 1 --expect 1234567", "commit '1234567' is not in the store"),
    # usage
    (2, "state_manager nope", "No such command 'nope'"),
    (2, "get SESSION", "Missing argument 'PATH'"),
    (2, "get SESSION a b", "Got unexpected extra argument (b)"),
    (2, "get SESSION a --nope", "no such option: --nope"),
    (2, "merge SESSION notes", "Missing option '--data'"),
    (
        2,
        "register-tool --name t",
        "Missing option '--type'. Choose from: agent, command, hook, workflow, library",
    ),
    (2, "fail SESSION", "Missing option '--reason'"),
    (2, "handoff SESSION", "Missing argument 'TO'"),
    (2, "handoff SESSION SESSION", "a session cannot hand over to itself"),
    (2, "update-task TASK-1", "update-task takes a task id and a status"),
    (2, "update-sprint myapp sprint-1", "nothing to change is given"),
]


@pytest.mark.parametrize(("code", "line", "message"), VALUES, ids=[line for _, line, _ in VALUES])
def test_bad_values(fails, noted, code, line, message):
    words = [noted if word == "SESSION" else word for word in line.split(" ")]

    assert fails(code, *words, input="{}") == message


@pytest.mark.parametrize(
    "words",
    [
        ("set-config", "P", "--data", '{"settings": {"timezone": "Nowhere"}}'),
        ("update-epic", "P", "e", "--data", '{"priority": 9}'),
        ("create-sprint", "P", "s", "S", "--epic-id", "nope"),
        ("create-sprint", "P", "s", "S", "--data", '{"start_date": "2026-02-02", "end_date": "2026-02-01"}'),
        ("start-sprint", "P", "s"),
        ("task", "add", "T", "--project", "P", "--epic", "nope"),
        ("update-task", "TASK-1", "todo", "--project", "P"),
        ("create", "--project", "P", "--sprint", "nope"),
        ("register-tool", "--name", "..", "--type", "hook"),
        ("notify", "dev", "note", "hello", "--project", "P"),
        ("import", "-"),
    ],
    ids=" ".join,
)
def test_a_refused_first_write_creates_no_store(fails, state_dir, words):
    fails(1, *words, input="{}")

    assert not state_dir.exists()


# -- files edited by hand

BAD_YAML = [
    ("title: !!python/object:os.system x\n", "line 1, column 8: a tag ('!') is not allowed"),
    ("title: &a x\nother: *a\n", "line 1, column 8: the anchor &a is not allowed"),
    ("title: *a\n", "line 1, column 8: the alias *a is not allowed"),
    ("title: x\ntitle: y\n", "line 2, column 1: the key 'title' stands twice"),
    (
        "<<<<<<< HEAD\ntitle: x\n=======\ntitle: y\n>>>>>>> b\n",
        "line 1, column 1: '<<<<<<<' is a conflict marker of an unfinished merge",
    ),
    ("title: [x\n", "line 2, column 1: did not find expected ',' or ']'"),
    ("title: x\x07\n", "line 1, column 9: the character U+0007 may not stand in a YAML file"),
    ("- a\n", None),
]


@pytest.mark.parametrize(("text", "problem"), BAD_YAML)
def test_a_hand_edit_that_does_not_parse(run, fails, noted, state_dir, text, problem):
    name = "projects/myapp/tasks/TASK-1.yaml"
    (state_dir / name).write_text(text)

    expected = f"{name}, {problem}" if problem else f"{name} does not hold a mapping"
    for words in (
        ("set", noted, "tasks.TASK-1.title", "y"),
        ("merge", noted, "tasks.TASK-1", "--data", "{}"),
        ("update-task", "TASK-1", "todo", "--project", "myapp"),
        ("delete", noted, "tasks.TASK-1"),
        ("task", "claim", "TASK-1", "--as", "dev", "--session", noted),
    ):
        assert fails(1, *words) == f"{expected}; it was edited by hand and cannot be read"
    assert (state_dir / name).read_text() == text
    # others go on, and a read answers from the commit and says so
    assert run("set", noted, "tasks.TASK-2.title", "y").exit_code == 0
    assert run("get", noted, "tasks.TASK-1.title") == (
        0,
        "Log in\n",
        f"warning: {name} was edited by hand; this is its last commit, the next write adopts the edit\n",
    )


def test_a_committed_file_that_does_not_parse(fails, noted, state_dir, git):
    name = "projects/myapp/tasks/TASK-1.yaml"
    (state_dir / name).write_text("title: x\ntitle: y\n")
    git("commit", "--quiet", "--all", "-m", "by hand")

    message = f"{name}, line 2, column 1: the key 'title' stands twice"
    assert fails(1, "get", noted, "tasks.TASK-1") == message
    assert fails(1, "set", noted, "tasks.TASK-1.title", "x") == message


def test_a_damaged_session_is_named_and_the_others_are_listed(run, fails, noted, state_dir, git):
    other = run("create", "--project", "myapp").value
    name = f"sessions/{noted[:2]}/{noted}/session.yaml"
    (state_dir / name).write_text("mode: [\n")
    git("commit", "--quiet", "--all", "-m", "by hand")

    problem = f"{name}, line 2, column 1: did not find expected node content"
    assert fails(1, "get", noted, "session.mode") == problem
    assert fails(1, "heartbeat", noted) == problem
    result = run("list", "--json-output")
    assert result.exit_code == 0
    assert [row["id"] for row in result.json] == [other]


@pytest.mark.usefixtures("session")
def test_a_conflict_marker_in_the_settings_of_a_checkout(fails, tmp_path, monkeypatch):
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/orchestration.yaml").write_text("project: a\nproject: b\n")
    monkeypatch.chdir(tmp_path)

    message = f"{tmp_path}/.claude/orchestration.yaml, line 2, column 1: the key 'project' stands twice"
    assert fails(1, "create") == message


# -- a place that is no store, read-only or full

READS = [
    ("list",),
    ("get", "nope-nope", "session"),
    ("list-tools",),
    ("get-config", "myapp"),
    ("cleanup-expired",),
]
WRITES = [
    ("create",),
    ("set-config", "myapp", "--data", "{}"),
    ("register-tool", "--name", "t", "--type", "hook"),
]


@pytest.mark.parametrize("words", [*READS, *WRITES], ids=" ".join)
def test_a_folder_that_holds_something_else(fails, state_dir, words):
    state_dir.mkdir()
    (state_dir / "thesis.tex").write_text("precious")

    assert fails(1, *words) == f"{state_dir} is not a store and not empty: it holds 'thesis.tex'"


@pytest.mark.parametrize("words", [*READS, *WRITES], ids=" ".join)
def test_a_repository_that_is_no_store(fails, state_dir, git, words):
    state_dir.mkdir()
    (state_dir / "main.c").write_text("int main;")
    git("init", "--quiet", "--initial-branch=main")
    git("add", ".")
    git("commit", "--quiet", "-m", "start")

    assert fails(1, *words) == f"{state_dir} is a git repository, but no orchestration store"


@pytest.mark.parametrize("words", [*READS, *WRITES], ids=" ".join)
def test_a_file_in_the_way(fails, state_dir, words):
    state_dir.write_text("precious")

    assert fails(1, *words) == f"{state_dir} is not a folder"
    assert state_dir.read_text() == "precious"


def test_a_store_of_a_newer_format(fails, session, state_dir, git):
    (state_dir / "format.yaml").write_text("version: 99\n")
    git("commit", "--quiet", "--all", "-m", "newer")

    message = f"the store at {state_dir} has format 99; this program knows up to 1"
    assert fails(1, "get", session, "session") == message
    assert fails(1, "create") == message


def test_a_detached_head(run, fails, session, git):
    git("checkout", "--quiet", "--detach")

    message = fails(1, "set", session, "notes.a", "1")

    assert message == "the store's HEAD is detached; writes need a branch"
    assert run("get", session, "session.mode").exit_code == 0


ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not ROOT, reason="only root may mount")


def mounted(*words: str) -> bool:
    return (
        shutil.which("mount") is not None
        and subprocess.run(["mount", *words], capture_output=True).returncode == 0
    )


@pytest.fixture
def read_only(state_dir: Path):
    """Make the state folder read-only, for root by a mount."""
    undo = []

    def read_only() -> None:
        if not ROOT:
            for folder in (state_dir, *(path for path in state_dir.rglob("*") if path.is_dir())):
                folder.chmod(0o555)
                undo.append(lambda folder=folder: folder.chmod(0o755))
        elif mounted("--bind", str(state_dir), str(state_dir)):
            undo.append(lambda: subprocess.run(["umount", str(state_dir)], check=True))
            if not mounted("-o", "remount,ro,bind", str(state_dir)):
                pytest.skip("mounting is not allowed here")
        else:
            pytest.skip("mounting is not allowed here")

    yield read_only
    for step in reversed(undo):
        step()


def test_a_read_only_store(run, fails, noted, state_dir, read_only):
    read_only()

    for words in (
        ("set", noted, "notes.a", "1"),
        ("create",),
        ("heartbeat", noted),
        ("set-config", "myapp", "--data", '{"metadata": {"a": 1}}'),
        ("update-task", "TASK-1", "todo", "--project", "myapp"),
    ):
        message = fails(1, *words)
        assert message.startswith(f"cannot write to the store at {state_dir}: "), message
        assert message.endswith(("Read-only file system", "Permission denied"))
    assert run("get", noted, "notes.text") == (0, "x\n", "")
    assert run("get", noted, "tasks.TASK-1.title").value == "Log in"
    assert len(run("list", "--json-output").json) == 1


def test_a_read_only_place_for_a_new_store(fails, state_dir, read_only):
    state_dir.mkdir()
    read_only()

    message = fails(1, "create")
    assert message.startswith(f"cannot create the store at {state_dir}: ")
    assert list(state_dir.iterdir()) == []


@root_only
def test_a_full_disk(run, session, state_dir, tmp_path, git):
    small = tmp_path / "small"
    small.mkdir()
    if not mounted("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)):
        pytest.skip("mounting is not allowed here")
    try:
        store = small / "state"
        shutil.copytree(state_dir, store)
        env = {"ORCHESTRATION_STATE_DIR": str(store)}
        assert run("set", session, "notes.a", "1", env=env).exit_code == 0
        with (small / "ballast").open("wb") as ballast, pytest.raises(OSError, match="No space left"):
            while True:
                os.write(ballast.fileno(), bytes(4096))
        tip, files = git("rev-parse", "HEAD", at=store), git("ls-files", at=store)

        for words in (
            ("set", session, "notes.a", "x" * 20_000),
            ("create",),
            ("set-config", "shop", "--data", json.dumps({"metadata": {"a": "x" * 20_000}})),
        ):
            result = run(*words, env=env)
            assert (result.exit_code, result.stdout) == (1, "")
            assert result.stderr == f"Error: cannot write to the store at {store}: No space left on device\n"
        assert run("get", session, "notes.a", env=env).value == "1"
        assert (git("rev-parse", "HEAD", at=store), git("ls-files", at=store)) == (tip, files)

        (small / "ballast").unlink()
        assert run("set", session, "notes.a", "2", env=env).exit_code == 0
        assert git("status", "--porcelain", at=store) == ""
        assert git("fsck", "--strict", at=store) == ""
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.usefixtures("session")
def test_a_limit_on_file_size(state_dir, git):
    # What a quota or a full disk does to a process of its own, without mounting anything.
    tip = git("rev-parse", "HEAD")
    program = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))\n"
        "from orchestration.cli.shared_state import main\n"
        "main()\n"
    )
    data = json.dumps({"metadata": {"a": os.urandom(20_000).hex()}})

    done = subprocess.run(
        [sys.executable, "-c", program, "set-config", "myapp", "--data", data], capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: cannot write to the store at {state_dir}: File too large\n"
    assert git("rev-parse", "HEAD") == tip
    assert git("status", "--porcelain") == ""
