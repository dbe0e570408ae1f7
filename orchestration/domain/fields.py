"""How a record takes changes: known fields are checked, system fields refused, unknown ones kept.

Each kind of record describes itself with a `Schema`; documents are never changed in place.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from orchestration.domain import values
from orchestration.domain.records import Document
from orchestration.errors import Refused
from orchestration.paths import deep_merge

Check = Callable[[str, Any], Any]
"""From a field's name and a written value to the value that is stored; raises InvalidData."""

SUBJECT_LENGTH = 72


class Schema(NamedTuple):
    """The fields of one kind of record, in the order in which they are stored."""

    kind: str
    defaults: Mapping[str, Any]
    checks: Mapping[str, Check]
    system: Mapping[str, str]
    """Fields a caller may not write, each with what to do instead."""


def created(schema: Schema, fixed: Mapping[str, Any], changes: Mapping[str, Any]) -> Document:
    """Return a new record: defaults, then the checked `changes`, then the `fixed` values."""
    return updated(schema, blank(schema) | dict(fixed), changes)


def updated(schema: Schema, document: Mapping[str, Any], changes: Mapping[str, Any]) -> Document:
    """Return `document` with `changes` merged in; Refused for a system field that would change.

    Objects merge per key, lists and scalars replace, null puts a field back to its default. A written
    `updated_at` is kept until the next change that gives none: otherwise git knows that time.
    """
    result = blank(schema) | dict(document)
    result.pop("updated_at", None)
    for name, given in changes.items():
        if name in schema.system:
            _refuse_change(schema, document, name, given)
            continue
        value = written(schema, name, given)
        old = result.get(name)
        if given is not None and isinstance(old, Mapping) and isinstance(value, Mapping):
            value = deep_merge(old, value)
        result[name] = value
    return arranged(schema, result)


def written(schema: Schema, name: str, given: Any) -> Any:
    """Return the form of `given` that field `name` stores."""
    if name == "updated_at" and given is not None:
        return values.time(name, given)
    check = schema.checks.get(name)
    return check(name, given) if check else given


def unset(schema: Schema, document: Mapping[str, Any], name: str) -> Document:
    """Return `document` with field `name` back at its default, or without it when it has none."""
    if name in schema.system:
        raise Refused(f"{name} of {_called(schema, document)} cannot be deleted", hint=schema.system[name])
    result = dict(document)
    result.pop(name, None)
    result.pop("updated_at", None)
    if name in schema.defaults:
        result[name] = written(schema, name, _copied(schema.defaults[name]))
    return arranged(schema, result)


def arranged(schema: Schema, document: Mapping[str, Any]) -> Document:
    """Return `document` with its known fields first, in the schema's order."""
    known = {name: document[name] for name in schema.defaults if name in document}
    return known | {name: value for name, value in document.items() if name not in known}


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Name the fields whose values differ, in the order of `after`, removed ones last."""
    names = [name for name in after if name not in before or before[name] != after[name]]
    return names + [name for name in before if name not in after]


def subject(text: str) -> str:
    """Return `text` as the first line of a commit: no control characters, at most 72 characters."""
    line = "".join(c if c.isprintable() else " " for c in text.strip().split("\n", 1)[0]).strip()
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 3].rstrip() + "..."


def identifier(field: str, value: Any) -> str | None:
    """Check an optional reference to another record."""
    return values.optional_id(field, value)


def free_object(field: str, value: Any) -> Document:
    """Check an object whose keys are free; null is an empty one."""
    return {} if value is None else values.mapping(field, value)


def _refuse_change(schema: Schema, document: Mapping[str, Any], name: str, given: Any) -> None:
    # Writing back what was read is no change: an exported record may be merged again.
    if name not in document or document[name] != given:
        raise Refused(f"{name} of {_called(schema, document)} cannot be written", hint=schema.system[name])


def _called(schema: Schema, document: Mapping[str, Any]) -> str:
    return f"{schema.kind} {str(document.get('id') or document.get('name') or '?')!r}"


def blank(schema: Schema) -> Document:
    """Return the defaults of a kind of record, none shared with another."""
    return {name: _copied(value) for name, value in schema.defaults.items()}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
