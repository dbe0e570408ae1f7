"""Several clients at once, in one project and in another, and agents under one of them."""

import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clientproject import Project, script, set_up
from clienttools import Client, Talk, waited
from messagestub import Block, Request, text, use

from orchestration.store import presence

TOOLS = ("--allowedTools", "Bash", "Agent")


@pytest.fixture
def beside(project: Project) -> Project:
    """A worktree of the project, as somebody has it who works on two things at once."""
    project.git("add", ".")
    project.git("commit", "-q", "-m", "set up")
    folder = project.folder.parent / "beside"
    project.git("worktree", "add", "-q", str(folder))
    local = Path(".claude") / "orchestration.local"
    shutil.copy(project.folder / local, folder / local)
    return Project(folder, project.state)


@pytest.fixture
def elsewhere(project: Project) -> Project:
    """Another project in the same store."""
    folder = project.folder.parent / "elsewhere"
    folder.mkdir()
    project.git("init", "-q", "-b", "main", at=folder)
    set_up(folder, "elsewhere")
    return Project(folder, project.state)


def current(client: Client, talk: Talk) -> str:
    """Let the model ask which session is the current one."""
    client.model.says(use("Bash", command=script("session_manager", "current"), description="session"))
    return talk.say("which session is it?").requests[-1].last.strip()


def test_each_client_has_a_session_of_its_own_and_hears_of_its_project(
    client: Client, project: Project, beside: Project, elsewhere: Project
) -> None:
    b, c = client.another("b"), client.another("c")
    in_a = client.talk(cwd=project.folder, options=TOOLS)
    in_b = b.talk(cwd=beside.folder, options=TOOLS)
    in_c = c.talk(cwd=elsewhere.folder, options=TOOLS)
    assert in_b.say("/estimate TASK-123 8").requests == []  # from now on it is one of its own
    for talk in (in_a, in_b, in_c):
        talk.say("good morning")

    assert in_a.say("/move TASK-123 in_progress").requests == []

    told = in_b.say("what is new?").requests[0].last
    assert "TASK-123 todo -> in_progress" in told
    assert "TASK-123" not in in_c.say("what is new?").requests[0].said
    assert "TASK-123" not in in_b.say("and now?").requests[0].last  # nothing is told twice

    sessions = {project.session(talk.session) for talk in (in_a, in_b)}
    assert len(sessions) == 2
    assert {current(client, in_a), current(b, in_b)} == sessions


def test_two_agents_under_one_client_take_different_tasks(client: Client, project: Project) -> None:
    agents = ("engineering-fullstack", "engineering-ux")

    def answer(request: Request) -> list[Block]:
        for name in agents:
            if f"You are {name}" in request.said:
                if request.begun:
                    return [text(f"{name} took {request.last.strip()}")]
                line = script("state_manager", "task", "next", "--as", name)
                return [use("Bash", command=line, description="take a task")]
        if request.begun:
            return [text(request.last)]
        return [
            use(
                "Agent",
                subagent_type="general-purpose",
                description="take a task",
                prompt=f"You are {name}",
                run_in_background=False,
            )
            for name in agents
        ]

    client.model.answer = answer

    run = client.run("start both", cwd=project.folder, options=TOOLS)

    held = {
        task: (project.task(task)["claim"] or {}).get("agent")
        for task in ("TASK-123", "TASK-789", "TASK-790")
    }
    taken = {agent: task for task, agent in held.items() if agent}
    assert set(taken) == set(agents), run.text
    assert len(set(taken.values())) == 2
    assert all(f"{agent} took" in run.text and task in run.text for agent, task in taken.items())


def test_the_task_of_a_client_that_was_killed_is_orphaned_after_the_set_time(
    client: Client, project: Project, run: Callable[..., Any], clock: Any
) -> None:
    clock.now = datetime.now(UTC)
    data = '{"settings": {"claim_timeout": 5}}'
    assert run("set-config", "myapp", "--data", data).exit_code == 0
    take = script("state_manager", "task", "claim", "TASK-123", "--as", "engineering-ux")
    client.model.says(use("Bash", command=take, description="take it"))
    talk = client.talk(cwd=project.folder, options=TOOLS)
    talk.say("take it")
    held = project.task("TASK-123")["claim"]
    assert held["session"] == project.session(talk.session)

    talk.process.send_signal(signal.SIGKILL)
    talk.process.wait()
    last = waited(lambda: presence.seen(project.state / ".git" / "orchestration", held["session"]))

    def orphaned(after: timedelta) -> list[str]:
        clock.now = datetime.fromisoformat(last).astimezone(UTC) + after
        return [
            task["id"]
            for task in run("task", "ready", "--project", "myapp", "--json-output").json["orphaned"]
        ]

    assert orphaned(timedelta(minutes=4, seconds=58)) == []
    assert orphaned(timedelta(minutes=5, seconds=1)) == ["TASK-123"]
