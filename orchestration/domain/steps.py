"""Reading the lives of a project's tasks from the commits.

What was undone leaves no step, nor does what a restore replaced: a file that a restore made what it once
was goes on from there. A step's moment is the `At:` of its commit, to the second as in the records.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from orchestration.domain.flow import Step
from orchestration.domain.records import COLUMN_SYNONYMS, COLUMNS
from orchestration.history import standing
from orchestration.store import kept, layout, leaves
from orchestration.store.index import Index
from orchestration.store.leaves import Version

_FIELDS = ("column", "points", "sprint_id", "assignee", "team", "split_into")
_RESTORED = "restored"
_KEPT = "life"


def read(
    index: Index, project_id: str, *, since: datetime | None = None, also: Collection[str] = ()
) -> dict[str, list[Step]]:
    """Return the lives of all tasks that a project has or had, archived ones included.

    With `since` only of tasks that changed from then on, and of those named in `also`: whole lives, but
    without a task's time in an archive that it came back from before.
    """
    board, archive = (layout.folder_of("projects", project_id, name) for name in ("tasks", "archive"))
    paths = None
    if since is not None:
        paths = leaves.changed_since(index, (board, archive), since.replace(tzinfo=None).isoformat())
        names = {path.rpartition("/")[2] for path in paths} | {f"{name}{layout.SUFFIX}" for name in also}
        paths |= {f"{board}/{name}" for name in names}
    known = kept.find(index, _KEPT, (board, archive), paths=paths)
    found: dict[str, list[Step]] = {}
    files: dict[str, list[str]] = {}
    for path in known.values:
        if path.endswith(layout.SUFFIX):
            files.setdefault(_task(path), []).append(path)
    missing = []
    for task_id, mine in files.items():
        life = known.values[mine[0]] if len(mine) == 1 else None
        if life is None:
            missing += mine
        else:
            found[task_id] = [
                Step(datetime.fromisoformat(at), column, points, sprint, assignee, team)
                for at, column, points, sprint, assignee, team in life
            ]
    if missing:
        computed = _computed(index, (board, archive), missing)
        found |= computed
        alone = {files[name][0]: life for name, life in computed.items() if len(files[name]) == 1}
        rows = {path: [(step.at.isoformat(), *step[1:]) for step in life] for path, life in alone.items()}
        kept.keep(index, _KEPT, rows, tip=known.tip)
    return {task_id: found[task_id] for task_id in files if found.get(task_id)}


def _task(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(layout.SUFFIX)


def _computed(index: Index, folders: Sequence[str], paths: Collection[str]) -> dict[str, list[Step]]:
    """Return the lives of the tasks of these files, whole ones or empty."""
    past = standing.past(index)
    dropped = past.undone.keys() | past.targets.keys()
    grouped: dict[str, list[Version]] = {}
    for version in leaves.versions(index, folders, _FIELDS, paths=paths):
        mine = grouped.setdefault(_task(version.path), [])
        if mine and mine[-1].commit == version.commit:
            # the commit moved the file, into the archive for instance: where it is now counts
            if version.blob is None:
                continue
            mine.pop()
        mine.append(version)
    return {task_id: _life(versions, dropped) for task_id, versions in grouped.items()}


def _life(versions: Sequence[Version], dropped: Collection[str]) -> list[Step]:
    """Return the steps of one task from the versions of its file."""
    if not any(one.commit in dropped or one.op == _RESTORED for one in versions):
        plain: list[Step] = []
        for version in versions:
            if version.values is not None or version.blob is None:
                _add(plain, version.at, version.values)
        return plain
    # What stands: the moment, what changed (None where the whole is new), the whole, and the content.
    kept: list[tuple[str, list[int] | None, list[Any] | None, str | None]] = []
    before: list[Any] | None = None
    for version in versions:
        after = version.values
        if after is None and version.blob is not None:
            continue  # it did not parse: what it was before still holds
        if version.commit not in dropped:
            place = _restored(version, kept)
            if place is not None:
                del kept[place:]
            else:
                changed = None
                if before is not None and after is not None:
                    changed = [n for n, value in enumerate(after) if value != before[n]]
                kept.append((version.at, changed, after, version.blob))
        before = after
    steps: list[Step] = []
    values: list[Any] | None = None
    for at, changed, after, _ in kept:
        if changed is None or values is None or after is None:
            values = after
        else:
            values = [after[n] if n in changed else value for n, value in enumerate(values)]
        _add(steps, at, values)
    if versions and (values != before) and (kept or before is not None):
        # Something was undone by force, or histories were merged: from its last commit on it is what it is.
        _add(steps, versions[-1].at, before)
    return steps


def _restored(
    version: Version, kept: Sequence[tuple[str, list[int] | None, list[Any] | None, str | None]]
) -> int | None:
    """Return up to where the versions kept still stand after a restore; None when it is no such thing."""
    if version.op != _RESTORED:
        return None
    if version.blob is None:
        return 0
    return next((n + 1 for n in range(len(kept) - 1, -1, -1) if kept[n][3] == version.blob), None)


def _add(steps: list[Step], written: str, values: list[Any] | None) -> None:
    at = datetime.fromisoformat(written[:19]).replace(tzinfo=UTC)
    if steps and at < steps[-1].at:
        at = steps[-1].at  # clocks of two machines: nothing happens before what led to it
    if values is None or values[-1]:  # a task that was split lives on in its parts
        step = Step(at, None, None, None, None, None)
    else:
        column, points, *names, _ = values
        step = Step(at, _column(column), _number(points), *map(_text, names))
    if steps and step[1:] == steps[-1][1:]:
        return
    if steps or values is not None:
        steps.append(step)


def _column(value: object) -> str:
    # Hand-edited files hold anything.
    word = COLUMN_SYNONYMS.get(value, value) if isinstance(value, str) else None
    return word if word in COLUMNS else "backlog"


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
