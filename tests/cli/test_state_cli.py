"""`state_manager`: reading and writing through paths, expected revisions, counters, hand edits, export."""

import json
import os

import pytest
import yaml


def file_of(state_dir, session, name):
    return state_dir / "sessions" / session[:2] / session / f"{name}.yaml"


# -- get and set


@pytest.mark.parametrize(
    ("written", "bare", "quoted"),
    [
        ('"some text"', "some text", '"some text"'),
        ('"3"', "3", '"3"'),
        ('""', "", '""'),
        ('"fix [list] :smile: [/]"', "fix [list] :smile: [/]", '"fix [list] :smile: [/]"'),
        ("3", "3", "3"),
        ("2.5", "2.5", "2.5"),
        ("true", "true", "true"),
        ("null", "null", "null"),
        ('["a", 1]', '[\n  "a",\n  1\n]', '[\n  "a",\n  1\n]'),
        ('{"a": {"b": "ü"}}', '{\n  "a": {\n    "b": "ü"\n  }\n}', '{\n  "a": {\n    "b": "ü"\n  }\n}'),
        ("{}", "{}", "{}"),
    ],
)
def test_a_value_comes_back_as_it_was_written(run, session, written, bare, quoted):
    run("set", session, "notes.value", written, "--json-value")

    assert run("get", session, "notes.value").stdout == bare + "\n"
    assert run("get", session, "notes.value", "--json-output").stdout == quoted + "\n"


@pytest.mark.parametrize(
    "text", ["plain", "3", "true", "null", "[1]", "-5", "- a", "two words", "", "a: b\n# c\n", "😀"]
)
def test_text_stays_text(run, session, text):
    run("set", session, "notes.value", text)

    assert run("get", session, "notes.value", "--json-output").json == text


def test_long_values_are_neither_wrapped_nor_cut(run, session):
    text = "word " * 2000

    run("set", session, "notes.value", text)

    assert run("get", session, "notes.value").stdout == text + "\n"


@pytest.mark.parametrize(
    "path",
    ["notes.a.b.c", 'notes["a.b"]', "notes.'a.b'.c", 'notes."x y"', 'notes["ü"].n', "odd-name.a", "v1.2"],
)
def test_parents_are_made(run, session, path):
    run("set", session, path, "here")

    assert run("get", session, path).value == "here"


def test_lists_are_indexed_in_both_forms(run, session):
    run("set", session, "notes.items", '["a", {"b": 1}]', "--json-value")

    assert run("get", session, "notes.items[0]").value == "a"
    assert run("get", session, "notes.items.1.b").value == "1"
    assert run("get", session, "notes.items[-1].b").value == "1"
    run("set", session, "notes.items[0]", "z")
    run("set", session, "notes.items[2]", "end")
    assert run("get", session, "notes.items").json == ["z", {"b": 1}, "end"]


def test_a_missing_path_lists_the_nearest_keys(run, session):
    run("merge", session, "notes", "--data", '{"plan": 1, "place": 2}')

    plain = run("get", session, "notes.plam")
    as_json = run("get", session, "notes.plam", "--json-output")

    assert plain == (
        1,
        "",
        "Error: no value at 'notes.plam'\nHint: nearest: plan, place\n",
    )
    assert (as_json.exit_code, as_json.stdout) == (1, "null\n")
    assert json.loads(as_json.stderr) == {
        "error": {
            "code": "not_found",
            "message": "no value at 'notes.plam'",
            "hint": "nearest: plan, place",
        }
    }


def test_an_expired_session_is_read_with_a_warning(run, session, clock):
    run("set", session, "notes.a", "1")
    clock.forward(hours=25)

    result = run("get", session, "notes.a")

    assert result.value == "1"
    assert result.stderr == (
        f"warning: session {session} has expired; `session_manager recover {session}` revives it\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("set", "notes.a", "1"),
        ("merge", "notes", "--data", "{}"),
        ("delete", "notes.a"),
        ("append", "notes.l", "1"),
        ("increment", "notes.n"),
    ],
    ids=lambda words: words[0],
)
def test_an_expired_session_is_not_written(fails, session, clock, words):
    clock.forward(hours=25)

    command, *rest = words
    assert fails(4, command, session, *rest) == f"session '{session}' is expired"


def test_a_write_is_one_commit_and_says_which(run, session, git):
    result = run("set", session, "notes.a", "1", env={"ORCHESTRATION_ACTOR": "dev"})

    assert result == (0, "", f"commit {git('rev-parse', '--short=12', 'HEAD')}\n")
    assert git("log", "-1", "--format=%an: %s%n%(trailers:only)").splitlines() == [
        "dev: state: set notes.a",
        "Op: state_set",
        f"Session: {session}",
        "Project: myapp",
        "At: 2026-01-05T09:00:02Z",
    ]
    assert git("show", "--format=", "--name-only", "HEAD") == f"sessions/{session[:2]}/{session}/notes.yaml"


def test_a_write_that_changes_nothing_makes_no_commit(run, session, unchanged):
    run("set", session, "notes.a", "1")

    with unchanged():
        assert run("set", session, "notes.a", "1") == (0, "", "")
        assert run("merge", session, "notes", "--data", '{"a": "1"}') == (0, "", "")
        assert run("delete", session, "notes.b") == (0, "", "Nothing at notes.b.\n")
        assert run("set", session, "session.mode", "development") == (0, "", "")


def test_known_fields_of_the_session_are_coerced(run, session):
    run("set", session, "session.mode", "Leadership")
    run("set", session, "session.metadata.answer", "42")
    run("set", session, "session.output_style", "sprint_execution")

    record = run("get", session, "session").json
    assert (record["mode"], record["metadata"], record["output_style"]) == (
        "leadership",
        {"answer": "42"},
        "sprint_execution",
    )


def test_setting_an_object_replaces_it(run, session):
    run("merge", session, "session.metadata", "--data", '{"a": {"b": 1, "c": 2}}')
    run("merge", session, "session.own", "--data", '{"b": 1, "c": 2}')

    run("set", session, "session.metadata.a", '{"d": 3}', "--json-value")
    run("set", session, "session.own", '{"d": 3}', "--json-value")

    assert run("get", session, "session.metadata").json == {"a": {"d": 3}}
    assert run("get", session, "session.own").json == {"d": 3}


# -- merge


def test_merge_is_deep_and_lists_replace(run, session):
    run("merge", session, "execution.context", "--data", '{"a": {"x": 1, "y": [1, 2]}, "b": 1}')

    run("merge", session, "execution.context", "--data", '{"a": {"y": [3], "z": null}, "b": 2}')

    assert run("get", session, "execution.context").json == {"a": {"x": 1, "y": [3], "z": None}, "b": 2}


def test_merging_an_array_into_the_events_records_them(run, session, git):
    result = run(
        "merge", session, "observability.events", "--data", '[{"type": "note", "n": 1}, {"type": "note", "n": 2}]'
    )  # fmt: skip

    events = run("get", session, "observability.events").json
    assert (events[-1]["id"][:12], events[-1]["data"]) == (
        result.commit,
        [{"type": "note", "n": 1}, {"type": "note", "n": 2}],
    )
    assert git("log", "-1", "--format=%s") == "event: note"
    assert git("rev-parse", "HEAD^{tree}") == git("rev-parse", "HEAD~1^{tree}")


def test_merging_no_events_changes_nothing(run, session, unchanged):
    with unchanged():
        assert run("merge", session, "observability.events", "--data", "[]") == (0, "", "")


# -- delete, append, increment


def test_delete_removes_keys_and_items(run, session):
    run("merge", session, "notes", "--data", '{"a": {"b": 1, "c": 2}, "l": [1, 2, 3]}')
    run("merge", session, "session.metadata", "--data", '{"a": 1, "b": {"c": 2, "d": 3}}')
    run("merge", session, "session.own", "--data", '{"a": 1, "b": 2}')

    for path in ("notes.a.b", "notes.l[1]", "session.metadata.a", "session.metadata.b.c", "session.own.a"):
        assert run("delete", session, path).exit_code == 0, path

    assert run("get", session, "notes").json == {"a": {"c": 2}, "l": [1, 3]}
    assert run("get", session, "session.metadata").json == {"b": {"d": 3}}
    assert run("get", session, "session.own").json == {"b": 2}


def test_deleting_a_free_name_removes_its_file(run, session, state_dir, git):
    run("set", session, "notes.a", "1")

    run("delete", session, "notes")

    assert not file_of(state_dir, session, "notes").exists()
    assert git("log", "-1", "--format=%s") == "state: delete notes"
    assert run("get", session, "notes").exit_code == 1


def test_append_makes_the_list(run, session):
    for item in ("1", '"two"', '{"n": 3}'):
        run("append", session, "notes.items", item)

    assert run("get", session, "notes.items").json == [1, "two", {"n": 3}]


def test_increment_prints_the_sum(run, session):
    assert run("increment", session, "notes.n").value == "1"
    assert run("increment", session, "notes.n", "5").value == "6"
    assert run("increment", session, "notes.n", "-2").value == "4"
    assert run("increment", session, "notes.n", "0.5").value == "4.5"
    assert run("increment", session, "notes.n", "0.5").value == "5"
    assert run("get", session, "notes.n").value == "5"
    assert run("get", session, "$.notes.n").value == "5"


def test_a_counter_is_kept_in_parts(run, session, state_dir):
    machine = json.loads((state_dir / ".git/orchestration/machine").read_text())["name"]
    run("set", session, "notes.n", "10", "--json-value")

    run("increment", session, "notes.n", "3")

    stored = yaml.safe_load(file_of(state_dir, session, "notes").read_text())
    assert stored == {"n": {"$count": {"set": 10, machine: 3}}}
    run("set", session, "notes.n", "7", "--json-value")
    assert yaml.safe_load(file_of(state_dir, session, "notes").read_text()) == {"n": 7}


# -- a machine that joined the store


@pytest.fixture
def joined(run, sprint, session, git, state_dir, tmp_path):  # noqa: ARG001 - for the board it makes
    """The options that lead to a clone of the store, as on another machine."""
    run("increment", session, "notes.n", "3")
    clone = tmp_path / "clone"
    git("clone", "--quiet", str(state_dir), str(clone))
    return clone


def test_a_joined_machine_counts_for_itself(run, session, joined):
    there = {"ORCHESTRATION_STATE_DIR": str(joined)}

    assert run("increment", session, "notes.n", "4", env=there).value == "7"

    machine = json.loads((joined / ".git/orchestration/machine").read_text())
    assert machine["joined"] is True
    parts = yaml.safe_load(file_of(joined, session, "notes").read_text())["n"]["$count"]
    assert sorted(parts.values()) == [3, 4]
    assert parts[machine["name"]] == 4


def test_a_joined_machine_ends_its_ids_with_its_name(run, session, joined):
    there = {"ORCHESTRATION_STATE_DIR": str(joined)}
    options = ("--project", "myapp")

    first = run("task", "add", "Over there", *options, env=there).value
    run("update-task", first, "blocked", "--reason", "waiting", *options, env=there)

    machine = json.loads((joined / ".git/orchestration/machine").read_text())["name"]
    assert first == f"TASK-3-{machine}"
    assert run("get", session, f"tasks.{first}.blocker.id", env=there).value == f"BLK-1-{machine}"
    assert run("task", "add", "More", *options, env=there).value == f"TASK-4-{machine}"
    assert run("task", "add", "Here", *options).value == "TASK-3"


# -- --expect


def test_expect_refuses_after_somebody_elses_change(run, fails, session, git):
    read = run("get", session, "notes.a", "--rev").stderr  # notes is not there yet
    revision = read.splitlines()[0].removeprefix("commit ")
    first = run("set", session, "notes.a", "1", "--expect", revision).commit

    message = fails(5, "set", session, "notes.b", "2", "--expect", revision)

    assert message == f"sessions/{session[:2]}/{session}/notes.yaml has changed since {revision}"
    assert run("set", session, "notes.b", "2", "--expect", first).exit_code == 0
    assert run("set", session, "notes.c", "3", "--expect", git("rev-parse", "HEAD")[:7]).exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("set", "tasks.TASK-1.title", "x"),
        ("merge", "tasks.TASK-1", "--data", '{"title": "x"}'),
        ("delete", "tasks.TASK-1.description"),
        ("append", "tasks.TASK-1.labels", '"x"'),
        ("increment", "tasks.TASK-1.points"),
    ],
    ids=lambda words: words[0],
)
@pytest.mark.usefixtures("sprint")
def test_expect_looks_at_the_record_behind_the_path(run, fails, session, git, words):
    revision = git("rev-parse", "HEAD")
    command, path, *rest = words
    run("set", session, "tasks.TASK-2.title", "somebody else's")
    run("set", session, "tasks.TASK-1.description", "somebody else's")

    message = fails(5, command, session, path, *rest, "--expect", revision)

    assert message == f"projects/myapp/tasks/TASK-1.yaml has changed since {revision}"
    assert run(command, session, path, *rest, "--expect", git("rev-parse", "HEAD")).exit_code == 0


@pytest.mark.usefixtures("sprint")
def test_a_change_elsewhere_is_no_conflict(run, session, git):
    revision = git("rev-parse", "HEAD")
    run("set", session, "tasks.TASK-2.title", "somebody else's")

    assert run("set", session, "tasks.TASK-1.title", "mine", "--expect", revision).exit_code == 0


def test_get_rev_names_the_commit_that_was_read(run, session, git):
    result = run("get", session, "session.id", "--rev")

    assert (result.stdout, result.stderr) == (f"{session}\n", f"commit {git('rev-parse', 'HEAD')}\n")


# -- hand edits


def test_a_hand_edit_is_mentioned_and_then_adopted(run, session, state_dir, git):
    run("set", session, "notes.a", "1")
    file = file_of(state_dir, session, "session")
    edited = file.read_text().replace("mode: development", "mode: leadership")
    file.write_text(edited)

    read = run("get", session, "session.mode")

    name = f"sessions/{session[:2]}/{session}/session.yaml"
    assert read == (
        0,
        "development\n",
        f"warning: {name} was edited by hand; this is its last commit, the next write adopts the edit\n",
    )
    run("set", session, "session.output_style", "x")
    assert git("log", "-2", "--format=%s").splitlines() == [
        "state: set session.output_style",
        f"edit: {name} by hand",
    ]
    assert run("get", session, "session.mode") == (0, "leadership\n", "")
    assert git("status", "--porcelain") == ""


def test_a_hand_edited_expiry_counts_once_it_is_adopted(run, session, state_dir):
    file = file_of(state_dir, session, "session")
    file.write_text(file.read_text().replace("expiry: 2026-01-06", "expiry: 2026-01-04"))

    assert run("heartbeat", session) == (
        4,
        "",
        f"Error: session '{session}' is expired\nHint: use `session_manager recover {session}`\n",
    )
    assert run("recover", session).exit_code == 0
    assert run("get", session, "session.lifecycle.expiry").value == "2026-01-06T09:00:03Z"


def test_a_hand_edit_of_another_file_is_left_alone(run, session, state_dir, git):
    run("set", session, "notes.a", "1")
    run("set", session, "other.a", "1")
    file_of(state_dir, session, "other").write_text("a: mine\n")

    run("set", session, "notes.a", "2")

    assert git("status", "--porcelain") == f" M sessions/{session[:2]}/{session}/other.yaml"
    assert file_of(state_dir, session, "other").read_text() == "a: mine\n"


@pytest.mark.usefixtures("sprint")
def test_a_hand_edited_task_is_mentioned(run, session, state_dir):
    file = state_dir / "projects/myapp/tasks/TASK-1.yaml"
    file.write_text(file.read_text().replace("Log in", "Sign in"))
    warning = (
        "warning: projects/myapp/tasks/TASK-1.yaml was edited by hand; "
        "this is its last commit, the next write adopts the edit\n"
    )

    assert run("get", session, "tasks.TASK-1").stderr == warning
    assert run("task", "show", "TASK-1", "--project", "myapp").stderr == warning
    run("update-task", "TASK-1", "todo", "--project", "myapp")
    assert run("get", session, "tasks.TASK-1.title") == (0, "Sign in\n", "")


# -- query


@pytest.mark.parametrize(
    ("data", "expression", "printed"),
    [
        ('{"a": {"b": "text"}}', "$.a.b", "text\n"),
        ('{"a": {"b": 1}}', "$.a.b", "1\n"),
        ('{"a": [1, 2, 3]}', "$.a[1:]", "[\n  2,\n  3\n]\n"),
        ('{"t": {"T-1": {"s": "x"}, "T-2": {"s": "y"}}}', "$.t[?(@.s=='y')].id", '[\n  "T-2"\n]\n'),
        ("[]", "$[*]", "[]\n"),
        ('"\\ud83d\\ude00"', "$", "😀\n"),
    ],
)
def test_query_reads_stdin(run, state_dir, data, expression, printed):
    assert run("query", expression, input=data) == (0, printed, "")
    assert not state_dir.exists()


def test_query_of_nothing_there(run):
    result = run("query", "$.b", input="{}")

    assert (result.exit_code, result.stdout) == (1, "")


@pytest.mark.parametrize("data", [b'"\xff"', b'"\\ud800"'])
def test_query_of_what_is_not_unicode_is_refused(run, data):
    result = run("query", "$", input=data)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == "Error: stdin is not valid Unicode"


# -- export and import


@pytest.fixture
def rich(run, session, sprint):  # noqa: ARG001 - for the board it makes
    """The session with something in each of its own files, in a project with something of each kind."""
    run("update-epic", "myapp", "login", "--title", "Login")
    run("set-config", "myapp", "--data", '{"settings": {"default_sprint_length": 10}}')
    run("set", session, "execution.context.branch", "login")
    run("merge", session, "execution.agents", "--data", '{"dev": {"status": "busy"}}')
    run("set", session, "observability.metrics.tests", "12", "--json-value")
    run("increment", session, "notes.n", "3")
    run("merge", session, "tasks.TASK-2", "--data", '{"status": "blocked", "reason": "no keys"}')
    return session


def test_an_export_is_what_get_shows(run, rich, clock, tmp_path):
    now = clock.now
    shown = run("get", rich, "", "--json-output")
    clock.now = now
    exported = run("export", rich)
    clock.now = now
    run("export", rich, str(tmp_path / "backup.json"))

    assert list(shown.json)[:4] == ["session", "execution", "observability", "notes"]
    assert exported.json == shown.json
    assert json.loads((tmp_path / "backup.json").read_text()) == shown.json


def test_a_round_trip_into_another_store(run, rich, clock, tmp_path):
    now = clock.now
    text = run("export", rich).stdout
    there = {"ORCHESTRATION_STATE_DIR": str(tmp_path / "other")}

    result = run("import", "-", input=text, env=there)

    assert result.value == rich
    assert "  Brought back: config, epics.login, sprints.sprint-1, tasks.TASK-1, tasks.TASK-2" in (
        result.stderr.splitlines()
    )
    clock.now = now
    before, after = json.loads(text), run("export", rich, env=there).json
    for document in (before, after):
        document.pop("observability")  # its events are those of the store it is in
        document["session"]["lifecycle"].pop("last_activity")
        document["sprint"]["metrics"].pop("revision")
    assert after == before
    assert run("get", rich, "observability.metrics.tests", env=there).value == "12"


def test_an_import_puts_back_the_sessions_own_files(run, rich, unchanged):
    text = run("export", rich).stdout
    run("set", rich, "execution.context.branch", "other")
    run("set", rich, "later.a", "1")
    run("set", rich, "tasks.TASK-1.title", "Renamed meanwhile")

    run("import", "-", input=text)

    assert run("get", rich, "execution.context.branch").value == "login"
    assert run("get", rich, "later").exit_code == 1
    assert run("get", rich, "tasks.TASK-1.title").value == "Renamed meanwhile"
    with unchanged():
        assert run("import", "-", input=text).value == rich


def test_import_as_new_is_another_session(run, rich, clock):
    text = run("export", rich).stdout
    clock.forward(hours=30)

    copy = run("import", "-", "--as-new", input=text).value

    assert copy != rich
    record = run("get", copy, "session").json
    assert (record["id"], record["parent_session"], record["lifecycle"]["status"]) == (copy, rich, "active")
    assert record["lifecycle"]["expiry"] == "2026-01-07T15:00:14Z"
    assert run("get", copy, "execution.context.branch").value == "login"
    assert run("get", copy, "notes.n").value == "3"
    assert run("heartbeat", copy).exit_code == 0


def test_an_import_brings_back_a_retired_session(run, rich, clock):
    text = run("export", rich).stdout
    clock.forward(hours=30)
    run("cleanup-expired")

    run("import", "-", input=text)

    assert run("info", rich).exit_code == 4
    assert run("recover", rich).exit_code == 0
    assert run("get", rich, "execution.context.branch").value == "login"


def export_of(session_id="abc", **parts):
    lifecycle = {"status": "active", "heartbeat": "2026-01-01", "expiry": "2026-01-09"}
    session = {"id": session_id, "mode": "sprint", "project": "myapp", "created_at": "2026-01-01"}
    return json.dumps({"session": {**session, "lifecycle": lifecycle}, **parts})


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"notes": [1]}, "notes is a list, not an object"),
        ({"tasks": {"TASK-9": {"id": "TASK-8"}}}, "tasks.TASK-9 is no record with that id"),
        ({"tasks": {"TASK-9": {"id": "TASK-9", "priority": 7}}}, "tasks.TASK-9: priority 7 is out of range"),
        (
            {"tasks": {"TASK-9": {"id": "TASK-9", "column": "nope"}}},
            "tasks.TASK-9: column 'nope' is not one of backlog, todo, in_progress, review, done, cancelled",
        ),
        (
            {"sprints": {"s": {"id": "s", "name": "S", "status": "nope"}}},
            "sprints.s: status 'nope' is not one of planned, active, completed, cancelled",
        ),
        (
            {"epics": {"e": {"id": "e", "status": "nope"}}},
            "epics.e: status 'nope' is not one of planned, in_progress, completed, blocked, cancelled",
        ),
        (
            {"epics": {"..": {"id": ".."}}},
            "id '..' may hold only letters, digits, '.', '_' and '-', and begins with a letter or digit",
        ),
        (
            {"config": {"settings": {"timezone": "Nowhere"}}},
            "settings.timezone 'Nowhere' is not a known time zone",
        ),
        ({"x.lock": {"a": 1}}, "name 'x.lock' may not end with '.lock'"),
        ({"projects": {"a": 1}}, "'projects' cannot name a part of a session"),
        ({"Notes": {"a": 1}, "notes": {"a": 1}}, "name 'notes' differs only by case from 'Notes'"),
        ({"tasks": {"T": {"id": "T"}, "t": {"id": "t"}}}, "id 't' differs only by case from 'T'"),
        ({"tasks": {"T": {"id": "T", "blockers": "x"}}}, "tasks.T: blockers is text, not a list"),
        ({"tasks": {"T": {"id": "T", "claim": 3}}}, "tasks.T: claim 3 is not an object"),
        (
            {"tasks": {"T": {"id": "T", "created_at": 3}}},
            "tasks.T: created_at 3 is not an ISO 8601 date or date-time",
        ),
        ({"observability": {"metrics": [1]}}, "observability.metrics [1] is not an object"),
    ],
)
@pytest.mark.usefixtures("session")
def test_an_import_is_checked(fails, part, message):
    assert fails(1, "import", "-", input=export_of(**part)) == message


@pytest.mark.usefixtures("session")
def test_an_id_that_differs_only_by_case_is_not_imported(run, fails):
    run("import", "-", input=export_of("abcdef"))

    message = fails(1, "import", "-", input=export_of("ABCDEF"))

    assert message == "session 'ABCDEF' differs only by case from 'abcdef'"


@pytest.mark.usefixtures("session")
def test_an_unreadable_file_is_named(fails, tmp_path):
    assert fails(1, "import", str(tmp_path / "nope")) == f"{tmp_path / 'nope'}: No such file or directory"
    assert fails(1, "import", str(tmp_path)) == f"{tmp_path}: Is a directory"


# -- logging


def test_debug_lines_go_to_stderr(run, session):
    result = run("get", "current", "session.mode", env={"CLAUDE_ORCHESTRATION_DEBUG": "1"})

    assert result.stdout == "development\n"
    lines = result.stderr.splitlines()
    assert lines[0] == f"debug: store {os.environ['ORCHESTRATION_STATE_DIR']}"
    assert f"debug: session {session}" in lines
    assert lines[-1].endswith(" ms")


@pytest.mark.parametrize(
    ("level", "warned"), [("WARNING", True), ("INFO", True), ("ERROR", False), ("odd", True)]
)
def test_the_log_level(run, session, clock, level, warned):
    clock.forward(hours=25)

    result = run("get", session, "session.mode", env={"CLAUDE_LOG_LEVEL": level})

    assert result.stderr.startswith("warning: ") == warned
