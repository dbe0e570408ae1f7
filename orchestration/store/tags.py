"""Annotated tags: a name for a commit, with who gave it, when, and a message."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from orchestration.errors import Conflict, StoreError
from orchestration.store import commits
from orchestration.store.objects import DamagedObject, object_id

if TYPE_CHECKING:
    from orchestration.store.repo import Store
    from orchestration.store.transaction import Transaction

PREFIX = "refs/tags/"


class Tag(NamedTuple):
    """A tag as read back; `name` is without `refs/tags/`."""

    name: str
    oid: str
    """What the reference holds: the tag object, or the commit itself for a tag that somebody made bare."""
    commit: str
    author: str
    at: datetime
    message: str


def create(tx: "Transaction", name: str, message: str) -> str:
    """Tag the commit that a transaction stands on and return the tag's id; its lock makes it exclusive.

    Conflict when there is a tag of this name.
    """
    assert tx.tip is not None, "an empty store has nothing to tag"
    when = max(int(tx.now.timestamp()), tx.tip.time)
    lines = (
        f"object {tx.tip.oid}", "type commit", f"tag {name}",
        f"tagger {commits.identity(tx.author)} {when} +0000", "", message.rstrip("\n") + "\n",
    )  # fmt: skip
    raw = "\n".join(lines).encode()
    oid = object_id(b"tag", raw)
    try:
        tx.objects.write([(oid, b"tag", raw)], durable=tx.durable)
        made = tx.store.refs.create(PREFIX + name, oid, durable=tx.durable)
    except OSError as error:
        raise StoreError(f"cannot write to the store at {tx.root}: {error.strerror}") from None
    if not made:
        raise Conflict(f"there is a tag {name!r} already", hint="try again in a second")
    return oid


def below(store: "Store", folder: str) -> list[Tag]:
    """Return the tags whose names begin with `folder`, which ends in a slash, that lead to a commit."""
    found = []
    for ref, oid in store.refs.below(PREFIX + folder).items():
        tag = _read(store, ref.removeprefix(PREFIX), oid)
        if tag is not None:
            found.append(tag)
    return found


def _read(store: "Store", name: str, oid: str) -> Tag | None:
    try:
        data = store.objects.read(oid, b"tag")
    except DamagedObject:  # not annotated
        commit = store.commit(oid)
        return Tag(name, oid, oid, commit.author, datetime.fromtimestamp(commit.time, UTC), commit.subject)
    head, _, message = data.decode("utf-8", "replace").partition("\n\n")
    facts = dict(line.split(" ", 1) for line in head.split("\n") if " " in line)
    if facts.get("type") != "commit":
        return None
    author, _, time = facts.get("tagger", "").partition(" <")
    seconds = time.rsplit(" ", 2)[1:2]
    at = int(seconds[0]) if seconds and seconds[0].isdigit() else store.commit(facts["object"]).time
    return Tag(name, oid, facts["object"], author, datetime.fromtimestamp(at, UTC), message.strip())
