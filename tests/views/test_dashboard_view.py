"""Teams, dashboard, key figures and timeline, at 80 and at 140 columns."""

# ruff: noqa: E501 - pictures of 140 columns

import pytest
from inline_snapshot import snapshot
from rich.cells import cell_len


def test_teams_at_80_columns(drawn):
    assert drawn(80, "teams") == snapshot("""\
shop  teams
6 of 9 slots used, 6 open tasks, 2 blocked

Teams
engineering  ███████████████░░░░░  75 % high  4/4 slots, 1 blocked
product      ░░░░░░░░░░░░░░░░░░░░   0 % idle  0/1 slots
qa           ░░░░░░░░░░░░░░░░░░░░   0 % ok    2/3 slots, 1 blocked
devops       ░░░░░░░░░░░░░░░░░░░░   0 % idle  0/1 slots

engineering (lead @ana)
@ana                    █████  200 % over  busy TASK-1, TASK-3; 2/1 slots, 1 bl…
@cy                     █████  100 % full  busy TASK-4; 1/1 slots
@bo                     ░░░░░    0 % ok    idle; 1/1 slots
@engineering-fullstack  ░░░░░    0 % idle  offline; 0/1 slots
@engineering-lead       ░░░░░    0 % idle  offline; 0/1 slots
@engineering-ux         ░░░░░    0 % idle  offline; 0/1 slots

product (lead @product-manager)
@product-manager  ░░░░░░░░░░░░░░░░░░░░  0 % idle  offline; 0/1 slots

qa (lead @quinn)
@qa-analyst  ░░░░░░░░░░░░░░░░░░░░  0 % idle  offline; 0/1 slots
@quinn       ░░░░░░░░░░░░░░░░░░░░  0 % ok    offline; 1/1 slots
@rae         ░░░░░░░░░░░░░░░░░░░░  0 % ok    offline; 1/1 slots, 1 blocked

devops (lead @devops)
@devops  ░░░░░░░░░░░░░░░░░░░░  0 % idle  offline; 0/1 slots

3 tasks of nobody: TASK-11, TASK-5, TASK-8  `state_manager autoassign --dry-run`
""")


def test_teams_at_140_columns(drawn):
    assert drawn(140, "teams") == snapshot("""\
shop  teams
6 of 9 slots used, 6 open tasks, 2 blocked

Teams
engineering  ███████████████░░░░░  75 % high  4/4 slots, 1 blocked
product      ░░░░░░░░░░░░░░░░░░░░   0 % idle  0/1 slots
qa           ░░░░░░░░░░░░░░░░░░░░   0 % ok    2/3 slots, 1 blocked
devops       ░░░░░░░░░░░░░░░░░░░░   0 % idle  0/1 slots

engineering (lead @ana)                                                 product (lead @product-manager)
@ana                    █████  200 % over  busy TASK-1, TASK-3; 2/1…    @product-manager  ░░░░░░░░░░░░░░░░░░░░  0 % idle  offline; 0/1 slots
@cy                     █████  100 % full  busy TASK-4; 1/1 slots
@bo                     ░░░░░    0 % ok    idle; 1/1 slots              qa (lead @quinn)
@engineering-fullstack  ░░░░░    0 % idle  offline; 0/1 slots           @qa-analyst  ░░░░░░░░░░░░░░  0 % idle  offline; 0/1 slots
@engineering-lead       ░░░░░    0 % idle  offline; 0/1 slots           @quinn       ░░░░░░░░░░░░░░  0 % ok    offline; 1/1 slots
@engineering-ux         ░░░░░    0 % idle  offline; 0/1 slots           @rae         ░░░░░░░░░░░░░░  0 % ok    offline; 1/1 slots, 1 blocked

                                                                        devops (lead @devops)
                                                                        @devops  ░░░░░░░░░░░░░░░░░░░░  0 % idle  offline; 0/1 slots

3 tasks of nobody: TASK-11, TASK-5, TASK-8  `state_manager autoassign --dry-run`
""")


def test_one_team_in_a_pipe(piped):
    assert piped("teams", "qa") == snapshot("""\
shop  teams
6 of 9 slots used, 6 open tasks, 2 blocked

qa (lead @quinn)
@qa-analyst  0 %  idle  offline; 0/1 slots
@quinn       0 %  ok    offline; 1/1 slots
@rae         0 %  ok    offline; 1/1 slots, 1 blocked

3 tasks of nobody: TASK-11, TASK-5, TASK-8  `state_manager autoassign --dry-run`
""")


def test_unknown_team(run, shop):
    result = run("orchestration", "teams", "sales", "--project", shop)

    assert (result.exit_code, result.stderr) == snapshot(
        (
            1,
            """\
Error: no team 'sales' in project 'shop'
Hint: its teams: engineering, product, qa, devops
""",
        )
    )


def test_the_dashboard_at_80_columns(drawn):
    assert drawn(80, "dashboard") == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14
5 of 37 points and 2 of 11 tasks done, 3 in work, 2 blocked
███▇▇  32 of 37 committed points remain, ideal 24.4: behind
0 active sessions, 1 expired

Alerts
critical  TASK-3 is blocked for 2d 2h: the gateway is down
warning   quinn is idle for 3d 1h with 1 open task
warning   cy is silent for 2d 2h while working on TASK-4
warning   bo is idle for 20h 0m with 1 open task
warning   TASK-7 is blocked for 20h 0m: no [test] device
warning   sprint sprint-7 is behind its ideal line

Teams
engineering  ███████████████░░░░░  75 % high  4/4 slots, 1 blocked
product      ░░░░░░░░░░░░░░░░░░░░   0 % idle  0/1 slots
qa           ░░░░░░░░░░░░░░░░░░░░   0 % ok    2/3 slots, 1 blocked
devops       ░░░░░░░░░░░░░░░░░░░░   0 % idle  0/1 slots

Handoffs
No team has handed anything over.

Agents
AGENT   TEAM         STATUS   SLOTS  SEEN        WORKS ON
@ana    engineering  busy     2/1    3d 1h ago   TASK-1 Pay with a saved card,…
@cy     engineering  busy     1/1    -           TASK-4 日本語の住所フォームを…
@bo     engineering  idle     1/1    20h 0m ago  -
@quinn  qa           offline  1/1    -           -
@rae    qa           offline  1/1    -           -

Offline, without work: @engineering-fullstack, @engineering-lead,
  @engineering-ux, @product-manager, @qa-analyst, @devops

Last events
01-07 14:00  dana   task: create TASK-12 Gift cards
01-07 14:00  dana   task: TASK-7 blocked: no [test] device
01-07 14:00  bo     task: TASK-2 in_progress -> done
01-06 08:00  dana   task: TASK-3 blocked: the gateway is down
01-06 08:00  quinn  task: TASK-10 todo -> done
01-06 08:00  cy     task: TASK-4 todo -> in_progress
01-06 08:00  ana    task: TASK-1 in_progress -> review
01-05 12:00  ana    task: TASK-3 todo -> in_progress
""")


def test_the_dashboard_at_140_columns(drawn):
    assert drawn(140, "dashboard") == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14
5 of 37 points and 2 of 11 tasks done, 3 in work, 2 blocked
███▇▇  32 of 37 committed points remain, ideal 24.4: behind
0 active sessions, 1 expired

Alerts
critical  TASK-3 is blocked for 2d 2h: the gateway is down
warning   quinn is idle for 3d 1h with 1 open task
warning   cy is silent for 2d 2h while working on TASK-4
warning   bo is idle for 20h 0m with 1 open task
warning   TASK-7 is blocked for 20h 0m: no [test] device
warning   sprint sprint-7 is behind its ideal line

Teams                                                                   Handoffs
engineering  ███████████████░░░░░  75 % high  4/4 slots, 1 blocked      No team has handed anything over.
product      ░░░░░░░░░░░░░░░░░░░░   0 % idle  0/1 slots
qa           ░░░░░░░░░░░░░░░░░░░░   0 % ok    2/3 slots, 1 blocked
devops       ░░░░░░░░░░░░░░░░░░░░   0 % idle  0/1 slots

Agents
AGENT   TEAM         STATUS   SLOTS  SEEN        WORKS ON
@ana    engineering  busy     2/1    3d 1h ago   TASK-1 Pay with a saved card, TASK-3 fix [/api] timeouts
@cy     engineering  busy     1/1    -           TASK-4 日本語の住所フォームを検証する
@bo     engineering  idle     1/1    20h 0m ago  -
@quinn  qa           offline  1/1    -           -
@rae    qa           offline  1/1    -           -

Offline, without work: @engineering-fullstack, @engineering-lead, @engineering-ux, @product-manager, @qa-analyst, @devops

Last events
01-07 14:00  dana   task: create TASK-12 Gift cards
01-07 14:00  dana   task: TASK-7 blocked: no [test] device
01-07 14:00  bo     task: TASK-2 in_progress -> done
01-06 08:00  dana   task: TASK-3 blocked: the gateway is down
01-06 08:00  quinn  task: TASK-10 todo -> done
01-06 08:00  cy     task: TASK-4 todo -> in_progress
01-06 08:00  ana    task: TASK-1 in_progress -> review
01-05 12:00  ana    task: TASK-3 todo -> in_progress
""")


def test_key_figures_at_80_columns(drawn):
    assert drawn(80, "kpis") == snapshot("""\
shop  key figures  with sprint sprint-7 (active)

Key figures
FIGURE           VALUE
predictability   n/a (needs 1 finished sprint with committed points)
velocity         n/a (needs 3 finished sprints)
throughput       3.3 tasks a week
cycle time       1d 1h median, from start to done
flow efficiency  100 % of elapsed time active
blocked          22 % of the open tasks

Health 40 of 100
PART                       WEIGHT  VALUE
completion / time gone     30 %    44 %
velocity / target          25 %    n/a (needs 3 finished sprints and a velocity…
age of blockers            20 %    0 %
load balance               15 %    83 %
handoffs answered in time  10 %    n/a (needs 1 answered handoff)

Epics
EPIC      PRIORITY  POINTS  OPEN  DONE BY                               TITLE
checkout  P2        5/37    9     n/a (needs 5 working days and 5 fin…  Checkout
""")


def test_key_figures_at_140_columns(drawn):
    assert drawn(140, "kpis") == snapshot("""\
shop  key figures  with sprint sprint-7 (active)

Key figures                                                             Health 40 of 100
FIGURE           VALUE                                                  PART                       WEIGHT  VALUE
predictability   n/a (needs 1 finished sprint with committed points)    completion / time gone     30 %    44 %
velocity         n/a (needs 3 finished sprints)                         velocity / target          25 %    n/a (needs 3 finished sprints an…
throughput       3.3 tasks a week                                       age of blockers            20 %    0 %
cycle time       1d 1h median, from start to done                       load balance               15 %    83 %
flow efficiency  100 % of elapsed time active                           handoffs answered in time  10 %    n/a (needs 1 answered handoff)
blocked          22 % of the open tasks

Epics
EPIC      PRIORITY  POINTS  OPEN  DONE BY                                          TITLE
checkout  P2        5/37    9     n/a (needs 5 working days and 5 finished tasks)  Checkout
""")


def test_the_timeline_at_80_columns(drawn):
    assert drawn(80, "timeline", "--limit", "9") == snapshot("""\
shop  timeline  times in UTC

Wed 2026-01-07
14:00  dana   task: create TASK-12 Gift cards
14:00  dana   task: TASK-7 blocked: no [test] device
14:00  bo     task: TASK-2 in_progress -> done

Tue 2026-01-06
08:00  dana   task: TASK-3 blocked: the gateway is down
08:00  quinn  task: TASK-10 todo -> done
08:00  cy     task: TASK-4 todo -> in_progress
08:00  ana    task: TASK-1 in_progress -> review

Mon 2026-01-05
12:00  ana    task: TASK-3 todo -> in_progress
12:00  ana    task: TASK-2 todo -> in_progress

There is more before: --limit N
""")


def test_the_timeline_at_140_columns(drawn):
    assert drawn(140, "timeline", "--limit", "3") == snapshot("""\
shop  timeline  times in UTC

Wed 2026-01-07
14:00  dana  task: create TASK-12 Gift cards
14:00  dana  task: TASK-7 blocked: no [test] device
14:00  bo    task: TASK-2 in_progress -> done

There is more before: --limit N
""")


def test_the_timeline_has_the_days_of_the_project(run, piped):
    run("set-config", "shop", "--data", '{"settings": {"timezone": "Pacific/Auckland"}}')

    assert piped("timeline", "--type", "task_blocked") == snapshot("""\
shop  timeline  times in Pacific/Auckland

Thu 2026-01-08
03:00  dana  task: TASK-7 blocked: no [test] device

Tue 2026-01-06
21:00  dana  task: TASK-3 blocked: the gateway is down
""")


def test_the_timeline_of_nothing(piped):
    assert piped("timeline", "--task", "TASK-99") == snapshot("""\
shop  timeline  times in UTC

Nothing like that has happened yet.
""")


@pytest.mark.parametrize("command", ["sprint", "teams", "dashboard", "kpis", "timeline"])
def test_no_line_is_wider_than_the_terminal(drawn, command):
    for width in (40, 80, 121, 140):
        assert max(map(cell_len, drawn(width, command).splitlines())) <= width


def test_a_project_with_nothing_in_it(run):
    run("set-config", "empty", "--data", "{}", env={"ORCHESTRATION_ACTOR": "dana"})

    assert run("orchestration", "dashboard", "--project", "empty").stdout == snapshot("""\
empty
There is no sprint: `shared_state create-sprint empty ID NAME`
0 active sessions

Alerts
Nothing needs attention.

Teams
engineering  0 %  idle  0/3 slots
product      0 %  idle  0/1 slots
qa           0 %  idle  0/1 slots
devops       0 %  idle  0/1 slots

Handoffs
No team has handed anything over.

Agents
No agent has work, or was seen within a day.

Offline, without work: @engineering-fullstack, @engineering-lead, @engineering-ux, @product-manager, @qa-analyst, @devops

Last events
01-05 09:00  dana  config: create empty
""")
    assert run("orchestration", "kpis", "--project", "empty").stdout.split("\n\n")[-1] == snapshot("""\
Epics
There are no open epics.
""")


def test_without_a_project(run):
    for command in ("board", "sprint", "teams", "dashboard", "kpis", "timeline"):
        result = run("orchestration", command, "--project", "nope")
        assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "Error: no project 'nope'")


def test_the_roadmap_at_80_columns(run, drawn, shop):
    data = '{"start_date": "2026-01-19"}'
    run("create-sprint", shop, "sprint-8", "Refunds", "--epic-id", "checkout", "--data", data)
    run("create-sprint", shop, "sprint-9", "Later")

    assert drawn(80, "roadmap", view="roadmap.roadmap") == snapshot("""\
shop  roadmap  today 2026-01-08

           2026-01-05                               2026-02-02
checkout   ███████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  in_progress 14 %
  sprint-7 ███░░░░░░░░░░░░░░░░░░░░░░                            active 14 %
  sprint-8                          ░░░░░░░░░░░░░░░░░░░░░░░░░░  planned -
  sprint-9 no dates                                             planned -
                ▲ today
""")


def test_the_roadmap_at_140_columns(drawn):
    assert drawn(140, "roadmap", view="roadmap.roadmap") == snapshot("""\
shop  roadmap  today 2026-01-08

           2026-01-05                                                                                           2026-01-19
checkout   ███████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  in_progress 14 %
  sprint-7 ███████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  active 14 %
                                  ▲ today
""")


def test_the_roadmap_in_a_pipe_and_of_nothing(run, piped):
    run("set-config", "empty", "--data", "{}")

    assert piped("roadmap") == snapshot("""\
shop  roadmap  today 2026-01-08

KIND    ID        STATUS       START       END         DONE  TITLE
epic    checkout  in_progress  2026-01-05  2026-01-19  14 %  Checkout
sprint  sprint-7  active       2026-01-05  2026-01-19  14 %  Faster checkout
""")
    assert run("orchestration", "roadmap", "--project", "empty").stdout == snapshot("""\
empty  roadmap  today 2026-01-08

There are no epics and no sprints to show: `shared_state create-sprint empty ID NAME`
""")
