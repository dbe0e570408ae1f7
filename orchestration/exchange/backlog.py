"""Tasks of Backlog.md: one Markdown file each, YAML between two lines `---` and sections below.

The sections Description and Acceptance Criteria have fields of ours; the others are kept as metadata. A
milestone is a goal that many tasks name: an epic. The YAML is read by our own codec, so whatever is no
plain data is refused with its file and line.
"""

import re
from typing import Any

from orchestration import codec
from orchestration.errors import InvalidData
from orchestration.exchange.items import Batch, File, Item, item, slug, word

_COLUMNS = {
    "draft": "backlog", "backlog": "backlog", "to do": "todo", "todo": "todo", "open": "todo",
    "ready": "todo", "blocked": "todo", "in progress": "in_progress", "doing": "in_progress",
    "active": "in_progress", "review": "review", "in review": "review", "testing": "review", "qa": "review",
    "done": "done", "complete": "done", "completed": "done", "closed": "done", "cancelled": "cancelled",
    "canceled": "cancelled", "won't do": "cancelled", "wont do": "cancelled", "archived": "cancelled",
}  # fmt: skip
# "task" says no more than that it is one.
_TYPES = {
    "bug": "bug", "feature": "feature", "enhancement": "feature", "chore": "chore", "docs": "docs",
    "test": "test", "infra": "infra", "design": "design", "task": None,
}  # fmt: skip
_MAPPED = {
    "id", "title", "status", "assignee", "created_date", "updated_date", "labels", "milestone", "dependencies",
    "parent_task_id", "priority", "type", "references",
}  # fmt: skip
_MARKER = re.compile(r"<!-- [A-Z_:]+:(BEGIN|END) -->\s*\Z")
_CRITERION = re.compile(r"^- \[([ xX])\] (?:#[0-9]+ )?(.+)$")
_WORKING = ("in_progress", "review")


def parse(files: list[File]) -> Batch:
    """Return the tasks and milestones; InvalidData names file and line of what does not parse."""
    milestones: dict[str, Item] = {}
    tasks: dict[str, Item] = {}
    origin = None
    for file in files:
        if file.name.endswith("config.yml"):
            origin = _origin(file)
            continue
        front, body = _split(file)
        if file.name.startswith("milestones/"):
            milestone = _milestone(file, front, body)
            milestones[milestone.id] = milestone
            continue
        task = _task(file, front, body, milestones)
        if task.id in tasks:
            raise InvalidData(f"{file.name}, line 1: {task.id} stands in two files", hint="keep one of them")
        tasks[task.id] = task
    named = {task.fields.get("epic") for task in tasks.values()}
    used = [one for name, one in milestones.items() if name in named]
    return Batch("backlog", [*used, *tasks.values()], origin)


def _split(file: File) -> tuple[dict[str, Any], str]:
    """Return the YAML at the top of a file and the Markdown below it."""
    text = file.text.replace("\r\n", "\n")
    lines = text.split("\n")
    if lines[0].strip() != "---":
        raise InvalidData(f"{file.name}, line 1: no `---` opens the front matter", hint="is it a task file?")
    try:
        end = next(number for number, line in enumerate(lines[1:], 1) if line.strip() == "---")
    except StopIteration:
        raise InvalidData(
            f"{file.name}, line {len(lines)}: no `---` closes the front matter", hint="put the line back"
        ) from None
    # The first line stays, empty, so that the codec counts lines as the file has them.
    front = codec.load("\n".join(["", *lines[1:end]]).encode(), name=file.name)
    if not isinstance(front, dict):
        raise InvalidData(f"{file.name}, line 2: the front matter is no mapping", hint="is it a task file?")
    return front, "\n".join(lines[end + 1 :])


def _origin(file: File) -> str | None:
    config = codec.load(file.text.encode(), name=file.name)
    name = config.get("project_name") if isinstance(config, dict) else None
    return str(name).strip() or None if name is not None else None


def _milestone(file: File, front: dict[str, Any], body: str) -> Item:
    name = str(front.get("id") or file.name)
    title = str(front.get("title") or name)
    given = {"title": ("title", title), "description": ("description", _sections(body).get("Description"))}
    rest = {key: value for key, value in front.items() if key not in ("id", "title")}
    return item("epic", file.name, name, given, rest, wanted=slug(title, name))


def _task(file: File, front: dict[str, Any], body: str, milestones: dict[str, Item]) -> Item:
    for field in ("id", "title"):
        if front.get(field) in (None, ""):
            raise InvalidData(f"{file.name}, line 2: the task has no {field}", hint=f"write its {field}")
    name = str(front["id"])
    sections = _sections(body)
    rest = {key: value for key, value in front.items() if key not in _MAPPED}
    given = {"title": ("title", front["title"]), **_state(file, front, rest), **_people(front, rest)}
    criteria, checked = _criteria(sections.pop("Acceptance Criteria", None))
    given |= {
        "description": ("description", sections.pop("Description", None)),
        "acceptance": ("acceptance", criteria),
        "labels": ("labels", front.get("labels")),
        "artifacts": ("references", front.get("references")),
        "depends_on": ("dependencies", front.get("dependencies")),
        "parent": ("parent_task_id", front.get("parent_task_id")),
        "created_at": ("created_date", front.get("created_date")),
        "epic": ("milestone", _epic(file, front.get("milestone"), milestones)),
    }
    rest["acceptance_checked"] = checked
    rest |= {_key(heading): text for heading, text in sections.items()}
    return item("task", file.name, name, given, rest)


def _state(file: File, front: dict[str, Any], rest: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """Return column, type, priority and the times that follow from the column."""
    state, kind = word(front.get("status") or "to do"), word(front.get("type") or "task")
    column = "backlog" if file.name.startswith("drafts/") else _COLUMNS.get(state, "todo")
    if state not in _COLUMNS:
        rest["status"] = front["status"]
    if kind not in _TYPES:
        rest["type"] = front["type"]
    updated = front.get("updated_date")
    return {
        "column": ("status", column),
        "blocked": ("status", "blocked in Backlog.md" if state == "blocked" else None),
        "type": ("type", _TYPES.get(kind)),
        "priority": ("priority", front.get("priority")),
        # The last time a finished file was touched is the only word there is on when it was finished.
        "completed_at": ("updated_date", updated if column == "done" else None),
        "started_at": ("updated_date", updated if column in _WORKING else None),
    }


def _people(front: dict[str, Any], rest: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    people = front.get("assignee")
    named = people if isinstance(people, list) else [] if people in (None, "") else [people]
    rest["assignee"] = named[1:]
    return {"assignee": ("assignee", named[0] if named else None)}


def _epic(file: File, milestone: Any, milestones: dict[str, Item]) -> str | None:
    if milestone in (None, ""):
        return None
    name = str(milestone)
    if name not in milestones:
        by_title = [one.id for one in milestones.values() if word(one.fields.get("title")) == word(name)]
        if by_title:
            return by_title[0]
        milestones[name] = item(
            "epic", file.name, name, {"title": ("title", name)}, {}, wanted=slug(name, "milestone")
        )
    return name


def _sections(body: str) -> dict[str, str]:
    """Return the text below each heading, without the program's own markers; blank ones are left out.

    Between two markers a line that looks like a heading is the person's own.
    """
    found: dict[str, list[str]] = {}
    heading, marked = "text", False
    for line in body.split("\n"):
        marker = _MARKER.match(line)
        if marker:
            marked = marker[1] == "BEGIN"
        elif line.startswith("## ") and not marked:
            heading = line[3:].strip() or "text"
        else:
            found.setdefault(heading, []).append(line)
    texts = {name: "\n".join(lines).strip() for name, lines in found.items()}
    return {name: text for name, text in texts.items() if text}


def _criteria(text: str | None) -> tuple[list[str], list[str]]:
    """Return the acceptance criteria, and those that are checked."""
    every, checked = [], []
    for line in (text or "").split("\n"):
        match = _CRITERION.match(line.strip())
        if match:
            every.append(match[2].strip())
            if match[1] != " ":
                checked.append(match[2].strip())
    return every, checked


def _key(heading: str) -> str:
    return re.sub(r"\W+", "_", heading.casefold()).strip("_") or "text"
