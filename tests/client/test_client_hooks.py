"""Whatever is wrong with the hooks, a prompt goes through."""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from clientproject import EVENTS, Project
from clienttools import Client

Around = tuple[str, ...]
"""What the client is started by."""
Trouble = Callable[[Project], AbstractContextManager[Around]]
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


@contextlib.contextmanager
def no_interpreter(project: Project) -> Iterator[Around]:
    """The interpreter that was installed is gone."""
    (project.folder / ".claude" / "orchestration.local").write_text("/nowhere/python\n")
    yield ()


@contextlib.contextmanager
def no_local_file(project: Project) -> Iterator[Around]:
    """Somebody who cloned the repository and has not installed anything."""
    (project.folder / ".claude" / "orchestration.local").unlink()
    yield ()


@contextlib.contextmanager
def no_hook_file(project: Project) -> Iterator[Around]:
    """The settings name a file that is not there: a shell says so with 127, `python` with 2."""
    shutil.rmtree(project.folder / ".claude" / "hooks")
    yield ()


@contextlib.contextmanager
def no_permission(project: Project) -> Iterator[Around]:
    """The bit that makes the hook a program was lost on the way."""
    (project.folder / ".claude" / "hooks" / "run").chmod(0o644)
    yield ()


@contextlib.contextmanager
def read_only(project: Project) -> Iterator[Around]:
    """The store cannot be written."""
    if os.geteuid() == 0:  # who is above permissions; the mount is seen by the client alone
        yield ("unshare", "-m", "sh", "-c", READ_ONLY, str(project.state))
        return
    folders = [project.state, *(path for path in project.state.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield ()
    for folder in folders:
        folder.chmod(0o755)


@contextlib.contextmanager
def locked(project: Project) -> Iterator[Around]:
    """Somebody else is writing and does not come to an end."""
    with (project.state / ".git" / "orchestration" / "store.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield ()


@contextlib.contextmanager
def newer(project: Project) -> Iterator[Around]:
    """A newer program has changed the layout of the store."""
    path = project.state / "format.yaml"
    path.write_text("version: 99\n")
    project.git("commit", "-q", "-a", "-m", "format: 99", at=project.state)
    yield ()


@contextlib.contextmanager
def damaged(project: Project) -> Iterator[Around]:
    """The store's history is not one."""
    (project.state / ".git" / "HEAD").write_text("nonsense\n")
    yield ()


@contextlib.contextmanager
def broken_configuration(project: Project) -> Iterator[Around]:
    """The checkout's own file does not parse."""
    (project.folder / ".claude" / "orchestration.yaml").write_text("project: [\n")
    yield ()


TROUBLES: tuple[Trouble, ...] = (
    no_interpreter, no_local_file, no_hook_file, no_permission, read_only, locked, newer, damaged, broken_configuration,
)  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: one.__name__)
def test_a_prompt_goes_through(client: Client, project: Project, trouble: Trouble) -> None:
    with trouble(project) as client.around, client.talk(cwd=project.folder) as talk:
        run = talk.say("explain the login page")

        assert (run.text, run.answer, len(run.requests)) == ("Understood.", None, 1)
        assert "explain the login page" in run.requests[0].last


@pytest.mark.parametrize(
    "trouble", (read_only, newer, damaged, broken_configuration), ids=lambda one: one.__name__
)
def test_a_slash_command_says_what_is_wrong(client: Client, project: Project, trouble: Trouble) -> None:
    with trouble(project) as client.around, client.talk(cwd=project.folder) as talk:
        run = talk.say("/move TASK-123 in_progress")

        assert run.answer is not None
        assert run.answer.startswith("Error: ")
        assert "Traceback" not in run.answer


INPUTS = {
    "nothing": b"",
    "no JSON": b"hello",
    "half of it": b'{"session_id": "a", "prompt": "exp',
    "a list": b"[1, 2]",
    "a number": b"7",
    "null": b"null",
    "an empty object": b"{}",
    "other types": b'{"session_id": 7, "cwd": [], "prompt": {}, "command_name": null, "command_args": 3}',
    "not UTF-8": b'{"session_id": "\xff\xfe", "prompt": "\x80"}',
    "a folder that is gone": b'{"session_id": "a", "cwd": "/nowhere/at/all", "prompt": "hi"}',
    "an evil id": b'{"session_id": "../../../../tmp/x", "cwd": ".", "prompt": "hi"}',
    "100 MB": b'{"session_id": "a", "prompt": "' + b"x" * 100_000_000 + b'"}',
}


@pytest.mark.parametrize("given", INPUTS)
def test_no_input_makes_a_hook_block_or_fail(project: Project, given: str) -> None:
    events = EVENTS if len(INPUTS[given]) < 1000 else ("UserPromptSubmit",)
    for event in (*events, "NoSuchEvent"):
        done = _hook(project.folder, event, INPUTS[given])

        assert done.returncode == 0, (event, done.stderr)
        assert done.stdout == b"" or "decision" not in json.loads(done.stdout), event
        assert b"Traceback" not in done.stderr
        assert done.stderr.count(b"\n") <= 1


def _hook(folder: Path, event: str, given: bytes) -> "subprocess.CompletedProcess[bytes]":
    env = {**os.environ, "CLAUDE_PROJECT_DIR": str(folder)}
    return subprocess.run(
        [folder / ".claude" / "hooks" / "run", event],
        cwd=folder,
        env=env,
        input=given,
        capture_output=True,
        timeout=60,
    )
