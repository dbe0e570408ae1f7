"""The colours of words, and what stands for each mark where a terminal has ASCII alone.

A colour only repeats what the word beside it says.
"""

STYLES = {
    # statuses of records
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
    # how things stand
    "busy": "cyan",
    "idle": "dim",
    "offline": "dim",
    "ok": "green",
    "high": "yellow",
    "full": "yellow",
    "over": "bold red",
    "on track": "green",
    "finished": "green",
    "at risk": "yellow",
    "behind": "red",
    "critical": "bold red",
    "error": "red",
    "warning": "yellow",
    # differences
    "added": "green",
    "removed": "red",
    "changed": "yellow",
    # parts of a page
    "title": "bold",
    "heading": "bold underline",
    "column": "bold",
    "id": "cyan",
    "muted": "dim",
    "command": "cyan",
}

ASCII = str.maketrans(
    {
        "─": "-",
        "━": "=",
        "│": "|",
        "█": "#",
        "░": ".",
        "…": "...",
        "·": "-",
        "•": "*",
        "✓": "x",
        "○": "o",
        "●": "*",
        "→": "->",
        "–": "-",
        "▁": "_",
        "▂": "_",
        "▃": "-",
        "▄": "-",
        "▅": "=",
        "▆": "=",
        "▇": "#",
        "⋅": ".",
        "┃": "|",
        "┄": "-",
        "▲": "^",
        "▼": "v",
        "◆": "o",
        "▒": "+",
    }
)
"""Marks of ours in characters that every terminal has."""
