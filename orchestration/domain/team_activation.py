"""Activating a team, shown before it is done: who is in it, its load, and what it will find on the board."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.domain import team_actions
from orchestration.domain.project import Project
from orchestration.domain.records import Document

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

_SHOWN = ("focus", "reserved")


def perform(tx: "Transaction", arguments: Mapping[str, Any], *, now: str, actor: str) -> Document:  # noqa: ARG001 - as every operation
    """Activate a team for a session and return the team's facts with the activation.

    `arguments`: project, session, team, focus, share (percent), change. Without a session nothing is
    changed: the activation is what it would be in a new one.
    """
    project = Project(tx, arguments["project"], now=now).required()
    session, name = arguments.get("session"), team_actions.named(project, arguments["team"])
    wanted = {part: arguments.get(part) for part in ("focus", "share")}
    if session is None:
        after = team_actions.activated({}, name, **wanted, change=bool(arguments.get("change")), now=now)
        found = team_actions.activations(after)[name]
    else:
        found = team_actions.activate(
            tx, project, session, name, **wanted, change=bool(arguments.get("change")), now=now
        )
    return {**team_actions.facts(project, name, {}), "activation": {part: found[part] for part in _SHOWN}}


def outcome(document: Mapping[str, Any]) -> Document:
    """Return what activating does: the team, its focus and what of it stays reserved."""
    return {"team": document["team"], **document["activation"]}
