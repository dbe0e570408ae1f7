"""`/retro` and `/save-retro`: looking back at a sprint."""

import json
import shlex
from typing import Any

from orchestration.claude import figures, looking, named, phrases
from orchestration.claude.client import Answer, Client
from orchestration.domain import retros
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.sprint_fields import RETRO_PARTS
from orchestration.errors import BadUsage, NotFound
from orchestration.views.layout import clean

Arguments = dict[str, Any]


def retro(client: Client, given: Arguments) -> Answer:
    """Show what happened in a sprint, and the sections people write; with --discuss the model leads through it."""
    project = client.project()
    sprint = _sprint(client, project, given["sprint"])
    found = figures.look(client, sprint["id"])
    document = retros.facts(project, sprint, found.lives)
    shown = client.show("retro.retro", document)
    return (
        Answer(_discussion(client, project, document, shown), for_model=True)
        if given["discuss"]
        else Answer(shown)
    )


def save(client: Client, given: Arguments) -> Answer:
    """Write down sections of a retrospective."""
    if not (given["text"] or "").strip():
        raise BadUsage("there is nothing to save", hint=f"/save-retro {retros.FORM}")
    sections = retros.parse(given["text"])
    sprint = _sprint(client, client.project(), given["sprint"])
    who = client.who()
    with client.transaction() as tx:
        project = Project(tx, client.project().id, now=client.at)
        after = retros.save(tx, project, sprint["id"], sections, session=who.session)
    counts = ", ".join(
        f"{name.replace('_', ' ')} {len(after['retro'].get(name) or [])}" for name in RETRO_PARTS
    )
    lines = [f"✓ Saved the retrospective of {sprint['id']}: {counts}"]
    lines += [f"  {name.replace('_', ' ')}: {clean(item)}" for name in sections for item in sections[name]]
    return Answer("\n".join(lines))


def _sprint(client: Client, project: Project, given: str | None) -> Document:
    found = looking.chosen(client, project, given) if given else retros.latest(project, client.bound_sprint)
    if found is None:
        raise NotFound(
            f"project {project.id!r} has no sprint to look back at",
            hint=f"make one: `shared_state create-sprint {project.id} ID NAME`",
        )
    return found


def _discussion(client: Client, project: Project, document: Document, shown: str) -> str:
    name = document["sprint"]["id"]
    script = phrases.script(client, "shared_state")
    draft = json.dumps({"retro": {"well": ["…"], "not_well": ["…"], "actions": ["…"]}}, ensure_ascii=False)
    return "\n".join(
        [
            f"The user wants to hold the retrospective of sprint {named.sprint(name)}. {phrases.DATA}",
            "",
            phrases.data(shown),
            "",
            "Lead through it: what went well, what did not, what to change. Ask one thing at a time, rest every",
            "statement on the figures above, invent no numbers, and blame nobody. Do not decide for the user.",
            "At the end show the three sections, and once the user agrees, save them:",
            "",
            f"    {script} update-sprint {shlex.quote(project.id)} {shlex.quote(name)} --data '{draft}'",
            "",
            "Sections that are given replace what was saved; others stay. The user can also type:",
            f"    /save-retro {retros.FORM}",
        ]
    )
