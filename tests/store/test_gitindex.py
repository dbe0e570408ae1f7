"""git's index after our writes: `git status` finds nothing, whatever index was there."""

import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storetools import NOW, assert_sound, delete, git, save, status

from orchestration.store import gitindex
from orchestration.store.gitindex import Slot, Unusual
from orchestration.store.repo import Store

PREFIXES = ("TASK-1", "TASK-10", "TASK-1.x", "TASK-1-k7q2", "TASK-11", "task", "T")
PATHS = st.sampled_from([f"{folder}{name}.yaml" for folder in ("", "a/", "a.b/", "b/") for name in PREFIXES])
OIDS = st.integers(0, 2**160 - 1).map(lambda number: f"{number:040x}")


def staged(root: Path) -> dict[str, str]:
    """The index as git reads it: blob ids by path."""
    rows = [line.split() for line in git(root, "ls-files", "--stage").splitlines()]
    assert {(mode, stage) for mode, _, stage, _ in rows} <= {("100644", "0")}
    return {path: oid for _, oid, _, path in rows}


def version(store: Store) -> int:
    return (store.git_dir / "index").read_bytes()[7]


@given(
    before=st.dictionaries(PATHS, OIDS),
    changes=st.one_of(
        st.dictionaries(PATHS, st.one_of(st.none(), OIDS)),
        st.dictionaries(PATHS, st.one_of(st.none(), OIDS), min_size=gitindex._FEW + 1),
    ),
)
def test_patching_equals_building(before: dict[str, str], changes: dict[str, str | None]) -> None:
    after = {path: oid for path, oid in {**before, **changes}.items() if oid is not None}

    patched = gitindex.patched(
        gitindex.built((path, Slot(oid, None)) for path, oid in before.items()),
        {path: None if oid is None else Slot(oid, None) for path, oid in changes.items()},
    )

    assert patched == gitindex.built((path, Slot(oid, None)) for path, oid in after.items())


@pytest.mark.parametrize(
    "data", [b"", b"DIRC", b"x" * 100, b"DIRC\0\0\0\2\0\0\0\1" + b"\0" * 20, b"DIRC\0\0\0\4" + b"\0" * 92]
)
def test_what_is_no_index_is_not_patched(data: bytes) -> None:
    with pytest.raises(Unusual):
        gitindex.patched(data, {"a": Slot("0" * 40, None)})


def test_every_kind_of_change(store: Store) -> None:
    for name in PREFIXES:
        save(store, name, {"name": name})
        assert_sound(store.root)
    for name in PREFIXES:
        save(store, name, {"name": name, "again": True})
        assert status(store.root) == ""
    for name in PREFIXES:
        delete(store, name)
        assert status(store.root) == ""
    assert_sound(store.root)
    assert [path for path in staged(store.root) if path.startswith("tools/")] == ["tools/first.yaml"]


def test_a_whole_folder_comes_and_goes(store: Store) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        for name in PREFIXES:
            tx.save(("projects", "app", "tasks", name), {"title": name})
    assert_sound(store.root)

    with store.transaction(author="ada", now=NOW) as tx:
        tx.delete_all("projects", "app", "tasks")

    assert_sound(store.root)
    assert not (store.root / "projects").exists()


def test_the_last_file_of_all_goes(store: Store) -> None:
    """The empty tree is not written anywhere else."""
    delete(store, "first")

    assert_sound(store.root)
    assert not (store.root / "tools").exists()


def test_three_hundred_files(store: Store) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        for number in range(300):
            tx.save(("projects", "app", "tasks", f"TASK-{number}"), {"number": number})
    assert_sound(store.root)

    with store.transaction(author="ada", now=NOW) as tx:
        for number in range(0, 300, 7):
            tx.save(("projects", "app", "tasks", f"TASK-{number}"), {"number": -number})
        for number in range(1, 300, 7):
            tx.delete("projects", "app", "tasks", f"TASK-{number}")

    assert_sound(store.root)
    assert len(list((store.root / "projects/app/tasks").iterdir())) == 300 - 43


@pytest.mark.parametrize(
    "prepare",
    [
        ("update-index", "--index-version", "4"),
        ("-c", "core.splitIndex=true", "update-index", "--split-index"),
        ("-c", "core.untrackedCache=true", "update-index", "--force-untracked-cache"),
        ("-c", "index.recordEndOfIndexEntries=true", "reset", "--mixed", "-q"),
        ("-c", "index.threads=2", "-c", "index.recordOffsetTable=true", "reset", "--mixed", "-q"),
        ("update-index", "--assume-unchanged", "tools/second.yaml"),
        ("update-index", "--skip-worktree", "tools/second.yaml"),
        ("update-index", "--chmod=+x", "tools/second.yaml"),
        ("rm", "-q", "--cached", "tools/second.yaml"),
    ],
    ids=lambda words: " ".join(words)[-40:],
)
@pytest.mark.parametrize("change", ["change", "delete", "add"])
def test_an_index_that_git_prepared(store: Store, prepare: tuple[str, ...], change: str) -> None:
    save(store, "second", {"count": 2})
    git(store.root, *prepare)

    if change == "change":
        save(store, "second", {"count": 3})
    elif change == "delete":
        delete(store, "second")
    else:
        save(store, "second", {"count": 3})
        save(store, "zebra", {"count": 4})

    assert_sound(store.root)
    assert git(store.root, "ls-files", "--stage") == git(
        store.root, "ls-tree", "-r", "--format=%(objectmode) %(objectname) 0%x09%(path)", "HEAD"
    )


def test_an_index_in_version_4_becomes_a_plain_one(store: Store) -> None:
    git(store.root, "update-index", "--index-version", "4")
    assert version(store) == 4

    save(store, "first", {"count": 2})

    assert version(store) == 2


def test_an_index_with_cached_trees(store: Store) -> None:
    (store.root / "tools" / "first.yaml").write_text("count: 2\n")
    git(store.root, "commit", "-qam", "tool: by hand")
    assert b"TREE" in (store.git_dir / "index").read_bytes()

    save(store, "second", {"count": 3})

    assert_sound(store.root)


@pytest.mark.parametrize(
    "garbage", [None, b"", b"garbage", b"DIRC\0\0\0\2\0\0\0\1" + b"\0" * 20, b"\0" * 4096]
)
def test_a_missing_or_broken_index_is_built_anew(store: Store, garbage: bytes | None) -> None:
    index = store.git_dir / "index"
    index.unlink()
    if garbage is not None:
        index.write_bytes(garbage)

    save(store, "second", {"count": 2})

    assert_sound(store.root)


def test_an_index_cut_in_the_middle_is_built_anew(store: Store) -> None:
    index = store.git_dir / "index"
    data = index.read_bytes()
    index.write_bytes(data[: len(data) // 2] + b"\0" * (len(data) - len(data) // 2))

    save(store, "second", {"count": 2})

    assert_sound(store.root)


def test_unmerged_entries_do_not_outlive_a_write(store: Store) -> None:
    """`git stash pop` leaves them without a merge in progress."""
    file = store.root / "tools" / "first.yaml"
    file.write_text("count: 5\n")
    git(store.root, "stash", "-q")
    save(store, "first", {"count": 2})
    git(store.root, "stash", "pop", check=False)
    assert status(store.root) == "UU tools/first.yaml"
    file.write_text("count: 7\n")

    save(store, "first", {"count": 8})

    git(store.root, "stash", "drop", "-q")
    assert_sound(store.root)
    assert file.read_text() == "count: 8\n"


def test_a_file_staged_by_a_person_stays_staged(store: Store) -> None:
    (store.root / "notes.txt").write_text("mine\n")
    git(store.root, "add", "notes.txt")

    save(store, "first", {"count": 2})

    assert status(store.root) == "A  notes.txt"


@pytest.mark.parametrize("by", ["us", "git"])
def test_an_edit_in_the_second_of_its_entry_is_not_hidden(store: Store, by: str) -> None:
    """Same size, same second: git looks at the content as long as the index is not newer."""
    file = store.root / "tools" / "first.yaml"
    time.sleep(1 - time.time() % 1)
    file.write_text("count: 2\n")
    if by == "us":
        save(store, "first", {"count": 3})
    else:
        git(store.root, "commit", "-qam", "by hand")
    file.write_text("count: 7\n")
    time.sleep(1 - time.time() % 1)

    save(store, "second", {"count": 2})

    assert status(store.root) == " M tools/first.yaml"


def test_a_copy_of_the_folder_is_clean(store: Store, tmp_path: Path) -> None:
    copy = Store(tmp_path / "copy")
    shutil.copytree(store.root, copy.root)

    save(copy, "second", {"count": 2})

    assert_sound(copy.root)
