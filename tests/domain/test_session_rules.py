from itertools import product

import pytest

from orchestration.domain import sessions
from orchestration.domain.records import SESSION_STATUSES, SESSION_TRANSITIONS
from orchestration.errors import InactiveSession, InvalidData, Refused

NOW = "2024-01-15T10:30:00Z"
NEXT_DAY = "2024-01-16T10:30:00Z"


def session(**given):
    return sessions.new("s-1", **{"project": "myapp", "created_by": "ann", "now": NOW} | given)


def in_status(status):
    made = session()
    return made if status == "active" else sessions.transition(made, status, now=NOW)


def test_a_new_session_in_the_order_it_is_stored():
    assert list(session(metadata={"team": "engineering"}, parent="s-0").items()) == [
        ("id", "s-1"),
        ("mode", "development"),
        ("project", "myapp"),
        ("parent_session", "s-0"),
        ("created_at", NOW),
        ("created_by", "ann"),
        ("metadata", {"team": "engineering"}),
        ("sprint_id", None),
        ("output_style", None),
        ("host_session_id", None),
        ("lifecycle", {"status": "active", "heartbeat": NOW, "expiry": NEXT_DAY}),
    ]


@pytest.mark.parametrize(
    ("mode", "expiry"),
    [
        ("development", "2024-01-16T10:30:00Z"),
        ("leadership", "2024-01-17T10:30:00Z"),
        ("sprint", "2024-01-22T10:30:00Z"),
        ("config", "2024-01-15T11:30:00Z"),
    ],
)
def test_lifetime_by_mode(mode, expiry):
    assert session(mode=mode)["lifecycle"]["expiry"] == expiry


def test_an_unknown_mode():
    with pytest.raises(InvalidData, match="mode 'party' is not one of development, leadership"):
        session(mode="party")


def test_a_heartbeat_renews_the_lease():
    renewed = sessions.heartbeat(session(), now="2024-01-15T12:00:00Z")

    assert renewed["lifecycle"] == {
        "status": "active",
        "heartbeat": "2024-01-15T12:00:00Z",
        "expiry": "2024-01-16T12:00:00Z",
    }


def test_a_session_expires_at_its_expiry():
    made = session()

    assert sessions.effective_status(made, "2024-01-16T10:29:59Z") == "active"
    assert sessions.effective_status(made, NEXT_DAY) == "expired"
    assert sessions.is_expired(made, NEXT_DAY)
    assert sessions.effective_status(in_status("paused"), NEXT_DAY) == "paused"


def test_no_heartbeat_for_an_expired_or_paused_session():
    with pytest.raises(InactiveSession, match="'s-1' is expired") as caught:
        sessions.heartbeat(session(), now=NEXT_DAY)
    assert caught.value.hint == "use `session_manager recover s-1`"
    with pytest.raises(InactiveSession, match="'s-1' is paused"):
        sessions.heartbeat(in_status("paused"), now=NOW)


@pytest.mark.parametrize(("before", "after"), list(product(SESSION_STATUSES, SESSION_STATUSES)))
def test_every_step_between_statuses(before, after):
    made = in_status(before)
    # Becoming active is for `resume`, which also renews the lease.
    if after != "active" and after in SESSION_TRANSITIONS[before]:
        assert sessions.transition(made, after, now=NOW)["lifecycle"]["status"] == after
    else:
        with pytest.raises(Refused):
            sessions.transition(made, after, now=NOW)


def test_a_failure_keeps_its_reason_until_recovery():
    failed = sessions.transition(session(), "failed", now=NOW, reason="out of disk")
    back = sessions.resume(failed, now=NEXT_DAY)

    assert failed["lifecycle"]["reason"] == "out of disk"
    assert back["lifecycle"] == {
        "status": "active",
        "heartbeat": NEXT_DAY,
        "expiry": "2024-01-17T10:30:00Z",
        "recovered_from": "failed",
    }


def test_recovery_records_the_true_previous_status():
    assert sessions.resume(session(), now=NEXT_DAY)["lifecycle"]["recovered_from"] == "expired"
    retired = sessions.resume(session(), now=NEXT_DAY, previous="retired")
    assert retired["lifecycle"]["recovered_from"] == "retired"


def test_an_update_checks_known_fields_and_keeps_unknown_ones():
    made = sessions.update(session(metadata={"a": 1}), {"metadata": {"b": 2}, "mode": "SPRINT", "x": [1]})

    assert made["metadata"] == {"a": 1, "b": 2}
    assert made["mode"] == "sprint"
    assert made["x"] == [1]
    assert made["lifecycle"] == session()["lifecycle"]


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({"id": "x"}, "create"),
        ({"created_by": "bob"}, "create"),
        ({"lifecycle": {"status": "paused"}}, "pause"),
        ({"lifecycle": {"expiry": "2030-01-01"}}, "session_manager heartbeat"),
        ({"lifecycle": None}, "heartbeat"),
    ],
)
def test_system_fields_name_the_command_that_changes_them(changes, command):
    with pytest.raises(Refused) as caught:
        sessions.update(session(), changes)
    assert command in caught.value.hint


def test_a_bad_project_is_refused():
    with pytest.raises(InvalidData, match="project"):
        sessions.update(session(), {"project": "../x"})


def test_writing_back_what_was_read_changes_nothing():
    assert sessions.update(session(), session()) == session()


def test_what_a_handoff_passes_on():
    blocker = {"id": "BLK-1", "reason": "vendor", "severity": "high", "opened_at": NOW, "resolved_at": None}
    open_task = {"id": "T1", "title": "Login", "column": "review", "blockers": [blocker]}
    done_task = {"id": "T2", "title": "Logout", "column": "done", "blockers": []}

    passed = sessions.inherited_context(
        "s-1",
        now=NOW,
        context={"focus": "auth"},
        handoff_data={"next_steps": "Testing"},
        tasks=[open_task, done_task],
        sprint={"id": "sprint-1", "name": "One", "status": "active", "end_date": "2024-01-29", "goals": []},
    )

    assert passed == {
        "from_session": "s-1",
        "timestamp": NOW,
        "context": {"focus": "auth"},
        "handoff_data": {"next_steps": "Testing"},
        "open_tasks": [{"id": "T1", "title": "Login", "column": "review", "assignee": None, "points": None}],
        "blockers": [
            {"id": "BLK-1", "task_id": "T1", "reason": "vendor", "severity": "high", "opened_at": NOW}
        ],
        "sprint": {"id": "sprint-1", "name": "One", "status": "active", "end_date": "2024-01-29"},
    }


def test_the_view_adds_what_is_computed():
    shown = sessions.view(session(), now=NEXT_DAY, last_activity="2024-01-15T11:00:00Z")

    assert shown["lifecycle"] == {
        "status": "active",
        "heartbeat": NOW,
        "expiry": NEXT_DAY,
        "last_activity": "2024-01-15T11:00:00Z",
        "expired": True,
        "retired": False,
    }
    quiet = sessions.view(session(), now=NOW, last_activity=None, retired=True)
    assert quiet["lifecycle"]["last_activity"] == NOW
    assert quiet["lifecycle"]["retired"] is True
