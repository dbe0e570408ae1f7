"""History, blame, diff, configuration and situation, at 80 and at 140 columns.

The other views have pictures of both sizes beside their own tests, the figures in tests/cli.
"""

# ruff: noqa: E501 - pictures of 140 columns

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from inline_snapshot import snapshot
from rich.cells import cell_len

from orchestration.domain import validation
from orchestration.views import config, history, monitor, terminal


@pytest.fixture
def found(run: Any, shop: str) -> Callable[..., Any]:  # noqa: ARG001
    """Return the document of a command, its commits numbered: their ids differ from store to store."""

    def found(*words: str) -> Any:
        result = run(*words, "--json-output")
        assert result.exit_code == 0, result.stderr
        text = result.stdout
        known: dict[str, str] = {}
        return json.loads(
            re.sub(r"\b[0-9a-f]{40}\b", lambda one: known.setdefault(one[0], f"{len(known) + 1:012d}"), text)
        )

    return found


@pytest.fixture
def session(run: Any, shop: str) -> str:  # noqa: ARG001
    return str(run("list", "--json-output").json[0]["id"])


def drawn(shown: terminal.Shown, width: int) -> str:
    text = terminal.text(shown, width) + "\n"
    assert max(map(cell_len, text.splitlines())) <= width
    return text


def test_history_at_80_columns(found, session):
    rows = found("history", session, "tasks.TASK-3")

    assert drawn(history.events(rows, empty=""), 80) == snapshot("""\
WHEN                 WHO   OP              COMMIT        SUBJECT
2026-01-06 08:00:25  dana  task_blocked    000000000001  task: TASK-3 blocked:…
2026-01-05 12:00:21  ana   task_moved      000000000002  task: TASK-3 todo -> i…
2026-01-05 09:00:16  dana  sprint_started  000000000003  sprint: sprint-7 plann…
2026-01-05 09:00:07  dana  task_created    000000000004  task: create TASK-3 fi…
""")


def test_history_at_140_columns(found, session):
    rows = found("history", session, "tasks.TASK-3")

    assert drawn(history.events(rows, empty=""), 140) == snapshot("""\
WHEN                 WHO   OP              COMMIT        SUBJECT
2026-01-06 08:00:25  dana  task_blocked    000000000001  task: TASK-3 blocked: the gateway is down
2026-01-05 12:00:21  ana   task_moved      000000000002  task: TASK-3 todo -> in_progress
2026-01-05 09:00:16  dana  sprint_started  000000000003  sprint: sprint-7 planned -> active
2026-01-05 09:00:07  dana  task_created    000000000004  task: create TASK-3 fix [/api] timeouts
""")


def test_blame_at_80_columns(found, session):
    rows = found("blame", session, "tasks.TASK-3.blockers")

    assert drawn(history.blame(rows), 80) == snapshot("""\
PATH                                  WHEN              WHO   COMMIT    VALUE
tasks.TASK-3.blockers[0].id           2026-01-06 08:0…  dana  0000000…  "BLK-1"
tasks.TASK-3.blockers[0].task_id      2026-01-06 08:0…  dana  0000000…  "TASK-3"
tasks.TASK-3.blockers[0].reason       2026-01-06 08:0…  dana  0000000…  "the ga…
tasks.TASK-3.blockers[0].severity     2026-01-06 08:0…  dana  0000000…  "high"
tasks.TASK-3.blockers[0].on_task      2026-01-06 08:0…  dana  0000000…  null
tasks.TASK-3.blockers[0].owner        2026-01-06 08:0…  dana  0000000…  null
tasks.TASK-3.blockers[0].reported_by  2026-01-06 08:0…  dana  0000000…  "dana"
tasks.TASK-3.blockers[0].opened_at    2026-01-06 08:0…  dana  0000000…  "2026-0…
tasks.TASK-3.blockers[0].resolved_at  2026-01-06 08:0…  dana  0000000…  null
tasks.TASK-3.blockers[0].resolution   2026-01-06 08:0…  dana  0000000…  null
""")


def test_blame_at_140_columns(found, session):
    rows = found("blame", session, "tasks.TASK-3.blockers")

    assert drawn(history.blame(rows), 140) == snapshot("""\
PATH                                  WHEN                 WHO   COMMIT        VALUE
tasks.TASK-3.blockers[0].id           2026-01-06 08:00:25  dana  000000000001  "BLK-1"
tasks.TASK-3.blockers[0].task_id      2026-01-06 08:00:25  dana  000000000001  "TASK-3"
tasks.TASK-3.blockers[0].reason       2026-01-06 08:00:25  dana  000000000001  "the gateway is down"
tasks.TASK-3.blockers[0].severity     2026-01-06 08:00:25  dana  000000000001  "high"
tasks.TASK-3.blockers[0].on_task      2026-01-06 08:00:25  dana  000000000001  null
tasks.TASK-3.blockers[0].owner        2026-01-06 08:00:25  dana  000000000001  null
tasks.TASK-3.blockers[0].reported_by  2026-01-06 08:00:25  dana  000000000001  "dana"
tasks.TASK-3.blockers[0].opened_at    2026-01-06 08:00:25  dana  000000000001  "2026-01-06T08:00:25Z"
tasks.TASK-3.blockers[0].resolved_at  2026-01-06 08:00:25  dana  000000000001  null
tasks.TASK-3.blockers[0].resolution   2026-01-06 08:00:25  dana  000000000001  null
""")


@pytest.mark.parametrize("width", [80, 140])
def test_a_diff_is_the_same_at_every_width(run, shop, found, session, width):
    run("update-task", "TASK-9", "backlog", "--project", shop)
    rows = found("diff", session, "10 minutes ago")

    # the terminal continues a long line below: a value that is cut would say something else
    assert terminal.text(history.diff(rows), width) == snapshot('~ tasks.TASK-9.column: "todo" -> "backlog"')


def overview(found: Callable[..., Any]) -> terminal.Shown:
    value = found("orchestration", "config", "overview", "--project", "shop")
    return config.overview(value, summary=validation.summary(value["validation"]))


@pytest.mark.parametrize("width", [80, 140])
def test_the_configuration_is_the_same_at_every_width(found, width):
    assert drawn(overview(found), width) == snapshot("""\
project:      shop
settings:     wip_limits = {"todo": 6, "in_progress": 3, "review": 2}
teams:        4 (engineering, product, qa, devops)
agents:       11
workflows:    2 (feature-delivery, bug-fix)
environments: -
tools:        0
last change:  2026-01-05 09:00 by dana: config: create shop
validation:   0 errors, 0 warnings
In the chat, the host's own settings are at /settings.
""")


def situation(found: Callable[..., Any]) -> terminal.Shown:
    value = found("orchestration", "monitor", "--project", "shop")
    value["sessions"] = []  # their ids are random
    return monitor.situation(value)


def test_the_situation_at_80_columns(found):
    assert drawn(situation(found), 80) == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14
todo 6/6  in_progress 2/3  review 1/2  done 2  blocked 2
5 of 37 points done (14 %)  behind  health 40/100

Alerts
critical: TASK-3 is blocked for 2d 2h: the gateway is down
warning: quinn is idle for 3d 1h with 1 open task
warning: cy is silent for 2d 2h while working on TASK-4
warning: bo is idle for 20h 0m with 1 open task
warning: TASK-7 is blocked for 20h 0m: no [test] device
warning: sprint sprint-7 is behind its ideal line

Agents
busy  @ana  engineering  TASK-1, TASK-3
busy  @cy  engineering  TASK-4
idle  @bo  engineering  1 task waiting
8 agents offline

Sessions
No session is active.

Last events
2026-01-07 14:00:28  dana  task: create TASK-12 Gift cards
2026-01-07 14:00:27  dana  task: TASK-7 blocked: no [test] device
2026-01-07 14:00:26  bo  task: TASK-2 in_progress -> done
2026-01-06 08:00:25  dana  task: TASK-3 blocked: the gateway is down
2026-01-06 08:00:24  quinn  task: TASK-10 todo -> done
2026-01-06 08:00:23  cy  task: TASK-4 todo -> in_progress
2026-01-06 08:00:22  ana  task: TASK-1 in_progress -> review
2026-01-05 12:00:21  ana  task: TASK-3 todo -> in_progress
""")


def test_the_situation_at_140_columns(found):
    assert drawn(situation(found), 140) == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14
todo 6/6  in_progress 2/3  review 1/2  done 2  blocked 2
5 of 37 points done (14 %)  behind  health 40/100

Alerts                                                                  Sessions
critical: TASK-3 is blocked for 2d 2h: the gateway is down              No session is active.
warning: quinn is idle for 3d 1h with 1 open task
warning: cy is silent for 2d 2h while working on TASK-4                 Last events
warning: bo is idle for 20h 0m with 1 open task                         2026-01-07 14:00:28  dana  task: create TASK-12 Gift cards
warning: TASK-7 is blocked for 20h 0m: no [test] device                 2026-01-07 14:00:27  dana  task: TASK-7 blocked: no [test] device
warning: sprint sprint-7 is behind its ideal line                       2026-01-07 14:00:26  bo  task: TASK-2 in_progress -> done
                                                                        2026-01-06 08:00:25  dana  task: TASK-3 blocked: the gateway is down
Agents                                                                  2026-01-06 08:00:24  quinn  task: TASK-10 todo -> done
busy  @ana  engineering  TASK-1, TASK-3                                 2026-01-06 08:00:23  cy  task: TASK-4 todo -> in_progress
busy  @cy  engineering  TASK-4                                          2026-01-06 08:00:22  ana  task: TASK-1 in_progress -> review
idle  @bo  engineering  1 task waiting                                  2026-01-05 12:00:21  ana  task: TASK-3 todo -> in_progress
8 agents offline
""")
