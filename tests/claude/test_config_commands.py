"""`/config`: values, records as text, backups, checks; what is confirmed waits for its line."""

import pytest

from orchestration.claude import dispatch


def test_the_overview_names_the_clients_own_settings(chat) -> None:
    page = chat.say("/config                       # Configuration overview")

    assert "validation:   0 errors, 0 warnings" in page
    assert "the host's own settings are at /settings" in page


@pytest.mark.parametrize("typed", ["/config theme=dark", "/config editorMode = vim", "/config a=b c=d"])
def test_a_setting_of_the_client_is_not_ours(chat, typed) -> None:
    assert "/settings" in chat.refused(typed)


def test_an_unknown_form_names_the_nearest(chat) -> None:
    assert "did you mean /config validate" in chat.refused("/config validat")
    assert chat.refused("/config backup").startswith("/config backup what?")


def test_a_value_is_set_checked_and_undone(chat) -> None:
    shown = chat.say("/config set settings.velocity_target 25")

    assert shown.splitlines()[:2] == [
        "+ projects.myapp.config.settings.velocity_target: 25", "✓ Set settings.velocity_target",
    ]  # fmt: skip
    assert chat.say("/config get settings.velocity_target") == "25"
    chat.say(shown.splitlines()[2].removeprefix("Undo: "))
    assert chat.say("/config get settings.velocity_target") == "null"
    assert "is not a number" in chat.refused("/config set settings.velocity_target banana")


def test_text_is_stored_as_it_was_typed(chat) -> None:
    typed = """it's "quoted" $(id) `id` ; rm -rf / # \\n"""

    chat.say(f"/config set metadata.note {typed}")

    assert chat.project().config["metadata"]["note"] == typed


def test_edit_prints_the_text_its_place_and_the_lines_that_set_it(chat) -> None:
    shown = chat.say("/config teams engineering edit")

    assert shown.startswith("lead: engineering-lead\nmembers:\n- engineering-fullstack\n")
    assert "projects/myapp/config.yaml, at team.engineering" in shown
    line = '/config set team.engineering.members ["engineering-fullstack", "engineering-ux"] --json'
    assert line in shown.splitlines()
    assert shown.endswith("orchestration config teams edit engineering --project myapp")
    assert chat.say(line) == "It is so already: nothing was changed."
    assert chat.say("/config teams edit engineering") == shown
    assert chat.say("/config workflows bug-fix edit").startswith("name: Bug fix\n")


def test_a_team_is_added_and_taken_out_once_it_is_applied(chat) -> None:
    assert "✓ Added team docs" in chat.say(
        '/config teams docs add --members writer --skills "technical writing"'
    )
    assert chat.project().teams["docs"]["skills"] == ["technical writing"]
    assert "exists already" in chat.refused("/config teams docs add --members writer")
    assert "say something of team 'x'" in chat.refused("/config teams x add")

    assert "✓ Removed team docs" in chat.apply("/config teams docs remove")

    assert "docs" not in chat.project().teams


def test_a_workflow_is_added_and_tested(chat) -> None:
    chat.say('/config workflows release add --data {"steps": [{"name": "Test", "assignee": "qa-analyst"}]}')

    assert chat.say("/config workflows release test").endswith("release can be run")
    assert "VALUE is not JSON" in chat.refused("/config workflows other add --data {nonsense")


def test_agents_are_listed_shown_and_checked(chat) -> None:
    assert "qa-analyst" in chat.say("/config agents")
    assert "team:     qa" in chat.say("/config agents @qa-analyst")
    assert "did you mean qa-analyst" in chat.refused("/config agents qa-analist")
    assert "none of list, show, check, stats" in chat.refused("/config agents qa-analyst dance")


def test_validation_ends_with_its_count(chat) -> None:
    assert chat.say("/config validate").endswith("0 errors, 0 warnings")
    assert chat.say("/validate").endswith("0 errors, 0 warnings")


def test_a_damaged_file_is_found_and_mended(chat) -> None:
    file = chat.client().store.root / "projects/myapp/tasks/TASK-1.yaml"
    good = file.read_text()
    file.write_text("id: [\n")

    found = chat.ask("/config validate")
    assert found.failed
    assert "`/config fix`" in found.text
    assert chat.say("/config fix --dry-run        # Preview auto-fixes").endswith("To do it: /config fix")
    assert file.read_text() == "id: [\n"
    assert "✓ Fixed; the state before is backup/" in chat.say("/config fix")
    assert file.read_text() == good


def test_an_edit_by_hand_is_committed_once_it_is_right(chat) -> None:
    file = chat.client().store.root / "projects/myapp/config.yaml"
    file.write_text(file.read_text().replace("metadata: {}", "metadata:\n  note: by hand"))

    assert "✓ Committed projects/myapp/config.yaml as it was edited" in chat.say("/config reload")

    assert chat.say("/config get metadata.note") == "by hand"


def test_a_backup_and_the_way_back(chat) -> None:
    assert chat.say("/restore") == "There are no backups: /config backup create makes one."
    name = chat.say("/config backup create before").splitlines()[0].removeprefix("✓ Created ")
    chat.say("/estimate TASK-1 13")

    assert "points: 5 -> 13" in chat.say("/config backup diff before")
    assert "✓ Restored session" in chat.apply(f"/config backup restore {name}")
    assert chat.task("TASK-1")["points"] == 5
    assert "No backup is old enough to go." in chat.say("/config backup clean")


def test_old_backups_go_once_it_is_applied(chat) -> None:
    chat.say("/backup old")
    chat.now = chat.now.replace(month=6)

    assert "✓ Removed 1" in chat.apply("/config backup clean --keep 0")

    assert chat.say("/config backup list") == "There are no backups: /config backup create makes one."


def test_a_file_is_laid_over_once_it_is_applied(chat) -> None:
    (chat.folder / "other.yaml").write_text("settings:\n  velocity_target: 7\n")

    chat.apply("/config import other.yaml")

    assert chat.say("/config get settings.velocity_target") == "7"
    assert "there is no file 'nope.yaml'" in chat.refused("/config import nope.yaml")
    assert "is a folder" in chat.refused(f"/config import {chat.folder}")


def test_environments_and_exports(chat) -> None:
    assert "has no environments" in chat.say("/environments")
    chat.say("/config set environments.staging.url https://staging.example.org")

    assert chat.say("/environments staging") == "url: https://staging.example.org"
    assert "did you mean staging?" in chat.refused("/environments stagin")
    assert "TEAM_QA_MEMBERS=qa-analyst" in chat.say("/config export env").splitlines()
    assert chat.say("/config export yaml").startswith("project_id: myapp\n")


def test_tools(chat) -> None:
    assert chat.say("/tools") == "No such tools are registered."
    assert "no tool 'x' is registered" in chat.refused("/tools x")


def test_without_a_project_everything_is_checked(chat) -> None:
    chat.env.pop("CLAUDE_PROJECT_ID")

    assert dispatch.answer(chat.client(host="other"), "config", "validate").text.endswith(
        "0 errors, 0 warnings"
    )
