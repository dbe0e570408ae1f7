"""What a client sees that has no session yet: its project, as a session of it would see it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orchestration import paths
from orchestration.domain.mounts import MOUNTS, OWN
from orchestration.domain.records import Document
from orchestration.domain.session_view import SessionView
from orchestration.errors import NotFound
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.index import Index

NOBODY = "00000000-0000-0000-0000-000000000000"
"""No session has this id."""


class UnboundView(SessionView):
    """Reads the document of a session that is still to be made; its own part is empty."""

    def __init__(self, reader: Snapshot, project_id: str, *, now: str, index: "Callable[[], Index]") -> None:
        self.reader = reader
        self.id = NOBODY
        self.now = now
        self.index = index
        self.session = {"project": project_id, "sprint_id": None}

    def own_names(self) -> list[str]:
        """Name no free files."""
        return []

    def whole(self) -> Document:
        """Return the project's part alone."""
        return {name: self._part(name) for name in MOUNTS if name not in ("teams", "project")}

    def get(self, path: paths.Path) -> Any:
        """Return the value at a path; NotFound for what only a session has."""
        if path and str(path[0]) in OWN and tuple(map(str, path[:2])) != ("execution", "tasks"):
            raise NotFound(
                f"there is no {path[0]} yet: this client has changed nothing",
                hint="the first change makes its session",
            )
        return super().get(path)
