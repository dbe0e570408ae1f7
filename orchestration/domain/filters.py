"""Which tasks somebody wants to see: `team:engineering blocked:true login`, parsed once, asked of each task.

A criterion is `key:value`; several values after commas mean any of them, several criteria mean all of them.
Words without a key are looked for, in any case, in a task's id, title, description and labels. A value with
blanks stands in double quotes. `none` means that the field is empty. A status is a column, `blocked` as
long as a blocker is open whatever the column, or `open` for all that is neither done nor cancelled.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from orchestration.domain import task_fields, values
from orchestration.domain.records import (
    CLOSED_COLUMNS,
    COLUMN_SYNONYMS,
    COLUMNS,
    DEFAULT_PRIORITY,
    TASK_TYPES,
    Document,
)
from orchestration.errors import BadUsage, InvalidData

_TERM = re.compile(r'(?:(?P<key>[A-Za-z_-]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))')
_NONE = "none"
_FORM = 'write key:value, such as team:qa or blocked:true, and other words, or "them, in quotes"'


class Criteria(NamedTuple):
    """What a task has to fulfil: for each key one of its values, and every one of the words."""

    terms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Write the criteria as they are read."""
        shown = [f"{key}:{','.join(map(_quoted, found))}" for key, found in self.terms]
        return " ".join([*shown, *map(_quoted, self.words)])


EVERYTHING = Criteria()


def parse(text: str) -> Criteria:
    """Return the criteria that a text says; BadUsage for an unknown key or a value its key cannot have."""
    terms: list[tuple[str, tuple[str, ...]]] = []
    words = []
    rest = text.strip()
    while rest:
        found = _TERM.match(rest)
        if found is None:
            raise BadUsage(f"the filter does not parse at {rest[:20]!r}", hint=_FORM)
        rest = rest[found.end() :].lstrip()
        value = found["bare"] if found["quoted"] is None else found["quoted"]
        if found["key"] is None:
            words.append(value)
        else:
            parts = value.split(",") if found["quoted"] is None else [value]
            terms.append(_term(found["key"], parts))
    return Criteria(tuple(terms), tuple(words))


def given(*, text: str | None = None, **terms: str | None) -> Criteria:
    """Return the criteria of single values by key, as options give them; None says nothing."""
    found = [_term(key, value.split(","), f"--{key}") for key, value in terms.items() if value is not None]
    return Criteria(tuple(found), (text,) if text else ())


def both(one: Criteria, other: Criteria) -> Criteria:
    """Return the criteria that ask for what both ask for."""
    return Criteria(one.terms + other.terms, one.words + other.words)


def predicate(criteria: Criteria, agents: Mapping[str, Document]) -> Callable[[Mapping[str, Any]], bool]:
    """Return the test whether a task record fulfils `criteria`; `agents` tell the team of an assignee."""
    tests = [_test(key, frozenset(wanted), agents) for key, wanted in criteria.terms]
    words = [word.casefold() for word in criteria.words]

    def matches(task: Mapping[str, Any]) -> bool:
        if not all(test(task) for test in tests):
            return False
        text = _searched(task) if words else ""
        return all(word in text for word in words)

    return matches


def team_of(task: Mapping[str, Any], agents: Mapping[str, Document]) -> str | None:
    """Return the team that does a task: its own, else that of its assignee."""
    if task.get("team"):
        return str(task["team"])
    agent = agents.get(task.get("assignee") or "")
    return agent["team"] if agent else None


def _term(key: str, given: list[str], said: str = "filter") -> tuple[str, tuple[str, ...]]:
    name = {"label": "labels", "epic_id": "epic", "sprint_id": "sprint", "agent": "assignee"}.get(
        key.lower(), key.lower()
    )
    if name not in _READ:
        raise BadUsage(f"a filter has no {key!r}", hint=f"it has {', '.join(_READ)}; {_FORM}")
    found = [part.strip() for part in given if part.strip()]
    if not found:
        raise BadUsage(f"{said}: no value for {key}", hint=_FORM)
    try:
        return name, tuple(_READ[name](part) for part in found)
    except InvalidData as error:
        raise BadUsage(f"{said}: {error.message}", hint=error.hint) from None


def _status(value: str) -> str:
    return values.choice("status", value, (*COLUMNS, "blocked", "open"), COLUMN_SYNONYMS)


def _priority(value: str) -> str:
    return str(values.priority(value))


def _blocked(value: str) -> str:
    return "true" if values.boolean("blocked", value) else "false"


def _agent(value: str) -> str:
    return values.agent(value, "assignee") or _NONE


def _plain(value: str) -> str:
    return value


_READ: Mapping[str, Callable[[str], str]] = {
    "team": _plain,
    "status": _status,
    "assignee": _agent,
    "epic": _plain,
    "sprint": _plain,
    "priority": _priority,
    "type": lambda value: values.choice("type", value, TASK_TYPES),
    "labels": _plain,
    "blocked": _blocked,
}


def _test(
    key: str, wanted: frozenset[str], agents: Mapping[str, Document]
) -> Callable[[Mapping[str, Any]], bool]:
    def one_of(task: Mapping[str, Any]) -> bool:
        if key == "team":
            return (team_of(task, agents) or _NONE) in wanted
        if key == "status":
            if "open" in wanted and task.get("column") not in CLOSED_COLUMNS:
                return True
            return task_fields.status(task) in wanted
        if key == "blocked":
            return ("true" if task_fields.open_blockers(task) else "false") in wanted
        if key == "labels":
            return not wanted.isdisjoint(task.get("labels") or [_NONE])
        if key == "priority":
            return str(task.get("priority") or DEFAULT_PRIORITY) in wanted
        field = {"epic": "epic_id", "sprint": "sprint_id"}.get(key, key)
        return (task.get(field) or _NONE) in wanted

    return one_of


def _searched(task: Mapping[str, Any]) -> str:
    parts = [task.get("id"), task.get("title"), task.get("description"), *(task.get("labels") or [])]
    return "\n".join(str(part) for part in parts if part).casefold()


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s:,]", value) or not value else value
