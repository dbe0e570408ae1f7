"""What Claude Code may run without asking: reads, and writes that `undo` takes back.

A rule names a sub-command and ends in `*`. Left out, so that the user is asked: what resets, restores,
removes, imports, applies a plan or reaches a remote, and what writes a file of the caller's choice.
"""

from collections.abc import Mapping

SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "session_manager": (
        "complete", "create", "current", "fail", "handoff", "handoffs", "heartbeat", "info", "init", "list", "pause",
    ),
    "state_manager": (
        "append", "autoassign", "blame", "changes", "delete", "diff", "get", "history", "increment", "list-sessions",
        "merge", "query", "redo", "set", "task", "undo", "update-task", "watch", "wip",
    ),
    "shared_state": (
        "accept-handoff", "backup create", "backup diff", "backup list", "broadcast", "cancel-sprint",
        "complete-handoff", "complete-sprint", "create-sprint", "decision", "defer-handoff", "get-config", "get-epic",
        "get-handoff", "get-sprint", "get-tool", "goal", "list-epics", "list-handoffs", "list-sprints", "list-tools",
        "notify", "plan-epic", "register-tool", "reject-handoff", "resume-handoff", "risk", "set-config",
        "start-handoff", "start-sprint", "team-handoff", "update-epic", "update-sprint", "validate",
    ),
    "event_stream": ("emit", "filter", "latest", "stats", "stream"),
    "observability": ("metrics", "monitor", "sprint", "status"),
}  # fmt: skip
"""By script. Every command below `task`, `decision`, `goal` and `risk` is a read or can be undone."""
UMBRELLA = (
    "allocation", "board", "burndown", "config environments", "config get", "config history", "config overview",
    "config validate", "dashboard", "doctor", "epic plan", "events", "flow", "forecast", "kpis", "metrics", "monitor",
    "roadmap", "sprint", "team", "teams", "timeline", "velocity", "workflow",
)  # fmt: skip
"""Commands of `orchestration` itself."""
FOR_WORK = (
    "state_manager task",
    "shared_state notify",
    "shared_state plan-epic",
    "shared_state team-handoff",
    "state_manager update-task",
)
"""What the model needs for the work that a slash command gives it."""


def rules(calls: Mapping[str, str]) -> list[str]:
    """Return the allow rules; `calls` says how each script, and `orchestration`, is started."""
    begins = [
        f"{calls[script]} {command}" for script, commands in SCRIPTS.items() for command in commands
    ] + [f"{calls['orchestration']} {command}" for command in UMBRELLA]
    return [f"Bash({begin}:*)" for begin in begins]
