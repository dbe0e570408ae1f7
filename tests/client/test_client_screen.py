"""The whole visible screen of the interactive client."""

import re
from typing import NamedTuple

import pytest
from clientproject import Project
from clienttools import Client

pytestmark = pytest.mark.usefixtures("tmux")
RULE = "─" * 100
STATUS = "  Authentication Sprint · day 4 of 14 · 15 of 18 points left"


class Parts(NamedTuple):
    """The parts of a screen."""

    head: str
    """The client's own words at the start."""
    said: str
    """What was answered, down to the input line; the client's first line of it left out."""
    below: str
    """What stands below the input line, its rules included."""


def parts(shown: str) -> Parts:
    above, _, below = shown.partition(f"\n{RULE}\n❯")
    # the newer client has its level of effort here, the older one in the last lines
    above = re.sub(EFFORT, "", above.rstrip())
    head, _, said = above.partition("\n● UserPromptExpansion operation blocked by hook:\n")
    below = "\n".join(re.sub(EFFORT, "", line) for line in below.splitlines())
    return Parts(head.strip("\n"), said.rstrip(), below.rstrip())


EFFORT = r"\s+[◐◑◒◓●○] \w+ · /effort$"


def plain(said: str, typed: str) -> str:
    """Return an answer without what differs from run to run, and without the older client's last line."""
    text = said.removesuffix(f"\n\n  Original prompt: {typed}")
    return re.sub(r"\b[0-9a-f]{12}\b", "<commit>", re.sub(r"\d{4}-\d\d-\d\d", "<date>", text))


def type_first(client: Client, project: Project, typed: str, until: str) -> str:
    """Type a slash command into a fresh client; check the screen around the answer and return that."""
    screen = client.screen(cwd=project.folder)
    before = parts(screen.until("15 of 18 points left"))
    assert before.said == ""
    assert f"Claude Code v{client.version}" in before.head

    screen.enter(typed)

    after = parts(screen.until(until))
    assert after.head == before.head
    lines = after.below.splitlines()
    assert lines[:3] == ["", RULE, STATUS]
    assert len(lines) == 4, "the client's own line is all that is left"
    assert client.model.requests == []
    return plain(after.said, typed)


def test_a_move(client: Client, project: Project) -> None:
    said = type_first(client, project, "/move TASK-123 in_progress", "todo -> in_progress")

    assert said == MOVED


MOVED = """\
  ✓ TASK-123 todo -> in_progress
  in_progress 2/5
  TASK-123 is assigned to nobody; devops has a free slot: `/assign TASK-123 @devops`
  commit <commit>"""


def test_the_board(client: Client, project: Project) -> None:
    said = type_first(client, project, "/board", "Log out everywhere")

    assert said == BOARD


BOARD = """\
  myapp  sprint-1: Authentication Sprint  active  <date> – <date>  day 4 of 14

  TODO 3/10            │ IN PROGRESS 1/5      │ REVIEW 1/3           │ DONE 1
  ─────────────────────│ ─────────────────────│ ─────────────────────│ ─────────────────────
  TASK-123 P1 5p       │ TASK-456 P2 3p       │ TASK-2 P2 5p         │ TASK-1 P2 3p
  Implement OAuth2     │ Show the vendor's    │ Keep tokens in the   │ Choose the identity
  login                │ consent page         │ session              │ provider
                       │ @engineering-ux      │ @engineering-fullsta…│ @engineering-lead
  TASK-789 P3          │                      │                      │
  Link social accounts │                      │                      │
                       │                      │                      │
  TASK-790 P4 2p       │                      │                      │
  Log out everywhere   │                      │                      │"""
