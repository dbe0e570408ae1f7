"""Finding out what a source is, and reading it.

A source is a folder, a file, or text from a pipe. What it is shows in its shape: a `backlog` folder of
Markdown tasks, a `.beads` folder, the `sessions` and `shared` folders of the earlier JSON implementation,
or JSON whose records have the keys of one of them.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestration.errors import BadUsage, InvalidData, NotFound
from orchestration.exchange import backlog, beads, earlier, github
from orchestration.exchange.items import Batch, File

SYSTEMS = ("json", "backlog", "beads", "github")
_PARSERS = {"json": earlier.parse, "backlog": backlog.parse, "beads": beads.parse, "github": github.parse}
_LARGEST = 256 * 1024 * 1024
_HINT = "say which with --from json, backlog, beads or github"


def read(place: Path, system: str | None = None) -> tuple[str, list[File]]:
    """Return what a folder or file holds and which system wrote it; BadUsage when that cannot be told."""
    if not place.exists():
        raise NotFound(f"there is no {place}", hint="name a folder or a file")
    if place.is_file():
        text = _text(place, place.name)
        kind = system or _of_text(text, place)
        if kind == "backlog":
            return kind, [File(place.name, text), *_beside(place)]
        return kind, [File(place.name, text)]
    kind = system or _of_folder(place)
    folder = _root(place, kind)
    files = [File(str(one.relative_to(folder)), _text(one, str(one))) for one in _wanted(folder, kind)]
    if not files:
        raise NotFound(f"{place} holds nothing to import from {kind}", hint="name the folder that does")
    return kind, files


def read_text(text: str, system: str | None = None) -> tuple[str, list[File]]:
    """Return what a pipe brought and which system wrote it."""
    return system or _of_text(text, None), [File("stdin", text)]


def parse(system: str, files: list[File]) -> Batch:
    """Return what the files of a system hold; InvalidData names file and line of what does not parse."""
    return _PARSERS[system](files)


def _text(file: Path, name: str) -> str:
    if file.stat().st_size > _LARGEST:
        raise InvalidData(f"{name} is larger than {_LARGEST >> 20} MB", hint="divide it")
    raw = file.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidData(f"{name}, line {line}: this is not UTF-8", hint="save it as UTF-8") from None


def _root(place: Path, kind: str) -> Path:
    """Return the folder whose layout the system knows."""
    if kind == "backlog" and not (place / "tasks").is_dir():
        for name in ("backlog", ".backlog"):
            if (place / name / "tasks").is_dir():
                return place / name
        return place.parent if place.name == "tasks" else place
    if kind == "beads" and (place / ".beads").is_dir():
        return place / ".beads"
    if kind == "json" and place.name in ("sessions", "shared"):
        return place.parent
    return place


def _wanted(folder: Path, kind: str) -> Iterable[Path]:
    patterns = {
        "json": ("sessions/*.json", "shared/*.json", "shared/projects/*/*.json"),
        "backlog": ("config.yml", "milestones/*.md", "tasks/*.md", "completed/*.md", "drafts/*.md"),
        "beads": ("issues.jsonl", "beads.jsonl"),
        "github": ("*.json",),
    }[kind]
    found = [file for pattern in patterns for file in sorted(folder.glob(pattern)) if file.is_file()]
    found = [file for file in found if not file.name.startswith(".") or kind == "beads"]
    if kind == "beads":
        return found[:1] or sorted(folder.glob("*.jsonl"))[:1]
    return found


def _beside(task: Path) -> list[File]:
    """Return the files beside one Backlog.md task that explain it: its project's name and milestones."""
    folder = task.absolute().parent.parent
    files = [
        file for file in (folder / "config.yml", *sorted(folder.glob("milestones/*.md"))) if file.is_file()
    ]
    return [File(str(file.relative_to(folder)), _text(file, str(file))) for file in files]


def _of_folder(place: Path) -> str:
    if (place / ".beads").is_dir() or place.name == ".beads":
        return "beads"
    if any((place / name / "tasks").is_dir() for name in ("backlog", ".backlog")):
        return "backlog"
    if any((place / "tasks").glob("*.md")) or (place.name == "tasks" and any(place.glob("*.md"))):
        return "backlog"
    if place.name in ("sessions", "shared") or (place / "shared").is_dir():
        return "json"
    if any((place / "sessions").glob("*.json")):
        return "json"
    raise BadUsage(f"cannot tell what wrote {place}", hint=_HINT)


def _of_text(text: str, place: Path | None) -> str:
    name = place.name if place else "stdin"
    start = text.lstrip()
    if start.startswith("---") or (place is not None and place.suffix == ".md"):
        return "backlog"
    if place is not None and place.suffix == ".jsonl":
        return "beads"
    if start.startswith("{"):
        first = _json_or_none(start.split("\n", 1)[0])
        found = first if isinstance(first, dict) else _json_or_none(start)
        if isinstance(found, dict) and isinstance(found.get("session"), dict):
            return "json"
        if isinstance(found, dict) and _is_github(found):
            return "github"
        if isinstance(found, dict) and {"id", "title"} <= set(found):
            return "beads"
    elif start.startswith("["):
        found = _json_or_none(start)
        one = found[0] if isinstance(found, list) and found else None
        if found == [] or (isinstance(one, dict) and _is_github(one)):
            return "github"
        if isinstance(one, dict) and {"id", "title"} <= set(one):
            return "beads"
        if found is None:
            github.load(File(name, text))  # says where it does not parse
    raise BadUsage(f"cannot tell what wrote {place or name}", hint=_HINT)


def _is_github(record: dict[str, Any]) -> bool:
    return {"number", "title"} <= set(record)


def _json_or_none(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
