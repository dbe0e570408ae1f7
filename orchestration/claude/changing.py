"""A change that a command makes in one commit, and what installed files and JSON need to be shown."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from orchestration.claude import phrases
from orchestration.claude.client import Client
from orchestration.domain.board_actions import Acting
from orchestration.domain.project import Project
from orchestration.store import installed as installation
from orchestration.store.installed import Installed

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

T = TypeVar("T")
_SHORT = 200


def change(client: Client, action: "Callable[[Transaction, Project, Acting], T]") -> T:
    """Do something to the project in one commit and return what came of it."""
    who = client.who()
    project = client.project_id(None, session=client.record)
    assert project is not None, "it is required"
    with client.transaction() as tx:
        return action(tx, Project(tx, project, now=client.at), who)


def installed(client: Client) -> Installed:
    """Return what is installed in the checkout around the client's folder."""
    return installation.read(top(client))


def top(client: Client) -> Path | None:
    """Return the folder whose `.claude` belongs to the project, None when there is none."""
    start = Path(client.env.get("CLAUDE_PROJECT_DIR") or client.cwd).absolute()
    return installation.top(start, home=client.home)


def as_json(value: Any) -> str:
    """Return a value as JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def as_line(value: Any) -> str:
    """Return a value as JSON in one line."""
    return json.dumps(value, ensure_ascii=False)


def short(text: str) -> str:
    """Return a text as one line of an answer, cut where it is long."""
    line = phrases.clean(text)
    return line if len(line) <= _SHORT else f"{line[: _SHORT - 1]}…"
