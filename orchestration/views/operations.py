"""The operations that a plan may name: the module of `domain` whose `perform` does one, and the view that shows it."""

from collections.abc import Mapping

RULES: Mapping[str, tuple[str, str, str]] = {
    "autoassign": ("autoassign", "delegation.autoassign", "Assigned"),
    "allocation": ("allocation", "delegation.allocation", "Reassigned"),
    "task delegate": ("delegation", "delegation.delegate", "Delegated"),
    "epic plan": ("epic_plans", "epic_plans.plan", "Planned the epic"),
    "team activate": ("team_activation", "config.activation", "Activated the team"),
    "sprint start": ("sprint_starting", "sprint_plans.starting", "Started the sprint"),
    "sprint stop": ("sprint_stopping", "sprint_plans.stopping", "Completed the sprint"),
    "sprint archive": ("archiving", "sprint_plans.archiving", "Archived the sprint"),
    "stop": ("standing_down", "sprint_plans.standing_down", "Stopped"),
}
"""By operation: module, view, and what is said when it is done.

`perform(tx, arguments, now=, actor=)` of the module returns the document that the view shows, and
`outcome(document)` what of it a plan promises.
"""
