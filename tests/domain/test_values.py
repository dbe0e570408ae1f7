from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.domain import values
from orchestration.errors import InvalidData


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("8", 8),
        (" 8 ", 8),
        ("+3", 3),
        ("-3", -3),
        ("2.5", 2.5),
        (".5", 0.5),
        ("1e2", 100),
        ("8.0", 8),
        (8, 8),
        (2.5, 2.5),
        (8.0, 8),
        (1e300, 1e300),
        (10**400, 10**400),
    ],
)
def test_numbers(written, stored):
    result = values.number("points", written)

    assert result == stored
    assert type(result) is type(stored)


@pytest.mark.parametrize(
    "written",
    [True, False, None, "", "eight", "nan", "inf", "1_000", "0x8", "1e999", "٣", "9" * 50]
    + [float("nan"), float("inf"), [], {}],
)
def test_what_is_no_number(written):
    with pytest.raises(InvalidData, match=r"^points .* is not a (finite )?number$") as caught:
        values.number("points", written)

    assert caught.value.hint == "use a number such as 3 or 2.5"


@pytest.mark.parametrize(
    ("low", "high", "written", "hint"),
    [
        (0, None, "-1", "use a number of 0 or more"),
        (None, 100, 101, "use a number of 100 or less"),
        (1, 5, 6, "use a number from 1 to 5"),
    ],
)
def test_a_number_out_of_range(low, high, written, hint):
    with pytest.raises(InvalidData) as caught:
        values.number("capacity", written, low=low, high=high)

    assert caught.value.message == f"capacity {written!r} is out of range"
    assert caught.value.hint == hint


def test_bounds_are_inclusive():
    assert values.number("capacity", 1, low=1, high=5) == 1
    assert values.number("capacity", "5", low=1, high=5) == 5


def test_integers():
    assert values.integer("days", "14", low=1) == 14
    assert values.integer("days", 14.0) == 14
    with pytest.raises(InvalidData, match=r"^days '2\.5' is not a whole number$"):
        values.integer("days", "2.5")


@pytest.mark.parametrize(("written", "stored"), [("a b", "a b"), (5, "5"), (2.5, "2.5"), (" é\n", " é\n")])
def test_texts(written, stored):
    assert values.text("title", written) == stored
    assert values.optional_text("title", written) == stored


@pytest.mark.parametrize("written", [None, True, [], {}, "", "  ", "\udc80"])
def test_what_is_no_text(written):
    with pytest.raises(InvalidData, match=r"^title ") as caught:
        values.text("title", written)

    assert caught.value.hint


def test_optional_text_may_be_none_or_empty():
    assert values.optional_text("description", None) is None
    assert values.optional_text("description", "") == ""
    with pytest.raises(InvalidData):
        values.optional_text("description", ["a"])


@pytest.mark.parametrize(
    "written", ["in_progress", "IN_PROGRESS", "in-progress", "In Progress", " in_progress ", "Active"]
)
def test_choices_and_synonyms(written):
    assert (
        values.choice("column", written, ("todo", "in_progress"), {"active": "in_progress"}) == "in_progress"
    )


def test_options_with_hyphens():
    assert values.choice("style", "All_Team Dashboard", ("all-team_dashboard",)) == "all-team_dashboard"


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("in_progres", "did you mean 'in_progress'?"),
        ("activ", "did you mean 'in_progress'?"),
        ("xyz", "for example 'todo'"),
        ("", "for example 'todo'"),
        ("x" * 5000, "for example 'todo'"),
        (3, "for example 'todo'"),
        (None, "for example 'todo'"),
    ],
)
def test_what_is_no_choice(written, hint):
    with pytest.raises(InvalidData) as caught:
        values.choice("column", written, ("todo", "in_progress"), {"active": "in_progress"})

    assert caught.value.message.startswith("column ")
    assert caught.value.message.endswith(" is not one of todo, in_progress")
    assert len(caught.value.message) < 120
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("written", "stored"),
    [(1, 1), ("5", 5), (3.0, 3), ("critical", 1), ("High", 2), ("medium", 3), ("LOW", 4), ("lowest", 5)],
)
def test_priorities(written, stored):
    assert values.priority(written) == stored


@pytest.mark.parametrize("written", [0, 6, "6", 2.5, "urgent", True, None, []])
def test_what_is_no_priority(written):
    with pytest.raises(InvalidData, match=r"^priority ") as caught:
        values.priority(written)

    assert caught.value.hint == "use 1 (highest) to 5, or critical, high, medium, low, lowest"


def test_booleans():
    assert [values.boolean("archived", v) for v in (True, "true", "Yes", "on", "1", 1)] == [True] * 6
    assert [values.boolean("archived", v) for v in (False, "FALSE", "no", "off", "0", 0)] == [False] * 6


@pytest.mark.parametrize("written", [None, "", "maybe", 2, 1.0, []])
def test_what_is_no_boolean(written):
    with pytest.raises(InvalidData, match=r"^archived .* is neither true nor false$"):
        values.boolean("archived", written)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("a", ["a"]),
        ("a, b,,c ", ["a", "b", "c"]),
        ('["a, b", 5]', ["a, b", "5"]),
        (["a", "a"], ["a", "a"]),
        (("a",), ["a"]),
    ],
)
def test_lists_of_text(written, stored):
    assert values.strings("labels", written) == stored


@pytest.mark.parametrize("written", [3, True, {"a": 1}, "[a", '["a"', [None], [["a"]], [""], "[" * 100_000])
def test_what_is_no_list_of_text(written):
    with pytest.raises(InvalidData, match=r"^labels "):
        values.strings("labels", written)


def test_objects_are_copied():
    written = {"a": {"b": 1}}

    stored = values.mapping("metadata", written)
    stored["c"] = 2

    assert stored == {"a": {"b": 1}, "c": 2}
    assert written == {"a": {"b": 1}}
    assert values.mapping("metadata", '{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("written", [None, [], 3, "a", "[1]", '{"a"', {1: 2}])
def test_what_is_no_object(written):
    with pytest.raises(InvalidData, match=r"^metadata "):
        values.mapping("metadata", written)


@pytest.mark.parametrize(("written", "stored"), [("TASK-1", "TASK-1"), (" sprint-2 ", "sprint-2"), (5, "5")])
def test_ids(written, stored):
    assert values.id_("epic_id", written) == stored


@pytest.mark.parametrize("written", ["", "../x", "a b", "current", "x.lock", None, [], "a" * 65])
def test_what_is_no_id(written):
    with pytest.raises(InvalidData, match=r"^epic_id "):
        values.id_("epic_id", written)


@pytest.mark.parametrize("written", [None, "", "none", "None", " "])
def test_no_id(written):
    assert values.optional_id("epic_id", written) is None


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("qa-analyst", "qa-analyst"),
        ("@qa-analyst", "qa-analyst"),
        ("@agent-qa-analyst", "qa-analyst"),
        ("agent-smith", "agent-smith"),
        ("@.claude/agents/qa-analyst.md", "qa-analyst"),
        ("@.claude/agents/quality/qa-analyst.md", "qa-analyst"),
        (".claude/agents/qa-analyst.md", "qa-analyst"),
        ("@none", None),
        ("none", None),
        ("@", None),
        ("", None),
        (None, None),
    ],
)
def test_agents(written, stored):
    assert values.agent(written) == stored


@pytest.mark.parametrize("written", ["@a b", "a/b", [], True])
def test_what_is_no_agent(written):
    with pytest.raises(InvalidData, match=r"^agent "):
        values.agent(written)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2024-01-15", "2024-01-15"),
        ("2024-01-15T10:30:00Z", "2024-01-15T10:30:00Z"),
        ("2024-01-15T10:30:00z", "2024-01-15T10:30:00Z"),
        ("2024-01-15 10:30", "2024-01-15T10:30:00Z"),
        ("2024-01-15T10:30:00+02:00", "2024-01-15T08:30:00Z"),
        ("2024-01-15T23:30:00-01:00", "2024-01-16T00:30:00Z"),
        ("2024-01-15T10:30:00.250Z", "2024-01-15T10:30:00.250000Z"),
        (" 2024-02-29 ", "2024-02-29"),
    ],
)
def test_times(written, stored):
    assert values.time("start_date", written) == stored
    assert values.time("start_date", stored) == stored


@pytest.mark.parametrize(
    "written", ["", "soon", "2023-02-29", "2024-01-15T25:00Z", "0001-01-01T00:00+10:00", None, 5, True, []]
)
def test_what_is_no_time(written):
    with pytest.raises(InvalidData, match=r"^start_date .* is not an ISO 8601 date or date-time$"):
        values.time("start_date", written)


def test_a_date_means_its_midnight():
    assert values.parse_time("2024-01-15") == datetime(2024, 1, 15, tzinfo=UTC)
    assert values.parse_time("2024-01-15T10:30:00+02:00") == datetime(2024, 1, 15, 8, 30, tzinfo=UTC)


def test_formatting_times():
    assert values.format_time(datetime(2024, 1, 15, 10, 30, tzinfo=UTC)) == "2024-01-15T10:30:00Z"
    east = timezone(timedelta(hours=2))
    assert values.format_time(datetime(2024, 1, 15, 1, 0, 0, 5, tzinfo=east)) == "2024-01-14T23:00:00.000005Z"
    with pytest.raises(InvalidData, match="no offset"):
        values.format_time(datetime(2024, 1, 15))


@given(st.datetimes(timezones=st.just(UTC)))
def test_parsing_gives_back_what_was_formatted(moment):
    written = values.format_time(moment)

    assert values.parse_time(written) == moment
    assert values.time("now", written) == written
