"""Which file holds which part of the state: the one place that knows.

The repository is one document. Folders are the upper levels of one big mapping, YAML files the
lower ones. A *key* names a file by the mapping keys that lead to it, `("projects", "myapp",
"tasks", "TASK-1")`; a repository path goes on inside the file, `projects.myapp.tasks.TASK-1.column`.
Only sessions are fanned out, by the first two characters of their id, so that a commit never
rewrites a tree with thousands of entries; the fan-out is not part of a key.
"""

from orchestration import ids
from orchestration.errors import NotFound, Refused

Key = tuple[str, ...]

SUFFIX = ".yaml"
PROJECT_FOLDERS = (
    "epics",
    "sprints",
    "tasks",
    "handoffs",
    "decisions",
    "workflows",
    "risks",
    "conflicts",
)


def _file_depth(key: Key) -> int:
    """Return how many leading parts of `key` name the file."""
    top = key[0]
    if top == "format":
        return 1
    if top in ("config", "tools", "conflicts", "purges"):
        return 2
    if top == "sessions":
        return 3
    if top == "projects":
        if len(key) < 3 or key[2] == "config":
            return 3
        if key[2] == "archive":
            return 5
        if key[2] in PROJECT_FOLDERS:
            return 4
        raise NotFound(
            f"a project has no part {key[2]!r}",
            hint=f"parts: config, archive, {', '.join(PROJECT_FOLDERS)}",
        )
    raise NotFound(f"no part {top!r} in the store", hint="parts: config, tools, projects, sessions")


def _parts(key: Key) -> list[str]:
    for part in key[1:]:
        ids.check(part)
    if key[0] == "sessions" and len(key) > 1:
        return ["sessions", key[1][:2].lower(), *key[1:]]
    return list(key)


def file_of(*key: str) -> str:
    """Return the file of a key, relative to the store; Refused for a part that is no id."""
    if len(key) != _file_depth(key):
        raise Refused(f"{'.'.join(key)!r} names no file of the store")
    return "/".join(_parts(key)) + SUFFIX


def folder_of(*key: str) -> str:
    """Return the folder that holds the files, or folders, below a key."""
    return "/".join(_parts(key))


def split(path: Key) -> tuple[Key, Key]:
    """Split a repository path into the key of its file and the rest inside the file."""
    if not path:
        raise Refused("the empty path names the whole store")
    depth = _file_depth(path)
    if len(path) < depth:
        raise Refused(f"{'.'.join(path)!r} is a folder of the store")
    return path[:depth], path[depth:]


def key_of(file: str) -> Key | None:
    """Return the key of a file, or None when the file is not one of the state."""
    if not file.endswith(SUFFIX):
        return None
    parts = file[: -len(SUFFIX)].split("/")
    if parts[0] == "sessions":
        if len(parts) != 4 or parts[1] != parts[2][:2].lower():
            return None
        del parts[1]
    key = tuple(parts)
    try:
        return key if _file_depth(key) == len(key) and file_of(*key) == file else None
    except (NotFound, Refused):
        return None
