"""What a check of the store found: one line for a person, with the way out."""

from typing import NamedTuple

SEVERITIES = ("error", "warning", "hint")
"""An error hurts reading or writing, a warning wants to be looked at, a hint is only worth knowing."""


class Finding(NamedTuple):
    """Something that is not as it should be."""

    kind: str
    """What was checked: objects, refs, syntax, structure, references, files, index or leftovers."""
    severity: str
    place: str
    """A file of the store, with a field of the record after a colon; else a reference or an object."""
    problem: str
    fix: str
    """What to do, as a sentence or a command."""


BY_REPAIR = "run `state_manager verify --repair`"
BY_SOURCE = f"{BY_REPAIR}, with `--from` a bundle, a clone or a remote that holds it"
