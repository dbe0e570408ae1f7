"""Slash commands in this process: a client whose clock a test moves, on a real store with a project."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.claude import dispatch
from orchestration.claude.client import Answer, Client
from orchestration.domain import planning
from orchestration.domain.project import Project

HOST = "11111111-2222-3333-4444-555555555555"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""A Monday."""
TEAM = {
    "engineering": {"lead": "engineering-lead", "members": ["engineering-fullstack", "engineering-ux"]},
    "qa": {"members": ["qa-analyst"]},
}


class Chat:
    """What a user of the client types, and what comes back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = START
        self.env = {
            "HOME": str(folder / "home"),
            "ORCHESTRATION_STATE_DIR": str(folder / "state"),
            "CLAUDE_PROJECT_ID": "myapp",
            "LOGNAME": "ada",
        }

    def client(self, *, host: str = HOST, env: Mapping[str, str] | None = None) -> Client:
        """Return a client a second later, as a hook has it."""
        self.now += timedelta(seconds=1)
        client = Client({**self.env, **(env or {})}, host=host, folder=str(self.folder))
        client.now = self.now
        return client

    def ask(self, typed: str, *, host: str = HOST) -> Answer:
        """Type a slash command and return its answer."""
        family, _, raw = typed.removeprefix("/").partition(" ")
        return dispatch.answer(self.client(host=host), family, raw)

    def say(self, typed: str, *, host: str = HOST) -> str:
        """Type a slash command that has to be answered without the model, and return the text."""
        answer = self.ask(typed, host=host)
        assert not answer.failed, answer.text
        assert not answer.for_model, answer.text
        return answer.text

    def refused(self, typed: str) -> str:
        """Type a slash command that has to fail, changing nothing, and return why."""
        before = self.commits()
        answer = self.ask(typed)
        assert answer.failed, answer.text
        assert self.commits() == before
        return answer.text.removeprefix("Error: ")

    def apply(self, typed: str) -> str:
        """Type a command that shows a plan, then the line it ends with."""
        before = self.commits()
        line = self.say(typed).splitlines()[-1]
        assert self.commits() == before
        return self.say(line)

    def commits(self) -> int:
        """Return how many commits there are."""
        client = self.client()
        return len(client.index.events()) if client.store.exists else 0

    def project(self) -> Project:
        """Return the project as it is now."""
        client = self.client()
        return Project(client.snapshot, "myapp", now=client.at)

    def task(self, name: str) -> Any:
        """Return the record of a task."""
        return self.project().task(name)


@pytest.fixture
def empty(tmp_path: Path) -> Chat:
    """A client without any store, in a project with the scripts."""
    scripts = tmp_path / ".claude" / "scripts"
    scripts.mkdir(parents=True)
    for name in ("state_manager", "shared_state", "observability"):
        (scripts / f"{name}.py").touch()
    return Chat(tmp_path)


@pytest.fixture
def chat(empty: Chat) -> Chat:
    """A client in project myapp: two teams, a planned sprint with TASK-1 and TASK-2, TASK-3 in the backlog."""
    client = empty.client(host="setup")
    with client.transaction() as tx:
        planning.set_config(tx, "myapp", {"team": TEAM}, now=client.at)
    with client.transaction() as tx:
        project = Project(tx, "myapp", now=client.at)
        planning.create_sprint(
            tx,
            project,
            "sprint-1",
            "First",
            {"goals": ["Log in"], "capacity": 10},
            update=False,
            now=client.at,
        )
    empty.say("/task add Log in --points 5 --priority 1 --sprint sprint-1")
    empty.say("/task add Log out --points 3 --sprint #sprint-1")
    empty.say("/task add Later")
    return empty


@pytest.fixture
def running(chat: Chat) -> Chat:
    """The same with the sprint started."""
    chat.say("/orchestrate sprint start --yes")
    return chat
