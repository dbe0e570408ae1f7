"""`/config backup`: keeping the present state by name, what there is, and what differs; and files of configuration."""

from typing import Any

from orchestration.claude import changing, config, plans, restoring
from orchestration.claude.client import Answer, Client
from orchestration.domain import config_actions, values
from orchestration.domain.project import Project
from orchestration.errors import BadUsage, NotFound, Refused
from orchestration.history import backups, changes, moments
from orchestration.history import plans as kept_plans
from orchestration.store import draft

Arguments = dict[str, Any]


def create(client: Client, given: Arguments) -> Answer:
    """Back up the present state; the backup holds everything and takes no room."""
    if not client.store.exists:
        raise NotFound("there is no store yet: nothing to back up", hint="the first write makes it")
    who = client.who()
    with client.transaction() as tx:
        name = backups.create(tx, given["name"])
        tx.emit("backup_created", f"backup: create {name}", session=who.session)
    client.commits.clear()
    return Answer(f"✓ Created {name}\nBack to it: /config backup restore {name}")


def listing(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """List backups, newest first."""
    rows = [backups.document(tag) for tag in backups.every(client.store)]
    empty = "There are no backups: /config backup create makes one."
    return Answer(client.show("backups.listing", rows, empty=empty))


def restore(client: Client, given: Arguments) -> Answer:
    """Show what restoring a backup changes, and the line that does it."""
    if given["name"] is None and not backups.every(client.store):
        return listing(client, given)
    return restoring.restore(client, given)


def diff(client: Client, given: Arguments) -> Answer:
    """Show by path what differs between two backups, or one and the present."""
    first = _commit(client, given["old"])
    second = _commit(client, given["new"]) if given["new"] is not None else None
    rows = changes.by_path(backups.compare(client.store, first, second))
    return Answer(client.show("history.diff", [one._asdict() for one in rows]))


def _commit(client: Client, name: str) -> str:
    try:
        return backups.find(client.store, name).commit
    except NotFound:
        found = moments.revision(client.store, name) if client.store.exists else None
        if found is None:
            raise
        return found


def clean(client: Client, given: Arguments) -> Answer:
    """Show which old backups would go, and the line that removes them."""
    keep = values.integer("--keep", given["keep"], low=0) if given["keep"] else backups.KEPT
    found = backups.superfluous(backups.every(client.store), now=client.now, keep=keep)
    rows = [backups.document(tag) for tag in found]
    arguments = {"refs": [[tag.name, tag.oid] for tag in found], "rows": rows}
    if given["yes"] and not given["dry_run"] and found:
        return perform_clean(client, "backup clean", arguments, lambda _: None)
    text = client.show("backups.listing", rows, empty="No backup is old enough to go.")
    plan = None
    if found and not given["dry_run"]:
        plan = kept_plans.make(client.store, "backup clean", arguments, [], now=client.now)
    return plans.ending(client, text, plan, anything=bool(found))


def perform_clean(client: Client, _: str, arguments: plans.Arguments, confirm: plans.Confirm) -> Answer:
    """Remove backups; the history keeps what they stood for."""
    with client.transaction() as tx:
        confirm(tx)
        backups.remove(tx, [(name, oid) for name, oid in arguments["refs"]])
    text = client.show("backups.listing", arguments["rows"], empty="No backup went.")
    return Answer(f"{text}\n✓ Removed {len(arguments['refs'])}; the history keeps what they stood for.")


# -- configuration from a file


def import_(client: Client, given: Arguments) -> Answer:
    """Show what a file would change of the configuration, and the line that lays it over."""
    name = config.project_of(client).id
    file = client.cwd / given["file"]
    try:
        change = config_actions.importable(file.read_bytes(), given["file"])
    except FileNotFoundError:
        raise NotFound(
            f"there is no file {given['file'][:200]!r}", hint=f"looked for in {client.cwd}"
        ) from None
    except IsADirectoryError:
        raise BadUsage(f"{given['file'][:200]!r} is a folder", hint="name a file of JSON or YAML") from None
    except OSError as error:
        raise BadUsage(f"cannot read {given['file'][:200]!r}: {error.strerror}") from None
    arguments = {"project": name, "change": change, "session": client.session}
    if given["yes"] and not given["dry_run"]:
        return perform_import(client, "config import", arguments, lambda _: None)
    if not client.store.exists:
        raise Refused("there is no store yet: nothing to compare with", hint="say --yes")
    tx = draft.start(client.store, author=client.actor, now=client.now)
    config_actions.import_(tx, name, change, now=client.at)
    client.remarks += [f"warning: {warning}" for warning in tx.warnings]
    found = tx.changes()
    text = client.show("history.diff", [one._asdict() for one in changes.by_path(found)])
    return plans.offer(client, "config import", arguments, found, text, dry_run=given["dry_run"])


def perform_import(client: Client, _: str, arguments: plans.Arguments, confirm: plans.Confirm) -> Answer:
    """Lay an imported configuration over the project's own."""

    def action(tx: Any, project: Project, who: Any) -> list[Any]:  # noqa: ARG001 - as every change
        config_actions.import_(
            tx, arguments["project"], arguments["change"], now=who.now, session=who.session
        )
        confirm(tx)
        return changes.by_path(tx.changes())

    rows = changing.change(client, action)
    return config.changed(client, rows, f"Imported the configuration of {arguments['project']}")
