"""What an import reads from any source: items in our words, each with what it could not be mapped to.

An item is a task, an epic or a sprint. Its `fields` are values as our records hold them, except that
`depends_on`, `parent`, `epic` and `sprint` are the source's own ids and `blocked` is a reason. Whatever
a field of ours cannot hold stands in `metadata` under the source's name for it.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestration import ids
from orchestration.domain import epics, fields, values
from orchestration.domain.records import COLUMN_SYNONYMS, COLUMNS, SPRINT_STATUSES, Document
from orchestration.domain.sprint_fields import SCHEMA as SPRINT
from orchestration.domain.task_fields import SCHEMA as TASK
from orchestration.errors import InvalidData


class File(NamedTuple):
    """One file of a source, by its path from the folder that was named, or as it was named itself."""

    name: str
    text: str


class Item(NamedTuple):
    """A record of a source."""

    kind: str
    """task, epic or sprint."""
    place: str
    """Where it stands: a file, and the line in it where a file holds several."""
    id: str
    """Its id in the source."""
    wanted: str
    """The id it should have here."""
    fields: Document
    metadata: Document
    url: str | None = None
    project: str | None = None
    """The project it names itself; None where the command says which."""


class Batch(NamedTuple):
    """All that a source holds."""

    system: str
    """json, backlog, beads or github."""
    items: list[Item]
    origin: str | None = None
    """What tells two sources of one system apart, such as a repository's name."""
    notes: list[str] = []  # noqa: RUF012 - a NamedTuple's default is never changed
    configs: Mapping[str, Document] = {}
    """Configurations by project."""
    tools: Mapping[str, Document] = {}
    sessions: tuple[tuple[str, Document], ...] = ()
    """Sessions, each with the file it stands in."""


def _column(field: str, v: object) -> str:
    return values.choice(field, v, COLUMNS, COLUMN_SYNONYMS)


def _names(field: str, v: object) -> list[str]:
    return list(dict.fromkeys(values.strings(field, v)))


def _name(field: str, v: object) -> str | None:
    return None if v in (None, "") else values.text(field, v).strip()


_TIMES: dict[str, fields.Check] = dict.fromkeys(
    ("created_at", "committed_at", "started_at", "completed_at"), values.time
)
_CHECKS: Mapping[str, Mapping[str, fields.Check]] = {
    "task": {
        **{name: check for name, check in TASK.checks.items() if name not in ("epic_id", "sprint_id")},
        **_TIMES,
        "column": _column,
        "assignee": lambda field, v: agent(v, field),
        "blocked": values.text,
        "depends_on": _names,
        "parent": _name,
        "epic": _name,
        "sprint": _name,
    },
    "epic": {**epics.SCHEMA.checks, **_TIMES},
    "sprint": {
        **{name: check for name, check in SPRINT.checks.items() if name != "epic_id"},
        **_TIMES,
        "status": lambda field, v: values.choice(field, v, SPRINT_STATUSES),
        "archived": values.boolean,
        "epic": _name,
    },
}


def item(
    kind: str,
    place: str,
    source_id: str,
    given: Mapping[str, tuple[str, Any]],
    rest: Mapping[str, Any],
    *,
    wanted: str | None = None,
    url: str | None = None,
    project: str | None = None,
) -> Item:
    """Return an item from `given`, our field -> (the source's name for it, its value), and the `rest`.

    A value that our field cannot hold goes to the rest; nothing, empty text and empty lists are no value.
    """
    found: Document = {}
    metadata = {name: value for name, value in rest.items() if value not in (None, "", [], {})}
    for field, (name, value) in given.items():
        if value in (None, "", [], {}):
            continue
        check = _CHECKS[kind].get(field)
        try:
            plain = value.replace("\r\n", "\n") if isinstance(value, str) else value
            stored = check(field, plain) if check else plain
        except InvalidData:
            metadata[name] = value
            continue
        if stored not in (None, []):
            found[field] = stored
        if field == "assignee" and stored != str(value).strip().removeprefix("@"):
            metadata[f"{name}_name"] = value
    return Item(kind, place, source_id, wanted or source_id, found, metadata, url, project)


def agent(v: object, field: str = "assignee") -> str | None:
    """Return an agent's plain name; a person's name that no id can hold is made one, with dashes."""
    try:
        return values.agent(v, field)
    except InvalidData:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", str(v)).strip("-._")[:64]
        if ids.problem(name) is not None:
            raise
        return name


def slug(text: str, otherwise: str) -> str:
    """Return an id made of a title's letters and digits, or `otherwise` when it has none."""
    name = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:48].strip("-")
    return name if ids.problem(name) is None else otherwise


def word(text: object) -> str:
    """Return a status, type or label in the form in which such words are compared."""
    return re.sub(r"[\s_-]+", " ", str(text)).strip().casefold()


def number_of_line(text: str, offset: int) -> int:
    """Return the line, from 1, of a place in a text."""
    return text.count("\n", 0, offset) + 1
