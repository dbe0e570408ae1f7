"""Every slash line of the user guide, typed into the client: with hooks, without, and from a folder below."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from clientproject import Project
from clienttools import VERSIONS, Client, Run, Talk
from slashlines import FIGURES, GUIDE, SLOW, STATE, TASKS, Line

OFF = {"disableAllHooks": True}


def check(talk: Talk, lines: Sequence[Line], *, hooks: bool) -> None:
    """Type lines and tell of all that went wrong at once."""
    found = []
    for line in lines:
        run = talk.say(line.typed)
        told = _told(run, line, hooks=hooks)
        if told is None:
            calls = len(run.requests)
            found.append(f"{line.typed}: {calls} calls to the model, the user reads {run.text[:400]!r}")
        else:
            missing = [words for words in line.says if words not in told]
            if missing or "Traceback" in told:
                found.append(f"{line.typed}: no {missing} in\n{told[:3000]}\n")
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def _told(run: Run, line: Line, *, hooks: bool) -> str | None:
    """Return what was answered, or told to the model where it is to work; None if it came the wrong way."""
    if hooks and not line.for_model:
        return run.answer if not run.requests else None
    if run.answer is not None or len(run.requests) != 1:
        return None
    # behind the instructions of the command file, so that nothing is found in what was typed
    return run.requests[0].last.partition("Then stop.\n")[2].partition("\n# Environment\n")[0]


def lines_for(client: Client) -> list[Line]:
    """Return the lines of the guide; those that take seconds are for the newest client alone."""
    newest = client.version == VERSIONS[0]
    return [line for line in GUIDE if newest or not line.typed.startswith(SLOW)]


def test_the_guide_line_by_line(client: Client, project: Project) -> None:
    talk = client.talk(cwd=project.folder)

    check(talk, lines_for(client), hooks=True)

    assert _facts(project) == AFTER
    assert project.git("status", "--porcelain", at=project.state) == ""
    local = json.loads((project.folder / ".claude" / "settings.local.json").read_text())
    assert local.get("outputStyle", "default") == "default"


AFTER = {
    "TASK-123": ("in_progress", "engineering-fullstack", 5),
    "TASK-456": ("in_progress", "qa-analyst", 3),
    "TASK-789": ("todo", None, 8),
}


def _facts(project: Project) -> dict[str, Any]:
    tasks = {name: project.task(name) for name in AFTER}
    return {name: (task["column"], task["assignee"], task["points"]) for name, task in tasks.items()}


def test_the_guide_with_hooks_switched_off(client: Client, project: Project) -> None:
    talk = client.talk(cwd=project.folder, settings=OFF)

    check(talk, lines_for(client), hooks=False)

    assert _facts(project) == AFTER


@pytest.mark.parametrize("settings", [None, OFF], ids=["hooks", "command files"])
def test_from_a_folder_below(client: Client, project: Project, settings: dict[str, Any] | None) -> None:
    # The client finds the commands of the folders above, but not their hooks.
    below = project.folder / "src" / "login page"
    below.mkdir(parents=True)
    talk = client.talk(cwd=below, settings=settings)

    check(talk, (*TASKS, *FIGURES, *STATE), hooks=False)


def test_the_same_words_in_a_prompt_of_its_own(client: Client, project: Project) -> None:
    run = client.run(TASKS[0].typed, cwd=project.folder)

    assert run.answer is not None
    assert all(words in run.answer for words in TASKS[0].says)


def test_a_sprint_is_started_and_archived_by_the_lines_that_are_offered(
    client: Client, project: Project, run: Callable[..., Any], clock: Any
) -> None:
    clock.now = datetime.now(UTC)
    assert run("create-sprint", "myapp", "sprint-2", "Feature Development Sprint").exit_code == 0
    talk = client.talk(cwd=project.folder)

    def apply(line: str, *says: str) -> str:
        shown = talk.say(line).answer or ""
        assert all(words in shown for words in (*says, "Nothing was changed yet.")), shown
        before = project.commits()
        done = talk.say(shown.splitlines()[-1]).answer or ""
        assert project.commits() != before, done
        return done

    apply("/orchestrate sprint stop", "sprint-1", "TASK-123")
    assert project.sprint("sprint-1")["status"] == "completed"
    apply(
        "/orchestrate sprint start      # Start sprint with preview", "sprint-2", "Feature Development Sprint"
    )
    assert project.sprint("sprint-2")["status"] == "active"
    apply("/archive", "sprint-1")
    assert project.sprint("sprint-1")["archived"] is True
    assert client.model.requests == []
