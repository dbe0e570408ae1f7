"""`/debug performance`: measured now, in a copy of the store that is gone again.

start-up    a process of this interpreter that imports what answers a slash command
lock wait   how long a write waits while two others write
read        a task by its id, from a fresh snapshot
write       one field of a task, committed
render      the board, from a fresh snapshot to its lines
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchestration.claude import boards, usage
from orchestration.claude.client import Answer, Client
from orchestration.claude.table import FAMILIES
from orchestration.domain import samples
from orchestration.domain.records import Document
from orchestration.errors import Refused
from orchestration.store import upkeep
from orchestration.store.repo import Store

Arguments = dict[str, Any]
ROUNDS, MANY = 9, 31
BUDGET = 4.0
"""Seconds after which a step is measured no further, with as many rounds as there are."""
LARGEST = 1 << 30
"""Bytes of a store above which no copy is made."""
_SHOWN = 12
_START = "import orchestration.claude.dispatch"
_PROFILED = """
import cProfile, json, os, pstats
profiler = cProfile.Profile()
profiler.enable()
from orchestration.claude import dispatch
from orchestration.claude.client import Client
dispatch.answer(Client(os.environ), "board", "")
profiler.disable()
rows = [(*place, row[1], row[2]) for place, row in pstats.Stats(profiler).stats.items()]
print(json.dumps(sorted(rows, key=lambda row: -row[-1])[:50]))
"""


def performance(client: Client, given: Arguments) -> Answer:
    """Measure start-up, lock wait, read, write and render on a copy of the store."""
    if not client.store.exists:
        raise Refused("there is no store yet: nothing to measure", hint="the first write makes it")
    project = client.project()
    rounds = MANY if given["benchmark"] else ROUNDS
    profile = None
    with _copy(client) as copy:
        store = Store(copy)
        steps = [_start_up(client, rounds)]
        if given["benchmark"]:
            steps.insert(0, _interpreter(client, rounds))
        task = next(iter(project.task_ids()), None)
        key = project.task_key(task) if task else None
        steps.append(_step("read", rounds, lambda: _read(store, key), "one record"))
        steps.append(_step("write", rounds, lambda: _write(store, client), "one record, committed"))
        steps.append(_lock_wait(store, client, rounds))
        steps.append(_step("render", rounds, lambda: _board(client, copy), "the board"))
        if given["profile"]:
            profile = _profile(client, project.id, copy)
    document = {"steps": steps, "store": _sizes(client), "profile": profile}
    return Answer(client.show("debug.performance", document))


@contextmanager
def _copy(client: Client) -> Iterator[Path]:
    """Copy the store to a folder of its own; objects never change, so they are only named once more."""
    size = upkeep.sizes(client.store.objects).bytes
    if size > LARGEST:
        raise Refused(
            f"the store has {size >> 20:,} MiB of objects, too much to copy for a measurement",
            hint="`state_manager gc` packs it",
        )
    with tempfile.TemporaryDirectory(prefix="orchestration-") as folder:
        place = Path(folder) / "state"
        shutil.copytree(client.store.root, place, copy_function=_linked, ignore=_skipped, symlinks=True)
        yield place


def _linked(source: str, target: str) -> None:
    if f"{os.sep}objects{os.sep}" in source:
        try:
            os.link(source, target)
            return
        except OSError:
            pass  # another file system
    try:
        shutil.copy2(source, target)
    except FileNotFoundError:
        return  # somebody else's file of a moment


def _skipped(folder: str, names: list[str]) -> set[str]:
    own = ("plans", "presence", "seen", "log", "log.old", "store.lock")
    return {
        name for name in names if (folder.endswith("orchestration") and name in own) or name.endswith(".lock")
    }


def _step(name: str, rounds: int, once: Callable[[], object], note: str) -> Document:
    once()  # what is loaded once is not what is measured
    costs: list[float] = []
    begun = time.perf_counter()
    while len(costs) < rounds and time.perf_counter() - begun < BUDGET:
        start = time.perf_counter()
        once()
        costs.append(time.perf_counter() - start)
    return _row(name, costs, note)


def _row(name: str, costs: list[float], note: str) -> Document:
    return {
        "name": name,
        "median": samples.median(costs),
        "p95": samples.nearest_rank(costs, 95),
        "runs": len(costs),
        "note": note,
    }


def _start_up(client: Client, rounds: int) -> Document:
    return _step(
        "start-up", rounds, lambda: _python(client.env, _START), "a process with what answers a command"
    )


def _interpreter(client: Client, rounds: int) -> Document:
    return _step("python alone", rounds, lambda: _python(client.env, "pass"), "for comparison")


def _python(env: Mapping[str, str], program: str) -> bytes:
    path = os.pathsep.join(one for one in sys.path if one)
    return subprocess.run(
        [sys.executable, "-c", program], env={**env, "PYTHONPATH": path}, check=True, stdin=subprocess.DEVNULL,
        capture_output=True,
    ).stdout  # fmt: skip


def _read(store: Store, key: tuple[str, ...] | None) -> object:
    snapshot = store.snapshot()
    return snapshot.load(*key) if key else snapshot.load("config", "settings")


def _write(store: Store, client: Client) -> float:
    with store.transaction(author=client.actor, now=client.now) as tx:
        tools = tx.load("tools", "measured") or {"name": "measured", "count": 0}
        tx.save(("tools", "measured"), {**tools, "count": tools["count"] + 1})
        tx.describe("tool_registered", "tool: measured")
    return store.lock.waited


def _lock_wait(store: Store, client: Client, rounds: int) -> Document:
    """Let two others write all the time, and measure how long a third waits for the lock."""
    stop = threading.Event()

    def others() -> None:
        other = Store(store.root)
        while not stop.is_set():
            _write(other, client)

    threads = [threading.Thread(target=others) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        waits: list[float] = []
        begun = time.perf_counter()
        while not waits or (len(waits) < rounds and time.perf_counter() - begun < BUDGET):
            waits.append(_write(store, client))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return _row("lock wait", waits, "while two others write")


def _board(client: Client, place: Path) -> str:
    other = Client(
        {**client.env, "ORCHESTRATION_STATE_DIR": str(place)}, host=client.host, folder=client.folder
    )
    other.__dict__.update(now=client.now, session=client.session, record=client.record)
    command = FAMILIES["board"].forms[""]
    return boards.board(other, usage.parse(command.usage, "", [], said="/board")).text


def _profile(client: Client, project: str, place: Path) -> list[Document]:
    """Return the functions that take most of the time by themselves while a new process answers `/board`."""
    env = {**client.env, "ORCHESTRATION_STATE_DIR": str(place), "CLAUDE_PROJECT_ID": project}
    env.pop("CLAUDE_SESSION_ID", None)
    rows = json.loads(_python(env, _PROFILED))
    return [
        {"function": f"{Path(file).name}:{line} {name}", "calls": calls, "ms": own * 1000}
        for file, line, name, calls, own in rows[:_SHOWN]
    ]


def _sizes(client: Client) -> Document:
    store = client.store
    sizes = upkeep.sizes(store.objects)
    cache = store.private / "cache"
    return {
        "records": client.index.rows("SELECT COUNT(*) FROM current")[0][0],
        "commits": client.index.rows("SELECT COUNT(*) FROM commits")[0][0],
        "loose": sizes.loose,
        "packs": sizes.packs,
        "bytes": sizes.bytes,
        "index": _bytes(store.private / "index.sqlite"),
        "cache": sum(map(_bytes, cache.iterdir())) if cache.is_dir() else 0,
    }


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else sum(one.stat().st_size for one in path.iterdir())
    except OSError:
        return 0
