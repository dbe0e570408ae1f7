"""Changes of configuration: one value by its path, one entry as a whole, or many at once.

An entry is a team, an agent or a workflow by name. It stands in a project's configuration, or among the
defaults that all projects of the store share (`config/`), which the project's own go before.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration import codec, ids, paths
from orchestration.domain import check_fields, config_checks, fields, projects
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import Conflict, InvalidData, NotFound, Refused
from orchestration.paths import MISSING
from orchestration.store.layout import Key
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

SHARED_FILES = (*config_checks.SHARED_SECTIONS, "settings")
_FILES = {section: file for file, section in config_checks.SHARED_SECTIONS.items()}
_KINDS = {"team": "team", "agents": "agent", "workflows": "workflow"}
IMPORTED = ("settings", "team", "agents", "workflows", "environments", "metadata")
_NOT_IMPORTED = ("project_id", "created_at", "updated_at", "defaults")


class Entry(NamedTuple):
    """A team, agent or workflow of a project, or of the store when no project is named."""

    project: str | None
    section: str
    """team, agents or workflows."""
    name: str

    @property
    def key(self) -> Key:
        """The key of the file that holds it."""
        return ("config", _FILES[self.section]) if self.project is None else _config(self.project)

    @property
    def path(self) -> paths.Path:
        """Where it stands in that file."""
        return (self.name,) if self.project is None else (self.section, self.name)

    @property
    def kind(self) -> str:
        """The word for it."""
        return _KINDS[self.section]


def _config(project_id: str) -> Key:
    return ("projects", ids.check(project_id, "project"), "config")


# -- entries


def entry(reader: Snapshot, of: Entry) -> Document | None:
    """Return an entry as it is stored, None when it is not there."""
    found = _section(reader.load(*of.key), of).get(of.name)
    return dict(found) if isinstance(found, Mapping) else None


def _section(record: Document | None, of: Entry) -> Mapping[str, Any]:
    found = record or {}
    section = found if of.project is None else found.get(of.section) or {}
    if not isinstance(section, Mapping):
        raise InvalidData(f"{of.section} of the configuration is not an object", hint="see `config validate`")
    return section


def write(
    tx: "Transaction", of: Entry, record: Mapping[str, Any] | None, *, now: str, session: str | None = None,
    expected: Any = MISSING,
) -> tuple[Document | None, Document | None]:  # fmt: skip
    """Make `record` an entry, or take the entry out for None; returns it before and after.

    Conflict when the entry is not what was `expected`, that is when somebody changed it meanwhile.
    """
    before_file = tx.edit(*of.key)
    section = _section(before_file, of)
    before = section.get(of.name)
    if expected is not MISSING and before != expected:
        raise Conflict(
            f"{of.kind} {of.name!r} has changed meanwhile", hint="read it again, then repeat the change"
        )
    if record is None and of.name not in section:
        is_default = of.project is not None and entry(tx, of._replace(project=None)) is not None
        hint = "it is one of the defaults of the store: --shared takes it out for all projects"
        raise NotFound(f"no {of.kind} {of.name!r} {_where(of)}", hint=hint if is_default else _known(section))
    if of.name not in section:
        _check_new(of, section)
    after = None if record is None else config_checks.stored(of.section, of.name, dict(record))
    changed = {name: one for name, one in section.items() if name != of.name or after is not None}
    if after is not None:
        changed[of.name] = after
    _save(tx, of, before_file, changed, now=now, session=session)
    return (dict(before) if isinstance(before, Mapping) else None), after


def _check_new(of: Entry, section: Mapping[str, Any]) -> None:
    ids.check_new(of.name, section, of.kind)
    if of.section == "team" and of.name in projects.PROJECT_WIDE:
        raise Refused(f"{of.name!r} cannot name a team: it is a list of agents", hint="use another name")


def _where(of: Entry) -> str:
    return "among the defaults of the store" if of.project is None else f"of project {of.project!r} itself"


def _known(section: Mapping[str, Any]) -> str:
    names = [name for name in section if name not in projects.PROJECT_WIDE]
    return f"there are: {', '.join(names)}" if names else "there are none"


def _save(
    tx: "Transaction", of: Entry, before: Document | None, section: Document, *, now: str, session: str | None
) -> None:
    if of.project is None:
        if section != before:
            tx.save(of.key, section)
            subject = fields.subject(f"config: set {_FILES[of.section]}.{of.name} for all projects")
            tx.describe("config_changed", subject, session=session)
        return
    if before is None:
        Project(tx, of.project, now=now).check_new()
        before_or_new = projects.merge_config(None, of.project, {}, now=now)
    else:
        before_or_new = before
    save_config(tx, of.project, before, {**before_or_new, of.section: section}, session=session)


def save_config(
    tx: "Transaction", project_id: str, before: Document | None, after: Document, *, session: str | None
) -> None:
    """Store a project's configuration and say what changed."""
    after = {name: value for name, value in after.items() if name != "updated_at"}
    if after != before:
        tx.save(_config(project_id), after)
        op, subject = projects.event_of(before, after)
        tx.describe(op, subject, session=session, project=project_id)


# -- one value


def set_value(
    tx: "Transaction", project_id: str, path: paths.Path, value: Any, *, now: str, session: str | None = None
) -> tuple[Document, Document]:
    """Set one value of a project's configuration, None taking it out; returns the whole before and after.

    Known settings are coerced and checked; the project is made when there is none.
    """
    before = tx.edit(*_config(project_id))
    Project(tx, project_id, now=now).check_new()
    patch = _patch(before or {}, path, value)
    after = projects.merge_config(before, project_id, patch, now=now)
    save_config(tx, project_id, before, after, session=session)
    return before or {}, after


def _patch(before: Document, path: paths.Path, value: Any) -> Document:
    """Return the merge patch that sets one value; a list on the way is written as a whole."""
    if not path:
        raise Refused("the whole configuration is no value", hint="name a path, such as settings.timezone")
    inside, depth = before, 0
    while depth < len(path) - 1 and isinstance(inner := paths.child(inside, path[depth]), dict):
        inside, depth = inner, depth + 1
    if depth < len(path) - 1 and isinstance(paths.child(inside, path[depth]), list):
        copy = json.loads(json.dumps(inside))
        if value is None:
            paths.delete(copy, path[depth:])
        else:
            paths.set_value(copy, path[depth:], value)
        path, value = path[: depth + 1], copy[str(path[depth])]
    patch: Any = value
    for key in reversed(path):
        patch = {str(key): patch}
    found: Document = patch
    return found


def set_shared(
    tx: "Transaction", path: paths.Path, value: Any, *, session: str | None = None
) -> tuple[Document, Document]:
    """Set one value of the configuration all projects share; returns it before and after, by file.

    The first name of the path is the file: teams, agents, workflows or settings.
    """
    words = [str(word) for word in path]
    if len(words) < 2 or words[0] not in SHARED_FILES:
        raise Refused(
            f"{paths.format(path) or 'the empty path'} is no value that all projects share",
            hint=f"begin with {', '.join(SHARED_FILES)}, then name a value, such as settings.lock_timeout",
        )
    key = ("config", words[0])
    before = tx.edit(*key) or {}
    inner = paths.merge_patch(before, _patch(before, path[1:], value))
    found, after = config_checks.shared(key, inner)
    here = check_fields.place(key, words[1])
    wrong = [one for one in found if one.severity == "error" and one.place == here]
    if wrong:
        raise InvalidData(wrong[0].problem, hint=wrong[0].fix)
    if after != before:
        tx.save(key, after)
        subject = fields.subject(f"config: set {paths.format(path)} for all projects")
        tx.describe("config_changed", subject, session=session)
    return {words[0]: before}, {words[0]: after}


def shared(reader: Snapshot) -> Document:
    """Return the configuration that all projects share, by file."""
    return {name: reader.load("config", name) or {} for name in SHARED_FILES}


# -- many at once


def importable(raw: bytes, name: str) -> Document:
    """Return the change that a file of JSON or YAML asks for: its sections, laid over what there is.

    What belongs to the project that was exported, its name and its times, is left out.
    """
    if raw.lstrip()[:1] == b"{":
        try:
            data = json.loads(raw)
        except ValueError as error:
            raise InvalidData(f"{name} is not JSON: {error}", hint="mend it, or write it as YAML") from None
    else:
        data = codec.load(raw, name=name)
    if not isinstance(data, dict):
        raise InvalidData(f"{name} does not hold a mapping", hint=f"sections: {', '.join(IMPORTED)}")
    return {key: value for key, value in data.items() if key not in _NOT_IMPORTED}


def import_(
    tx: "Transaction", project_id: str, change: Mapping[str, Any], *, now: str, session: str | None = None
) -> Document:
    """Lay an imported configuration over a project's own and return it."""
    before = tx.edit(*_config(project_id))
    Project(tx, project_id, now=now).check_new()
    after = projects.merge_config(before, project_id, change, now=now)
    save_config(tx, project_id, before, after, session=session)
    return after


def as_environment(config: Mapping[str, Any]) -> dict[str, str]:
    """Return a configuration as environment variables: `SETTINGS_VELOCITY_TARGET` for settings.velocity_target.

    Lists of scalars are joined by commas; null is empty. Refused when two paths give one name.
    """
    found: dict[str, str] = {}
    places: dict[str, str] = {}
    for path, value in _leaves(config):
        name = "".join(c if c.isascii() and c.isalnum() else "_" for c in "_".join(path)).upper()
        name = f"_{name}" if name[:1].isdigit() else name
        where = paths.format(path)
        if name in places:
            raise Refused(
                f"{places[name]} and {where} would both be {name}", hint="export it as json or yaml"
            )
        places[name], found[name] = where, _plain(value)
    return found


def _leaves(value: Mapping[str, Any], before: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, one in value.items():
        if isinstance(one, Mapping):
            found += _leaves(one, (*before, name))
        else:
            found.append(((*before, name), one))
    return found


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return ",".join(_plain(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
