"""The picture in "The house" of the conventions, held as tables and read from the source with `ast`."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "orchestration"

# A module imports from its own package and from the rows below its own.
ROWS = {
    "english": 0,
    "errors": 0,
    "ids": 1,
    "paths": 1,
    "diff": 2,
    "jsonpath": 2,
    "merge": 2,
    "secrets": 2,
    "libyaml": 2,
    "codec": 3,
    "store": 4,
    "history": 5,
    "sync": 7,
    "domain": 6,
    "exchange": 7,
    "views": 7,
    "surroundings": 7,
    "workplace": 8,
    "cli": 9,
    "claude": 9,
    "mcp_server": 9,
    "tui": 9,
    "web": 9,
    "__main__": 10,
}
PURE = {name for name, row in ROWS.items() if row < ROWS["codec"]}
FRONT_ENDS = {name for name, row in ROWS.items() if row == ROWS["cli"]}

OWNERS = {
    "jsonpath_ng": {"jsonpath"},
    "yaml": {"libyaml"},
    "dulwich": {"store", "sync"},
    "rich": {"views"},
    "textual": {"tui"},
    "mcp": {"mcp_server"},
    "detect_secrets": {"secrets"},
}

# (file, imported module) -> why the import stands in a function. A front end that starts a sibling does so
# here: such an import is not held against it as a neighbour.
LAZY_SEAMS = {
    ("orchestration/claude/dispatch.py", "difflib"): "only a word that is not known",
    ("orchestration/claude/usage.py", "difflib"): "only a word that is not known",
    ("orchestration/surroundings.py", "uuid"): "only a session that is made",
    (
        "orchestration/store/guard.py",
        "orchestration.store.disclosure",
    ): "only a text in which a needle of a secret stands",
    ("orchestration/store/objects.py", "hashlib"): "only for much data at once",
    ("orchestration/store/objects.py", "orchestration.store.filesystem"): "only a durable write",
    (
        "orchestration/domain/session_view.py",
        "orchestration.domain.project_view",
    ): "only a path into the project",
    ("orchestration/store/repo.py", "orchestration.store.lock"): "a read takes no lock",
    (
        "orchestration/workplace.py",
        "orchestration.store.bindings",
    ): "only a name nobody typed is bound to its repository",
    (
        "orchestration/surroundings.py",
        "orchestration.store.checkout",
    ): "a store and a project that are named need no checkout",
    (
        "orchestration/workplace.py",
        "orchestration.store.index",
    ): "Workplace.index: only reads that ask history",
    ("orchestration/workplace.py", "orchestration.sync.remotes"): "only a session that nobody names",
    ("orchestration/workplace.py", "orchestration.domain.joining"): "only inside a client",
    ("orchestration/workplace.py", "orchestration.store.hosts"): "only inside a client",
    ("orchestration/claude/binding.py", "orchestration.history.rescue"): "only a session that was retired",
    ("orchestration/claude/events.py", "orchestration.claude.binding"): "only a session that begins or asks",
    ("orchestration/claude/events.py", "orchestration.claude.briefing"): "only a prompt with news",
    ("orchestration/claude/events.py", "orchestration.claude.commits"): "only a commit of the user's",
    ("orchestration/claude/events.py", "orchestration.claude.dispatch"): "only a slash command",
    ("orchestration/claude/events.py", "orchestration.claude.situation"): "only a session that begins",
    ("orchestration/claude/events.py", "orchestration.claude.table"): "only a slash command",
    (
        "orchestration/claude/events.py",
        "orchestration.domain.session_actions",
    ): "only a lease that is renewed",
    ("orchestration/claude/events.py", "orchestration.domain.sessions"): "only a lease that is renewed",
    ("orchestration/claude/events.py", "orchestration.secrets"): "only a slash command that was answered",
    (
        "orchestration/claude/events.py",
        "orchestration.secrets.detection",
    ): "only an answer that may hold a secret",
    ("orchestration/claude/events.py", "orchestration.domain.values"): "only what looks at a lease",
    ("orchestration/claude/events.py", "orchestration.store.presence"): "only a session that has a record",
    ("orchestration/claude/hook.py", "orchestration.claude.events"): "nearly always there is nothing to do",
    ("orchestration/claude/hook.py", "traceback"): "only while debugging",
    ("orchestration/claude/idle.py", "_json"): "only a Python that has it",
    ("orchestration/claude/idle.py", "json"): "a Python without the scanner of the standard library",
    ("orchestration/claude/idle.py", "zlib"): "only a session that begins or ends",
    ("orchestration/workplace.py", "orchestration.history.moments"): "only --at looks at another moment",
    ("orchestration/workplace.py", "orchestration.store.past"): "only --at looks at another moment",
    (
        "orchestration/workplace.py",
        "orchestration.store.location",
    ): "Workplace.store: loads with the first need",
    ("orchestration/workplace.py", "orchestration.store.repo"): "Workplace.store: loads with the first need",
    (
        "orchestration/workplace.py",
        "orchestration.store.presence",
    ): "only a session that acts, or that nobody names",
    ("orchestration/cli/_app.py", "orchestration.views.tables"): "App.emit: only a table",
    ("orchestration/cli/_app.py", "orchestration.views.terminal"): "App.emit: rich loads only at a terminal",
    ("orchestration/surroundings.py", "pwd"): "only where the environment does not name the user",
    ("orchestration/cli/_following.py", "orchestration.cli._live"): "only --follow",
    ("orchestration/claude/debug.py", "orchestration.store.inspection"): "only /debug state --deep",
    ("orchestration/claude/client.py", "orchestration.views"): "Client.show: only what is laid out",
    ("orchestration/claude/phrases.py", "orchestration.views.layout"): "only a text that is not plain ASCII",
    ("orchestration/claude/client.py", "orchestration.views.theme"): "Client.show: only what is laid out",
    (
        "orchestration/cli/_install.py",
        "orchestration.claude",
    ): "what connects Claude Code is that front end's",
    ("orchestration/cli/_doctor.py", "orchestration.claude"): "what connects Claude Code is that front end's",
    ("orchestration/cli/_entries.py", "orchestration.claude"): "each is started for one event",
    (
        "orchestration/cli/_validation.py",
        "orchestration.claude",
    ): "what is installed is compared with what would be",
    ("orchestration/claude/statusline.py", "orchestration.claude"): "nearly always the line is in a file",
    ("orchestration/cli/_group.py", "traceback"): "only while debugging",
    ("orchestration/cli/_output.py", "orchestration.views.progress"): "only what takes long is told of",
    ("orchestration/cli/_output.py", "shutil"): "only what takes long is told of",
    ("orchestration/cli/_upkeep.py", "orchestration.domain.transfer"): "only import",
    ("orchestration/cli/_reading.py", "orchestration.jsonpath"): "only query",
    ("orchestration/cli/_reading.py", "orchestration.store.layout"): "only a whole record",
    ("orchestration/domain/session_view.py", "orchestration.jsonpath"): "only a path that begins with $",
    (
        "orchestration/domain/task_actions.py",
        "orchestration.domain.entry",
    ): "only a task that enters a column",
    ("orchestration/domain/tasks.py", "orchestration.domain.task_times"): "only a write of explicit times",
    ("orchestration/domain/task_actions.py", "orchestration.domain.splitting"): "only a part of a split task",
    ("orchestration/domain/project_view.py", "orchestration.domain.burndown"): "only a path into the figures",
    ("orchestration/domain/project_view.py", "orchestration.domain.figures"): "only a path into the figures",
    ("orchestration/domain/flow.py", "orchestration.domain.steps"): "what only counts steps needs no index",
    ("orchestration/domain/workdays.py", "zoneinfo"): "a store that keeps to UTC needs no zones",
    ("orchestration/paths.py", "difflib"): "only a missing path looks for names near it",
    (
        "orchestration/store/checkout.py",
        "orchestration.codec",
    ): "only a checkout with settings has YAML to read",
    (
        "orchestration/store/documents.py",
        "orchestration.codec",
    ): "YAML loads with a document that is in no cache",
    ("orchestration/store/objects.py", "orchestration.store.packs"): "only a packed object",
    (
        "orchestration/store/packs.py",
        "orchestration.store.unusual",
    ): "dulwich reads what our own reader does not know",
    ("orchestration/store/present.py", "orchestration.codec"): "only a file that was edited by hand",
    ("orchestration/store/repo.py", "orchestration.store.create"): "only a write creates or adopts a store",
    ("orchestration/store/repo.py", "orchestration.store.machine"): "a read stays short",
    ("orchestration/store/repo.py", "orchestration.store.transaction"): "a read stays short",
    ("orchestration/store/repo.py", "orchestration.store.upkeep"): "one write in hundreds has objects packed",
    ("orchestration/store/repo.py", "orchestration.store.worktree"): "only an interrupted write is healed",
}

# Names that read the environment, the working directory, the clock or the terminal.
OUTSIDE = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "os.environ",
    "os.environb",
    "os.get_terminal_size",
    "os.getcwd",
    "os.getcwdb",
    "os.getenv",
    "os.getlogin",
    "os.isatty",
    "os.path.expanduser",
    "os.path.expandvars",
    "pathlib.Path.cwd",
    "pathlib.Path.home",
    "shutil.get_terminal_size",
    "sys.argv",
    "time.gmtime",
    "time.localtime",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.time",
    "time.time_ns",
}
OUTSIDE_METHODS = {"expanduser", "isatty"}

# (file, name) -> why this one is allowed below the front ends.
ALLOWED = {
    (
        "orchestration/sync/transport.py",
        "os.environ",
    ): "git needs the user's ssh agent, proxy and credential helpers",
    ("orchestration/sync/network.py", "time.monotonic"): "a line that falls silent is given up",
    ("orchestration/sync/rounds.py", "time.monotonic"): "how long an attempt took decides how long to wait",
    ("orchestration/store/create.py", "time.monotonic"): "waiting for another creator has a deadline",
    ("orchestration/store/git.py", "os.environ"): "git gets the environment without what steers it",
    ("orchestration/store/objects.py", "time.monotonic"): "whether the disk is slow to flush",
    ("orchestration/store/gitlock.py", "time.monotonic"): "waiting for a lock of git has a deadline",
    ("orchestration/store/lock.py", "time.monotonic"): "waiting for the store's lock has a deadline",
}

# What a pure module has no use for.
INPUT_OUTPUT = {
    "asyncio",
    "fcntl",
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
}

HEAVY_AT_START = (
    "asyncio",
    "dulwich",
    "email",
    "http",
    "importlib.metadata",
    "jsonpath_ng",
    "rich",
    "sqlite3",
    "ssl",
    "subprocess",
    "urllib.request",
    "yaml",
)


@cache
def sources() -> dict[str, ast.Module]:
    """Parse every module of the package; keys are paths from the root of the checkout."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_bytes(), path)
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def place(file: str) -> str:
    """Name the row's entry a file belongs to: `orchestration/store/lock.py` -> `store`."""
    return file.removeprefix("orchestration/").removesuffix(".py").split("/")[0]


def imported(node: ast.AST) -> list[str]:
    """List what an import statement names, `from a import b` as `a.b`; nothing for other nodes."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def imports(tree: ast.AST) -> list[str]:
    return [name for node in ast.walk(tree) for name in imported(node)]


def lazy_imports(tree: ast.Module) -> list[str]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return sorted({name for function in functions for name in imports(function)})


def seam(file: str, name: str) -> tuple[str, str] | None:
    """Find the LAZY_SEAMS entry for `name`, which may be listed itself or by the module it comes from."""
    return next((key for key in ((file, name), (file, name.rpartition(".")[0])) if key in LAZY_SEAMS), None)


def full_names(tree: ast.Module) -> dict[str, str]:
    """Map each imported name to what it stands for: `Path` -> `pathlib.Path`."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node: ast.AST) -> str | None:
    """Write `a.b.c` for a chain of attributes that begins with a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (value := dotted(node.value)):
        return f"{value}.{node.attr}"
    return None


def reads_outside(tree: ast.Module) -> list[str]:
    """List what a module takes from its surroundings, whatever name it was imported as."""
    names = full_names(tree)
    found = set()
    for node in ast.walk(tree):
        first, dot, rest = (dotted(node) or "").partition(".")
        name = names.get(first, first) + dot + rest
        if name in OUTSIDE:
            found.add(name)
        elif isinstance(node, ast.Attribute) and node.attr in OUTSIDE_METHODS:
            found.add(f".{node.attr}")
    return sorted(found)


def below_the_front_ends() -> dict[str, ast.Module]:
    own = FRONT_ENDS | {"surroundings", "workplace"}
    return {file: tree for file, tree in sources().items() if place(file) not in own}


def test_every_module_has_a_row() -> None:
    assert {place(file) for file in sources()} - {"__init__"} <= set(ROWS)


def test_a_module_imports_only_from_its_package_and_the_rows_below() -> None:
    wrong = []
    for file, tree in sources().items():
        own = place(file)
        for name in imports(tree):
            package, _, rest = name.partition(".")
            other = rest.split(".")[0]
            if package != "orchestration" or other == own:
                continue
            starts_a_sibling = {own, other} <= FRONT_ENDS and seam(file, name)
            if not starts_a_sibling and ROWS.get(other, 99) >= ROWS.get(own, 0):
                wrong.append(f"{file} imports {name}")

    assert wrong == []


def test_each_heavy_library_has_one_owner() -> None:
    wrong = [
        f"{file} imports {name}"
        for file, tree in sources().items()
        for name in imports(tree)
        if place(file) not in OWNERS.get(name.split(".")[0], {place(file)})
    ]

    assert wrong == []


def test_dulwich_porcelain_is_for_nobody() -> None:
    assert [file for file, tree in sources().items() if "porcelain" in " ".join(imports(tree))] == []


def test_pure_modules_do_no_input_or_output() -> None:
    wrong = []
    for file, tree in sources().items():
        if place(file) in PURE:
            wrong += [
                f"{file} imports {name}" for name in imports(tree) if name.split(".")[0] in INPUT_OUTPUT
            ]
            wrong += [
                f"{file} calls {node.func.id}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                if node.func.id in {"open", "print", "input"}
            ]

    assert wrong == []


def test_only_front_ends_read_the_environment_the_clock_and_the_terminal() -> None:
    wrong = [
        f"{file} reads {name}"
        for file, tree in below_the_front_ends().items()
        for name in reads_outside(tree)
        if (file, name) not in ALLOWED
    ]

    assert wrong == []


def test_imports_in_functions_are_named_seams() -> None:
    wrong = [
        f"{file} imports {name} in a function"
        for file, tree in sources().items()
        for name in lazy_imports(tree)
        if not seam(file, name)
    ]

    assert wrong == []


def test_no_entry_of_a_table_is_out_of_date() -> None:
    seams = {seam(file, name) for file, tree in sources().items() for name in lazy_imports(tree)}
    reads = {(file, name) for file, tree in below_the_front_ends().items() for name in reads_outside(tree)}

    assert set(LAZY_SEAMS) - seams == set()
    assert set(ALLOWED) - reads == set()


def test_a_script_starts_without_heavy_libraries() -> None:
    """A fresh interpreter imports each script's module and reports which heavy ones came along."""
    program = (
        "import importlib, json, sys\n"
        "before = set(sys.modules)\n"
        "importlib.import_module(sys.argv[1])\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))\n"
    )
    loaded = {}
    for script in sorted((ROOT / ".claude" / "scripts").glob("*.py")):
        module = f"orchestration.cli.{script.stem}"
        output = subprocess.run(
            [sys.executable, "-c", program, module], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
        loaded[script.stem] = set(json.loads(output)) & set(HEAVY_AT_START)

    assert loaded == {
        "event_stream": set(),
        "observability": set(),
        "session_manager": set(),
        "shared_state": set(),
        "state_manager": set(),
    }


def test_the_checks_see_what_they_are_for() -> None:
    """The reading of the source recognises aliases, chains and nested imports."""
    tree = ast.parse(
        "import os as system\n"
        "from datetime import datetime as dt\n"
        "from pathlib import Path\n"
        "def f(stream):\n"
        "    from rich import table\n"
        "    return system.environ['A'], dt.now(), Path('~').expanduser(), stream.isatty(), dt.max\n"
    )

    assert reads_outside(tree) == [".expanduser", ".isatty", "datetime.datetime.now", "os.environ"]
    assert lazy_imports(tree) == ["rich.table"]
