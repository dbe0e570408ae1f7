"""Filters: one text, parsed once, asked of each task."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.domain import filters, tasks
from orchestration.domain.filters import Criteria
from orchestration.errors import BadUsage

NOW = "2026-01-05T09:00:00Z"
AGENTS = {"ana": {"team": "engineering"}, "rae": {"team": "qa"}}
BOARD = [
    tasks.new("T-1", {"title": "Log in", "assignee": "ana", "priority": 1, "status": "active"}, now=NOW),
    tasks.new("T-2", {"title": "Log OUT", "assignee": "rae", "labels": ["auth"], "epic_id": "login"}, now=NOW),
    tasks.new("T-3", {"title": "Pay", "team": "qa", "description": "log every step", "type": "bug"}, now=NOW),
    tasks.block(
        tasks.new("T-4", {"title": "Ship", "status": "todo", "sprint_id": "s-1"}, now=NOW),
        blocker_id="BLK-1", reason="no key", reported_by="ana", now=NOW,
    ),
    tasks.new("T-5", {"title": "Done", "status": "done"}, now=NOW),
]  # fmt: skip


def found(text: str) -> list[str]:
    matches = filters.predicate(filters.parse(text), AGENTS)
    return [task["id"] for task in BOARD if matches(task)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", ["T-1", "T-2", "T-3", "T-4", "T-5"]),
        ("team:qa", ["T-2", "T-3"]),
        ("team:qa,engineering", ["T-1", "T-2", "T-3"]),
        ("team:none", ["T-4", "T-5"]),
        ("assignee:@ana", ["T-1"]),
        ("assignee:none", ["T-3", "T-4", "T-5"]),
        ("status:in-progress", ["T-1"]),
        ("status:todo", []),
        ("status:blocked", ["T-4"]),
        ("status:open", ["T-1", "T-2", "T-3", "T-4"]),
        ("status:completed", ["T-5"]),
        ("blocked:true", ["T-4"]),
        ("blocked:no status:backlog", ["T-2", "T-3"]),
        ("priority:critical", ["T-1"]),
        ("priority:1,2", ["T-1"]),
        ("epic:login", ["T-2"]),
        ("sprint:s-1", ["T-4"]),
        ("sprint:none type:bug", ["T-3"]),
        ("label:auth", ["T-2"]),
        ("labels:none priority:1", ["T-1"]),
        ("log", ["T-1", "T-2", "T-3"]),
        ('"log o"', ["T-2"]),
        ("log team:qa out", ["T-2"]),
        ("t-3", ["T-3"]),
        ("AUTH", ["T-2"]),
    ],
)
def test_what_a_filter_finds(text: str, ids: list[str]) -> None:
    assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size:big", "a filter has no 'size'"),
        ("team:,", "filter: no value for team"),
        ("priority:9", "filter: priority '9' is out of range"),
        ("status:started", "filter: status 'started' is not one of"),
        ("blocked:maybe", "filter: blocked 'maybe' is neither true nor false"),
        ('"open', "the filter does not parse at"),
    ],
)
def test_a_filter_that_says_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadUsage) as refused:
        filters.parse(text)

    assert refused.value.message.startswith(message)
    assert refused.value.hint


def test_options_and_text_together() -> None:
    criteria = filters.both(filters.parse("team:qa"), filters.given(text="step by", status="open", epic=None))

    assert criteria == Criteria((("team", ("qa",)), ("status", ("open",))), ("step by",))
    assert str(criteria) == 'team:qa status:open "step by"'


@given(st.lists(st.text(st.characters(exclude_characters='"', categories=["L", "N", "P", "Zs"]), min_size=1)))
def test_criteria_are_written_as_they_are_read(words: list[str]) -> None:
    criteria = filters.both(filters.parse("team:qa,a priority:1"), Criteria((), tuple(words)))

    assert filters.parse(str(criteria)) == criteria
