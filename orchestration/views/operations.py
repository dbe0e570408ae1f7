"""The operations that a plan may name: the module of `domain` whose `perform` does one, and the view that shows it."""

from collections.abc import Mapping

RULES: Mapping[str, tuple[str, str]] = {
    "autoassign": ("autoassign", "delegation.autoassign"),
    "allocation": ("allocation", "delegation.allocation"),
    "task delegate": ("delegation", "delegation.delegate"),
    "epic plan": ("epic_plans", "epic_plans.plan"),
    "team activate": ("team_activation", "config.activation"),
    "sprint start": ("sprint_starting", "sprint_plans.starting"),
    "sprint stop": ("sprint_stopping", "sprint_plans.stopping"),
    "sprint archive": ("archiving", "sprint_plans.archiving"),
    "stop": ("standing_down", "sprint_plans.standing_down"),
}
"""By operation: `perform(tx, arguments, now=, actor=)` returns the document that the view shows, and
`outcome(document)` what of it a plan promises.
"""
