"""Which texts may name a record, and how generated names are numbered.

An id becomes a file or folder name, so it is checked before any path is built.
"""

import re
from collections.abc import Iterable

from orchestration.errors import Refused

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
RESERVED = frozenset({"current", "none", "all"})


def problem(text: str) -> str | None:
    """Say what keeps `text` from being an id, or return None when it may be one."""
    if not text:
        return "is empty"
    if len(text) > 64:
        return f"is {len(text)} characters long; 64 is the limit"
    if not _ID.match(text):
        return "may hold only letters, digits, '.', '_' and '-', and begins with a letter or digit"
    if ".." in text:
        return "may not contain '..'"
    if text.endswith("."):
        return "may not end with a dot"
    if text.lower().endswith(".lock"):
        return "may not end with '.lock'"
    if text.lower() in RESERVED:
        return "is a reserved word"
    return None


def check(text: str, what: str = "id") -> str:
    """Return `text` if it may name a record; raise Refused otherwise."""
    reason = problem(text)
    if reason is not None:
        shown = text if len(text) <= 40 else text[:37] + "..."
        raise Refused(f"{what} {shown!r} {reason}", hint="use an id such as 'sprint-2' or 'TASK-14'")
    return text


def check_new(text: str, taken: Iterable[str], what: str = "id") -> str:
    """Return `text` if it may name a new record beside `taken`, where case makes no difference."""
    check(text, what)
    folded = text.casefold()
    for other in taken:
        if other.casefold() == folded:
            if other == text:
                raise Refused(f"{what} {text!r} exists already")
            raise Refused(f"{what} {text!r} differs only by case from {other!r}", hint=f"use {other!r}")
    return text


def next_number(prefix: str, taken: Iterable[str], floor: int = 0) -> int:
    """Return 1 + the highest n among `taken` ids of the form `<prefix>-<n>[-<machine>]` and `floor`."""
    pattern = re.compile(re.escape(prefix) + r"-([0-9]{1,15})(?:-[a-z0-9]{4})?\Z", re.IGNORECASE)
    highest = floor
    for name in taken:
        match = pattern.match(name)
        if match:
            highest = max(highest, int(match[1]))
    return highest + 1


def numbered(prefix: str, number: int, machine: str | None = None) -> str:
    """Format a generated id; `machine` is given on a machine that joined the store by clone."""
    return f"{prefix}-{number}-{machine}" if machine else f"{prefix}-{number}"
