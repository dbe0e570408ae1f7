"""Slash commands inside the real client, against commands there that a hook answers without doing anything.

The client, the stand-in of its model and the project are those of the tests. Without the client, and without
npm to fetch it, the rows say so.
"""

import itertools
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks._lab import PROJECT, ROOT, SOME, Lab
from benchmarks._timing import BenchmarkError, Row, compared, interleaved, output

MOVE_BAR, BOARD_BAR = 3, 5
_ANSWER = json.dumps({"decision": "block", "reason": "done"})
_EMPTY = {
    "empty": f"'{sys.executable}' -c 'import json, sys; json.load(sys.stdin); print(json.dumps({_ANSWER}))'",
    "python": f'\'{sys.executable}\' -c \'print("""{_ANSWER}""")\'',
    "shell": f"printf %s '{_ANSWER}'",
}
"""Commands, and the hooks that answer them: one that reads its event, two that print a fixed text."""
_columns = itertools.cycle(("in_progress", "review", "todo"))


def client(lab: Lab) -> list[Row]:
    """Compare `/move` and `/board` with a command whose hook is empty, in one conversation per client version."""
    sys.path.append(str(ROOT / "tests" / "client"))
    import clienttools as tools

    rows = []
    for version in tools.VERSIONS:
        try:
            program = tools.installed(version)
        except tools.Missing as reason:
            rows.append(Row(f"client {version}", note=str(reason)))
            continue
        with _conversation(lab, tools, program, version) as talk:
            rows += _measured(lab, talk, version)
    return rows


def _measured(lab: Lab, talk: Any, version: str) -> list[Row]:
    def seconds(line: str, begins: str) -> float:
        run = talk.say(line)
        said = (run.answer or "").splitlines()
        if run.requests or not said or begins not in said[0]:
            raise BenchmarkError(f"{version} answered {line} with {run.text[:200]!r}")
        return float(run.seconds)

    empty = {name: lambda name=name: seconds(f"/{name}", "done") for name in _EMPTY}
    taken = interleaved(
        {
            "move": lambda: seconds(f"/move TASK-1 {next(_columns)}", "TASK-1"),
            "board": lambda: seconds("/board", PROJECT),
            **empty,
        },
        lab.rounds,
    )
    return [
        compared(f"/{ours} / {what}, in {version}", taken[ours], taken[theirs], bar)
        for theirs, what, bars in (
            ("empty", "an empty hook", (MOVE_BAR, BOARD_BAR)),
            ("python", "a hook that is a print in Python", (None, None)),
            ("shell", "a hook that is a printf", (None, None)),
        )
        for ours, bar in zip(("move", "board"), bars, strict=True)
    ]


@contextmanager
def _conversation(lab: Lab, tools: Any, program: Path, version: str) -> Iterator[Any]:
    """Yield a conversation with a client in a project of its own."""
    folder = lab.folder / f"project-{version}"
    store = lab.copy(lab.store(SOME), f"client-{version}")
    env = lab.env(store) | {"PYTHONPATH": str(ROOT)}
    _install(folder, env)
    server = tools.Server()
    one = tools.Client(program, version, server, version)
    try:
        yield one.talk(cwd=folder, env={**dict.fromkeys(os.environ), **env})
    finally:
        one.close()
        server.stop()
        shutil.rmtree(folder)
        lab.drop(store)


def _install(folder: Path, env: dict[str, str]) -> None:
    """Make a repository with the product in it, a task, and the two commands that are answered by empty hooks."""
    (folder / ".claude").mkdir(parents=True)
    (folder / ".claude" / "orchestration.yaml").write_text(f"project: {PROJECT}\n")
    output(["git", "init", "-q", str(folder)], env, folder)
    program = [sys.executable, "-m", "orchestration"]
    output([*program, "install", str(folder)], env, folder)
    output([*program, "state_manager", "task", "add", "Log in"], env, folder)
    settings = folder / ".claude" / "settings.json"
    given = json.loads(settings.read_text())
    ours = given["hooks"]["UserPromptExpansion"]
    for entry in ours:  # ours would answer the empty commands, too: with nothing, but at a cost
        entry["matcher"] = f"^(?!({'|'.join(_EMPTY)})$)"
    for name, command in _EMPTY.items():
        (folder / ".claude" / "commands" / f"{name}.md").write_text("Nothing.\n")
        ours.append({"matcher": name, "hooks": [{"type": "command", "command": command}]})
    settings.write_text(json.dumps(given))
