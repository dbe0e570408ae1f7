"""A store to look at: four sprints of a shop, made by the real commands at the times in `demo.txt`.

`uv run --group dev python docs/demo.py FOLDER` makes it in a new folder, the same on every machine, to the last
commit id. The pictures in `images/` and the figures in `work.md` show it as it was at `NOW`.
"""

import io
import json
import shlex
import sys
import uuid
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from orchestration.cli import main as umbrella
from orchestration.cli import session_manager, shared_state, state_manager
from orchestration.cli._app import App
from orchestration.cli._group import Group
from orchestration.store import machine

NOW = datetime(2026, 2, 23, 15, tzinfo=UTC)
"""The sixth of ten working days of the last sprint."""
PROJECT = "shop"
_SCRIPTS = {
    "session_manager": session_manager.cli,
    "shared_state": shared_state.cli,
    "state_manager": state_manager.cli,
    "orchestration": umbrella.cli,
}

STORY = Path(__file__).with_suffix(".txt")


class Line(NamedTuple):
    """One command of the story."""

    at: datetime
    who: str
    words: list[str]


class Then(App):
    """What a command line stands on, at a given time and with nobody at the terminal."""

    def __init__(self, store: Path, now: datetime, who: str, session: str | None = None) -> None:
        super().__init__()
        self.at_terminal = False
        self.env = {
            "HOME": str(store),
            "ORCHESTRATION_STATE_DIR": str(store),
            "ORCHESTRATION_ACTOR": who,
            "CLAUDE_PROJECT_DIR": str(store),
            "CLAUDE_PROJECT_ID": PROJECT,
        }
        if session is not None:
            self.env["CLAUDE_SESSION_ID"] = session
        self.now = now

    def new_id(self) -> str:  # type: ignore[override]
        """Return an id that stands for who acts, and when."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.actor} {self.at}"))


def lines() -> Iterator[Line]:
    """Yield the commands of the story."""
    day = ""
    for line in STORY.read_text().splitlines():
        time, _, rest = line.partition(" ")
        if time == "#":
            continue
        if not rest:
            day = time
            continue
        who, *words = shlex.split(rest)
        yield Line(datetime.fromisoformat(f"{day}T{time}+00:00"), who, words)


def make(store: Path) -> None:
    """Make the store in a folder that is missing or empty."""
    scripts = {
        name: cli
        for cli in reversed(_SCRIPTS.values())
        for name in (*cli.commands, *cli.later)
        if name not in _SCRIPTS
    }
    sessions: dict[str, str] = {}
    draw, machine.draw = machine.draw, lambda: "demo"  # its name stands in every commit
    try:
        for line in lines():
            app = Then(store, line.at, line.who, sessions.get(line.who))
            shown = run(scripts[line.words[0]], line.words, app)
            if line.words[0] == "create":
                sessions[line.who] = shown.strip()
            elif line.words[0] == "complete":
                del sessions[line.who]
    finally:
        machine.draw = draw


def run(cli: Group, words: list[str], app: App) -> str:
    """Run a command and return what it printed; RuntimeError when it failed."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main(words, obj=app)
        except SystemExit as ended:
            code = ended.code
    if code:
        raise RuntimeError(f"{shlex.join(words)}: {err.getvalue()}")
    return out.getvalue()


def document(store: Path, command: str) -> Any:
    """Return what a command of `orchestration` says about the store at `NOW`, as its JSON."""
    return json.loads(run(umbrella.cli, [command, "--json-output"], Then(store, NOW, "ana")))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
