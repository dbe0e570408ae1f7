"""Finding the session that somebody means by an id or the beginning of one."""

from collections.abc import Callable, Iterable, Mapping

from orchestration import ids
from orchestration.domain import sessions
from orchestration.domain.records import Document
from orchestration.errors import UnknownSession
from orchestration.store.snapshot import Snapshot

PREFIX_LENGTH = 6
"""The fewest characters that may stand for a whole session id."""


def find(reader: Snapshot, given: str, retired: Callable[[], Iterable[str]]) -> str:
    """Return the id of the session that `given` names: exactly, else as a unique prefix.

    `retired` returns the ids that a cleanup took out of the files; it is asked only when no live
    session fits. Raises UnknownSession.
    """
    reason = ids.problem(given)
    if reason is not None:
        shown = given if len(given) <= 40 else given[:37] + "..."
        raise UnknownSession(f"session {shown!r} {reason}", hint="list them with `session_manager list`")
    fan = reader.folder(f"sessions/{given[:2].lower()}") if given[:2] else {}
    for pool in (lambda: fan, retired):
        names = list(pool())
        if given in names:
            return given
        fitting = [name for name in names if name.casefold() == given.casefold()]
        if not fitting and len(given) >= PREFIX_LENGTH:
            fitting = [name for name in names if name.casefold().startswith(given.casefold())]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise UnknownSession(
                f"{given!r} begins the ids of {len(fitting)} sessions", hint="give more characters"
            )
    raise UnknownSession(f"no session {given!r}", hint="list them with `session_manager list`")


def live(records: Mapping[str, Document], now: str) -> dict[str, Document]:
    """Return the sessions that are active and not expired."""
    return {
        name: session
        for name, session in records.items()
        if sessions.effective_status(session, now) == "active"
    }
