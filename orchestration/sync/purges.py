"""What purges leave in the history: who removed a value, when and why, and what each commit became.

`purges/<id>.yaml` is the record, `purges/<id>.map` has a line `OLD NEW` for each commit and annotated tag that
got another id. Neither says anything of the value. By them a machine that still has the former history is
recognised, and its own changes find their place in the new one.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from orchestration import codec
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot

FOLDER = "purges"
OP = "state_purged"
"""The type of the event that a purge is."""
_MAP = ".map"
_LINE = re.compile(rb"(?m)^([0-9a-f]{40}) ([0-9a-f]{40})$")


def files(
    name: str,
    new: Mapping[str, str],
    renamed: int,
    *,
    by: str,
    at: datetime,
    machine: str,
    reason: str | None,
    instead: str,
) -> dict[str, bytes]:
    """Return the files that tell of a purge, by path; `renamed` counts branches and tags."""
    record = {
        "id": name,
        "at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "by": by,
        "machine": machine,
        "reason": reason,
        "instead": instead,
        "objects": len(new),
        "renamed": renamed,
    }
    path = f"{FOLDER}/{name}.yaml"
    return {path: codec.dump(record, name=path), map_of(name): written(new)}


def map_of(name: str) -> str:
    """Return the file that says what each commit became in a purge."""
    return f"{FOLDER}/{name}{_MAP}"


def written(new: Mapping[str, str]) -> bytes:
    """Return what each object became as the lines of a map."""
    return "".join(f"{old} {now}\n" for old, now in new.items()).encode()


def read(data: bytes) -> dict[str, str]:
    """Return what the lines of a map say."""
    return {old.decode(): new.decode() for old, new in _LINE.findall(data)}


def names(reader: Snapshot) -> set[str]:
    """Return the ids of the purges that a commit knows of."""
    return {name.removesuffix(_MAP) for name in reader.folder(FOLDER) if name.endswith(_MAP)}


def former(reader: Snapshot, of: Iterable[str]) -> dict[str, str]:
    """Return what became of all commits and tags in some purges, as far as to the newest form."""
    found: dict[str, str] = {}
    for name in sorted(of):
        found |= read(reader.content(map_of(name)) or b"")
    return {old: _last(found, new) for old, new in found.items()}


def _last(found: Mapping[str, str], oid: str) -> str:
    seen = {oid}
    while (after := found.get(oid)) is not None and after not in seen:
        seen.add(after)
        oid = after
    return oid


def renamed(reader: Snapshot, oid: str) -> bool:
    """Say whether the purge that a commit or tag went through gave branches or tags other names."""
    return any(
        bool((reader.load(FOLDER, name) or {}).get("renamed"))
        for name in names(reader)
        if oid in read(reader.content(map_of(name)) or b"")
    )


def instead(reader: Snapshot, name: str) -> str | None:
    """Return the text that stands in the place of what a purge removed."""
    record = reader.load(FOLDER, name)
    text = record.get("instead") if isinstance(record, dict) else None
    return text if isinstance(text, str) and text else None


def at(store: Store, oid: str) -> Snapshot:
    """Return the state as of a commit, of whatever format."""
    return Snapshot(store.root, store.objects, store.documents, store.commit(oid))
