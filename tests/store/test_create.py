"""Where a store may be created, and who is who afterwards."""

import os
import re
import shutil
import time
from datetime import datetime
from pathlib import Path

import pytest
from storetools import NOW, assert_sound, contents, die, git, outcome, read, save, start, status, subjects

from orchestration.errors import StoreError
from orchestration.store import create, machine, template
from orchestration.store.machine import Machine
from orchestration.store.repo import Store


def name_of(store: Store) -> Machine:
    return machine.read(store.private)


def assert_refused(root: Path, message: str) -> None:
    """Reading and writing are refused, and nothing is touched."""
    before = contents(root) if root.is_dir() else root.read_bytes()

    with pytest.raises(StoreError, match=message):
        Store(root).snapshot()
    with pytest.raises(StoreError, match=message):
        save(Store(root), "first", {"count": 1})

    assert (contents(root) if root.is_dir() else root.read_bytes()) == before


@pytest.mark.parametrize("place", ["missing", "missing/below", "empty", "with space", "ünïcode"])
def test_a_free_place(tmp_path: Path, place: str) -> None:
    store = Store(tmp_path / place)
    if place == "empty":
        store.root.mkdir()
    assert not store.exists
    assert store.snapshot().names("tools") == []

    save(store, "first", {"count": 1})

    assert sorted(path.name for path in store.root.iterdir()) == sorted(
        {".git", "tools", *(name.split("/")[0] for name in template.files())}
    )
    assert git(store.root, "show", "-s", "--format=%an: %(trailers:key=Op,valueonly)", "HEAD~1") == (
        "ada: store_created"
    )
    assert git(store.root, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert_sound(store.root)


def test_a_transaction_without_a_change_creates_nothing(fresh: Store) -> None:
    with fresh.transaction(author="ada", now=NOW):
        pass

    assert not fresh.root.exists()
    assert not fresh.exists


def test_reading_creates_nothing(tmp_path: Path) -> None:
    assert Store(tmp_path / "state").snapshot().load("config", "teams") is None
    assert list(tmp_path.iterdir()) == []


def test_a_link_to_a_folder_is_a_place(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "here").symlink_to("there")

    save(Store(tmp_path / "here"), "first", {"count": 1})

    assert read(Store(tmp_path / "there"), "first") == {"count": 1}
    assert_sound(tmp_path / "there")


def test_files_of_the_earlier_implementation_stay(fresh: Store) -> None:
    earlier = {
        "state.json": "{}",
        "sessions/0a1b/state.json": "{}",
        "sessions/0a1b/.lock": "",
        "sessions/0a1b/state.json.bak": "{}",
        "shared/projects/app/config.json": "{}",
        "events/2025.jsonl": "{}\n",
        "logs/debug.log": "x",
        "backups/a.tmp": "x",
    }
    for name, text in earlier.items():
        (fresh.root / name).parent.mkdir(parents=True, exist_ok=True)
        (fresh.root / name).write_text(text)
    assert read(fresh, "first") is None

    save(fresh, "first", {"count": 1})

    assert {name: (fresh.root / name).read_text() for name in earlier} == earlier
    assert_sound(fresh.root)
    assert git(fresh.root, "ls-files", "sessions", "shared", "*.json") == ""


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("notes.txt", "notes.txt"),
        ("src/main.py", "src"),
        ("sessions/notes.txt", "notes.txt"),
        (".git", ".git"),
        ("HEAD", "HEAD"),
        (".hidden", ".hidden"),
    ],
)
def test_a_place_that_holds_something_else(tmp_path: Path, file: str, shown: str) -> None:
    root = tmp_path / "state"
    (root / file).parent.mkdir(parents=True)
    (root / file).write_text("mine")

    assert_refused(root, f"is not a store and not empty: it holds '{re.escape(shown)}'")


def test_a_file_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("mine")

    assert_refused(tmp_path / "state", "is not a folder")
    with pytest.raises(StoreError, match="cannot create the store at .*: Not a directory"):
        save(Store(tmp_path / "state" / "below"), "first", {"count": 1})


@pytest.mark.parametrize("kind", ["unborn", "with commits", "with a format.yaml of its own", "no HEAD"])
def test_a_repository_that_is_no_store(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    message = "is a git repository, but no orchestration store"
    git(root, "init", "-q")
    if kind != "unborn":
        (root / "main.py").write_text("print()\n")
        if "format" in kind:
            (root / "format.yaml").write_text("width: 80\n")
            message = "format.yaml names no version"
        git(root, "add", ".")
        git(root, "commit", "-qm", "first")
    if kind == "no HEAD":
        (root / ".git" / "HEAD").unlink()
        message = "has no HEAD"

    assert_refused(root, message)


def test_a_newer_format_is_refused(store: Store) -> None:
    (store.root / "format.yaml").write_text("version: 2\n")
    git(store.root, "commit", "-qam", "upgrade")
    old = git(store.root, "rev-parse", "HEAD~1")

    for act in (store.snapshot, lambda: save(store, "first", {"count": 2})):
        with pytest.raises(StoreError) as caught:
            act()
        assert caught.value.message == (f"the store at {store.root} has format 2; this program knows up to 1")
        assert caught.value.hint == "upgrade the program: `uv tool upgrade claude-orchestration`"
    assert store.snapshot(old).load("tools", "first") == {"count": 1}


@pytest.mark.parametrize("version", ["true", "0", "'1'", "1.5", "null"])
def test_a_format_that_is_no_version(store: Store, version: str) -> None:
    (store.root / "format.yaml").write_text(f"version: {version}\n")
    git(store.root, "commit", "-qam", "break")

    with pytest.raises(StoreError, match="format.yaml names no version"):
        store.snapshot()


def test_several_processes_create_at_once(fresh: Store) -> None:
    """All wait for the starting shot; one creates, the others join in."""
    reader, writer = os.pipe()

    def take_part(number: int) -> None:
        os.close(writer)
        os.read(reader, 1)
        save(Store(fresh.root), f"t{number}", {"count": number})

    children = [start(lambda number=number: take_part(number)) for number in range(4)]  # type: ignore[misc]
    os.close(writer)
    assert [outcome(child) for child in children] == [0, 0, 0, 0]
    os.close(reader)

    assert sorted(subjects(fresh.root)) == ["store: create", *(f"tool: t{number}" for number in range(4))]
    assert fresh.snapshot().names("tools") == ["t0", "t1", "t2", "t3"]
    assert_sound(fresh.root)


def test_creators_wait_for_each_other(fresh: Store) -> None:
    fill = create._fill

    def slow(git_dir: Path, author: str, now: datetime) -> None:
        time.sleep(0.3)
        fill(git_dir, author, now)

    def work() -> None:
        create._fill = slow
        save(Store(fresh.root), "first", {"count": 1})

    child = start(work)
    while not list(fresh.root.glob(".creating-*")):
        time.sleep(0.005)
    save(fresh, "second", {"count": 2})

    assert outcome(child) == 0
    assert subjects(fresh.root) == ["tool: second", "tool: first", "store: create"]
    assert_sound(fresh.root)


@pytest.mark.parametrize("step", ["_fill", "Refs.move", "Objects.write", "machine.write"])
def test_killed_while_creating(fresh: Store, step: str) -> None:
    owner, _, method = step.rpartition(".")

    def work() -> None:
        setattr(getattr(create, owner) if owner else create, method, die)
        save(fresh, "first", {"count": 1})

    assert outcome(start(work)) == -9
    assert not fresh.exists

    save(fresh, "first", {"count": 2})

    assert subjects(fresh.root) == ["tool: first", "store: create"]
    assert list(fresh.root.glob(".creating-*")) == []
    assert_sound(fresh.root)


def test_killed_right_after_creating(fresh: Store) -> None:
    """The commit is there and no file of it: the next writer checks them out."""

    def work() -> None:
        draft = create.begin(fresh.root, "ada", NOW)
        assert draft is not None
        draft.publish()
        die()

    assert outcome(start(work)) == -9
    assert fresh.snapshot().load("format") == {"version": 1}

    save(fresh, "first", {"count": 2})

    assert_sound(fresh.root)


# -- machines


def test_the_creator_counts_plainly(store: Store) -> None:
    assert name_of(store).suffix is None
    assert name_of(store) == name_of(store)
    assert re.fullmatch("[a-km-z2-9]{4}", name_of(store).name)
    assert git(store.root, "log", "--format=%ce") == "\n".join([f"orchestration@{name_of(store).name}"] * 2)


def test_a_clone_joins_under_a_name(store: Store, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(store.root), "clone")
    clone = Store(tmp_path / "clone")

    first = save(clone, "second", {"count": 2}).machine

    assert first.joined
    assert first.suffix == first.name != name_of(store).name
    assert save(clone, "third", {"count": 3}).machine == first
    assert_sound(clone.root)
    git(clone.root, "push", "-q", "origin", "HEAD:refs/heads/theirs")
    git(store.root, "merge", "-q", "theirs")
    assert store.snapshot().names("tools") == ["first", "second", "third"]
    assert_sound(store.root)


def test_a_copied_folder_is_another_machine(store: Store, tmp_path: Path) -> None:
    copy = Store(tmp_path / "copy")
    shutil.copytree(store.root, copy.root)

    copied = save(copy, "second", {"count": 2}).machine

    assert copied.joined
    assert copied.name != name_of(store).name
    assert name_of(store).suffix is None
    assert save(copy, "third", {"count": 3}).machine == copied
    assert_sound(copy.root)


def test_a_moved_folder_is_the_same_machine(store: Store, tmp_path: Path) -> None:
    before = name_of(store)
    store.root.rename(tmp_path / "moved")

    assert save(Store(tmp_path / "moved"), "second", {"count": 2}).machine == before


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"name": 1}'])
def test_a_lost_name_is_drawn_again(store: Store, text: str) -> None:
    (store.private / "machine").write_text(text)

    assert save(store, "second", {"count": 2}).machine.joined
    assert status(store.root) == ""
