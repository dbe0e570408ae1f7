"""The objects of the whole history: packs by their checksums, and everything by git's own check."""

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import StoreError
from orchestration.store import git
from orchestration.store.findings import BY_SOURCE

if TYPE_CHECKING:
    from orchestration.store.inspection import Inspection

_HASH = 20
_OBJECT = re.compile(r"\b[0-9a-f]{2}/?[0-9a-f]{38}\b")
_PACK = re.compile(r"\S*\bpack-[0-9a-f]{40}\S*")
_ECHOES = ("broken link", "to ", "dangling ", "notice:", "Checking ", "unreachable ")


def look_at_packs(inspection: "Inspection") -> None:
    """Check that packs are as git wrote them."""
    store = inspection.store
    for path in sorted((store.git_dir / "objects" / "pack").glob("*.pack")):
        try:
            if is_whole(path):
                continue
            problem = "is damaged: its checksum is another"
        except FileNotFoundError:
            continue  # replaced at this moment
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        inspection.broken_packs.append(path)
        inspection.note("objects", "error", str(path.relative_to(store.root)), problem, BY_SOURCE)


def is_whole(path: Path) -> bool:
    """Say whether a pack file ends with the checksum of what it holds."""
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as file:
        left = os.fstat(file.fileno()).st_size - _HASH
        while left > 0 and (piece := file.read(min(left, 1 << 20))):
            digest.update(piece)
            left -= len(piece)
        return left == 0 and digest.digest() == file.read()


def look_at_history(inspection: "Inspection") -> None:
    """Let git check all objects there are, and name the records that a damaged one belongs to."""
    note = inspection.note
    try:
        words = ("fsck", "--strict", "--full", "--no-dangling")
        watch = inspection.progress
        quiet = () if watch else ("--no-progress",)
        lines = git.told(inspection.store.root, *words, *quiet, watch=watch)
    except git.NoGit as error:
        note("objects", "hint", "history", "was not checked: git is not installed", error.hint or "")
        return
    known = set(inspection.damaged)
    told = [finding.place for finding in inspection.found if finding.kind == "refs"]
    told += ["index" for finding in inspection.found if finding.kind == "index"]
    for line in lines:
        match = _OBJECT.search(_PACK.sub("", line))
        oid = match[0].replace("/", "") if match else None
        if line.lstrip().startswith(_ECHOES) or oid in known or any(place in line for place in told):
            continue
        problem = line.removeprefix("error: ").strip()
        if oid is not None:
            known.add(oid)
            inspection.damaged[oid] = _holder(inspection, oid)
            note("objects", "error", inspection.damaged[oid], problem, BY_SOURCE)
        elif not (inspection.broken_packs and "pack" in line):
            note("objects", "error", "history", problem, BY_SOURCE)


def _holder(inspection: "Inspection", oid: str) -> str:
    """Name the record and the commit that an object of the past belongs to."""
    try:
        found = inspection.index.makers(oid) if inspection.tip else []
    except StoreError:
        found = []
    if not found:
        return f"object {oid[:12]}"
    path, commit = found[0]
    return f"{path} as of {commit[:12]}"
