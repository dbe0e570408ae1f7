"""`/state reset`: back to how the session began, after the word RESET was typed."""

from typing import Any

from orchestration.claude import plans
from orchestration.claude.client import Answer, Client
from orchestration.domain import reset as rules
from orchestration.english import counted
from orchestration.errors import BadUsage
from orchestration.history import changes
from orchestration.history import plans as kept
from orchestration.store import draft

Arguments = dict[str, Any]
WORD = "RESET"


def reset(client: Client, given: Arguments) -> Answer:
    """Show what a reset would take away; with RESET typed behind it, do what was shown."""
    if given["reset"] not in (None, WORD):
        raise BadUsage(
            f"{given['reset'][:40]!r} is not {WORD}", hint=f"type it in capitals: /state reset {WORD}"
        )
    if client.session is None:
        if not given["project"]:
            return Answer(
                "There is nothing to reset: this client has no session yet. --project resets the board."
            )
        client.who()  # the board is reset for a session, which has to be there
    arguments = {
        "session": client.session,
        "project": given["project"],
        "partial": rules.names(given["partial"]),
        "preserve": rules.names(given["preserve"]),
        "force": given["force"],
    }
    if given["yes"] and not given["dry_run"]:
        return perform(client, "reset", arguments, lambda _: None)
    plan = kept.latest(client.store, "reset", arguments, now=client.now) if given["reset"] else None
    if plan is not None and not given["dry_run"]:
        return perform(client, "reset", arguments, lambda tx: plans.use(client, tx, plan))
    return _preview(client, given, arguments)


def _preview(client: Client, given: Arguments, arguments: Arguments) -> Answer:
    tx = draft.start(client.store, author=client.actor, now=client.now)
    chosen = rules.choose(tx, arguments, now=client.at)
    if not given["dry_run"] and not given["force"]:
        rules.check_work(chosen)
    if chosen.at_work:
        client.remarks.append(f"warning: being worked on: {', '.join(chosen.at_work)}")
    rules.perform(tx, chosen, known=tx.names("sessions"), now=client.at)
    client.remarks += [f"warning: {warning}" for warning in tx.warnings]
    found = tx.changes()
    scope = f"session {chosen.session[:8]}" + (f" and project {chosen.project}" if chosen.project else "")
    head = f"A reset of {scope} ({', '.join(chosen.parts)}) makes a backup first, and changes:"
    shown = client.show("history.diff", [one._asdict() for one in changes.by_path(found)])
    words = ["/state reset", WORD, *(["--project"] if given["project"] else [])]
    words += [f"--{name} {given[name]}" for name in ("partial", "preserve") if given[name]]
    words += ["--force"] if given["force"] else []
    return plans.offer(
        client, "reset", arguments, found, f"{head}\n{shown}", dry_run=given["dry_run"], line=" ".join(words)
    )


def perform(client: Client, operation: str, arguments: plans.Arguments, confirm: plans.Confirm) -> Answer:  # noqa: ARG001 - as every performer
    """Reset a session: back up, change, verify."""
    with client.transaction() as tx:
        chosen, files, backup = rules.carry_out(tx, arguments, confirm, now=client.at)
    if backup is None:
        return Answer(f"Session {chosen.session[:8]} is as it began already.")
    assert tx.tip is not None
    checked = rules.verify(client.store.snapshot(tx.tip.oid), files)
    lines = [
        client.show("history.diff", [one._asdict() for one in changes.by_path(files)]),
        f"✓ Reset session {chosen.session[:8]}"
        + (f" and project {chosen.project}" if chosen.project else ""),
        f"Verified: {counted(checked, 'file')}; backup {backup}",
        f"Restore: /state restore {backup}",
        f"{plans.undo_line(client)}",
    ]
    return Answer("\n".join(lines))
