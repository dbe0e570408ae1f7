"""The names under which a session sees its own files and its project's records."""

OWN = ("session", "execution", "observability")
MOUNTS = (
    "project", "config", "sprint", "sprints", "tasks", "epics", "team", "teams", "agents", "tools",
)  # fmt: skip
ALIASES = ("task", "orchestration")
RESERVED = ("projects", "sessions", "orchestration", "format", "conflicts")
SPRINT_PARTS = ("current", "tasks", "metrics", "blockers", "burndown", "goals", "wip_limits", "config")
SPRINT_CONFIG = ("start_date", "end_date", "capacity", "velocity_target", "wip_limits")
"""The fields of a sprint that `sprint.config` shows and takes."""
