"""`session_manager`: the life of a session from its creation to its return from history."""

import json
import re

import pytest
from inline_snapshot import snapshot

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
HOUR = 3600


def created(run, *options, project="myapp", **more):
    return run("create", "--project", project, *options, **more).value


def lifecycle(run, session):
    return run("get", session, "session.lifecycle").json


def status(run, session):
    return run("info", session, "--allow-inactive", "--json-output").json["status"]


# -- create


def test_a_captured_create_prints_the_id_and_nothing_else(run):
    result = run("create", "--project", "myapp")

    session = result.value
    assert UUID.fullmatch(session)
    commit, *said = result.stderr.splitlines()
    assert commit.startswith("commit ")
    assert said == [f"✓ Created session: {session}", "  Mode: development", "  Project: myapp"]


def test_a_quiet_create_says_nothing_but_the_id_and_the_commit(run):
    result = run("create", "--project", "myapp", "--quiet")

    assert UUID.fullmatch(result.value)
    assert result.stderr == f"commit {result.commit}\n"


@pytest.mark.parametrize(
    ("mode", "expiry"),
    [
        ("development", "2026-01-06T09:00:01Z"),
        ("leadership", "2026-01-07T09:00:01Z"),
        ("sprint", "2026-01-12T09:00:01Z"),
        ("config", "2026-01-05T10:00:01Z"),
    ],
)
def test_the_mode_decides_the_lifetime(run, mode, expiry):
    made = run("create", "--mode", mode, "--project", "myapp", "--json-output").json

    session = made.pop("session_id")
    assert UUID.fullmatch(session)
    assert made == {"mode": mode, "project": "myapp", "expiry": expiry}


def test_everything_that_create_takes_is_stored(run, sprint):
    parent = created(run)
    session = created(
        run, "--mode", "sprint", "--parent-session", parent[:6], "--metadata", '{"team": "qa"}', "--sprint", sprint
    )  # fmt: skip

    record = run("get", session, "session").json
    assert {
        name: record[name] for name in ("mode", "project", "parent_session", "metadata", "sprint_id")
    } == {
        "mode": "sprint",
        "project": "myapp",
        "parent_session": parent,
        "metadata": {"team": "qa"},
        "sprint_id": "sprint-1",
    }


def test_a_session_is_one_commit_that_names_it(run, git):
    session = created(run, env={"ORCHESTRATION_ACTOR": "qa-analyst"})

    assert git("log", "-1", "--format=%an | %s").splitlines() == [
        f"qa-analyst | session: create {session[:8]} (development for myapp)"
    ]
    assert git("log", "-1", "--format=%(trailers:only)").splitlines() == [
        "Op: session_created",
        f"Session: {session}",
        "Project: myapp",
        "At: 2026-01-05T09:00:01Z",
    ]
    assert git("status", "--porcelain") == ""
    assert git("fsck", "--strict") == ""


def test_the_environment_gives_mode_and_project(run):
    made = run("create", "--json-output", env={"CLAUDE_MODE": "config", "CLAUDE_PROJECT_ID": "shop"}).json

    assert (made["mode"], made["project"]) == ("config", "shop")


def test_a_session_outside_any_repository_has_no_project(run):
    made = run("create", "--json-output").json

    assert made["project"] is None


# -- heartbeat and expiry


def test_a_heartbeat_renews_the_lease(run, session, clock):
    clock.forward(hours=23)

    result = run("heartbeat", session)

    assert result.value == "Expires: 2026-01-07T08:00:02Z"
    assert lifecycle(run, session)["heartbeat"] == "2026-01-06T08:00:02Z"
    assert run("get", session, "observability.metrics.heartbeat_count").value == "1"


def test_an_expired_session_takes_no_heartbeat(run, fails, session, clock):
    clock.forward(hours=24)

    assert fails(4, "heartbeat", session) == f"session '{session}' is expired"
    result = run("recover", session)

    assert result.value == "Expires: 2026-01-07T09:00:03Z"
    assert f"✓ Recovered session: {session} (was expired)" in result.stderr
    assert run("heartbeat", session).exit_code == 0


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_lease_ends_at_its_second(run, session, clock, seconds):
    clock.forward(hours=24, seconds=seconds - 2)

    code = run("heartbeat", session).exit_code

    assert code == (4 if seconds else 0)


# -- pause, complete, fail, recover


@pytest.mark.parametrize(
    ("words", "after"),
    [(("pause",), "paused"), (("complete",), "completed"), (("fail", "--reason", "out of memory"), "failed")],
)
def test_a_session_ends_and_recovers(run, fails, session, words, after):
    command, *options = words
    assert run(command, session, *options).exit_code == 0
    assert status(run, session) == after
    assert fails(4, "heartbeat", session) == f"session '{session}' is {after}"
    assert fails(4, "set", session, "notes.a", "1") == f"session '{session}' is {after}"

    recovered = run("recover", session, "--json-output").json

    assert recovered["status"] == "active"
    assert lifecycle(run, session)["recovered_from"] == after


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        ("pause", "pause", "is already paused"),
        ("complete", "pause", "is completed; it cannot become paused"),
        ("complete", "complete", "is already completed"),
        ("complete", "fail", "is completed; it cannot become failed"),
        ("fail", "complete", "is failed; it cannot become completed"),
    ],
)
def test_illegal_steps_are_refused(run, fails, session, first, then, message):
    def words(command):
        return (command, session, *(("--reason", "broken") if command == "fail" else ()))

    run(*words(first))

    assert fails(1, *words(then)) == f"session '{session}' {message}"


def test_a_paused_session_may_end(run, session):
    run("pause", session)

    assert run("complete", session).exit_code == 0


def test_the_reason_of_a_failure_is_kept_until_it_recovers(run, session, git):
    run("fail", session, "--reason", "out of memory")

    assert lifecycle(run, session)["reason"] == "out of memory"
    assert "Reason: out of memory" in git("log", "-1", "--format=%B").splitlines()
    run("recover", session)
    assert "reason" not in lifecycle(run, session)


def test_recover_keeps_the_state(run, session):
    run("set", session, "notes.plan", "ship it")
    run("complete", session)

    run("recover", session)

    assert run("get", session, "notes.plan").value == "ship it"


def test_an_active_session_recovers_too(run, session, clock):
    clock.forward(hours=1)

    result = run("recover", session)

    assert result.value == "Expires: 2026-01-06T10:00:02Z"
    assert "(was active)" in result.stderr


# -- cleanup and the way back


@pytest.fixture
def retired(run, session, clock):
    """The session, retired, with the file `notes` that it had."""
    run("set", session, "notes.plan", "ship it")
    clock.forward(hours=25)
    assert run("cleanup-expired").exit_code == 0
    return session


def test_a_cleanup_takes_the_files_away_in_one_commit(retired, state_dir, git):
    assert not list(state_dir.glob("sessions/*/*"))
    assert git("log", "-1", "--format=%s%n%(trailers:only)").splitlines() == [
        f"session: retire {retired[:8]}",
        "Op: session_expired",
        f"Retired: {retired}",
        "At: 2026-01-06T10:00:03Z",
    ]
    assert git("status", "--porcelain") == ""


@pytest.mark.usefixtures("sprint")
def test_a_cleanup_says_what_it_retired(run, session, clock):
    run("task", "claim", "TASK-2", "--as", "dev", "--session", session)
    second = created(run)
    clock.forward(hours=27)

    dry = run("cleanup-expired", "--dry-run", "--json-output").json
    rows = run("cleanup-expired", "--json-output").json

    assert [row["id"] for row in dry] == [session, second]
    assert rows[0] == {
        "id": session,
        "project": "myapp",
        "expiry": "2026-01-06T09:00:01Z",
        "age": "3h 0m",
        "open_tasks": ["TASK-2"],
    }
    assert rows[1]["open_tasks"] == []
    assert run("cleanup-expired").stdout == "No session has expired.\n"
    assert (
        run("task", "show", "TASK-2", "--project", "myapp", "--json-output").json["claim"]["agent"] == "dev"
    )


def test_a_dry_cleanup_changes_nothing(run, session, clock, unchanged):
    clock.forward(hours=25)

    with unchanged():
        result = run("cleanup-expired", "--dry-run")

    assert session in result.stdout
    assert result.stderr == "Would retire 1; their tasks stay in the project.\n"


@pytest.mark.usefixtures("session")
def test_a_cleanup_with_nothing_to_do_changes_nothing(run, unchanged):
    with unchanged():
        result = run("cleanup-expired")

    assert (result.exit_code, result.stdout) == (0, "No session has expired.\n")


def test_an_ended_session_is_retired_when_its_lease_has_run_out(run, session, clock):
    run("complete", session)
    clock.forward(hours=25)

    assert [row["id"] for row in run("cleanup-expired", "--json-output").json] == [session]


def test_a_retired_session_is_still_known(run, fails, retired):
    assert run("list", "--json-output").json == []
    assert run("list-sessions", "--json-output").json == []
    (row,) = run("list", "--all", "--json-output").json
    assert (row["id"], row["retired"]) == (retired, True)
    result = run("info", retired)
    assert result.exit_code == 4
    assert retired in result.stdout
    assert f"Error: session {retired} is retired" in result.stderr
    assert run("info", retired, "--allow-inactive", "--json-output").json["retired"] is True
    assert fails(4, "get", retired, "session") == f"session {retired} is retired"
    assert fails(4, "set", retired, "notes.a", "1") == f"session '{retired}' is retired"
    assert fails(4, "heartbeat", retired) == f"session '{retired}' is retired"


@pytest.mark.parametrize("length", [6, 12, 36])
def test_a_retired_session_comes_back_by_its_prefix(run, retired, length, git):
    result = run("recover", retired[:length])

    assert result.value == "Expires: 2026-01-07T10:00:04Z"
    assert f"✓ Recovered session: {retired} (was retired)" in result.stderr
    assert run("get", retired, "notes.plan").value == "ship it"
    assert lifecycle(run, retired)["recovered_from"] == "retired"
    assert [row["id"] for row in run("list", "--active", "--json-output").json] == [retired]
    assert git("status", "--porcelain") == ""


def test_a_session_can_retire_and_return_twice(run, retired, clock):
    run("recover", retired)
    run("set", retired, "notes.plan", "ship it now")
    clock.forward(hours=25)
    run("cleanup-expired")

    run("recover", retired)

    assert run("get", retired, "notes.plan").value == "ship it now"


# -- handoff


@pytest.fixture
def work(run, session, sprint):  # noqa: ARG001 - for the board it makes
    """A session with context, a claimed task and a blocked one."""
    run("set", session, "execution.context.branch", "login")
    run("task", "claim", "TASK-1", "--as", "dev", "--session", session)
    run("merge", session, "tasks.TASK-2", "--data", '{"status": "blocked", "reason": "no keys"}')
    return session


def test_a_handoff_passes_on_what_the_receiver_needs(run, work):
    receiver = created(run)

    result = run("handoff", work, receiver, "--data", '{"status": "ready_for_review"}')

    assert result.exit_code == 0, result.stderr
    assert run("get", receiver, "execution.inherited_context").json == {
        "from_session": work,
        "timestamp": "2026-01-05T09:00:10Z",
        "context": {"branch": "login"},
        "handoff_data": {"status": "ready_for_review"},
        "open_tasks": [
            {"id": "TASK-1", "title": "Log in", "column": "todo", "assignee": "dev", "points": 5},
            {"id": "TASK-2", "title": "Log out", "column": "todo", "assignee": None, "points": 3},
        ],
        "blockers": [
            {
                "id": "BLK-1",
                "task_id": "TASK-2",
                "reason": "no keys",
                "severity": "medium",
                "opened_at": "2026-01-05T09:00:08Z",
            }
        ],
        "sprint": {
            "id": "sprint-1",
            "name": "First sprint",
            "status": "active",
            "end_date": "2026-01-19",
        },
    }


def test_a_handoff_is_one_write(run, work, git):
    receiver = created(run)
    before = git("rev-list", "--count", "HEAD")

    run("handoff", work, receiver)

    assert int(git("rev-list", "--count", "HEAD")) == int(before) + 1
    assert git("log", "-1", "--format=%s") == f"session: hand off {work[:8]} to {receiver[:8]}"
    assert status(run, work) == "completed"
    assert status(run, receiver) == "active"
    (event,) = [
        one for one in run("get", receiver, "observability.events").json if one["type"] == "handoff_received"
    ]
    assert event["session_id"] == receiver


def test_claims_go_with_the_work(run, work):
    receiver = created(run)

    run("handoff", work, receiver)

    claim = run("get", receiver, "tasks.TASK-1.claim").json
    assert (claim["agent"], claim["session"]) == ("dev", receiver)


def test_the_source_may_be_kept(run, work):
    receiver = created(run)

    run("handoff", work, receiver, "--keep-source")

    assert status(run, work) == "active"


@pytest.mark.parametrize("name", ["review-2", "11111111-2222-4333-8444-555555555555"])
def test_an_unknown_receiver_is_made_with_that_id(run, work, name):
    result = run("handoff", work, name, "--json-output")

    assert result.json | {"branch": ""} == {"from": work, "to": name, "created": True, "branch": ""}
    record = run("get", name, "session").json
    assert (record["mode"], record["project"], record["parent_session"]) == ("development", "myapp", work)
    assert run("get", name, "execution.inherited_context.from_session").value == work


def test_a_handoff_takes_prefixes(run, session):
    receiver = created(run)

    result = run("handoff", session[:8], receiver[:8], "--json-output")

    assert result.json | {"branch": ""} == {"from": session, "to": receiver, "created": False, "branch": ""}


def test_an_expired_session_may_hand_over_with_a_warning(run, session, clock):
    clock.forward(hours=25)
    receiver = created(run)

    result = run("handoff", session, receiver)

    assert result.exit_code == 0
    assert f"warning: session {session} has expired; its work is handed over all the same" in result.stderr
    assert status(run, session) == "completed"


def test_a_receiver_has_to_be_active(run, fails, session):
    receiver = created(run)
    run("pause", receiver)

    assert fails(4, "handoff", session, receiver) == f"session '{receiver}' is paused"


def test_a_retired_receiver_is_not_made_again(run, fails, retired):
    giver = created(run)

    assert fails(4, "handoff", giver, retired) == f"session '{retired}' is retired"
    assert fails(4, "handoff", retired, giver) == f"session '{retired}' is retired"


def test_a_receiver_is_found_whatever_its_case(run, session):
    run("handoff", session, "Review", "--keep-source")

    result = run("handoff", session, "review", "--keep-source", "--json-output").json
    assert (result["to"], result["created"]) == ("Review", False)


@pytest.mark.parametrize("data", ["3", '"text"', "[1]", "null", '{"a": {"b": [1.5, null]}}'])
def test_any_json_is_handed_over(run, session, data):
    run("handoff", session, "next-one", "--data", data)

    assert run(
        "get", "next-one", "execution.inherited_context.handoff_data", "--json-output"
    ).json == json.loads(data)


# -- list


def test_list_shows_the_newest_activity_first(run):
    first, second = created(run), created(run, "--mode", "sprint", project="shop")
    run("set", first, "notes.a", "1")

    rows = run("list", "--json-output").json

    assert rows == [
        {
            "id": first,
            "mode": "development",
            "project": "myapp",
            "status": "active",
            "expired": False,
            "retired": False,
            "created_at": "2026-01-05T09:00:01Z",
            "last_activity": "2026-01-05T09:00:03Z",
            "heartbeat": "2026-01-05T09:00:01Z",
            "expiry": "2026-01-06T09:00:01Z",
            "parent_session": None,
            "task_count": 0,
            "metrics": {"start_time": "2026-01-05T09:00:01Z", "heartbeat_count": 0},
        },
        {
            "id": second,
            "mode": "sprint",
            "project": "shop",
            "status": "active",
            "expired": False,
            "retired": False,
            "created_at": "2026-01-05T09:00:02Z",
            "last_activity": "2026-01-05T09:00:02Z",
            "heartbeat": "2026-01-05T09:00:02Z",
            "expiry": "2026-01-12T09:00:02Z",
            "parent_session": None,
            "task_count": 0,
            "metrics": {"start_time": "2026-01-05T09:00:02Z", "heartbeat_count": 0},
        },
    ]
    assert run("list-sessions", "--json-output").json == rows


def test_list_filters(run, clock):
    config = created(run, "--mode", "config")
    paused, shop, active = created(run), created(run, project="shop"), created(run, "--mode", "sprint")
    run("pause", paused)
    clock.forward(hours=2)

    def listed(*options):
        return {row["id"] for row in run("list", *options, "--json-output").json}

    assert listed() == {config, paused, shop, active}
    assert listed("--active") == {shop, active}
    assert listed("--project", "shop") == {shop}
    assert listed("--mode", "config") == {config}
    assert listed("--active", "--project", "myapp", "--mode", "sprint") == {active}
    assert listed("--project", "nope") == set()
    (row,) = run("list", "--mode", "config", "--json-output").json
    assert (row["status"], row["expired"]) == ("active", True)


def test_list_as_text_cuts_nothing(run):
    session = created(run)

    result = run("list")

    assert result.stdout.replace(session, "S" * 36) == snapshot("""\
ID                                    MODE         PROJECT  STATUS  LAST ACTIVITY     EXPIRES           TASKS
SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS  development  myapp    active  2026-01-05 09:00  2026-01-06 09:00  0
""")
    assert result.stderr == ""


@pytest.mark.usefixtures("session")
def test_an_empty_list_is_a_sentence(run):
    assert run("list", "--project", "shop").stdout == "There are no sessions of project shop.\n"
    assert run("list", "--project", "shop", "--json-output").json == []


# -- info, current, init


def test_info(run, work):
    receiver = created(run)
    run("handoff", work, receiver)

    facts = run("info", receiver, "--json-output").json

    assert next(iter(facts)) == "inherited_context"
    assert facts["inherited_context"]["from_session"] == work
    assert facts["time_left"] == "23h 59m"
    assert facts["sprint"] == "sprint-1"
    assert facts["counts"] == {
        "tasks": 2,
        "open_tasks": 2,
        "blocked_tasks": 1,
        "agents": 0,
        "heartbeats": 0,
    }
    assert [event["type"] for event in facts["events"]] == ["session_created", "handoff_received"]


def test_info_as_text_ends_with_the_last_five_events(run, session):
    for number in range(6):
        run("set", session, "notes.n", str(number))

    lines = run("info", session).stdout.splitlines()

    assert lines[0].split() == ["id:", session]
    assert lines[-6:] == snapshot(
        [
            "Last events:",
            "  2026-01-05 09:00  state: set notes.n",
            "  2026-01-05 09:00  state: set notes.n",
            "  2026-01-05 09:00  state: set notes.n",
            "  2026-01-05 09:00  state: set notes.n",
            "  2026-01-05 09:00  state: set notes.n",
        ]
    )


def test_info_is_for_shell_conditions(run, session, clock):
    assert run("info", session).exit_code == 0
    clock.forward(hours=25)
    result = run("info", session)
    assert result.exit_code == 4
    assert session in result.stdout
    assert run("info", session, "--allow-inactive").exit_code == 0
    assert run("info", "nope-nope").exit_code == 3


def test_current_prefers_the_environment(run, session):
    host = created(run)
    run("set", host, "session.host_session_id", "host-7")
    run("create", "--project", "shop", "--quiet")
    shop = run("list", "--project", "shop", "--json-output").json[0]["id"]

    both = {"CLAUDE_SESSION_ID": session, "CLAUDE_CODE_SESSION_ID": "host-7"}
    assert run("current", env=both).value == session
    assert run("current", env={"CLAUDE_SESSION_ID": session[:6]}).value == session
    assert run("current", env={"CLAUDE_CODE_SESSION_ID": "host-7"}).value == host
    assert run("current", env={"CLAUDE_PROJECT_ID": "shop"}).value == shop
    assert run("current", "--project", "shop").value == shop
    assert run("current", "--project", "shop", "--json-output").json == {"session_id": shop}
    assert run("get", "current", "session.id", env=both).value == session
    assert run("heartbeat", "current", env=both).exit_code == 0


def test_current_needs_exactly_one_active_session(run, fails, clock):
    assert fails(3, "current") == "there is no active session"
    first = created(run)
    assert run("current").value == first
    second = created(run)

    listed = ", ".join(sorted((first, second)))
    assert fails(3, "current") == f"2 sessions are active: {listed}"
    run("complete", first)
    assert run("current").value == second
    assert fails(3, "current", "--project", "shop") == "there is no active session of project 'shop'"
    clock.forward(hours=25)
    assert fails(3, "current") == "there is no active session"


@pytest.mark.usefixtures("session")
def test_an_unknown_session_in_the_environment_is_no_reason_to_guess(fails):
    assert fails(3, "current", env={"CLAUDE_SESSION_ID": "gone-one"}) == "no session 'gone-one'"


@pytest.mark.parametrize(
    ("style", "mode"),
    [
        ("sprint_execution", "sprint"),
        ("leadership_chat", "leadership"),
        ("all-team_dashboard", "leadership"),
        ("config_manager", "config"),
    ],
)
def test_init_makes_a_session_that_fits_the_style(run, style, mode):
    session = run("init", style, "--project", "myapp").value

    assert run("get", session, "session.mode").value == mode
    again = run("init", style, "--project", "myapp")
    assert (again.value, again.stderr) == (session, "")


# -- ids and prefixes


def test_a_prefix_has_six_characters_and_fits_once(run, fails, session):
    run("handoff", session, "review-1", "--keep-source")
    run("handoff", session, "review-2", "--keep-source")

    assert run("get", session[:6], "session.id").value == session
    assert run("get", session[:6].upper(), "session.id").value == session
    assert fails(3, "get", session[:5], "session.id") == f"no session '{session[:5]}'"
    assert fails(3, "get", "review", "session.id") == "'review' begins the ids of 2 sessions"
    assert run("get", "review-1", "session.id").value == "review-1"


def test_an_exact_id_goes_before_a_longer_one(run, session):
    run("handoff", session, "review", "--keep-source")
    run("handoff", session, "review-2", "--keep-source")

    assert run("get", "review", "session.id").value == "review"


# -- reads


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("list", "--all"),
        ("list-sessions",),
        ("cleanup-expired",),
        ("list-tools",),
        ("info", "nope"),
        ("current",),
        ("get", "nope", "session"),
        ("get-config", "myapp"),
        ("list-epics", "myapp"),
        ("list-sprints", "myapp"),
        ("get-tool", "bandit"),
        ("task", "list", "--project", "myapp"),
        ("task", "show", "TASK-1", "--project", "myapp"),
        ("export", "nope"),
        ("recover", "nope"),
        ("heartbeat", "nope"),
        ("set", "nope", "a.b", "1"),
    ],
    ids=" ".join,
)
def test_asking_creates_no_store(run, unchanged, state_dir, words):
    with unchanged():
        result = run(*words)

    assert result.exit_code in (0, 1, 3)
    assert not state_dir.exists()


@pytest.mark.parametrize("script", ["session_manager", "state_manager", "shared_state", "orchestration"])
def test_help_needs_no_store(run, state_dir, script):
    result = run(script, "--help")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: {script} [OPTIONS] COMMAND [ARGS]...\n")
    assert not state_dir.exists()
