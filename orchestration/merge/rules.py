"""Which values of the state merge in a way of their own: one table, from path patterns to rules.

A pattern is a repository path in which `*` stands for one key and `**` for any number of them. The first
that fits decides. Where none fits, the kind of the values does: mappings merge key by key, lists of
scalars as sets, lists of mappings with ids id by id, counters machine by machine; any other value that
both sides changed is a conflict, and the later stands.

Times that say when something first happened keep the earlier, so that "done on both machines" is no
conflict; times that only ever grow keep the later. A list that is one decision, such as a scale of
points or the steps of a workflow in their order, is never mixed from two.
"""

LATEST = "latest"
"""The later of two times; a time goes before none."""
EARLIEST = "earliest"
"""The earlier of two times; a time goes before none."""
GREATEST = "greatest"
"""The greater of two numbers: a mark that is only ever raised."""
FIRST_CLAIM = "first claim"
"""The claim that was made first, as on one machine, where the second is refused; a claim goes before none.

Claims of one second go by who wrote first, and those of one moment by the names of their agents.
"""
FURTHEST = "furthest"
"""The status that is further on: pending, running, ended; a conflict where both ended differently."""
WHOLE = "whole"
"""One value, whatever is in it."""
BY_TEXT, BY_NAME = "by text", "by name"
"""A list of mappings that are told apart by this key."""

IDENTITY = {BY_TEXT: "text", BY_NAME: "name"}
"""The key that tells the items of a list apart, `id` where no rule names another."""

STILL_OPEN = ("pending", "running")
"""The statuses before the last ones, in their order."""

_HAPPENED_ONCE = (
    "created_at",
    "registered_at",
    "opened_at",
    "committed_at",
    "started_at",
    "completed_at",
    "ended_at",
    "resolved_at",
    "decided_at",
    "closed_at",
    "activated_at",
)

TABLE: tuple[tuple[str, str], ...] = (
    ("**.updated_at", LATEST),
    ("**.heartbeat", LATEST),
    ("**.expiry", LATEST),
    ("**.last_activity", LATEST),
    *((f"{top}.**.{name}", EARLIEST) for top in ("projects", "tools") for name in _HAPPENED_ONCE),
    ("sessions.*.session.created_at", EARLIEST),
    ("sessions.*.execution.teams.*.activated_at", EARLIEST),
    ("sessions.*.execution.inherited_context", WHOLE),
    ("format.version", GREATEST),
    ("config.workflows.*.steps", WHOLE),
    ("projects.*.config.counters.*", GREATEST),
    ("projects.*.config.settings.point_scale", WHOLE),
    ("projects.*.config.settings.working_days", WHOLE),
    ("projects.*.config.settings.active_columns", WHOLE),
    ("projects.*.config.workflows.*.steps", WHOLE),
    ("projects.*.tasks.*.claim", FIRST_CLAIM),
    ("projects.*.tasks.*.split_into", WHOLE),
    ("projects.*.archive.*.*.claim", FIRST_CLAIM),
    ("projects.*.archive.*.*.split_into", WHOLE),
    ("projects.*.sprints.*.goals", BY_TEXT),
    ("projects.*.sprints.*.committed_tasks", WHOLE),
    ("projects.*.sprints.*.report", WHOLE),
    ("projects.*.workflows.*.steps", BY_NAME),
    ("projects.*.workflows.*.status", FURTHEST),
    ("projects.*.workflows.*.steps.*.status", FURTHEST),
)

_PATTERNS = tuple((tuple(pattern.split(".")), rule) for pattern, rule in TABLE)


def of(path: tuple[str, ...]) -> str | None:
    """Return the rule for a repository path, None where the kind of the values decides."""
    return next((rule for pattern, rule in _PATTERNS if _fits(pattern, path)), None)


def _fits(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_fits(pattern[1:], path[skipped:]) for skipped in range(len(path) + 1))
    return bool(path) and pattern[0] in ("*", path[0]) and _fits(pattern[1:], path[1:])
