from pathlib import Path

import pytest

from orchestration.claude import usage
from orchestration.claude.table import FAMILIES


def test_a_move_says_what_happened_and_how_full_the_column_is(running) -> None:
    lines = running.say("/move TASK-1 in_progress").splitlines()

    assert lines[:3] == [
        "✓ TASK-1 todo -> in_progress",
        "in_progress 1/5",
        "TASK-1 is assigned to nobody; engineering-fullstack has a free slot: `/assign TASK-1 @engineering-fullstack`",
    ]
    assert running.task("TASK-1")["column"] == "in_progress"


def test_ids_are_taken_in_any_case_and_unknown_ones_get_the_nearest(running) -> None:
    assert running.say("/move task-1 in_progress").startswith("✓ TASK-1 todo -> in_progress")
    assert running.refused("/move TASK-11 done") == (
        "no task 'TASK-11' in project 'myapp'\nHint: did you mean TASK-1 or TASK-2 or TASK-3?"
    )


@pytest.mark.parametrize(
    "name", ["@qa-analyst", "@agent-qa-analyst", "@.claude/agents/qa-analyst.md", "qa-analyst"]
)
def test_an_agent_in_each_spelling(chat, name: str) -> None:
    assert chat.say(f"/assign TASK-1 {name}").startswith("✓ TASK-1 is assigned to qa-analyst")
    assert chat.task("TASK-1")["assignee"] == "qa-analyst"


def test_agent_and_task_may_be_swapped_and_none_takes_the_agent_away(chat) -> None:
    chat.say("/assign @qa-analyst TASK-1")
    assert chat.task("TASK-1")["assignee"] == "qa-analyst"

    chat.say("/assign TASK-1 @none")

    assert chat.task("TASK-1")["assignee"] is None


def test_blockers_are_opened_and_closed_one_by_one_or_together(running) -> None:
    assert running.say(
        '/block TASK-1 "Waiting for the vendor\'s docs" --severity high --on TASK-2'
    ).startswith("✓ TASK-1 is blocked by BLK-1 (high, waiting for TASK-2): Waiting for the vendor's docs")
    assert "TASK-1 has 2 open blockers" in running.say("/block TASK-1 and the keys")
    assert running.say("/unblock TASK-1 BLK-1 they wrote back").startswith(
        "✓ TASK-1 is still blocked; BLK-1 closed"
    )
    assert running.task("TASK-1")["blockers"][0]["resolution"] == "they wrote back"
    assert running.say("/unblock TASK-1").startswith("✓ TASK-1 is back in todo; BLK-2 closed")
    assert (
        running.refused("/unblock TASK-1")
        == "TASK-1 is not blocked\nHint: block it with `/block TASK-1 REASON`"
    )


@pytest.mark.parametrize(
    "reason",
    ["$(touch x)", "`touch x`", "a; rm -rf .", "it's `[/red]`", "<<EOF\nORCH_END\n```",
     "'; DROP TABLE", "√ü 漢字 🎉", "a && b"],
)  # fmt: skip
def test_what_was_typed_is_stored_as_it_was_typed(chat, reason: str) -> None:
    chat.say(f"/block TASK-1 {reason}")

    assert chat.task("TASK-1")["blockers"][0]["reason"] == reason
    assert not (chat.folder / "x").exists()


def test_control_characters_are_shown_and_not_obeyed(chat) -> None:
    assert "\x1b" not in chat.say("/block TASK-1 \x1b[31mred")
    chat.say("/task add \x1b[2Jgone [/api]")

    shown = chat.say("/board --backlog") + chat.say("/task list") + chat.say("/state tasks")

    assert "\x1b" not in shown
    assert "[/api]" in shown


def test_estimates_splits_and_limits(running) -> None:
    assert "scope of sprint-1: 8 -> 11 points, 8 committed" in running.say("/estimate TASK-1 8")
    assert running.say("/split TASK-1 Form; Token").startswith("✓ TASK-1 is split into TASK-4, TASK-5")
    assert [running.task(name)["points"] for name in ("TASK-4", "TASK-5")] == [4, 4]
    assert running.say("/wip todo 2").splitlines()[:2] == [
        "✓ limit of todo in sprint sprint-1: 2",
        "todo 3/2",
    ]
    assert "limit of todo in sprint sprint-1: off" in running.say("/wip todo off")


def test_a_full_column_names_the_way_out_in_slash_commands(running) -> None:
    running.say("/wip in_progress 1")
    running.say("/move TASK-1 in_progress")

    said = running.refused("/move TASK-2 in_progress")

    assert "`/wip in_progress N`, or `/move TASK-2 in_progress --force REASON`" in said
    assert running.say("/move TASK-2 in_progress --force the demo is today").startswith("✓ TASK-2 todo")


def test_autoassign_shows_and_applies(running) -> None:
    shown = running.say("/autoassign")
    assert shown.splitlines()[-1].startswith("/orchestrate apply ")
    assert running.task("TASK-1")["assignee"] is None

    done = running.say(shown.splitlines()[-1])

    assert done.startswith("✓ Assigned")
    assert running.task("TASK-1")["assignee"] == "devops"


def test_the_filter_is_kept_for_the_session_and_used_by_the_board(running) -> None:
    assert running.say("/filter") == (
        "No filter is set: /board shows everything.\n"
        "Set one with /filter team:qa status:open, take it off with /filter clear."
    )
    assert running.say("/filter priority:1").startswith("✓ /board shows priority:1: 1 of 3 tasks.")
    board = running.say("/board")
    assert "filter: priority:1 (1 task)" in board
    assert "TASK-2" not in board
    assert "TASK-2" in running.say("/board", host="99999999-2222-3333-4444-555555555555")
    assert "TASK-2" in running.say("/board #sprint-1 priority:3")

    running.say("/filter clear")

    assert "TASK-2" in running.say("/board")


def test_the_board_names_a_sprint_that_is_not_there(chat) -> None:
    assert chat.refused("/board #sprint-2") == (
        "no sprint 'sprint-2' in project 'myapp'\nHint: did you mean sprint-1?"
    )


def test_tasks_are_listed_shown_found_and_claimed(running) -> None:
    assert running.say("/task list status:todo").splitlines()[1].startswith("TASK-1  todo    1         5")
    assert "title:        Log out" in running.say("/task show task-2")
    assert "TASK-1" in running.say("/task ready --as @qa-analyst")
    assert running.say("/task claim TASK-2 --as @qa-analyst").startswith(
        "✓ qa-analyst claimed TASK-2: Log out (todo)"
    )
    assert (
        running.say("/task next --as engineering-ux --dry-run") == "engineering-ux would get TASK-1: Log in"
    )
    assert running.say("/task next --as engineering-ux --start").startswith(
        "✓ engineering-ux claimed TASK-1: Log in (in_progress)"
    )
    assert running.refused("/task claim TASK-2 --as engineering-ux").startswith(
        "TASK-2 is claimed by qa-analyst"
    )


def test_reads_make_no_commit_and_no_session(chat) -> None:
    before = chat.commits()
    stranger = "99999999-2222-3333-4444-555555555555"

    for typed in (
        "/board", "/task list", "/metrics", "/velocity", "/burndown", "/forecast", "/retro", "/filter", "/orchestrate",
        "/orchestrate sprint status", "/orchestrate agents status", "/state", "/state get", "/state get sprint.current",
        "/state summary", "/state tasks", "/state history", "/state diff HEAD~1", "/state blame tasks.TASK-1", "/undo",
        "/orchestrate stop", "/state reset", "/orchestrate team activate qa", "/orchestrate sprint start",
    ):  # fmt: skip
        assert chat.say(typed, host=stranger), typed

    assert chat.commits() == before


def test_without_a_project_every_command_says_so_in_a_line(empty) -> None:
    for name, family in FAMILIES.items():
        for form, command in family.forms.items():
            slots = usage.read(command.usage).slots
            words = [slot.choices[0] if slot.choices else "1" for slot in slots if slot.required]
            answer = empty.ask(f"/{name} {form} {' '.join(words)}".strip())
            assert answer.text.strip(), (name, form)
            assert "Traceback" not in answer.text
    assert not Path(empty.env["HOME"]).exists()


def test_undo_and_redo(running) -> None:
    running.say("/move TASK-1 in_progress")

    assert "✓ Undid: task: TASK-1 todo -> in_progress" in running.say("/undo")
    assert running.task("TASK-1")["column"] == "todo"
    assert "Would bring back" in running.say("/redo --dry-run")
    assert "✓ Redid: task: TASK-1 todo -> in_progress" in running.say("/redo")
    assert running.task("TASK-1")["column"] == "in_progress"
