"""Which values may be removed from a whole history, and what the records would be without them."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from orchestration.domain import (
    checks,
    epics,
    records,
    sessions,
    sprint_fields,
    task_fields,
    tools,
    workflows,
)
from orchestration.domain.checks import Records
from orchestration.errors import BadUsage, Refused
from orchestration.store import commits, layout

SHORTEST = 6
"""Characters that a value must have."""
SHORTEST_DIGITS = 8
"""The same for one of hexadecimal digits alone, of which the ids of commits are made as well."""
_LONGEST = 1_000_000
_INSTEAD = re.compile(r"""[^\x00-\x1f\x7f-\x9f"'\\<>\u2028\u2029]{1,80}\Z""")
_SHOWN = 3
_TRAILERS = ("Op", "Session", "Project", "Task", "Reason", "At", "Retired", "Severity", "Data", "Undoes")
_MORE = (
    "metadata", "settings", "counters", "inherited_context", "handoff_data", "execution", "observability",
    "session", "lifecycle", "heartbeat", "expiry", "last_activity", "project_id", "description", "commits",
    "machine", "instead", "reason", "refs/heads", "handoff/", "backup/", "format.yaml", "version",
)  # fmt: skip


def check_value(value: str) -> None:
    """Raise Refused for a value that cannot be meant, or that the store itself is made of; it is never named."""
    text = value.strip()
    if not text:
        raise BadUsage("no value was given", hint="give it on stdin with --stdin, or as SESSION PATH")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadUsage("the value is not valid UTF-8", hint="give it as the text that it is") from None
    if len(text) < SHORTEST:
        raise Refused(
            f"a value of {len(text)} characters stands in too many places to be meant",
            hint=f"give at least {SHORTEST} characters, with what stands around it",
        )
    if re.fullmatch(r"[0-9a-f]+", text) and len(text) < SHORTEST_DIGITS:
        raise Refused(
            f"a value of {len(text)} hexadecimal digits may be a part of any id",
            hint=f"give at least {SHORTEST_DIGITS} characters, with what stands around it",
        )
    if len(text) > _LONGEST:
        raise Refused(f"a value has at most {_LONGEST} characters", hint="remove a part of it, then the rest")
    word = next((one for one in _words() if text in one), None)
    if word is not None:
        raise Refused(
            f"the store itself is made of it: it is a part of {word!r}",
            hint="give more of what stands around the value",
        )


def check_instead(text: str, value: str) -> None:
    """Raise BadUsage for a text that cannot stand in the place of the value."""
    if not _INSTEAD.match(text) or text != text.strip():
        raise BadUsage(
            "--with cannot be that", hint="give up to 80 characters without quotes and backslashes"
        )
    if value.strip() in text:
        raise BadUsage("--with holds the value itself", hint="leave it out")


def _words() -> Iterable[str]:
    """Yield the words that programs look for in records and messages."""
    for module in (epics, sessions, sprint_fields, task_fields, tools, workflows):
        schema = module.SCHEMA
        yield from (*schema.defaults, *schema.checks, *schema.system)
    for name, value in vars(records).items():
        if name.isupper():
            yield from _texts(value)
    yield from (*layout.PROJECT_FOLDERS, "projects", "sessions", "config", "archive", "conflicts", "purges")
    yield from (*_TRAILERS, *_MORE, commits.COMMITTER)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (*_texts(key), *_texts(inner))
    elif isinstance(value, tuple):
        for inner in value:
            yield from _texts(inner)


def check_records(before: Records, after: Records, *, retired: Collection[str] = ()) -> None:
    """Raise Refused, naming the places, when records are not right any more without the value."""
    known = {(one.kind, one.problem) for one in checks.check(before, retired=retired)}
    found = [
        one
        for one in checks.check(after, retired=retired)
        if one.severity == "error" and (one.kind, one.problem) not in known
    ]
    if found:
        places = ", ".join(one.place for one in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise Refused(
            f"without the value these would not be right any more: {places}{more}",
            hint="change them first, give more of what stands around the value, or name another --with",
        )
