"""A record as text: what is wrong with it, and on which line."""

from typing import Any

import pytest

from orchestration.domain import record_drafts
from orchestration.domain.config_actions import Entry
from orchestration.domain.record_drafts import Problem

ENG = Entry("app", "team", "eng")
FIX = Entry("app", "workflows", "fix")
RECORDS: dict[tuple[str, ...], dict[str, Any]] = {
    ("config", "agents"): {"ana": {}, "bo": {}},
    ("projects", "app", "config"): {"project_id": "app", "team": {"eng": {"lead": "ana"}}},
}
TEAM = {"lead": "ana", "members": ["ana", "bo"], "capacity": 2, "settings": {"max_parallel": 2}}
STEPS = {"name": "Fix", "steps": [{"name": "Find", "assignee": "ana"}, {"name": "Mend", "assignee": "bo"}]}


def read(of: Entry, text: str) -> tuple[Any, list[tuple[int, str, str]]]:
    found = record_drafts.read(of, text, RECORDS, ())
    return found.record, [(one.line, one.severity, one.message) for one in found.problems]


@pytest.mark.parametrize(("of", "record"), [(ENG, TEAM), (FIX, STEPS)])
def test_a_text_reads_back_as_the_record(of: Entry, record: Any) -> None:
    text = record_drafts.text_of(of, record)

    assert text.splitlines()[0].startswith(f"# The {of.kind} {of.name} of project app.")
    assert read(of, text) == (record, [])


def test_an_error_stands_on_its_line() -> None:
    text = record_drafts.text_of(ENG, TEAM).replace("capacity: 2", "capacity: -2")
    _, problems = read(ENG, text)

    assert problems == [(7, "error", "capacity -2 is out of range; use a number of 0 or more")]
    assert record_drafts.marked(text, [Problem(*problems[0][::2])]).splitlines()[6:8] == [
        "capacity: -2",
        "# ^ line 7: capacity -2 is out of range; use a number of 0 or more",
    ]


def test_marks_are_indented_like_their_line_and_taken_out_again() -> None:
    text = "steps:\n- name: a\n  assignee: x\n"
    marked = record_drafts.marked(text, [Problem(3, "two\nlines"), Problem(99, "the end", "hint")])

    assert marked.splitlines()[3:] == ["  # ^ line 3: two lines", "  # ^ line 99: hint: the end"]
    assert record_drafts.without_marks(marked) == text
    assert record_drafts.marked(marked, [Problem(3, "two\nlines")]).count("# ^") == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("name: Mend", "name: Find", 7, "steps[1].name 'Find' stands twice"),
        ("assignee: bo", "assignee: zoe", 8, "nobody knows the agent 'zoe'"),
        ("- name: Find", "- nome: Find", 5, "steps[0].name None is not text"),
        ("name: Fix", "name: [", 4, ""),
    ],
)
def test_errors_of_a_workflow(old: str, new: str, line: int, message: str) -> None:
    text = record_drafts.text_of(FIX, STEPS).replace(old, new, 1)

    ((at, severity, said),) = read(FIX, text)[1]

    assert severity == "error"
    assert said.startswith(message)
    assert abs(at - line) <= (1 if not message else 0)


def test_a_second_lead_is_an_error_and_a_stranger_is_not() -> None:
    text = "lead: ana\nleads:\n- bo\nmembers:\n- zed\n"
    found = record_drafts.read(ENG, text, RECORDS, ())

    assert [(one.line, one.severity) for one in found.problems] == [(2, "error"), (4, "hint")]
    assert not found.is_valid
    assert record_drafts.read(ENG, "lead: zed\n", RECORDS, ()).is_valid


@pytest.mark.parametrize(
    "text", ["- a\n- b\n", "just text\n", "a: [\n", "a: 1\na: 2\n", "a: !x 1\n", "\udcff\n"]
)
def test_what_is_no_record(text: str) -> None:
    found = record_drafts.read(ENG, text, RECORDS, ())

    assert found.record is None
    assert len(found.problems) == 1


def test_a_text_without_anything_but_comments_is_empty() -> None:
    assert record_drafts.is_empty("# only\n\n  # this\n")
    assert not record_drafts.is_empty("lead: ana\n")


def test_where_no_editor_can_be_opened() -> None:
    shown = record_drafts.shown(ENG, {"lead": "ana", "members": ["it's"]}, root="/s", command="config set")

    assert shown == {
        "yaml": "lead: ana\nmembers:\n- it's\n",
        "file": "/s/projects/app/config.yaml",
        "path": "team.eng",
        "set": [
            "config set team.eng.lead ana --project app",
            """config set team.eng.members '["it'"'"'s"]' --json-value --project app""",
        ],
    }
