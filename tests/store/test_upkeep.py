"""Packing in the background and on request, beside writers."""

import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from storetools import assert_sound, contents, git, outcome, read, save, settle, start

from orchestration.errors import Conflict
from orchestration.store import upkeep
from orchestration.store.objects import object_id
from orchestration.store.repo import Store

LIMIT = 300
SAMPLES = LIMIT * 8 // 256 + 4
"""Enough files in one of the folders that are counted to be over the limit."""


def loose(store: Store) -> int:
    return upkeep.sizes(store.objects).loose


def wait_for_upkeep(store: Store) -> None:
    """Wait until nobody packs."""
    path = store.private / "upkeep.lock"
    deadline = time.monotonic() + 60
    while path.exists():
        with path.open("rb") as file:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                assert time.monotonic() < deadline, "packing takes too long"
        time.sleep(0.05)


def pretend_loose(store: Store, count: int) -> None:
    """Make it look as if there were many loose objects."""
    for number in range(count):
        (Path(store.objects.folder) / "11" / f"{number:038x}").touch()


def is_running(child: int) -> bool:
    """Say whether a process still runs; one that has ended must have succeeded."""
    if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return True
    assert outcome(child) == 0
    return False


def write(store: Store, commits: int, name: str = "first") -> None:
    for count in range(commits):
        save(store, name, {"count": count, "text": f"{name} {count}"})


@pytest.fixture
def small(store: Store) -> Iterator[Store]:
    """A store that packs from 300 objects on."""
    settle(store, pack_limit=LIMIT, durability="fast")
    yield store
    wait_for_upkeep(store)


# -- in the background


def test_a_write_over_the_limit_has_objects_packed(small: Store) -> None:
    commits = LIMIT // 2  # of four objects each
    write(small, commits)
    wait_for_upkeep(small)

    assert loose(small) <= 2 * LIMIT
    assert upkeep.sizes(small.objects).packs > 0
    assert read(Store(small.root), "first") == {"count": commits - 1, "text": f"first {commits - 1}"}
    assert int(git(small.root, "rev-list", "--count", "HEAD")) == commits + 3
    assert_sound(small.root)


def test_writers_in_parallel_lose_nothing_and_objects_stay_few(small: Store) -> None:
    """Four processes write while the background packs; a fifth looks at how many objects lie loose."""
    each, limit = 100, 2 * LIMIT  # what is counted is a sample: the more there are, the better it is
    settle(small, pack_limit=limit)
    children = [start(lambda k=k: write(Store(small.root), each, f"t{k}")) for k in range(4)]  # type: ignore[misc]
    most = 0
    while children:
        most = max(most, loose(small))
        children = [child for child in children if is_running(child)]
    wait_for_upkeep(small)

    assert most <= 2 * limit
    assert upkeep.sizes(small.objects).packs > 0
    assert int(git(small.root, "rev-list", "--count", "HEAD")) == 4 * each + 4
    assert [read(Store(small.root), f"t{k}")["count"] for k in range(4)] == [each - 1] * 4
    assert_sound(small.root)


def test_a_write_does_not_wait_for_it(small: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not even when git takes long."""
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nsleep 3\n")
    slow.chmod(0o755)
    write(small, LIMIT // 3 - 10)
    wait_for_upkeep(small)
    pretend_loose(small, SAMPLES)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    begin = time.monotonic()
    write(small, 3)

    assert time.monotonic() - begin < 2
    with (small.private / "upkeep.lock").open("rb") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    for number in range(SAMPLES):
        (Path(small.objects.folder) / "11" / f"{number:038x}").unlink()


def test_without_git_writes_are_silent_and_try_again_when_there_are_twice_as_many(
    small: Store, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    lock = small.private / "upkeep.lock"
    pretend_loose(small, SAMPLES)
    write(small, 1)
    wait_for_upkeep(small)
    failed_at = int(lock.read_text())
    tried = lock.stat().st_mtime_ns

    write(small, 2)
    assert (int(lock.read_text()), lock.stat().st_mtime_ns) == (failed_at, tried)
    assert failed_at > LIMIT

    pretend_loose(small, 4 * SAMPLES)
    write(small, 1)
    wait_for_upkeep(small)
    assert int(lock.read_text()) > 2 * failed_at
    assert capfd.readouterr() == ("", "")


def test_limit_zero_is_never(store: Store) -> None:
    settle(store, pack_limit=0, durability="fast")
    write(store, 30)

    assert not (store.private / "upkeep.lock").exists()


# -- on request


def test_everything_in_one_pack(store: Store) -> None:
    write(store, 20)
    git(store.root, "repack", "-dq")
    write(store, 20, "second")
    before = upkeep.sizes(store.objects)

    report = upkeep.pack(store)

    assert (report.before, report.warning, report.swept) == (before, None, [])
    assert (report.after.loose, report.after.packs) == (0, 1)
    assert read(Store(store.root), "second") == {"count": 19, "text": "second 19"}
    assert_sound(store.root)


def test_what_no_branch_reaches_is_kept(store: Store) -> None:
    data = b"an object of a write that is not finished yet"
    oid = object_id(b"blob", data)
    store.objects.write([(oid, b"blob", data)], durable=False)

    upkeep.pack(store)

    assert Store(store.root).objects.read(oid, b"blob") == data


def test_the_folders_of_loose_objects_stay(store: Store) -> None:
    upkeep.pack(store)

    assert len(list(Path(store.objects.folder).glob("[0-9a-f][0-9a-f]"))) == 256


def test_one_at_a_time(store: Store) -> None:
    with upkeep._lock(store) as held:
        assert held is not None
        with pytest.raises(Conflict, match="packing goes on already"):
            upkeep.pack(store)
        upkeep.start(store, 1)
    assert upkeep.pack(store).after.loose == 0


def test_temporary_files_older_than_an_hour_are_swept(store: Store) -> None:
    objects = Path(store.objects.folder)
    old = [objects / "tmp_obj_1_2", objects / "pack" / "tmp_pack_x", store.private / "checkout-9-9"]
    fresh = [objects / "tmp_obj_3_4", store.private / "checkout-8-8"]
    for path in [*old, *fresh]:
        path.touch()
    for path in old:
        os.utime(path, (time.time() - 4000,) * 2)

    swept = upkeep.pack(store).swept

    assert sorted(swept) == sorted(str(path.relative_to(store.root)) for path in old)
    assert [path.exists() for path in [*old, *fresh]] == [False] * 3 + [True] * 2


def test_without_git_on_request(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = contents(Path(store.objects.folder))
    monkeypatch.setenv("PATH", str(tmp_path))

    report = upkeep.pack(store)

    assert report.warning == "git is not installed; nothing was packed"
    assert contents(Path(store.objects.folder)) == before


def test_the_estimate_is_near(store: Store) -> None:
    settle(store, pack_limit=0, durability="fast")
    for number in range(1500):
        data = b"%d" % number
        store.objects.write([(object_id(b"blob", data), b"blob", data)], durable=False)

    assert 0.6 * 1500 < store.objects.count_loose() < 1.5 * 1500
