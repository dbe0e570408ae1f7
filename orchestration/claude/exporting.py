"""`/sprint-export`: the tasks of a sprint in a file."""

import os
from typing import Any

from orchestration.claude import looking
from orchestration.claude.client import Answer, Client
from orchestration.english import counted
from orchestration.errors import BadUsage, NotFound
from orchestration.exchange import exports


def export(client: Client, given: dict[str, Any]) -> Answer:
    """Write the tasks of a sprint to a file and say where it is."""
    project = client.project()
    chosen = looking.chosen(client, project, given["sprint"])
    if chosen is None:
        raise NotFound(
            f"project {project.id!r} has no current sprint", hint="name one: /sprint-export md #SPRINT"
        )
    form = given["form"] or "md"
    path = client.cwd / f"{project.id}-{chosen['id']}.{form}"
    if path.is_dir():
        raise BadUsage(f"{path} is a folder", hint="move it away")
    found = exports.of_project(project, chosen)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(exports.written(found, form), "utf-8", newline="")
        beside.replace(path)  # a reader sees the old file or the new one
    finally:
        beside.unlink(missing_ok=True)
    count = len(found["tasks"])
    return Answer(f"✓ Wrote {counted(count, 'task')} of {chosen['id']} to\n{path}")
