"""People edit the files and use plain git; the program keeps up and overwrites nobody."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from storetools import NOW, assert_sound, contents, delete, git, read, save, status, subjects

from orchestration.errors import Conflict, InvalidData, Refused, StoreError
from orchestration.store.repo import Store


@pytest.fixture
def file(store: Store) -> Path:
    """The checked-out copy of `tools.first`."""
    return store.root / "tools" / "first.yaml"


def commit(store: Store, name: str, text: str, subject: str = "by hand") -> None:
    """Commit a tool with plain git."""
    (store.root / "tools" / f"{name}.yaml").write_text(text)
    git(store.root, "add", "tools")
    git(store.root, "commit", "-qm", subject)


def test_an_edited_file_is_adopted_first(store: Store, file: Path) -> None:
    file.write_text("count: 7  # mine\nnote: x\n")

    with store.transaction(author="ada", now=NOW) as tx:
        record = tx.edit("tools", "first")
        record["count"] += 1
        tx.save(("tools", "first"), record)
        tx.describe("tool_updated", "tool: count")

    assert subjects(store.root)[:2] == ["tool: count", "edit: tools/first.yaml by hand"]
    assert git(store.root, "show", "HEAD~1:tools/first.yaml") == "count: 7  # mine\nnote: x"
    assert git(store.root, "log", "-1", "--format=%an %(trailers:key=Op,separator=|)", "HEAD~1") == (
        "ada Op: state_set"
    )
    assert file.read_text() == "count: 8\nnote: x\n"
    assert_sound(store.root)


def test_an_edit_is_adopted_when_the_record_is_saved_unread(store: Store, file: Path) -> None:
    file.write_text("count: 7\n")

    save(store, "first", {"count": 2})

    assert git(store.root, "show", "HEAD~1:tools/first.yaml") == "count: 7"
    assert read(store, "first") == {"count": 2}
    assert_sound(store.root)


def test_a_new_file_written_by_hand_is_adopted(store: Store) -> None:
    (store.root / "tools" / "second.yaml").write_text("count: 7\n")

    with store.transaction(author="ada", now=NOW) as tx:
        assert tx.edit("tools", "second") == {"count": 7}

    assert subjects(store.root)[0] == "edit: tools/second.yaml by hand"
    assert_sound(store.root)


def test_a_file_deleted_by_hand_is_adopted_as_a_deletion(store: Store, file: Path) -> None:
    file.unlink()
    assert read(store, "first") == {"count": 1}

    with store.transaction(author="ada", now=NOW) as tx:
        assert tx.edit("tools", "first") is None

    assert subjects(store.root)[0] == "delete: tools/first.yaml by hand"
    assert git(store.root, "log", "-1", "--format=%(trailers:key=Op,separator=|)") == "Op: state_deleted"
    assert_sound(store.root)


def test_a_file_deleted_by_hand_and_written_again(store: Store, file: Path) -> None:
    file.unlink()

    save(store, "first", {"count": 2})

    assert subjects(store.root)[:2] == ["tool: first", "delete: tools/first.yaml by hand"]
    assert file.read_text() == "count: 2\n"
    assert_sound(store.root)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("count: [1\n", "tools/first.yaml, line 2, column 1: "),
        ("a: 1\na: 2\n", "tools/first.yaml, line 2, column 1: "),
        ("- 1\n", "tools/first.yaml does not hold a mapping"),
        ("", "tools/first.yaml does not hold a mapping"),
    ],
)
@pytest.mark.parametrize(
    "change",
    [lambda store: save(store, "first", {"count": 2}), lambda store: delete(store, "first")],
    ids=["save", "delete"],
)
def test_an_edit_that_does_not_parse_is_never_overwritten(
    store: Store, file: Path, text: str, problem: str, change: Callable[[Store], object]
) -> None:
    file.write_text(text)

    with pytest.raises(InvalidData) as caught:
        change(store)

    assert caught.value.message.startswith(problem)
    assert caught.value.message.endswith("; it was edited by hand and cannot be read")
    assert caught.value.hint == (
        f"mend {file}, or take back the edit with `git -C {store.root} checkout -- tools/first.yaml`"
    )
    assert file.read_text() == text
    assert read(store, "first") == {"count": 1}
    save(store, "second", {"count": 2})
    assert status(store.root) == " M tools/first.yaml"


def test_an_edited_file_that_nobody_touches_stays_as_it_is(store: Store, file: Path) -> None:
    file.write_text("count: 7\n")

    save(store, "second", {"count": 2})

    assert file.read_text() == "count: 7\n"
    assert read(store, "first") == {"count": 1}
    assert status(store.root) == " M tools/first.yaml"


def test_a_snapshot_says_which_files_are_edited(store: Store, file: Path) -> None:
    save(store, "second", {"count": 2})
    file.write_text("count: 7\n")
    (store.root / "tools" / "second.yaml").unlink()
    (store.root / "tools" / "third.yaml").write_text("{}\n")
    keys = [("tools", name) for name in ("first", "second", "third", "fourth")]

    edited = store.snapshot().edited([*keys, ("config", "teams")])

    assert edited == ["tools/first.yaml", "tools/second.yaml", "tools/third.yaml"]


def test_a_file_edited_while_a_transaction_runs_is_left_alone(store: Store, file: Path) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "first"), {"count": 2})
        file.write_text("count: 7\n")

    assert tx.warnings == ["tools/first.yaml was edited by hand just now and is left as it is"]
    assert file.read_text() == "count: 7\n"
    assert read(store, "first") == {"count": 2}
    save(store, "first", {"count": 3})
    assert git(store.root, "show", "HEAD~1:tools/first.yaml") == "count: 7"
    assert_sound(store.root)


# -- plain git


def test_a_commit_made_with_git_counts(store: Store) -> None:
    commit(store, "first", "count: 7\n")

    with store.transaction(author="ada", now=NOW) as tx:
        record = tx.edit("tools", "first")
        tx.save(("tools", "first"), {"count": record["count"] + 1})

    assert read(store, "first") == {"count": 8}
    assert subjects(store.root)[:2] == ["change", "by hand"]
    assert_sound(store.root)


def test_a_commit_of_another_record_meanwhile(store: Store) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "first"), {"count": 2})
        tx.describe("tool_updated", "ours")
        commit(store, "second", "count: 7\n", "theirs")

    assert subjects(store.root)[:2] == ["ours", "theirs"]
    assert store.snapshot().load_all("tools") == {"first": {"count": 2}, "second": {"count": 7}}
    assert_sound(store.root)


def test_a_commit_of_the_same_record_meanwhile(store: Store, file: Path) -> None:
    with (
        pytest.raises(Conflict, match="tools/first.yaml changed in git at this moment"),
        store.transaction(author="ada", now=NOW) as tx,
    ):
        tx.save(("tools", "first"), {"count": tx.edit("tools", "first")["count"] + 1})
        commit(store, "first", "count: 7\n")

    assert subjects(store.root)[0] == "by hand"
    assert file.read_text() == "count: 7\n"
    assert_sound(store.root)


def test_a_commit_of_a_record_that_was_only_read(store: Store) -> None:
    with pytest.raises(Conflict), store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "second"), {"count": tx.load("tools", "first")["count"] + 1})
        commit(store, "first", "count: 7\n")

    assert store.snapshot().load_all("tools") == {"first": {"count": 7}}


def test_a_commit_before_a_record_is_touched(store: Store) -> None:
    with pytest.raises(Conflict), store.transaction(author="ada", now=NOW) as tx:
        commit(store, "first", "count: 7\n")
        tx.save(("tools", "first"), {"count": 2})

    assert read(store, "first") == {"count": 7}
    assert_sound(store.root)


def test_both_create_the_same_record(store: Store) -> None:
    with pytest.raises(Conflict), store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "second"), {"count": 2})
        commit(store, "second", "count: 7\n")

    assert read(store, "second") == {"count": 7}
    assert_sound(store.root)


def test_git_deletes_what_a_transaction_changes(store: Store) -> None:
    with pytest.raises(Conflict), store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "first"), {"count": 2})
        git(store.root, "rm", "-q", "tools/first.yaml")
        git(store.root, "commit", "-qm", "away")

    assert read(store, "first") is None
    assert_sound(store.root)


def test_an_event_survives_any_commit_meanwhile(store: Store) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        tx.emit("deploy", "event: deploy")
        commit(store, "first", "count: 7\n")

    assert subjects(store.root)[:2] == ["event: deploy", "by hand"]
    assert read(store, "first") == {"count": 7}


def test_merge_commits_are_ordinary(store: Store) -> None:
    git(store.root, "switch", "-qc", "side")
    commit(store, "second", "count: 7\n")
    git(store.root, "switch", "-q", "main")
    save(store, "first", {"count": 2})
    git(store.root, "merge", "-q", "--no-edit", "side")

    save(store, "third", {"count": 3})

    assert store.snapshot().names("tools") == ["first", "second", "third"]
    assert_sound(store.root)


def test_writes_go_to_the_branch_that_is_checked_out(store: Store) -> None:
    git(store.root, "switch", "-qc", "try/this")
    git(store.root, "pack-refs", "--all")

    save(store, "first", {"count": 2})

    assert git(store.root, "rev-parse", "main") == git(store.root, "rev-parse", "try/this~1")
    assert_sound(store.root)
    git(store.root, "switch", "-q", "main")
    assert read(store, "first") == {"count": 1}
    save(store, "first", {"count": 3})
    assert_sound(store.root)


def assert_only_reads(store: Store, message: str, hint: str) -> None:
    assert read(store, "second") == {"count": 1}
    before = contents(store.root)

    with pytest.raises(Refused) as caught:
        save(store, "second", {"count": 2})

    assert (caught.value.message, caught.value.hint) == (message, hint)
    after = contents(store.root)
    assert after == before | {".git/orchestration/store.lock": after[".git/orchestration/store.lock"]}


def test_a_detached_head(store: Store) -> None:
    save(store, "second", {"count": 1})
    git(store.root, "switch", "-q", "--detach")

    assert_only_reads(
        store,
        "the store's HEAD is detached; writes need a branch",
        f"run `git -C {store.root} switch main`",
    )
    git(store.root, "switch", "-q", "main")
    save(store, "second", {"count": 2})


@pytest.mark.parametrize("command", ["merge", "rebase", "cherry-pick", "revert"])
def test_git_in_the_middle_of_something(store: Store, command: str) -> None:
    save(store, "second", {"count": 1})
    git(store.root, "switch", "-qc", "side")
    commit(store, "first", "count: 7\n")
    git(store.root, "switch", "-q", "main")
    save(store, "first", {"count": 2})
    save(store, "first", {"count": 3})
    git(store.root, command, "HEAD~1" if command == "revert" else "side", check=False)

    assert_only_reads(
        store,
        f"git is in the middle of a {command} in the store",
        f"finish it there, or run `git -C {store.root} {command} --abort`",
    )
    git(store.root, command, "--abort")
    save(store, "second", {"count": 2})
    assert_sound(store.root)


# -- links


def test_a_folder_replaced_by_a_link_is_not_written_through(store: Store, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (store.root / "tools").rename(elsewhere)
    (store.root / "tools").symlink_to(elsewhere)
    before = contents(elsewhere)

    for name in ("first", "second"):
        with pytest.raises(StoreError, match="tools is a link; the store holds ordinary files and folders"):
            save(store, name, {"count": 2})
    with pytest.raises(StoreError):
        delete(store, "first")

    assert contents(elsewhere) == before
    assert read(store, "first") == {"count": 1}
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("projects", "app", "config"), {"title": "x"})
    assert tx.warnings == []
    (store.root / "tools").unlink()
    elsewhere.rename(store.root / "tools")
    save(store, "first", {"count": 2})
    assert_sound(store.root)


@pytest.mark.parametrize("there", [True, False])
def test_a_link_in_place_of_a_file_is_not_followed(
    store: Store, file: Path, tmp_path: Path, there: bool
) -> None:
    target = tmp_path / "target.yaml"
    if there:
        target.write_text("count: 7\n")
    file.unlink()
    file.symlink_to(target)

    with pytest.raises(StoreError, match="tools/first.yaml is a link"):
        save(store, "first", {"count": 2})

    assert file.is_symlink()
    assert target.exists() == there
    if there:
        assert target.read_text() == "count: 7\n"
    assert read(store, "first") == {"count": 1}
    assert store.snapshot().edited([("tools", "first")]) == ["tools/first.yaml"]
    save(store, "second", {"count": 2})
    assert status(store.root) == " T tools/first.yaml"


def test_a_folder_in_place_of_a_file(store: Store, file: Path) -> None:
    file.unlink()
    file.mkdir()
    (file / "mine").write_text("x")

    with pytest.raises(StoreError, match="cannot read .*first.yaml: Is a directory"):
        save(store, "first", {"count": 2})

    assert (file / "mine").read_text() == "x"
    save(store, "second", {"count": 2})


def test_a_file_in_place_of_a_folder(store: Store) -> None:
    (store.root / "projects").write_text("mine")

    with (
        pytest.raises(StoreError, match="cannot read .*config.yaml: Not a directory"),
        store.transaction(author="ada", now=NOW) as tx,
    ):
        tx.save(("projects", "app", "config"), {"count": 1})

    assert (store.root / "projects").read_text() == "mine"
    save(store, "second", {"count": 2})


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_not_taken_for_deleted(store: Store, file: Path) -> None:
    file.chmod(0)

    with pytest.raises(StoreError, match="cannot read"):
        save(store, "first", {"count": 2})
