"""What goes to stdout and what to stderr, at a terminal and captured, in programs of their own."""

import json
import os
import pty
import re
import subprocess
import sys
import tty
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from orchestration.domain import session_actions
from orchestration.store.repo import Store

PROGRAM = [sys.executable, "-m", "orchestration"]
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
COMMIT = r"commit [0-9a-f]{12}\n"
EXPIRED = "01d5e551-0000-4000-8000-000000000000"
AWKWARD = {
    "markup": "[red]x[/red] [/api] :smile: [link=https://example.org]y",
    "long": "0123456789 " * 45 + "end!!",
    "ansi": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b1m",
    "emoji": "👩‍👩‍👧 ✓ 日本語",
    "right_to_left": "שלום \u202eabc\u202c مرحبا",
    "lines": "one\n\n  two\r\n\tthree\n",
    "blank": "  \u00a0 ",
    "empty": "",
    "backslashes": r"a\nb \x1b \[x]",
    "like_json": '{"a": 1}',
}


class Output(NamedTuple):
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


def captured(*words: str, stdin: str = "", **env: str) -> Output:
    """Run `orchestration WORDS` with both streams captured."""
    done = subprocess.run(
        [*PROGRAM, *words], input=stdin.encode(), capture_output=True, env={**os.environ, **env}
    )
    return Output(done.returncode, done.stdout.decode(), done.stderr.decode())


def at_terminal(*words: str, columns: int = 80, **env: str) -> Output:
    """Run `orchestration WORDS` with stdout at a terminal with colours; stderr is captured."""
    master, slave = pty.openpty()
    tty.setraw(slave)  # as written: without it the terminal puts a return before each new line
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), **env}
    with subprocess.Popen(
        [*PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.PIPE, env=environment
    ) as process:
        os.close(slave)
        written = b""
        while piece := _read(master):
            written += piece
        os.close(master)
        assert process.stderr is not None
        remarks = process.stderr.read().decode()
    return Output(process.returncode, written.decode(), remarks)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way to say that nobody holds the other end
        return b""


@pytest.fixture
def session(state_dir: Path) -> str:
    """A session of the project `myapp`."""
    return _create(state_dir, str(uuid.uuid4()), mode="development", now=datetime.now(UTC))


@pytest.fixture
def expired(state_dir: Path) -> str:
    """A session of the project `myapp` that ended long ago."""
    return _create(state_dir, EXPIRED, mode="config", now=datetime(2024, 1, 15, 10, 30, tzinfo=UTC))


def _create(state: Path, session_id: str, *, mode: str, now: datetime) -> str:
    with Store(state).transaction(author="alice", now=now) as tx:
        session_actions.create(
            tx, session_id, mode=mode, project="myapp", by="alice", now=f"{now:%Y-%m-%dT%H:%M:%SZ}"
        )
    return session_id


# -- create and capture


def test_create_captured_prints_the_id_alone() -> None:
    output = captured("session_manager", "create", "--mode", "sprint", "--project", "myapp")

    assert output.code == 0
    assert re.fullmatch(UUID4 + "\n", output.stdout)
    said = f"✓ Created session: {output.stdout}  Mode: sprint\n  Project: myapp\n"
    assert re.fullmatch(COMMIT + re.escape(said), output.stderr)


def test_create_at_a_terminal_prints_three_lines() -> None:
    output = at_terminal("session_manager", "create", "--mode", "sprint", "--project", "myapp")

    assert output.code == 0
    assert re.fullmatch(f"✓ Created session: {UUID4}\n  Mode: sprint\n  Project: myapp\n", output.stdout)
    assert re.fullmatch(COMMIT, output.stderr)


@pytest.mark.parametrize("run", [captured, at_terminal])
def test_create_as_json_prints_one_object(run: Any) -> None:
    output = run("session_manager", "create", "--project", "myapp", "--json-output")

    assert output.code == 0
    facts = output.json
    assert list(facts) == ["session_id", "mode", "project", "expiry"]
    assert re.fullmatch(UUID4, facts["session_id"])
    assert (facts["mode"], facts["project"]) == ("development", "myapp")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", facts["expiry"])
    assert re.fullmatch(COMMIT, output.stderr)


@pytest.mark.parametrize("run", [captured, at_terminal])
def test_create_quiet_prints_the_id_alone(run: Any) -> None:
    output = run("session_manager", "create", "--project", "myapp", "--quiet")

    assert output.code == 0
    assert re.fullmatch(UUID4 + "\n", output.stdout)
    assert re.fullmatch(COMMIT, output.stderr)


def test_a_new_task_captured_is_its_id_and_at_a_terminal_a_sentence(session: str) -> None:
    add = ("state_manager", "task", "add", "Log in", "--session", session)

    first, second = captured(*add), at_terminal(*add)

    assert first.stdout == "TASK-1\n"
    assert re.fullmatch(COMMIT + "✓ Created TASK-1: Log in\n", first.stderr)
    assert second.stdout == "✓ Created TASK-2: Log in\n"
    assert re.fullmatch(COMMIT, second.stderr)


# -- values


@pytest.mark.parametrize("run", [captured, at_terminal])
def test_a_text_is_printed_as_it_was_written(session: str, run: Any) -> None:
    captured("state_manager", "merge", session, "notes", "--data", json.dumps(AWKWARD))

    for name, text in AWKWARD.items():
        assert run("state_manager", "get", session, f"notes.{name}") == Output(0, text + "\n", ""), name
    quoted = run("state_manager", "get", session, "notes.markup", "--json-output")
    assert quoted == Output(0, f'"{AWKWARD["markup"]}"\n', "")
    assert run("state_manager", "get", session, "notes", "--json-output").json == AWKWARD


def test_an_argument_is_kept_as_it_was_given(session: str) -> None:
    for name in ("ansi", "lines", "like_json"):
        assert captured("state_manager", "set", session, f"notes.{name}", AWKWARD[name]).code == 0

        assert captured("state_manager", "get", session, f"notes.{name}").stdout == AWKWARD[name] + "\n"


@pytest.mark.parametrize("run", [captured, at_terminal])
def test_other_values_are_printed_as_json(session: str, run: Any) -> None:
    value: dict[str, Any] = {"text": "a\x1b[31m", "list": [1, 2.5, True, None, {}], "é": {"deep": [[]]}}
    captured("state_manager", "merge", session, "notes", "--data", json.dumps(value))

    assert (
        run("state_manager", "get", session, "notes").stdout
        == """\
{
  "text": "a\\u001b[31m",
  "list": [
    1,
    2.5,
    true,
    null,
    {}
  ],
  "é": {
    "deep": [
      []
    ]
  }
}
"""
    )
    for path, printed in (("list[0]", "1"), ("list[1]", "2.5"), ("list[2]", "true"), ("list[3]", "null")):
        assert run("state_manager", "get", session, f"notes.{path}").stdout == printed + "\n"


def test_query_prints_values_as_get_does() -> None:
    document = json.dumps({"a": AWKWARD["ansi"], "b": [1]})

    assert captured("state_manager", "query", "$.a", stdin=document).stdout == AWKWARD["ansi"] + "\n"
    assert captured("state_manager", "query", "$.b", stdin=document).stdout == "[\n  1\n]\n"
    assert captured("state_manager", "query", "$.a", "--json-output", stdin=document).json == AWKWARD["ansi"]


def test_a_captured_table_is_plain_and_nothing_in_it_is_cut(session: str) -> None:
    title = AWKWARD["markup"] + " " + AWKWARD["long"]
    add = ("state_manager", "task", "add", title, "--session", session)
    assert captured(*add).code == 0

    output = captured("state_manager", "task", "list", "--session", session)

    head, row = output.stdout.splitlines()
    assert head.split() == ["ID", "STATUS", "PRIORITY", "POINTS", "ASSIGNEE", "SPRINT", "TITLE"]
    assert row.split(maxsplit=6) == ["TASK-1", "backlog", "3", "-", "-", "-", title]
    assert output.stderr == ""


def test_a_table_at_a_terminal_fits_its_width_and_knows_no_markup(session: str) -> None:
    title = AWKWARD["markup"] + " " + AWKWARD["long"]
    captured("state_manager", "task", "add", title, "--session", session)

    output = at_terminal("state_manager", "task", "list", "--session", session, columns=100)

    shown = re.sub(r"\x1b\[[0-9;]*m", "", output.stdout)
    assert shown != output.stdout  # in colour
    head, row = shown.splitlines()
    assert max(len(head.rstrip()), len(row.rstrip())) <= 100
    assert "[red]x[/red] [/api] :smile: [link" in row
    assert row.rstrip().endswith("…")


def test_a_narrow_terminal_shows_a_prefix_of_an_id_that_leads_to_the_session(session: str) -> None:
    wide = at_terminal("session_manager", "list", columns=160)
    narrow = at_terminal("session_manager", "list", columns=80)

    assert session in wide.stdout
    assert session not in narrow.stdout
    assert session[:8] in narrow.stdout
    assert session in captured("session_manager", "list", COLUMNS="80").stdout
    assert captured("state_manager", "get", session[:8], "session.id").stdout == session + "\n"


def test_a_terminal_without_colours_gets_none(session: str) -> None:
    output = at_terminal("session_manager", "list", NO_COLOR="1", TERM="dumb")

    assert session[:8] in output.stdout
    assert "\x1b" not in output.stdout


def test_confirmations_and_tables_obey_no_control_characters(session: str) -> None:
    add = ("state_manager", "task", "add", "\x1b[31mred\x1b]0;title\x07", "--session", session)

    made = at_terminal(*add)
    plain = captured("state_manager", "task", "list", "--session", session)
    drawn = at_terminal("state_manager", "task", "show", "TASK-1", "--session", session, NO_COLOR="1")
    missing = captured("state_manager", "task", "show", "\x1b[31m\nx", "--session", session)

    assert made.stdout == r"✓ Created TASK-1: \x1b[31mred\x1b]0;title\x07" + "\n"
    assert "\x1b" not in plain.stdout
    assert "\x1b]0;" not in drawn.stdout
    assert "\x07" not in drawn.stdout
    assert missing.code == 1
    assert missing.stderr.count("\n") == 2
    assert "\x1b" not in missing.stderr


def test_an_empty_list_is_a_sentence_and_as_json_an_empty_array() -> None:
    assert captured("session_manager", "list") == Output(0, "There are no sessions.\n", "")
    assert captured("session_manager", "list", "--json-output") == Output(0, "[]\n", "")


def test_a_reader_that_stops_early_is_no_failure(session: str) -> None:
    command = f"set -o pipefail; '{sys.executable}' -m orchestration state_manager get {session} '' | true"

    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


def test_closed_streams_break_nothing(session: str) -> None:
    write = f"'{sys.executable}' -m orchestration state_manager set {session} notes.a 1 >&- 2>&-"

    assert subprocess.run(["bash", "-c", write], capture_output=True).returncode == 0

    assert captured("state_manager", "get", session, "notes.a").stdout == "1\n"


# -- errors


ERRORS = [
    ("not_found", 1, "state_manager", "get", "SESSION", "no.such"),
    ("refused", 1, "state_manager", "set", "SESSION", "", "x"),
    ("invalid_data", 1, "state_manager", "merge", "SESSION", "tasks.TASK-9", "--data", '{"points": -1}'),
    ("usage", 2, "state_manager", "merge", "SESSION", "notes", "--data", "{"),
    ("usage", 2, "state_manager", "merge", "SESSION", "notes", "--data", "1"),
    ("usage", 2, "state_manager", "get", "SESSION", "$.a["),
    ("usage", 2, "state_manager", "get", "SESSION", "a["),
    ("usage", 2, "state_manager", "get", "SESSION"),
    ("usage", 2, "state_manager", "get", "SESSION", "notes", "--unknown"),
    ("usage", 2, "state_manager", "no-such-command"),
    ("usage", 2, "session_manager", "create", "--mode", "holiday"),
    ("usage", 2, "session_manager", "create", "--metadata", "[]"),
    ("usage", 2, "shared_state", "update-epic", "myapp", "user-auth", "--priority", "9"),
    ("unknown_session", 3, "state_manager", "get", "nope", "session"),
    ("inactive_session", 4, "session_manager", "heartbeat", EXPIRED),
    ("inactive_session", 4, "state_manager", "set", EXPIRED, "notes.a", "1"),
    ("conflict", 5, "state_manager", "set", "SESSION", "notes.a", "1", "--expect", "REV"),
]


@pytest.mark.usefixtures("expired")
@pytest.mark.parametrize(("code", "exit_code", "words"), [(c, e, w) for c, e, *w in ERRORS])
def test_an_error_is_a_line_and_a_hint_or_one_object(
    code: str, exit_code: int, words: list[str], session: str
) -> None:
    known = {"SESSION": session, "REV": ""}
    if "REV" in words:
        known["REV"] = captured("state_manager", "set", session, "notes.a", "0").stderr.split()[1]
        captured("state_manager", "set", session, "notes.a", "2")
    command = [known.get(word, word) for word in words]

    text = captured(*command)
    as_json = captured(*command, "--json-output")

    assert text.code == as_json.code == exit_code
    assert text.stdout == ""
    assert as_json.stdout == ("null\n" if words[-1] == "no.such" else "")
    message, *hints = text.stderr.splitlines()
    assert message.startswith("Error: ")
    assert len(hints) <= 1
    error = json.loads(as_json.stderr)["error"]
    assert list(error) == ["code", "message", "hint"]
    assert error["code"] == code
    assert f"Error: {error['message']}" == message
    assert hints == ([f"Hint: {error['hint']}"] if error["hint"] else [])


def test_a_missing_command_is_an_error_not_a_page_of_help() -> None:
    expected = Output(2, "", "Error: Missing command\nHint: see --help\n")

    assert captured() == expected
    assert captured("state_manager") == expected
    assert captured("state_manager", "task") == expected


def test_help_needs_no_store(state_dir: Path) -> None:
    output = captured("state_manager", "get", "--help")

    assert output.code == 0
    assert output.stdout.startswith("Usage: orchestration state_manager get [OPTIONS] SESSION PATH\n")
    assert output.stderr == ""
    assert not state_dir.exists()


def test_an_error_at_a_terminal_leaves_stdout_empty(session: str) -> None:
    assert at_terminal("state_manager", "get", session, "metadata") == Output(
        1,
        "",
        "Error: no value at 'metadata'\n"
        "Hint: keys there: session, execution, observability, project, config\n",
    )


def test_an_expired_session_is_read_with_a_warning(expired: str) -> None:
    output = captured("state_manager", "get", expired, "session.mode")

    assert output == Output(
        0,
        "config\n",
        f"warning: session {expired} has expired; `session_manager recover {expired}` revives it\n",
    )


def test_an_inactive_session_is_shown_whole_and_the_exit_code_tells(expired: str) -> None:
    output = captured("session_manager", "info", expired, "--json-output")

    assert output.code == 4
    assert output.json["expired"] is True
    assert json.loads(output.stderr)["error"]["code"] == "inactive_session"
    assert captured("session_manager", "info", expired, "--allow-inactive").stderr == ""


# -- writes


def test_every_write_tells_its_commit_on_stderr(state_dir: Path, expired: str, session: str) -> None:
    writes = [
        ("shared_state", "set-config", "myapp", "--data", '{"settings": {"velocity_target": 20}}'),
        ("shared_state", "update-epic", "myapp", "user-auth", "--title", "User Authentication"),
        ("shared_state", "create-sprint", "myapp", "sprint-1", "First", "--epic-id", "user-auth"),
        ("shared_state", "update-sprint", "myapp", "sprint-1", "--capacity", "20"),
        ("state_manager", "task", "add", "Log in", "--sprint", "sprint-1", "--session", session),
        ("shared_state", "start-sprint", "myapp", "sprint-1"),
        ("shared_state", "register-tool", "--name", "linter", "--type", "command"),
        ("state_manager", "task", "claim", "TASK-1", "--as", "engineering-ux", "--session", session),
        ("state_manager", "update-task", session, "TASK-1", "in_progress"),
        ("state_manager", "set", session, "sprint.tasks.TASK-1.points", "3"),
        ("state_manager", "merge", session, "notes", "--data", '{"a": 1}'),
        ("state_manager", "append", session, "notes.list", '"x"'),
        ("state_manager", "increment", session, "notes.count", "2"),
        ("state_manager", "delete", session, "notes.a"),
        ("state_manager", "cleanup-expired"),
        ("shared_state", "notify", "engineering-ux", "info", "hello", "--session", session),
        ("shared_state", "broadcast", "news", "{}", "--session", session),
        ("shared_state", "complete-sprint", "myapp", "sprint-1", "--carry-to", "backlog"),
        ("session_manager", "heartbeat", session),
        ("session_manager", "heartbeat", session),
        ("session_manager", "pause", session),
        ("session_manager", "recover", session),
        ("session_manager", "handoff", session, "review"),
        ("session_manager", "recover", expired),
    ]

    told = []
    for command in writes:
        output = captured(*command)
        assert output.code == 0, output
        assert "commit " not in output.stdout
        ids = re.findall(r"^commit ([0-9a-f]{12})$", output.stderr, re.MULTILINE)
        assert len(ids) == 1, (command, output)
        told += ids

    log = ["git", "-C", str(state_dir), "log", f"-{len(writes)}", "--reverse", "--abbrev=12", "--format=%h"]
    assert subprocess.run(log, capture_output=True, text=True).stdout.split() == told


def test_a_write_that_changes_nothing_tells_no_commit(session: str) -> None:
    command = ("state_manager", "set", session, "notes.a", "1")

    assert re.fullmatch(COMMIT, captured(*command).stderr)
    assert captured(*command) == Output(0, "", "")
    assert captured("state_manager", "delete", session, "notes.b") == Output(0, "", "Nothing at notes.b.\n")


def test_get_tells_the_revision_it_read_and_a_write_expects_it(session: str) -> None:
    captured("state_manager", "set", session, "notes.a", "1")

    read = captured("state_manager", "get", session, "notes.a", "--rev")
    rev = read.stderr.removeprefix("commit ").rstrip("\n")
    first = captured("state_manager", "set", session, "notes.a", "2", "--expect", rev)
    late = captured("state_manager", "set", session, "notes.a", "3", "--expect", rev)

    assert read.stdout == "1\n"
    assert re.fullmatch("[0-9a-f]{40}", rev)
    assert (first.code, late.code) == (0, 5)
    assert captured("state_manager", "get", session, "notes.a").stdout == "2\n"


# -- debug output and log levels


def test_debug_tells_what_led_to_the_answer(state_dir: Path, session: str) -> None:
    captured("state_manager", "task", "add", "Log in", "--session", session)

    output = captured("state_manager", "get", session, "task.TASK-1.title", CLAUDE_ORCHESTRATION_DEBUG="1")
    record = captured("state_manager", "get", session, "task.TASK-1", CLAUDE_ORCHESTRATION_DEBUG="1")

    assert output.stdout == "Log in\n"
    store, commit, found, project, alias, took = output.stderr.splitlines()
    assert store == f"debug: store {state_dir}"
    assert re.fullmatch("debug: reading commit [0-9a-f]{12}", commit)
    assert found == f"debug: session {session}"
    assert project == "debug: project myapp from the session"
    assert alias == "debug: path task.TASK-1.title is projects/myapp/tasks/TASK-1.yaml"
    assert re.fullmatch(r"debug: \d+ ms", took)
    assert "debug: path task.TASK-1 is projects/myapp/tasks/TASK-1.yaml\n" in record.stderr


def test_debug_tells_of_a_write_how_long_it_waited_for_the_lock(session: str) -> None:
    output = captured("state_manager", "set", session, "notes.a", "1", CLAUDE_ORCHESTRATION_DEBUG="1")

    assert output.stdout == ""
    assert re.search(r"^debug: lock waited \d+\.\d ms$", output.stderr, re.MULTILINE)
    assert re.search(f"^{COMMIT}", output.stderr, re.MULTILINE)


def test_debug_shows_where_an_error_came_from(session: str) -> None:
    words = ("state_manager", "get", session, "no.such")

    plain = captured(*words)
    debug = captured(*words, CLAUDE_ORCHESTRATION_DEBUG="1")

    assert (plain.code, debug.code) == (1, 1)
    assert "Traceback" not in plain.stderr
    assert "Traceback (most recent call last):\n" in debug.stderr
    assert "Error: no value at 'no.such'\n" in debug.stderr


@pytest.mark.parametrize(
    ("level", "debugs", "warns"),
    [("DEBUG", True, True), ("info", False, True), ("WARNING", False, True), ("ERROR", False, False)],
)
def test_the_log_level_chooses_what_is_told(expired: str, level: str, debugs: bool, warns: bool) -> None:
    output = captured("state_manager", "get", expired, "session.mode", CLAUDE_LOG_LEVEL=level)

    assert (output.code, output.stdout) == (0, "config\n")
    assert ("debug: " in output.stderr) is debugs
    assert ("warning: " in output.stderr) is warns


def test_the_log_level_keeps_errors_and_commits(session: str) -> None:
    write = captured("state_manager", "set", session, "notes.a", "1", CLAUDE_LOG_LEVEL="ERROR")
    error = captured("state_manager", "get", session, "no.such", CLAUDE_LOG_LEVEL="ERROR")

    assert re.fullmatch(COMMIT, write.stderr)
    assert error.stderr.startswith("Error: no value at 'no.such'\n")
