"""`/monitor`: views that answer once, and what follows them at a terminal."""

import json
import threading
import time

import pytest

from orchestration.store.repo import Store


def test_the_dashboard(running) -> None:
    page = running.say("/monitor                      # Main monitoring dashboard")

    assert page.startswith(
        "myapp  sprint-1: First  active  2026-01-05 – 2026-01-19  day 1 of 14\n0 of 8 points and"
    )
    assert "engineering" in page
    assert "Nothing needs attention." in page


def test_the_situation_of_a_team_and_as_json(running) -> None:
    running.say("/assign TASK-1 @qa-analyst")

    assert "@engineering-ux" not in running.say("/monitor status qa")
    found = json.loads(running.say("/monitor status --json"))
    assert [(one["column"], one["tasks"]) for one in found["columns"]][0] == ("todo", 2)
    assert "did you mean qa" in running.refused("/monitor status qaa")


def test_live_is_shown_once_with_the_line_for_a_terminal(running) -> None:
    shown = running.say("/monitor live 10 alerts,events")

    assert shown.endswith("  uv run .claude/scripts/observability.py monitor --interval 10")
    assert "\nAlerts\n" in shown and "\nLast events\n" in shown
    assert "\nAgents\n" not in shown
    assert "panel 'cpu' is not one of alerts, agents, sessions, events" in running.refused(
        "/monitor live cpu"
    )


def test_the_line_for_a_terminal_where_no_scripts_are_installed(chat) -> None:
    (chat.folder / ".claude" / "scripts" / "observability.py").unlink()

    assert chat.say("/monitor live 10").endswith("  orchestration observability monitor --interval 10")


def test_teams_wait_for_each_other(running) -> None:
    running.say("/assign TASK-1 @engineering-ux")
    running.say("/task add Check it --depends TASK-1 --assignee qa-analyst")

    assert "qa waits for engineering: 1 task" in running.say("/monitor teams")


def test_a_sprint_with_its_outlook(running) -> None:
    shown = running.say("/monitor sprint #sprint-1")

    assert "on track" in shown
    assert shown.endswith("Outlook\nn/a (needs 1 finished task with points)")


def test_quality_is_what_was_reported(running) -> None:
    assert "No figures of quality were reported." in running.say("/monitor metrics quality")

    running.say("/state set sprint.metrics.coverage 81")

    assert "coverage: 81" in running.say("/monitor metrics quality")
    assert "cycle time" in running.say("/monitor metrics performance")
    assert "No sprint is finished yet." in running.say("/monitor metrics productivity")
    assert "'speed' is not one of performance, quality, productivity" in running.refused(
        "/monitor metrics speed"
    )


def test_events_are_found_by_words_type_and_task(running) -> None:
    running.say("/block TASK-1 no key")

    assert running.say("/monitor events blocked --task task-1").endswith(
        "task_blocked  ada  task: TASK-1 blocked: no key"
    )
    assert running.say("/monitor events nothing-like-that") == "There are no such events."
    assert "--since needs a value" in running.refused("/monitor events --since")


def test_following_waits_and_says_how_to_go_on(running) -> None:
    shown = running.say("/monitor events --follow --wait 0.2     # Real-time event stream")

    assert "-- then nothing happened for 0 seconds." in shown
    assert shown.endswith("At a terminal:\n  orchestration events --follow")
    assert "out of range" in running.refused("/monitor events --follow --wait 60")


def test_following_shows_what_happens_meanwhile(running) -> None:
    client = running.client()
    root = client.store.root

    def write() -> None:
        time.sleep(0.3)
        with Store(root).transaction(author="bob", now=running.now) as tx:
            tx.emit("deployed", "event: deployed", project="myapp")

    other = threading.Thread(target=write)
    other.start()
    shown = running.say("/monitor events --follow --wait 5 --type deployed")
    other.join()

    head, _, news = shown.partition("-- then, within ")
    assert head == "There are no such events.\n\n"
    assert "deployed  bob  event: deployed" in news


@pytest.mark.parametrize("typed", ["/monitor", "/monitor status", "/monitor metrics", "/monitor events"])
def test_looking_changes_nothing(running, typed) -> None:
    before = running.commits()

    running.say(typed)

    assert running.commits() == before
