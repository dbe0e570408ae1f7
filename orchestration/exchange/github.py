"""Issues of GitHub, as `gh issue list --json number,title,body,state,...` prints them.

Open issues go to the backlog: nobody has committed to them yet. A closed one is done, or cancelled when
it was closed as not planned or as a duplicate. A milestone is a goal that many issues name: an epic.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from orchestration.errors import InvalidData
from orchestration.exchange.items import Batch, File, Item, item, number_of_line, slug, word

FIELDS = "number,title,body,state,stateReason,labels,assignees,milestone,createdAt,closedAt,url"
"""What `gh issue list --json` should be asked for."""

_MAPPED = {*FIELDS.split(","), "id"}
_CANCELLED = ("not planned", "duplicate")
_TYPES = {
    "bug": "bug", "enhancement": "feature", "feature": "feature", "feature request": "feature",
    "documentation": "docs", "docs": "docs", "chore": "chore", "maintenance": "chore", "test": "test",
    "tests": "test", "testing": "test", "infrastructure": "infra", "infra": "infra", "ci": "infra",
    "design": "design",
}  # fmt: skip
_PRIORITY = re.compile(
    r"(?:priority|prio|p)?\s*[:/]?\s*(critical|highest|urgent|high|medium|normal|low|lowest)(?: priority)?\Z"
)
_PRIORITIES = {
    "critical": 1,
    "highest": 1,
    "urgent": 1,
    "high": 2,
    "medium": 3,
    "normal": 3,
    "low": 4,
    "lowest": 5,
}
_REPOSITORY = re.compile(r"https?://[^/]+/([^/]+/[^/]+)/issues/[0-9]+")


def parse(files: list[File]) -> Batch:
    """Return the issues and their milestones; InvalidData names the place of what is no issue."""
    items: dict[str, Item] = {}
    milestones: dict[str, Item] = {}
    origins: set[str] = set()
    notes: list[str] = []
    for file in files:
        for place, record in load(file):
            issue = _issue(place, record, milestones)
            if issue.id in items:
                raise InvalidData(f"{place}: issue {issue.id} stands twice", hint="keep one of them")
            items[issue.id] = issue
            found = _REPOSITORY.match(issue.url or "")
            if found:
                origins.add(found[1])
    if len(origins) > 1:
        raise InvalidData(
            f"the issues are of {len(origins)} repositories: {', '.join(sorted(origins)[:3])}",
            hint="import each repository by itself",
        )
    return Batch("github", [*milestones.values(), *items.values()], next(iter(origins), None), notes)


def load(file: File) -> list[tuple[str, dict[str, Any]]]:
    """Return the objects of a JSON file, one array or one object, each with its place."""
    try:
        found = json.loads(file.text)
    except json.JSONDecodeError as error:
        raise InvalidData(
            f"{file.name}, line {error.lineno}, column {error.colno}: {error.msg}", hint="export it again"
        ) from None
    except RecursionError:
        raise InvalidData(f"{file.name}, line 1: nested too deeply", hint="export it again") from None
    records = found if isinstance(found, list) else [found]
    places = _lines(file.text, len(records)) if isinstance(found, list) else [1]
    pairs = []
    for number, (line, record) in enumerate(zip(places, records, strict=True), 1):
        place = f"{file.name}, line {line}"
        if len(set(places)) < len(places):
            place += f" (record {number})"
        if not isinstance(record, dict):
            raise InvalidData(f"{place}: not an object", hint="export it again")
        pairs.append((place, record))
    return pairs


def _lines(text: str, count: int) -> list[int]:
    """Return the lines on which the values of one JSON array begin."""
    decoder, at, found = json.JSONDecoder(), text.index("[") + 1, []
    line, counted = number_of_line(text, at), at
    for _ in range(count):
        while text[at] in " \t\r\n,":
            at += 1
        line, counted = line + text.count("\n", counted, at), at
        found.append(line)
        _, at = decoder.raw_decode(text, at)
    return found


def _issue(place: str, record: dict[str, Any], milestones: dict[str, Item]) -> Item:
    number, title = record.get("number"), record.get("title")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise InvalidData(f"{place}: an issue without a number", hint=f"use `gh issue list --json {FIELDS}`")
    if not isinstance(title, str) or not title.strip():
        raise InvalidData(
            f"{place}: issue {number} has no title", hint=f"use `gh issue list --json {FIELDS}`"
        )
    labels = [_text(label, "name") for label in _list(record, "labels")]
    people = [_text(person, "login") for person in _list(record, "assignees")]
    named = [word(label) for label in labels]
    kinds = [
        _TYPES[part] for name in named for part in (name, name.rpartition(":")[2].strip()) if part in _TYPES
    ]
    priorities = [_PRIORITIES[found[1]] for name in named if (found := _PRIORITY.match(name))]
    state = word(record.get("state") or "open")
    reason = word(record.get("stateReason") or "")
    closed = state == "closed"
    column = "backlog" if not closed else "cancelled" if reason in _CANCELLED else "done"
    given = {
        "title": ("title", title),
        "description": ("body", record.get("body")),
        "column": ("state", column if state in ("open", "closed") else None),
        "type": ("labels", kinds[0] if kinds else None),
        "priority": ("labels", priorities[0] if priorities else None),
        "labels": ("labels", labels),
        "assignee": ("assignees", people[0] if people else None),
        "epic": ("milestone", _milestone(place, record.get("milestone"), milestones)),
        "created_at": ("createdAt", record.get("createdAt")),
        "completed_at": ("closedAt", record.get("closedAt") if column == "done" else None),
    }
    rest = {name: value for name, value in record.items() if name not in _MAPPED}
    rest["assignees"] = people[1:]
    if state not in ("open", "closed"):
        rest["state"] = record["state"]
    if column == "cancelled":
        rest["stateReason"], rest["closedAt"] = record.get("stateReason"), record.get("closedAt")
    url = record.get("url")
    return item(
        "task", place, str(number), given, rest,
        wanted=f"GH-{number}", url=url if isinstance(url, str) else None,
    )  # fmt: skip


def _milestone(place: str, given: Any, known: dict[str, Item]) -> str | None:
    if not isinstance(given, Mapping) or not str(given.get("title") or "").strip():
        return None
    title = str(given["title"]).strip()
    name = f"milestone {given.get('number') or title}"
    if name not in known:
        rest = {key: value for key, value in given.items() if key not in ("number", "title", "description")}
        known[name] = item(
            "epic", place, name,
            {"title": ("title", title), "description": ("description", given.get("description"))}, rest,
            wanted=slug(title, f"milestone-{len(known) + 1}"),
        )  # fmt: skip
    return name


def _list(record: Mapping[str, Any], name: str) -> list[Any]:
    found = record.get(name)
    return found if isinstance(found, list) else []


def _text(value: Any, key: str) -> str:
    return str(value.get(key) or "") if isinstance(value, Mapping) else str(value)
