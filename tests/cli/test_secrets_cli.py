"""Secrets on the command line: refused by every command that writes, written with --allow-secret."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from orchestration.cli import event_stream, main, session_manager, shared_state, state_manager

ROOT = Path(__file__).parent.parent.parent
TOKEN = "glpat" + "-" + "aB3dE5fG7hI9jK1lM3nO"
HINT = "leave it out, for the state is meant to be pushed; --allow-secret writes it all the same"
URL = "https://ana:" + "correct-horse" + "@db.example.com/app"


def held(folder: Path, text: str = TOKEN) -> list[str]:
    """Name the files below a folder that hold a text."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [str(path.relative_to(folder)) for path in files if text.encode() in path.read_bytes()]


def refused(result, state_dir: Path, place: str) -> None:
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-2:] == [
        f"Error: {place} holds what looks like a GitLab token (glpa…)",
        f"Hint: {HINT}",
    ]
    assert TOKEN not in result.stderr
    assert held(state_dir) == []


def test_set_refuses_it_and_writes_it_when_told_to(run, session, state_dir):
    words = ("set", session, "notes.deploy", f"use {TOKEN}")
    place = f"sessions.{session}.notes.deploy"

    refused(run(*words), state_dir, place)
    assert run(*words, "--allow-secret").exit_code == 0
    assert run("get", session, "notes.deploy").value == f"use {TOKEN}"
    again = run("set", session, "notes.other", f"use {TOKEN}")
    assert (again.exit_code, TOKEN in again.stderr) == (1, False)
    assert run("set", session, "notes.other", "fine").exit_code == 0


def test_with_json_the_error_is_an_object(run, session):
    result = run("set", session, "notes.deploy", TOKEN, "--json-output")

    assert json.loads(result.stderr) == {
        "error": {
            "code": "likely_secret",
            "message": f"sessions.{session}.notes.deploy holds what looks like a GitLab token (glpa…)",
            "hint": HINT,
        }
    }


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("merge", "S", "notes", "--data", json.dumps({"a": {TOKEN: 1}})), "sessions.S.notes.a.glpa…"),
        (("append", "S", "notes.list", json.dumps({"k": TOKEN})), "sessions.S.notes.list[0].k"),
        (("merge", "S", "observability.events", "--data", json.dumps([{"type": "x", "t": TOKEN}])),
         "the data of the change"),
        (("task", "add", f"Deploy with {TOKEN}", "--session", "S"), "projects.myapp.tasks.TASK-1.title"),
        (("emit", "note", "--session", "S", "--data", json.dumps({"t": TOKEN})), "the data of the change"),
        (("set-config", "myapp", "--data", json.dumps({"metadata": {"t": TOKEN}})),
         "projects.myapp.config.metadata.t"),
        (("update-epic", "myapp", "user-auth", "--title", TOKEN), "projects.myapp.epics.user-auth.title"),
        (("create-sprint", "myapp", "s-1", TOKEN), "projects.myapp.sprints.s-1.name"),
        (("register-tool", "--name", "lint", "--type", "command", "--config", json.dumps({"t": TOKEN})),
         "tools.lint.config.t"),
        (("risk", "add", TOKEN, "--session", "S"), "projects.myapp.risks.RISK-1.text"),
        (("decision", "propose", TOKEN, "--session", "S"), "projects.myapp.decisions.DEC-1.text"),
        (("fail", "S", "--reason", TOKEN), "sessions.S.session.lifecycle.reason"),
        (("handoff", "S", "T", "--data", json.dumps({"t": TOKEN})),
         "sessions.T.execution.inherited_context.handoff_data.t"),
        (("config", "set", "metadata.t", TOKEN, "--project", "myapp"), "projects.myapp.config.metadata.t"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)  # fmt: skip
def test_every_way_to_write_refuses_it(run, session, state_dir, words, place):
    run("set-config", "myapp", "--data", "{}")
    words = [session if word == "S" else word for word in words]

    refused(run(*words), state_dir, place.replace(".S.", f".{session}."))
    done = run(*words, "--allow-secret")
    assert done.exit_code == 0, done.stderr
    assert run("get", session, "").exit_code == 0


@pytest.mark.usefixtures("sprint")
def test_messages_and_blockers_too(run, session, state_dir):
    team = {"team": {"web": {"lead": "ana", "members": ["ana"]}, "qa": {"lead": "bo", "members": ["bo"]}}}
    run("set-config", "myapp", "--data", json.dumps(team))
    for words in (
        ("notify", "bo", "note", TOKEN, "--session", session),
        ("broadcast", "deploy", json.dumps({"t": TOKEN}), "--session", session),
        ("task", "block", "TASK-1", TOKEN, "--session", session),
        ("goal", "add", TOKEN, "--session", session),
        ("team-handoff", "web", "qa", TOKEN, "--session", session),
    ):
        result = run(*words)
        assert (result.exit_code, "what looks like a GitLab token" in result.stderr) == (1, True), (
            result.stderr
        )
        assert held(state_dir) == []


def test_an_import_names_each_and_imports_none(run, session, tmp_path):
    issues = [
        {"number": n, "title": f"Issue {n}", "body": f"{TOKEN[:-1]}{n}", "state": "OPEN"} for n in range(1, 4)
    ]
    file = tmp_path / "issues.json"
    file.write_text(json.dumps([*issues, {"number": 9, "title": "Fine", "body": "x", "state": "OPEN"}]))

    result = run("orchestration", "import", str(file), "--from", "github", "--session", session)

    assert result.exit_code == 1
    error = next(line for line in result.stderr.splitlines() if line.startswith("Error"))
    assert error.startswith("Error: 3 values look like secrets: projects.myapp.tasks.")
    assert error.count("(a GitLab token, glpa…)") == 3
    assert run("task", "list", "--session", session, "--json-output").json == []
    done = run(
        "orchestration", "import", str(file), "--from", "github", "--session", session, "--allow-secret"
    )
    assert done.exit_code == 0, done.stderr
    assert len(run("task", "list", "--session", session, "--json-output").json) == 4


def test_the_export_of_a_session_is_looked_at_on_its_way_in(run, session, tmp_path):
    run("set", session, "notes.url", URL, "--allow-secret")
    file = tmp_path / "session.json"
    assert run("state_manager", "export", session, str(file)).exit_code == 0

    result = run("state_manager", "import", str(file), "--as-new")
    assert (result.exit_code, "notes.url holds what looks like a URL with a password" in result.stderr) == (
        1,
        True,
    )
    assert run("state_manager", "import", str(file), "--as-new", "--allow-secret").exit_code == 0


def test_a_plan_does_not_keep_it(run, session, state_dir):
    team = {"team": {"engineering": {"lead": "lead", "members": ["dev"]}}}
    run("set-config", "myapp", "--data", json.dumps(team))
    words = ("orchestration", "team", "activate", "engineering", "--focus", TOKEN, "--session", session)

    refused(run(*words), state_dir, "`team activate`")
    refused(run(*words, "--yes"), state_dir, f"sessions.{session}.execution.teams.engineering.focus")
    plan = run(*words, "--allow-secret", "--json-output").json["plan"]["id"]
    result = run("apply", plan)
    assert (result.exit_code, TOKEN in result.stderr) == (1, False)
    assert run("apply", plan, "--allow-secret").exit_code == 0


def test_what_was_allowed_comes_and_goes_with_history(run, session):
    run("set", session, "notes.token", TOKEN, "--allow-secret")

    assert run("undo", "--session", session).exit_code == 0
    assert run("redo", "--session", session).exit_code == 0
    backup = run("shared_state", "backup", "create", "here").stdout.split()[-1]
    run("delete", session, "notes.token")
    path = f"sessions.{session}.notes.token"
    assert run("backup", "restore", backup, "--path", path, "--yes").exit_code == 0
    assert run("get", session, "notes.token").value == TOKEN
    assert run("session_manager", "complete", session).exit_code == 0
    assert run("recover", session).exit_code == 0
    assert run("set", session, "execution.context.token", TOKEN, "--allow-secret").exit_code == 0
    assert run("handoff", session, "next-one").exit_code == 0
    inherited = run("get", "next-one", "execution.inherited_context.context.token")
    assert inherited.value == TOKEN


@pytest.mark.usefixtures("session")
def test_the_label_of_a_backup_is_looked_at(run, state_dir):
    refused(run("shared_state", "backup", "create", TOKEN), state_dir, "the label")
    assert run("shared_state", "backup", "list", "--json-output").json == []
    assert run("shared_state", "backup", "create", TOKEN, "--allow-secret").exit_code == 0


@pytest.mark.usefixtures("session")
def test_a_record_taken_as_text_leaves_no_draft(run, tmp_path, monkeypatch, state_dir):
    run("set-config", "myapp", "--data", json.dumps({"team": {"qa": {"lead": "ana", "members": ["ana"]}}}))
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(drafts))

    result = run(
        "orchestration", "config", "teams", "edit", "qa", "--file", "-", "--project", "myapp",
        input=f"lead: ana\nmembers: [ana]\ndescription: {TOKEN}\n",
    )  # fmt: skip

    assert "holds what looks like a GitLab token" in result.stderr
    assert (result.exit_code, held(drafts), held(state_dir)) == (1, [], [])


# -- the option, and the scripts as processes


def commands(group: click.Group, path: str) -> dict[str, click.Command]:
    found = {}
    for name in group.list_commands(None):  # type: ignore[arg-type]
        command = group.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        if isinstance(command, click.Group):
            found |= commands(command, f"{path} {name}")
        else:
            found[f"{path} {name}"] = command
    return found


def test_a_command_writes_or_looks_at_the_past_never_both():
    every = {
        name: {option for parameter in command.params for option in parameter.opts}
        for module in (event_stream, session_manager, shared_state, state_manager, main)
        for name, command in commands(module.cli, module.__name__.rpartition(".")[2]).items()
    }
    writing = {name for name, options in every.items() if "--allow-secret" in options}

    assert len(writing) > 70
    assert {
        "state_manager set",
        "shared_state set-config",
        "session_manager create",
        "main import",
    } <= writing
    assert [name for name in writing if "--at" in every[name]] == []


def test_the_three_scripts_refuse_it(tmp_path):
    env = os.environ | {"PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}

    def script(name: str, *words: str) -> "subprocess.CompletedProcess[str]":
        file = ROOT / ".claude" / "scripts" / f"{name}.py"
        return subprocess.run([sys.executable, str(file), *words], env=env, capture_output=True, text=True)

    session = script("session_manager", "create", "--project", "myapp").stdout.strip()
    file = tmp_path / "state.json"
    export = script("state_manager", "export", session, str(file))
    assert export.returncode == 0, export.stderr
    document = json.loads(file.read_text())
    file.write_text(json.dumps({**document, "notes": {"token": TOKEN}}))
    for name, *words in (
        ("session_manager", "fail", session, "--reason", TOKEN),
        ("state_manager", "set", session, "notes.token", TOKEN),
        ("state_manager", "merge", session, "notes", "--data", json.dumps({"again": TOKEN})),
        ("state_manager", "import", str(file), "--as-new"),
        ("shared_state", "set-config", "myapp", "--data", json.dumps({"metadata": {"token": TOKEN}})),
    ):
        done = script(name, *words)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert "holds what looks like a GitLab token (glpa…)\n" in done.stderr
        assert TOKEN not in done.stderr
        allowed = script(name, *words, "--allow-secret")
        assert allowed.returncode == 0, allowed.stderr
        if name == "session_manager":
            assert script("session_manager", "recover", session).returncode == 0


def test_an_ordinary_write_loads_no_detector(session):
    code = (
        "import sys\nfrom orchestration.cli.state_manager import cli\n"
        f"try: cli.main(args=['set', {session!r}, 'notes.x', 'see https://example.com/a and {session}'])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('detect_secrets', 'requests', 'urllib3')])"
    )
    env = os.environ | {"PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)

    assert done.stdout == "[]\n", done.stderr
