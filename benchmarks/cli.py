"""Whole commands, run through `uv run` as users and hooks run them."""

import itertools
import re
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks._lab import FEW, PROJECT, ROOT, Lab, session_ids
from benchmarks._timing import BenchmarkError, Cost, Row, compared, interleaved, output, run

SCRIPTS = ROOT / ".claude" / "scripts"
STATE = SCRIPTS / "state_manager.py"
SESSIONS = SCRIPTS / "session_manager.py"
JSON_FILE = Path(__file__).with_name("json_file.py")
JSON_LIST = Path(__file__).with_name("json_list.py")
CHANGED = 10
"""Sessions changed between two calls of `list`."""
MEMORY_BAR = 60
MEMORY_RUNS = 5

_values = itertools.count(time.time_ns() // 1000)


class Calls(NamedTuple):
    """The calls that are measured, on one store and on the same sessions in JSON files."""

    lab: Lab
    store: Path

    def uv(self, script: Path, *arguments: str) -> Cost:
        """Run a script."""
        return run(self.command(script, *arguments), self.lab.env(self.store), self.lab.work)

    def command(self, script: Path, *arguments: str) -> Sequence[str]:
        """Return the command that runs a script."""
        return [self.lab.uv, "run", str(script), *arguments]

    def get(self, script: Path = STATE) -> Cost:
        """Read one field."""
        return self.uv(script, "get", session_ids(1)[0], "session.mode")

    def set(self, script: Path = STATE) -> Cost:
        """Write one field, a value that it never had."""
        return self.uv(script, "set", session_ids(1)[0], "notes.n", str(next(_values)))

    def create(self, script: Path = SESSIONS) -> Cost:
        """Create a session."""
        quiet = ("--quiet",) if script == SESSIONS else ()
        return self.uv(script, "create", "--mode", "development", "--project", PROJECT, *quiet)

    def list_first(self) -> Cost:
        """List the active sessions when nobody has asked before."""
        for file in (self.store / ".git" / "orchestration").glob("index.sqlite*"):
            file.unlink()
        return self.uv(SESSIONS, "list", "--active")

    def list_again(self) -> Cost:
        """List the active sessions when a few have changed since the last time."""
        self.lab.child("touch", self.store, CHANGED)
        return self.uv(SESSIONS, "list", "--active")

    def list_json(self) -> Cost:
        """Read as many JSON files."""
        return self.uv(JSON_LIST, str(self.lab.json_of(self.store)))

    def check(self) -> None:
        """Raise BenchmarkError unless both sides work at all and see the same sessions."""
        number = str(next(_values))
        name = session_ids(1)[0]
        env = self.lab.env(self.store)
        for script in (STATE, JSON_FILE):
            run(self.command(script, "set", name, "notes.n", number), env, self.lab.work)
            said = output(self.command(script, "get", name, "notes.n"), env, self.lab.work)
            if said != number:
                raise BenchmarkError(f"{script.name} wrote {number} and read {said}")


def process(lab: Lab) -> list[Row]:
    """Compare `get` and `set` with the JSON script, with a script that does nothing, and with bare Python."""
    calls = Calls(lab, lab.store(FEW))
    calls.check()
    empty = script(lab, "empty.py")
    # The interpreter behind the environment; -S spares it the packages that happen to be installed there.
    python = [str(Path(sys.executable).resolve()), "-S", "-c", "pass"]
    costs = interleaved(
        {
            "get": lambda: calls.get().seconds,
            "json get": lambda: calls.get(JSON_FILE).seconds,
            "set": lambda: calls.set().seconds,
            "json set": lambda: calls.set(JSON_FILE).seconds,
            "uv": lambda: calls.uv(empty).seconds,
            "python": lambda: run(python, lab.base, lab.work).seconds,
        },
        lab.rounds,
    )
    forget(lab, empty)
    return [
        compared("get / get of the JSON script", costs["get"], costs["json get"], 0.8),
        compared("set / set of the JSON script", costs["set"], costs["json set"], 0.95),
        compared("get / empty uv run", costs["get"], costs["uv"], 3),
        compared("set / empty uv run", costs["set"], costs["uv"], 4),
        compared("get / empty Python (-S)", costs["get"], costs["python"]),
        compared("set / empty Python (-S)", costs["set"], costs["python"]),
    ]


def script(lab: Lab, name: str, body: str = "") -> Path:
    """Write a script with the same header as ours, so that uv has the same to do; without `body` it is empty."""
    header = re.search(r"^# /// script\n(?:#.*\n)*?# ///$", STATE.read_text(), re.MULTILINE)
    if header is None:
        raise BenchmarkError(f"{STATE.name} has no script header")

    def absolute(match: re.Match[str]) -> str:
        return f'{match[1]}"{(SCRIPTS / match[2]).resolve()}"'

    file = lab.folder / name
    file.write_text(re.sub(r'(\bpath\s*=\s*)"([^"]+)"', absolute, header[0]) + f"\n{body}")
    return file


def forget(lab: Lab, script: Path) -> None:
    """Remove what uv made for a script that will never run again; its cache would keep it for good."""
    python = Path(output([lab.uv, "python", "find", "--script", str(script)], lab.base, lab.work))
    environment = python.parent.parent
    if environment.is_relative_to(lab.base["UV_CACHE_DIR"]):
        shutil.rmtree(environment)


def flat(lab: Lab) -> list[Row]:
    """Compare `get` and `set` with many sessions to the same with few."""
    few, many = Calls(lab, lab.store(FEW)), Calls(lab, lab.store(lab.many))
    costs = interleaved(
        {
            "get": lambda: many.get().seconds,
            "few get": lambda: few.get().seconds,
            "set": lambda: many.set().seconds,
            "few set": lambda: few.set().seconds,
        },
        lab.rounds,
    )
    return [
        compared(f"get, {lab.many} sessions / {FEW}", costs["get"], costs["few get"], 1.1),
        compared(f"set, {lab.many} sessions / {FEW}", costs["set"], costs["few set"], 1.25),
    ]


def listing(lab: Lab) -> list[Row]:
    """Compare `list --active` with a script that reads as many JSON files, at first and again."""
    calls = Calls(lab, lab.store(lab.many))
    costs = interleaved(
        {
            "first": lambda: calls.list_first().seconds,
            "json": lambda: calls.list_json().seconds,
            "again": lambda: calls.list_again().seconds,
        },
        lab.rounds,
    )
    again = f"list --active, {CHANGED} of {lab.many} changed"
    return [
        compared(
            f"list --active of {lab.many}, first time / reading JSON files",
            costs["first"],
            costs["json"],
            1.5,
        ),
        compared(f"{again} / reading JSON files", costs["again"], costs["json"], 0.3),
        compared(f"{again} / the first time", costs["again"], costs["first"]),
    ]


def memory(lab: Lab) -> list[Row]:
    """Return the memory of calls with many sessions, and of the JSON script and `json_list.py`."""
    calls = Calls(lab, lab.store(lab.many))
    pairs: dict[str, tuple[Callable[[], Cost], Callable[[], Cost]]] = {
        "get": (calls.get, lambda: calls.get(JSON_FILE)),
        "set": (calls.set, lambda: calls.set(JSON_FILE)),
        "list --active, first time": (calls.list_first, calls.list_json),
        "list --active, again": (calls.list_again, calls.list_json),
        "create": (calls.create, lambda: calls.create(JSON_FILE)),
    }
    rows = []
    for name, (ours, theirs) in pairs.items():
        mine, other = (max(call().mebibytes for _ in range(MEMORY_RUNS)) for call in (ours, theirs))
        rows.append(Row(f"memory of {name}, {lab.many} sessions", mine, other, "MiB", bar=MEMORY_BAR))
    return rows
