"""`/state restore`: the backups there are, and putting back what one of them holds."""

from typing import Any

from orchestration.claude import plans
from orchestration.claude.client import Answer, Client
from orchestration.errors import BadUsage
from orchestration.history import backups, changes
from orchestration.history.backups import Scope
from orchestration.store import draft

Arguments = dict[str, Any]


def restore(client: Client, given: Arguments) -> Answer:
    """List backups, or restore this session and its project from one; --all is the whole store."""
    if given["name"] is None:
        rows = [backups.document(tag) for tag in backups.every(client.store)]
        text = client.show(
            "backups.listing", rows, empty="There are no backups: /config backup create makes one."
        )
        return Answer(text + ("\nRestore one with /state restore NAME." if rows else ""))
    if given["path"] is not None and given["all"]:
        raise BadUsage("--path names one place", hint="leave out --all")
    backup = backups.find(client.store, given["name"])
    whole = given["all"] or given["path"] is not None
    held = client.store.snapshot(backup.commit)
    mine = [client.session] if client.session and held.exists("sessions", client.session) else []
    arguments = {
        "name": backup.name,
        "sessions": [] if whole else mine,
        "projects": [] if whole else [client.project().id],
        "path": given["path"],
        "session": client.session,
    }
    if given["yes"] and not given["dry_run"]:
        return perform(client, "backup restore", arguments, lambda _: None)
    tx = draft.start(client.store, author=client.actor, now=client.now)
    backups.restore(tx, backup, Scope.of(arguments))
    client.remarks += [f"warning: {warning}" for warning in tx.warnings]
    found = tx.changes()
    shown = client.show("history.diff", [one._asdict() for one in changes.by_path(found)])
    head = f"Restoring {Scope.of(arguments)} from {backup.name} keeps a backup of the present, and changes:"
    return plans.offer(
        client, "backup restore", arguments, found, f"{head}\n{shown}", dry_run=given["dry_run"]
    )


def perform(client: Client, operation: str, arguments: plans.Arguments, confirm: plans.Confirm) -> Answer:  # noqa: ARG001 - as every performer
    """Restore a backup: back up the present, then change."""
    scope = Scope.of(arguments)
    with client.transaction() as tx:
        backup, files, before = backups.carry_out(
            tx, arguments["name"], scope, confirm, session=client.session
        )
    if before is None:
        return Answer(f"Everything is as in {backup.name} already.")
    lines = [
        client.show("history.diff", [one._asdict() for one in changes.by_path(files)]),
        f"✓ Restored {scope} from {backup.name}",
        f"The state before: /state restore {before}",
        plans.undo_line(client),
    ]
    return Answer("\n".join(lines))
