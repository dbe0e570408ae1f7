"""What keeps the program from working well inside Claude Code on this machine, each with its fix.

A check is {check, status, found, fix}: status is ok, hint, warning or error, fix is null where there is
nothing to do. Nothing is changed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from orchestration.claude import command_files, installer, manifest
from orchestration.claude.table import FAMILIES
from orchestration.english import counted
from orchestration.errors import OrchestrationError
from orchestration.store import installed

OLDEST = (2, 1, 197)
"""The oldest version of Claude Code that the program was tried with."""
_PYTHON = (3, 11)
_GIT = (2, 33)
"""The oldest version of git that `sync` works with."""
_PATIENCE = 15
"""Seconds that another program has to name its version."""
_NAMED = 4
Row = dict[str, str | None]


def row(check: str, status: str, found: str, fix: str | None = None) -> Row:
    """Return one check."""
    return {"check": check, "status": status, "found": found, "fix": fix}


def machine(env: Mapping[str, str]) -> Iterator[Row]:
    """Check the programs that this one stands on, and the client."""
    python = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info[:2] < _PYTHON
    yield row("python", "error" if old else "ok", python, "install Python 3.11 or newer" if old else None)
    yield _git(_version("git", env))
    uv = _version("uv", env)
    fix = None if uv else "install uv: the scripts in .claude/scripts are started with it"
    yield row("uv", "ok" if uv else "warning", uv or "not found", fix)
    client = _version("claude", env)
    if client is None:
        yield row(
            "claude code",
            "hint",
            "not on the PATH",
            "install Claude Code, or ignore this where it is not used",
        )
    elif tuple(map(int, client.split("."))) < OLDEST:
        fix = f"update it: it was tried with {'.'.join(map(str, OLDEST))} and newer"
        yield row("claude code", "warning", client, fix)
    else:
        yield row("claude code", "ok", client)


def _git(version: str | None) -> Row:
    if version is None:
        return row("git", "warning", "not found", "install git: packing, bundles and sharing need it")
    if tuple(map(int, version.split(".")[:2])) < _GIT:
        oldest = ".".join(map(str, _GIT))
        return row("git", "warning", version, f"update git: sharing needs {oldest} or newer")
    return row("git", "ok", version)


def _version(program: str, env: Mapping[str, str]) -> str | None:
    path = shutil.which(program, path=env.get("PATH"))
    if path is None:
        return None
    try:
        done = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_PATIENCE,
            env=dict(env),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\d+(?:\.\d+)+", done.stdout)
    return found[0] if found else None


def installation(top: Path | None, home: Path, env: Mapping[str, str]) -> Iterator[Row]:
    """Check what is installed in a project, by its top folder, and for its user."""
    places = [place for place in (top / ".claude" if top else None, home / ".claude") if place is not None]
    found = [place for place in places if (place / manifest.NAME).is_file()]
    if not found:
        yield row("installed", "error", "nothing is installed here", "`orchestration install`")
        return
    own = top is not None and installer.is_own(top)
    for place in found:
        yield from _place(place, home, own=own and place == found[0])
    if len(found) > 1:
        yield row("installed twice", "ok", "the project's own hooks answer, those of the user keep still")
    yield from _settings(places)
    yield from _shadows(top, home, found[0])
    problems = [one for one in installed.read(top).findings if one.severity == "error"] if top else []
    for one in problems:
        yield row("settings", "error", f"{one.place} {one.problem}", one.fix)
    if not own and shutil.which("orchestration", path=env.get("PATH")) is None:
        fix = "`uv tool install claude-orchestration`, and `uv tool update-shell` if its folder is not on the PATH"
        yield row("command", "warning", "`orchestration` is not on the PATH: command files need it", fix)


def _place(place: Path, home: Path, *, own: bool) -> Iterator[Row]:
    """Compare an installation with what would be installed now."""
    user = place == home / ".claude"
    again = "`orchestration install --user`" if user else "`orchestration install`"
    name = "for the user" if user else "in the project"
    try:
        known = manifest.read(place)
        assert known is not None, "it was there a moment ago"
        local = installer.interpreter(place)
        target = (
            installer.for_user(home) if user
            else installer.for_project(place.parent, project=None, own=own, status=known.status)
        )  # fmt: skip
        plan = installer.install(target, python=local or sys.executable, shadow=known.shadow)
    except OrchestrationError as error:
        yield row(f"files {name}", "error", error.message, error.hint)
        return
    stale = [one.path for one in plan.changes if one.path not in (installer.LOCAL, manifest.NAME)]
    if stale:
        more = f" and {len(stale) - _NAMED} more" if len(stale) > _NAMED else ""
        yield row(f"files {name}", "warning", f"not current: {', '.join(stale[:_NAMED])}{more}", again)
    else:
        yield row(f"files {name}", "ok", f"{counted(len(known.files), 'file')}, current")
    for reason in dict.fromkeys(plan.left.values()):
        paths = [path for path, why in plan.left.items() if why == reason]
        more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
        found = f"{', '.join(paths[:_NAMED])}{more}: {reason}"
        yield row("files left", "hint", found, f"keep yours, or remove them and say {again}")
    start = place / "hooks" / "run"
    if start.is_file() and not os.access(start, os.X_OK):
        yield row("hooks", "error", "hooks/run may not be started", f"`chmod +x {start}`")
    if not own:
        yield _interpreter(local, again)


def _interpreter(local: str | None, again: str) -> Row:
    if local is None:
        return row("interpreter", "hint", "none is written down: hooks look for `orchestration`", again)
    if not os.access(local, os.X_OK):
        return row("interpreter", "warning", f"{local} is gone", again)
    return row("interpreter", "ok", local)


def _settings(places: list[Path]) -> Iterator[Row]:
    for place in places:
        for name in ("settings.json", "settings.local.json"):
            if _setting(place / name, "disableAllHooks"):
                fix = "take `disableAllHooks` out; until then the model prints every answer"
                yield row("hooks", "warning", f"{place / name} switches all hooks off", fix)


def _setting(file: Path, name: str) -> Any:
    try:
        data = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return data.get(name) if isinstance(data, dict) else None


def _shadows(top: Path | None, home: Path, place: Path) -> Iterator[Row]:
    """Look for what hides a command of ours, and for what ours hide."""
    files: set[str] = set()
    if (home / ".claude" / manifest.NAME).is_file():
        files = set((manifest.read(home / ".claude") or manifest.Manifest()).files)
    for name in FAMILIES:
        yours = home / ".claude" / "commands" / f"{name}.md"
        if place != home / ".claude" and yours.is_file() and f"commands/{name}.md" not in files:
            yield row("shadowing", "warning", f"{yours} hides /{name} of the project", "rename or remove it")
        for folder in [home, *([top] if top else [])]:
            skill = folder / ".claude" / "skills" / name
            if (skill / "SKILL.md").is_file():
                yield row("shadowing", "warning", f"the skill {skill} hides /{name}", "rename or remove it")
    hidden = [name for name in command_files.SHADOWING if (place / "commands" / f"{name}.md").is_file()]
    if hidden:
        names = ", ".join(f"/{name}" for name in hidden)
        said = f"{names} stand in for Claude Code's own; its settings are under /settings"
        yield row("shadowing", "hint", said, "`orchestration install --no-shadow` leaves them out")
