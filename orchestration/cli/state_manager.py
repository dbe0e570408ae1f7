"""`state_manager`: reading and writing what a session sees, and the tasks of its project."""

import click

from orchestration.cli._group import Group, run

_LATER = {
    "get": "_reading:get",
    "query": "_reading:query",
    "set": "_writing:set_value",
    "merge": "_writing:merge",
    "delete": "_writing:delete",
    "append": "_writing:append",
    "increment": "_writing:increment",
    "task": "_tasks:group",
    "update-task": "_tasks:update_task",
    "wip": "_board_moves:wip",
    "list-sessions": "_upkeep:list_sessions",
    "cleanup-expired": "_upkeep:cleanup_expired",
    "export": "_upkeep:export",
    "import": "_upkeep:import_",
    "history": "_history:history",
    "diff": "_history:diff",
    "blame": "_history:blame",
    "changes": "_history:changes",
    "watch": "_watch:watch",
    "undo": "_undo:undo",
    "redo": "_undo:redo",
    "reset": "_reset:reset",
    "apply": "_plans:apply",
    "autoassign": "_delegation:autoassign",
    "purge": "_purge:purge",
    "remote": "_sync:remote",
    "sync": "_sync:sync",
    "conflicts": "_conflicts:conflicts",
    "resolve": "_conflicts:resolve",
    "verify": "_store:verify",
    "gc": "_store:gc",
}


@click.group(cls=Group, later={name: f"orchestration.cli.{place}" for name, place in _LATER.items()})
def cli() -> None:
    """Read and write the state of a session and its project

    A PATH names a place in the document a session sees: `session`, `execution`, `observability`, any
    name of your own, and the project's records as `sprint.current`, `tasks.TASK-1`, `epics.user-auth`,
    `team`, `config`. Keys stand after dots, list indexes in brackets, odd keys in quotes: a["b.c"]. A
    path that begins with $ is JSONPath, with filters: $.sprint.tasks[?(@.status=='blocked')].

    Every change is kept, with who made it, when and why. `history` lists the changes at a path, `blame`
    says who set each value, `diff` shows what differs between two moments, and --at lets any command
    that reads answer as of a moment. `undo` takes a change back and `redo` brings it back again;
    `session_manager recover` brings back a session, `shared_state backup` keeps and restores whole
    states.
    """


def main() -> None:
    """Run the command line."""
    run(cli, "state_manager")
