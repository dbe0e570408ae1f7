"""Bring the documentation up to date with the program: `uv run --group dev python docs/generate.py`.

Three parts are written by machine. What follows the mark in `cli.md` is the help text of every command; the table
of slash commands in `claude-code.md` comes from the one that the program answers by. The `console` and `chat`
blocks are transcripts: all blocks of a file, from top to bottom, are one session of a shell at a terminal 100
columns wide, in an empty home; `/home` is an empty folder made for it. A line that begins with `$ ` is a command,
`> ` continues it, what follows is its output. In `chat` a line that begins with `❯ ` is typed into Claude Code,
what follows is the answer of the hook, or what it adds for the model; the last plan shown stands for any id behind
`apply`. Ids, commits and times in an output stand for any other; `…` stands for any text in its line, and alone on
a line for any number of lines.
"""

import fcntl
import importlib
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import demo

from orchestration.claude import usage
from orchestration.claude.table import FAMILIES
from orchestration.views import terminal

ROOT = Path(__file__).parent.parent
DOCS = Path(__file__).parent
REFERENCE = DOCS / "cli.md"
CHAT = DOCS / "claude-code.md"
_PAGES = ("claude-code.md", "guide.md", "history.md", "paths.md", "sharing.md", "store.md", "work.md")
TRANSCRIPTS = (ROOT / "README.md", *(DOCS / page for page in _PAGES))
SCRIPTS = ("session_manager", "state_manager", "shared_state", "event_stream", "observability")
PICTURES = {
    "board": ("board.board", 118),
    "burndown": ("figures.burndown", 120),
    "dashboard": ("dashboard.dashboard", 118),
}
"""The commands whose pictures are in `images/`: the view, and the columns of the terminal."""
MARK = "<!-- Written by docs/generate.py from here on. -->\n"
TABLE = ("<!-- The commands: written by docs/generate.py. -->\n", "<!-- End of the commands. -->\n")
COLUMNS = 100


class Step(NamedTuple):
    """One command of a transcript, its output, and where the output stands in the file."""

    command: str
    output: str
    start: int
    end: int
    typed: bool = False
    """Whether it is typed into Claude Code, and not into a shell."""

    def line(self, homes: Path) -> str:
        """Return the line for the shell, with the folder that stands for `/home`."""
        say = [sys.executable, str(DOCS / "chat.py"), self.command]
        return shlex.join(say) if self.typed else self.command.replace("/home/", f"{homes}/")


# -- the reference


def groups() -> dict[str, click.Group]:
    """Return the groups of commands by the name a user starts them with."""
    found = {f"{name}.py": importlib.import_module(f"orchestration.cli.{name}").cli for name in SCRIPTS}
    umbrella = importlib.import_module("orchestration.cli.main").cli
    return {**found, "orchestration": umbrella}


def commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Context]]:
    """Yield the words that call each command below a group, and its context."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if name in SCRIPTS:
            continue  # the umbrella command holds the scripts too
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", found) for below, found in commands(command, inner))
        else:
            yield name, inner


def reference() -> str:
    """Return the generated part of `cli.md`."""
    parts = []
    for name, group in groups().items():
        context = click.Context(group, info_name=name, terminal_width=COLUMNS)
        parts.append(f"## {name}\n\n{_help(context)}")
        parts += [f"### {name} {words}\n\n{_help(inner)}" for words, inner in commands(group, context)]
    return "\n".join(parts)


def _help(context: click.Context) -> str:
    return f"```text\n{context.get_help()}\n```\n"


# -- transcripts


def steps(text: str) -> list[Step]:
    """Return the commands in the `console` blocks of a file."""
    found = []
    for block in re.finditer(r"^```(console|chat)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        typed = block[1] == "chat"
        begin = "❯" if typed else r"\$"
        more = "" if typed else r"(?:> .*\n)*"
        for step in re.finditer(rf"^{begin} (.*\n{more})((?:(?!{begin} ).*\n)*)", block[2], re.MULTILINE):
            command = step[1].replace("\n> ", "\n").rstrip("\n")
            at = block.start(2)
            found.append(Step(command, step[2], at + step.start(2), at + step.end(2), typed))
    return found


def play(script: list[str], folder: Path) -> list[str]:
    """Run commands in one shell, with `folder` for `/home`, and return what each one showed."""
    work, programs = folder / "ana" / "myapp", folder / "bin"
    work.mkdir(parents=True)
    programs.mkdir()
    installed = programs / "orchestration"  # a file, for git calls it too
    installed.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m orchestration "$@"\n')
    installed.chmod(0o755)
    lines = [
        "shopt -s expand_aliases",
        # `uv run` makes an environment for each script; here the package stands ready.
        f'uv() {{ [ "$5" = docs/demo.py ] && {{ "{sys.executable}" "{DOCS}/demo.py" "$6"; return; }}; '
        'local name; name=$(basename "$2" .py); shift 2; '
        f'"{sys.executable}" -c "from orchestration.cli.$name import main; main()" "$@"; }}',
        'mark() { local status=$?; printf "\\036"; return $status; }',
        *(f"mark\n{command}" for command in script),
    ]
    (folder / "script").write_text("\n".join(lines) + "\n")
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder / "ana"),
        "LOGNAME": "ana",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "xterm",
        "NO_COLOR": "1",
        "COLUMNS": str(COLUMNS),
        "GIT_PAGER": "cat",
    }
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    shell = subprocess.Popen(
        ["bash", "--norc", str(folder / "script")],
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, cwd=work, env=environment,
    )  # fmt: skip
    os.close(theirs)
    shown = b"".join(_read(ours))
    os.close(ours)
    shell.wait()
    text = shown.decode().replace("\r\n", "\n").replace(str(folder), "/home")
    return [_settled(part) for part in text.split("\x1e")[1:]]


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # on Linux the end of a terminal is an error
            return
        if not data:
            return
        yield data


def _settled(text: str) -> str:
    """Return what stays on the screen: a progress line is overwritten, blanks at line ends are not seen."""
    lines = [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).rpartition("\r")[2] for line in text.split("\n")]
    return "\n".join(line.rstrip() for line in lines)


_VOLATILE = (
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<session>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?", "<time>"),
    (r"\d{4}-\d\d-\d\d", "<date>"),
    (r"\d{8}T\d{6}Z", "<time>"),  # in names of backups and handoffs
    (r"(?:(?<=@)|(?<=TASK-\d-)|(?<=<time>  ))[a-z2-9]{4}\b", "<machine>"),
    (r"\b(?:\d+h )?\d+m(?![a-z])", "<length>"),
    (r"\b[0-9a-f]{7,40}\b", "<hex>"),
)


def _stable(text: str) -> str:
    for pattern, name in _VOLATILE:
        text = re.sub(pattern, name, text)
    return text


def matches(expected: str, shown: str) -> bool:
    """Say whether a documented output is what a command showed."""
    pattern = re.escape(_stable(expected))
    pattern = re.sub(r"(?m)^…\\?\n", r"(?:.*\\n)*?", pattern).replace("…", ".*?")
    return re.fullmatch(pattern, _stable(shown)) is not None


def stale(file: Path) -> list[tuple[Step, str]]:
    """Run a file's transcripts and return the steps that show something else now, with what they show."""
    found = steps(file.read_text())
    with tempfile.TemporaryDirectory() as folder:
        homes = Path(folder).resolve()
        outputs = play([step.line(homes) for step in found], homes)
    pairs = zip(found, outputs, strict=True)
    return [(step, shown) for step, shown in pairs if not matches(step.output, shown)]


# -- pictures


def pictures() -> dict[Path, str]:
    """Return the pictures by file: what the views show of the store that `demo.py` makes."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "state")
        demo.make(store)
        for command, (view, columns) in PICTURES.items():
            module, _, name = view.partition(".")
            page = getattr(importlib.import_module(f"orchestration.views.{module}"), name)
            shown = terminal.svg(page(demo.document(store, command)), columns, f"orchestration {command}")
            found[DOCS / "images" / f"{command}.svg"] = shown
    return found


# -- writing


def refresh_reference() -> str:
    """Return `cli.md` with its generated part made anew."""
    return REFERENCE.read_text().partition(MARK)[0] + MARK + "\n" + reference()


def slash_commands() -> str:
    """Return the table of slash commands, as the families come in theirs."""
    rows = [("Command", "What it does"), ("---", "---")]
    for name, family in FAMILIES.items():
        if len(family.forms) > 1:
            rows.append((f"**/{name}**", f"**{family.description}**"))
        for form, command in family.forms.items():
            said = " ".join(part for part in (f"/{name}", form, usage.shown(command.usage)) if part)
            rows.append((f"`{said}`", command.summary + (" *" if command.for_model else "")))
    return "".join(
        f"| {said} | {does} |\n"
        for said, does in ((left.replace("|", "\\|"), right.replace("|", "\\|")) for left, right in rows)
    )


def refresh_commands() -> str:
    """Return `claude-code.md` with its table of slash commands made anew."""
    before, begin, rest = CHAT.read_text().partition(TABLE[0])
    return before + begin + "\n" + slash_commands() + "\n" + TABLE[1] + rest.partition(TABLE[1])[2]


_PLAN = re.compile(r"(apply ([0-9a-f]{8})\n❯ /orchestrate apply )[0-9a-f]{8}")
"""A plan that is shown, and applied with the next prompt."""


def main() -> None:
    """Write what is stale."""
    REFERENCE.write_text(refresh_reference())
    CHAT.write_text(refresh_commands())
    for file, picture in pictures().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(picture)
    for file in TRANSCRIPTS:
        text = file.read_text()
        for step, shown in reversed(stale(file)):
            print(f"{file.relative_to(ROOT)}: $ {step.command.splitlines()[0]}")
            if "this is a bug" in shown:
                raise SystemExit(f"not written down, for it is a bug of the program:\n{shown}")
            text = text[: step.start] + shown + text[step.end :]
        file.write_text(_PLAN.sub(r"\1\2", text))


if __name__ == "__main__":
    main()
