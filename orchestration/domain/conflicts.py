"""Conflicts: what two machines changed to different values, kept as records until somebody decides.

A merge lets one side stand and goes on; the record keeps both, with who wrote them and when. Its id comes
from what it holds, so machines that merge the same two heads write the same record. Which side a file
calls `ours` goes by the commits; who looks at conflicts sees as `ours` what this machine wrote.

A record stays until it is resolved (see `resolving`), whatever is written to its path meanwhile: a later
write is no decision between the two, and is shown beside them.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestration import merge, paths
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import BadUsage, InvalidData, NotFound, Refused
from orchestration.merge import Conflict, canonical
from orchestration.paths import MISSING
from orchestration.store import layout
from orchestration.store.layout import Key
from orchestration.store.objects import object_id
from orchestration.store.snapshot import Snapshot

FOLDER = "conflicts"
SIDES = ("ours", "theirs")
_ROOM = 1_000_000
"""Characters that the values of one record may take; what is more stays in the commits alone."""


class Version(NamedTuple):
    """Who gave one side its value; None for what is not known."""

    by: str | None = None
    at: str | None = None
    machine: str | None = None
    commit: str | None = None


def record(conflict: Conflict, ours: Version, theirs: Version) -> tuple[Key, Document]:
    """Return the key and the record of a conflict, the same whichever side the merge called ours.

    A side whose value was deleted has none in the record. `left_out` names values too large to be kept
    twice; they are in the side's commit.
    """
    sides = [("ours", conflict.ours, ours), ("theirs", conflict.theirs, theirs)]
    sides.sort(key=lambda side: (side[2].commit or "", canonical(side[1])))
    chosen = SIDES[[name for name, _, _ in sides].index(conflict.chosen)]
    held = {"base": conflict.base, **{name: side[1] for name, side in zip(SIDES, sides, strict=True)}}
    left_out = _too_large(held, chosen)
    made: Document = {
        "path": paths.format(conflict.path),
        "chosen": chosen,
        **{name: one for name, one in held.items() if one is not MISSING and name not in left_out},
        **({"left_out": left_out} if left_out else {}),
    }
    for name, (_, _, version) in zip(SIDES, sides, strict=True):
        made |= {f"{name}_{field}": fact for field, fact in version._asdict().items()}
    name = f"C-{object_id(b'blob', canonical(made).encode())[:12]}"
    return (*folder(conflict.path), name), {"id": name, **made}


def _too_large(held: Mapping[str, Any], chosen: str) -> list[str]:
    """Name the values to leave out, base and what stands anyway before the other."""
    left_out: list[str] = []
    for name in ("base", chosen, *(side for side in SIDES if side != chosen)):
        if sum(len(canonical(one)) for each, one in held.items() if each not in left_out) > _ROOM:
            left_out.append(name)
    return left_out


def folder(path: merge.Path) -> Key:
    """Return where the conflicts of a repository path are kept: in its project, else at the top."""
    return (*path[:2], FOLDER) if path[0] == "projects" and len(path) > 1 else (FOLDER,)


# -- looking


def listing(reader: Snapshot, *, project: str | None = None, machine: str | None = None) -> list[Document]:
    """Return the open conflicts of a project, or all, the newest first.

    Each: id, path, stands (the side whose value the merge took), base, ours, theirs and now, each with
    `value` and `deleted`, the sides also with by, at, machine, commit and `left_out`; `changed` says that
    the path was written since. The sides are named as the machine of that name sees them.
    """
    rows = [shown(reader, one, machine) for one in every(reader, project).values()]
    rows.sort(key=lambda row: (row["path"], row["id"]))
    return sorted(rows, key=lambda row: max(row[side]["at"] or "" for side in SIDES), reverse=True)


def every(reader: Snapshot, project: str | None = None) -> dict[Key, Document]:
    """Return the records of a project's open conflicts, or of all."""
    return {
        (*where, name): one
        for where in _folders(reader, project)
        for name, one in reader.load_all(*where).items()
        if _is_readable(one)
    }  # fmt: skip


def new(reader: Snapshot, before: Snapshot) -> list[str]:
    """Return the paths of the conflicts that are open and were not in an earlier state."""
    found = set()
    for where in _folders(reader, None):
        for name in {*reader.names(*where)} - {*before.names(*where)}:
            one = reader.load(*where, name)
            if _is_readable(one):
                found.add(str(one["path"]))
    return sorted(found)


def _folders(reader: Snapshot, project: str | None) -> list[Key]:
    names = [project] if project else reader.names("projects")
    return [*(("projects", name, FOLDER) for name in names), *([] if project else [(FOLDER,)])]


def _is_readable(one: Document) -> bool:
    try:
        layout.split(path_of(one))
    except (BadUsage, NotFound, Refused):
        return False  # written by hand; `verify` is for such files
    return one.get("chosen") in SIDES


def path_of(one: Document) -> merge.Path:
    """Return the repository path of a conflict's record."""
    return tuple(str(key) for key in paths.parse(str(one.get("path") or "")))


def shown(reader: Snapshot, one: Document, machine: str | None) -> Document:
    """Return one conflict as `listing` does."""
    seen = side_of(one, machine)
    now = present(reader, path_of(one))
    kept = one.get(one["chosen"], MISSING)
    row: Document = {
        "id": one["id"],
        "path": one["path"],
        "stands": next(side for side in SIDES if seen[side] == one["chosen"]),
        "base": {"value": one.get("base")},
    }
    for name in SIDES:
        row[name] = {
            **plain(one.get(seen[name], MISSING)),
            "left_out": seen[name] in (one.get("left_out") or []),
            **{fact: one.get(f"{seen[name]}_{fact}") for fact in Version._fields},
        }
        row[name]["deleted"] &= not row[name]["left_out"]
    changed = canonical(now) != canonical(kept) and not row[row["stands"]]["left_out"]
    return {**row, "now": plain(now), "changed": changed}


def plain(value: Any) -> Document:
    """Return {value, deleted}: a value as JSON has it."""
    return {"value": None if value is MISSING else value, "deleted": value is MISSING}


def side_of(one: Document, machine: str | None) -> dict[str, str]:
    """Return what a record calls the sides that are `ours` and `theirs` for a machine."""
    turned = machine is not None and machine == one.get("theirs_machine") != one.get("ours_machine")
    return dict(zip(SIDES, reversed(SIDES) if turned else SIDES, strict=True))


def present(reader: Snapshot, path: merge.Path) -> Any:
    """Return the value that stands at a repository path now, MISSING for none."""
    named, inner = layout.split(path)
    key = home(reader, named)
    try:
        found = reader.load(*key)
    except InvalidData:
        return MISSING  # damaged: `verify` names the file
    return MISSING if found is None else merge.value_at(found, (*key, *inner), at=key)


def home(reader: Snapshot, key: Key) -> Key:
    """Return where a record is now: a task may have gone to the archive."""
    if key[0] == "projects" and key[2] == "tasks" and not reader.exists(*key):
        return Project(reader, key[1], now="").task_key(key[3]) or key
    return key
