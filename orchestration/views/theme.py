"""The colours of statuses; a colour only repeats what the word beside it says."""

STYLES = {
    "active": "green",
    "in_progress": "cyan",
    "review": "magenta",
    "done": "green",
    "completed": "green",
    "blocked": "red",
    "failed": "red",
    "expired": "yellow",
    "paused": "yellow",
    "retired": "dim",
    "cancelled": "dim",
    "backlog": "dim",
}
