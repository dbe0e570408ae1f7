"""The files of a session's own: what a write through a path may change of them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from orchestration import ids, paths
from orchestration.domain import sessions
from orchestration.domain.records import Document
from orchestration.domain.targets import Path, Target
from orchestration.errors import InvalidData, Refused
from orchestration.store.transaction import Transaction

Change = Callable[[Any, paths.Path], Any]
"""From a document and a path inside it to the document with the change made there."""
_COMPUTED: Mapping[str, tuple[Path, ...]] = {
    "execution": (("tasks",),),
    "observability": (
        ("events",),
        *(("metrics", name) for name in ("start_time", "heartbeat_count", "task_count", "agent_count")),
    ),
}
"""Places in a session's own files where the view shows a computed value."""


def write(
    tx: Transaction, session_id: str, target: Target, change: Change, *, removes: bool, in_project: bool
) -> bool:
    """Make a change in a file of a session and say whether it changed anything.

    InvalidData when the file would hold no object, Refused for a value that the view computes.
    """
    key = ("sessions", session_id, target.name)
    before = tx.edit(*key)
    if target.name == "session":
        assert before is not None, "who writes has a session"
        after = _changed(change, target, json.loads(json.dumps(before)))
        fields = {name: value for name, value in after.items() if before.get(name) != value}
        if removes and (len(target.inner) == 1 or target.inner[0] == "lifecycle"):
            after = sessions.unset(before, target.inner[0])
        elif fields:
            # `change` merged the objects already: what it left out is to go
            replaced: Document = {name: {} for name in fields if name not in sessions.SCHEMA.system}
            after = sessions.update({**before, **replaced}, fields)
    else:
        after = _changed(change, target, before if before is not None else {})
        # without a project there are no tasks that could stand in the place of the file's own
        if target.name != "execution" or in_project:
            _refuse_computed(target.name, tx.load(*key) or {}, after)
    if not isinstance(after, dict):
        raise InvalidData(f"{target.name} would hold {paths.kind(after)}, not an object")
    if after == tx.load(*key):
        return False
    if before is None:
        ids.check_new(target.name, tx.names("sessions", session_id), "name")
    tx.save(key, after)
    return True


def value_at(document: Any, inner: paths.Path) -> Any:
    """Return what stands at a path of a document, which may be None; MISSING for nothing."""
    try:
        return paths.get(document, inner) if document is not None else paths.MISSING
    except paths.MissingPath:
        return paths.MISSING


def _changed(change: Change, target: Target, document: Any) -> Any:
    """Return a file with the change made; a refusal then names the path in full."""
    if not target.inner:
        return change(document, ())
    return change({target.name: document}, (target.name, *target.inner))[target.name]


def _refuse_computed(name: str, before: Any, after: Any) -> None:
    """Refuse to store what nobody would see, because the view shows a computed value in its place."""
    for place in _COMPUTED.get(name, ()):
        if value_at(after, place) not in (paths.MISSING, value_at(before, place)):
            where = paths.format((name, *place))
            raise Refused(f"{where} is computed", hint="leave it out, or use another name")
