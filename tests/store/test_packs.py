"""Packs as git makes them, read by our own reader."""

import random
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from storetools import NOW, blob_of, git, read, save

from orchestration.errors import StoreError
from orchestration.store.deltas import patched
from orchestration.store.objects import DamagedObject, MissingObject, object_id
from orchestration.store.packs import Packs
from orchestration.store.repo import Store

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def packed(store: Store) -> Store:
    """A store with some history, all in one pack whose objects are mostly deltas."""
    lines = [f"line {number} of a text that grows and changes a little" for number in range(40)]
    for count in range(25):
        lines[count % 40] = f"changed at {count}"
        with store.transaction(author="ada", now=NOW) as tx:
            tx.save(("tools", "first"), {"count": count, "text": "\n".join(lines)})
            tx.save(("tools", "binary"), {"text": random.Random(count).randbytes(6000).hex()})
            tx.describe("tool_updated", f"tool: {count}")
    git(store.root, "tag", "-a", "-m", "a tag", "backup/one")
    repack(store)
    return Store(store.root)


def repack(store: Store, *options: str) -> None:
    git(store.root, "repack", "-adfq", "--depth=50", *options)


def everything(store: Store) -> dict[str, tuple[str, int]]:
    """Kind and size of every object, by id, as git tells."""
    listing = git(store.root, "cat-file", "--batch-all-objects", "--batch-check")
    rows = [line.split(" ") for line in listing.splitlines()]
    return {oid: (kind, int(size)) for oid, kind, size in rows}


def packs_of(store: Store) -> list[Path]:
    return sorted((store.git_dir / "objects" / "pack").glob("*.pack"))


def assert_reads_all(store: Store) -> None:
    objects = list(everything(store).items())
    random.Random(1).shuffle(objects)
    for oid, (kind, size) in objects:
        data = store.objects.read(oid, kind.encode())
        assert len(data) == size
        assert object_id(kind.encode(), data) == oid


def test_every_object_is_as_git_has_it(packed: Store) -> None:
    assert git(packed.root, "count-objects").startswith("0 objects")
    depths = git(packed.root, "verify-pack", "-v", str(packs_of(packed)[0].with_suffix(".idx")))

    assert "chain length = 2" in depths
    assert {kind for kind, _ in everything(packed).values()} == {"commit", "tree", "blob", "tag"}
    assert_reads_all(packed)


def test_deltas_that_name_their_base(packed: Store) -> None:
    git(packed.root, "-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=50")

    assert_reads_all(Store(packed.root))


def test_several_packs_and_loose_objects(store: Store) -> None:
    for count in range(4):
        save(store, "first", {"count": count})
        git(store.root, "repack", "-dq")
    save(store, "second", {"count": 9})

    assert len(packs_of(store)) == 4
    assert_reads_all(Store(store.root))


def test_a_large_object_is_read_in_pieces(store: Store) -> None:
    text = random.Random(3).randbytes(200_000).hex()
    save(store, "large", {"text": text})
    repack(store)

    assert Store(store.root).objects.read(blob_of(store, "large"), b"blob") == f"text: {text}\n".encode()


def test_packed_objects_need_no_dulwich(packed: Store) -> None:
    program = (
        "import pathlib, sys\n"
        "from orchestration.store.repo import Store\n"
        "store = Store(pathlib.Path(sys.argv[1]))\n"
        "store.objects.read(store.snapshot().blob_id('tools/first.yaml'), b'blob')\n"
        "print([name for name in sys.modules if name.startswith('dulwich')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", program, str(packed.root)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip

    assert (done.stdout, done.stderr) == ("[]\n", "")


# -- names


def test_names_are_completed(packed: Store) -> None:
    (name,) = (path.stem for path in packs_of(packed))
    packs = Packs(packed.objects.folder)
    ids = sorted(everything(packed))

    for oid in random.Random(2).sample(ids, 20):
        for digits in (2, 3, 7, 40):
            expected = [one for one in ids if one.startswith(oid[:digits])]
            assert packed.objects.complete(oid[:digits]) == expected
    assert packs.complete("00" * 20) == []
    assert name.startswith("pack-")


def test_an_object_that_is_nowhere(packed: Store) -> None:
    for oid in ("0" * 40, "f" * 40, "12" * 20):
        with pytest.raises(MissingObject, match=f"object {oid} is missing"):
            packed.objects.read(oid, b"blob")


# -- damage


def damage(path: Path, start: int, data: bytes) -> None:
    whole = bytearray(path.read_bytes())
    whole[start : start + len(data)] = data
    path.chmod(0o644)
    path.write_bytes(whole)


def test_a_damaged_pack_is_named_and_hurts_only_what_it_held_there(packed: Store) -> None:
    (pack,) = packs_of(packed)
    middle = pack.stat().st_size // 2
    damage(pack, middle, bytes(200))
    hurt: list[str] = []
    for oid, (kind, _) in everything(packed).items():
        try:
            packed.objects.read(oid, kind.encode())
        except DamagedObject as error:
            hurt.append(error.message)

    assert 0 < len(hurt) < len(everything(packed))
    assert any(pack.name in message for message in hurt)


def test_a_truncated_pack(packed: Store) -> None:
    (pack,) = packs_of(packed)
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:20])

    with pytest.raises(DamagedObject, match=rf"is damaged on disk: {pack.name} is damaged at byte \d+"):
        Store(packed.root).snapshot()


def test_a_good_copy_elsewhere_is_used(packed: Store) -> None:
    """In another pack, or packed where the loose one is damaged."""
    oid = blob_of(packed, "first")
    data = packed.objects.read(oid, b"blob")
    (pack,) = packs_of(packed)
    packed.objects.write([(oid, b"blob", data)], durable=False)
    loose = packed.git_dir / "objects" / oid[:2] / oid[2:]
    whole = loose.read_bytes()
    loose.unlink()
    loose.write_bytes(b"")
    assert Store(packed.root).objects.read(oid, b"blob") == data

    loose.write_bytes(whole)
    subprocess.run(
        ["git", "-C", str(packed.root), "pack-objects", "-q", ".git/objects/pack/pack"],
        input=oid.encode(), check=True, capture_output=True,
    )  # fmt: skip
    assert len(packs_of(packed)) == 2
    loose.unlink()
    damage(pack, 12, b"\xff" * (pack.stat().st_size - 32))
    assert Store(packed.root).objects.read(oid, b"blob") == data


@pytest.mark.parametrize("data", [b"", b"\xfftOc\0\0\0\3" + bytes(1100), b"x" * 3000])
def test_a_broken_index_is_damage_and_not_a_crash(packed: Store, data: bytes) -> None:
    (pack,) = packs_of(packed)
    index = pack.with_suffix(".idx")
    index.chmod(0o644)
    index.write_bytes(data)

    with pytest.raises(StoreError, match=r"object [0-9a-f]{40} is (damaged|missing)"):
        Store(packed.root).snapshot()


def test_an_index_of_version_1_is_read(packed: Store) -> None:
    git(packed.root, "-c", "pack.indexVersion=1", "repack", "-adfq")
    (pack,) = packs_of(packed)
    assert pack.with_suffix(".idx").read_bytes()[:4] != b"\xfftOc"

    assert_reads_all(Store(packed.root))
    oid = blob_of(packed, "first")
    assert Store(packed.root).objects.complete(oid[:10]) == [oid]


def test_objects_of_another_repository(packed: Store, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--shared", str(packed.root), str(clone))

    assert read(Store(clone), "first") == read(packed, "first")


@pytest.mark.parametrize(
    "delta",
    [
        pytest.param(b"\x05\x03\x90\x03", id="another base"),
        pytest.param(b"\x03\x03\x00", id="an unknown instruction"),
        pytest.param(b"\x03\x09\x90\x03", id="another size"),
        pytest.param(b"\x03\x03\x91", id="cut off"),
        pytest.param(b"\x03", id="without a size"),
    ],
)
def test_a_delta_that_does_not_fit(delta: bytes) -> None:
    with pytest.raises((zlib.error, IndexError)):
        patched(b"abc", delta)


def test_a_delta_copies_and_inserts() -> None:
    assert patched(b"abcdef", b"\x06\x05\x91\x02\x02\x02xy\x90\x01") == b"cdxya"


# -- packs that change while they are read


def test_packs_replaced_during_reading(packed: Store) -> None:
    """The reader knows packs that are gone, and finds what is new."""
    expected = everything(packed)
    assert_reads_all(packed)
    (old,) = packs_of(packed)
    save(packed, "later", {"count": 1})
    git(packed.root, "repack", "-adfq", "--window=1")

    assert packs_of(packed) != [old]
    assert_reads_all(packed)
    assert expected.keys() < everything(packed).keys()


def test_an_object_packed_after_the_reader_looked(packed: Store) -> None:
    assert read(packed, "first")["count"] == 24
    other = Store(packed.root)
    save(other, "later", {"count": 1})
    git(packed.root, "repack", "-dq")

    assert read(packed, "later") == {"count": 1}
    assert packed.objects.complete(blob_of(other, "later")) == [blob_of(other, "later")]


def test_packs_replaced_all_the_time(packed: Store) -> None:
    """A reader in a loop beside repacks in a loop."""
    script = "for i in 1 2 3 4 5 6; do git repack -adfq --window=$i; git repack -dq --geometric=2; done"
    process = subprocess.Popen(["sh", "-c", script], cwd=packed.root)
    rounds = 0
    while process.poll() is None:
        fresh = Store(packed.root) if rounds % 2 else packed
        assert_reads_all(fresh)
        rounds += 1

    assert rounds > 0
    assert process.returncode == 0
