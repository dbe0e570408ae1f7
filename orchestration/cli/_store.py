"""Commands of `state_manager` about the store as a whole: checking, mending and packing it."""

from typing import Any

import click

from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.cli._group import Command, common
from orchestration.domain import checks
from orchestration.english import counted
from orchestration.errors import BadUsage, InvalidData, NotFound, StoreError
from orchestration.store import mending, upkeep
from orchestration.store.findings import SEVERITIES, Finding
from orchestration.store.inspection import Inspection

_KINDS = {
    "structure": ("mend the form of", "mended the form of"),
    "references": ("drop what is gone from", "dropped what is gone from"),
}
"""What is done about a kind of finding, for the commit and for the user."""


@click.command(cls=Command)
@click.option("--repair", is_flag=True, help="Mend what can be mended without guessing.")
@click.option(
    "--from", "source", metavar="PLACE", help="With --repair: a bundle, clone or remote with lost objects."
)
@common
def verify(app: App, repair: bool, source: str | None) -> None:
    """Check the whole store, and with --repair mend it

    Checked are git's objects and references, every record, and the files on disk. Each finding says where
    it is, what is wrong, and how to put it right. Exits 1 when errors or warnings are left; hints alone
    are no failure.

    --repair changes records in one commit for each kind of finding, which `undo` takes back. It brings
    the files on disk and git's index up to date, restores damaged objects from whatever holds the same
    content, and moves a lost branch back to where its log says it was. Edits by hand, and what it
    cannot explain, stay as they are.
    """
    if source is not None and not repair:
        raise BadUsage("--from is for --repair", hint="say `verify --repair --from PLACE`")
    if not app.store.exists:
        raise NotFound("there is no store yet: nothing to check", hint="the first write makes it")
    inspection, found = _look(app)
    done: list[str] = []
    if repair and found:
        done += mending.mend(inspection, author=app.actor, source=source)
        done += _mend_records(app)
        inspection, found = _look(app)
    for line in done:
        app.say(f"✓ {line[:1].upper()}{line[1:]}")
    found.sort(key=lambda one: (SEVERITIES.index(one.severity), one.place))
    rows = [one._asdict() for one in found]
    clean = all(one.severity == "hint" for one in found)
    if app.json:
        app.emit({"clean": clean, "findings": rows, "repaired": done})
    else:
        app.emit(rows, view="findings.listing")
    if not clean:
        raise click.exceptions.Exit(1)


def _look(app: App) -> tuple[Inspection, list[Finding]]:
    inspection = Inspection(app.store, now=app.now, progress=_output.watched())
    inspection.run()
    return inspection, [*inspection.found, *checks.check(inspection.records, retired=_retired(inspection))]


def _retired(inspection: Inspection) -> set[str]:
    try:
        if inspection.tip is not None:
            return set(inspection.index.retired())
    except StoreError:
        pass  # the history has holes: a parent that is not here may be in one of them
    records = inspection.records.values()
    return {parent for one in records if isinstance(parent := one.get("parent_session"), str)}


def _mend_records(app: App) -> list[str]:
    """Store the right form of records, one commit for each kind of finding."""
    done = []
    for kind, (what, past) in _KINDS.items():
        inspection = Inspection(app.store, now=app.now)
        inspection.look_at_tip()
        inspection.look_at_records()
        right = checks.mended(inspection.records, retired=_retired(inspection))[kind]
        if not right:
            continue
        saved = 0
        with app.transaction() as tx:
            for key, record in right.items():
                try:
                    if tx.edit(*key) == inspection.records[key]:
                        tx.save(key, record)
                        saved += 1
                except InvalidData:
                    continue  # edited by hand, and does not parse: it is among what is left
            tx.describe("state_set", f"verify: {what} {counted(saved, 'record')}")
        if saved:
            done.append(f"{past} {counted(saved, 'record')}; `state_manager undo --any` takes that back")
    return done


@click.command(cls=Command)
@common
def gc(app: App) -> None:
    """Pack the store and sweep up after killed processes

    Git's loose objects go into one file. Safe at any time, also while others write; nothing of the history
    is ever removed. A write does the same in the background, and in smaller steps, when more than
    `pack_limit` objects lie loose (config/settings.yaml, 2000 unless changed; 0 is never).
    """
    if not app.store.exists:
        raise NotFound("there is no store yet: nothing to pack", hint="the first write makes it")
    report = upkeep.pack(app.store, progress=_output.watched())
    if report.warning is not None:
        app.warn(report.warning)
    if app.json:
        app.emit(_facts(report))
        return
    before, after = report.before, report.after
    if report.warning is None:
        loose, packs = counted(before.loose, "loose object"), counted(after.packs, "pack")
        app.say(f"✓ Packed {loose} into {packs}: {_size(before.bytes)} -> {_size(after.bytes)}")
    if report.swept:
        app.say(f"  Removed {counted(len(report.swept), 'temporary file')} of processes that died")


def _facts(report: upkeep.Report) -> dict[str, Any]:
    return {
        "before": report.before._asdict(),
        "after": report.after._asdict(),
        "swept": report.swept,
        "warning": report.warning,
    }


def _size(size: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
