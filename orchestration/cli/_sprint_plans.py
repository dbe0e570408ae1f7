"""Plans for sprints and for stopping, which are made in the chat, applied at a terminal."""

import importlib
from collections.abc import Mapping
from typing import Any

from orchestration.cli._app import App
from orchestration.cli._plans import Confirm
from orchestration.views.operations import RULES


def perform_start(app: App, arguments: Mapping[str, Any], confirm: Confirm) -> None:
    """Carry out `sprint start`."""
    _carry_out(app, "sprint start", arguments, confirm)


def perform_stop(app: App, arguments: Mapping[str, Any], confirm: Confirm) -> None:
    """Carry out `sprint stop`."""
    _carry_out(app, "sprint stop", arguments, confirm)


def perform_archive(app: App, arguments: Mapping[str, Any], confirm: Confirm) -> None:
    """Carry out `sprint archive`."""
    _carry_out(app, "sprint archive", arguments, confirm)


def perform_stand_down(app: App, arguments: Mapping[str, Any], confirm: Confirm) -> None:
    """Carry out `stop`."""
    _carry_out(app, "stop", arguments, confirm)


def _carry_out(app: App, operation: str, arguments: Mapping[str, Any], confirm: Confirm) -> None:
    module, view, said = RULES[operation]
    rules = importlib.import_module(f"orchestration.domain.{module}")
    with app.transaction() as tx:
        document = rules.perform(tx, arguments, now=app.at, actor=app.actor)
        confirm(tx, rules.outcome(document))
    assert tx.tip is not None, "something was changed"
    app.emit({**document, "commit": tx.tip.oid[:12]}, view=view)
    if not app.json:
        app.say(f"✓ {said}")
        app.say(f"  Undo: state_manager undo {tx.tip.oid[:12]}")
