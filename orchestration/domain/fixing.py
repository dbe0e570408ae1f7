"""Mending what can be mended without guessing: text, form and references of records, in one change.

A file that cannot be read becomes its newest version that can; a field in another form gets the form it
is stored in; a reference to nothing is dropped. What cannot be explained is left and told.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from orchestration.domain import checks, links, validation, values
from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.errors import InvalidData, StoreError
from orchestration.history import backups, changes
from orchestration.history.rescue import Good
from orchestration.store import layout, present
from orchestration.store.index import Index
from orchestration.store.installed import Installed
from orchestration.store.layout import Key
from orchestration.store.present import Present
from orchestration.store.transaction import Transaction

CATEGORIES = ("syntax", "references", "structure", "all")


def fix(
    tx: Transaction, project: str | None, category: str, installed: Installed, index: Callable[[], Index], *,
    session: str | None = None, dry_run: bool = False,
) -> Document:  # fmt: skip
    """Mend the records of a project, or of all, in a transaction; in a draft of one for a `dry_run`.

    Returns `restored` (files that are back at an older version: file, commit, at), `changes` by path,
    `left` (what a validation still finds), `kept` (where text that could not be read is kept, by file)
    and `backup`, the name of the state before, null when nothing changed.
    """
    good = validation.newest_good(index)
    retired = validation.retired(tx, project, index)
    seen = validation.look(tx, project, disk=True)
    restored: list[Document] = []
    kept: dict[str, str] = {}
    if category in ("syntax", "all"):
        for file in list(seen.damaged):
            version = _version(tx, file, good)
            if version is not None and _restore(tx, seen, file, version, kept):
                restored.append({"file": file, "commit": version.commit, "at": version.at})
    if category in ("structure", "all"):
        _save(tx, seen, checks.mended(seen.records, retired=retired)["structure"])
    if category in ("references", "all"):
        _save(tx, seen, links.check(seen.records, retired=retired)[1])
    files = tx.changes()
    found = validation.findings(seen, installed, retired=retired, good=good)
    # An edit that a change of its file commits is no longer one.
    changed = {file for file, _, _ in files}
    found = [one for one in found if one.kind != "files" or one.place not in changed]
    before = None
    if (files or restored) and not dry_run:
        before = backups.create(tx, "before-fix", message="before a fix of the configuration")
        _describe(tx, len(files), len(restored), project=project, session=session, before=before)
    names = {row["file"] for row in restored}
    rows = [one._asdict() for one in changes.by_path(one for one in files if one[0] not in names)]
    left = validation.report(found, seen, installed)
    return {"restored": restored, "changes": rows, "left": left, "kept": kept, "backup": before}


def _version(tx: Transaction, file: str, good: Callable[[str], Good | None]) -> Good | None:
    """Return the newest version of a file that can be read; history may not know of the newest commit yet."""
    version, blob, tip = good(file), tx.blob_id(file), tx.tip
    if blob is None or tip is None or (version is not None and version.blob == blob):
        return version
    try:
        is_good = isinstance(tx.documents.read(blob, file), dict)
    except (InvalidData, StoreError):
        return version
    return (
        Good(tip.oid, values.format_time(datetime.fromtimestamp(tip.time, UTC)), blob) if is_good else version
    )


def _restore(tx: Transaction, seen: Present, file: str, version: Good, kept: dict[str, str]) -> bool:
    """Bring back a version of a file; False when it cannot be put in its place."""
    content = tx.objects.read(version.blob, b"blob")
    if file in seen.edited:
        if tx.blob_id(file) is None:
            return False  # never committed: this text is all there is of it
        place = tx.take_back_edit(file)
        if place is not None:
            kept[file] = str(place)
    if tx.blob_id(file) != version.blob:
        tx.put(file, content)
    del seen.damaged[file]
    seen.edited.pop(file, None)
    key = layout.key_of(file)
    assert key is not None, "only records are looked at"
    record: Any = present.parsed(file, content)
    seen.records[key] = record
    return True


def _save(tx: Transaction, seen: Present, right: dict[Key, Document]) -> None:
    for key, record in right.items():
        try:
            tx.edit(*key)
        except InvalidData:
            continue  # edited by hand in this moment: it is among what is left
        tx.save(key, record)
        seen.records[key] = record


def _describe(
    tx: Transaction, number: int, restored: int, *, project: str | None, session: str | None, before: str
) -> None:
    records = counted(number, "record")
    brought = f", {restored} from history" if restored else ""
    tx.describe(
        "config_changed", f"config: fix {records}{brought}", session=session, project=project,
        reason=f"the state before is {before}",
    )  # fmt: skip
