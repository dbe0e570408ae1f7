"""`/debug integration`: everything once, from the first write to a restored backup, in a folder of its own."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestration.claude import changing, dispatch
from orchestration.claude.client import Answer, Client
from orchestration.domain.records import Document
from orchestration.errors import OrchestrationError

Arguments = dict[str, Any]
_PROJECT = "trial"
_LIMIT = 60
"""Seconds that one process of the trial may take."""
_STEERING = ("CLAUDE", "GIT_", "ORCHESTRATION_")
_PLAN = re.compile(r"^/orchestrate apply (\S+)$", re.MULTILINE)


class Failed(Exception):
    """A step did not do what it should have done."""


def integration(client: Client, given: Arguments) -> Answer:
    """Check the installed files, and with --test run everything once in a folder of its own."""
    here = changing.installed(client)
    steps = _run(client) if given["test"] else []
    document = {
        "steps": steps,
        "installed": [one._asdict() for one in here.findings],
        "looked_at": here.looked_at,
        "checkout": changing.top(client) is not None,
    }
    text = client.show("debug.trial", document)
    return Answer(text, failed=any(not one["passed"] for one in steps))


def _run(client: Client) -> list[Document]:
    with tempfile.TemporaryDirectory(prefix="orchestration-trial-") as folder:
        trial = _Trial(client, Path(folder))
        return [trial.step(name, check) for name, check in trial.steps()]


class _Trial:
    """A store, a home and a project of its own, and the commands of a sprint in them."""

    def __init__(self, client: Client, base: Path) -> None:
        kept = {name: value for name, value in client.env.items() if not name.startswith(_STEERING)}
        self.state = base / "state"
        (base / "home").mkdir()
        self.folder = base / "work"
        self.folder.mkdir()
        self.env = {
            **kept,
            "HOME": str(base / "home"),
            "ORCHESTRATION_STATE_DIR": str(self.state),
            "CLAUDE_PROJECT_ID": _PROJECT,
            "PYTHONPATH": os.pathsep.join(one for one in sys.path if one),
        }

    def step(self, name: str, check: Callable[[], object]) -> Document:
        """Do a step; whatever goes wrong in it is its problem, and the next ones are done all the same."""
        begun, problem = time.perf_counter(), None
        try:
            check()
        except (Failed, OrchestrationError, OSError, subprocess.SubprocessError) as error:
            problem = getattr(error, "message", None) or str(error) or type(error).__name__
        taken = (time.perf_counter() - begun) * 1000
        return {"name": name, "passed": problem is None, "problem": problem, "ms": taken}

    def steps(self) -> list[tuple[str, Callable[[], object]]]:
        """Return the steps in their order."""
        return [
            ("a session makes the store", self._session),
            (
                "a project with a team",
                lambda: self._says("config", 'set team.makers {"members": ["ada"]} --json', "Set team"),
            ),
            ("a sprint with two tasks", self._sprint),
            ("a preview waits for its line, and applies", self._start),
            ("a move writes and shows", lambda: self._says("move", "TASK-1 in_progress", "in_progress")),
            ("a blocked task is refused", self._blocked),
            ("undo takes the last change back", self._undo),
            ("figures come from history", lambda: self._says("metrics", "", "sprint-1")),
            ("a backup, and back to it", self._backup),
            ("a script reads the same", self._script),
            ("git finds the store sound", self._git),
        ]

    def _script(self) -> None:
        found = self._program(
            "state_manager", "task", "show", "TASK-1", "--session", self.session, "--json-output"
        )
        if '"in_progress"' not in found:
            raise Failed(f"the script says otherwise than the chat: {found[:200]}")

    session = ""

    def _session(self) -> None:
        self.session = self._program("session_manager", "create", "--project", _PROJECT).strip()
        self.env["CLAUDE_SESSION_ID"] = self.session
        if not (self.state / ".git").is_dir():
            raise Failed("no store was made")

    def _sprint(self) -> None:
        self._program("shared_state", "create-sprint", _PROJECT, "sprint-1", "Trial")
        for title in ("First", "Second"):
            self._program("state_manager", "task", "add", title, "--points", "2", "--sprint", "sprint-1")
        self._says("board", "sprint-1", "sprint-1")

    def _start(self) -> None:
        found = _PLAN.search(self._says("orchestrate", "sprint start sprint-1", "/orchestrate apply"))
        if found is None:
            raise Failed("the preview ends with no line to type")
        self._says("orchestrate", f"apply {found[1]}", "sprint-1")

    def _blocked(self) -> None:
        self._says("block", "TASK-2 waiting for a key", "TASK-2")
        self._says("move", "TASK-2 in_progress", "block", failing=True)
        self._says("unblock", "TASK-2", "TASK-2")

    def _undo(self) -> None:
        self._says("estimate", "TASK-2 8", "8")
        self._says("undo", "", "")
        found = self._program("state_manager", "get", "current", "tasks.TASK-2.points")
        if found.strip() != "2":
            raise Failed(f"the points are {found.strip()[:40]}, not 2")

    def _backup(self) -> None:
        name = self._says("config", "backup create trial", "backup/").split()[2]
        self._says("estimate", "TASK-1 13", "13")
        self._says("config", f"backup restore {name} --all --yes", "Restored")
        found = self._program("state_manager", "get", "current", "tasks.TASK-1.points")
        if found.strip() != "2":
            raise Failed(f"the points are {found.strip()[:40]}, not 2 as in the backup")

    def _git(self) -> None:
        if shutil.which("git", path=self.env.get("PATH")) is None:
            raise Failed("git is not installed")
        checks: list[list[str]] = [["fsck", "--strict"], ["status", "--porcelain"]]
        for words in checks:
            done = subprocess.run(
                ["git", "-C", str(self.state), *words], env=self.env, capture_output=True, text=True, timeout=_LIMIT,
                check=False,
            )  # fmt: skip
            if done.returncode or (words[0] == "status" and done.stdout):
                raise Failed(f"git {words[0]}: {(done.stderr or done.stdout)[:300]}")

    def _says(self, family: str, words: str, expected: str, *, failing: bool = False) -> str:
        """Answer a slash command; Failed when it fails, or does not say what is expected."""
        client = Client(self.env, folder=str(self.folder))
        found = dispatch.answer(client, family, words)
        if found.failed is not failing or expected not in found.text:
            raise Failed(f"/{family} {words}: {found.text[:300]}")
        return found.text

    def _program(self, script: str, *words: str) -> str:
        """Run a script as a process; Failed with what it says when it fails."""
        call = f"from orchestration.cli.{script} import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", call, *words], env=self.env, cwd=self.folder, capture_output=True, text=True,
            timeout=_LIMIT, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Failed(f"{script} {' '.join(words)}: {done.stderr[:300]}")
        return done.stdout
