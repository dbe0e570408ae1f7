"""The words of the domain: modes, statuses, legal transitions, lifetimes, default settings.

Written once, here. The tables follow Scrum's and Kanban's usual terms; what may follow what is
in `*_TRANSITIONS`, a mapping from a status to the statuses that may come after it.
"""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
"""A record as it stands in its file: plain JSON values only."""

SESSION_LIFETIME_HOURS: Mapping[str, int] = {
    "development": 24,
    "leadership": 48,
    "sprint": 168,
    "config": 1,
}
SESSION_MODES = tuple(SESSION_LIFETIME_HOURS)
SESSION_STATUSES = ("active", "paused", "completed", "failed")
SESSION_TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "active": ("paused", "completed", "failed"),
    "paused": ("active", "completed", "failed"),
    "completed": ("active",),
    "failed": ("active",),
}
MODE_OF_STYLE: Mapping[str, str] = {
    "sprint_execution": "sprint",
    "leadership_chat": "leadership",
    "all-team_dashboard": "leadership",
    "config_manager": "config",
}

TASK_TYPES = ("feature", "bug", "chore", "test", "docs", "infra", "design")
COLUMNS = ("backlog", "todo", "in_progress", "review", "done", "cancelled")
COLUMN_SYNONYMS: Mapping[str, str] = {
    "pending": "todo",
    "ready": "todo",
    "queued": "todo",
    "active": "in_progress",
    "testing": "review",
    "qa": "review",
    "completed": "done",
}
WORK_COLUMNS = ("in_progress", "review")
CLOSED_COLUMNS = ("done", "cancelled")
BLOCKED_MAY_ENTER = ("backlog", "cancelled")

PRIORITY_NAMES: Mapping[str, int] = {"critical": 1, "high": 2, "medium": 3, "low": 4, "lowest": 5}
DEFAULT_PRIORITY = 3

EPIC_STATUSES = ("planned", "in_progress", "completed", "blocked", "cancelled")
EPIC_TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "planned": ("in_progress", "completed", "blocked", "cancelled"),
    "in_progress": ("completed", "blocked", "cancelled"),
    "blocked": ("planned", "in_progress", "cancelled"),
    "completed": ("in_progress", "cancelled"),
    "cancelled": ("in_progress",),
}

SPRINT_STATUSES = ("planned", "active", "completed", "cancelled")
SPRINT_TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "planned": ("active", "cancelled"),
    "active": ("completed", "cancelled"),
    "completed": ("active",),
    "cancelled": (),
}

WORKFLOW_STATUSES = ("pending", "running", "completed", "failed", "cancelled")
WORKFLOW_TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "pending": ("running", "cancelled"),
    "running": ("completed", "failed", "cancelled"),
    "completed": (),
    "failed": (),
    "cancelled": (),
}

SEVERITIES = ("low", "medium", "high", "critical")
EVENT_SEVERITIES = ("debug", "info", "warning", "error", "critical")
TOOL_TYPES = ("agent", "command", "hook", "workflow", "library")
TEAM_STATUSES = ("inactive", "active")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

DEFAULT_WIP_LIMITS: Mapping[str, int] = {"todo": 10, "in_progress": 5, "review": 3}
DEFAULT_SETTINGS: Mapping[str, Any] = {
    "timezone": "UTC",
    "default_sprint_length": 14,
    "velocity_target": None,
    "team_capacity": None,
    "wip_limits": dict(DEFAULT_WIP_LIMITS),
    "working_days": ["Mon", "Tue", "Wed", "Thu", "Fri"],
    "point_scale": [1, 2, 3, 5, 8, 13],
    "active_columns": ["in_progress"],
    "max_active_sprints": 1,
    "claim_timeout": 60,
    "commit_moves": False,
}
