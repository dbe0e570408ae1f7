"""The hooks of Claude Code, run as the client runs them: through a shell and `.claude/hooks/run`."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from typing import Any

from benchmarks._lab import PROJECT, ROOT, SOME, Lab
from benchmarks._timing import BenchmarkError, Row, compared, interleaved

HOST = "11111111-2222-3333-4444-555555555555"
CALLS = 50
"""Tool calls of the turn that is measured, as the client makes them: a third are Bash."""
BASH = 17
IDLE_BAR = 1.6
_columns = itertools.cycle(("in_progress", "review", "todo"))


class Hooks:
    """A checkout with the hook in it, whose project has a store with some sessions."""

    def __init__(self, lab: Lab) -> None:
        store = lab.copy(lab.store(SOME), "hooks")
        self.folder = lab.folder / "checkout"
        place = self.folder / ".claude" / "hooks"
        place.mkdir(parents=True)
        shutil.copy2(ROOT / ".claude" / "hooks" / "run", place)
        (self.folder / ".claude" / "orchestration.yaml").write_text(f"project: {PROJECT}\n")
        (self.folder / ".claude" / "orchestration.local").write_text(f"{sys.executable}\n")
        self.env = {
            **lab.env(store), "CLAUDE_PROJECT_DIR": str(self.folder), "CLAUDE_CODE_SESSION_ID": HOST,
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self.script("state_manager", "task", "add", "Log in", "--project", PROJECT)
        self.fire("SessionStart", source="startup")
        self.move()
        self.prompt()

    def script(self, *words: str) -> None:
        """Run a command of the program that must succeed."""
        self._run([sys.executable, "-m", "orchestration", *words], b"")

    def fire(self, event: str, **facts: Any) -> str:
        """Let an event happen; return what the hook says."""
        return self._fire(event, facts)[1]

    def seconds(self, event: str, *, answers: bool = False, **facts: Any) -> float:
        """Return how long the hook of an event takes; BenchmarkError when it says what it should not, or nothing."""
        seconds, said = self._fire(event, facts)
        if bool(said) is not answers:
            raise BenchmarkError(f"{event} said {said[:200]!r}")
        return seconds

    def prompt(self) -> str:
        """Give an ordinary prompt."""
        return self.fire("UserPromptSubmit", prompt="go on")

    def move(self) -> float:
        """Type `/move`, and return how long its answer takes."""
        column = next(_columns)
        return self.seconds(
            "UserPromptExpansion", answers=True, command_name="move", command_args=f"TASK-1 {column}"
        )

    def board(self) -> float:
        """Type `/board`, and return how long its answer takes."""
        return self.seconds("UserPromptExpansion", answers=True, command_name="board", command_args="")

    def turn(self, calls: int) -> float:
        """Return the time of all hooks of a turn in which nothing happens that concerns the state."""
        seconds = self.seconds("UserPromptSubmit", prompt="go on")
        for _ in range(calls):
            seconds += self.seconds("PostToolUse", tool_name="Bash", tool_input={"command": "ls"})
        return seconds + self.seconds("Stop")

    def empty(self) -> float:
        """Return how long a Python takes that does nothing, started by a shell as a hook is."""
        return self._run(["/bin/sh", "-c", '"$0" -c pass || true', sys.executable], b"")[0]

    def _fire(self, event: str, facts: dict[str, Any]) -> tuple[float, str]:
        given = {"session_id": HOST, "cwd": str(self.folder), "hook_event_name": event, **facts}
        command = '"$CLAUDE_PROJECT_DIR"/.claude/hooks/run "$0" || true'
        return self._run(["/bin/sh", "-c", command, event], json.dumps(given).encode())

    def _run(self, command: list[str], data: bytes) -> tuple[float, str]:
        start = time.perf_counter()
        done = subprocess.run(command, env=self.env, cwd=self.folder, input=data, capture_output=True)
        seconds = time.perf_counter() - start
        if done.returncode or (done.stderr and b"commit" not in done.stderr):
            raise BenchmarkError(f"{command} exited {done.returncode}: {done.stderr.decode()}")
        return seconds, done.stdout.decode()


def hooks(lab: Lab) -> list[Row]:
    """Compare hooks that have nothing to do, and those that answer, with a Python that does nothing."""
    one = Hooks(lab)
    one.prompt()
    idle = interleaved(
        {
            "prompt": lambda: one.seconds("UserPromptSubmit", prompt="go on"),
            "bash": lambda: one.seconds("PostToolUse", tool_name="Bash", tool_input={"command": "ls"}),
            "stop": lambda: one.seconds("Stop"),
            "elsewhere": lambda: _elsewhere(one, lab),
            "python": one.empty,
        },
        lab.rounds,
    )
    answers = interleaved({"move": one.move, "board": one.board, "python": one.empty}, lab.rounds)
    one.prompt()
    turns = interleaved(
        {
            "matched": lambda: one.turn(BASH),
            "all": lambda: one.turn(CALLS),
            "python": lambda: sum(one.empty() for _ in range(BASH + 2)),
        },
        max(lab.rounds // 10, 3),
    )
    shutil.rmtree(one.folder)
    return [
        compared("idle hook of a prompt / empty Python", idle["prompt"], idle["python"], IDLE_BAR),
        compared("idle hook of a Bash call / empty Python", idle["bash"], idle["python"], IDLE_BAR),
        compared("idle hook at the end of a turn / empty Python", idle["stop"], idle["python"], IDLE_BAR),
        compared("hook in a folder without a project / empty Python", idle["elsewhere"], idle["python"], IDLE_BAR),
        compared("/move answered / empty Python", answers["move"], answers["python"]),
        compared("/board answered / empty Python", answers["board"], answers["python"]),
        compared(f"hooks of a turn with {CALLS} tool calls, {BASH} of them Bash / as many empty Pythons",
                 turns["matched"], turns["python"]),
        compared(f"hooks of a turn with {CALLS} Bash calls / {BASH + 2} empty Pythons",
                 turns["all"], turns["python"]),
    ]  # fmt: skip


def _elsewhere(one: Hooks, lab: Lab) -> float:
    here, one.env["CLAUDE_PROJECT_DIR"] = one.env["CLAUDE_PROJECT_DIR"], str(lab.work)
    try:
        given = json.dumps({"session_id": "elsewhere", "cwd": str(lab.work), "prompt": "go on"}).encode()
        command = f'"{os.fspath(one.folder)}"/.claude/hooks/run "$0" || true'
        return one._run(["/bin/sh", "-c", command, "UserPromptSubmit"], given)[0]
    finally:
        one.env["CLAUDE_PROJECT_DIR"] = here
