from datetime import timedelta

import pytest


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/state get sprint.current.name", "First"),
        ("/state get sprint.current.name   # the name", "First"),
        ("/state get tasks.TASK-1.points", "5"),
        ("/state get $.sprint.tasks[?(@.priority == 1)].id", '[\n  "TASK-1"\n]'),
        ('/state get "tasks.TASK-1.depends_on"', "[]"),
        ("/state get sprint.current.name --format json", '"First"'),
    ],
)
def test_values_by_path(chat, typed: str, shown: str) -> None:
    assert chat.say(typed) == shown


def test_a_missing_path_names_the_nearest(chat) -> None:
    assert "points" in chat.refused("/state get tasks.TASK-1.point")


def test_records_as_a_table(chat) -> None:
    lines = chat.say("/state get sprint.tasks --format table").splitlines()

    assert lines[0].split()[:2] == ["ID", "TITLE"]
    assert [line.split()[0] for line in lines[1:]] == ["TASK-1", "TASK-2"]


def test_the_names_at_the_top(chat) -> None:
    rows = dict(line.split(maxsplit=1) for line in chat.say("/state get").splitlines())

    assert rows["tasks"] == "3: TASK-1, TASK-2, TASK-3"
    assert rows["sprints"] == "1: sprint-1"


def test_a_client_that_changed_nothing_has_no_session_of_its_own_yet(chat) -> None:
    stranger = "99999999-2222-3333-4444-555555555555"

    answer = chat.ask("/state get session", host=stranger)

    assert answer.text == (
        "Error: there is no session yet: this client has changed nothing\n"
        "Hint: the first change makes its session"
    )


def test_writing_shows_before_and_after_and_the_way_back(chat) -> None:
    lines = chat.say("/state set tasks.TASK-1.priority 2").splitlines()

    assert lines[0] == "✓ Set tasks.TASK-1.priority (projects/myapp/tasks/TASK-1.yaml)"
    assert lines[1] == "~ projects.myapp.tasks.TASK-1.priority: 1 -> 2"
    chat.say(lines[2].removeprefix("Undo: "))
    assert chat.task("TASK-1")["priority"] == 1
    assert (
        chat.say("/state set tasks.TASK-1.priority 1")
        == "tasks.TASK-1.priority is so already: nothing was changed."
    )


def test_values_of_other_kinds(chat) -> None:
    chat.say('/state set tasks.TASK-1 {"labels": ["a", "b"]} --merge')
    chat.say("/state set notes.plan first the form; then $(the rest)")
    chat.say("/state set notes.list [1, 2] --json")

    assert chat.task("TASK-1")["labels"] == ["a", "b"]
    assert chat.say("/state get notes.plan") == "first the form; then $(the rest)"
    assert chat.say("/state get notes.list[1]") == "2"
    assert chat.refused("/state set tasks.TASK-1.points [1 --json").startswith("VALUE is not JSON: ")
    assert chat.refused("/state set tasks.TASK-1.column nowhere").startswith(
        "column 'nowhere' is not one of "
    )


def test_summary_without_and_with_a_sprint_before(running) -> None:
    assert "There is no finished sprint to compare with." in running.say("/state summary")
    assert "Health" in running.say("/state summary")


def test_tasks_that_want_a_look(running) -> None:
    running.say("/move TASK-2 in_progress")
    running.say("/assign TASK-2 @qa-analyst")
    running.now += timedelta(days=6)

    shown = running.say("/state tasks")

    assert "in_progress (1)" in shown
    assert "urgent of priority 1 or 2 and assigned to nobody: TASK-1" in shown
    assert "long in work for more than 5 days, or longer than 85 % of finished tasks: TASK-2\n" in shown
    assert "TASK-3" not in running.say("/state tasks --status todo")
    assert "TASK-2" not in running.say("/state tasks --unassigned").partition("Worth a look")[0]
    assert running.say("/state tasks --age 30d") == "myapp  0 tasks\n\nThere are no tasks that old."


def test_history_diff_and_blame(running) -> None:
    running.say("/move TASK-1 in_progress")
    running.now += timedelta(hours=1)
    running.say("/estimate TASK-1 8")

    history = running.say("/state history tasks.TASK-1.points --limit 5").splitlines()
    assert [line.split("  ")[-1] for line in history[1:]] == [
        "task: TASK-1 estimated at 8",
        "task: create TASK-1 Log in",
    ]
    assert running.say('/state diff "30 minutes ago"') == "~ tasks.TASK-1.points: 5 -> 8"
    assert "tasks.TASK-1.points  2026-01-05 10:" in running.say("/state blame tasks.TASK-1.points")
    assert running.say("/state history tasks.TASK-1.points --replay 30 minutes ago").endswith("\n5")
    assert running.say("/state history --path tasks.TASK-9") == "There are no changes of tasks.TASK-9."


def test_reset_waits_for_the_word_and_can_be_restored(chat) -> None:
    chat.say("/state set notes.plan mine")

    shown = chat.say("/state reset")
    assert shown.splitlines()[-1] == "/state reset RESET"
    assert chat.say("/state get notes.plan") == "mine"
    assert chat.refused("/state reset reset").startswith("'reset' is not RESET")

    done = chat.say("/state reset RESET").splitlines()

    assert done[1].startswith("✓ Reset session ")
    assert "notes" not in chat.say("/state get")
    restore = next(line for line in done if line.startswith("Restore: "))
    chat.apply(restore.removeprefix("Restore: "))
    assert chat.say("/state get notes.plan") == "mine"


def test_reset_without_a_preview_shows_it_first(chat) -> None:
    chat.say("/state set notes.plan mine")

    assert chat.say("/state reset RESET").splitlines()[-1] == "/state reset RESET"
    assert chat.say("/state get notes.plan") == "mine"


def test_the_line_of_a_reset_repeats_its_options(running) -> None:
    running.say("/task next --as qa-analyst --start")

    assert running.refused("/state reset --project").startswith("being worked on: TASK-1")
    line = running.say("/state reset --project --partial tasks --force").splitlines()[-1]
    assert line == "/state reset RESET --project --partial tasks --force"
    running.say(line)
    assert list(running.project().tasks) == []


def test_restore_lists_what_there_is(chat) -> None:
    assert chat.say("/state restore") == "There are no backups: /config backup create makes one."
    assert chat.refused("/state restore nowhere") == "no backup 'nowhere'\nHint: see `/state restore`"


def test_a_retrospective_is_written_by_section(running) -> None:
    running.say("/move TASK-1 done")

    facts = running.say("/retro")
    assert "1 of 2 tasks done\n5 points completed of 8 committed (62 % of all)" in facts
    assert "Nothing was blocked." in facts
    saved = running.say(
        "/save-retro well: Pairing; Small tasks not well: The vendor's docs actions: - Ask earlier"
    )
    assert saved.startswith("✓ Saved the retrospective of sprint-1: well 2, not well 1, actions 1")
    running.say("/save-retro well: Pairing alone")

    assert running.project().sprints["sprint-1"]["retro"] == {
        "well": ["Pairing alone"], "not_well": ["The vendor's docs"], "actions": ["Ask earlier"],
    }  # fmt: skip
    assert running.refused("/save-retro it was fine") == (
        "a retrospective is written under headings\nHint: /save-retro well: A; B  not well: C  actions: D"
    )


def test_a_discussion_is_work_for_the_model(running) -> None:
    answer = running.ask("/retro #sprint-1 --discuss")

    assert answer.for_model
    assert "| 0 of 2 tasks done\n" in answer.text
    assert "shared_state.py update-sprint myapp sprint-1 --data " in answer.text


def test_a_sprint_goes_to_a_file(running) -> None:
    path = running.say("/sprint-export csv").splitlines()[1]

    assert path == str(running.folder / "myapp-sprint-1.csv")
    assert (running.folder / "myapp-sprint-1.csv").read_text().startswith("id,title,type,status")
    assert running.say("/sprint-export").splitlines()[1].endswith("myapp-sprint-1.md")


def test_figures_say_what_they_wait_for(running) -> None:
    assert "n/a (needs 3 finished sprints)" in running.say("/velocity")
    assert "sprint-1  burndown" in running.say("/burndown")
    assert "forecast" in running.say("/forecast #sprint-1")
    assert "myapp  figures" in running.say("/metrics # all of them")
