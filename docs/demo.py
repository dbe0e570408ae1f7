"""A store to look at: four sprints of a shop, made by the real commands at given times.

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

# A line with a date alone begins a day; the others are a time, who acts, and a command of one of the scripts.
STORY = r"""
2026-01-05
08:30 ana  set-config shop --data '{"settings": {"velocity_target": 22, "wip_limits": {"todo": 6, "in_progress": 4, "review": 2}}}'
08:31 ana  set-config shop --data '{"agents": {"engineering-fullstack": {"capacity": 2}, "qa-analyst": {"capacity": 2}}}'
08:35 ana  update-epic shop catalogue --title "Catalogue" --priority 2
08:36 ana  update-epic shop checkout --title "Checkout" --priority 1
08:40 ana  create-sprint shop sprint-1 "Foundations" --data '{"capacity": 20}'
08:50 ana  task add "Project skeleton" --type chore --points 3 --priority 1 --sprint sprint-1 --assignee engineering-fullstack
08:51 ana  task add "Style guide" --type design --points 3 --sprint sprint-1 --assignee engineering-ux
08:52 ana  task add "Build pipeline" --type infra --points 5 --priority 1 --sprint sprint-1 --assignee devops
08:53 ana  task add "Test strategy" --type test --points 2 --sprint sprint-1 --assignee qa-analyst
08:54 ana  task add "Domain model" --points 5 --priority 2 --sprint sprint-1 --assignee engineering-lead
09:00 ana  start-sprint shop sprint-1
10:00 engineering-fullstack  update-task TASK-1 in_progress
10:30 devops  update-task TASK-3 in_progress
2026-01-06
09:00 qa-analyst  update-task TASK-4 in_progress
16:00 engineering-fullstack  update-task TASK-1 done
2026-01-07
10:00 engineering-lead  update-task TASK-5 in_progress
2026-01-08
11:00 qa-analyst  update-task TASK-4 done
14:00 engineering-ux  update-task TASK-2 in_progress
2026-01-09
15:00 devops  update-task TASK-3 done
2026-01-13
12:00 engineering-ux  update-task TASK-2 done
2026-01-14
16:00 engineering-lead  update-task TASK-5 done
2026-01-16
15:00 ana  complete-sprint shop sprint-1
2026-01-19
08:40 ana  update-epic shop catalogue --status in_progress
08:45 ana  create-sprint shop sprint-2 "Catalogue" --epic-id catalogue --data '{"capacity": 24}'
08:50 ana  task add "Product page" --points 5 --priority 1 --epic catalogue --sprint sprint-2 --assignee engineering-fullstack
08:51 ana  task add "Product photos" --points 3 --epic catalogue --sprint sprint-2 --assignee engineering-ux
08:52 ana  task add "Search" --points 8 --priority 2 --epic catalogue --sprint sprint-2 --assignee engineering-lead
08:53 ana  task add "Test data for the catalogue" --type test --points 2 --epic catalogue --sprint sprint-2 --assignee qa-analyst
08:54 ana  task add "Staging environment" --type infra --points 3 --sprint sprint-2 --assignee devops
08:55 ana  task add "Sort by price" --points 2 --priority 4 --epic catalogue --sprint sprint-2
09:00 ana  start-sprint shop sprint-2
10:30 engineering-fullstack  update-task TASK-6 in_progress
10:40 devops  update-task TASK-10 in_progress
2026-01-20
09:30 qa-analyst  update-task TASK-9 in_progress
16:00 qa-analyst  update-task TASK-9 done
2026-01-21
09:00 engineering-lead  update-task TASK-8 in_progress
11:00 devops  update-task TASK-10 done
15:00 engineering-fullstack  update-task TASK-6 review
2026-01-22
10:00 qa-analyst  update-task TASK-6 done
10:30 engineering-ux  update-task TASK-7 in_progress
2026-01-26
14:00 engineering-ux  update-task TASK-7 done
2026-01-28
16:00 engineering-lead  update-task TASK-8 done
2026-01-30
15:00 ana  create-sprint shop sprint-3 "Basket" --epic-id checkout --data '{"capacity": 24}'
15:30 ana  complete-sprint shop sprint-2 --carry-to sprint-3
2026-02-02
08:45 ana  update-epic shop checkout --status in_progress
08:50 ana  task add "Basket" --points 5 --priority 1 --epic checkout --sprint sprint-3 --assignee engineering-fullstack
08:51 ana  task add "Basket survives a restart" --points 3 --priority 2 --epic checkout --sprint sprint-3 --assignee engineering-lead
08:52 ana  task add "Prices with tax" --points 3 --priority 2 --epic checkout --sprint sprint-3 --assignee engineering-fullstack
08:53 ana  task add "Basket on small screens" --type design --points 3 --epic checkout --sprint sprint-3 --assignee engineering-ux
08:54 ana  task add "Nightly backup" --type infra --points 2 --sprint sprint-3 --assignee devops
08:55 ana  task add "Test plan of the basket" --type test --points 2 --epic checkout --sprint sprint-3 --assignee qa-analyst
09:00 ana  start-sprint shop sprint-3
11:00 engineering-fullstack  update-task TASK-12 in_progress
2026-02-03
09:00 qa-analyst  update-task TASK-17 in_progress
10:00 devops  update-task TASK-16 in_progress
17:00 qa-analyst  update-task TASK-17 done
2026-02-04
14:00 devops  update-task TASK-16 done
16:00 engineering-fullstack  update-task TASK-12 done
2026-02-05
09:00 engineering-fullstack  update-task TASK-14 in_progress
09:30 engineering-ux  update-task TASK-15 in_progress
2026-02-06
10:00 engineering-lead  update-task TASK-13 in_progress
14:00 engineering-ux  task block TASK-15 "No tablet to try it on"
2026-02-09
09:00 qa-analyst  task unblock TASK-15 "we have a tablet now"
16:00 engineering-lead  team-handoff engineering qa "The basket can be tested"
16:30 qa-analyst  accept-handoff HO-1
2026-02-10
11:00 engineering-fullstack  update-task TASK-14 done
11:30 engineering-fullstack  update-task TASK-11 in_progress
14:00 engineering-ux  update-task TASK-15 done
2026-02-11
16:00 engineering-lead  update-task TASK-13 done
2026-02-12
09:00 qa-analyst  start-handoff HO-1
10:00 engineering-fullstack  update-task TASK-11 done
2026-02-13
14:00 qa-analyst  complete-handoff HO-1
15:00 ana  complete-sprint shop sprint-3
15:10 ana  update-epic shop catalogue --status completed
2026-02-16
08:30 ana  create --project shop --mode sprint
08:40 ana  create-sprint shop sprint-4 "Checkout" --epic-id checkout --data '{"capacity": 35, "goals": ["Pay in two clicks", "No failed payment goes unseen"]}'
08:50 ana  task add "Pay with a saved card" --points 5 --priority 1 --epic checkout --sprint sprint-4 --assignee engineering-fullstack
08:51 ana  task add "Checkout on one page" --points 5 --priority 1 --epic checkout --sprint sprint-4 --assignee engineering-ux
08:52 ana  task add "Show the delivery date before paying" --points 3 --priority 2 --epic checkout --sprint sprint-4 --assignee engineering-lead
08:53 ana  task add "Find addresses [/api/places]" --points 3 --priority 2 --epic checkout --sprint sprint-4 --assignee engineering-fullstack
08:54 ana  task add "Order confirmation by mail" --points 2 --epic checkout --sprint sprint-4 --assignee engineering-lead
08:55 ana  task add "Retry failed payment webhooks" --points 3 --priority 2 --epic checkout --sprint sprint-4 --labels webhooks
08:56 ana  task add "Log payment errors" --type infra --points 1 --priority 2 --epic checkout --sprint sprint-4 --assignee devops
08:57 ana  task add "Test plan for payments" --type test --points 2 --priority 1 --epic checkout --sprint sprint-4 --assignee qa-analyst
08:58 ana  task add "Load test of the checkout" --type test --points 1 --priority 2 --epic checkout --sprint sprint-4 --depends TASK-19
08:59 ana  task add "Alert on failed payments" --type infra --points 2 --epic checkout --sprint sprint-4 --assignee devops
09:00 ana  task add "Guest checkout" --points 5 --priority 4 --epic checkout --sprint sprint-4
09:10 ana  start-sprint shop sprint-4
09:30 engineering-fullstack  update-task TASK-18 in_progress
09:40 engineering-ux  update-task TASK-19 in_progress
10:00 devops  update-task TASK-24 in_progress
13:00 ana  risk add "The bank changes its interface in March" --severity high --sprint sprint-4
2026-02-17
09:00 qa-analyst  update-task TASK-25 in_progress
11:00 engineering-fullstack  task block TASK-18 "The bank sent no test cards"
15:00 devops  update-task TASK-24 done
15:30 engineering-lead  update-task TASK-22 in_progress
2026-02-18
09:30 engineering-lead  task unblock TASK-18 "they came by mail"
10:00 ana  task add "VAT is rounded wrongly" --type bug --points 2 --priority 1 --epic checkout --sprint sprint-4 --assignee engineering-lead
10:05 ana  task move TASK-29 todo --force "customers pay a cent too much"
11:00 engineering-fullstack  update-task TASK-18 review
14:00 qa-analyst  update-task TASK-25 done
15:00 ana  decision propose "Show prices with tax everywhere"
15:05 ana  decision vote DEC-1 yes
15:06 engineering-lead  decision vote DEC-1 yes
15:07 product-manager  decision vote DEC-1 yes
15:10 ana  decision close DEC-1
16:00 engineering-lead  update-task TASK-22 done
2026-02-19
10:00 qa-analyst  update-task TASK-18 done
10:05 ana  goal done 1
10:30 engineering-lead  update-task TASK-29 in_progress
11:00 engineering-fullstack  update-task TASK-21 in_progress
15:00 engineering-fullstack  task estimate TASK-21 5
2026-02-20
09:00 devops  create --project shop
09:05 devops  task claim TASK-27 --as devops
09:06 devops  update-task TASK-27 in_progress
10:00 engineering-lead  update-task TASK-29 done
10:30 engineering-lead  update-task TASK-20 in_progress
11:30 ana  task add "Gift cards" --points 5 --priority 4 --epic checkout
11:31 ana  task add "Wish list" --priority 5
14:00 ana  set current tasks.TASK-28.sprint_id null --json-value
14:01 ana  heartbeat current
15:00 engineering-fullstack  task block TASK-21 "The places service limits us to 10 calls a minute" --severity high
17:00 devops  complete current
2026-02-23
09:00 engineering-ux  create --project shop
09:01 engineering-lead  create --project shop
09:10 engineering-ux  task claim TASK-19 --as engineering-ux
10:30 product-manager  team-handoff product engineering "Rules for gift cards are settled" --task TASK-30
11:00 engineering-lead  update-task TASK-20 done
14:00 engineering-ux  update-task TASK-19 review
14:30 engineering-lead  task claim TASK-23 --as engineering-lead
14:31 engineering-lead  update-task TASK-23 in_progress
"""


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
    for line in STORY.strip().splitlines():
        time, _, rest = line.partition(" ")
        if not rest:
            day = time
            continue
        who, *words = shlex.split(rest)
        yield Line(datetime.fromisoformat(f"{day}T{time}+00:00"), who, words)


def make(store: Path) -> None:
    """Make the store in a folder that is missing or empty."""
    scripts = {
        name: cli for cli in reversed(_SCRIPTS.values()) for name in (*cli.commands, *cli.later) if name not in _SCRIPTS
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


def run(cli: umbrella.Group, words: list[str], app: App) -> str:
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
