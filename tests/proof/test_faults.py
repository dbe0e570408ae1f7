"""Disks that are full or may not be written, and repositories that are damaged: named, mended, never silent.

Whatever is not hurt works meanwhile.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prooftools import PROJECT, Done, World, command, here, program
from storetools import git

from orchestration.store.repo import Store

TASK = f"projects/{PROJECT}/tasks/TASK-1.yaml"


def verify(*options: str) -> tuple[int, list[tuple[str, str, str, str]]]:
    """Check the store; returns the exit code and (severity, place, problem, fix) of each finding."""
    done = program("state_manager", "verify", "--json-output", *options)
    found = json.loads(done.out)["findings"]
    return done.code, [(one["severity"], one["place"], one["problem"], one["fix"]) for one in found]


def assert_mended(world: World) -> None:
    """Repair, and find nothing left; then everything works."""
    done = program("state_manager", "verify", "--repair")
    assert done.code == 0, done
    assert verify() == (0, [])
    assert program("state_manager", "get", world.session, "tasks.TASK-1.title").out == "Task 0\n"
    world.assert_next_command_works("mended")
    world.assert_sound()


def says(done: Done, *words: str) -> None:
    """The command failed with one clear message that holds the words, and printed no result."""
    assert (done.code, done.out) == (1, ""), done
    first, *rest = done.err.splitlines()
    assert first.startswith("Error: ") and "unexpected" not in first, done.err
    assert len(rest) <= 1 and all(line.startswith("Hint: ") for line in rest)
    for word in words:
        assert word in done.err, done.err


# -- a disk that is full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no small disk can be made here: mounting needs root")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Leave no room on a disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        size = 65536
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    return filler


def test_a_full_disk(small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = small_disk / "state"
    monkeypatch.setenv("ORCHESTRATION_STATE_DIR", str(root))
    world = World(root, tmp_path)
    world.begin()
    write = ("state_manager", "set", world.session, "notes.n", "x" * 9000)
    tip = git(root, "rev-parse", "HEAD")

    filler = fill(small_disk)
    says(program(*write), "No space left on device", str(root))
    assert git(root, "rev-parse", "HEAD") == tip
    assert program("state_manager", "get", world.session, "tasks.TASK-1.title").out == "Task 0\n"
    assert program("session_manager", "list").code == 0
    assert program("state_manager", "history", world.session).code == 0
    gc = program("state_manager", "gc")
    assert gc.code == 0 or "space" in gc.err
    filler.unlink()

    world.assert_next_command_works("room again")
    assert program(*write).code == 0
    assert verify() == (0, [])
    world.assert_sound()


def test_filling_up_little_by_little(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the room ends, what was acknowledged is there."""
    root = small_disk / "state"
    monkeypatch.setenv("ORCHESTRATION_STATE_DIR", str(root))
    world = World(root, tmp_path)
    world.begin()
    filler = fill(small_disk)
    told, refused = [], 0
    for count in range(24):
        with filler.open("r+b") as file:
            file.truncate(max(0, filler.stat().st_size - 4096 * (count + 1)))
        done = here("state_manager", "set", world.session, "notes.n", str(count), "--json-value")
        if done.code:
            refused += 1
            assert done.code == 1 and "No space left on device" in done.err, done
        else:
            held = (("sessions", world.session, "notes"), ("n",), count)
            told.append({"commit": done.commit, "holds": [held]})
    filler.unlink()

    assert refused > 0 and told
    world.assert_present(told)
    world.assert_next_command_works("room again")
    assert verify() == (0, [])
    world.assert_sound()


def test_a_limit_on_the_size_of_files(world: World) -> None:
    """What a full disk is where nothing can be mounted: writes fail in the middle."""
    tip = git(world.root, "rev-parse", "HEAD")
    text = "".join(chr(97 + number * number % 26) + str(number) for number in range(3000))

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    says(program("state_manager", "set", world.session, "notes.n", text, preexec_fn=limit), "File too large")
    assert git(world.root, "rev-parse", "HEAD") == tip
    world.assert_next_command_works("no limit")
    world.assert_sound()


# -- a folder that may not be written


@pytest.fixture
def without_rights(world: World) -> Iterator[list[str]]:
    """Take the right to write from the store; what stands before a command for that to hold."""
    rights = {path: path.stat().st_mode for path in (world.root, *world.root.rglob("*"))}
    for path in rights:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        if os.getuid():
            yield []
        elif shutil.which("setpriv") is not None:  # root without the privilege to write everywhere
            yield ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
        else:
            pytest.skip("root writes everywhere, and setpriv is not installed")
    finally:
        for path, mode in rights.items():
            path.chmod(mode)


def test_a_read_only_folder(world: World, without_rights: list[str]) -> None:
    def guest(*words: str) -> Done:
        done = subprocess.run([*without_rights, *command(*words)], capture_output=True, text=True, timeout=60)
        assert "Traceback" not in done.stderr and "unexpected" not in done.stderr, done
        return Done(done.returncode, done.stdout, done.stderr)

    assert_only_read(world, guest, "Permission denied")


def test_a_read_only_disk(small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = small_disk / "state"
    monkeypatch.setenv("ORCHESTRATION_STATE_DIR", str(root))
    world = World(root, tmp_path)
    world.begin()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    assert_only_read(world, program, "Read-only file system")

    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    world.assert_next_command_works("may be written")
    world.assert_sound()


def assert_only_read(world: World, run: Callable[..., Done], reason: str) -> None:
    """Reads work, also those that keep an index; a write says what is in its way."""
    says(run("state_manager", "set", world.session, "notes.n", "1"), str(world.root), reason)
    says(run("shared_state", "backup", "create", "mine"), str(world.root), reason)
    says(run("state_manager", "gc"), reason)
    assert run("state_manager", "get", world.session, "tasks.TASK-1.title").out == "Task 0\n"
    assert world.session in run("session_manager", "list", "--json-output").out
    assert len(json.loads(run("state_manager", "history", world.session, "--json-output").out)) >= 5
    assert run("state_manager", "verify").code == 0


# -- damage


def damage_object(world: World) -> str:
    """Cut off the object of a task, of which no parsed form is kept."""
    oid = git(world.root, "rev-parse", f"HEAD:{TASK}")
    shutil.rmtree(world.store.private / "cache")
    file = Path(world.store.objects.folder, oid[:2], oid[2:])
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:20])
    return oid


def test_a_truncated_object(world: World) -> None:
    oid = damage_object(world)

    says(program("state_manager", "get", world.session, "tasks.TASK-1.title"), oid, "state_manager verify")
    assert program("state_manager", "get", world.session, "session.mode").out == "development\n"
    world.assert_next_command_works("beside it")
    code, found = verify()
    assert code == 1
    assert ("error", TASK, f"object {oid} is damaged on disk") in [one[:3] for one in found]

    assert_mended(world)


def test_a_truncated_object_that_nothing_here_holds(world: World, tmp_path: Path) -> None:
    """It is named by record and commit, everything else works, and a bundle brings it back."""
    bundle = tmp_path / "all.bundle"
    git(world.root, "bundle", "create", "-q", str(bundle), "--all")
    made = git(world.root, "log", "-1", "--format=%H", "--", TASK)
    oid = damage_object(world)
    text = (world.root / TASK).read_text()
    (world.root / TASK).write_text(text.replace("points: null", "points: 5"))
    git(world.root, "commit", "-qam", "by hand")

    assert program("state_manager", "get", world.session, "tasks.TASK-1.points").out == "5\n"
    then = program("state_manager", "get", world.session, "tasks.TASK-1.title", "--at", made[:12])
    says(then, oid)
    code, found = verify("--repair")
    assert code == 1
    assert any(
        one[0] == "error" and one[1] == f"{TASK} as of {made[:12]}" and "--from" in one[3] for one in found
    )
    world.assert_next_command_works("with a hole in the past")

    done = program("state_manager", "verify", "--repair", "--from", str(bundle))
    assert done.code == 0, done
    then = program("state_manager", "get", world.session, "tasks.TASK-1.title", "--at", made[:12])
    assert then.out == "Task 0\n"
    world.assert_sound()


def test_a_deleted_branch(world: World) -> None:
    tip = git(world.root, "rev-parse", "HEAD")
    (world.store.git_dir / "refs" / "heads" / "main").unlink()

    says(program("state_manager", "get", world.session, "session.mode"))
    says(program("state_manager", "set", world.session, "notes.n", "1"))
    code, found = verify()
    assert code == 1 and found[0][1] == "refs/heads/main"
    assert "--repair" in found[0][3]

    assert program("state_manager", "verify", "--repair").code == 0
    assert git(world.root, "rev-parse", "HEAD") == tip
    assert_mended(world)


@pytest.mark.parametrize("name", ["index.lock", "refs/heads/main.lock"])
def test_a_stale_lock_of_git(world: World, name: str) -> None:
    lock = world.store.git_dir / name
    lock.touch()

    done = program("state_manager", "set", world.session, "notes.n", "1")
    assert str(lock) in done.err
    assert done.code == (0 if name == "index.lock" else 5), done
    assert program("state_manager", "get", world.session, "session.mode").out == "development\n"
    code, found = verify()
    assert code == 1
    named = [one for one in found if one[1] == f".git/{name}"]
    assert named[0][3] == f"if no git command is running there, `rm {lock}`"
    assert verify("--repair")[0] == 1
    assert lock.exists()

    lock.unlink()
    assert_mended(world)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:100],
        lambda whole: whole[:0],
        lambda whole: whole[:60] + b"\xff" * 20 + whole[80:],
    ],
)
def test_a_damaged_index(world: World, damage: Callable[[bytes], bytes]) -> None:
    """Git's index is derived: a write makes it anew, or says that it is behind."""
    index = world.store.git_dir / "index"
    index.write_bytes(damage(index.read_bytes()))

    code, found = verify()
    assert code == 1
    assert [one[1] for one in found] == [".git/index"]
    assert program("state_manager", "get", world.session, "session.mode").out == "development\n"
    world.assert_next_command_works("beside it")

    assert_mended(world)


def test_a_damaged_derived_index(world: World) -> None:
    """The index of history is derived as well, and made anew by whoever reads it next."""
    before = program("state_manager", "history", world.session, "--json-output").out
    (world.store.private / "index.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)

    assert program("state_manager", "history", world.session, "--json-output").out == before
    assert Store(world.root).exists
    world.assert_next_command_works("anew")
