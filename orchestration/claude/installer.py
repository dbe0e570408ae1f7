"""Putting our files into a folder `.claude`, and taking them out again.

First a plan is made, which changes nothing; `carry_out` does it. Files are written whole and by name, a
file that is not as we wrote it is left and told of. `settings.json` and `.gitignore` are the user's: only
our part of them is changed.
"""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from orchestration.claude import json_text, manifest, payload, permissions, settings_file
from orchestration.claude.manifest import Manifest, digest
from orchestration.claude.payload import Flavour
from orchestration.errors import InvalidData, Refused

LOCAL = "orchestration.local"
"""Where this machine's interpreter is written down; git ignores it."""
_IGNORED = (LOCAL, "settings.local.json")
_PROJECT_FILE = "orchestration.yaml"
_HOOK = "hooks/run"


class Target(NamedTuple):
    """Where, and what kind of installation."""

    folder: Path
    """The folder `.claude`."""
    flavour: Flavour
    shell: str
    """The folder as hook commands name it."""
    project: str | None = None
    """The project's name, to be written down where nothing names it yet."""
    ignore: bool = True
    """Whether `.gitignore` is to leave out what belongs to this machine."""
    status: bool = True
    """Whether there may be a status line of ours."""


class Change(NamedTuple):
    """A file that will be written, or removed; None is no file."""

    path: str
    before: bytes | None
    after: bytes | None


class Plan(NamedTuple):
    """What there is to do."""

    folder: Path
    changes: list[Change]
    left: dict[str, str]
    """Files that stay as they are, with the reason."""
    gone: tuple[str, ...] = ()
    """Folders to be removed once they are empty."""


def for_project(top: Path, *, project: str | None, own: bool, status: bool) -> Target:
    """Return the installation in a project, by its top folder; `own` is the checkout of this program."""
    flavour = payload.OWN if own else payload.PROJECT
    shell = '"$CLAUDE_PROJECT_DIR"/.claude'
    return Target(top / ".claude", flavour, shell, None if own else project, ignore=not own, status=status)


def for_user(home: Path) -> Target:
    """Return the installation for all projects of a user."""
    return Target(home / ".claude", payload.ANYWHERE, '"$HOME"/.claude', ignore=False)


def is_own(top: Path) -> bool:
    """Say whether a folder is the checkout of this program."""
    try:
        return b'name = "claude-orchestration"' in (top / "pyproject.toml").read_bytes()
    except OSError:
        return False


def interpreter(folder: Path) -> str | None:
    """Return the interpreter that is written down on this machine."""
    content = _read(folder / LOCAL)
    return content.decode("utf-8", "replace").split("\n", 1)[0] if content else None


def install(target: Target, *, python: str, shadow: bool = True) -> Plan:
    """Plan an installation, or bringing one up to date.

    `python` is this machine's interpreter with the program. Raises InvalidData for settings that are not
    JSON, and Refused where another program's hook has the name of ours.
    """
    known = manifest.read(target.folder) or Manifest()
    wanted = payload.files(target.flavour, shadow=shadow)
    if target.project is not None:
        wanted[_PROJECT_FILE] = f"project: {target.project}\n".encode()
    changes, left, files = _files(target.folder, wanted, known)
    if _HOOK in left:
        raise Refused(
            f"{target.folder / _HOOK} is there, and not from this program",
            hint="move it out of the way, or give it another name, and install again",
        )
    made = [*known.made, *_missing_folders(target.folder, wanted)]
    added = known.added
    settings = _read(target.folder / "settings.json")
    text, added = settings_file.merged(
        None if settings is None else _decoded(settings), str(target.folder / "settings.json"),
        folder=target.shell, allow=permission_rules(target.flavour), status=target.status, before=added,
    )  # fmt: skip
    _note(changes, "settings.json", settings, text.encode())
    made += ["settings.json"] if settings is None else []
    lines = known.lines
    if target.ignore:
        ignored = _read(target.folder / ".gitignore")
        content, new = _with_lines(ignored or b"", _IGNORED)
        lines = (*lines, *(line for line in new if line not in lines))
        _note(changes, ".gitignore", ignored, content)
        made += [".gitignore"] if ignored is None else []
    if target.flavour is not payload.OWN:
        _note(changes, LOCAL, _read(target.folder / LOCAL), f"{python}\n".encode())
    after = Manifest(files, added, tuple(dict.fromkeys(made)), lines, shadow, target.status)
    _note(changes, manifest.NAME, _read(target.folder / manifest.NAME), manifest.dump(after))
    return Plan(target.folder, sorted(changes), left)


def shipped(top: Path) -> dict[str, bytes]:
    """Return what this version installs in a project, for the files that are installed there."""
    try:
        known = manifest.read(top / ".claude")
    except InvalidData:
        known = None  # `doctor` tells of it
    if known is None:
        return {}
    flavour = payload.OWN if is_own(top) else payload.PROJECT
    files = payload.files(flavour, shadow=known.shadow)
    return {f".claude/{path}": content for path, content in files.items() if path in known.files}


def uninstall(folder: Path) -> Plan | None:
    """Plan taking an installation out; None where there is none."""
    known = manifest.read(folder)
    if known is None:
        return None
    changes: list[Change] = []
    left: dict[str, str] = {}
    for path, written in known.files.items():
        content = _read(folder / path)
        if content is not None and digest(content) != written:
            left[path] = "was changed since it was installed"
        else:
            _note(changes, path, content, None)
    settings = _read(folder / "settings.json")
    if settings is not None:
        text = settings_file.removed(_decoded(settings), str(folder / "settings.json"), known.added)
        empty = "settings.json" in known.made and not json_text.load(text, "settings.json")
        _note(changes, "settings.json", settings, None if empty else text.encode())
    ignored = _read(folder / ".gitignore")
    if ignored is not None:
        kept = _without_lines(ignored, known.lines)
        _note(changes, ".gitignore", ignored, None if ".gitignore" in known.made and not kept else kept)
    for name in (LOCAL, manifest.NAME):
        _note(changes, name, _read(folder / name), None)
    folders = [name for name in known.made if name not in ("settings.json", ".gitignore")]
    return Plan(folder, sorted(changes), left, tuple(sorted(folders, reverse=True)))


def carry_out(plan: Plan) -> None:
    """Do what a plan says."""
    for change in plan.changes:
        file = plan.folder / change.path
        if change.after is None:
            file.unlink(missing_ok=True)
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file = file.resolve()  # a link stays one
        draft = file.with_name(f"{file.name}.{os.getpid()}.draft")
        draft.write_bytes(change.after)
        mode = (
            0o755
            if change.path.startswith("hooks/")
            else file.stat().st_mode & 0o777
            if file.exists()
            else None
        )
        if mode is not None:
            draft.chmod(mode)
        draft.replace(file)
    for name in plan.gone:
        with contextlib.suppress(OSError):  # somebody else's files are in it
            (plan.folder / name).rmdir()


def permission_rules(flavour: Flavour) -> list[str]:
    """Return the allow rules of a kind of installation."""
    return permissions.rules(flavour.calls)


def _files(
    folder: Path, wanted: Mapping[str, bytes], known: Manifest
) -> tuple[list[Change], dict[str, str], dict[str, str]]:
    changes: list[Change] = []
    left: dict[str, str] = {}
    files: dict[str, str] = {}
    for path in sorted({*wanted, *known.files}):
        content, after = _read(folder / path), wanted.get(path)
        ours = content is None or content == after or known.files.get(path) == digest(content)
        if path == _PROJECT_FILE and content is not None:
            if path in known.files:
                files[path] = known.files[path]
            continue  # once it is there it is the user's to change
        if not ours:
            changed = path in known.files
            left[path] = (
                "was changed since it was installed" if changed else "was not written by this program"
            )
            if changed:
                files[path] = known.files[path]
        else:
            _note(changes, path, content, after)
            if after is not None:
                files[path] = digest(after)
    return changes, left, files


def _missing_folders(folder: Path, wanted: Mapping[str, bytes]) -> list[str]:
    names = {parent.as_posix() for path in wanted for parent in Path(path).parents}
    return sorted(name for name in names if not (folder / name).is_dir())


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return "\0"  # no JSON: the caller says so, with the file's name


def _note(changes: list[Change], path: str, before: bytes | None, after: bytes | None) -> None:
    if before != after:
        changes.append(Change(path, before, after))


def _with_lines(content: bytes, lines: tuple[str, ...]) -> tuple[bytes, list[str]]:
    there = content.decode("utf-8", "replace").splitlines()
    new = [line for line in lines if line not in there]
    # in front, so that the last line may go without an end as it did
    return "".join(f"{line}\n" for line in new).encode() + content, new


def _without_lines(content: bytes, lines: tuple[str, ...]) -> bytes:
    kept = [
        line
        for line in content.splitlines(keepends=True)
        if line.decode("utf-8", "replace").strip() not in lines
    ]
    return b"".join(kept)
