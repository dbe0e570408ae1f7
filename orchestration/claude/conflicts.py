"""`/state conflicts` and `/state resolve`: what two machines changed to different values."""

import json
from typing import Any

from orchestration.claude.changing import change
from orchestration.claude.client import Answer, Client
from orchestration.domain import conflicts as records
from orchestration.domain import resolving
from orchestration.errors import BadUsage
from orchestration.paths import MISSING
from orchestration.store import machine
from orchestration.views import conflicts as views


def listing(client: Client, given: dict[str, Any]) -> Answer:
    """List the conflicts of the project, or of the whole store."""
    project = None if given["all"] else client.project().id
    rows = records.listing(client.snapshot, project=project, machine=machine.known(client.store.private))
    shown = client.show("conflicts.listing", rows, project=project)
    how = (
        "\n\n/state resolve ID --ours, --theirs or --value V decides; without an option, what stands is kept."
    )
    return Answer(shown + (how if rows else ""))


def resolve(client: Client, given: dict[str, Any]) -> Answer:
    """Decide a conflict."""
    chosen = [side for side in ("ours", "theirs") if given[side]]
    if len(chosen) + (given["value"] is not None) > 1:
        raise BadUsage("--ours, --theirs and --value exclude each other", hint="give one of them")
    side = chosen[0] if chosen else None
    value = MISSING if given["value"] is None else _value(given["value"], is_json=given["json"])
    done = change(
        client,
        lambda tx, _, who: resolving.resolve(
            tx, given["conflict"], side=side, value=value, session=who.session, now=client.at
        ),
    )
    before, after = (views.value(done.document()[name]) for name in ("before", "after"))
    return Answer(f"✓ Resolved {done.path}: {after if before == after else f'{before} -> {after}'}")


def _value(written: str, *, is_json: bool) -> Any:
    if not is_json:
        return written
    try:
        return json.loads(written)
    except ValueError:
        raise BadUsage(f"{written[:60]!r} is not JSON", hint="leave --json out for text") from None
