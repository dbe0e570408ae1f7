"""A commit in the user's repository that names tasks is an event of these tasks."""

import json
import re
from typing import Any

from orchestration.claude.client import Client
from orchestration.domain import board_actions, fields
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import OrchestrationError

KIND = "task_committed"
_COMMAND = re.compile(r"(?:\A|[\s;&|({`])git(?:\s+-\S+(?:\s+[^\s-]\S*)?)*?\s+commit\b")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]")
_MADE = re.compile(r"^\[\S+(?: [^\]]*)? ([0-9a-f]{7,40})\] ", re.MULTILINE)
_WAITING = ("backlog", "todo")


def note(client: Client, given: dict[str, Any]) -> None:
    """Record a `git commit` that a Bash call made, for each task that it names and the project has.

    Kept are the tasks and the commit's id, no text. With `settings.commit_moves` a task that waits goes to
    in_progress, where the rules of the board allow it.
    """
    asked, came = given.get("tool_input"), given.get("tool_response")
    command = asked.get("command") if isinstance(asked, dict) else None
    output = came.get("stdout") if isinstance(came, dict) else None
    if not isinstance(command, str) or not _COMMAND.search(command):
        return
    said = output if isinstance(output, str) else ""
    project_id = client.project_id(session=client.record, required=False)
    if project_id is None:
        return
    project = Project(client.snapshot, project_id, now=client.at)
    words = dict.fromkeys(_WORD.findall(f"{command}\n{said}"))
    tasks = [task for word in words if (task := project.tasks.get(word)) is not None]
    if not tasks:
        return
    made = _MADE.search(said)
    for task in tasks:
        _record(client, project, task, made[1] if made else None)


def _record(client: Client, project: Project, task: Document, commit: str | None) -> None:
    client.by_model = True  # who committed knows
    who = client.who()
    name = str(task["id"])
    with client.transaction() as tx:
        subject = fields.subject(f"task: {name} committed" + (f" in {commit}" if commit else ""))
        data = json.dumps({"commit": commit}) if commit else None
        tx.emit(KIND, subject, session=who.session, project=project.id, task=name, data=data)
    if project.settings.get("commit_moves") is True and task.get("column") in _WAITING:
        try:
            with client.transaction() as tx:
                now = Project(tx, project.id, now=client.at)
                board_actions.move(tx, now, name, "in_progress", client.who(), force=None, reopen=None)
        except OrchestrationError:
            return  # a limit or a dependency stands in the way: the event is all there is
