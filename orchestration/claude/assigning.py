"""`/autoassign`: tasks that wait in todo find agents with free slots."""

from typing import Any

from orchestration.claude import plans
from orchestration.claude.client import Answer, Client


def autoassign(client: Client, given: dict[str, Any]) -> Answer:
    """Show who would get which task, and the line that gives them."""
    arguments = {"project": client.project().id, "session": plans.acting(client)}
    return plans.propose(client, "autoassign", arguments, yes=given["yes"], dry_run=given["dry_run"])
