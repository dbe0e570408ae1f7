"""A draft of an epic: features and their tasks, as somebody wrote them down, before there are any records.

    {"title": "…", "features": [{"title": "…", "tasks": [{"title": "…", "points": 3, …}]}]}

A list of features, or of tasks, alone is a draft as well. A task names what it depends on by the key or
the title of another task of the draft, or by the id of a task that exists.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from orchestration import codec
from orchestration.domain import epics, fields, suitability, task_fields, values
from orchestration.domain.project import Project
from orchestration.domain.records import TASK_TYPES, Document
from orchestration.errors import InvalidData, Refused

NAME = "the draft"
FORMAT: Mapping[str, Any] = {
    "title": "TEXT, what the epic is called (optional)",
    "description": "TEXT (optional)",
    "priority": "1-5 or critical, high, medium, low, lowest (optional)",
    "features": [
        {
            "title": "TEXT, what users get",
            "tasks": [
                {
                    "title": "TEXT, what is to be done",
                    "key": "WORD, for depends_on of other tasks (optional)",
                    "points": "NUMBER of story points, null while not estimated",
                    "type": f"{' | '.join(TASK_TYPES)} (default: what the title says)",
                    "priority": "1-5 or critical, high, medium, low, lowest (default 3)",
                    "depends_on": ["KEY or TITLE of a task here, or the ID of one that exists"],
                    "labels": ["WORD, such as a skill it needs"],
                    "team": "TEAM (optional)",
                    "description": "TEXT (optional)",
                    "acceptance": ["TEXT, a criterion (optional)"],
                }
            ],
        }
    ],
}
"""The form of a draft, each value said in words."""
_EPIC = ("title", "description", "priority")
_TASK = ("title", "points", "type", "priority", "labels", "team", "description", "acceptance")
_KEYED = ("key", "depends_on")


class Item(NamedTuple):
    """A task to be planned: one of a draft, or one that exists."""

    ref: str
    """Its key in the draft, else its number such as `#3`, or its id when it exists."""
    task: Document
    needs: tuple[str, ...]
    """The refs of other items it depends on."""
    existing: tuple[str, ...]
    """The ids of tasks outside the plan it depends on."""


def read(text: str) -> Any:
    """Return the JSON or YAML value that a draft is written in; InvalidData with line and column otherwise."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass  # it may be YAML of this form; if not, that reader says the place
    return codec.load(text.encode("utf-8", "surrogateescape"), name=NAME)


def epic_fields(draft: Any) -> Document:
    """Return what a draft says of the epic itself."""
    if not isinstance(draft, Mapping):
        return {}
    return {
        name: fields.written(epics.SCHEMA, name, draft[name]) for name in _EPIC if draft.get(name) is not None
    }


def items(draft: Any, project: Project) -> list[Item]:
    """Return the tasks of a draft in the order they stand; InvalidData names the place of what is wrong."""
    written: list[tuple[str, Document, list[str]]] = []
    for place, feature, given in _tasks(draft):
        task, key, needs = _task(place, feature, given)
        ref = key or f"#{len(written) + 1}"
        if any(other.casefold() == ref.casefold() for other, _, _ in written):
            raise InvalidData(
                f"{NAME}: two tasks have the key {ref!r}", hint="give each task a key of its own"
            )
        written.append((ref, task, needs))
    if not written:
        raise InvalidData(
            f"{NAME} has no tasks", hint='use {"features": [{"title": "…", "tasks": [{"title": "…"}]}]}'
        )
    return [_linked(ref, task, needs, written, project) for ref, task, needs in written]


def of_tasks(tasks: Sequence[Document]) -> list[Item]:
    """Return existing tasks as items."""
    here = {str(task["id"]) for task in tasks}
    found = []
    for task in tasks:
        needs = [str(name) for name in task.get("depends_on") or []]
        inside = tuple(name for name in needs if name in here)
        found.append(Item(str(task["id"]), task, inside, tuple(name for name in needs if name not in here)))
    return found


def _tasks(draft: Any) -> list[tuple[str, str | None, Any]]:
    """Return (place, feature, task as written) of every task of a draft."""
    features = draft.get("features", draft.get("tasks")) if isinstance(draft, Mapping) else draft
    if isinstance(draft, Mapping):
        _known(NAME, draft, (*_EPIC, "features", "tasks"))
    if not isinstance(features, list):
        raise InvalidData(
            f"{NAME} has no list of features", hint='use {"features": [{"title": "…", "tasks": […]}]}'
        )
    found: list[tuple[str, str | None, Any]] = []
    for number, one in enumerate(features):
        place = f"features[{number}]"
        if not isinstance(one, Mapping) or "tasks" not in one:
            found.append((place, None, one))
            continue
        _known(f"{NAME}: {place}", one, ("title", "description", "tasks"))
        title = values.text(f"{place}.title", one.get("title")).strip()
        if not isinstance(one["tasks"], list):
            raise InvalidData(f"{NAME}: {place}.tasks is not a list", hint='use [{"title": "…"}]')
        found += [(f"{place}.tasks[{n}]", title, task) for n, task in enumerate(one["tasks"])]
    return found


def _known(place: str, given: Mapping[Any, Any], names: Sequence[str]) -> None:
    for name in given:
        if name not in names:
            near = values.nearest(str(name), names)
            raise InvalidData(
                f"{place} has no field {name!r}",
                hint=f"did you mean {near[0]!r}?" if near else f"fields: {', '.join(names)}",
            )


def _task(place: str, feature: str | None, given: Any) -> tuple[Document, str | None, list[str]]:
    if isinstance(given, str):
        given = {"title": given}
    if not isinstance(given, Mapping):
        raise InvalidData(f"{NAME}: {place} is not an object", hint='use {"title": "…", "points": 3}')
    _known(f"{NAME}: {place}", given, (*_TASK, *_KEYED))
    try:
        title = values.text("title", given.get("title")).strip()
        task: Document = {"title": title, "type": suitability.guess_type(title)[0]}
        for name in _TASK[1:]:
            if given.get(name) is not None:
                task[name] = fields.written(task_fields.SCHEMA, name, given[name])
        key = given.get("key")
        key = None if key is None else values.text("key", key).strip()
        needs = given.get("depends_on")
        if not isinstance(needs, list):
            # A title may hold a comma: plain text is one name.
            needs = [] if needs is None else [needs]
        names = [values.text("depends_on", name).strip() for name in needs]
    except InvalidData as error:
        raise InvalidData(f"{NAME}: {place}.{error.message}", hint=error.hint) from None
    if feature is not None:
        task["feature"] = feature
    return task, key, list(dict.fromkeys(names))


def _linked(
    ref: str,
    task: Document,
    needs: list[str],
    written: list[tuple[str, Document, list[str]]],
    project: Project,
) -> Item:
    inside, outside = [], []
    for name in needs:
        folded = name.casefold()
        by_key = [other for other, _, _ in written if other.casefold() == folded]
        found = by_key or [other for other, one, _ in written if one["title"].casefold() == folded]
        if len(found) > 1:
            raise InvalidData(
                f"{NAME}: {task['title']!r} depends on {name!r}, which is the title of {len(found)} tasks",
                hint="give them keys, and name one",
            )
        if found == [ref]:
            raise Refused(f"{task['title']!r} depends on itself", hint="take that out of its depends_on")
        if found:
            inside += found
        elif project.task_key(name) is not None:
            outside.append(name)
        else:
            near = values.nearest(name, [one["title"] for _, one, _ in written])
            raise InvalidData(
                f"{NAME}: {task['title']!r} depends on {name!r}, which is neither in it nor in the project",
                hint=f"did you mean {near[0]!r}?" if near else "use a key, a title, or the id of a task",
            )
    return Item(ref, task, tuple(dict.fromkeys(inside)), tuple(outside))
