"""Joins in the history: a project that was begun alone came into a team's store.

A join is two commits: one that makes the project fit, and the merge of the two histories, which names both
it and the team's commit in its trailers. Taken back is the merge, against the team's commit, so that all
that came with it goes: a merge of two machines' work has no such side.
"""

from collections.abc import Mapping
from typing import NamedTuple

from orchestration.errors import Refused
from orchestration.store import layout, tags
from orchestration.store.commits import Commit
from orchestration.store.index import Index
from orchestration.store.repo import Store

OP = "state_merged"
"""The type of the event that a merge is, also one of two machines' work."""
SUBJECT = "join: "
_FITTED, _ONTO = "Joins", "Onto"


class Join(NamedTuple):
    """What a join was made of."""

    fitted: str
    """The commit that made the project fit."""
    onto: str
    """The team's commit."""


def trailers(join: Join, *, project: str, session: str | None) -> dict[str, str]:
    """Return the trailers of the merge that a join ends with."""
    acting = {"Session": session} if session else {}
    return {"Op": OP, **acting, "Project": project, _FITTED: join.fitted, _ONTO: join.onto}


def of(commit: Commit) -> Join | None:
    """Return what a merge joined; None for any other commit."""
    if len(commit.parents) != 2 or f"\n{_ONTO}: " not in commit.message:
        return None
    found = commit.trailers()
    join = Join(*(found.get(name, [""])[-1] for name in (_FITTED, _ONTO)))
    return join if join.onto in commit.parents else None


def whole(store: Store, index: Index, commit: Commit) -> Commit:
    """Return the merge of the join that a commit made a project fit for, else the commit itself."""
    if not commit.subject.startswith(SUBJECT) or of(commit):
        return commit
    for event in index.events(op=OP, after=commit.oid, newest_first=False):
        merge = store.commit(event.oid)
        join = of(merge)
        if join is not None and join.fitted == commit.oid:
            return merge
    return commit


def before(commit: Commit) -> str:
    """Return the commit against which a change is taken back: its parent, for a join the team's.

    Refused for the merge of two machines' work, and for the first commit.
    """
    join = of(commit)
    if join is not None:
        return join.onto
    short = commit.oid[:12]
    if not commit.parents:
        raise Refused(f"commit {short} made the store; it cannot be undone")
    if len(commit.parents) > 1:
        raise Refused(
            f"commit {short} is a merge; it cannot be undone",
            hint="undo the single change that is not wanted: `state_manager history` names it",
        )
    return commit.parents[0]


def stays(file: str, join: Commit, *, session: str | None, unchanged: bool) -> bool:
    """Say whether a file stays when its join is taken back: of a session that went on since.

    So do the one that joined and the one that takes it back: somebody is at work in them.
    """
    key = layout.key_of(file)
    if key is None or key[0] != "sessions":
        return False
    return not unchanged or key[1] in (session, *join.trailers().get("Session", []))


def backup(store: Store, join: Join) -> str | None:
    """Return the name of the backup of the project as it was before it joined; None when it is gone."""
    then = set(store.commit(join.fitted).parents)
    found: Mapping[str, str] = {
        tag.name: tag.commit for tag in tags.below(store, "backup/") if "before-join" in tag.name
    }
    return next((name for name, oid in found.items() if oid in then), None)
