"""Handoffs between teams: pure rules."""

import pytest

from orchestration.domain import tasks, team_handoffs
from orchestration.errors import Refused

NOW, LATER = "2026-01-05T09:00:00Z", "2026-01-05T15:00:00Z"


def handoff(source="dev", target="qa", *, number=1, others=None, text="please test", **given):
    return team_handoffs.new(f"HO-{number}", source, target, text=text, others=others or {}, now=NOW, **given)


def waiting(*pairs, status="pending_acceptance"):
    made = [handoff(*pair, number=n) for n, pair in enumerate(pairs, 1)]
    return {one["id"]: {**one, "status": status} for one in made}


def task(task_id="TASK-1", **given):
    return tasks.new(task_id, {"column": "todo", **given}, now=NOW)


def test_a_new_handoff_in_the_order_it_is_stored():
    load = {"slots": 2, "before": 1, "after": 2}
    made = handoff(tasks=["TASK-1", "TASK-1"], artifacts=["a.py"], criteria=["all green", " "], load=load)

    assert list(made.items()) == [
        ("id", "HO-1"),
        ("kind", "team"),
        ("from", "dev"),
        ("to", "qa"),
        ("text", "please test"),
        ("data", {"receiver_load": load}),
        ("tasks", ["TASK-1"]),
        ("artifacts", ["a.py"]),
        ("criteria", ["all green"]),
        ("status", "pending_acceptance"),
        ("created_at", NOW),
        ("decided_at", None),
        ("reason", None),
    ]


def test_a_team_does_not_hand_over_to_itself():
    with pytest.raises(Refused, match="'dev' cannot hand over to itself"):
        handoff("dev", "dev")


def test_something_is_handed_over():
    with pytest.raises(Refused, match="nothing is handed over"):
        handoff(text="  ")


def test_waiting_handoffs_do_not_go_in_a_circle():
    with pytest.raises(Refused) as refused:
        handoff("qa", "dev", others=waiting(("dev", "ops"), ("ops", "qa")))

    assert refused.value.message == (
        "the handoffs HO-1, HO-2 and this one would go in a circle: qa -> dev -> ops -> qa"
    )
    assert refused.value.hint == "answer HO-1 first: `accept-handoff HO-1` or `reject-handoff HO-1`"


@pytest.mark.parametrize("status", ["accepted", "in_progress", "completed", "rejected"])
def test_an_answered_handoff_stands_in_nobodys_way(status):
    assert handoff("qa", "dev", others=waiting(("dev", "qa"), status=status))["to"] == "dev"


def test_a_task_waits_in_one_handoff_alone():
    others = {"HO-1": handoff("dev", "qa", tasks=["TASK-1"])}

    with pytest.raises(Refused, match="TASK-1 waits in HO-1 already"):
        handoff("dev", "ops", number=2, tasks=["TASK-1"], others=others)


def test_the_steps_of_a_handoff():
    made = handoff()
    deferred = team_handoffs.step(made, "deferred", reason="next week", now=LATER)
    resumed = team_handoffs.step(deferred, "pending_acceptance", now=LATER)
    accepted = team_handoffs.step(resumed, "accepted", now=LATER)
    begun = team_handoffs.step(accepted, "in_progress", now=LATER)
    done = team_handoffs.step(begun, "completed", reason="all green", now=LATER)

    assert [(one["status"], one["decided_at"], one["reason"]) for one in (deferred, resumed, accepted)] == [
        ("deferred", LATER, "next week"),
        ("pending_acceptance", None, None),
        ("accepted", LATER, None),
    ]
    assert (done["status"], done["decided_at"], done["reason"]) == ("completed", LATER, "all green")


@pytest.mark.parametrize("before", team_handoffs.STATUSES)
@pytest.mark.parametrize("after", team_handoffs.STATUSES)
def test_only_the_steps_of_the_table_are_taken(before, after):
    made = {**handoff(), "status": before}
    if after in team_handoffs.TRANSITIONS[before]:
        assert team_handoffs.step(made, after, reason="so", now=LATER)["status"] == after
    else:
        with pytest.raises(Refused):
            team_handoffs.step(made, after, reason="so", now=LATER)


def test_a_refusal_names_what_is_possible():
    with pytest.raises(Refused) as refused:
        team_handoffs.step(handoff(), "completed", now=LATER)

    assert refused.value.hint == (
        "possible now: `accept-handoff HO-1` or `defer-handoff HO-1` or `reject-handoff HO-1`"
    )


@pytest.mark.parametrize("status", ["deferred", "rejected"])
def test_a_no_needs_its_reason(status):
    with pytest.raises(Refused, match="needs a reason"):
        team_handoffs.step(handoff(), status, reason=" ", now=LATER)


def test_a_task_arrives_without_claim_and_without_a_stranger():
    given = tasks.claim(task(assignee="ada"), agent="ada", session="s-1", now=NOW)
    received = team_handoffs.received(given, "qa", ["eve"])

    assert (received["team"], received["assignee"], received["claim"]) == ("qa", None, None)


def test_a_member_of_the_receiving_team_keeps_a_task():
    assert team_handoffs.received(task(assignee="eve"), "qa", ["eve"])["assignee"] == "eve"


def test_a_finished_task_stays_where_it_is():
    done = task(column="done", assignee="ada")

    assert team_handoffs.received(done, "qa", ["eve"]) == done


def test_the_load_of_the_receiver_before_and_after():
    board = {
        one["id"]: one
        for one in (
            task("TASK-1", assignee="eve"),
            task("TASK-2", team="qa", column="review"),
            task("TASK-3", assignee="ada"),
            task("TASK-4", column="backlog"),
            task("TASK-5", assignee="eve", column="done"),
        )
    }
    team = {"members": ["eve"], "capacity": 2}

    assert team_handoffs.load("qa", team, board, ["TASK-3", "TASK-4", "TASK-1"]) == {
        "slots": 2,
        "before": 2,
        "after": 3,
    }
