"""The check of one field: what its own rule says of the value, as a finding with its place."""

from typing import Any

from orchestration.domain.fields import Check
from orchestration.domain.records import Document
from orchestration.errors import OrchestrationError
from orchestration.store import layout
from orchestration.store.findings import BY_REPAIR, Finding
from orchestration.store.layout import Key


def place(key: Key, field: str = "") -> str:
    """Name a record by its file, and a field of it after a colon."""
    return f"{layout.file_of(*key)}: {field}" if field else layout.file_of(*key)


def check(key: Key, field: str, value: Any, rule: Check, found: list[Finding], right: Document) -> None:
    """Note what a rule says of a value; one it would store in another form is put so into `right`."""
    try:
        stored = rule(field, value)
    except OrchestrationError as error:
        fix = error.hint or "write a value that the field takes"
        found.append(Finding("structure", "error", place(key, field), error.message, fix))
        return
    if stored != value or isinstance(stored, bool) != isinstance(value, bool):
        problem = f"is {_short(value)}, and is stored as {_short(stored)}"
        found.append(Finding("structure", "warning", place(key, field), problem, BY_REPAIR))
        right[field] = stored


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
