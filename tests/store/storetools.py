"""What the tests of the store share: real git, a short way to write, and processes that die."""

import os
import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.store.repo import Store
from orchestration.store.transaction import Transaction

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PERSON = {"NAME": "Grace", "EMAIL": "grace@example.org"}


def git(root: Path, *arguments: str, check: bool = True, **variables: str) -> str:
    """Run git as a person whose environment names no other repository; returns both streams."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_{key}": value for key, value in PERSON.items()}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true", **variables}
    done = subprocess.run(
        ["git", "-C", str(root), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0 or not check, done.stdout
    return done.stdout.rstrip("\n")


def status(root: Path) -> str:
    return git(root, "status", "--porcelain")


def assert_sound(root: Path) -> None:
    """Files, index and commit agree, and every object is as git wants it."""
    assert status(root) == ""
    assert git(root, "fsck", "--strict", "--no-dangling") == ""


def subjects(root: Path) -> list[str]:
    """The subjects of the history, newest first."""
    return git(root, "log", "--format=%s").splitlines()


def save(
    store: Store, name: str, data: Any, *, author: str = "ada", now: datetime = NOW, subject: str = ""
) -> Transaction:
    """Make `data` the record `tools.<name>` in a transaction of its own."""
    with store.transaction(author=author, now=now) as tx:
        tx.save(("tools", name), data)
        tx.describe("tool_updated", subject or f"tool: {name}")
    return tx


def delete(store: Store, name: str) -> Transaction:
    with store.transaction(author="ada", now=NOW) as tx:
        tx.delete("tools", name)
        tx.describe("tool_updated", f"tool: delete {name}")
    return tx


def read(store: Store, name: str) -> Any:
    return store.snapshot().load("tools", name)


def settle(store: Store, **settings: Any) -> None:
    """Change settings of the store."""
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("config", "settings"), {**tx.load("config", "settings"), **settings})


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder, None for folders: equal before and after means untouched."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def loose(store: Store, oid: str) -> Path:
    """The file of a loose object."""
    return store.git_dir / "objects" / oid[:2] / oid[2:]


def blob_of(store: Store, name: str) -> str:
    oid = store.snapshot().blob_id(f"tools/{name}.yaml")
    assert oid is not None
    return oid


def start(work: Callable[[], object]) -> int:
    """Run `work` in a process of its own and return its id; it exits 1 when `work` raises."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def outcome(child: int) -> int:
    """Wait for a process; returns its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die(*_: object, **__: object) -> None:
    """End this process as `kill -9` does: nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    assert outcome(child) == -signal.SIGKILL
