"""The checkout a command runs in: its git repository, and what it says about project and store.

Found with the standard library: a walk up the folders, and a few lines of git's files.
"""

import re
from pathlib import Path
from typing import NamedTuple

from orchestration import ids
from orchestration.errors import InvalidData

CONFIG = Path(".claude") / "orchestration.yaml"
_NO_ID = r"[^A-Za-z0-9._-]+"
_SECTION = r'\s*\[\s*([A-Za-z0-9.-]+)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\]'
_CREDENTIALS = r"(?i)^([a-z][a-z0-9+.-]*://)[^/]*@"


class Repository(NamedTuple):
    """A git repository on this machine; a worktree is the repository of its main checkout."""

    name: str
    """A project id derived from the name of the main checkout."""
    common_dir: str


class Checkout(NamedTuple):
    """What a folder says about whose state it works on; None where it says nothing."""

    repository: Repository | None
    project: str | None
    store: str | None
    config: Path | None
    """The `.claude/orchestration.yaml` that named them."""


def find(start: Path) -> Checkout:
    """Return the checkout around a folder. InvalidData for a configuration that does not parse."""
    config = None
    repository = None
    for folder in (start, *start.parents):
        if config is None and (folder / CONFIG).is_file():
            config = folder / CONFIG
        if (folder / ".git").exists():
            repository = _repository(folder)
            break
    named = _read(config) if config else {}
    return Checkout(repository, named.get("project"), named.get("store"), config)


def _read(config: Path) -> dict[str, str]:
    from orchestration import codec

    data = codec.load(config.read_bytes(), name=str(config))
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise InvalidData(f"{config} does not hold a mapping", hint="write `project: NAME` into it")
    for key in ("project", "store"):
        if key in data and not isinstance(data[key], str):
            raise InvalidData(f"{config}: {key} is not text")
    return {key: data[key] for key in ("project", "store") if key in data}


def _repository(folder: Path) -> Repository:
    common = folder / ".git"
    main = folder
    if common.is_file():  # a worktree or a submodule
        try:
            text = common.read_text().strip()
            common = (folder / text.removeprefix("gitdir:").strip()).resolve()
            up = common / "commondir"
            if up.is_file():
                common = (common / up.read_text().strip()).resolve()
                main = common.parent if common.name == ".git" else common
        except OSError:
            main = folder
    return Repository(project_name(main.resolve().name), str(common.resolve()))


def project_name(folder: str) -> str:
    """Derive a project id from the name of a folder."""
    name = re.sub(_NO_ID, "-", folder.removesuffix(".git"))[:64].strip("-._")
    if ids.problem(name):
        name = name.replace(".", "-")  # `..` and `.lock`
    if ids.problem(name):
        name = f"project-{name}" if name else "project"
    return name


def remote_of(repository: Repository) -> str | None:
    """Return the URL of the repository's `origin`, without credentials, or None."""
    try:
        lines = (Path(repository.common_dir) / "config").read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    section = ("", "")
    for line in lines:
        match = re.match(_SECTION, line)
        if match:
            section = (match[1].lower(), match[2] or "")
        elif section == ("remote", "origin"):
            key, _, value = line.partition("=")
            if key.strip().lower() == "url":
                url = re.sub(_CREDENTIALS, r"\1", value.strip().strip('"'))
                return url.removesuffix("/").removesuffix(".git") or None
    return None
