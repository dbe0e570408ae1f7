"""The whole visible screen of the interactive client."""

import re

import pytest
from clientproject import Project
from clienttools import Client, Screen

pytestmark = pytest.mark.usefixtures("tmux")
RULE = "─" * 100
BOARD = """\
  myapp  sprint-1: Authentication Sprint  active  <date> – <date>  day 4 of 14

  TODO 3/10             │ IN PROGRESS 1/5        │ REVIEW 1/3            │ DONE 1
  ──────────────────────│ ───────────────────────│ ──────────────────────│ ───────────────────────"""


def parts(shown: str) -> tuple[str, str, str]:
    """Return the head with the client's own words, what was said since, and everything from the input line down."""
    above, _, below = shown.partition(f"\n{RULE}\n❯")
    head, mark, said = above.partition("\n● ")
    said = re.sub(r"\n +[◐●○] (?:low|medium|high|max) · /effort$", "", said.rstrip())
    return head.rstrip(), (mark + said).strip("\n").rstrip(), below


def plain(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d", "<date>", text)


def began(client: Client, project: Project) -> Screen:
    screen = client.screen(cwd=project.folder)
    screen.until("❯")
    return screen


def test_a_move(client: Client, project: Project) -> None:
    screen = began(client, project)
    head, said, _ = parts(screen.settled())
    assert said == ""

    screen.enter("/move TASK-123 in_progress")

    after, said, below = parts(screen.until("todo -> in_progress"))
    print(said, below)
    assert after == head
    assert client.model.requests == []


def test_the_board(client: Client, project: Project) -> None:
    screen = began(client, project)
    head, _, _ = parts(screen.settled())

    screen.enter("/board")

    after, said, below = parts(screen.until("DONE 1"))
    print(said)
    print(below)
    assert after == head
    assert client.model.requests == []
