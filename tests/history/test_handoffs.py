"""Handoffs pin a branch, so that the giver's state can be read as it was."""

import re

import pytest


@pytest.fixture
def handed(run, session):
    """A handoff from a session with notes to a new one; its branch."""
    run("set", session, "notes.plan", "ship it")
    result = run("handoff", session, "receiver-1", "--json-output")
    assert result.exit_code == 0
    return result.json


def test_a_handoff_pins_its_commit_with_a_branch(handed, session, git):
    assert re.fullmatch(rf"handoff/{session}-to-receiver-1-\d{{8}}T\d{{6}}Z", handed["branch"])
    assert git("rev-parse", handed["branch"]) == git("rev-parse", "HEAD")
    assert git("symbolic-ref", "HEAD") == "refs/heads/main"


def test_the_receiver_reads_the_givers_state_as_it_was(run, handed, session):
    run("recover", session)
    run("set", session, "notes.plan", "changed later")

    assert run("get", session, "notes.plan", "--at", handed["branch"]).value == "ship it"
    assert run("get", session, "notes.plan").value == "changed later"


def test_handoffs_are_listed(run, handed, session):
    run("handoff", "receiver-1", "receiver-2")

    rows = run("handoffs", "--json-output").json

    assert [(row["source"], row["target"]) for row in rows] == [
        ("receiver-1", "receiver-2"),
        (session, "receiver-1"),
    ]
    assert rows[1]["branch"] == handed["branch"]
    assert run("handoffs", "--session", "receiver-2", "--json-output").json == rows[:1]


@pytest.mark.usefixtures("session")
def test_nothing_handed_over_is_a_sentence(run):
    assert run("handoffs").value == "Nothing was handed over."
