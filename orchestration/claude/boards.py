"""`/board` and `/filter`: the kanban board, and what of it this session wants to see."""

from typing import Any

from orchestration.claude import looking
from orchestration.claude.client import Answer, Client
from orchestration.domain import board as boards
from orchestration.domain import board_filter, filters
from orchestration.domain.filters import Criteria
from orchestration.domain.project import Project
from orchestration.english import counted
from orchestration.views.layout import clean

SHOWN = 12
"""The most cards of a column."""


def board(client: Client, given: dict[str, Any]) -> Answer:
    """Show the kanban board, as far as this session's filter lets it."""
    project = client.project()
    sprint, text = _asked(project, [*([given["sprint"]] if given["sprint"] else []), *given["filter"]])
    criteria = filters.parse(text) if text else kept(client)
    document = boards.board(
        project, looking.chosen(client, project, sprint), criteria=criteria, backlog=given["backlog"],
        orphaned=looking.watch(client, project).orphaned, limit=SHOWN,
    )  # fmt: skip
    return Answer(client.show("board.board", document))


def kept(client: Client) -> Criteria:
    """Return the filter that this session keeps; one that a person broke by hand filters nothing."""
    return filters.parse(board_filter.of(client.record))


def filter_(client: Client, given: dict[str, Any]) -> Answer:
    """Keep, show or clear the filter of this session."""
    text = criteria_text(given["criteria"])
    if not text:
        now = str(kept(client))
        said = f"The filter is: {clean(now)}" if now else "No filter is set: /board shows everything."
        return Answer(f"{said}\nSet one with /filter team:qa status:open, take it off with /filter clear.")
    wanted = None if text.lower() in ("clear", "off", "none") else str(filters.parse(text))
    who = client.who()
    assert who.session is not None, "a write has a session"
    with client.transaction() as tx:
        board_filter.keep(tx, who.session, wanted)
    if wanted is None:
        return Answer("✓ The filter is off: /board shows everything.")
    project = Project(client.snapshot, client.project().id, now=client.at)
    fits = filters.predicate(filters.parse(wanted), project.agents)
    count = sum(fits(task) for task in project.tasks.values())
    return Answer(
        f"✓ /board shows {clean(wanted)}: {count} of {counted(len(project.tasks), 'task')}."
        " /filter clear takes it off."
    )


def _asked(project: Project, words: list[str]) -> tuple[str | None, str]:
    """Return the sprint and the filter that some words say."""
    if words and (words[0] == boards.ALL or words[0].startswith("#") or words[0] in project.sprints):
        return words[0], criteria_text(words[1:])
    if len(words) == 1 and ":" not in words[0] and project.sprints:
        near = [name for name in project.sprints if name.casefold() == words[0].casefold()]
        return (near[0], "") if near else (None, words[0])
    return None, criteria_text(words)


def criteria_text(words: list[str]) -> str:
    """Return words as a filter is written: a value with blanks in double quotes."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    if not any(letter.isspace() for letter in word) or '"' in word:
        return word
    key, colon, value = word.partition(":")
    return f'{key}:"{value}"' if colon and " " not in key else f'"{word}"'
