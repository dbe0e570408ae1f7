"""Processes die at every step of a write; the next command goes on as if nothing had happened."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from storetools import NOW, assert_sound, delete, die, git, kill, outcome, read, save, settle, start, subjects

from orchestration.store import gitindex, gitlock, journal, transaction
from orchestration.store.lock import Lock
from orchestration.store.objects import Objects
from orchestration.store.refs import Refs
from orchestration.store.repo import Store
from orchestration.store.worktree import Worktree

CALLS = (
    "open",
    "write",
    "pwrite",
    "rename",
    "link",
    "unlink",
    "ftruncate",
    "fsync",
    "mkdir",
    "makedirs",
    "rmdir",
)


def dies_before(call: int) -> None:
    """Let this process die before the `call`-th of its calls that change the disk."""
    left = call

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if not left:
                die()
            return function(*arguments, **options)

        return wrapper

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))


def leftovers(store: Store) -> list[str]:
    """What a crash may leave behind, and nobody needs."""
    names = ("*.lock", "checkout-*", "*.draft")
    found = {path for name in names for path in store.git_dir.rglob(name)} - {store.lock.path}
    return sorted(str(path.relative_to(store.git_dir)) for path in found)


def change(store: Store, number: int) -> None:
    save(store, "first", {"count": number})


def change_two(store: Store, number: int) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("projects", f"app-{number}", "config"), {"count": number})
        tx.save(("tools", "first"), {"count": number})


def delete_and_create(store: Store, number: int) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", f"other-{number}"), {"count": number})
        tx.delete("tools", f"other-{number - 1}")
        tx.save(("tools", "first"), {"count": number})


def adopt(store: Store, number: int) -> None:
    """A person's edit comes first, as a commit of its own."""
    (store.root / "tools" / "edited.yaml").write_text(f"edit: {number}\n")
    with store.transaction(author="ada", now=NOW) as tx:
        record = tx.edit("tools", "edited")
        tx.save(("tools", "edited"), {**record, "count": number})
        tx.save(("tools", "first"), {"count": number})


@pytest.mark.parametrize("work", [change_two, delete_and_create, adopt])
def test_killed_before_every_call_that_changes_the_disk(
    store: Store, work: Callable[[Store, int], None]
) -> None:
    settle(store, durability="full" if work is change_two else "fast")
    acknowledged = 1
    for step in range(1, 200):

        def crash(step: int = step) -> None:
            dies_before(step)
            work(Store(store.root), step)

        code = outcome(start(crash))
        value = read(store, "first")["count"]
        assert value in (acknowledged, step), f"step {step}"

        save(store, "bystander", {"count": step})

        assert leftovers(store) == [], f"step {step}"
        assert read(store, "first") == {"count": value}
        edited = " M tools/edited.yaml" if work is adopt and value != step else ""
        assert git(store.root, "status", "--porcelain", "-uno") in ("", edited), f"step {step}"
        assert (store.root / "tools" / "first.yaml").read_text() == f"count: {value}\n"
        acknowledged = value
        if code == 0:
            assert value == step
            break
    else:
        pytest.fail("the write never came to its end")
    assert step > 20
    assert_sound(store.root)
    git(store.root, "prune", "--expire=now")
    assert list((store.git_dir / "objects").glob("tmp_obj_*")) == []


STEPS = {
    "objects, before": (Objects, "write", False, False),
    "objects, after": (Objects, "write", True, False),
    "note, after": (Lock, "begin", True, False),
    "branch, before": (Refs, "move", False, False),
    "branch, locked": (gitlock, "write_whole", False, False),
    "branch, after": (Refs, "move", True, True),
    "files, before": (Worktree, "_check_out", False, True),
    "one file, before": (Worktree, "_write", False, True),
    "one file, after": (Worktree, "_write", True, True),
    "index, before": (gitindex.GitIndex, "patched", False, True),
    "index, after": (gitindex.GitIndex, "replace", True, True),
    "files, after": (Worktree, "update", True, True),
    "journal, before": (journal, "append", False, True),
    "journal, after": (journal, "append", True, True),
    "all, after": (transaction.Transaction, "commit", True, True),
}


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(store: Store, step: str) -> None:
    """Before the branch moves nothing has happened; afterwards all has."""
    owner, name, after, committed = STEPS[step]
    function = getattr(owner, name)

    def last_words(*arguments: Any, **options: Any) -> None:
        if after:
            function(*arguments, **options)
        die()

    def crash() -> None:
        setattr(owner, name, last_words)
        delete_and_create(store, 7)

    assert outcome(start(crash)) == -9

    assert read(store, "first") == {"count": 7 if committed else 1}
    assert subjects(store.root) == ["change"] * committed + ["tool: first", "store: create"]
    save(store, "bystander", {"count": 1})
    assert leftovers(store) == []
    assert_sound(store.root)
    delete_and_create(store, 7)
    assert read(store, "other-7") == {"count": 7}
    assert_sound(store.root)


def test_killed_again_while_mending(store: Store) -> None:
    def crash(name: str) -> None:
        setattr(Worktree, name, die)
        change_two(store, 7)

    for name in ("update", "_check_out", "_write", "roll_forward"):
        assert outcome(start(lambda name=name: crash(name))) == -9  # type: ignore[misc]

    save(store, "bystander", {"count": 1})

    assert read(store, "first") == {"count": 7}
    assert_sound(store.root)


def test_killed_and_then_edited_by_hand(store: Store) -> None:
    """The edit is newer than the files that are behind, so it stays."""

    def crash() -> None:
        setattr(Worktree, "_check_out", die)  # noqa: B010 - assigning a method is what mypy forbids
        change_two(store, 7)

    assert outcome(start(crash)) == -9
    (store.root / "tools" / "first.yaml").write_text("count: 9\n")

    with store.transaction(author="ada", now=NOW) as tx:
        assert tx.edit("tools", "first") == {"count": 9}

    assert subjects(store.root)[:2] == ["edit: tools/first.yaml by hand", "change"]
    assert_sound(store.root)


def test_killed_and_then_committed_with_git(store: Store) -> None:
    def crash() -> None:
        setattr(Worktree, "_check_out", die)  # noqa: B010 - assigning a method is what mypy forbids
        change_two(store, 7)

    assert outcome(start(crash)) == -9
    # git's index is held while files and branch disagree, so git cannot commit the old ones by mistake
    refused = subprocess.run(
        ["git", "-C", store.root, "commit", "-qam", "by hand"], capture_output=True, text=True, check=False
    )
    assert "index.lock': File exists" in refused.stderr

    save(store, "bystander", {"count": 1})
    (store.root / "tools" / "second.yaml").write_text("count: 9\n")
    git(store.root, "add", "tools")
    git(store.root, "commit", "-qm", "by hand")

    assert store.snapshot().load_all("tools") == {
        "first": {"count": 7}, "second": {"count": 9}, "bystander": {"count": 1},
    }  # fmt: skip
    assert_sound(store.root)


def test_what_was_acknowledged_survives_kill_9(store: Store) -> None:
    """A writer says what it has written until it is killed."""
    for trial in range(4):
        reader, writer = os.pipe()

        def write(trial: int = trial, writer: int = writer) -> None:
            own = Store(store.root)
            for number in range(1000):
                save(own, f"trial-{trial}", {"count": number})
                os.write(writer, f"{number}\n".encode())

        child = start(write)
        os.close(writer)
        said = b""
        while said.count(b"\n") < 3 + 2 * trial:
            said += os.read(reader, 100)
        kill(child)
        while more := os.read(reader, 1000):
            said += more
        os.close(reader)

        acknowledged = int(said.split()[-1])
        assert read(store, f"trial-{trial}")["count"] in (acknowledged, acknowledged + 1)
        save(store, "bystander", {"count": trial})
        assert_sound(store.root)


def test_a_foreign_index_lock_is_named_and_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitindex, "_LOCK_WAIT", 0.02)
    lock = store.git_dir / "index.lock"
    lock.write_text("")

    tx = save(store, "first", {"count": 2})

    assert tx.warnings == [f"committed, but the files on disk are behind: another git process holds {lock}"]
    assert lock.exists()
    assert read(store, "first") == {"count": 2}
    assert subjects(store.root)[0] == "tool: first"

    tx = save(store, "bystander", {"count": 1})

    assert tx.warnings[0] == f"git's index of the store is behind: another git process holds {lock}"
    assert lock.exists()
    assert read(store, "bystander") == {"count": 1}

    lock.unlink()
    save(store, "bystander", {"count": 2})

    assert_sound(store.root)


def test_an_index_lock_that_goes_away_in_the_middle_of_a_transaction(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The adopted edit missed the index; the commit after it did not, and must not hide that."""
    monkeypatch.setattr(gitindex, "_LOCK_WAIT", 0.02)
    lock = store.git_dir / "index.lock"
    (store.root / "tools" / "first.yaml").write_text("count: 7\n")

    with store.transaction(author="ada", now=NOW) as tx:
        lock.write_text("")
        assert tx.edit("tools", "first") == {"count": 7}
        lock.unlink()
        tx.save(("tools", "second"), {"count": 2})
    assert len(tx.warnings) == 1

    save(store, "third", {"count": 3})

    assert_sound(store.root)


def test_a_lock_of_ours_is_known_whoever_died(store: Store) -> None:
    """A crash leaves a lock that is one file with our draft; a foreign one has a file of its own."""
    draft, lock = store.private / "main.draft", store.git_dir / "refs" / "heads" / "main.lock"
    draft.write_text("")
    os.link(draft, lock)

    change(store, 2)

    assert leftovers(store) == []
    draft.write_text("")
    change(store, 3)
    assert leftovers(store) == []


def test_a_torn_cache_is_not_believed(store: Store) -> None:
    for file in [path for path in (store.private / "cache").rglob("*") if path.is_file()]:
        file.write_text('{"count"')

    assert read(Store(store.root), "first") == {"count": 1}


def test_a_lost_private_folder_is_no_harm(store: Store) -> None:
    for path in sorted(store.private.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    store.private.rmdir()
    assert read(Store(store.root), "first") == {"count": 1}

    delete(store, "first")

    assert_sound(store.root)


def test_the_journal_begins_anew_when_it_is_full(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LIMIT", 100)
    change(store, 2)
    change(store, 3)

    names = sorted(path.name for path in Path(store.private).glob("journal*"))

    assert names == ["journal.old"]
    assert_sound(store.root)
