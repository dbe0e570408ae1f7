"""The real client, driven by tests: one prompt, a conversation, or its screen.

Versions are installed with npm into a folder of their own, `ORCHESTRATION_CLIENTS`, when they are not there
yet. A client has the home of its test, reaches nothing but the stand-in of the model, and is ended with
its test.
"""

import contextlib
import fcntl
import json
import os
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from messagestub import Model, Request, Server

VERSIONS = ("2.1.330", "2.1.197")
"""The newest that is known to work, and the oldest."""
KEY = "sk-ant-none-" + "0" * 40
"""A key that opens nothing."""
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "claude-orchestration", "clients")
CLIENTS = Path(os.environ.get("ORCHESTRATION_CLIENTS") or _CACHE)  # read at import: a test finds it removed
_BLOCKED = re.compile(r"UserPrompt(?:Expansion|Submit) operation blocked by hook:\n", re.DOTALL)
Environment = Mapping[str, str | None]
"""Variables of a client besides those of its test; None takes one away."""


class Missing(Exception):
    """A version of the client cannot be had here; the text says why."""


def installed(version: str) -> Path:
    """Return the program of a version, after installing it where it is not there yet."""
    folder = CLIENTS / version
    program = folder / "node_modules" / ".bin" / "claude"
    if program.exists():
        return program
    npm = shutil.which("npm")
    if npm is None:
        raise Missing(f"the client {version} is not in {CLIENTS} and npm, which installs it, is missing")
    folder.mkdir(parents=True, exist_ok=True)
    with (CLIENTS / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs of the tests at once
        if program.exists():
            return program
        package = f"@anthropic-ai/claude-code@{version}"
        done = subprocess.run(
            [npm, "install", "--loglevel=error", "--no-audit", "--no-fund", "--prefix", str(folder), package],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
    if done.returncode or not program.exists():
        said = " ".join((done.stderr or done.stdout).split())[:300]
        raise Missing(f"npm could not install {package}: {said or 'it did not say why'}")
    return program


class Run(NamedTuple):
    """What came of one prompt."""

    prompt: str
    text: str
    """What the user reads."""
    result: dict[str, Any]
    """The client's own account; empty when it printed none."""
    requests: list[Request]
    """The calls to the model."""
    seconds: float
    exit_code: int = 0
    stderr: str = ""

    @property
    def answer(self) -> str | None:
        """What a hook answered in place of the model, without the client's words around it; None if none did."""
        frame = _BLOCKED.match(self.text)
        return self.text[frame.end() :].removesuffix(f"\n\nOriginal prompt: {self.prompt}") if frame else None


class Client:
    """One version of the client, in the home of a test, with a model of its own."""

    def __init__(self, program: Path, version: str, server: Server, name: str = "client") -> None:
        self.program = program
        self.version = version
        self.server = server
        self.model: Model = server.model(name)
        self.around: tuple[str, ...] = ()
        """A command that starts the client in surroundings of its own; what it starts is added to it."""
        self._ends = contextlib.ExitStack()

    def another(self, name: str) -> "Client":
        """Return a second client of the same version, with a model of its own."""
        made = Client(self.program, self.version, self.server, name)
        made.around = self.around
        self._ends.callback(made.close)
        return made

    def close(self) -> None:
        """End everything that was started."""
        self._ends.close()

    def run(
        self,
        prompt: str,
        *,
        cwd: Path,
        env: Environment = {},  # noqa: B006 - never changed
        settings: Mapping[str, Any] | None = None,
        options: tuple[str, ...] = (),
        timeout: float = 60,
    ) -> Run:
        """Give one prompt to a client that prints the answer and ends; `settings` come on top of the project's."""
        before, start = len(self.model.requests), time.perf_counter()
        done = subprocess.run(
            self._command("-p", prompt, "--output-format", "json", *_settings(settings), *options),
            cwd=cwd, env=self.environment(cwd, env), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=timeout, start_new_session=True,
        )  # fmt: skip
        result = json.loads(done.stdout) if done.stdout.startswith("{") else {}
        return Run(
            prompt, result.get("result", done.stdout), result, self.model.requests[before:],
            time.perf_counter() - start, done.returncode, done.stderr,
        )  # fmt: skip

    def talk(
        self,
        *,
        cwd: Path,
        env: Environment = {},  # noqa: B006 - never changed
        settings: Mapping[str, Any] | None = None,
        options: tuple[str, ...] = (),
    ) -> "Talk":
        """Start a client that takes one prompt after the other: much quicker than a client for each."""
        formats = ("--input-format", "stream-json", "--output-format", "stream-json", "--verbose")
        words = self._command("-p", *formats, *_settings(settings), *options)
        return self._ends.enter_context(Talk(self.model, words, cwd, self.environment(cwd, env)))

    def screen(
        self,
        *,
        cwd: Path,
        env: Environment = {},  # noqa: B006 - never changed
        options: tuple[str, ...] = (),
        columns: int = 100,
        rows: int = 40,
    ) -> "Screen":
        """Start the interactive client in a terminal."""
        variables = {**self.environment(cwd, env), "LC_ALL": "C.UTF-8"}
        return self._ends.enter_context(
            Screen(self._command(*options), cwd, variables, columns=columns, rows=rows)
        )

    def environment(self, cwd: Path, extra: Environment = {}) -> dict[str, str]:  # noqa: B006
        """Return the variables of a client in a folder that its user trusts."""
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "CI")}
        env = {
            **kept,
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": self.model.url,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
        }
        found = {name: value for name, value in {**env, **extra}.items() if value is not None}
        _trust(Path(found["HOME"]), cwd)
        return found

    def _command(self, *words: str) -> list[str]:
        network = self.server.network
        into = [] if network is None else ["nsenter", f"--net=/proc/{os.getpid()}/fd/{network}"]
        return [*into, *self.around, str(self.program), *words]


class Talk:
    """A client that takes prompts on its standard input."""

    def __init__(self, model: Model, words: list[str], cwd: Path, env: dict[str, str]) -> None:
        self.model = model
        self.events: list[dict[str, Any]] = []
        """All that the client printed."""
        self._lines: queue.Queue[str] = queue.Queue()
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the conversation
        self.process = subprocess.Popen(
            words, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            text=True, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "Talk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def session(self) -> str:
        """The client's id of this conversation, once a prompt was given."""
        return next(str(event["session_id"]) for event in self.events if "session_id" in event)

    def say(self, prompt: str, *, timeout: float = 60) -> Run:
        """Give a prompt and wait until the client has done with it."""
        before, start = len(self.model.requests), time.perf_counter()
        self.put(prompt)
        result = self.wait(timeout=timeout)
        return Run(
            prompt,
            result.get("result", ""),
            result,
            self.model.requests[before:],
            time.perf_counter() - start,
        )

    def put(self, prompt: str) -> None:
        """Give a prompt and do not wait."""
        assert self.process.stdin is not None
        message = {"type": "user", "message": {"role": "user", "content": prompt}}
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def wait(self, *, timeout: float = 60) -> dict[str, Any]:
        """Wait for the end of a prompt and return the client's account of it."""
        end = time.monotonic() + timeout
        while True:
            try:
                line = self._lines.get(timeout=max(end - time.monotonic(), 0.001))
            except queue.Empty:
                raise AssertionError(f"the client took more than {timeout} s: {self.events[-1:]}") from None
            if not line:
                self._errors.seek(0)
                raise AssertionError(f"the client ended: {self._errors.read()}")
            event = json.loads(line)
            self.events.append(event)
            if event["type"] == "result":
                return dict(event)

    def kill(self) -> None:
        """End the client as a crash of the machine would."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Say goodbye; what does not go by itself is ended."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        self._errors.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self._lines.put(line)
        self._lines.put("")


class Screen:
    """The interactive client in a terminal of tmux."""

    def __init__(self, words: list[str], cwd: Path, env: dict[str, str], *, columns: int, rows: int) -> None:
        self._env = env
        self._place = tempfile.TemporaryDirectory(prefix="screen-")  # the path of a socket has to be short
        self._tmux(
            "-f", os.devnull, "new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", str(cwd), *words
        )

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def type(self, text: str) -> None:
        """Type a text as it is."""
        self._tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by the names that tmux has for them."""
        self._tmux("send-keys", *keys)

    def enter(self, line: str) -> None:
        """Type a line, wait until it is there, and press Enter."""
        self.type(line)
        self.settled()
        self.press("Enter")

    def shown(self, *, colours: bool = False) -> str:
        """Return what is visible now, without blanks at the ends of lines."""
        text = self._tmux("capture-pane", "-p", *(["-e"] if colours else []))
        return "\n".join(line.rstrip() for line in text.splitlines())

    def until(self, there: str | Callable[[str], bool], *, timeout: float = 30) -> str:
        """Wait until something is on the screen and the screen has settled; return it."""
        end = time.monotonic() + timeout
        while True:
            seen = self.shown()
            if there in seen if isinstance(there, str) else there(seen):
                return self.settled()
            assert time.monotonic() < end, f"not on the screen within {timeout} s: {there}\n{seen}"
            time.sleep(0.1)

    def settled(self, *, still: float = 0.6, timeout: float = 30) -> str:
        """Wait until nothing has changed for a while and return what is visible."""
        end = time.monotonic() + timeout
        seen, since = self.shown(), time.monotonic()
        while time.monotonic() - since < still:
            assert time.monotonic() < end, f"the screen does not settle:\n{seen}"
            time.sleep(0.1)
            now = self.shown()
            if now != seen:
                seen, since = now, time.monotonic()
        return seen

    def close(self) -> None:
        """End the client and its terminal."""
        with contextlib.suppress(subprocess.CalledProcessError):  # the client had ended by itself
            self._tmux("kill-server")
        self._place.cleanup()

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", f"{self._place.name}/s", *words],
            env=self._env,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


def _settings(settings: Mapping[str, Any] | None) -> tuple[str, ...]:
    return () if settings is None else ("--settings", json.dumps(settings))


def _trust(home: Path, cwd: Path) -> None:
    """Write into a home what its user has answered: the first questions of all, and that a folder is trusted."""
    path = home / ".claude.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    folders = [str(folder) for folder in (cwd, *cwd.parents) if folder == cwd or (folder / ".git").exists()]
    projects = known.get("projects", {})
    if all(projects.get(folder, {}).get("hasTrustDialogAccepted") for folder in folders):
        return
    path.write_text(
        json.dumps(
            {
                **known,
                "hasCompletedOnboarding": True,
                "theme": "dark",
                "customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []},
                "projects": {**projects, **{folder: {"hasTrustDialogAccepted": True} for folder in folders}},
            }
        )
    )


def waited(for_what: Callable[[], Any], *, timeout: float = 20) -> Any:
    """Return the first true value of something that is asked again and again."""
    end = time.monotonic() + timeout
    while True:
        found = for_what()
        if found:
            return found
        assert time.monotonic() < end, f"did not come within {timeout} s"
        time.sleep(0.05)
