"""Workflows: definitions as they are stored, and the steps of a run."""

from typing import Any

import pytest

from orchestration.domain import workflows
from orchestration.errors import InvalidData, Refused

NOW = "2026-01-05T09:00:00Z"
LATER = "2026-01-05T10:00:00Z"
LAST = "2026-01-05T11:00:00Z"
FIX = {"name": "Bug fix", "type": "delivery", "steps": [{"name": "Reproduce", "assignee": "qa"}, "Fix"]}


def started() -> dict[str, Any]:
    return workflows.start(FIX, "bug-fix", "bug-fix-1", session="s-1", now=NOW)


def outline(run: dict[str, Any]) -> tuple[str, str | None, list[str]]:
    return run["status"], run["current_step"], [step["status"] for step in run["steps"]]


# -- definitions


def test_a_step_may_be_its_name_and_an_assignee_any_form_of_one() -> None:
    found = workflows.definition(
        "w", {"steps": ["Plan", {"name": "Do", "assignee": "@.claude/agents/bo.md"}]}
    )

    assert found == {"steps": [{"name": "Plan"}, {"name": "Do", "assignee": "bo"}]}


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "w.steps is empty"),
        (None, "w.steps is empty"),
        ("Plan", "w.steps is not a list"),
        ([{"assignee": "bo"}], "w.steps[0].name None is not text"),
        (["Plan", " "], "w.steps[1].name is empty"),
        (["Plan", 5, "Plan"], "w.steps[1] 5 is not an object"),
        (["Plan", {"name": "Plan"}], "w.steps[1].name 'Plan' stands twice"),
        ([{"name": "Plan", "assignee": "a b"}], "w.steps[0].assignee 'a b' may hold only"),
    ],
)
def test_what_is_no_workflow_names_its_place(steps: Any, message: str) -> None:
    with pytest.raises(InvalidData) as caught:
        workflows.definition("w", {"steps": steps})

    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_a_project_goes_before_the_store() -> None:
    shared = {"fix": {"name": "shared", "steps": ["a"]}, "ship": {"steps": ["b"]}}
    config = {"workflows": {"fix": {"name": "own", "steps": ["c"]}}}

    found = workflows.definitions(config, shared)

    assert (list(found), found["fix"]["name"]) == (["fix", "ship"], "own")
    assert workflows.definitions(None, None) == {}


# -- runs


def test_a_run_begins_with_its_first_step() -> None:
    run = started()

    assert run == {
        "id": "bug-fix-1",
        "name": "Bug fix",
        "type": "delivery",
        "status": "running",
        "steps": [
            {"name": "Reproduce", "status": "running", "assignee": "qa", "started_at": NOW, "ended_at": None},
            {"name": "Fix", "status": "pending", "assignee": None, "started_at": None, "ended_at": None},
        ],
        "current_step": "Reproduce",
        "session_id": "s-1",
        "created_at": NOW,
    }


def test_steps_follow_each_other_and_the_last_completes_the_run() -> None:
    second = workflows.advance(started(), now=LATER)
    done = workflows.advance(second, now=LAST)

    assert outline(second) == ("running", "Fix", ["completed", "running"])
    assert outline(done) == ("completed", None, ["completed", "completed"])
    assert [(one["started_at"], one["ended_at"]) for one in done["steps"]] == [(NOW, LATER), (LATER, LAST)]


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        ("completed", ["completed", "completed"]),
        ("failed", ["failed", "cancelled"]),
        ("cancelled", ["cancelled", "cancelled"]),
    ],
)
def test_a_run_ends_and_its_open_steps_with_it(status: str, steps: list[str]) -> None:
    ended = workflows.end(started(), status, now=LATER)

    assert outline(ended) == (status, None, steps)
    with pytest.raises(Refused, match=f"is {status}; it cannot become|is already {status}"):
        workflows.end(ended, "cancelled", now=LAST)
    with pytest.raises(Refused, match="it has no present step"):
        workflows.advance(ended, now=LAST)


def test_what_was_done_stays_done_when_a_run_fails() -> None:
    second = workflows.advance(started(), now=LATER)

    assert outline(workflows.end(second, "failed", now=LAST)) == ("failed", None, ["completed", "failed"])


def test_a_run_whose_present_step_is_gone() -> None:
    with pytest.raises(InvalidData, match="has no step 'Dance'"):
        workflows.advance({**started(), "current_step": "Dance"}, now=LATER)


def test_events_say_what_became_of_a_run() -> None:
    run = started()
    second = workflows.advance(run, now=LATER)

    assert workflows.event_of(None, run) == ("state_set", "workflow: start bug-fix-1 (Bug fix)")
    assert workflows.event_of(run, second) == ("state_set", "workflow: bug-fix-1 at Fix")
    done = workflows.advance(second, now=LAST)
    assert workflows.event_of(second, done) == ("state_set", "workflow: bug-fix-1 running -> completed")
