"""`/output-style`, and the entry that command files call."""

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.claude import slash, styles

Chat = Any


@pytest.fixture
def styled(running: Chat) -> Chat:
    folder = running.folder / ".claude" / "output-styles"
    folder.mkdir(parents=True)
    for name in styles.STYLES:
        (folder / f"{name}.md").write_text("---\nname: x\n---\n")
    return running


def setting(chat: Chat) -> object:
    return json.loads((chat.folder / ".claude" / "settings.local.json").read_text())


def test_a_style_is_set_and_its_view_shown(styled: Chat) -> None:
    said = styled.say("/output-style sprint_execution").splitlines()

    assert said[:3] == [
        "✓ Output style: sprint_execution",
        "Kept in .claude/settings.local.json; fully on after /clear or in a new session.",
        "",
    ]
    assert said[3].startswith("myapp  sprint-1: First")
    assert setting(styled) == {"outputStyle": "sprint_execution"}


@pytest.mark.parametrize("name", styles.STYLES)
def test_every_style_has_a_view(styled: Chat, name: str) -> None:
    said = styled.say(f"/output-style {name}")

    assert said.count("Error:") == 0
    assert len(said.splitlines()) > 4


def test_other_settings_stay_and_default_resets(styled: Chat) -> None:
    file = styled.folder / ".claude" / "settings.local.json"
    file.write_text('{"model":  "opus"}')
    styled.say("/output-style leadership_chat")
    assert styled.say("/output-style default").startswith("✓ Output style: default\n")

    assert setting(styled) == {"model": "opus", "outputStyle": "default"}
    assert '"model":  "opus"' in file.read_text()


def test_an_unknown_style_lists_the_names(styled: Chat) -> None:
    assert styled.refused("/output-style sprint") == (
        "there is no output style 'sprint'\nHint: `/output-style NAME` sets one: sprint_execution, leadership_chat, "
        "all-team_dashboard, config_manager, default"
    )
    assert styled.say("/output-style").startswith("The output style is default.\n")
    assert styled.say("/output-style ALL-TEAM-DASHBOARD").startswith("✓ Output style: all-team_dashboard\n")


def test_a_style_that_is_not_installed_is_not_set(running: Chat) -> None:
    assert running.refused("/output-style sprint_execution").startswith(
        "the output style sprint_execution is not installed here"
    )
    assert not (running.folder / ".claude" / "settings.local.json").exists()


def test_settings_that_are_no_json_stay_as_they_are(styled: Chat) -> None:
    file = styled.folder / ".claude" / "settings.local.json"
    file.write_text("{,}")

    assert "is not JSON" in styled.refused("/output-style sprint_execution")
    assert file.read_text() == "{,}"


# -- orchestration slash


@pytest.fixture
def typed(running: Chat, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in running.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(running.folder)
    return running.folder


@pytest.mark.usefixtures("typed")
def test_what_was_typed_arrives_as_it_is(running: Chat) -> None:
    title = 'it\'s "$(touch x)" `id` \\ ${HOME} <<EOF'
    said = slash.said("task", f"add {title} --points 2\nORCH_END\n")

    assert said.startswith("✓ ")
    assert running.task("TASK-4")["title"] == title
    assert not (running.folder / "x").exists()


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize(
    "sent", ["", "TASK-1 done", "TASK-1 done\n", "TASK-1 done\nORCH_END\nrm -rf x\n", "ORCH_END"]
)
def test_what_did_not_arrive_whole_is_not_done(running: Chat, sent: str) -> None:
    before = running.commits()

    assert slash.said("move", sent).startswith("Error: what was typed did not arrive whole")
    assert running.commits() == before


@pytest.mark.usefixtures("typed")
def test_an_error_is_an_answer_and_work_for_the_model_is_marked() -> None:
    assert slash.said("move", "TASK-99 done\nORCH_END\n").startswith("Error: ")
    assert slash.said("nothing", "\nORCH_END\n").startswith("Error: there is no command /nothing")
    assert slash.said("retro", "--discuss\nORCH_END\n").startswith("For the model:\n")
