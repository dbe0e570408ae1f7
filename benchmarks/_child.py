"""What is measured inside one process: each function runs in a child that nothing else ran in.

`python -m benchmarks._child FUNCTION ARGUMENTS`, with the arguments as a JSON array; the result is
printed as JSON.
"""

import fcntl
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import _big, _team, _work
from benchmarks._lab import PROJECT, session_ids
from benchmarks._timing import WARM_UPS
from orchestration.domain import session_actions, values
from orchestration.store import layout
from orchestration.store.repo import Store

AUTHOR = "benchmark"
GIT_COMMIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qam", "x"]
Pairs = list[tuple[float, float]]


def settle(store: Store, durability: str) -> None:
    """Choose how durable writes are; nothing is packed behind the back of a measurement."""
    with store.transaction(author=AUTHOR, now=datetime.now(UTC)) as tx:
        settings = tx.edit("config", "settings")
        tx.save(("config", "settings"), {**(settings or {}), "durability": durability, "pack_limit": 0})
        tx.describe("state_set", f"config: durability {durability}")


def build(root: str, json_folder: str, sessions: int, batch: int) -> None:
    """Make a store with sessions, `batch` in a transaction, and JSON files that hold the same."""
    store = Store(Path(root))
    settle(store, "fast")
    Path(json_folder).mkdir()
    names = session_ids(sessions)
    for first in range(0, sessions, batch):
        now = datetime.now(UTC)
        at = values.format_time(now.replace(microsecond=0))  # as the command lines do
        with store.transaction(author=AUTHOR, now=now) as tx:
            for name in names[first : first + batch]:
                session = session_actions.create(
                    tx, name, mode="development", project=PROJECT, by=AUTHOR, now=at
                )
                Path(json_folder, f"{name}.json").write_text(json.dumps({"session": session}, indent=2))
    settle(store, "full")
    write(store, names[0], 0)


def write(store: Store, session: str, number: int) -> None:
    """Write one field: read its record, change it, commit, files and index up to date."""
    key = ("sessions", session, "notes")
    with store.transaction(author=AUTHOR, now=datetime.now(UTC)) as tx:
        notes = tx.edit(*key) or {}
        tx.save(key, {**notes, "n": number})
        tx.describe("state_set", f"state: set notes.n = {number}", session=session, project=PROJECT)


def touch(root: str, count: int) -> None:
    """Change some sessions, in one commit each."""
    store = Store(Path(root))
    for number, name in enumerate(session_ids(count)):
        with store.transaction(author=AUTHOR, now=datetime.now(UTC)) as tx:
            session = tx.edit("sessions", name, "session")
            metadata = {**session["metadata"], "touched": time.time_ns()}
            tx.save(("sessions", name, "session"), {**session, "metadata": metadata})
            tx.describe("state_set", f"session: touch {number}", session=name, project=PROJECT)


def writes_and_git(root: str, other: str, rounds: int) -> Pairs:
    """Take turns between a write and `git commit -qam x` in a repository like it; seconds of each."""
    store = Store(Path(root))
    session = session_ids(1)[0]
    file = Path(other, layout.file_of("sessions", session, "notes"))

    def ours(number: int) -> None:
        write(store, session, number)

    def theirs(_: int) -> None:
        subprocess.run(GIT_COMMIT, cwd=other, check=True)

    def prepare(number: int) -> None:
        file.write_text(f"n: {number}\n")

    return _pairs(ours, theirs, rounds, prepare)


def writes_and_pygit2(root: str, other: str, rounds: int) -> Pairs:
    """Take turns between a `durability: fast` write and the same commit by libgit2, which leaves it at that."""
    import pygit2

    store = Store(Path(root))
    settle(store, "fast")
    session = session_ids(1)[0]
    repository = pygit2.Repository(other)
    who = pygit2.Signature("x", "x@example.org")
    *folders, file = layout.file_of("sessions", session, "notes").split("/")

    def tree(parent: Any, parts: list[str], blob: Any) -> Any:
        builder = repository.TreeBuilder(parent)
        if not parts:
            builder.insert(file, blob, pygit2.GIT_FILEMODE_BLOB)
        else:
            builder.insert(parts[0], tree(parent[parts[0]], parts[1:], blob), pygit2.GIT_FILEMODE_TREE)
        return builder.write()

    def ours(number: int) -> None:
        write(store, session, number)

    def theirs(number: int) -> None:
        tip = repository.head.peel(pygit2.Commit)
        root_tree = tree(tip.tree, folders, repository.create_blob(f"n: {number}\n".encode()))
        repository.create_commit("HEAD", who, who, f"state: set notes.n = {number}", root_tree, [tip.id])

    pairs = _pairs(ours, theirs, rounds)
    settle(store, "full")
    return pairs


_numbers = itertools.count(time.time_ns() // 1000)  # no value was ever there before, in any run


def _pairs(
    ours: Callable[[int], None], theirs: Callable[[int], None], rounds: int,
    prepare: Callable[[int], object] = lambda _: None,
) -> Pairs:  # fmt: skip
    pairs = []
    for _ in range(WARM_UPS + rounds):
        number = next(_numbers)
        start = time.perf_counter()
        ours(number)
        middle = time.perf_counter()
        prepare(number)
        begin = time.perf_counter()
        theirs(number)
        pairs.append((middle - start, time.perf_counter() - begin))
    return pairs[WARM_UPS:]


def fsyncs(root: str, other: str) -> dict[str, int | None]:
    """Return how often one write asks for the disk: with each durability, and by git, None if it does not say."""
    store = Store(Path(root))
    session = session_ids(1)[0]
    counts: dict[str, int | None] = {}
    for durability in ("fast", "full"):
        settle(store, durability)
        write(store, session, next(_numbers))
        with _counted() as calls:
            write(store, session, next(_numbers))
        counts[durability] = len(calls)
    Path(other, layout.file_of("sessions", session, "notes")).write_text(f"n: {next(_numbers)}\n")
    trace = Path(other, ".git", "trace")
    subprocess.run(GIT_COMMIT, cwd=other, check=True, env={**os.environ, "GIT_TRACE2_EVENT": str(trace)})
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    flushes = [int(event["value"]) for event in events if event.get("key") == "fsync/hardware-flush"]
    counts["git"] = sum(flushes) if flushes else None
    return counts


@contextmanager
def _counted() -> Iterator[list[int]]:
    """Collect the calls that flush to the disk, on macOS also those that do it with fcntl."""
    calls: list[int] = []
    real_fsync, real_fcntl = os.fsync, fcntl.fcntl

    def fsync(fd: int) -> None:
        calls.append(fd)
        real_fsync(fd)

    def control(fd: int, command: int, *arguments: Any) -> Any:
        if command == getattr(fcntl, "F_FULLFSYNC", None):
            calls.append(fd)
        return real_fcntl(fd, command, *arguments)

    os.fsync, fcntl.fcntl = fsync, control  # type: ignore[assignment] # one signature of the overloads is enough
    try:
        yield calls
    finally:
        os.fsync, fcntl.fcntl = real_fsync, real_fcntl


def increments(root: str, count: int) -> tuple[float, float]:
    """Add 1 to a number that others add to as well, when told to start; returns when it began and ended."""
    store = Store(Path(root))
    session = session_ids(1)[0]
    key = ("sessions", session, "counter")
    store.snapshot().load(*key)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    for _ in range(count):
        with store.transaction(author=AUTHOR, now=datetime.now(UTC)) as tx:
            number = (tx.edit(*key) or {"n": 0})["n"] + 1
            tx.save(key, {"n": number})
            tx.describe("state_incremented", f"state: counter.n = {number}", session=session, project=PROJECT)
    return began, time.monotonic()


def counted(root: str) -> int:
    """Return the number that `increments` adds to."""
    record = Store(Path(root)).snapshot().load("sessions", session_ids(1)[0], "counter")
    return int(record["n"]) if record else 0


TASKS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        build,
        touch,
        writes_and_git,
        writes_and_pygit2,
        fsyncs,
        increments,
        counted,
        *_big.CHILDREN,
        *_team.CHILDREN,
        *_work.CHILDREN,
    )
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*json.loads(sys.argv[2]))))
