"""Every slash line of the user guide, typed into the client: with hooks, without, and from a folder below."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from clientproject import Project
from clienttools import Client, Run, Talk
from slashlines import FIGURES, GUIDE, STATE, TASKS, Line

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
    return run.requests[0].last if run.answer is None and len(run.requests) == 1 else None


def test_the_guide_line_by_line(client: Client, project: Project) -> None:
    talk = client.talk(cwd=project.folder)

    check(talk, GUIDE, hooks=True)

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

    check(talk, GUIDE, hooks=False)

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
