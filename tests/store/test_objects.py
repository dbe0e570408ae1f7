"""Objects on disk: loose, damaged, healed, packed."""

import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from storetools import NOW, assert_sound, blob_of, git, loose, read, save

from orchestration.errors import NotFound, StoreError
from orchestration.store import trees
from orchestration.store.objects import DamagedObject, MissingObject, Objects, object_id
from orchestration.store.repo import Store


def uncached(store: Store) -> Store:
    """The same store, without the parsed records that stand in for objects."""
    shutil.rmtree(store.private / "cache", ignore_errors=True)
    return Store(store.root)


def replace(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def test_ids_are_those_of_git(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"name: x\n")

    assert object_id(b"blob", b"name: x\n") == git(tmp_path, "hash-object", "file")
    assert object_id(b"tree", b"") == trees.EMPTY_TREE


@pytest.mark.parametrize("durable", [False, True])
def test_git_reads_what_is_written(store: Store, durable: bool) -> None:
    data = b"x" * 100_000
    oid = object_id(b"blob", data)

    store.objects.write([(oid, b"blob", data)], durable=durable)

    assert git(store.root, "cat-file", "blob", oid) == data.decode()
    assert store.objects.read(oid, b"blob") == data


def test_nothing_temporary_is_left(store: Store) -> None:
    assert [path.name for path in (store.git_dir / "objects").glob("tmp_*")] == []


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: whole[:10], id="truncated"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda whole: b"\0" * len(whole), id="zeros"),
        pytest.param(lambda _: zlib.compress(b"blob 9\0count: 9\n"), id="other content"),
    ],
)
def test_a_damaged_object_is_named_and_hurts_nobody_else(
    store: Store, damage: Callable[[bytes], bytes]
) -> None:
    save(store, "second", {"count": 2})
    oid = blob_of(store, "first")
    whole = loose(store, oid).read_bytes()
    replace(loose(store, oid), damage(whole))
    store = uncached(store)

    with pytest.raises(DamagedObject) as caught:
        read(store, "first")
    assert caught.value.message == f"object {oid} is damaged on disk"
    assert caught.value.hint == "`state_manager verify` says what is hurt and how to mend it"
    assert read(store, "second") == {"count": 2}
    save(store, "third", {"count": 3})
    assert read(store, "third") == {"count": 3}


def test_a_missing_object_is_named(store: Store) -> None:
    oid = blob_of(store, "first")
    loose(store, oid).unlink()

    with pytest.raises(MissingObject, match=f"object {oid} is missing from the store"):
        read(uncached(store), "first")


def test_an_object_of_another_kind_is_refused(store: Store) -> None:
    with pytest.raises(DamagedObject, match="is not a tree"):
        store.objects.read(blob_of(store, "first"), b"tree")


def test_an_object_that_cannot_be_read(store: Store) -> None:
    oid = blob_of(store, "first")
    loose(store, oid).unlink()
    loose(store, oid).mkdir()

    with pytest.raises(StoreError, match=f"cannot read object {oid}"):
        store.objects.read(oid, b"blob")


@pytest.mark.parametrize("name", ["first", "second"])
def test_the_same_content_written_again_heals(store: Store, name: str) -> None:
    """Also when the record is unchanged, which makes no commit."""
    oid = blob_of(store, "first")
    replace(loose(store, oid), b"")

    save(uncached(store), name, {"count": 1})

    assert read(uncached(store), "first") == {"count": 1}
    assert_sound(store.root)


def test_a_damaged_tree_is_named(store: Store) -> None:
    entry = store.snapshot().entry("tools")
    assert entry is not None
    replace(loose(store, entry.oid), b"")

    with pytest.raises(DamagedObject, match=f"object {entry.oid} is damaged"):
        read(uncached(store), "first")
    assert store.snapshot().load("config", "settings")["lock_timeout"] == 10


def test_damaged_settings_do_not_stop_writes(store: Store) -> None:
    oid = store.snapshot().blob_id("config/settings.yaml")
    assert oid is not None
    replace(loose(store, oid), b"")

    save(uncached(store), "second", {"count": 2})

    assert read(store, "second") == {"count": 2}


@pytest.mark.parametrize("command", [("repack", "-a", "-d", "-q"), ("gc", "-q"), ("pack-refs", "--all")])
def test_a_packed_store_reads_and_writes_on(store: Store, command: tuple[str, ...]) -> None:
    before = store.snapshot()
    git(store.root, *command)
    store = uncached(store)

    assert read(store, "first") == {"count": 1}
    assert before.load("tools", "first") == {"count": 1}
    save(store, "second", {"count": 2})
    save(store, "first", {"count": 3})
    git(store.root, *command)
    assert [read(uncached(store), name) for name in ("first", "second")] == [{"count": 3}, {"count": 2}]
    assert_sound(store.root)


def test_objects_that_move_to_another_pack_while_the_store_is_open(store: Store) -> None:
    for round_ in range(3):
        save(store, "first", {"count": round_})
        git(store.root, "repack", "-a", "-d", "-q")
        store = uncached(store)

        assert read(store, "first") == {"count": round_}


def test_reading_a_pack_ends_quietly(store: Store) -> None:
    """dulwich complains about packs left open, and at the end of the interpreter fails to."""
    git(store.root, "repack", "-a", "-d", "-q")
    program = (
        "import pathlib, sys\n"
        "from orchestration.store.repo import Store\n"
        "print(Store(pathlib.Path(sys.argv[1])).snapshot().names('tools'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", program, str(store.root)],
        cwd=Path(__file__).parent.parent.parent,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "['first']\n", "")


def test_a_damaged_pack_is_reported(store: Store) -> None:
    git(store.root, "repack", "-a", "-d", "-q")
    (pack,) = (store.git_dir / "objects" / "pack").glob("*.pack")
    data = pack.read_bytes()
    replace(pack, data[:12] + b"\xff" * (len(data) - 32) + data[-20:])

    with pytest.raises(StoreError, match="object [0-9a-f]{40} is damaged on disk"):
        store.snapshot()


@pytest.mark.parametrize("packed", [False, True])
def test_revisions_by_prefix(store: Store, packed: bool) -> None:
    tip = git(store.root, "rev-parse", "HEAD")
    if packed:
        git(store.root, "repack", "-a", "-d", "-q")

    assert store.resolve(tip[:7]) == tip
    assert store.resolve(tip[:8]) == tip
    assert store.resolve(tip) == tip
    for unknown in ("0" * 7, "0" * 40, blob_of(store, "first")):
        with pytest.raises(NotFound, match="is not in the store"):
            store.resolve(unknown)


def test_completing_ids(store: Store) -> None:
    objects = Objects(store.git_dir)

    oid = blob_of(store, "first")

    assert objects.complete(oid[:12]) == [oid]
    assert objects.complete("0" * 12) == []


def test_trees_sort_as_git_does(store: Store) -> None:
    """A folder `a` sorts as `a/`: behind `a.yaml`, before `a0.yaml`."""
    with store.transaction(author="ada", now=NOW) as tx:
        for key in (
            ("tools", "a"),
            ("tools", "a0"),
            ("projects", "a", "config"),
            ("projects", "a.b", "config"),
        ):
            tx.save(key, {"x": 1})

    assert_sound(store.root)
    assert git(store.root, "ls-tree", "--name-only", "HEAD:projects").splitlines() == ["a.b", "a"]
