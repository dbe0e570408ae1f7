"""References that a change would leave leading nowhere."""

from collections.abc import Callable, Iterable

from orchestration import paths
from orchestration.domain import links
from orchestration.domain.records import Document
from orchestration.errors import InvalidData
from orchestration.store import layout
from orchestration.store.layout import Key
from orchestration.store.snapshot import Snapshot
from orchestration.store.transaction import Transaction


def broken_by(
    tx: Transaction, files: Iterable[str], *, then: Callable[[], Snapshot] | None = None
) -> list[str]:
    """Return the repository paths that name nothing any more when a transaction changes `files`.

    Only the projects of these files are looked at. What was broken before is not told, nor what was so in
    the state `then`, which the transaction brings back.
    """
    keys = [key for file in files if (key := layout.key_of(file))]
    before = Snapshot(tx.root, tx.objects, tx.documents, tx.tip)
    found: list[str] = []
    for project in sorted({key[1] for key in keys if key[0] == "projects"}):
        old = _broken(before, project)
        news = [place for place in _broken(tx, project) if place not in old]
        if news and then is not None:
            brought = _broken(then(), project)
            news = [place for place in news if place not in brought]
        found += news
    return found


def _broken(reader: Snapshot, project: str) -> list[str]:
    try:
        found, _ = links.check(_records(reader, project))
    except InvalidData:
        return []  # a file does not parse: `verify` tells of it, and this is no reason to stop here
    places = [one.place.partition(": ") for one in found if one.severity == "warning"]
    return [paths.format((*(layout.key_of(file) or (file,)), field)) for file, _, field in places]


def _records(reader: Snapshot, project: str) -> dict[Key, Document]:
    records: dict[Key, Document] = {}
    top = ("projects", project)
    archives = [(*top, "archive", name) for name in reader.names(*top, "archive")]
    for folder in ((*top, "epics"), (*top, "sprints"), (*top, "tasks"), *archives):
        records |= {(*folder, name): one for name, one in reader.load_all(*folder).items()}
    return records
