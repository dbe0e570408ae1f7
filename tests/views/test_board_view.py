"""The kanban board, at 80 and at 140 columns, in a pipe, filtered and empty."""

# ruff: noqa: E501 - pictures of 140 columns

from inline_snapshot import snapshot
from rich.cells import cell_len

from orchestration.views import board, terminal


def test_at_80_columns(drawn):
    assert drawn(80, "board") == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14

TODO 6/6          │ IN PROGRESS 2/3   │ REVIEW 1/2        │ DONE 2
──────────────────│ ──────────────────│ ──────────────────│ ──────────────────
TASK-6 P3 1p      │ TASK-3 P1 8p      │ TASK-1 P1 5p      │ TASK-2 P2 3p
\\x1b[31mred\\x1b[0m│ fix [/api]        │ Pay with a saved  │ Show the delivery
alert             │ timeouts          │ card              │ date in the cart…
@quinn            │ @ana              │ ○ @ana            │ @bo
                  │ blocked 2d BLK-1  │                   │
TASK-7 P3 3p      │                   │                   │ TASK-10 P2 2p
\u2068تسجيل الدخول\u2069      │ TASK-4 P2 5p      │                   │ Log payment errors
@rae              │ 日本語の住所フォー│                   │ @quinn
blocked 20h BLK-2 │ ムを検証する      │                   │
                  │ @cy               │                   │
TASK-8 P3 5p      │                   │                   │
Refund in two     │                   │                   │
steps             │                   │                   │
                  │                   │                   │
TASK-9 P3 3p      │                   │                   │
Retry webhooks    │                   │                   │
@bo               │                   │                   │
waits TASK-3      │                   │                   │
                  │                   │                   │
TASK-5 P4 2p      │                   │                   │
🎉 Party mode for │                   │                   │
the order page    │                   │                   │
                  │                   │                   │
TASK-11 P5        │                   │                   │
Estimate shipping │                   │                   │

2 blocked · ○ claim orphaned
""")


def test_at_140_columns(drawn):
    assert drawn(140, "board") == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14

TODO 6/6                         │ IN PROGRESS 2/3                  │ REVIEW 1/2                       │ DONE 2
──────────────────────────────── │ ──────────────────────────────── │ ──────────────────────────────── │ ────────────────────────────────
TASK-6 P3 1p                     │ TASK-3 P1 8p                     │ TASK-1 P1 5p                     │ TASK-2 P2 3p
\\x1b[31mred\\x1b[0m alert         │ fix [/api] timeouts              │ Pay with a saved card            │ Show the delivery date in the
@quinn                           │ @ana                             │ ○ @ana                           │ cart before paying
                                 │ blocked 2d BLK-1                 │   its session expired at 2026-0… │ @bo
TASK-7 P3 3p                     │   the gateway is down            │ 2d 22h in work                   │
\u2068تسجيل الدخول\u2069                     │ 2d 22h in work                   │                                  │ TASK-10 P2 2p
@rae                             │                                  │                                  │ Log payment errors
blocked 20h BLK-2                │ TASK-4 P2 5p                     │                                  │ @quinn
  no [test] device               │ 日本語の住所フォームを検証する   │                                  │
                                 │ @cy                              │                                  │
TASK-8 P3 5p                     │ 2d 2h in work                    │                                  │
Refund in two steps              │                                  │                                  │
                                 │                                  │                                  │
TASK-9 P3 3p                     │                                  │                                  │
Retry webhooks                   │                                  │                                  │
@bo                              │                                  │                                  │
waits TASK-3                     │                                  │                                  │
#webhooks                        │                                  │                                  │
                                 │                                  │                                  │
TASK-5 P4 2p                     │                                  │                                  │
🎉 Party mode for the order page │                                  │                                  │
                                 │                                  │                                  │
TASK-11 P5                       │                                  │                                  │
Estimate shipping                │                                  │                                  │

2 blocked · ○ claim orphaned
""")


def test_narrow_columns_stand_below_each_other(drawn):
    assert drawn(40, "board", "--text", "pa") == snapshot("""\
shop  sprint-7: Faster checkout  active
  2026-01-05 – 2026-01-19  day 4 of 14
  filter: pa (4 tasks)

TODO 1 of 6        │ IN PROGRESS 0 of 2
───────────────────│ ───────────────────
TASK-5 P4 2p       │
🎉 Party mode for  │
the order page     │

REVIEW 1 of 1      │ DONE 2 of 2
───────────────────│ ───────────────────
TASK-1 P1 5p       │ TASK-2 P2 3p
Pay with a saved   │ Show the delivery
card               │ date in the cart b…
○ @ana             │ @bo
                   │
                   │ TASK-10 P2 2p
                   │ Log payment errors
                   │ @quinn

2 blocked · ○ claim orphaned
""")


def test_in_a_pipe_nothing_is_cut(piped):
    assert piped("board") == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14

TODO 6/6
ID       PRIORITY  POINTS  ASSIGNEE  NOTES                                       TITLE
TASK-6   P3        1       @quinn    -                                           \\x1b[31mred\\x1b[0m alert
TASK-7   P3        3       @rae      blocked 20h 0m by BLK-2 (no [test] device)  تسجيل الدخول
TASK-8   P3        5       -         -                                           Refund in two steps
TASK-9   P3        3       @bo       waits for TASK-3                            Retry webhooks
TASK-5   P4        2       -         -                                           🎉 Party mode for the order page
TASK-11  P5        -       -         -                                           Estimate shipping

IN PROGRESS 2/3
ID      PRIORITY  POINTS  ASSIGNEE  NOTES                                         TITLE
TASK-3  P1        8       @ana      blocked 2d 2h by BLK-1 (the gateway is down)  fix [/api] timeouts
TASK-4  P2        5       @cy       -                                             日本語の住所フォームを検証する

REVIEW 1/2
ID      PRIORITY  POINTS  ASSIGNEE  NOTES                                                   TITLE
TASK-1  P1        5       @ana      orphaned (its session expired at 2026-01-05 10:00 UTC)  Pay with a saved card

DONE 2
ID       PRIORITY  POINTS  ASSIGNEE  NOTES  TITLE
TASK-2   P2        3       @bo       -      Show the delivery date in the cart before paying
TASK-10  P2        2       @quinn    -      Log payment errors

2 blocked · ○ claim orphaned
""")


def test_with_ascii_alone(drawn):
    shown = drawn(80, "board", "--assignee", "ana,rae", ascii_only=True)

    assert shown == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 - 2026-01-19  day 4 of 14
  filter: assignee:ana,rae (3 tasks)

TODO 1 of 6       | IN PROGRESS 1 of 2| REVIEW 1 of 1     | DONE 0 of 2
------------------| ------------------| ------------------| ------------------
TASK-7 P3 3p      | TASK-3 P1 8p      | TASK-1 P1 5p      |
\u2068تسجيل الدخول\u2069      | fix [/api]        | Pay with a saved  |
@rae              | timeouts          | card              |
blocked 20h BLK-2 | @ana              | o @ana            |
                  | blocked 2d BLK-1  |                   |

2 blocked - o claim orphaned
""")


def test_no_line_is_wider_than_the_terminal(drawn):
    for width in (20, 33, 60, 80, 119, 120, 140, 200):
        assert max(map(cell_len, drawn(width, "board", "--backlog").splitlines())) <= width


def test_a_filter_is_named_and_limits_count_what_it_hides(piped):
    assert piped("board", "--filter", "team:engineering blocked:true") == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14  filter: team:engineering blocked:true (1 task)

TODO 0 of 6

IN PROGRESS 1 of 2
ID      PRIORITY  POINTS  ASSIGNEE  NOTES                                         TITLE
TASK-3  P1        8       @ana      blocked 2d 2h by BLK-1 (the gateway is down)  fix [/api] timeouts

REVIEW 0 of 1

DONE 0 of 2

2 blocked
""")


def test_a_limit_says_how_many_more_there_are(drawn):
    assert drawn(80, "board", "--limit", "1", "--status", "todo").splitlines()[-3] == snapshot(
        "… and 4 more      │                   │                   │"
    )


def test_a_column_over_its_limit_has_a_mark_beside_its_colour(run, drawn):
    run("set-config", "shop", "--data", '{"settings": {"wip_limits": {"todo": 5}}}')

    shown = drawn(80, "board")

    assert shown.splitlines()[2].startswith("TODO 6/5 !")
    assert "! over its limit" in shown.splitlines()[-1]


def test_the_backlog_of_the_project(piped):
    assert piped("board", "--backlog").split("\n\n")[1] == snapshot("""\
BACKLOG 1
ID       PRIORITY  POINTS  ASSIGNEE  NOTES  TITLE
TASK-12  P3        -       -         -      Gift cards\
""")


def test_a_window_of_some_height_keeps_all_columns(document):
    lines = terminal.drawn(board.board(document("board")), terminal.Paper(80, 20)).plain.splitlines()

    assert len(lines) <= 20
    assert lines[-3:] == snapshot(
        ["… and 4 more      │                   │                   │", "", "2 blocked · ○ claim orphaned"]
    )


def test_empty_boards_say_so(run, piped):
    run("set-config", "empty", "--data", "{}")
    run("create-sprint", "shop", "sprint-8", "Next")

    assert run("orchestration", "board", "--project", "empty").stdout == snapshot("""\
empty  all tasks

Project empty has no tasks yet: `state_manager task add TITLE`
""")
    assert piped("board", "sprint-8") == snapshot("""\
shop  sprint-8: Next  planned

Sprint sprint-8 has no tasks: `state_manager task add TITLE --sprint sprint-8`
""")
    assert "0 tasks" in piped("board", "--text", "no such thing")


def test_unknown_sprint(run, shop):
    result = run("orchestration", "board", "nope", "--project", shop)

    assert (result.exit_code, result.stderr) == snapshot(
        (
            1,
            """\
Error: no sprint 'nope' in project 'shop'
Hint: its sprints: sprint-7; `all` is the whole project
""",
        )
    )


def test_a_bad_filter(run, shop):
    result = run("orchestration", "board", "--filter", "size:big", "--project", shop)

    assert (result.exit_code, result.stderr) == snapshot(
        (
            2,
            """\
Error: a filter has no 'size'
Hint: it has team, status, assignee, epic, sprint, priority, type, labels, blocked; write key:value, such as team:qa or blocked:true, and other words, or "them, in quotes"
""",
        )
    )


def test_the_same_figures_as_json(document):
    columns = {one["name"]: one for one in document("board")["columns"]}

    assert {name: (one["count"], one["limit"], one["points"]) for name, one in columns.items()} == snapshot(
        {"todo": (6, 6, 14), "in_progress": (2, 3, 13), "review": (1, 2, 5), "done": (2, None, 5)}
    )
    assert columns["in_progress"]["cards"][0] == snapshot(
        {
            "id": "TASK-3",
            "title": "fix [/api] timeouts",
            "type": "feature",
            "priority": 1,
            "points": 8,
            "assignee": "ana",
            "team": "engineering",
            "epic_id": "checkout",
            "parent": None,
            "labels": [],
            "blockers": [
                {
                    "id": "BLK-1",
                    "reason": "the gateway is down",
                    "severity": "high",
                    "on_task": None,
                    "owner": None,
                    "opened_at": "2026-01-06T08:00:25Z",
                    "hours": 50.0011,
                }
            ],
            "claim": None,
            "waits_for": [],
            "hours": 70.0022,
            "completed_at": None,
        }
    )
