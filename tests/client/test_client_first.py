"""One slash command, one ordinary prompt, and both with hooks switched off."""

from clientproject import Project
from clienttools import Client


def test_a_move_is_answered_at_once_and_costs_nothing(client: Client, project: Project) -> None:
    run = client.run("/move TASK-123 in_progress", cwd=project.folder)

    assert run.answer is not None
    assert run.answer.splitlines()[0] == "✓ TASK-123 todo -> in_progress"
    assert run.requests == []
    assert project.task("TASK-123")["column"] == "in_progress"
    assert project.commits()[0] == "task: TASK-123 todo -> in_progress"


def test_the_board_has_every_task_in_its_column(client: Client, project: Project) -> None:
    run = client.run("/board", cwd=project.folder)
    assert run.answer is not None
    assert run.requests == []


def test_an_ordinary_prompt_goes_through(client: Client, project: Project) -> None:
    before = project.commits()

    run = client.run("explain the login page", cwd=project.folder)

    assert (run.text, run.answer) == ("Understood.", None)
    assert "explain the login page" in run.requests[0].last
    assert project.commits() == before


def test_with_hooks_switched_off_the_prompt_goes_through(client: Client, project: Project) -> None:
    run = client.run("explain the login page", cwd=project.folder, settings={"disableAllHooks": True})

    assert (run.text, len(run.requests)) == ("Understood.", 1)
