"""The status of a sprint, at 80 and at 140 columns, in a pipe and in short."""

# ruff: noqa: E501 - pictures of 140 columns

from inline_snapshot import snapshot


def test_at_80_columns(drawn):
    assert drawn(80, "sprint") == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14
5 of 37 points done (37 committed), 2 of 11 tasks, 1 without an estimate;
  capacity 30

Columns
COLUMN       TASKS  LIMIT  POINTS
todo         6      6      14      full
in_progress  2      3      13
review       1      2      5
done         2      -      5

Burndown
███▇▇  32 of 37 committed points remain, ideal 24.4: behind

Teams
engineering  ██░░░░░░░░░░░░░░░░░░  12 % done  3/24 points, 4 open, 1 blocked
qa           ███████░░░░░░░░░░░░░  33 % done  2/6 points, 2 open, 1 blocked
no team      ░░░░░░░░░░░░░░░░░░░░   0 % done  0/7 points, 3 open

Goals
○ open  Pay in two clicks
○ open  No failed payments

Blockers
TASK-3 @ana 2d 2h high BLK-1: the gateway is down  fix [/api] timeouts
TASK-7 @rae 20h 0m medium BLK-2: no [test] device\u2068  تسجيل الدخول\u2069

Risks
high     32 points remain, 24.4 on the ideal line: behind
high     TASK-3 is blocked for 2d 2h: the gateway is down
medium   its tasks have 37 points, its capacity is 30
medium   TASK-7 is blocked for 20h 0m: no [test] device

Last events
01-07 14:00  dana   task: create TASK-12 Gift cards
01-07 14:00  dana   task: TASK-7 blocked: no [test] device
01-07 14:00  bo     task: TASK-2 in_progress -> done
01-06 08:00  dana   task: TASK-3 blocked: the gateway is down
01-06 08:00  quinn  task: TASK-10 todo -> done

Next
• TASK-3 is blocked longest, for 2d 2h: the gateway is down
    → state_manager task unblock TASK-3 NOTE
• 3 tasks in todo have no assignee (TASK-8, TASK-5, TASK-11), and 6 slots are
  free
    → state_manager autoassign --dry-run
• 1 task has no estimate: TASK-11
    → state_manager task estimate TASK-11 POINTS
""")


def test_at_140_columns(drawn):
    assert drawn(140, "sprint") == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14
5 of 37 points done (37 committed), 2 of 11 tasks, 1 without an estimate; capacity 30

Columns                                                                 Risks
COLUMN       TASKS  LIMIT  POINTS                                       high     32 points remain, 24.4 on the ideal line: behind
todo         6      6      14      full                                 high     TASK-3 is blocked for 2d 2h: the gateway is down
in_progress  2      3      13                                           medium   its tasks have 37 points, its capacity is 30
review       1      2      5                                            medium   TASK-7 is blocked for 20h 0m: no [test] device
done         2      -      5
                                                                        Last events
Burndown                                                                01-07 14:00  dana   task: create TASK-12 Gift cards
███▇▇  32 of 37 committed points remain, ideal 24.4: behind             01-07 14:00  dana   task: TASK-7 blocked: no [test] device
                                                                        01-07 14:00  bo     task: TASK-2 in_progress -> done
Teams                                                                   01-06 08:00  dana   task: TASK-3 blocked: the gateway is down
engineering  ██░░░░░░░░░░  12 % done  3/24 points, 4 open, 1 blocked    01-06 08:00  quinn  task: TASK-10 todo -> done
qa           ████░░░░░░░░  33 % done  2/6 points, 2 open, 1 blocked
no team      ░░░░░░░░░░░░   0 % done  0/7 points, 3 open                Next
                                                                        • TASK-3 is blocked longest, for 2d 2h: the gateway is down
Goals                                                                       → state_manager task unblock TASK-3 NOTE
○ open  Pay in two clicks                                               • 3 tasks in todo have no assignee (TASK-8, TASK-5, TASK-11), and 6
○ open  No failed payments                                                slots are free
                                                                            → state_manager autoassign --dry-run
Blockers                                                                • 1 task has no estimate: TASK-11
TASK-3 @ana 2d 2h high BLK-1: the gateway is down  fix [/api] timeo…        → state_manager task estimate TASK-11 POINTS
TASK-7 @rae 20h 0m medium BLK-2: no [test] device\u2068  تسجيل الدخول\u2069
""")


def test_in_short(piped):
    assert piped("sprint", "--format", "summary") == snapshot("""\
shop  sprint-7: Faster checkout  active  2026-01-05 – 2026-01-19  day 4 of 14
5 of 37 points done (37 committed), 2 of 11 tasks, 1 without an estimate; capacity 30
todo 6/6, in_progress 2/3, review 1/2, done 2
███▇▇  32 of 37 committed points remain, ideal 24.4: behind
2 open blockers, 4 risks, 0 of 2 goals reached
""")


def test_in_a_pipe_nothing_is_cut(piped):
    shown = piped("sprint")

    assert "TASK-7 @rae 20h 0m medium BLK-2: no [test] device  تسجيل الدخول\n" in shown
    assert "\x1b" not in shown


def test_format_json_is_json_output(run, shop, document):
    shown = run("orchestration", "sprint", "--format", "json", "--project", shop).json
    document = document("sprint")

    assert list(shown) == list(document)
    assert [one["hours"] for one in document["blockers"]] == snapshot([50.0014, 20.0008])
    assert document["points"] == snapshot({"committed": 37, "completed": 5, "remaining": 32})
    assert document["burndown"]["state"] == "behind"


def test_a_planned_sprint_without_tasks(run, piped, shop):
    run("create-sprint", shop, "sprint-8", "Next", "--data", '{"start_date": "2026-02-02"}')

    assert piped("sprint", "sprint-8").split("\n\nLast events")[0] == snapshot("""\
shop  sprint-8: Next  planned  2026-02-02 – 2026-02-16  starts in 25 days
0 of 0 points done, 0 of 0 tasks

Columns
COLUMN       TASKS  LIMIT  POINTS
todo         0      6      0
in_progress  0      3      0
review       0      2      0
done         0      -      0

Burndown
There is no burndown: it has no committed points yet.

Teams
No tasks, so no team has any.

Goals
No goals are written down.

Blockers
Nothing is blocked.

Risks
None found.\
""")


def test_no_sprint(run):
    run("set-config", "empty", "--data", "{}")

    assert run("orchestration", "sprint", "--project", "empty").stdout == snapshot("""\
empty

Project empty has no sprint: `shared_state create-sprint empty ID NAME`
""")
