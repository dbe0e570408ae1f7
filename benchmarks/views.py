"""Views of a project with 1,000 tasks and 5,000 commits: whole commands, and what they cost in one process."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import _work, cli
from benchmarks._lab import ROOT, Lab
from benchmarks._timing import BenchmarkError, Row, compared, interleaved, output, run

COMMITS = 5000
BACKLOG = "backlog.md@1.52.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "claude-orchestration", "benchmarks")
"""Where another program is kept between runs; read at import, for a lab has a home of its own."""
JSON_PATH = Path(__file__).with_name("json_path.py")
FILTERS = ("$.sprint.tasks[?(@.status=='blocked')]", "$.sprint.tasks[?(@.assignee=='bo')]")
"""The two that the guide prints."""
_IMPORTED = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| *(\S+)")
_TOP = 12


class Work:
    """The store, and the commands that are run on it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.store = lab.folder / "board"
        self.json = lab.folder / "board.json"
        if not self.store.exists():
            print(f"making {COMMITS} commits of {_work.TASKS} tasks ...", file=sys.stderr, flush=True)
            lab.child("work", self.store, COMMITS)
            lab.child("as_json", self.store, self.json)
        self.script = cli.script(lab, "umbrella.py", "from orchestration.cli.main import main\n\nmain()\n")

    def uv(self, script: Path, *words: str) -> float:
        """Run a script with `uv run` and return its seconds."""
        return run([self.lab.uv, "run", str(script), *words], self.lab.env(self.store), self.lab.work).seconds

    def umbrella(self, *words: str) -> float:
        """Run a command of the umbrella with `uv run` and return its seconds."""
        return self.uv(self.script, *words, "--project", _work.PROJECT)

    def python(self, *words: str) -> float:
        """Run a program with the interpreter of this run and return its seconds."""
        env = {**self.lab.env(self.store), "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}
        return run([sys.executable, *words], env, self.lab.work).seconds


def views(lab: Lab) -> list[Row]:
    """Compare the views with an empty `uv run`, with Backlog.md, and with parsing the same YAML or JSON."""
    work = Work(lab)
    return [*_whole(work), *_in_process(work), *_filters(work)]


def _whole(work: Work) -> list[Row]:
    lab = work.lab
    empty = cli.script(lab, "empty-views.py")
    variants: dict[str, Callable[[], float]] = {
        "uv": lambda: work.uv(empty),
        "board": lambda: work.umbrella("board", "all"),
        "task list": lambda: work.uv(cli.STATE, "task", "list", "--project", _work.PROJECT),
        "metrics": lambda: work.umbrella("metrics"),
    }
    beside = f"Backlog.md task list --plain, {_work.TASKS} tasks"
    try:
        backlog = _Backlog(work)
        variants["backlog"] = backlog.list
        missing = None
    except Missing as error:
        missing = str(error)
    costs = interleaved(variants, lab.rounds)
    _breakdown(work)
    cli.forget(lab, empty)
    cli.forget(lab, work.script)
    names = ("board", "task list", "metrics")
    rows = [
        compared(f"{name}, {_work.TASKS} tasks / empty uv run", costs[name], costs["uv"], 5) for name in names
    ]
    for name in names:
        title = f"{name} / {beside}"
        if missing is None:
            rows.append(compared(title, costs[name], costs["backlog"], round(1 / 3, 3)))
        else:
            rows.append(Row(title, bar=round(1 / 3, 3), note=missing))
    return rows


def _breakdown(work: Work) -> None:
    """Print which modules the views spend their start on: microseconds of themselves, and with what they import."""
    env = {**work.lab.env(work.store), "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}
    for words in (("board", "all"), ("state_manager", "task", "list"), ("metrics",)):
        command = [
            sys.executable,
            "-X",
            "importtime",
            "-m",
            "orchestration",
            *words,
            "--project",
            _work.PROJECT,
        ]
        done = subprocess.run(command, env=env, cwd=work.lab.work, capture_output=True, text=True)
        found = [(int(m[1]), int(m[2]), m[3]) for m in map(_IMPORTED.match, done.stderr.splitlines()) if m]
        total, ours = (
            sum(row[0] for row in found),
            [row for row in found if row[2].startswith("orchestration")],
        )
        print(
            f"{' '.join(words)}: {len(found)} modules in {total / 1000:.1f} ms,"
            f" {len(ours)} of ours in {sum(row[0] for row in ours) / 1000:.1f} ms; the dearest of ours:",
            file=sys.stderr,
        )
        for own, _, name in sorted(ours, reverse=True)[:_TOP]:
            print(f"  {own / 1000:6.2f} ms  {name}", file=sys.stderr)


def _in_process(work: Work) -> list[Row]:
    warm = work.lab.child("in_process", work.store, work.lab.rounds)
    cold = [work.lab.child("forecast_cold", work.store) for _ in range(work.lab.rounds)]

    def row(name: str, costs: Sequence[dict[str, float]], key: str, bar: float | None) -> Row:
        title = f"{name} / parsing the {_work.TASKS} files with the C loader"
        return compared(title, [cost[key] for cost in costs], [cost["parse"] for cost in costs], bar)

    return [
        row("board in process, warm", warm, "board", 0.5),
        row("metrics in process, warm, without forecast", warm, "metrics", 1),
        row("metrics in process, warm, with forecast", warm, "with forecast", None),
        row("forecast in process, cold", cold, "forecast", 5),
    ]


def _filters(work: Work) -> list[Row]:
    ask = ("-m", "orchestration", "state_manager", "get", _work.SESSION)
    rows = []
    for expression in FILTERS:
        costs = interleaved(
            {
                "ours": lambda: work.python(*ask, expression),  # noqa: B023 - called in this turn of the loop
                "theirs": lambda: work.python(str(JSON_PATH), str(work.json), expression),  # noqa: B023
            },
            work.lab.rounds,
        )
        rows.append(
            compared(f"get {expression} / jsonpath-ng on one JSON file", costs["ours"], costs["theirs"], 3)
        )
    return rows


# -- Backlog.md


class Missing(Exception):
    """Backlog.md cannot be had here; the text says why."""


class _Backlog:
    """Backlog.md in a repository with the same tasks."""

    def __init__(self, work: Work) -> None:
        self.lab = work.lab
        self.program = installed()
        self.folder = work.lab.folder / "shop"
        if not self.folder.exists():
            tasks = self.folder / "backlog" / "tasks"
            tasks.mkdir(parents=True)
            (self.folder / "backlog" / "config.yml").write_text(
                # as its `init` writes it, but for the network and other branches, which it need not ask
                'project_name: "shop"\ndefault_status: "To Do"\nstatuses: ["To Do", "In Progress", "Done"]\n'
                "labels: []\ndate_format: yyyy-mm-dd\nremote_operations: false\ncheck_active_branches: false\n"
                'auto_commit: false\ntask_prefix: "task"\n'
            )
            self.lab.child("as_backlog", work.store, tasks)
            git = ["git", "-C", str(self.folder), "-c", "user.name=x", "-c", "user.email=x@example.org"]
            for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "tasks")):
                output([*git, *words], self.lab.base, self.lab.work)
        listed = output([self.program, "task", "list", "--plain"], self.lab.base, self.folder)
        count = len(re.findall(r"TASK-[0-9]+ - ", listed, re.IGNORECASE))
        if count != _work.TASKS:
            raise BenchmarkError(f"Backlog.md lists {count} of {_work.TASKS} tasks: {listed[:300]}")

    def list(self) -> float:
        """List the tasks and return its seconds."""
        return run([self.program, "task", "list", "--plain"], self.lab.base, self.folder).seconds


def installed() -> str:
    """Return the program, after installing it with npm where it is not there yet."""
    folder = CACHE / BACKLOG.replace("@", "-")
    program = folder / "node_modules" / ".bin" / "backlog"
    npm = shutil.which("npm")
    if npm is None and not program.exists():
        raise Missing("needs Backlog.md, which npm installs")
    folder.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once
        if npm is not None and not program.exists():
            words = (
                "install",
                "--loglevel=error",
                "--no-audit",
                "--no-fund",
                "--prefix",
                str(folder),
                BACKLOG,
            )
            done = subprocess.run([npm, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode:
                raise Missing(f"npm could not install {BACKLOG}")
    return str(program)
