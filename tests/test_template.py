"""The files a new store begins with."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestration import codec, ids
from orchestration.store import layout, template

TEMPLATE = template.files()
YAML = [name for name in TEMPLATE if name.endswith(".yaml")]

ODD_IDS = (
    "shared",
    "notes.json",
    "app.JSON",
    "a.swp",
    "x.lock.1",
    "core",
    "tmp",
    "README.md",
    "0",
    "DS_Store",
)


def read(name: str) -> Any:
    return codec.load(TEMPLATE[name], name=name)


def legal_paths(some_id: str) -> list[str]:
    """Where the layout puts files when every name in it is `some_id`."""
    return [
        layout.file_of("tools", some_id),
        layout.file_of("conflicts", some_id),
        layout.file_of("projects", some_id, "config"),
        *(layout.file_of("projects", some_id, kind, some_id) for kind in layout.PROJECT_FOLDERS),
        layout.file_of("projects", some_id, "archive", some_id, some_id),
        layout.file_of("sessions", some_id, "session"),
        layout.file_of("sessions", some_id, some_id),
    ]


def ignored(folder: Path, paths: list[str], *, ignorecase: bool) -> list[str]:
    """Return those of `paths` that git ignores in a store that has the template's `.gitignore`."""
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    (folder / ".gitignore").write_bytes(TEMPLATE[".gitignore"])
    found = subprocess.run(
        ["git", "-c", f"core.ignorecase={ignorecase}", "check-ignore", "--no-index", "--stdin"],
        cwd=folder,
        input="\n".join(paths),
        capture_output=True,
        text=True,
    )
    assert found.returncode in (0, 1), found.stderr
    return found.stdout.splitlines()


def test_the_files_a_store_begins_with() -> None:
    assert sorted(TEMPLATE) == [
        ".gitattributes",
        ".gitignore",
        "README.md",
        "config/agents.yaml",
        "config/settings.yaml",
        "config/teams.yaml",
        "config/workflows.yaml",
        "format.yaml",
    ]


@pytest.mark.parametrize("name", YAML)
def test_survives_being_rewritten_by_the_program(name: str) -> None:
    value = read(name)

    assert codec.load(codec.dump(value), name=name) == value


def test_format_and_settings() -> None:
    assert read("format.yaml") == {"version": 1}
    assert read("config/settings.yaml") == {"durability": "full", "lock_timeout": 10, "pack_limit": 2000}


def test_teams_and_agents_name_each_other() -> None:
    teams, agents = read("config/teams.yaml"), read("config/agents.yaml")

    assert list(teams) == ["engineering", "product", "qa", "devops"]
    assert {agent: record["team"] for agent, record in agents.items()} == {
        agent: team for team, record in teams.items() for agent in record["members"]
    }
    for record in teams.values():
        assert record["lead"] in record["members"]


def test_records_have_the_fields_of_the_data_model() -> None:
    for team in read("config/teams.yaml").values():
        assert list(team) == ["lead", "members", "skills", "settings"]
        assert list(team["settings"]) == ["max_parallel", "require_review"]
    for agent in read("config/agents.yaml").values():
        assert list(agent) == ["team", "role", "skills", "capacity"]
    for workflow in read("config/workflows.yaml").values():
        assert list(workflow) == ["name", "type", "steps"]


def test_workflow_steps_are_assigned_to_known_agents() -> None:
    steps = [step for flow in read("config/workflows.yaml").values() for step in flow["steps"]]

    assert {step["assignee"] for step in steps} <= set(read("config/agents.yaml"))


@pytest.mark.parametrize("name", ["config/teams.yaml", "config/agents.yaml", "config/workflows.yaml"])
def test_names_are_ids(name: str) -> None:
    assert [ids.problem(key) for key in read(name)] == [None] * len(read(name))


@pytest.mark.parametrize("ignorecase", [False, True])
def test_git_ignores_no_file_of_ours(tmp_path: Path, ignorecase: bool) -> None:
    assert [ids.problem(some_id) for some_id in ODD_IDS] == [None] * len(ODD_IDS)
    legal = [*TEMPLATE, *(path for some_id in ODD_IDS for path in legal_paths(some_id))]

    assert ignored(tmp_path, legal, ignorecase=ignorecase) == []


def test_git_ignores_what_is_not_ours(tmp_path: Path) -> None:
    foreign = [
        "state.json",
        "state.json.lock",
        "sessions/0a1b/state.json",
        "sessions/0a1b/.lock",
        "shared/projects/myapp/config.json",
        "shared/notes.txt",
        "config/teams.yaml~",
        "config/.teams.yaml.swp",
        "projects/.DS_Store",
    ]

    assert ignored(tmp_path, foreign, ignorecase=False) == foreign


def test_autocrlf_does_not_change_bytes(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "core.autocrlf=true"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    (tmp_path / ".gitattributes").write_bytes(TEMPLATE[".gitattributes"])
    (tmp_path / "format.yaml").write_bytes(b"version: 1\n")
    subprocess.run([*git, "add", "."], check=True)
    (tmp_path / "format.yaml").unlink()

    subprocess.run([*git, "checkout", "--", "format.yaml"], check=True)

    assert (tmp_path / "format.yaml").read_bytes() == b"version: 1\n"
