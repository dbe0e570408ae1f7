"""`--follow`, for any command that shows something."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar

import click

from orchestration.cli._app import App

F = TypeVar("F", bound=Callable[..., Any])


def followable(function: F) -> F:
    """Add --follow and --interval to a command; goes right above it, below `reads`.

    With --follow at a terminal the command is called at every change, each time for the newest state.
    """

    def wrapper(app: App, /, *args: Any, follow: bool, interval: float, **kwargs: Any) -> Any:
        if not follow:
            return function(app, *args, **kwargs)
        from orchestration.cli import _live

        return _live.follow(app, lambda: function(app, *args, **kwargs), interval)

    update_wrapper(wrapper, function)
    follow = click.option("--follow", is_flag=True, help="Draw it again at every change, until Ctrl-C.")
    interval = click.option(
        "--interval", metavar="SECONDS", type=click.FloatRange(min=0.2), default=5.0,
        help="With --follow: how often ages are brought up to date. Default: 5.",
    )  # fmt: skip
    return follow(interval(wrapper))  # type: ignore[return-value]
