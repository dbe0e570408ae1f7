"""Installing: what is written, what is left, and that all of it comes out again."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from orchestration.claude import (
    command_files,
    doctor,
    installer,
    manifest,
    payload,
    permissions,
    plugin,
    settings_file,
)
from orchestration.claude.table import FAMILIES
from orchestration.cli.main import cli
from orchestration.errors import InvalidData, Refused
from orchestration.store import installed

ROOT = Path(__file__).parent.parent.parent
MINE = '{"model": "opus",\n "permissions": {"allow": ["Bash(ls)"]},  "hooks": {"Stop": []}}'


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "ann's work"
    folder.mkdir()
    return folder


def put_in(top: Path, *, shadow: bool = True, status: bool = True) -> installer.Plan:
    target = installer.for_project(top, project="myapp", own=False, status=status)
    plan = installer.install(target, python=sys.executable, shadow=shadow)
    installer.carry_out(plan)
    return plan


def take_out(top: Path) -> installer.Plan:
    plan = installer.uninstall(top / ".claude")
    assert plan is not None
    installer.carry_out(plan)
    return plan


def contents(top: Path) -> dict[str, bytes]:
    return {str(file.relative_to(top)): file.read_bytes() for file in top.rglob("*") if file.is_file()}


def settings(top: Path) -> dict[str, object]:
    data: dict[str, object] = json.loads((top / ".claude" / "settings.json").read_text())
    return data


def test_a_second_installation_has_nothing_to_do(top: Path) -> None:
    put_in(top)

    assert put_in(top).changes == []


def test_after_uninstalling_nothing_is_left(top: Path) -> None:
    put_in(top)
    take_out(top)

    assert list(top.iterdir()) == []


@pytest.mark.parametrize(
    "text", [MINE, "{}", '{\r\n\t"hooks": {},\r\n\t"statusLine": {"command": "mine"}\r\n}\r\n']
)
def test_what_was_there_before_is_there_again_to_the_byte(top: Path, text: str) -> None:
    claude = top / ".claude"
    (claude / "commands").mkdir(parents=True)
    (claude / "settings.json").write_bytes(text.encode())
    (claude / ".gitignore").write_bytes(b"notes.txt")
    (claude / "commands" / "mine.md").write_text("mine")
    before = contents(top)

    put_in(top)
    assert contents(top) != before
    take_out(top)

    assert contents(top) == before


def test_settings_keep_what_is_not_ours(top: Path) -> None:
    (top / ".claude").mkdir()
    (top / ".claude" / "settings.json").write_text(
        '{"permissions": {"allow": ["Bash(uv run .claude/scripts/state_manager.py get:*)"], "deny": ["Bash(rm:*)"]},'
        ' "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]},'
        ' "statusLine": {"type": "command", "command": "mine"}}'
    )
    put_in(top)
    found = settings(top)
    assert found["statusLine"] == {"type": "command", "command": "mine"}
    assert [one["hooks"][0]["command"] for one in found["hooks"]["Stop"]] == [  # type: ignore[index]
        "say done",
        '"$CLAUDE_PROJECT_DIR"/.claude/hooks/run Stop || true',
    ]
    take_out(top)

    assert settings(top)["permissions"] == {
        "allow": ["Bash(uv run .claude/scripts/state_manager.py get:*)"],  # it was there before
        "deny": ["Bash(rm:*)"],
    }


def test_what_was_added_to_the_settings_since_stays(top: Path) -> None:
    put_in(top)
    file = top / ".claude" / "settings.json"
    data = settings(top)
    data["model"] = "opus"
    data["permissions"]["allow"].append("Bash(make:*)")  # type: ignore[index]
    file.write_text(json.dumps(data))
    take_out(top)

    assert settings(top) == {"model": "opus", "permissions": {"allow": ["Bash(make:*)"]}}


def test_a_file_of_somebody_else_is_left(top: Path) -> None:
    theirs = top / ".claude" / "commands" / "board.md"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("My own board.\n")

    plan = put_in(top)

    assert plan.left == {"commands/board.md": "was not written by this program"}
    take_out(top)
    assert theirs.read_text() == "My own board.\n"


def test_a_file_that_was_changed_since_is_left(top: Path) -> None:
    put_in(top)
    file = top / ".claude" / "agents" / "devops.md"
    file.write_text(file.read_text() + "\nWe deploy on Tuesdays.\n")

    assert put_in(top).left == {"agents/devops.md": "was changed since it was installed"}
    assert take_out(top).left == {"agents/devops.md": "was changed since it was installed"}
    assert list(contents(top)) == [".claude/agents/devops.md"]


def test_a_hook_of_the_same_name_is_not_called_as_if_it_were_ours(top: Path) -> None:
    file = top / ".claude" / "hooks" / "run"
    file.parent.mkdir(parents=True)
    file.write_text("#!/bin/sh\nrm -rf build\n")

    with pytest.raises(Refused, match="not from this program"):
        put_in(top)
    assert list(contents(top)) == [".claude/hooks/run"]


@pytest.mark.parametrize("text", ["{", '{"hooks": []}', '{"permissions": {"allow": "all"}}', "\xff"])
def test_settings_that_cannot_be_read_stop_it_before_anything_is_written(top: Path, text: str) -> None:
    (top / ".claude").mkdir()
    (top / ".claude" / "settings.json").write_bytes(text.encode("latin-1"))
    before = contents(top)

    with pytest.raises(InvalidData):
        put_in(top)
    assert contents(top) == before


def test_a_newer_version_brings_its_files_up_to_date(top: Path) -> None:
    put_in(top)
    claude = top / ".claude"
    old = claude / "commands" / "gone.md"
    old.write_text("a command of an older version")
    new = claude / "commands" / "move.md"
    new.write_text("an older text")
    file = claude / manifest.NAME
    data = json.loads(file.read_text())
    for path in (old, new):
        data["files"][f"commands/{path.name}"] = manifest.digest(path.read_bytes())
    data["settings"]["allow"].append("Bash(orchestration old:*)")
    file.write_text(json.dumps(data))
    config = settings(top)
    config["permissions"]["allow"].append("Bash(orchestration old:*)")  # type: ignore[index]
    (claude / "settings.json").write_text(json.dumps(config))

    put_in(top)

    assert not old.exists()
    assert "ORCH_END" in new.read_text()
    assert "Bash(orchestration old:*)" not in settings(top)["permissions"]["allow"]  # type: ignore[index]


def test_without_shadowing_the_client_keeps_its_own_commands(top: Path) -> None:
    put_in(top)
    put_in(top, shadow=False)

    assert not [name for name in command_files.SHADOWING if (top / f".claude/commands/{name}.md").exists()]
    assert (top / ".claude/commands/move.md").exists()


def test_what_is_committed_names_no_place_of_this_machine(top: Path) -> None:
    put_in(top)
    ignored = (top / ".claude" / ".gitignore").read_text().split()
    for name, content in contents(top).items():
        if Path(name).name not in ignored:
            assert str(top).encode() not in content, name
            assert sys.prefix.encode() not in content, name
            assert not re.search(rb"(?<![\w.:/~$}>])/(home|root|tmp|Users|opt)/", content), name


def test_what_is_installed_has_nothing_that_a_check_would_find(top: Path) -> None:
    put_in(top)

    found = installed.read(top, shipped=installer.shipped(top))

    assert found.findings == []
    assert sorted(found.agents) == [
        "devops", "engineering-fullstack", "engineering-lead", "engineering-ux", "product-manager", "qa-analyst",
    ]  # fmt: skip
    (top / ".claude/commands/move.md").write_text("older")
    assert [one.place for one in installed.read(top, shipped=installer.shipped(top)).findings] == [
        ".claude/commands/move.md"
    ]


def test_this_repository_has_what_the_installer_would_write() -> None:
    target = installer.for_project(ROOT, project=None, own=installer.is_own(ROOT), status=True)
    plan = installer.install(target, python=sys.executable)

    hint = "run `uv run orchestration install`"
    assert {change.path for change in plan.changes} - {manifest.NAME} == set(), hint
    assert plan.left == {}


def test_the_plugin_is_what_the_program_would_write() -> None:
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    folder = ROOT / "plugin"

    found = {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }

    assert found == plugin.files(version[1]), "run `python -m orchestration.claude.plugin plugin VERSION`"
    assert os.access(folder / "hooks" / "run", os.X_OK)


# -- the command files


@pytest.mark.parametrize("name", FAMILIES)
def test_a_command_file_takes_what_was_typed_as_it_is(name: str) -> None:
    text = payload.files(payload.PROJECT)[f"commands/{name}.md"].decode()
    head, problem = installed.front_matter(text, name)

    assert problem is None
    assert head["description"] == FAMILIES[name].description
    assert head["disable-model-invocation"] is True
    assert head["allowed-tools"].split(", ")[0] == f"Bash(orchestration slash {name}:*)"
    assert text.count("$") == 1, (
        "one place for the arguments, and no variable the client would have to expand"
    )
    assert (
        f"orchestration slash {name} 2>/dev/null <<'ORCH_ARGS_EOF'\n$ARGUMENTS\nORCH_END\nORCH_ARGS_EOF\ntrue\n"
        in text
    )


def test_commands_for_the_model_say_how_it_works_and_what_it_may_run() -> None:
    texts = payload.files(payload.PROJECT)
    working = [
        name for name, family in FAMILIES.items() if any(form.for_model for form in family.forms.values())
    ]

    assert {"orchestrate", "retro"} <= set(working)
    for name in working:
        text = texts[f"commands/{name}.md"].decode()
        assert 'Use the Agent tool with subagent_type "NAME", run_in_background false' in text
        assert "Bash(uv run .claude/scripts/state_manager.py task:*)" in text
    assert "subagent_type" not in texts["commands/move.md"].decode()


def test_styles_are_short_and_keep_what_the_client_knows_of_coding() -> None:
    files = payload.files(payload.PROJECT)
    styles = {path: content for path, content in files.items() if path.startswith("output-styles/")}

    assert len(styles) == 4
    for path, content in styles.items():
        head, problem = installed.front_matter(content.decode(), path)
        assert problem is None
        assert (head["name"], head["keep-coding-instructions"]) == (Path(path).stem, True)
        assert len(content) < 2048
        families = set(re.findall(r"`/([a-z-]+)", content.decode()))
        assert families - {*FAMILIES, "settings"} == set(), path


# -- permissions


def _commands(group: click.Group, words: str = "") -> list[str]:
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found.append(f"{words} {name}".strip())
        if isinstance(command, click.Group):
            found += _commands(command, f"{words} {name}".strip())
    return found


def test_every_rule_names_a_command_there_is() -> None:
    known = set(_commands(cli))
    scripts = {f"{script} {one}" for script, commands in permissions.SCRIPTS.items() for one in commands}

    assert scripts - known == set()
    assert set(permissions.UMBRELLA) - known == set()


@pytest.mark.parametrize("flavour", [payload.PROJECT, payload.OWN, payload.ANYWHERE])
def test_a_rule_has_its_star_at_the_end_and_nothing_that_could_be_anything(flavour: payload.Flavour) -> None:
    for rule in permissions.rules(flavour.calls):
        assert re.fullmatch(
            r"Bash\((uv run \.claude/scripts/\w+\.py|(uv run )?orchestration)( [a-z_-]+){1,3}:\*\)", rule
        ), rule


ASK = (
    "state_manager reset", "state_manager apply", "state_manager import", "state_manager export",
    "state_manager cleanup-expired", "state_manager verify", "state_manager gc", "shared_state backup restore",
    "shared_state backup clean", "shared_state backup bundle", "shared_state fix", "orchestration import",
    "orchestration export", "orchestration report", "orchestration sprint-export", "orchestration config",
    "orchestration config import", "orchestration config export", "orchestration config backup restore",
    "orchestration install", "orchestration uninstall", "orchestration upgrade", "orchestration approve",
    "orchestration init", "orchestration slash", "orchestration state_manager reset", "orchestration sync",
    "orchestration remote",
)  # fmt: skip


@pytest.mark.parametrize("command", ASK)
def test_what_cannot_be_undone_or_writes_a_chosen_file_is_asked_for(command: str) -> None:
    for flavour in (payload.PROJECT, payload.ANYWHERE):
        script, _, rest = command.partition(" ")
        line = f"{flavour.calls[script]} {rest}"
        prefixes = [rule[5:-3] for rule in permissions.rules(flavour.calls)]
        assert not [one for one in prefixes if line == one or line.startswith(f"{one} ")]


def test_python_given_on_the_command_line_is_asked_for() -> None:
    prefixes = [rule[5:-3] for rule in permissions.rules(payload.PROJECT.calls)]

    for line in (
        "uv run python -c 'x' .claude/scripts/state_manager.py get",
        "uv run .claude/scripts/state_manager.py",
    ):
        assert not [one for one in prefixes if line == one or line.startswith(f"{one} ")]


# -- hooks/run and the scripts


def run_hook(folder: Path, words: list[str], **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(folder / "hooks" / "run"), *words],
        env={**os.environ, **env},
        input="{}",
        capture_output=True,
        text=True,
    )


def test_a_hook_without_the_program_is_quiet(top: Path) -> None:
    put_in(top)
    (top / ".claude" / installer.LOCAL).unlink()

    done = run_hook(top / ".claude", ["Stop"], PATH="/usr/bin:/bin", CLAUDE_PROJECT_DIR=str(top))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("event", ["", "Stop; touch x", "statusline", "Unheard"])
def test_a_hook_never_fails(top: Path, event: str) -> None:
    put_in(top)

    done = run_hook(top / ".claude", [event], CLAUDE_PROJECT_DIR=str(top))

    assert (done.returncode, done.stdout) == (0, "")
    assert not (top / "x").exists()


def test_only_the_first_of_several_installations_answers(top: Path, tmp_path: Path) -> None:
    """A program in place of the interpreter writes down that it was started."""
    home = Path(os.environ["HOME"])
    heard = tmp_path / "heard"
    fake = tmp_path / "python"
    fake.write_text(f'#!/bin/sh\necho "$4" >>"{heard}"\n')
    fake.chmod(0o755)
    put_in(top)
    installer.carry_out(installer.install(installer.for_user(home), python=str(fake)))
    (top / ".claude" / installer.LOCAL).write_text(f"{fake}\n")
    other = tmp_path / "plugin"
    plugin.write(other, "1")
    (tmp_path / installer.LOCAL).write_text(f"{fake}\n")  # beside the folder `hooks` of the plugin's parent

    for folder, event in ((top / ".claude", "Project"), (home / ".claude", "User"), (other, "Plugin")):
        run_hook(folder, [event], CLAUDE_PROJECT_DIR=str(top))
    assert heard.read_text().split() == ["Project"]

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for folder, event in ((home / ".claude", "User"), (other, "Plugin")):
        run_hook(folder, [event], CLAUDE_PROJECT_DIR=str(elsewhere))
    assert heard.read_text().split() == ["Project", "User"]


def test_a_script_starts_the_installed_program_or_says_how_to_install_it(top: Path) -> None:
    put_in(top)
    script = top / ".claude" / "scripts" / "state_manager.py"
    words = [sys.executable, str(script), "--help"]

    done = subprocess.run(words, capture_output=True, text=True, cwd=top)
    assert (done.returncode, done.stdout.split()[:3]) == (0, ["Usage:", "orchestration", "state_manager"])
    (top / ".claude" / installer.LOCAL).unlink()
    done = subprocess.run(
        words, capture_output=True, text=True, cwd=top, env={"PATH": "/bin", "HOME": str(top)}
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == "Error: claude-orchestration is not installed here: `uv tool install claude-orchestration`\n"
    )


# -- doctor


def checks(top: Path | None) -> dict[str, tuple[str | None, str | None]]:
    rows = doctor.installation(top, Path(os.environ["HOME"]), {**os.environ, "PATH": "/nowhere"})
    return {str(row["check"]): (row["status"], row["found"]) for row in rows}


def test_the_doctor_finds_what_is_wrong(top: Path) -> None:
    assert checks(top) == {"installed": ("error", "nothing is installed here")}
    put_in(top)
    count = len(payload.files(payload.PROJECT)) + 1
    assert checks(top)["files in the project"] == ("ok", f"{count} files, current")
    assert checks(top)["command"][0] == "warning"

    claude = top / ".claude"
    (claude / "commands" / "move.md").unlink()
    (claude / "settings.local.json").write_text('{"disableAllHooks": true}')
    (claude / "hooks" / "run").chmod(0o644)
    (claude / installer.LOCAL).write_text("/nowhere/python\n")
    yours = Path(os.environ["HOME"]) / ".claude" / "commands" / "board.md"
    yours.parent.mkdir(parents=True)
    yours.write_text("mine")
    found = checks(top)

    assert found["files in the project"] == ("warning", "not current: commands/move.md")
    assert found["interpreter"] == ("warning", "/nowhere/python is gone")
    assert found["hooks"][0] == "warning"
    said = [row["found"] for row in doctor.installation(top, yours.parent.parent.parent, os.environ)]
    assert "hooks/run may not be started" in said
    assert f"{yours} hides /board of the project" in said


def test_missing_hooks_are_told(top: Path) -> None:
    put_in(top)
    data = settings(top)
    del data["hooks"]
    (top / ".claude" / "settings.json").write_text(json.dumps(data))

    assert checks(top)["files in the project"] == ("warning", "not current: settings.json")
    assert settings_file.missing(data, '"$CLAUDE_PROJECT_DIR"/.claude') == list(settings_file.EVENTS)
