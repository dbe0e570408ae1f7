"""`/orchestrate sprint …`, `/next-sprint` and `/archive`."""

import json
from typing import Any

from orchestration.claude import figures, looking, named, plans
from orchestration.claude.client import Answer, Client
from orchestration.domain import status

Arguments = dict[str, Any]


def start(client: Client, given: Arguments) -> Answer:
    """Start a sprint, the next planned one unless it is named."""
    teams = [name.strip() for name in (given.get("team") or "").split(",") if name.strip()]
    arguments = {
        **_common(client),
        "sprint": named.sprint(given["sprint"]),
        "days": given.get("days"),
        "teams": teams,
        "force": given.get("force"),
    }
    return plans.propose(client, "sprint start", arguments, yes=given["yes"], dry_run=given["dry_run"])


def stop(client: Client, given: Arguments) -> Answer:
    """End a sprint, carrying its open tasks over."""
    yes = given["yes"] or given["force"]
    return plans.propose(client, "sprint stop", _ending(client, given), yes=yes, dry_run=given["dry_run"])


def archive(client: Client, given: Arguments) -> Answer:
    """Archive a completed sprint."""
    arguments = _ending(client, given)
    return plans.propose(client, "sprint archive", arguments, yes=given["yes"], dry_run=given["dry_run"])


def _ending(client: Client, given: Arguments) -> Arguments:
    return {
        **_common(client),
        "sprint": named.sprint(given["sprint"]),
        "carry_to": named.sprint(given["carry_to"]),
        "force": given["force"],
    }


def _common(client: Client) -> Arguments:
    return {"project": client.project().id, "session": plans.acting(client)}


def show(client: Client, given: Arguments) -> Answer:
    """Show how a sprint stands."""
    project = client.project()
    chosen = looking.chosen(client, project, given["sprint"])
    shape = given["format"] or "detailed"
    if chosen is None:
        return Answer(client.show("sprint_status.none", {"project": project.id, "sprint": None}))
    lives = figures.look(client, chosen["id"]).lives
    shown = looking.last_events(client, project, status.EVENTS_SHOWN)
    document = status.status(project, chosen, lives, events=shown)
    if shape == "json":
        return Answer(json.dumps(document, indent=2, ensure_ascii=False))
    if shape == "summary":
        return Answer(client.show("sprint_status.summary", status.summary(document)))
    return Answer(client.show("sprint_status.status", document))
