"""`task ready`, `task next`, and claims that outlive their session, from the command line."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest
from inline_snapshot import snapshot

PROJECT = ("--project", "myapp")


def add(run, title, *options, column="todo"):
    task = run("task", "add", title, *PROJECT, *options).value
    if column != "backlog":
        run("update-task", task, column, *PROJECT)
    return task


def offered(run, *options):
    return [row["id"] for row in run("task", "ready", *PROJECT, *options, "--json-output").json["ready"]]


def shown(run, task, *options):
    return run("task", "show", task, *PROJECT, *options, "--json-output").json


@pytest.fixture
def other(run, session):  # noqa: ARG001 - the second one
    """A second session of the project."""
    return run("create", "--project", "myapp").value


@pytest.fixture
def todo(run, session):
    """Three tasks in todo."""
    run(
        "set-config", "myapp", "--data",
        '{"team": {"core": {"members": ["dev", "qa"]}}, "agents": {"dev": {"capacity": 2, "skills": ["sql"]}}}',
    )  # fmt: skip
    add(run, "Later", "--priority", "low")
    add(run, "Quick [/api]\x1b[31m\nnow", "--priority", "critical", "--labels", "sql", "--points", "3")
    add(run, "Mine", "--assignee", "dev")
    return session


@pytest.mark.usefixtures("todo")
def test_the_list_of_ready_work(run):
    assert run("task", "ready", *PROJECT).stdout == snapshot("""\
ID      STATUS  PRIORITY  POINTS  ASSIGNEE  NOTE  TITLE
TASK-2  todo    1         3       -         -     Quick [/api] [31m now
TASK-3  todo    3         -       dev       -     Mine
TASK-1  todo    4         -       -         -     Later
""")
    assert run("task", "ready", *PROJECT, "--as", "@dev", "--limit", "2").stdout == snapshot("""\
ID      STATUS  PRIORITY  POINTS  ASSIGNEE  NOTE            TITLE
TASK-2  todo    1         3       -         fits: sql       Quick [/api] [31m now
TASK-3  todo    3         -       dev       fits: assigned  Mine
""")
    assert offered(run, "--as", "qa") == ["TASK-2", "TASK-1"]


@pytest.mark.usefixtures("session")
def test_nothing_ready_is_a_sentence(run, unchanged):
    with unchanged():
        result = run("task", "ready", *PROJECT)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "No task of project myapp is ready: there is nothing in todo, nor in the backlog of an active sprint.\n"
    )


def test_ready_at_an_earlier_moment(run, todo):
    run("task", "claim", "TASK-2", "--as", "qa", "--session", todo)

    assert offered(run) == ["TASK-3", "TASK-1"]
    assert offered(run, "--at", "3 seconds ago") == ["TASK-2", "TASK-3", "TASK-1"]


def test_next_claims_the_first_and_prints_its_id(run, todo, git):
    result = run("task", "next", "--as", "@dev", "--session", todo)

    assert result.value == "TASK-2"
    assert result.stderr.splitlines()[1] == "✓ dev claimed TASK-2: Quick [/api]\\x1b[31m now"
    assert git("log", "-1", "--format=%an: %s") == "dev: task: TASK-2 claimed by dev"
    assert shown(run, "TASK-2")["column"] == "todo"
    assert run("task", "next", "--as", "dev", "--session", todo).value == "TASK-3"
    assert run("task", "next", "--as", "qa", "--session", todo).value == "TASK-1"


def test_next_as_json(run, todo):
    found = run("task", "next", "--as", "qa", "--session", todo, "--json-output").json

    assert (found["task"]["id"], found["task"]["claim"]["agent"]) == ("TASK-2", "qa")
    assert (found["taken_over"], found["note"]) == (None, None)


def test_nothing_next_is_no_failure(run, session):
    words = ("task", "next", "--as", "dev", "--session", session)

    result = run(*words)

    why = "there is nothing in todo, nor in the backlog of an active sprint"
    said = f"No task of project myapp is ready for dev: {why}."
    assert result == (0, "", f"{said}\n")
    assert run(*words, "--json-output").json == {"task": None, "taken_over": None, "note": said}


def test_next_goes_on_up_to_the_slots(run, fails, todo):
    words = ("task", "next", "--as", "dev", "--session", todo)
    run(*words)
    run(*words)

    assert fails(1, *words) == "dev holds TASK-2, TASK-3 and has 2 slots"
    assert run(*words, "--more").value == "TASK-1"


@pytest.mark.usefixtures("todo")
def test_a_dry_run_takes_nothing(run, unchanged):
    with unchanged():
        result = run("task", "next", "--as", "qa", *PROJECT, "--dry-run")

    assert result == (0, "TASK-2\n", "qa would get TASK-2: Quick [/api]\\x1b[31m now\n")


def test_next_may_start_it_in_the_same_commit(run, todo, git):
    before = int(git("rev-list", "--count", "HEAD"))

    assert run("task", "next", "--as", "qa", "--session", todo, "--start").value == "TASK-2"

    task = shown(run, "TASK-2")
    assert (task["column"], task["claim"]["agent"], task["assignee"]) == ("in_progress", "qa", "qa")
    assert int(git("rev-list", "--count", "HEAD")) == before + 1
    assert git("log", "-1", "--format=%s") == "task: TASK-2 todo -> in_progress, claimed by qa"
    assert "Op: task_moved" in git("log", "-1", "--format=%b")


def test_next_takes_nothing_that_it_may_not_start(run, fails, todo):
    run("set-config", "myapp", "--data", '{"settings": {"wip_limits": {"in_progress": 1}}}')
    run("task", "next", "--as", "qa", "--session", todo, "--start")

    message = fails(1, "task", "next", "--as", "dev", "--session", todo, "--start")

    assert message.startswith("TASK-3 cannot enter in_progress, which is full: 1 of 1")
    assert shown(run, "TASK-3")["claim"] is None


@pytest.mark.parametrize("agent", ["none", ""])
def test_next_needs_an_agent(fails, session, agent):
    words = ("task", "next", "--as", agent, "--session", session)

    assert fails(1, *words) == "a claim needs the name of an agent"


def test_next_needs_a_session(fails):
    assert fails(3, "task", "next", "--as", "dev", *PROJECT) == "there is no active session"


# -- claims whose session is gone


@pytest.fixture
def held(run, todo):
    """TASK-2, begun by dev in a session."""
    run("task", "next", "--as", "dev", "--session", todo, "--start")
    return todo


@pytest.mark.usefixtures("other")
def test_an_orphan_is_shown_and_offered_again(run, held):
    assert shown(run, "TASK-2")["orphaned"] is None
    run("complete", held)

    assert shown(run, "TASK-2")["orphaned"] == "its session is completed"
    assert run("task", "list", *PROJECT, "--status", "in_progress").stdout == snapshot("""\
ID      STATUS                  PRIORITY  POINTS  ASSIGNEE  SPRINT  TITLE
TASK-2  in_progress (orphaned)  1         3       dev       -       Quick [/api] [31m now
""")
    assert run("task", "ready", *PROJECT, "--as", "qa").stdout == snapshot("""\
ID      STATUS       PRIORITY  POINTS  ASSIGNEE  NOTE                                     TITLE
TASK-2  in_progress  1         3       dev       offered again: its session is completed  Quick [/api] [31m now
TASK-1  todo         4         -       -         -                                        Later
""")


def test_next_takes_an_orphan_over_and_says_so(run, held, other, git):
    run("complete", held)

    result = run("task", "next", "--as", "qa", "--session", other, "--start")

    assert result.value == "TASK-2"
    why = f"claim of dev in session {held}: its session is completed"
    assert result.stderr.splitlines()[2] == f"  Taken over: {why}"
    assert git("log", "-1", "--format=%s") == "task: TASK-2 claimed by qa, taken over from dev"
    assert f"Reason: {why}" in git("log", "-1", "--format=%b").splitlines()
    task = shown(run, "TASK-2")
    assert (task["column"], task["assignee"], task["claim"]["session"]) == ("in_progress", "qa", other)


def test_an_orphan_that_has_to_wait_is_listed_all_the_same(run, held, other):
    run("task", "block", "TASK-2", "no keys", *PROJECT)
    run("complete", held)
    for task in ("TASK-1", "TASK-3"):
        run("task", "claim", task, "--as", "qa", "--session", other)

    result = run("task", "ready", *PROJECT)

    assert result.stdout == snapshot("""\
ID      STATUS   PRIORITY  POINTS  ASSIGNEE  NOTE                                                  TITLE
TASK-2  blocked  1         3       dev       orphaned: its session is completed; blocked by BLK-1  Quick [/api] [31m now
""")
    assert result.stderr == "No task of project myapp is ready: 1 blocked, 2 claimed.\n"


def test_silence_orphans_and_a_word_ends_it(run, fails, held, other, clock):
    claim = ("task", "claim", "TASK-2", "--as", "qa", "--session", other)
    clock.forward(minutes=59)
    assert fails(5, *claim) == f"TASK-2 is claimed by dev in session {held}"
    clock.forward(minutes=2)
    assert shown(run, "TASK-2")["orphaned"].startswith("no sign of its session since 2026-01-05 09:00 UTC")

    # Asking for work is a sign of life, also when there is none; a read is not.
    run("task", "list", "--session", held)
    assert shown(run, "TASK-2")["orphaned"] is not None
    fails(1, "task", "claim", "TASK-2", "--as", "none", "--session", held)
    run("task", "next", "--as", "idle", "--session", held)

    assert shown(run, "TASK-2")["orphaned"] is None
    assert fails(5, *claim) == f"TASK-2 is claimed by dev in session {held}"


@pytest.mark.usefixtures("held")
def test_the_timeout_is_a_setting_of_the_project(run, other, clock):
    run("set-config", "myapp", "--data", '{"settings": {"claim_timeout": 5}}')
    clock.forward(minutes=6)

    result = run("task", "claim", "TASK-2", "--as", "qa", "--session", other)

    assert result.value == "TASK-2"
    assert "no sign of its session since" in result.stderr


@pytest.mark.usefixtures("held")
def test_at_another_moment_silence_is_not_judged(run, clock):
    clock.forward(hours=5)

    assert shown(run, "TASK-2")["orphaned"] is not None
    assert shown(run, "TASK-2", "--at", "1 minute ago")["orphaned"] is None


@pytest.mark.usefixtures("held")
def test_expiry_orphans_also_after_the_cleanup(run, other, clock):
    clock.forward(hours=23)
    run("heartbeat", other)
    clock.forward(hours=2)
    assert shown(run, "TASK-2")["orphaned"].startswith("its session expired at 2026-01-06 09:00 UTC")

    run("cleanup-expired")

    assert shown(run, "TASK-2")["orphaned"] == "its session is retired"
    assert run("task", "next", "--as", "qa", "--session", other).value == "TASK-2"


def test_a_recovered_session_holds_again_what_nobody_took(run, fails, held, other):
    run("task", "next", "--as", "dev", "--session", held)
    run("fail", held, "--reason", "out of memory")
    run("task", "claim", "TASK-2", "--as", "qa", "--session", other)

    result = run("recover", held)

    assert "  Holds again: TASK-3" in result.stderr.splitlines()
    assert fails(5, "task", "claim", "TASK-3", "--as", "qa", "--session", other).startswith(
        "TASK-3 is claimed by dev"
    )
    assert shown(run, "TASK-2")["claim"]["agent"] == "qa"


def test_a_handoff_takes_the_claims_along_also_those_in_other_projects(run, held, other):
    away = run("task", "add", "Elsewhere", "--project", "lib").value
    run("task", "claim", away, "--as", "dev", "--project", "lib", "--session", held)

    run("handoff", held, other)

    for task, project in (("TASK-2", "myapp"), (away, "lib")):
        found = run("task", "show", task, "--project", project, "--json-output").json
        assert (found["claim"]["session"], found["orphaned"]) == (other, None)
    context = run("get", other, "execution.inherited_context.open_tasks").json
    assert [one["title"] for one in context] == ["Quick [/api]\x1b[31m\nnow", "Elsewhere"]


def test_writing_back_a_task_as_it_was_shown_changes_nothing(run, held):
    run("complete", held)
    task = shown(run, "TASK-2")
    back = run("create", "--project", "myapp").value
    result = run("merge", back, "tasks.TASK-2", "--data", json.dumps(task))

    assert result.exit_code == 0
    assert "orphaned" not in run("get", back, "tasks.TASK-2").json


def test_what_a_session_did_last_counts_its_asking(run, session, clock):
    clock.forward(minutes=30)
    run("task", "next", "--as", "dev", "--session", session)
    asked = f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"

    assert run("info", session, "--json-output").json["last_activity"] == asked
    assert [row["last_activity"] for row in run("list", "--json-output").json] == [asked]


def test_a_read_touches_nothing(run, session, state_dir):
    folder = state_dir / ".git/orchestration/presence"
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}

    run("get", session, "session")
    run("task", "ready", "--session", session)
    run("info", session)

    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before


# -- eight agents at once


@pytest.mark.slow
def test_eight_processes_never_get_the_same_task(run, clock):
    """Twenty tasks, each of eight programs asks three times: twenty get one each, four get nothing."""
    clock.now = datetime.now(UTC)  # the programs have the real one
    run("set-config", "myapp", "--data", '{"settings": {"wip_limits": {"todo": null}}}')
    for number in range(20):
        add(run, f"Task {number}")
    sessions = [run("create", "--project", "myapp").value for _ in range(8)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def ask(number):
        words = ("task", "next", "--as", f"agent-{number}", "--more", "--session", sessions[number])
        program = [sys.executable, "-m", "orchestration", "state_manager", *words]
        return subprocess.Popen(
            program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    got, failed = Counter(), []
    for _ in range(3):
        asked = [ask(number) for number in range(8)]
        for process in asked:
            out, err = process.communicate(timeout=60)
            got[out.strip()] += 1
            if process.returncode:
                failed.append(err)

    assert failed == []
    assert got == {"": 4, **{f"TASK-{number}": 1 for number in range(1, 21)}}
    holders = {task["claim"]["agent"] for task in run("task", "list", *PROJECT, "--json-output").json}
    assert holders == {f"agent-{number}" for number in range(8)}
