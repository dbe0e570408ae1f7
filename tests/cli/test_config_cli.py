"""`orchestration config`, `team` and `workflow`: the options arrive, and what is printed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

Run = Callable[..., Any]
Git = Callable[..., str]


@pytest.fixture
def config(run: Run, session: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `orchestration config` for project myapp."""
    monkeypatch.setenv("CLAUDE_SESSION_ID", session)
    monkeypatch.setenv("ORCHESTRATION_ACTOR", "ada")
    run("set-config", "myapp", "--data", '{"settings": {"velocity_target": 20}}')
    return lambda *words, **options: run("orchestration", "config", *words, **options)


def outline(result: Any) -> list[str]:
    assert result.exit_code == 0, result
    return [line.split()[0] for line in result.stdout.splitlines()[1:]]


def test_the_overview(config: Run, unchanged: Any) -> None:
    with unchanged():
        shown = config()

    assert shown.stdout == snapshot("""\
project:      myapp
settings:     velocity_target = 20
teams:        4 (engineering, product, qa, devops)
agents:       6
workflows:    2 (feature-delivery, bug-fix)
environments: -
tools:        0
last change:  2026-01-05 09:00 by ada: config: create myapp
validation:   0 errors, 0 warnings
In the chat, the host's own settings are at /settings.
""")
    assert config("--json-output").json["validation"] == {
        "valid": True,
        "errors": 0,
        "warnings": 0,
        "hints": 0,
    }


def test_set_shows_before_and_after_and_names_the_undo(config: Run, run: Run, session: str, git: Git) -> None:
    result = config("set", "settings.default_sprint_length", "10")

    assert result.stdout == "~ settings.default_sprint_length: 14 -> 10\n"
    assert result.stderr.splitlines()[1:] == [
        "✓ Set settings.default_sprint_length of myapp",
        f"  Undo: state_manager undo {result.commit}",
    ]
    assert f"Session: {session}" in git("log", "-1", "--format=%B")
    assert config("get", "settings.default_sprint_length").value == "10"
    assert run("undo", result.commit).exit_code == 0
    assert config("get", "settings.default_sprint_length").value == "14"


def test_setting_what_is_so_already_changes_nothing(config: Run, git: Git) -> None:
    head = git("rev-parse", "HEAD")

    result = config("set", "settings.velocity_target", "20")

    assert (result.stdout, result.stderr) == ("Nothing differs.\n", "Nothing was changed.\n")
    assert git("rev-parse", "HEAD") == head


def test_values_of_other_forms(config: Run, fails: Run) -> None:
    config("set", "environments.prod.url", "https://[/api] \x1b[1m")
    config("set", "team.eng", '{"lead": "ana", "members": ["bo"]}', "--json-value")
    config("set", "settings.velocity_target", "null", "--json-value")

    assert config("get", "team.eng.members").json == ["bo"]
    assert config("get", "environments.prod.url", "--json-output").json == "https://[/api] \x1b[1m"
    assert config("get", "settings.velocity_target").value == "null"
    words = ("orchestration", "config", "set")
    assert fails(1, *words, "settings.timezone", "Mars").startswith("settings.timezone")
    assert fails(2, *words, "a[", "x").startswith("bad path 'a['")
    assert fails(2, *words, "settings.x", "{", "--json-value").startswith("VALUE is not JSON")
    assert (
        fails(1, "orchestration", "config", "get", "settings.velocity") == "no value at 'settings.velocity'"
    )


def test_what_all_projects_share(config: Run) -> None:
    config("set", "--shared", "settings.lock_timeout", "20")

    assert config("get", "--shared", "settings.lock_timeout").value == "20"
    assert (
        config("history", "--shared")
        .stdout.splitlines()[1]
        .endswith("config: set settings.lock_timeout for all projects")
    )


def test_history_of_the_configuration(config: Run) -> None:
    config("set", "settings.team_capacity", "5")

    rows = config("history", "--json-output").json
    assert [row["subject"] for row in rows] == [
        "config: myapp set settings.team_capacity",
        "config: create myapp",
    ]
    assert len(config("history", "--limit", "1", "--json-output").json) == 1


def test_what_all_projects_share_needs_no_project(run: Run) -> None:
    run("set-config", "myapp", "--data", "{}")

    assert run("orchestration", "config", "set", "--shared", "teams.qa.skills", "a,b").exit_code == 0
    assert (
        run("orchestration", "config", "teams", "add", "ops", "--lead", "devops", "--shared").exit_code == 0
    )
    assert run("orchestration", "config", "teams", "remove", "ops", "--shared", "--yes").exit_code == 0


# -- in and out


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_an_export_imported_again_changes_nothing(config: Run, form: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    config("set", "team.eng.lead", "ana")
    config("export", form, "-o", str(file))

    again = config("import", str(file))

    assert again.stdout == "Nothing differs.\n"
    assert again.stderr == "There is nothing to change.\n"


def test_an_import_is_shown_before_it_is_done(config: Run, run: Run, tmp_path: Path, unchanged: Any) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("project_id: other\nsettings:\n  velocity_target: 33\n")
    with unchanged():
        assert config("import", str(file), "--dry-run").stderr == "Nothing was changed.\n"

    shown = config("import", str(file))

    change = "settings.velocity_target: 20 -> 33\n"
    assert shown.stdout == f"~ projects.myapp.config.{change}"
    done = run("state_manager", "apply", shown.stderr.split()[-1])
    assert done.stdout == f"~ {change}"
    file.write_text("settings: [1]\n")
    assert config("import", str(file)).stderr.startswith("Error: settings is not an object")
    assert config("import", str(file) + "x").exit_code == 1


def test_an_export_for_a_shell(config: Run) -> None:
    config("set", "environments.prod.greeting", "it's $HOME")

    lines = config("export", "env").stdout.splitlines()

    assert "SETTINGS_VELOCITY_TARGET=20" in lines
    assert "SETTINGS_WORKING_DAYS=Mon,Tue,Wed,Thu,Fri" in lines
    assert """ENVIRONMENTS_PROD_GREETING='it'"'"'s $HOME'""" in lines


def test_environments(config: Run, fails: Run) -> None:
    assert config("environments").value == "Project myapp has no environments."
    config("set", "environments.prod.url", "https://x")

    assert config("environments").stdout == "NAME  VALUES\nprod  url=https://x\n"
    assert config("environments", "prod").value == "url: https://x"
    assert (
        fails(1, "orchestration", "config", "environments", "test")
        == "project 'myapp' has no environment 'test'"
    )


def test_reload_commits_what_was_edited_when_it_is_right(config: Run, state_dir: Path, git: Git) -> None:
    file = state_dir / "projects" / "myapp" / "config.yaml"
    file.write_text(file.read_text().replace("20", "many"))
    assert config("reload").exit_code == 1
    assert git("status", "--porcelain") != ""

    file.write_text(file.read_text().replace("many", "25"))
    result = config("reload")

    assert "✓ Committed projects/myapp/config.yaml as it was edited" in result.stderr
    assert git("status", "--porcelain") == ""
    assert config("get", "settings.velocity_target").value == "25"


def test_validate_fix_and_backup_are_there(config: Run) -> None:
    assert config("validate").value == "0 errors, 0 warnings"
    assert config("fix", "--dry-run").stdout.endswith("left: 0 errors, 0 warnings\n")
    assert config("backup", "create").value.startswith("backup/")


# -- teams


def test_teams_in_either_order_of_words(config: Run) -> None:
    assert outline(config("teams")) == ["engineering", "product", "qa", "devops"]
    shown = config("teams", "qa").stdout
    assert shown == config("teams", "show", "qa").stdout == config("teams", "qa", "show").stdout
    assert config("teams", "qa", "--json-output").json["members"][0]["id"] == "qa-analyst"
    assert config("teams", "qa", "edit").stdout == config("teams", "edit", "qa").stdout


def test_a_team_is_added_and_removed(config: Run, run: Run, fails: Run) -> None:
    added = config("teams", "add", "core", "--lead", "ana", "--members", "bo,@cy", "--capacity", "2")

    assert added.stdout == '+ team.core: {"lead": "ana", "members": ["bo", "cy"], "capacity": 2}\n'
    words = ("orchestration", "config", "teams", "add")
    assert fails(1, *words, "core", "--lead", "x") == "team 'core' exists already"
    assert fails(1, *words, "more", "--capacity", "-1").startswith(
        "team 'more': capacity '-1' is out of range"
    )
    assert fails(1, *words, "more", "--data", '{"lead": "a", "leads": ["b"]}').startswith(
        "team 'more': team 'more' has 2 leads: a, b"
    )
    run("task", "add", "x", "--team", "core")
    shown = config("teams", "core", "remove")
    assert "warning: still named by TASK-1" in shown.stderr
    run("state_manager", "apply", shown.stderr.split()[-1])
    assert "core" not in outline(config("teams"))
    assert fails(1, "orchestration", "config", "teams", "remove", "qa", "--yes").startswith(
        "no team 'qa' of project"
    )
    assert (
        fails(1, "orchestration", "config", "teams", "enginering")
        == "no team 'enginering' in project 'myapp'"
    )


def test_without_a_terminal_edit_prints_the_text_and_the_ways(config: Run, state_dir: Path) -> None:
    shown = config("teams", "qa", "edit")

    lines = shown.stdout.splitlines()
    assert lines[:4] == ["lead: qa-analyst", "members:", "- qa-analyst", "skills:"]
    assert f"File: {state_dir}/projects/myapp/config.yaml, at team.qa" in lines
    assert "orchestration config set team.qa.lead qa-analyst --project myapp" in lines


def test_the_commands_that_edit_prints_do_what_they_say(config: Run) -> None:
    import shlex

    document = config("teams", "qa", "edit", "--json-output").json
    for line in document["set"]:
        assert config(*shlex.split(line)[2:]).exit_code == 0

    assert config("get", "team.qa").json == config("get", "--shared", "teams.qa").json


def test_a_text_from_a_file_is_checked_and_given_back_with_its_errors(config: Run, tmp_path: Path) -> None:
    file = tmp_path / "qa.yaml"
    file.write_text("lead: qa-analyst\ncapacity: -3\n")

    refused = config("teams", "edit", "qa", "--file", str(file))

    assert refused.exit_code == 1
    assert "Error: team 'qa' was not changed: line 2: capacity -3 is out of range" in refused.stderr
    kept = Path(refused.stderr.partition("--file ")[2].partition("`")[0])
    assert kept.read_text().splitlines()[1:] == [
        "capacity: -3",
        "# ^ line 2: capacity -3 is out of range; use a number of 0 or more",
    ]
    kept.write_text(kept.read_text().replace("-3:", "3").replace("capacity: -3", "capacity: 3"))
    done = config("teams", "edit", "qa", "--file", str(kept))
    assert done.stdout == '+ team.qa: {"lead": "qa-analyst", "capacity": 3}\n'
    kept.unlink()


# -- agents


def test_agents_come_from_everywhere(config: Run, run: Run) -> None:
    folder = Path.cwd() / ".claude" / "agents"
    folder.mkdir(parents=True)
    (folder / "qa-bot.md").write_text("---\nname: qa-bot\ndescription: x\n---\n")
    run("register-tool", "--name", "linter", "--type", "agent")

    rows = {row["id"]: row for row in config("agents", "--json-output").json}

    assert {rows[name]["source"] for name in ("devops", "linter", "qa-bot")} == {
        "config",
        "tool",
        "agent file",
    }
    assert (rows["qa-bot"]["team"], rows["qa-bot"]["file"]) == ("qa", ".claude/agents/qa-bot.md")
    assert config("agents", "@qa-bot", "show", "--json-output").json["free"] == 1


def test_agents_are_checked_and_counted(config: Run, run: Run, fails: Run) -> None:
    assert config("agents", "check").value == "Everything is as it should be."
    run("set-config", "myapp", "--data", '{"team": {"eng": {"lead": "a", "leads": ["b"]}}}')
    run("task", "add", "x", "--points", "3")
    for column in ("in_progress", "done"):
        run("set", "current", "tasks.TASK-1.assignee", "devops")
        run("update-task", "TASK-1", column)

    assert config("agents", "check").exit_code == 1
    assert config("agents", "devops", "check").exit_code == 0
    (row,) = config("agents", "devops", "stats", "--json-output").json
    assert (row["open"], row["done"], row["points"], row["cycle_time"]["samples"]) == (0, 1, 3, 1)
    assert fails(1, "orchestration", "config", "agents", "devop") == "no agent 'devop' in this project"


# -- workflows


def test_workflows_are_shown_tested_and_changed(config: Run, fails: Run, unchanged: Any) -> None:
    assert outline(config("workflows")) == ["feature-delivery", "bug-fix"]
    steps = json.dumps({"steps": ["Plan", {"name": "Do", "assignee": "@devops"}]})
    assert config("workflows", "add", "ship", "--data", steps).exit_code == 0
    with unchanged():
        tested = config("workflows", "ship", "test")
    assert tested.stdout == snapshot("""\
1. Plan -> -: nobody is assigned
2. Do -> devops: ok
ship can be run
""")
    config("set", "workflows.ship.steps[1].assignee", "devop")
    broken = config("workflows", "test", "ship")
    assert broken.exit_code == 1
    assert broken.stdout.splitlines()[1:] == [
        "2. Do -> devop: error: nobody knows the agent 'devop'; did you mean 'devops'?",
        "ship cannot be run: 1 error",
    ]
    assert config("workflows", "remove", "ship", "--yes").exit_code == 0
    assert fails(1, "orchestration", "config", "workflows", "shp") == "no workflow 'shp'"


def test_a_run_of_a_workflow(config: Run, run: Run, session: str, fails: Run) -> None:  # noqa: ARG001
    assert run("orchestration", "workflow", "list").value == "Project myapp has no such workflow runs."
    assert run("orchestration", "workflow", "start", "bug-fix").value == "bug-fix-1"
    assert run("orchestration", "workflow", "start", "bug-fix").value == "bug-fix-2"
    for _ in range(4):
        run("orchestration", "workflow", "step", "bug-fix-1")
    run("orchestration", "workflow", "fail", "bug-fix-2", "--reason", "no bug")

    rows = run("orchestration", "workflow", "list", "--json-output").json
    assert [(row["id"], row["status"], row["session_id"]) for row in rows] == [
        ("bug-fix-2", "failed", session),
        ("bug-fix-1", "completed", session),
    ]
    assert fails(1, "orchestration", "workflow", "cancel", "bug-fix-1").startswith(
        "workflow 'bug-fix-1' is completed"
    )
    assert (
        fails(1, "orchestration", "workflow", "show", "x") == "no workflow 'x' was started in project 'myapp'"
    )
    assert run("validate").value == "0 errors, 0 warnings"


# -- teams at work


def test_a_team_is_activated_after_a_look_at_it(
    config: Run, run: Run, session: str, fails: Run, git: Git
) -> None:
    run("task", "add", "Fix [/api]", "--team", "qa")
    shown = run("orchestration", "team", "activate", "qa", "--capacity", "80%", "--focus", "login")

    assert shown.stdout == snapshot("""\
team:       qa
lead:       qa-analyst
slots:      0 of 1 used
focus:      login
reserved:   20 %
active in:  -
working on: 0
Members:
  qa-analyst: QA analyst; 0 of 1 slot
Open tasks: 1
  TASK-1 backlog -: Fix [/api]
Blocked tasks: 0
""")
    run("state_manager", "apply", shown.stderr.split()[-1])
    assert git("log", "-1", "--format=%s%n%(trailers:key=Op,valueonly)").splitlines()[:2] == [
        "team: activate qa (login)",
        "team_activated",
    ]
    assert config("teams", "qa", "--json-output").json["activations"][0]["session"] == session
    assert fails(1, "orchestration", "team", "activate", "qa", "--yes").startswith(
        "team 'qa' is active already"
    )
    run("orchestration", "team", "activate", "qa", "--change", "--capacity", "50", "--yes")
    assert run("get", session, "execution.teams.qa.reserved").value == "50"
    assert fails(2, "orchestration", "team", "activate", "qa", "--capacity", "0").startswith("--capacity:")
    assert fails(1, "orchestration", "team", "activate", "quality") == "no team 'quality' in project 'myapp'"


def test_a_team_is_released_by_command_or_with_its_session(
    config: Run, run: Run, session: str, git: Git
) -> None:
    run("orchestration", "team", "activate", "qa", "--yes")
    run("orchestration", "team", "activate", "devops", "--yes")

    assert run("orchestration", "team", "deactivate", "qa").exit_code == 0
    assert git("log", "-1", "--format=%(trailers:key=Op,valueonly)").strip() == "team_deactivated"
    again = run("orchestration", "team", "deactivate", "qa")
    assert again.stderr == "Team qa is not active in this session.\n"
    statuses = {row["name"]: row["status"] for row in config("teams", "--json-output").json}
    assert (statuses["qa"], statuses["devops"]) == ("inactive", "active")
    run("session_manager", "complete", session)
    other = {"CLAUDE_SESSION_ID": "", "CLAUDE_PROJECT_ID": "myapp"}
    rows = config("teams", "--json-output", env=other).json
    assert {row["status"] for row in rows} == {"inactive"}
