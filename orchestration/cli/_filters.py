"""The options that choose tasks, the same wherever tasks are shown."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar

import click

from orchestration.domain import filters

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    ("team", "NAME", "Only tasks of this team, or of its agents."),
    ("assignee", "AGENT", "Only tasks of this agent; none for those of nobody."),
    ("status", "STATUS", "Only tasks in this column, or blocked, or open."),
    ("epic", "ID", "Only tasks of this epic."),
    ("priority", "1-5", "Only tasks of this priority, a number or a word."),
)


def filter_options(function: F) -> F:
    """Add --team, --assignee, --status, --epic, --priority, --blocked, --text and --filter, as `criteria`."""

    def wrapper(*args: Any, blocked: bool, text: str | None, criteria: str | None, **kwargs: Any) -> Any:
        named = {name: kwargs.pop(name) for name, _, _ in _OPTIONS}
        found = filters.given(text=text, blocked="true" if blocked else None, **named)
        return function(*args, criteria=filters.both(filters.parse(criteria or ""), found), **kwargs)

    result: Any = update_wrapper(wrapper, function)
    result = click.option(
        "--filter", "criteria", metavar="CRITERIA", help="All in one: 'team:qa blocked:true some words'."
    )(result)
    result = click.option("--text", metavar="TEXT", help="Only tasks that say this, in any case.")(result)
    result = click.option("--blocked", is_flag=True, help="Only blocked tasks.")(result)
    for name, metavar, said in reversed(_OPTIONS):
        result = click.option(f"--{name}", metavar=metavar, help=f"{said} Several after commas.")(result)
    return result  # type: ignore[no-any-return]
