"""The state of health of an installation: facts in, a line for each part out, with the way to mend it.

green is as it should be, amber wants a look, red keeps something from working.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from orchestration.domain.records import Document
from orchestration.domain.validation import summary
from orchestration.domain.values import parse_time

STATES = ("green", "amber", "red")
LOOSE_LIMIT = 2
"""How many times the limit of loose objects may be reached before it is worth a word."""
_AHEAD = timedelta(minutes=5)


class Facts(NamedTuple):
    """What was looked at."""

    store: str
    """The folder of the store."""
    exists: bool
    writable: bool
    problem: str | None
    """What keeps the store from being read."""
    branch: str | None
    """The branch that HEAD names, None when it is detached."""
    interrupted: bool
    """Whether a write was cut off, which the next one finishes."""
    held: bool
    """Whether somebody is writing now."""
    loose: int
    pack_limit: int
    newest_at: str | None
    """When the newest commit was made."""
    project: str | None
    has_project: bool
    validation: Mapping[str, Any] | None
    edited: int
    """How many files were edited by hand and not committed."""
    sessions: Mapping[str, int]
    """How many are active and expired."""
    hooks: str | None
    """The settings file whose hooks are ours, None for none."""
    broken: list[str]
    """What is wrong with the installed files."""
    remarks: int
    """How many lines the program's log has from the last day."""
    git: bool
    """Whether git itself is there, for packing, backups elsewhere and deep checks."""


def lines(facts: Facts, *, now: str) -> list[Document]:
    """Return {name, state, text, fix} for each part; fix is null where nothing is to be done."""
    return [*_store(facts), *_writing(facts), *_history(facts, now), *_records(facts), *_host(facts)]


def worst(found: list[Document]) -> str:
    """Return the worst of the states."""
    return max((one["state"] for one in found), key=STATES.index, default="green")


def _line(name: str, state: str, text: str, fix: str | None = None) -> Document:
    return {"name": name, "state": state, "text": text, "fix": fix}


def _store(facts: Facts) -> Iterator[Document]:
    if facts.problem is not None:
        fix = "`uv run .claude/scripts/state_manager.py verify --repair` mends what can be mended"
        yield _line("store", "red", facts.problem, fix)
    elif not facts.exists:
        yield _line("store", "amber", f"there is none yet at {facts.store}", "the first write makes it")
    else:
        yield _line("store", "green", facts.store)


def _writing(facts: Facts) -> Iterator[Document]:
    if not facts.exists or facts.problem is not None:
        return
    if not facts.writable:
        yield _line("writing", "red", "the store may only be read", f"make {facts.store} yours to write to")
    elif facts.branch is None:
        fix = f"`git -C {facts.store} switch main`; until then every write is refused"
        yield _line("writing", "red", "HEAD names no branch", fix)
    elif facts.interrupted and not facts.held:
        yield _line("writing", "amber", "the last write was cut off", "the next write finishes it")
    else:
        yield _line("writing", "green", "somebody is writing now" if facts.held else "the lock is free")


def _history(facts: Facts, now: str) -> Iterator[Document]:
    if not facts.exists or facts.problem is not None:
        return
    most = facts.pack_limit * LOOSE_LIMIT
    if facts.pack_limit and facts.loose > most:
        yield _line(
            "objects",
            "amber",
            f"about {facts.loose:,} lie loose, which makes reading slow",
            "`uv run .claude/scripts/state_manager.py gc`",
        )
    else:
        yield _line("objects", "green", f"about {facts.loose:,} loose")
    if facts.newest_at is not None and parse_time(facts.newest_at) - parse_time(now) > _AHEAD:
        fix = "set the clock of this machine, or of the one that wrote it"
        yield _line("clock", "amber", f"the newest change is of {facts.newest_at}, which is to come", fix)


def _records(facts: Facts) -> Iterator[Document]:
    if facts.problem is not None:
        return
    if facts.project is None:
        yield _line("project", "amber", "this folder is in no project", "`orchestration init --project NAME`")
    elif not facts.has_project:
        fix = "`/task add TITLE` makes it, with the first task"
        yield _line("project", "amber", f"there is nothing of project {facts.project} yet", fix)
    else:
        yield _line("project", "green", facts.project)
    found = facts.validation
    if found is not None:
        state = "red" if found["errors"] else "amber" if found["warnings"] else "green"
        fix = "`/config validate` names them, `/config fix` mends some"
        yield _line("records", state, summary(dict(found)), None if state == "green" else fix)
    if facts.edited:
        fix = "the next write to it commits it, `/config reload` the configuration at once"
        noun = "file was" if facts.edited == 1 else "files were"
        yield _line("files", "amber", f"{facts.edited} {noun} edited by hand", fix)
    active, expired = facts.sessions.get("active", 0), facts.sessions.get("expired", 0)
    gone = "`uv run .claude/scripts/state_manager.py cleanup-expired --dry-run`" if expired else None
    yield _line("sessions", "amber" if expired else "green", f"{active} active, {expired} expired", gone)


def _host(facts: Facts) -> Iterator[Document]:
    if facts.hooks is None:
        text = "no hooks of ours: commands are answered by way of the model"
        yield _line("hooks", "amber", text, "`orchestration install`")
    else:
        yield _line("hooks", "green", f"in {facts.hooks}")
    if facts.broken:
        more = f" and {len(facts.broken) - 1} more" if len(facts.broken) > 1 else ""
        yield _line(
            "installed files", "red", f"{facts.broken[0]}{more}", "`/debug integration` names them all"
        )
    if facts.remarks:
        noun = "line" if facts.remarks == 1 else "lines"
        yield _line("log", "amber", f"{facts.remarks} {noun} in the last day", "`/debug logs`")
    if not facts.git:
        text = "git is not installed: packing, bundles and deep checks need it"
        yield _line("git", "amber", text, "install git")
