# ruff: noqa: E501 - pages of 140 columns
"""The pages of figures as a terminal of 80 and of 140 columns shows them, from one store."""

from datetime import date

import pytest
from inline_snapshot import snapshot

from orchestration.domain import forecast, projects, workdays
from orchestration.views import figures, terminal

DONE = (("TASK-1", 4), ("TASK-3", 30), ("TASK-4", 7), ("TASK-5", 20), ("TASK-6", 50), ("TASK-7", 26))
"""Tasks in the order they are done, and how many hours each takes."""
FORECAST = forecast.monte_carlo(
    forecast.Past([0, 5, 1, 2, 6], 6, "points"),
    8,
    workdays.calendar(projects.settings(None)),
    today=date(2026, 1, 11),
    last_day=date(2026, 1, 18),
    seed="sprint-1 0123456789",
    outcomes=True,
)


@pytest.fixture
def past(run, sprint, session, clock, once):
    """A sprint on its second Wednesday: six tasks done, one in review, one added and one estimated anew."""

    def build():
        for number, title in enumerate(
            ("Reset [/api]", "Überschrift 表題", "Sign\nup", "\x1b[31mLog", "Search"), 3
        ):
            run(
                "task", "add", title, "--points", str(number % 3 + 1), "--sprint", sprint, "--session", session
            )  # fmt: skip
        run("wip", "in_progress", "off", "--session", session)
        for task, hours in DONE:
            run("set", session, f"tasks.{task}.status", "in_progress")
            for _ in range(hours // 10 + 1):
                clock.forward(hours=hours / (hours // 10 + 1))
                run("recover", session)
            run("set", session, f"tasks.{task}.status", "done")
        run("task", "estimate", "TASK-2", "8", "--session", session)
        run("set", session, "tasks.TASK-2.status", "review")
        clock.forward(hours=5)
        run("recover", session)
        return session

    return once("past", build)


def document_of(run, command):
    document = run(command, "--project", "myapp", "--json-output").json
    if document.get("forecast"):
        # the seed has the commit in it, which is another one for each test
        document["forecast"] = FORECAST
    return document


def shown(run, command, width, **options):
    document = document_of(run, command)
    return terminal.text(getattr(figures, command)(document), width, **options)


def test_the_figures(run, past):  # noqa: ARG001
    page = figures.metrics(document_of(run, "metrics")).plain()

    assert page == snapshot("""\
myapp  figures  sprint-1 (active, 2026-01-05 to 2026-01-19)

Sprint
FIGURE          VALUE
tasks           6 done of 7, 0 blocked, 0 without estimate
points          14 done, 8 remaining
committed       8 points
completion      64 %
burn rate       3.027 points a working day
burndown        behind: 8 points remain, ideal 4
velocity        n/a (needs 3 finished sprints)
predictability  n/a (needs 1 finished sprint with committed points)
throughput      1.3 tasks a day, 6.49 a week, peak 2 on 2026-01-07
forecast        2026-01-14 (50 %), 2026-01-16 (85 %), 90 % in time

Flow
FIGURE             VALUE
cycle time         median 23h 0m, mean 22h 50m, 85 % in 2d 2h, 95 % in 2d 2h
lead time          median 2d 3h, mean 2d 16h, 85 % in 5d 17h, 95 % in 5d 17h
in progress        1 (0 blocked), 0 older than 2d 2h, the 85th percentile
flow efficiency    100 %
blocked            0 % of open tasks, 0m lost
time to unblock    n/a (needs 1 resolved blocker)
Little's law       WIP 1.0, expected 1.0: stable flow
estimates          n/a (needs 8 finished tasks with points)
within WIP limits  todo 100 %, review 100 %

Capacity
FIGURE       VALUE
slots        6, 0 used, 6 free
utilisation  0 % now, 17 % since 2026-01-05

Health 100 of 100
PART          VALUE                                                 WEIGHT
completion    100 %                                                 30 %
velocity      n/a (needs 3 finished sprints and a velocity target)  25 %
blocker age   100 %                                                 20 %
load balance  n/a (needs 2 agents and assigned tasks)               15 %
handoffs      n/a (needs 1 answered handoff)                        10 %

Work by team
TEAM        SHARE  POINTS  TASKS
unassigned  100 %  22      7\
""")
    assert run("metrics", "--project", "myapp").stdout.split("forecast")[0] == page.split("forecast")[0]
    assert shown(run, "metrics", 80) == page


def test_the_figures_at_140_columns(run, past):  # noqa: ARG001
    same, title, beside = shown(run, "metrics", 140).partition("Capacity")

    assert same == shown(run, "metrics", 80).partition("Capacity")[0]
    assert title + beside == snapshot("""\
Capacity                                                                Health 100 of 100
FIGURE       VALUE                                                      PART          VALUE                                           WEIGHT
slots        6, 0 used, 6 free                                          completion    100 %                                           30 %
utilisation  0 % now, 17 % since 2026-01-05                             velocity      n/a (needs 3 finished sprints and a velocity…   25 %
                                                                        blocker age   100 %                                           20 %
                                                                        load balance  n/a (needs 2 agents and assigned tasks)         15 %
                                                                        handoffs      n/a (needs 1 answered handoff)                  10 %

                                                                        Work by team
                                                                        TEAM        SHARE  POINTS  TASKS
                                                                        unassigned  100 %  22      7\
""")


def test_the_burndown_at_80_columns(run, past):  # noqa: ARG001
    assert shown(run, "burndown", 80) == snapshot("""\
sprint-1  burndown  First sprint
behind: 8 points remain, the ideal is 4, r = 0.50

 12│     ●━━━━━┃
   │     ┃     ●━━━━┃
  9│     ┃          ┃
   │●━━━━┃          ┃                ●
  6│     ⋅⋅⋅⋅⋅⋅⋅⋅⋅  ●━━━━●━━━━●━━━━━┃┃
   │              ⋅⋅⋅⋅⋅⋅⋅⋅⋅         ●┃
   │                       ⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅
  3│                                          ⋅⋅⋅⋅⋅⋅⋅⋅⋅
   │                                                   ⋅⋅⋅⋅⋅⋅⋅⋅⋅
  0│                                                            ⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅
   ────────────────────────────────────────────────────────────────────────────
      ▲                             ▲
    01-05      01-07     01-09      01-11     01-13 01-14     01-16      01-18
    ●━ remaining points  ⋅⋅ ideal  ▲▼ scope grew, shrank

Scope +14 points in 6 changes
WHEN              TASK    CHANGE     POINTS
2026-01-05 09:00  TASK-3  added      +1
2026-01-05 09:00  TASK-4  added      +2
2026-01-05 09:00  TASK-5  added      +3
2026-01-05 09:00  TASK-6  added      +1
2026-01-05 09:00  TASK-7  added      +2
2026-01-11 02:00  TASK-2  estimated  +5\
""")


def test_the_burndown_at_140_columns(run, past):  # noqa: ARG001
    assert shown(run, "burndown", 140) == snapshot("""\
sprint-1  burndown  First sprint
behind: 8 points remain, the ideal is 4, r = 0.50

 12│          ●━━━━━━━━┃
   │          ┃        ●━━━━━━━━━┃
   │          ┃                  ┃
   │          ┃                  ┃
  9│          ┃                  ┃
   │●━━━━━━━━━┃                  ┃                              ●
   │     ⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅              ┃                              ┃
   │               ⋅⋅⋅⋅⋅⋅⋅⋅⋅     ┃                              ┃
  6│                        ⋅⋅⋅⋅⋅●━━━━━━━━●━━━━━━━━━●━━━━━━━━┃  ┃
   │                                  ⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅             ●━━┃
   │                                            ⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅
  3│                                                                        ⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅
   │                                                                                  ⋅⋅⋅⋅⋅⋅⋅⋅⋅
   │                                                                                           ⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅
   │                                                                                                     ⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅
  0│                                                                                                               ⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅⋅
   ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        ▲                                                     ▲
    01-05     01-06    01-07     01-08    01-09     01-10    01-11     01-12     01-13    01-14     01-15    01-16     01-17    01-18 01-19
    ●━ remaining points  ⋅⋅ ideal  ▲▼ scope grew, shrank

Scope +14 points in 6 changes
WHEN              TASK    CHANGE     POINTS
2026-01-05 09:00  TASK-3  added      +1
2026-01-05 09:00  TASK-4  added      +2
2026-01-05 09:00  TASK-5  added      +3
2026-01-05 09:00  TASK-6  added      +1
2026-01-05 09:00  TASK-7  added      +2
2026-01-11 02:00  TASK-2  estimated  +5\
""")


def test_the_burndown_in_ascii(run, past):  # noqa: ARG001
    found = shown(run, "burndown", 80, ascii=True)

    assert found.isascii()
    assert "*=" in found and " ideal" in found


def test_the_burndown_in_a_pipe_is_its_numbers(run, past):  # noqa: ARG001
    assert run("burndown", "--project", "myapp").stdout == snapshot("""\
sprint-1  burndown  First sprint
behind: 8 points remain, the ideal is 4, r = 0.50

DATE                  IDEAL  REMAINING
2026-01-05            8      8
2026-01-06            7.2    12
2026-01-07            6.4    11
2026-01-08            5.6    6
2026-01-09            4.8    6
2026-01-10            4      6
2026-01-11            4      5
2026-01-11T07:00:45Z  4      8
2026-01-12            4      -
2026-01-13            3.2    -
2026-01-14            2.4    -
2026-01-15            1.6    -
2026-01-16            0.8    -
2026-01-17            0      -
2026-01-18            0      -
2026-01-19            0      -

Scope +14 points in 6 changes
WHEN              TASK    CHANGE     POINTS
2026-01-05 09:00  TASK-3  added      +1
2026-01-05 09:00  TASK-4  added      +2
2026-01-05 09:00  TASK-5  added      +3
2026-01-05 09:00  TASK-6  added      +1
2026-01-05 09:00  TASK-7  added      +2
2026-01-11 02:00  TASK-2  estimated  +5
""")


def test_the_forecast_at_80_columns(run, past):  # noqa: ARG001
    assert shown(run, "forecast", 80) == snapshot("""\
myapp  forecast  sprint-1 (active, 2026-01-05 to 2026-01-19)
8 points remain in 1 task

Done by
CHANCE  DATE
50 %    2026-01-14
70 %    2026-01-15
85 %    2026-01-16
95 %    2026-01-19

Sprint
FIGURE           VALUE
in time          90 %
done by the end  8 points (85 %)
drawn from       5 working days, 6 finished tasks

10,000 runs, and the share of them that is done by then
2026-01-13     24 % █████████████████████████
2026-01-14     57 % ██████████████████████████████████  p50
2026-01-15     79 % ██████████████████████              p70
2026-01-16     90 % ████████████                        p85
2026-01-19     95 % ██████                              late  p95
2026-01-20     98 % ███                                 late
2026-01-21     99 % █                                   late
2026-01-22    100 % █                                   late
2026-01-23    100 % █                                   late
2026-01-26    100 % █                                   late
2026-01-27    100 % █                                   late
2026-01-28    100 % █                                   late
2026-01-29    100 % █                                   late\
""")


def test_the_forecast_at_140_columns(run, past):  # noqa: ARG001
    assert shown(run, "forecast", 140) == snapshot("""\
myapp  forecast  sprint-1 (active, 2026-01-05 to 2026-01-19)
8 points remain in 1 task

Done by                                                                 Sprint
CHANCE  DATE                                                            FIGURE           VALUE
50 %    2026-01-14                                                      in time          90 %
70 %    2026-01-15                                                      done by the end  8 points (85 %)
85 %    2026-01-16                                                      drawn from       5 working days, 6 finished tasks
95 %    2026-01-19

10,000 runs, and the share of them that is done by then
2026-01-13     24 % █████████████████████████████████████████████
2026-01-14     57 % ████████████████████████████████████████████████████████████  p50
2026-01-15     79 % ███████████████████████████████████████                       p70
2026-01-16     90 % ████████████████████                                          p85
2026-01-19     95 % ██████████                                                    late  p95
2026-01-20     98 % █████                                                         late
2026-01-21     99 % ██                                                            late
2026-01-22    100 % █                                                             late
2026-01-23    100 % █                                                             late
2026-01-26    100 % █                                                             late
2026-01-27    100 % █                                                             late
2026-01-28    100 % █                                                             late
2026-01-29    100 % █                                                             late\
""")


def test_the_flow_at_80_columns(run, past):  # noqa: ARG001
    assert shown(run, "flow", 80) == snapshot("""\
myapp  flow  sprint-1 (active, 2026-01-05 to 2026-01-19)

Cycle time of the last 90 days
 2.4d│
     │┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄●┄┄┄ 85 % 2d 2h
 1.8d│
     │
 1.2d│                ●
     │                                                                        ●
     │                               ●
 0.6d│
     │●                   ●
   0d│
     ──────────────────────────────────────────────────────────────────────────
      2026-01-05                                                     2026-01-11
      ● a task  2-9 so many  ◆ 10 or more  ┄ percentile

Figures
FIGURE             VALUE
cycle time         median 23h 0m, mean 22h 50m, 85 % in 2d 2h, 95 % in 2d 2h
lead time          median 2d 3h, mean 2d 16h, 85 % in 5d 17h, 95 % in 5d 17h
in progress        1 (0 blocked), 0 older than 2d 2h, the 85th percentile
flow efficiency    100 %
blocked            0 % of open tasks, 0m lost
time to unblock    n/a (needs 1 resolved blocker)
Little's law       WIP 1.0, expected 1.0: stable flow
estimates          n/a (needs 8 finished tasks with points)
within WIP limits  todo 100 %, review 100 %

In progress
TASK    COLUMN  AGE    FLAG  ASSIGNEE  TITLE
TASK-2  review  5h 0m        -         Log out\
""")


def test_the_flow_at_140_columns(run, past):  # noqa: ARG001
    assert shown(run, "flow", 140) == snapshot("""\
myapp  flow  sprint-1 (active, 2026-01-05 to 2026-01-19)

Cycle time of the last 90 days
 2.4d│
     │
     │┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄●┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ 85 % 2d 2h
     │
 1.8d│
     │
     │
     │                              ●
 1.2d│                                                                                                                                    ●
     │
     │                                                         ●
 0.6d│
     │
     │                                     ●
     │●
   0d│
     ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      2026-01-05                                                                                                                 2026-01-11
      ● a task  2-9 so many  ◆ 10 or more  ┄ percentile

Figures
FIGURE             VALUE
cycle time         median 23h 0m, mean 22h 50m, 85 % in 2d 2h, 95 % in 2d 2h
lead time          median 2d 3h, mean 2d 16h, 85 % in 5d 17h, 95 % in 5d 17h
in progress        1 (0 blocked), 0 older than 2d 2h, the 85th percentile
flow efficiency    100 %
blocked            0 % of open tasks, 0m lost
time to unblock    n/a (needs 1 resolved blocker)
Little's law       WIP 1.0, expected 1.0: stable flow
estimates          n/a (needs 8 finished tasks with points)
within WIP limits  todo 100 %, review 100 %

In progress
TASK    COLUMN  AGE    FLAG  ASSIGNEE  TITLE
TASK-2  review  5h 0m        -         Log out\
""")


def test_velocity_at_80_and_140_columns():
    rows = [
        {
            "id": f"sprint-{n}",
            "name": f"S{n}",
            "completed_at": None,
            "committed": c,
            "completed": d,
            "kept": None,
        }
        for n, (c, d) in enumerate([(20, 18), (24, 24), (None, 9), (18, 21)], 1)
    ]
    value = {
        "project": "myapp", "sprint": None, "finished_sprints": rows, "needs": {"burn_rate": "needs a sprint"},
        "velocity": {"mean": 18, "min": 9, "max": 24, "sprints": 4}, "predictability": 0.95, "burn_rate": None,
        "time": None,
    }  # fmt: skip

    assert terminal.text(figures.velocity(value), 80) == snapshot("""\
myapp  velocity

sprint-1  █████████████████████████████████████████████░░░░░  18 of 20
sprint-2  ████████████████████████████████████████████████████████████  24 of 24
sprint-3  ██████████████████████  9
sprint-4  ████████████████████████████████████████████████████  21 of 18
                                                      ▲ mean 18

FIGURE          VALUE
velocity        18 (9 to 24) points a sprint
predictability  95 %
burn rate now   n/a (needs a sprint)\
""")
    assert terminal.text(figures.velocity(value), 140) == snapshot("""\
myapp  velocity

sprint-1  ████████████████████████████████████████████████████████████░░░░░░░  18 of 20
sprint-2  ████████████████████████████████████████████████████████████████████████████████  24 of 24
sprint-3  ██████████████████████████████  9
sprint-4  ██████████████████████████████████████████████████████████████████████  21 of 18
                                                                     ▲ mean 18

FIGURE          VALUE
velocity        18 (9 to 24) points a sprint
predictability  95 %
burn rate now   n/a (needs a sprint)\
""")


@pytest.mark.parametrize("width", [20, 40, 80, 140, 300])
@pytest.mark.parametrize("command", ["metrics", "velocity", "burndown", "forecast", "flow"])
def test_no_line_is_wider_than_the_terminal(run, past, command, width):  # noqa: ARG001
    from rich.cells import cell_len

    lines = shown(run, command, width).split("\n")

    assert max(map(cell_len, lines)) <= max(width, 40)
