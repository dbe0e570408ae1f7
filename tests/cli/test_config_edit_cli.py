"""`config teams edit` at a terminal: a real editor, a small script, on a real pseudo-terminal."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]


class Edited(NamedTuple):
    """What a command at a terminal left behind."""

    exit_code: int
    screen: str


Edit = Callable[..., Edited]


@pytest.fixture
def edit(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Edit at a terminal with a shell script as editor, `$1` being the draft; `answers` are typed."""
    monkeypatch.setenv("CLAUDE_PROJECT_ID", "myapp")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run("set-config", "myapp", "--data", '{"team": {"eng": {"lead": "ana", "members": ["bo"]}}}')
    editor = tmp_path / "my editor"

    def edit(script: str, *words: str, answers: str = "", variable: str = "EDITOR") -> Edited:
        editor.write_text(f"#!/bin/sh\n{script}\n")
        editor.chmod(0o755)
        command = [sys.executable, "-m", "orchestration", "config", *(words or ("teams", "eng", "edit"))]
        parent, child = pty.openpty()
        env = {**os.environ, variable: f"'{editor}'"}
        process = subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=env)
        os.close(child)
        os.write(parent, answers.encode())
        screen = b""
        while True:
            ready, _, _ = select.select([parent], [], [], 30)
            assert ready, f"it hangs: {screen!r}"
            try:
                read = os.read(parent, 4096)
            except OSError:  # the end, on Linux
                break
            if not read:
                break
            screen += read
        os.close(parent)
        return Edited(process.wait(30), screen.decode().replace("\r\n", "\n"))

    return edit


def config(run: Run, *words: str) -> Any:
    return run("orchestration", "config", "get", *words)


def drafts(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("team-eng-*.yaml"))


def test_what_was_saved_is_checked_and_committed(edit: Edit, run: Run, git: Git, tmp_path: Path) -> None:
    result = edit('sed -i "s/^lead: ana/lead: \'@cy\'/" "$1"')

    assert result.exit_code == 0, result.screen
    assert '~ team.eng.lead: "ana" -> "cy"' in result.screen
    assert "✓ Saved team eng" in result.screen
    assert config(run, "team.eng.lead").value == "cy"
    assert git("log", "-1", "--format=%s") == "config: myapp set team.eng"
    assert drafts(tmp_path) == []


def test_visual_goes_before_editor(edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "false")

    assert edit('echo "skills: [x]" >> "$1"', variable="VISUAL").exit_code == 0


@pytest.mark.parametrize("script", ["true", 'echo "# a remark" > "$1"', ': > "$1"'])
def test_without_a_change_nothing_is_done(edit: Edit, git: Git, tmp_path: Path, script: str) -> None:
    head = git("rev-parse", "HEAD")

    result = edit(script)

    assert (result.exit_code, result.screen) == (0, "Nothing was changed.\n")
    assert (git("rev-parse", "HEAD"), drafts(tmp_path)) == (head, [])


def test_an_error_comes_back_marked_until_it_is_right(edit: Edit, run: Run, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    script = f"""\
if grep -q '# ^ line' "$1"; then cp "$1" "{seen}"; sed -i 's/capacity: -1/capacity: 4/' "$1"
else echo 'capacity: -1' >> "$1"; fi"""

    result = edit(script, answers="y\n")

    assert result.exit_code == 0, result.screen
    assert "error: line 6: capacity -1 is out of range; use a number of 0 or more" in result.screen
    assert seen.read_text().splitlines()[-2:] == [
        "capacity: -1",
        "# ^ line 6: capacity -1 is out of range; use a number of 0 or more",
    ]
    assert config(run, "team.eng.capacity").value == "4"
    assert "# ^" not in config(run, "team.eng").stdout
    assert drafts(tmp_path) == []


def test_who_gives_up_finds_the_draft_with_its_errors(edit: Edit, git: Git, tmp_path: Path) -> None:
    head = git("rev-parse", "HEAD")

    result = edit('echo "members: [" > "$1"', answers="n\n")

    (draft,) = drafts(tmp_path)
    assert result.exit_code == 1
    assert "Error: team 'eng' was not changed: line " in result.screen
    assert f"`orchestration config teams edit eng --project myapp --file {draft}`" in result.screen
    assert draft.read_text().startswith("members: [\n# ^ line ")
    assert git("rev-parse", "HEAD") == head


def test_a_change_meanwhile_is_a_conflict_and_the_draft_is_kept(edit: Edit, run: Run, tmp_path: Path) -> None:
    other = f"{sys.executable} -m orchestration config set team.eng.lead zoe --project myapp >/dev/null 2>&1"

    result = edit(f'{other}; echo "capacity: 4" >> "$1"')

    (draft,) = drafts(tmp_path)
    assert result.exit_code == 5
    assert "Error: team 'eng' has changed meanwhile" in result.screen
    assert f"--file {draft}` saves it, over what changed meanwhile" in result.screen
    assert "capacity: 4" in draft.read_text()
    assert config(run, "team.eng.lead").value == "zoe"


def test_another_change_meanwhile_is_none(edit: Edit, run: Run) -> None:
    other = f"{sys.executable} -m orchestration config set team.ops.lead zoe --project myapp >/dev/null 2>&1"

    assert edit(f'{other}; echo "capacity: 4" >> "$1"').exit_code == 0
    assert config(run, "team.ops.lead").value == "zoe"


def test_an_editor_that_fails(edit: Edit, git: Git, tmp_path: Path) -> None:
    head = git("rev-parse", "HEAD")

    result = edit('echo "lead: zoe" > "$1"; exit 3')

    assert result.exit_code == 1
    assert "ended with exit code 3; nothing was changed" in result.screen
    assert (git("rev-parse", "HEAD"), len(drafts(tmp_path))) == (head, 1)


def test_a_team_of_the_defaults_becomes_the_project_s_own(edit: Edit, run: Run) -> None:
    result = edit('sed -i "s/max_parallel: 1/max_parallel: 2/" "$1"', "teams", "qa", "edit")

    assert result.exit_code == 0, result.screen
    own = config(run, "team.qa.settings.max_parallel")
    shared = config(run, "--shared", "teams.qa.settings.max_parallel")
    assert (own.value, shared.value) == ("2", "1")


def test_a_workflow_is_edited_in_the_same_way(edit: Edit, run: Run) -> None:
    words = ("workflows", "edit", "bug-fix", "--shared")

    refused = edit('sed -i "s/assignee: qa-analyst/assignee: qa-analist/" "$1"', *words, answers="n\n")
    assert refused.exit_code == 1
    assert "nobody knows the agent 'qa-analist'; did you mean 'qa-analyst'?" in refused.screen
    assert edit('sed -i "s/name: Verify/name: Prove/" "$1"', *words).exit_code == 0
    steps = config(run, "--shared", "workflows.bug-fix.steps").json
    assert [step["name"] for step in steps] == ["Reproduce", "Fix", "Review", "Prove"]


def test_a_new_team_is_described_in_the_editor(edit: Edit, run: Run) -> None:
    result = edit('sed -i "s/lead: null/lead: dee/" "$1"', "teams", "add", "data")

    assert result.exit_code == 0, result.screen
    assert config(run, "team.data.lead").value == "dee"
