"""Git commit objects, and the trailers that say to programs what happened.

The subject is for people (`task: TASK-3 todo -> in_progress`), the trailers are for programs:
`Op:` is the event type, `Session:`, `Project:`, `Task:`, `Reason:`, `At:` the facts around it. The
author acted, the committer is this program.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

COMMITTER = "orchestration"
_CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+"
_TRAILERS = r"(?m)^([A-Z][A-Za-z-]*): (.*)$"
_COMMIT_ID = r"[0-9a-f]{40}\Z"


class Author(NamedTuple):
    """The person or agent who acted."""

    name: str
    email: str


class Commit(NamedTuple):
    """A commit as read back."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: str
    time: int
    message: str

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]

    @property
    def at(self) -> datetime:
        """When it happened: the `At:` trailer, else the commit's own time."""
        stated = self.trailers().get("At")
        if stated:
            try:
                return datetime.fromisoformat(stated[-1])
            except ValueError:
                pass  # written by hand: the commit's own time stands
        return datetime.fromtimestamp(self.time, UTC)

    @property
    def undoes(self) -> list[str]:
        """The ids of the commits that this one took back."""
        # asked of every commit there is: most need no parsing
        found = self.trailers().get("Undoes", []) if "\nUndoes: " in self.message else []
        return [oid for oid in found if re.match(_COMMIT_ID, oid)]

    def trailers(self) -> dict[str, list[str]]:
        """The `Key: value` lines of the last paragraph."""
        found: dict[str, list[str]] = {}
        paragraph = self.message.rstrip("\n").rpartition("\n\n")
        if not paragraph[1]:
            return found
        for key, value in re.findall(_TRAILERS, paragraph[2]):
            found.setdefault(key, []).append(value)
        return found


def one_line(text: str, limit: int = 500) -> str:
    """Make `text` fit for one line of a commit message: no control characters, bounded."""
    flat = re.sub(_CONTROL, " ", text).encode("utf-8", "replace").decode().strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def identity(author: Author) -> str:
    """Write who acted as commits and tags name them, without what would break the line."""
    name = re.sub(r"[<>]", "", one_line(author.name, 100)).strip(" .,:;\"'") or "unknown"
    email = re.sub(r"[<>\s]", "", one_line(author.email, 100)) or "unknown"
    return f"{name} <{email}>"


def message(subject: str, trailers: Mapping[str, str | Sequence[str] | None]) -> str:
    """Compose a commit message of a subject and the trailers that have a value."""
    lines = []
    for key, value in trailers.items():
        values = [value] if isinstance(value, str) else value or []
        lines += [f"{key}: {one_line(one, 4000)}" for one in values]
    return "\n".join([one_line(subject, 120) or "change", "", *lines]) + "\n"


def serialise(
    tree: str, parents: Sequence[str], author: Author, when: int, machine: str, message: str
) -> bytes:
    """Write a commit object; `when` is seconds since the epoch."""
    committer = identity(Author(COMMITTER, f"{COMMITTER}@{machine}"))
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {identity(author)} {when} +0000", f"committer {committer} {when} +0000", "", message]
    return "\n".join(lines).encode()


def parse(oid: str, data: bytes) -> Commit:
    """Read a commit object."""
    text = data.decode("utf-8", "replace")
    head, _, body = text.partition("\n\n")
    tree, parents, author, time = "", [], "", 0
    for line in head.split("\n"):
        key, _, value = line.partition(" ")
        if key == "tree":
            tree = value
        elif key == "parent":
            parents.append(value)
        elif key == "author":
            author = value.partition(" <")[0]
        elif key == "committer":
            time = int(value.rsplit(" ", 2)[1])
    return Commit(oid, tree, tuple(parents), author, time, body)
