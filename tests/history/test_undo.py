"""Undo takes back one change by path; what later changes did elsewhere stays."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.errors import Conflict
from orchestration.history import undo
from orchestration.store.commits import Commit
from orchestration.store.index import Index
from orchestration.store.repo import Store

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
Run = Callable[..., Any]
Git = Callable[..., str]

OPERATIONS = {
    "task added": ("task", "add", "Sign up", "--points", "2"),
    "task moved": ("update-task", "TASK-1", "in_progress"),
    "task blocked": ("task", "block", "TASK-1", "waiting"),
    "task claimed": ("task", "claim", "TASK-2", "--as", "engineering-fullstack"),
    "task deleted": ("delete", "SESSION", "tasks.TASK-2"),
    "several tasks": (
        "merge",
        "SESSION",
        "tasks",
        "--data",
        '{"TASK-1": {"points": 8}, "TASK-2": {"points": 1}}',
    ),
    "value set": ("set", "SESSION", "notes.a.b", "1"),
    "value counted": ("increment", "SESSION", "notes.count", "3"),
    "value appended": ("append", "SESSION", "notes.list", '{"a": [1, null]}'),
    "sprint completed": ("complete-sprint", "myapp", "sprint-1", "--carry-to", "backlog"),
    "epic made": ("update-epic", "myapp", "auth", "--title", "Auth"),
    "project configured": ("set-config", "myapp", "--data", '{"settings": {"velocity_target": 20}}'),
    "tool registered": ("register-tool", "--name", "lint", "--type", "command"),
    "session made": ("create", "--project", "myapp"),
    "session paused": ("pause", "SESSION"),
    "session handed off": ("handoff", "SESSION", "receiver-1"),
}


def tree(git: Git) -> str:
    return git("rev-parse", "HEAD^{tree}")


@pytest.mark.parametrize("words", OPERATIONS.values(), ids=OPERATIONS)
def test_undo_restores_the_tree_and_redo_brings_it_back(
    run: Run, git: Git, session: str, sprint: str, words: tuple[str, ...]
) -> None:
    assert sprint == "sprint-1"
    before = tree(git)
    acting = {"CLAUDE_SESSION_ID": session}
    commit = run(*(session if word == "SESSION" else word for word in words), env=acting).commit
    after = tree(git)

    undone = run("undo", commit)
    assert (undone.exit_code, tree(git)) == (0, before), undone.stderr
    redone = run("redo", undone.commit)
    assert (redone.exit_code, tree(git)) == (0, after), redone.stderr
    again = run("undo", redone.commit)
    assert (again.exit_code, tree(git)) == (0, before), again.stderr
    assert git("status", "--porcelain") == ""
    assert git("fsck", "--strict") == ""


def test_it_prints_what_changed_and_how_to_redo(run: Run, session: str) -> None:
    run("set", session, "notes.a", "1")
    made = run("set", session, "notes.a", "2").commit

    undone = run("undo")

    assert undone.stdout == f'~ sessions.{session}.notes.a: "2" -> "1"\n'
    assert undone.stderr.splitlines() == [
        f"commit {undone.commit}",
        f"✓ Undid: state: set notes.a ({made})",
        f"  Redo: state_manager redo {undone.commit}",
    ]


def test_the_commit_says_what_it_took_back(run: Run, git: Git, session: str) -> None:
    made = run("set", session, "notes.a", "1").commit

    run("undo")

    message = git("log", "-1", "--format=%B").splitlines()
    assert message[0] == "undo: state: set notes.a"
    assert set(message[2:]) >= {
        "Op: restored",
        f"Session: {session}",
        "Project: myapp",
        f"Undoes: {git('rev-parse', made)}",
    }


def test_undo_goes_back_step_by_step_and_redo_forward_again(run: Run, session: str) -> None:
    for value in "123":
        run("set", session, "notes.a", value)
        run("heartbeat", session)  # renewing a lease is no step

    def value() -> str:
        return str(run("get", session, "notes.a").stdout).rstrip("\n")

    seen = []
    for command in ("undo", "undo", "redo", "undo", "redo", "redo", "redo"):
        run(command)
        seen.append(value())
    assert seen == ["2", "1", "2", "1", "2", "3", "3"]
    assert run("redo").stderr == "There is nothing to redo.\n"


def test_the_last_n_changes_are_taken_back_in_one(run: Run, git: Git, session: str) -> None:
    before = tree(git)
    for value in "123":
        run("set", session, "notes.a", value)

    undone = run("undo", "--last", "3", "--json-output")

    assert tree(git) == before
    assert [one["subject"] for one in undone.json["undone"]] == ["state: set notes.a"] * 3
    assert undone.json["changes"] == [
        {"path": f"sessions.{session}.notes", "kind": "removed", "old": {"a": "3"}, "new": None}
    ]
    assert git("log", "-1", "--format=%s") == "undo: 3 changes, back before: state: set notes.a"
    run("redo")
    assert run("get", session, "notes.a").value == "3"


def test_other_values_that_changed_since_stay(run: Run, session: str) -> None:
    made = run("merge", session, "notes", "--data", '{"a": 1, "list": [1]}').commit
    run("merge", session, "notes", "--data", '{"b": 2}')
    changed = run("set", session, "notes.a", "5", "--json-value").commit
    run("set", session, "notes.b", "3", "--json-value")

    assert run("undo", changed).exit_code == 0

    assert run("get", session, "notes").json == {"a": 1, "list": [1], "b": 3}
    refused = run("undo", made)  # the file was made by it, and is not what it made it
    assert refused.exit_code == 5
    assert f"sessions.{session}.notes" in refused.stderr


def test_a_later_change_of_the_same_value_is_a_conflict(run: Run, fails: Run, session: str) -> None:
    run("set", session, "notes.a", "1")
    made = run("merge", session, "notes", "--data", '{"a": "2", "b": "2"}').commit
    run("set", session, "notes.a", "3")

    assert fails(5, "undo", made) == f"later changes touched sessions.{session}.notes.a"

    forced = run("undo", made, "--force", "--json-output").json
    assert forced["forced"] == [f"sessions.{session}.notes.a"]
    assert run("get", session, "notes").json == {"a": "1"}


def test_force_puts_back_what_lost_its_place(run: Run, session: str) -> None:
    run("set", session, "notes.a.b", "1")
    made = run("set", session, "notes.a.b", "2").commit
    run("set", session, "notes.a", "text")

    assert run("undo", made).exit_code == 5
    assert run("undo", made, "--force").exit_code == 0
    assert run("get", session, "notes").json == {"a": {"b": "1"}}


def test_a_sprint_that_tasks_name_since_is_not_taken_away(run: Run, session: str) -> None:
    made = run("create-sprint", "myapp", "sprint-9", "Ninth").commit
    run("task", "add", "Late", "--sprint", "sprint-9", "--session", session)

    refused = run("undo", made)

    assert refused.exit_code == 5
    assert "projects.myapp.tasks.TASK-1.sprint_id" in refused.stderr


def test_somebody_elses_change_needs_its_commit_or_any(run: Run, session: str) -> None:
    run("set", session, "notes.a", "1")
    other = run("create", "--project", "myapp").value
    run("set", other, "notes.b", "2")

    run("undo", "--session", session)
    assert run("get", session, "notes").exit_code == 1
    assert run("get", other, "notes.b").value == "2"

    assert run("undo", "--any").exit_code == 0
    assert run("get", other, "notes").exit_code == 1


def test_what_cannot_be_undone(run: Run, fails: Run, git: Git, session: str) -> None:
    first = git("rev-list", "--max-parents=0", "HEAD")
    event = run("merge", session, "observability.events", "--data", '[{"type": "note"}]').commit
    made = run("set", session, "notes.a", "1").commit
    undone = run("undo").commit

    assert fails(1, "undo", first) == f"commit {first[:12]} made the store; it cannot be undone"
    assert fails(1, "undo", event) == f"commit {event} changed no file: there is nothing to take back"
    assert fails(1, "undo", made) == f"commit {made} was undone already, by {undone}"
    assert fails(1, "redo", event) == f"commit {event} was not undone"
    assert fails(1, "undo", "1234567") == "commit '1234567' is not in the store"
    assert fails(1, "undo", "nonsense") == "no commit 'nonsense'"
    assert fails(2, "undo", made, "--any") == "REV names the change already"
    assert fails(2, "undo", "--last", "0").startswith("Invalid value for '--last'")

    git("switch", "-q", "-c", "side")
    git("commit", "-q", "--allow-empty", "-m", "elsewhere")
    elsewhere = git("rev-parse", "HEAD")
    git("switch", "-q", "main")
    git("commit", "-q", "--allow-empty", "-m", "here")
    assert fails(1, "undo", elsewhere) == f"commit {elsewhere[:12]} is not in the history of this branch"
    git("merge", "-q", "--no-ff", "-m", "merge", "side")
    merge = git("rev-parse", "HEAD")
    assert fails(1, "undo", merge) == f"commit {merge[:12]} is a merge; it cannot be undone"


def test_with_nothing_to_undo_nothing_is_done(run: Run, session: str) -> None:
    """That a session was made is no change that plain undo takes back: it would go from under its user."""
    nothing = run("undo", "--session", session, "--json-output")

    assert nothing.exit_code == 0
    assert nothing.json["undone"] == []
    assert run("info", session).exit_code == 0


def test_dry_run_changes_nothing(run: Run, unchanged: Callable[[], Any], session: str) -> None:
    run("set", session, "notes.a", "1")
    with unchanged():
        shown = run("undo", "--dry-run", "--json-output").json
    assert shown["commit"] is None
    assert [change["path"] for change in shown["changes"]] == [f"sessions.{session}.notes"]


def test_an_edit_by_hand_is_kept_as_a_change_of_its_own(
    run: Run, git: Git, state_dir: Path, session: str
) -> None:
    run("set", session, "notes.a", "1")
    run("set", session, "notes.a", "2")
    file = state_dir / "sessions" / session[:2] / session / "notes.yaml"
    file.write_text("a: '2'\nb: mine\n")

    assert run("undo").exit_code == 0

    assert run("get", session, "notes").json == {"a": "1", "b": "mine"}
    assert git("log", "-2", "--format=%s").splitlines()[1].endswith("by hand")


def test_a_commit_of_plain_git_is_undone_too(run: Run, git: Git, state_dir: Path, session: str) -> None:
    before = tree(git)
    (state_dir / "NOTES.txt").write_text("hello\n")
    broken = state_dir / "sessions" / session[:2] / session / "broken.yaml"
    broken.write_text("a: [1\n")
    git("add", "--all")
    git("commit", "-q", "-m", "by hand")

    undone = run("undo", "HEAD")

    assert (undone.exit_code, tree(git)) == (0, before), undone.stderr
    assert not broken.exists()


# -- laws

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.dictionaries(st.sampled_from("pqr"), VALUES, max_size=3)
STEPS = st.lists(
    st.dictionaries(st.sampled_from(["one", "two", "three"]), st.none() | RECORDS, min_size=1, max_size=3),
    min_size=1,
    max_size=5,
)


def quick(folders: pytest.TempPathFactory) -> Store:
    """A store that does not wait for the disk."""
    store = Store(folders.mktemp("store") / "state")
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("config", "settings"), {"durability": "fast"})
    return store


def make(store: Store, steps: list[dict[str, Any]]) -> list[Commit]:
    """Write records, None for gone; return the commits, newest first."""
    commits: list[Commit] = []
    for step in steps:
        with store.transaction(author="ada", now=NOW) as tx:
            for name, record in step.items():
                if record is None:
                    tx.delete("tools", name)
                else:
                    tx.save(("tools", name), record)
            tx.describe("tool_updated", f"tools: {', '.join(step)}")
            before = tx.tip
        if tx.tip is not None and tx.tip != before:
            commits.insert(0, tx.tip)
    return commits


def take_back(store: Store, commits: list[Commit], *, force: bool = False) -> Commit:
    with store.transaction(author="ada", now=NOW) as tx:
        undo.take_back(tx, commits, session=None, force=force, redo=False)
    assert tx.tip is not None
    return tx.tip


def state(store: Store) -> Any:
    return store.snapshot().load_all("tools")


@settings(max_examples=30)
@given(steps=STEPS)
def test_undoing_all_restores_the_tree_and_undoing_that_brings_it_back(
    tmp_path_factory: pytest.TempPathFactory, steps: list[dict[str, Any]]
) -> None:
    store = quick(tmp_path_factory)
    before = store.snapshot().tip
    commits = make(store, steps)
    after = store.snapshot().tip
    assert before is not None and after is not None
    if not commits:
        return

    first = take_back(store, commits)
    assert first.tree == before.tree
    second = take_back(store, [first])
    assert second.tree == after.tree
    assert take_back(store, [second]).tree == before.tree


@settings(max_examples=30)
@given(steps=STEPS, data=st.data())
def test_undoing_an_older_change_never_loses_a_newer_one(
    tmp_path_factory: pytest.TempPathFactory, steps: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Either it is a conflict and nothing happens, or whatever the newer changes alone decided stands."""
    store = quick(tmp_path_factory)
    commits = make(store, steps)
    if len(commits) < 2:
        return
    chosen = data.draw(st.integers(1, len(commits) - 1))
    before, tip = state(store), store.snapshot().tip
    old = store.snapshot(commits[chosen].parents[0]).load_all("tools")
    new = store.snapshot(commits[chosen].oid).load_all("tools")
    try:
        take_back(store, [commits[chosen]])
    except Conflict:
        assert store.snapshot().tip == tip
        take_back(store, [commits[chosen]], force=True)
        return
    after = state(store)
    for name in before.keys() | after.keys():
        if json.dumps(old.get(name)) == json.dumps(new.get(name)):
            assert after.get(name) == before.get(name)  # it did not touch this record
        for key in (before.get(name) or {}).keys() | (after.get(name) or {}).keys():
            values = [(records.get(name) or {}).get(key, "gone") for records in (old, new, before, after)]
            assert values[3] in (values[0], values[2]) or isinstance(values[3], list | dict)


def test_what_is_undone_is_read_from_the_commits(state_dir: Path) -> None:
    store = Store(state_dir)
    (made,) = make(store, [{"one": {"a": 1}}])

    def undone() -> dict[str, str]:
        index = Index(store)
        index.catch_up(store.snapshot())
        return dict(undo.past(index).undone)

    assert undone() == {}
    first = take_back(store, [made])
    assert undone() == {made.oid: first.oid}
    second = take_back(store, [first])
    assert undone() == {first.oid: second.oid}
    third = take_back(store, [second])
    assert undone() == {made.oid: first.oid, second.oid: third.oid}
