"""`state_manager remote` and `sync`, `orchestration clone`, `join` and `move-out`: what arrives, what is shown."""

from pathlib import Path

import pytest


@pytest.fixture
def shared(run, session, server):
    """A store that is shared through `server`, with TASK-1."""
    run("task", "add", "Log in [/api]", "--session", session)
    run("remote", "add", "origin", str(server))
    assert run("sync", "--yes").exit_code == 0
    return server


def other(tmp_path):
    return ("--store", str(tmp_path / "other"))


def test_a_store_without_remote_says_how_to_name_one(run, session, fails):  # noqa: ARG001
    assert fails(1, "sync") == "this store has no remote yet"
    assert run("remote", "list").stdout.startswith("This store has no remote: `state_manager remote add")


def test_remotes_are_added_listed_and_removed(run, session, server, fails):  # noqa: ARG001
    run("remote", "add", "origin", f"https://ann:s3cret@host{server}")

    rows = run("remote", "list", "--json-output").json
    assert rows == [{"name": "origin", "url": f"https://host{server}", "synced_at": None}]
    assert fails(1, "remote", "add", "origin", "/x").startswith("there is a remote 'origin' already")
    assert run("remote", "remove", "origin").exit_code == 0
    assert run("remote", "list", "--json-output").json == []


def test_the_first_push_shows_what_is_shared_and_asks(run, session, server):
    run("task", "add", "Log in", "--session", session)
    run("remote", "add", "origin", str(server))

    refused = run("sync")

    assert refused.exit_code == 1
    assert "projects:   myapp\n" in refused.stdout
    assert refused.stderr.splitlines()[-1] == "Hint: `state_manager sync --yes` shares it"
    assert not list(Path(server, "refs/heads").iterdir())
    assert run("sync", "--yes").exit_code == 0


def test_a_clone_shares_the_board_and_gives_ids_of_its_own(run, shared, tmp_path):
    cloned = run("orchestration", "clone", str(shared), "--json-output", *other(tmp_path)).json

    added = run("task", "add", "Log out", "--project", "myapp", "--json-output", *other(tmp_path))
    run("sync", *other(tmp_path))
    came = run("sync", "--json-output").json

    assert (cloned["projects"], cloned["sessions"]) == (["myapp"], 1)
    assert added.exit_code == 0
    assert came["came"]["changes"] == 1
    ids = [one["id"] for one in run("task", "list", "--project", "myapp", "--json-output").json]
    assert ids == ["TASK-1", f"TASK-2-{cloned['machine']}"]


def test_what_came_is_shown_as_it_is(run, shared, tmp_path):
    run("orchestration", "clone", str(shared), *other(tmp_path))
    run("task", "add", "[/api] \x1b[31mred", "--project", "myapp", *other(tmp_path))
    run("sync", *other(tmp_path))

    shown = run("sync").stdout

    assert "[/api]" in shown
    assert "\x1b" not in shown


def test_clone_refuses_a_place_that_is_taken(fails, shared):
    assert fails(1, "orchestration", "clone", str(shared)).startswith("there is a store at ")


def test_a_dry_run_shows_and_changes_nothing(run, shared, git):
    run("task", "add", "Log out", "--project", "myapp")
    before = git("rev-parse", "main", at=shared)

    done = run("sync", "--dry-run", "--json-output").json

    assert (done["dry_run"], done["went"]["changes"]) == (True, 1)
    assert git("rev-parse", "main", at=shared) == before


def test_joining_lists_new_ids_and_the_old_one_answers(run, shared, tmp_path):
    run("task", "add", "Solo", "--project", "solo", *other(tmp_path))

    listed = run(
        "orchestration", "join", str(shared), "--as", "myapp", "--dry-run", "--json-output", *other(tmp_path)
    )
    run("orchestration", "join", str(shared), "--as", "myapp", *other(tmp_path))

    new = listed.json["renames"]["tasks"]["TASK-1"]
    rows = run("task", "list", "--project", "myapp", "--json-output", *other(tmp_path)).json
    assert {one["id"]: one["title"] for one in rows} == {"TASK-1": "Log in [/api]", new: "Solo"}


def test_a_project_moves_into_a_store_of_its_own(run, session, tmp_path):
    run("task", "add", "Log in", "--session", session)
    run("task", "add", "Private", "--project", "secret")

    moved = run("orchestration", "move-out", "secret", str(tmp_path / "own"), "--json-output").json

    own = ("--store", str(tmp_path / "own"))
    assert moved["commits"] == 2
    assert [
        one["title"] for one in run("task", "list", "--project", "secret", "--json-output", *own).json
    ] == ["Private"]
    assert run("task", "list", "--project", "secret", "--json-output").json == []
    assert run("undo", "--any").exit_code == 0
    assert len(run("task", "list", "--project", "secret", "--json-output").json) == 1


def test_the_current_session_is_one_of_this_machine(run, session, shared, tmp_path, fails):
    run("orchestration", "clone", str(shared), *other(tmp_path))

    said = fails(3, "current", *other(tmp_path))
    run("create", "--mode", "sprint", "--project", "myapp", *other(tmp_path))
    theirs = run("current", *other(tmp_path)).stdout
    run("sync", *other(tmp_path)), run("sync")

    assert said.startswith("no session of this machine is active")
    assert theirs.strip() not in ("", session)
    assert run("current").stdout.strip() == session
    assert run("current", *other(tmp_path)).stdout == theirs
