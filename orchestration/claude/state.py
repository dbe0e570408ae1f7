"""`/state`: what the session sees, read and written by path, and what it amounts to."""

import importlib
import json
import re
from typing import Any

from orchestration import paths
from orchestration.claude import figures, looking, named, reading, usage
from orchestration.claude.client import Answer, Client
from orchestration.claude.table import FAMILIES
from orchestration.domain import filters, sprints, state_summary, task_flags, values
from orchestration.domain.records import SPRINT_STATUSES
from orchestration.domain.writing import Writer
from orchestration.errors import BadUsage, NotFound
from orchestration.history import changes
from orchestration.store import layout
from orchestration.views.layout import clean

Arguments = dict[str, Any]
_CHANGES = 10
_COMMENT = re.compile(r"(?:^|\s+)#\s.*\Z", re.DOTALL)
_EXAMPLES = (
    ("/state get sprint.current", "a value by its path"),
    ("/state get $.sprint.tasks[?(@.status=='blocked')]", "a question in JSONPath"),
    ("/state set tasks.TASK-1.priority 1", "write a value"),
    ("/state summary", "health, counts, attention, trends"),
    ("/state tasks --status in_progress", "tasks by status, with what wants a look"),
    ("/state history tasks.TASK-1", "who changed it, when"),
    ("/state diff yesterday", "what is different since"),
    ("/state reset --dry-run", "what a reset would take away"),
)


def front(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show the parts of the state, examples, and the last changes."""
    rows = state_summary.parts(client.project(), client.record)
    shown = looking.last_events(client, client.project(), _CHANGES)
    return Answer(client.show("state.front", {"project": client.project().id, "parts": rows, "events": shown},
                              commands=_EXAMPLES))  # fmt: skip


def get(client: Client, given: Arguments) -> Answer:
    """Print the value at a path; without one, the names at the top."""
    if given["at"]:
        reading.look_at(client, given["at"])
    view = reading.view(client)
    path = _COMMENT.sub("", given["path"] or "")
    if not path:
        whole = view.whole()
        if given["format"] == "json":
            return Answer(reading.as_text(whole))
        return Answer(client.show("state.keys", whole))
    value = view.find(path)[1] if path.startswith("$") else view.get(paths.parse(path))
    if given["format"] == "table":
        return Answer(client.show("state.value", value))
    return Answer(
        json.dumps(value, indent=2, ensure_ascii=False) if given["format"] else reading.as_text(value)
    )


def set_(client: Client, given: Arguments) -> Answer:
    """Write the value at a path and show what that changed."""
    path, text = given["path"], given["value"]
    if path.startswith("$"):
        raise BadUsage(
            "a write needs one place, not a JSONPath", hint="use dots: /state set tasks.TASK-1.priority 1"
        )
    if given["merge"] and given["json"]:
        raise BadUsage("--merge takes JSON already", hint="leave out --json")
    place = paths.parse(path)
    value = reading.json_value(text) if given["merge"] or given["json"] else text
    if given["merge"] and not isinstance(value, dict):
        raise BadUsage("VALUE is not a JSON object", hint='such as {"status": "done"}')
    who = client.who()
    assert who.session is not None, "a write has a session"
    with client.transaction() as tx:
        writer = Writer(tx, who.session, now=client.at, actor=who.actor)
        key = writer.file_key(place)
        if given["merge"]:
            writer.merge(place, value)
        else:
            writer.set(place, value)
        found = changes.by_path(tx.changes())
    client.remarks += [f"warning: {clean(notice)}" for notice in writer.notices]
    if not found:
        return Answer(f"{path} is so already: nothing was changed.")
    lines = [f"✓ Set {path}" + (f" ({layout.file_of(*key)})" if key else "")]
    lines.append(client.show("history.diff", [one._asdict() for one in found]))
    if client.commits:
        lines.append(f"Undo: /undo {client.commits.pop()[:12]}")
    return Answer("\n".join(lines))


def summary(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show how healthy the work is, counts, what wants attention, and trends."""
    return Answer(client.show("state.summary", state_summary.summary(*figures.look(client))))


def tasks(client: Client, given: Arguments) -> Answer:
    """Show tasks by status, with what wants a look."""
    project = client.project()
    assignee = "none" if given["unassigned"] else given["assigned_to"]
    wanted = filters.given(
        status=given["status"], assignee=assignee, sprint=named.sprint(given["sprint"]),
        priority=given["priority"], blocked="true" if given["blocked"] else None,
    )  # fmt: skip
    days = values.number("--age", given["age"].removesuffix("d"), low=0) if given["age"] else None
    updated = client.index.updated(layout.folder_of("projects", project.id, "tasks"))
    return Answer(
        client.show("state.tasks", task_flags.grouped(project, updated, criteria=wanted, days=days))
    )


def sprints_(client: Client, given: Arguments) -> Answer:
    """List sprints, newest first."""
    project = client.project()
    status = values.choice("--status", given["status"], SPRINT_STATUSES) if given["status"] else None
    rows = [
        sprints.view(one, project.tasks_of(name), config=project.config)
        for name, one in project.sprints.items()
        if status in (None, one["status"]) and (given["archived"] or not one.get("archived"))
    ]
    rows.sort(
        key=lambda row: (row["start_date"] or row["created_at"], row["created_at"], row["id"]), reverse=True
    )
    return Answer(client.show("tables.sprints", rows, project=project.id))


def monitor(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show what `/monitor` shows."""
    family = FAMILIES.get("monitor")
    if family is None or "" not in family.forms:
        raise NotFound("there is no command /monitor", hint="/state summary shows the main figures")
    command = family.forms[""]
    module, _, function = command.handler.partition(":")
    handler = getattr(importlib.import_module(f"orchestration.claude.{module}"), function)
    found: Answer = handler(client, usage.parse(command.usage, "", [], said="/monitor"))
    return found
