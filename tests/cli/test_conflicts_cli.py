"""`state_manager conflicts` and `resolve` on a real store."""

import pytest
from inline_snapshot import snapshot

from orchestration.domain import conflicts
from orchestration.domain.conflicts import Version
from orchestration.merge import Conflict
from orchestration.store.repo import Store

POINTS = "projects.myapp.tasks.TASK-1.points"


@pytest.fixture
def conflict(sprint, state_dir, clock):  # noqa: ARG001 - the sprint brings the task
    """The points of TASK-1, which ana and ben changed on two machines."""
    path = tuple(POINTS.split("."))
    sides = (
        Version("ana", "2026-01-05T09:00:00Z", "k7q2", "a" * 40),
        Version("ben", "2026-01-05T10:00:00Z", "m4xs", "b" * 40),
    )
    key, record = conflicts.record(Conflict(path, 3, "[bold]\x1b[31m", 5, "theirs"), *sides)
    with Store(state_dir).transaction(author="ana", now=clock.now) as tx:
        tx.save(key, record)
        tx.describe("state_set", "conflict: TASK-1")
    return record["id"]


@pytest.mark.usefixtures("session")
def test_nothing_to_decide(run):
    assert run("conflicts").stdout == "There are no conflicts.\n"
    assert run("conflicts", "--project", "myapp").stdout == "Project myapp has no conflicts.\n"
    assert run("conflicts", "--json-output").json == []


def test_the_list_shows_both_values(run, conflict, unchanged):
    with unchanged():
        shown = run("conflicts").stdout

    assert shown.replace(conflict, "C-0123456789ab") == snapshot("""\
ID              PATH                                SIDE    VALUE        BY   AT                MACHINE
C-0123456789ab  projects.myapp.tasks.TASK-1.points  ours    [bold] [31m  ana  2026-01-05 09:00  k7q2
C-0123456789ab  projects.myapp.tasks.TASK-1.points  theirs  5            ben  2026-01-05 10:00  m4xs     stands
""")


def test_the_list_as_json(run, conflict):
    (row,) = run("conflicts", "--project", "myapp", "--json-output").json

    assert (row["id"], row["path"], row["stands"], row["changed"]) == (conflict, POINTS, "theirs", False)
    assert row["theirs"] == {
        "value": 5,
        "deleted": False,
        "left_out": False,
        "by": "ben",
        "at": "2026-01-05T10:00:00Z",
        "machine": "m4xs",
        "commit": "b" * 40,
    }
    assert row["now"] == {"value": 5, "deleted": False}


def test_another_moment_has_its_own_conflicts(run, conflict):
    run("resolve", conflict)

    assert run("conflicts").stdout == "There are no conflicts.\n"
    assert conflict in run("conflicts", "--at", "HEAD~1").stdout


def test_resolving_is_one_change_that_can_be_undone(run, conflict, session, git):
    result = run("resolve", POINTS, "--value", "8", "--session", session)

    assert f"✓ Resolved {POINTS}: 5 -> 8" in result.stderr
    assert run("get", session, "tasks.TASK-1.points").value == "8"
    assert git("log", "-1", "--format=%s%n%(trailers:only,unfold)").splitlines()[:4] == [
        "conflict: projects.myapp.tasks.TASK-1.points resolved",
        "Op: state_set",
        f"Session: {session}",
        "Project: myapp",
    ]
    run("undo", result.commit)
    assert run("get", session, "tasks.TASK-1.points").value == "5"
    assert conflict in run("conflicts").stdout


def test_the_answer_as_json(run, conflict):
    assert run("resolve", conflict, "--value", "8", "--json-value", "--json-output").json == {
        "path": POINTS,
        "resolved": [conflict],
        "before": {"value": 5, "deleted": False},
        "after": {"value": 8, "deleted": False},
    }


@pytest.mark.usefixtures("conflict")
def test_what_is_refused(fails):
    assert fails(1, "resolve", "projects.myapp.tasks.TASK-2.points", "--ours").startswith(
        "there is no conflict"
    )
    assert fails(1, "resolve", POINTS, "--ours").startswith("points: points '[bold]")
    assert fails(2, "resolve", POINTS, "--ours", "--value", "1") == "--ours and --value exclude each other"
    assert fails(2, "resolve", POINTS, "--json-value").startswith("--json-value says how")
    assert fails(2, "resolve", POINTS, "--value", "{", "--json-value").startswith("--value is not JSON")
