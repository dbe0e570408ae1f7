"""What is installed in a checkout for the host: its settings, hooks, commands, styles and agents.

These files are not part of the store; they are only looked at. `shipped` is what the program itself would
write there: a file that differs from it is out of date.
"""

import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestration import codec
from orchestration.errors import InvalidData
from orchestration.store.findings import Finding

FOLDER = ".claude"
_SETTINGS = ("settings.json", "settings.local.json")
_ROOT = re.compile(r"\$\{?CLAUDE_PROJECT_DIR\}?")
_NAME = re.compile(r"^name:[ \t]*[\"']?([^\"'\n]+?)[\"']?[ \t]*$", re.MULTILINE)
_KIND = "installed"


class Installed(NamedTuple):
    """What was found."""

    agents: dict[str, str]
    """The file of each agent that the host can start, by the agent's name."""
    findings: list[Finding]
    looked_at: int
    """How many files."""


def top(start: Path, *, home: Path) -> Path | None:
    """Return the folder around `start` whose `.claude` belongs to a project, None when there is none.

    The one in the home folder is the user's own, for all projects.
    """
    for folder in (start, *start.parents):
        if folder != home and (folder / FOLDER).is_dir():
            return folder
        if (folder / ".git").exists():
            return None
    return None


def read(root: Path | None, *, shipped: Mapping[str, bytes] | None = None) -> Installed:
    """Look at the files of a checkout, given by its top folder, and check them."""
    found = Installed({}, [], 0)
    if root is None:
        return found
    base, count = root / FOLDER, 0
    for name in _SETTINGS:
        if (base / name).is_file():
            count += 1
            _settings(root, base / name, found.findings)
    for folder in ("commands", "output-styles", "agents"):
        for file in sorted((base / folder).rglob("*.md")):
            count += 1
            _document(root, file, folder, found)
    for name, content in (shipped or {}).items():
        _current(root, name, content, found.findings)
    return found._replace(looked_at=count)


def _note(found: list[Finding], severity: str, place: str, problem: str, fix: str) -> None:
    found.append(Finding(_KIND, severity, place, problem, fix))


def _text(root: Path, file: Path, found: list[Finding]) -> str | None:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        _note(found, "error", _place(root, file), f"cannot be read: {reason}", "make it readable")
    return None


def _place(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix()


def _current(root: Path, name: str, content: bytes, found: list[Finding]) -> None:
    """Compare a file with what the program would write there."""
    fix = "install it again"
    try:
        if (root / name).read_bytes() != content:
            _note(found, "warning", name, "is not what this version of the program installs", fix)
    except OSError:
        _note(found, "error", name, "is missing", fix)


# -- settings and hooks


def _settings(root: Path, file: Path, found: list[Finding]) -> None:
    text = _text(root, file, found)
    if text is None:
        return
    place = _place(root, file)
    try:
        data = json.loads(text)
    except ValueError as error:
        where = (
            f" at line {error.lineno}, column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        _note(found, "error", place, f"is not JSON{where}", "the host ignores it until it is mended")
        return
    hooks = data.get("hooks") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(hooks, dict | None):
        _note(found, "error", f"{place}: hooks" if hooks else place, "is not an object", "use {...}")
        return
    for event, hook in _hooks(hooks or {}):
        _hook(root, f"{place}: hooks.{event}", hook, found)


def _hooks(hooks: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for event, matchers in hooks.items():
        for matcher in matchers if isinstance(matchers, list) else []:
            inner = matcher.get("hooks") if isinstance(matcher, dict) else None
            for hook in inner if isinstance(inner, list) else []:
                if isinstance(hook, dict) and hook.get("type", "command") == "command":
                    yield event, hook


def _hook(root: Path, place: str, hook: Mapping[str, Any], found: list[Finding]) -> None:
    """Check that the files a hook's command names are there, and that the one it starts may be started."""
    command = hook.get("command")
    if not isinstance(command, str) or not command.strip():
        _note(found, "error", place, "a hook has no command", "write its command, or take it out")
        return
    given = hook.get("args")
    try:
        words = [command, *map(str, given)] if isinstance(given, list) else shlex.split(command)
    except ValueError as error:
        _note(found, "error", place, f"a hook's command does not parse: {error}", "close its quotes")
        return
    for number, word in enumerate(words):
        # Only files of the project: what else a command names is not ours to judge.
        named = _ROOT.sub(lambda _: str(root), word)
        if named == word and not word.startswith((f"{FOLDER}/", f"./{FOLDER}/")):
            continue
        file = root / named
        shown = os.path.relpath(file, root)
        if not file.is_file():
            _note(found, "error", place, f"{shown} is missing", "put the file there, or take the hook out")
        elif number == 0 and not os.access(file, os.X_OK):
            _note(found, "error", place, f"{shown} may not be started", f"`chmod +x {shown}`")


# -- documents with front matter


def _document(root: Path, file: Path, folder: str, found: Installed) -> None:
    text = _text(root, file, found.findings)
    if text is None:
        return
    place = _place(root, file)
    head, problem = front_matter(text, place)
    if folder != "agents":
        if problem is not None:
            fix = f"{problem.hint or 'mend it'}; the host takes it for empty"
            shown = problem.message.removeprefix(f"{place}, ")
            _note(found.findings, "warning", place, f"its front matter does not parse: {shown}", fix)
        return
    name = head.get("name")
    if problem is not None:  # the host is more patient than YAML with colons in a description
        match = _NAME.search(text.partition("\n---")[0])
        name = match[1] if match else None
    if not isinstance(name, str) or not name.strip():
        fix = f"write `name: {file.stem}` into its front matter"
        _note(found.findings, "warning", place, "names no agent, so the host does not load it", fix)
        return
    if problem is None and not head.get("description"):
        fix = "write when to use it into `description:`"
        _note(found.findings, "warning", place, "has no description, so the host does not load it", fix)
    other = found.agents.setdefault(name, place)
    if other != place:
        _note(found.findings, "warning", place, f"names the agent {name!r} as {other} does", "rename one")


def front_matter(text: str, name: str) -> tuple[dict[str, Any], InvalidData | None]:
    """Return the mapping between the first two lines of three dashes, and what keeps it from being read."""
    if not text.startswith("---\n"):
        return {}, None
    block, dashes, _ = text[4:].partition("\n---")
    try:
        if not dashes:
            raise InvalidData(f"{name}, line 1, column 1: it has no end", hint="close it with a line `---`")
        data = codec.load(f"\n{block}\n".encode(), name=name)  # a line for the dashes: numbers are the file's
        if not isinstance(data, dict | None):
            raise InvalidData(f"{name}, line 2, column 1: it is no mapping", hint="write `name: value` lines")
        return data or {}, None
    except InvalidData as error:
        return {}, error
