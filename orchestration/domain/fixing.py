"""Mending what can be mended without guessing: text, form and references of records, in one change.

A file that cannot be read becomes its newest version that can; a field in another form gets the form it
is stored in; a reference to nothing is dropped. What cannot be explained is left and told.
"""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from orchestration.domain import checks, links, validation
from orchestration.domain.records import Document
from orchestration.errors import InvalidData
from orchestration.history.rescue import Good
from orchestration.store import layout, present
from orchestration.store.installed import Installed
from orchestration.store.layout import Key
from orchestration.store.present import Present
from orchestration.store.transaction import Transaction

CATEGORIES = ("syntax", "references", "structure", "all")


class Fixed(NamedTuple):
    """What was mended, and what was not."""

    restored: list[Document]
    """The files that are back at an older version: file, commit, at."""
    left: Document
    """What a validation still finds: see `validation.report`."""
    kept: dict[str, str]
    """Where the text of files that were edited by hand and could not be read is kept, by file."""


def fix(
    tx: Transaction, project: str | None, category: str, installed: Installed, *,
    retired: Collection[str], good: Callable[[str], Good | None],
) -> Fixed:  # fmt: skip
    """Mend the records of a project, or of all, in a transaction or a draft of one."""
    seen = validation.look(tx, project, disk=True)
    restored: list[Document] = []
    kept: dict[str, str] = {}
    if category in ("syntax", "all"):
        for file in list(seen.damaged):
            version = good(file)
            if version is not None and _restore(tx, seen, file, version, kept):
                restored.append({"file": file, "commit": version.commit, "at": version.at})
    if category in ("structure", "all"):
        _save(tx, seen, checks.mended(seen.records, retired=retired)["structure"])
    if category in ("references", "all"):
        _save(tx, seen, links.check(seen.records, retired=retired)[1])
    found = validation.findings(seen, installed, retired=retired, good=good)
    # An edit that a change of its file commits is no longer one.
    changed = {file for file, _, _ in tx.changes()}
    found = [one for one in found if one.kind != "files" or one.place not in changed]
    return Fixed(restored, validation.report(found, seen, installed), kept)


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


def describe(tx: Transaction, fixed: Fixed, *, project: str | None, session: str | None, before: str) -> None:
    """Say what a fix did; `before` is the backup of the state until now."""
    number = len(tx.changes())
    records = f"{number} record" if number == 1 else f"{number} records"
    restored = [row["file"] for row in fixed.restored]
    brought = f", {len(restored)} from history" if restored else ""
    tx.describe(
        "config_changed", f"config: fix {records}{brought}", session=session, project=project,
        reason=f"the state before is {before}",
    )  # fmt: skip
