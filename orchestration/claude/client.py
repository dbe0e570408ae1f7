"""The surroundings of one slash command or hook: a workplace inside Claude Code."""

import importlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from orchestration.claude import binding, phrases
from orchestration.domain.board_actions import Acting
from orchestration.domain.project import Project
from orchestration.surroundings import LEVELS
from orchestration.workplace import Workplace

_SGR = {
    "green": "32", "cyan": "36", "magenta": "35", "red": "31", "yellow": "33", "dim": "2", "bold": "1",
    "underline": "4",
}  # fmt: skip
WIDTH = 100
"""Columns of an answer where the client does not say how many it has."""


class Answer(NamedTuple):
    """What a slash command says: to the user, or, where its point is the model's work, to the model."""

    text: str
    for_model: bool = False
    failed: bool = False


class Client(Workplace):
    """A workplace whose answers go to the chat."""

    def __init__(self, env: Mapping[str, str], *, host: str | None = None, folder: str | None = None) -> None:
        """Take the client's own session id and its folder, as a hook's input names them."""
        super().__init__(env)
        self.host = host or self.host
        self.by_model = host is None and self.host is not None  # what a hook answers is the user's own doing
        self.folder = folder
        self.remarks: list[str] = []
        self.commits: list[str] = []

    @cached_property
    def cwd(self) -> Path:
        """The folder the client is in."""
        return Path(self.folder) if self.folder and Path(self.folder).is_dir() else super().cwd

    @property
    def width(self) -> int:
        """How many columns an answer may have: the client breaks lines ten columns before the edge."""
        columns = self.env.get("COLUMNS", "")
        return max(int(columns) - 10, 40) if columns.isdigit() else WIDTH

    @property
    def colours(self) -> bool:
        """Whether the client shows colours: at a terminal, unless `NO_COLOR` says no."""
        return self.env.get("CLAUDE_CODE_ENTRYPOINT") == "cli" and not self.env.get("NO_COLOR")

    def log(self, level: str, text: str) -> None:
        """Keep a remark for the end of the answer."""
        if LEVELS.index(level) >= self.level:
            self.remarks.append(f"{level.lower()}: {text}")

    def told(self, commit: str) -> None:
        """Keep the id of a commit for the end of the answer."""
        self.commits.append(commit)

    # -- who and where

    @cached_property
    def session(self) -> str | None:
        """The session this client works in, None before its first write."""
        return binding.session_of(self)

    @cached_property
    def record(self) -> dict[str, Any] | None:
        """The record of that session."""
        return self.snapshot.load("sessions", self.session, "session") if self.session else None

    def project(self, name: str | None = None) -> Project:
        """Return the project that is looked at: named, the session's, or this folder's; it has to be there."""
        found = self.project_id(name, session=self.record)
        assert found is not None, "it is required"
        return Project(self.snapshot, found, now=self.at).required()

    @property
    def bound_sprint(self) -> str | None:
        """The sprint that the session is bound to."""
        return (self.record or {}).get("sprint_id")

    def who(self) -> Acting:
        """Return who acts, for a write; a client's session is made, or recovered, with its first write."""
        return Acting(binding.ensure(self), self.actor, self.at)

    # -- saying things

    def show(self, view: str, value: Any, **facts: Any) -> str:
        """Return what a view, `module.function` below `views`, makes of a value."""
        from orchestration.views import cells, drawing
        from orchestration.views.theme import STYLES

        module, _, name = view.rpartition(".")
        shown = getattr(importlib.import_module(f"orchestration.views.{module}"), name)(value, **facts)
        lines = drawing.drawn(phrases.spoken(shown), cells.Paper(self.width))
        return "\n".join(
            "".join(self._coloured(text, STYLES.get(word, "")) for text, word in line).rstrip()
            for line in lines
        )

    def _coloured(self, text: str, style: str) -> str:
        codes = ";".join(_SGR[word] for word in style.split() if word in _SGR)
        return f"\x1b[{codes}m{text}\x1b[0m" if codes and self.colours and text.strip() else text
