"""The lines of a diagnosis, the flow of events, and messages, from facts."""

from datetime import UTC, datetime

import pytest

from orchestration.domain import diagnosis, event_flow, messages
from orchestration.domain.diagnosis import Facts
from orchestration.store.queries import Event

NOW = "2026-01-05T12:00:00Z"
SOUND = Facts(
    store="/state", exists=True, writable=True, problem=None, branch="main", interrupted=False, held=False, loose=10,
    pack_limit=2000, newest_at="2026-01-05T11:00:00Z", project="p", has_project=True,
    validation={"errors": 0, "warnings": 0}, edited=0, sessions={"active": 1, "expired": 0},
    hooks=".claude/settings.json", broken=[], remarks=0, git=True,
)  # fmt: skip


def test_everything_is_green() -> None:
    found = diagnosis.lines(SOUND, now=NOW)

    assert [one["name"] for one in found] == [
        "store", "writing", "objects", "project", "records", "sessions", "hooks",
    ]  # fmt: skip
    assert {one["state"] for one in found} == {"green"}
    assert all(one["fix"] is None for one in found)


@pytest.mark.parametrize(
    ("facts", "name", "state", "text"),
    [
        ({"exists": False}, "store", "amber", "there is none yet at /state"),
        ({"problem": "HEAD is damaged"}, "store", "red", "HEAD is damaged"),
        ({"writable": False}, "writing", "red", "the store may only be read"),
        ({"branch": None}, "writing", "red", "HEAD names no branch"),
        ({"interrupted": True}, "writing", "amber", "the last write was cut off"),
        ({"loose": 4001}, "objects", "amber", "about 4,001 lie loose, which makes reading slow"),
        (
            {"newest_at": "2026-01-05T12:06:00Z"},
            "clock",
            "amber",
            "the newest change is of 2026-01-05T12:06:00Z",
        ),
        ({"project": None}, "project", "amber", "this folder is in no project"),
        ({"validation": {"errors": 1, "warnings": 2}}, "records", "red", "1 error, 2 warnings"),
        ({"validation": {"errors": 0, "warnings": 1}}, "records", "amber", "0 errors, 1 warning"),
        ({"edited": 2}, "files", "amber", "2 files were edited by hand"),
        ({"sessions": {"active": 0, "expired": 3}}, "sessions", "amber", "0 active, 3 expired"),
        ({"hooks": None}, "hooks", "amber", "no hooks of ours"),
        ({"broken": ["a is gone", "b"]}, "installed files", "red", "a is gone and 1 more"),
        ({"remarks": 1}, "log", "amber", "1 line in the last day"),
        ({"git": False}, "git", "amber", "git is not installed"),
    ],
)
def test_what_is_not_as_it_should_be_has_its_fix(facts, name, state, text) -> None:
    found = diagnosis.lines(SOUND._replace(**facts), now=NOW)

    (line,) = [one for one in found if one["name"] == name]
    assert line["state"] == state
    assert line["text"].startswith(text)
    assert line["fix"]
    assert diagnosis.worst(found) == state


def event(hour: int, op: str = "task_moved", **given):
    facts = {
        "oid": f"{hour:040x}", "at": f"2026-01-05T{hour:02}:00:00Z", "author": "ada", "session": None, "project": "p",
        "task": None, "reason": None, "severity": None, "data": None, "subject": "task: moved", "retired": (),
    }  # fmt: skip
    return Event(op=op, **{**facts, **given})


def test_rates_and_gaps_of_events() -> None:
    found = event_flow.rates(
        [event(9), event(2, "task_created"), event(3, author="bob")], datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    )

    assert (found["total"], found["last_hour"], found["last_day"]) == (3, 1, 3)
    assert found["by_type"] == {"task_moved": 2, "task_created": 1}
    assert found["by_source"] == {"ada": 2, "bob": 1}
    assert found["per_day"] is None  # less than a day of history
    assert [(gap["from"], gap["to"], gap["hours"]) for gap in found["gaps"]] == [
        ("2026-01-05T03:00:00Z", "2026-01-05T09:00:00Z", 6)
    ]


def test_no_events() -> None:
    found = event_flow.rates([], datetime(2026, 1, 5, tzinfo=UTC))

    assert (found["total"], found["first"], found["gaps"]) == (0, None, [])


def test_a_trace_goes_from_who_acted_to_the_event() -> None:
    one = event(9, session="s-1", reason="no key")

    (found,) = event_flow.traces([one], lambda _: {"b.yaml": None, "a.yaml": "blob"}, {one.oid: "f" * 40})

    assert found["changes"] == ["wrote a.yaml", "removed b.yaml"]
    assert (found["source"], found["session"], found["type"]) == ("ada", "s-1", "task_moved")
    assert (found["reason"], found["undone_by"]) == ("no key", "f" * 40)


def test_messages_to_somebody_are_those_to_everybody_too() -> None:
    found = [
        event(9, "message", data='{"to": "ada", "kind": "question", "text": "ready?"}'),
        event(8, "message", data='{"to": "all", "topic": "release", "data": {"version": 2}}'),
        event(7, "message", data='{"to": "bob", "kind": "note", "text": "hm"}'),
        event(6, "message", data="not json"),
    ]

    rows = messages.listing(found, "ada")

    assert [(one["to"], one["about"], one["text"]) for one in rows] == [
        ("ada", "question", "ready?"),
        ("all", "release", {"version": 2}),
        ("all", None, None),
    ]
    assert len(messages.listing(found)) == 4
