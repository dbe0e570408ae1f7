"""What is installed in a checkout for the host, and what is wrong with it."""

import json
from pathlib import Path

import pytest

from orchestration.store import installed


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("hooks", "commands", "output-styles", "agents"):
        (tmp_path / ".claude" / folder).mkdir(parents=True)
    return tmp_path


def write(root: Path, name: str, text: str, *, mode: int = 0o644) -> None:
    file = root / ".claude" / name
    file.write_text(text)
    file.chmod(mode)


def hooks(root: Path, *commands: object) -> None:
    entries = [
        {"type": "command", **(one if isinstance(one, dict) else {"command": one})} for one in commands
    ]
    write(root, "settings.json", json.dumps({"hooks": {"Stop": [{"hooks": entries}]}}))


def lines(root: Path) -> list[tuple[str, str, str]]:
    return [(one.severity, one.place, one.problem) for one in installed.read(root).findings]


def test_what_is_in_order(root: Path) -> None:
    write(root, "hooks/run", "#!/bin/sh\n", mode=0o755)
    write(root, "hooks/more.py", "pass\n")
    hooks(
        root,
        '"$CLAUDE_PROJECT_DIR"/.claude/hooks/run Stop || true',
        "uv run ${CLAUDE_PROJECT_DIR}/.claude/hooks/more.py",
        {"command": ".claude/hooks/run", "args": ["Stop"]},
        "/usr/bin/env true",
    )
    write(root, "commands/board.md", "Show the board\n")
    write(root, "output-styles/s.md", "---\nname: s\nkeep-coding-instructions: true\n---\nBody\n")
    write(root, "agents/bo.md", "---\nname: bo\ndescription: Builds\n---\n")

    found = installed.read(root)

    assert found.findings == []
    assert (found.agents, found.looked_at) == ({"bo": ".claude/agents/bo.md"}, 4)


def test_hooks_name_files_that_are_there_and_may_be_started(root: Path) -> None:
    write(root, "hooks/run", "#!/bin/sh\n")
    hooks(root, "$CLAUDE_PROJECT_DIR/.claude/hooks/run", ".claude/hooks/gone x", 'echo "', " ")

    place = ".claude/settings.json: hooks.Stop"
    assert lines(root) == [
        ("error", place, ".claude/hooks/run may not be started"),
        ("error", place, ".claude/hooks/gone is missing"),
        ("error", place, "a hook's command does not parse: No closing quotation"),
        ("error", place, "a hook has no command"),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"hooks": ', "is not JSON at line 1, column 11"),
        ("[]", "is not an object"),
        ('{"hooks": []}', "is not an object"),
    ],
)
def test_settings_that_the_host_cannot_read(root: Path, text: str, problem: str) -> None:
    write(root, "settings.json", text)

    ((severity, _, said),) = lines(root)
    assert (severity, said) == ("error", problem)


@pytest.mark.parametrize(
    "text", ['{"hooks": null}', '{"hooks": {"Stop": "x"}}', '{"hooks": {"Stop": [{"hooks": [1]}]}}']
)
def test_settings_of_another_shape_are_the_host_s_business(root: Path, text: str) -> None:
    write(root, "settings.json", text)

    assert lines(root) == []


def test_front_matter_that_does_not_parse(root: Path) -> None:
    write(root, "commands/a.md", "---\ndescription: one: two\n---\n")
    write(root, "commands/b.md", "---\ndescription: x\n")
    write(root, "output-styles/c.md", "---\n- list\n---\n")

    assert [one[:2] for one in lines(root)] == [
        ("warning", ".claude/commands/a.md"),
        ("warning", ".claude/commands/b.md"),
        ("warning", ".claude/output-styles/c.md"),
    ]
    assert "line 2, column 17" in lines(root)[0][2]


def test_agents_have_a_name_and_a_description(root: Path) -> None:
    write(root, "agents/a.md", "---\nname: ana\ndescription: Use when: always\n---\n")  # no YAML, yet loaded
    write(root, "agents/b.md", "---\ndescription: x\n---\n")
    write(root, "agents/c.md", "---\nname: cy\n---\n")
    write(root, "agents/d.md", "---\nname: ana\ndescription: x\n---\n")

    found = installed.read(root)

    assert list(found.agents) == ["ana", "cy"]
    assert [(one.place, one.problem) for one in found.findings] == [
        (".claude/agents/b.md", "names no agent, so the host does not load it"),
        (".claude/agents/c.md", "has no description, so the host does not load it"),
        (".claude/agents/d.md", "names the agent 'ana' as .claude/agents/a.md does"),
    ]


def test_what_the_program_ships_is_there_and_current(root: Path) -> None:
    write(root, "commands/a.md", "old")
    shipped = {".claude/commands/a.md": b"new", ".claude/commands/b.md": b"", ".claude/hooks/c": b""}
    (root / ".claude/hooks/c").touch()

    found = installed.read(root, shipped=shipped).findings

    assert [(one.severity, one.place, one.problem) for one in found] == [
        ("warning", ".claude/commands/a.md", "is not what this version of the program installs"),
        ("error", ".claude/commands/b.md", "is missing"),
    ]


def test_the_folder_of_a_checkout_is_found_upwards(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    inner = root / "src" / "deep"
    inner.mkdir(parents=True)
    bare = tmp_path_factory.mktemp("bare")
    (bare / ".git").mkdir()

    assert installed.top(inner, home=bare) == root
    assert installed.top(inner, home=root) is None  # the user's own, for all projects
    assert installed.top(bare, home=root) is None
    assert installed.read(None) == installed.Installed({}, [], 0)
