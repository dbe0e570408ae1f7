"""`/team` and the families beside it: load, capacity, assigning, handoffs, performance."""

import json

import pytest


@pytest.mark.parametrize(
    "typed",
    [
        "/team", "/teams", "/team list --format tree", "/team list --format table", "/team status", "/team capacity qa",
        "/capacity --forecast 10", "/resources", "/performance", "/team performance --period all --metric quality",
        "/dependencies", "/handoffs", "/allocation --dry-run",
    ],
)  # fmt: skip
def test_looking_answers_and_changes_nothing(running, typed) -> None:
    before = running.commits()

    assert running.say(typed)

    assert running.commits() == before


def test_teams_as_a_tree_and_as_json(chat) -> None:
    assert "  └─ @engineering-ux" in chat.say("/team list --format tree")
    found = json.loads(chat.say("/team list --team qa --format json"))
    assert [one["name"] for one in found["teams"]] == ["qa"]


def test_capacity_of_a_team(running) -> None:
    running.say("/team assign qa-analyst TASK-1")

    shown = running.say("/team capacity qa")

    assert (
        "qa  1/1 slots, 0 free, 0 % utilised, full; points per sprint n/a (needs 3 finished sprints)" in shown
    )
    assert "@qa-analyst  ████████████████████  100 % full  1/1 slots, 0 free" in shown
    assert "Roles, without a free slot: QA analyst" in shown
    assert "did you mean qa?" in running.refused("/team capacity qaa")


def test_a_task_is_assigned_in_either_order(running) -> None:
    assert running.say("/team assign engineering-ux TASK-1").startswith(
        "✓ TASK-1 is assigned to engineering-ux"
    )
    running.say("/team assign task-2 @qa-analyst   # Direct agent assignment")

    assert running.task("TASK-1")["assignee"] == "engineering-ux"
    assert running.task("TASK-2")["assignee"] == "qa-analyst"
    assert "did you mean TASK-1" in running.refused("/team assign qa-analyst TASK-11")


def test_a_text_becomes_a_task_once_it_is_applied(running) -> None:
    shown = running.apply('/team assign @qa-analyst Don\'t forget the "old" login')

    assert shown.startswith("✓ TASK-4 was created in sprint-1, and assigned to qa-analyst: Don't forget")
    made = running.task("TASK-4")
    assert (made["title"], made["assignee"]) == ('Don\'t forget the "old" login', "qa-analyst")


def test_a_handoff_waits_for_its_answer(running) -> None:
    running.say("/assign TASK-1 @engineering-ux")

    asked = running.say('/team handoff engineering qa "Ready for tests" --task task-1 --artifacts a.md,b.md')

    assert asked.splitlines()[:3] == [
        "✓ Requested HO-1: engineering → qa, waiting to be accepted",
        "qa holds 0 of 1 slot, 1 with it",
        "The answer: /team accept-handoff HO-1, /team defer-handoff HO-1 REASON or /team reject-handoff HO-1 REASON",
    ]
    circle = running.refused("/team handoff qa engineering back")
    assert "would go in a circle" in circle
    assert "`/team accept-handoff HO-1`" in circle
    assert running.say("/team defer-handoff ho-1 not today").startswith("✓ Deferred HO-1")
    assert running.say("/handoffs --status deferred").splitlines()[1].startswith("HO-1  deferred")
    running.say("/team resume-handoff HO-1")
    assert running.say("/team accept-handoff HO-1").startswith("✓ Accepted HO-1; now with team qa: TASK-1")
    assert running.task("TASK-1")["team"] == "qa"
    running.say("/team start-handoff HO-1")
    running.say("/team complete-handoff HO-1")
    assert "none is open" in running.refused("/team reject-handoff HO-9 no")


def test_a_handoff_to_a_team_there_is_not(running) -> None:
    assert "did you mean 'engineering'?" in running.refused("/team handoff qa engineerin x")
    assert "cannot hand over to itself" in running.refused("/team handoff qa qa x")
    assert "nothing is handed over" in running.refused("/team handoff qa engineering   # Cross-team handoffs")
    assert "REASON is missing" in running.refused("/team reject-handoff HO-1")


def test_load_is_balanced_by_applying_the_plan(running) -> None:
    for name in ("TASK-1", "TASK-2"):
        running.say(f"/assign {name} @qa-analyst")

    running.apply("/allocation")

    assert sorted({running.task(name)["assignee"] for name in ("TASK-1", "TASK-2")})[1] == "qa-analyst"


def test_a_team_is_put_to_work(running) -> None:
    running.apply("/team activate qa --focus login")

    assert "qa (active, focus login;" in running.say("/team status qa")
    running.say("/team deactivate qa")
    assert "qa (not active;" in running.say("/team status qa")
