"""A record as text for a person's editor: the text, what is wrong with it, and where that stands.

The text is YAML under a few lines of comment. An error goes back into it as a comment below the line it is
about, `# ^ line 3: ...`; such lines are taken out again before the text is read.
"""

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from orchestration import codec, paths
from orchestration.domain import check_fields, config_checks, links, team_checks, workflows
from orchestration.domain.config_actions import Entry
from orchestration.domain.records import Document
from orchestration.errors import InvalidData
from orchestration.store import layout
from orchestration.store.findings import Finding
from orchestration.store.layout import Key

MARK = "# ^ "
_LINE = re.compile(r", line ([0-9]+), column [0-9]+: ")
_TEAM: Mapping[str, Any] = {"lead": None, "members": [], "skills": []}
_AGENT: Mapping[str, Any] = {"team": None, "role": None, "skills": [], "capacity": 1}
_WORKFLOW: Mapping[str, Any] = {
    "name": "NAME",
    "type": None,
    "steps": [{"name": "First step", "assignee": None}],
}
TEMPLATES = {"team": _TEAM, "agents": _AGENT, "workflows": _WORKFLOW}
"""What a new record of a section begins with."""


class Problem(NamedTuple):
    """What is wrong with a draft; `line` counts from 1 in the text without marks."""

    line: int
    message: str
    severity: str = "error"


class Draft(NamedTuple):
    """A text that was read."""

    record: Document | None
    """None when it cannot be."""
    problems: list[Problem]

    @property
    def is_valid(self) -> bool:
        """Whether it may be saved: warnings and hints are no hindrance."""
        return self.record is not None and not any(one.severity == "error" for one in self.problems)


def text_of(of: Entry, record: Mapping[str, Any]) -> str:
    """Return a record as the text to be edited."""
    whose = "all projects of the store" if of.project is None else f"project {of.project}"
    lines = [
        f"# The {of.kind} {of.name} of {whose}. Save and close the editor to check and commit it.",
        "# Leave it as it is, or empty, to change nothing.",
    ]
    return "\n".join([*lines, codec.dump(dict(record)).decode()])


def read(of: Entry, text: str, records: Mapping[Key, Document], files: Iterable[str]) -> Draft:
    """Read an edited text and check it among the records it belongs to: type, agents, one lead, steps.

    `files` are the agents that files of the checkout describe.
    """
    clean = without_marks(text)
    try:
        record = codec.load(clean.encode("utf-8", "surrogatepass"), name="draft")
        if not isinstance(record, dict):
            raise InvalidData("draft, line 1, column 1: it does not hold a mapping")
    except InvalidData as error:
        found = _LINE.search(error.message)
        line = int(found[1]) if found else 1
        said = error.message[found.end() :] if found else error.message
        return Draft(None, [Problem(line, _with_hint(said, error.hint))])
    except UnicodeEncodeError:
        return Draft(None, [Problem(1, "this is not valid Unicode")])
    problems = _of_fields(of, record, clean)
    if any(one.severity == "error" for one in problems):
        return Draft(record, problems)
    stored = config_checks.stored(of.section, of.name, record)
    return Draft(stored, [*problems, *_among(of, stored, clean, records, set(files))])


def is_empty(text: str) -> bool:
    """Say whether nothing but comments is left of a text: its writer gave up."""
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())


def _of_fields(of: Entry, record: Document, text: str) -> list[Problem]:
    """Check each field by itself, so that each error has its own place."""
    if of.section == "workflows":
        try:
            workflows.definition("", record)
            return []
        except InvalidData as error:
            place = error.message.partition(" ")[0].lstrip(".")
            said = error.message.removeprefix(".")
            return [Problem(line_of(text, _parsed(place)), _with_hint(said, error.hint))]
    found = []
    for name, value in record.items():
        try:
            config_checks.stored(of.section, of.name, {name: value})
        except InvalidData as error:
            prefix = f"{of.section}.{of.name}."
            found.append(
                Problem(line_of(text, (name,)), _with_hint(error.message.removeprefix(prefix), error.hint))
            )
    return found


def _parsed(place: str) -> paths.Path:
    return paths.parse(place) if re.fullmatch(r"[a-z_]+(\[[0-9]+\](\.[a-z_]+)?)?", place) else ()


def _among(
    of: Entry, record: Document, text: str, records: Mapping[Key, Document], files: set[str]
) -> list[Problem]:
    """Check a record together with the others: what it newly breaks is its problem."""
    prefix = f"{check_fields.place(of.key, paths.format(of.path))}."
    present = dict(records.get(of.key) or {})
    if of.project is None:
        present[of.name] = record
    else:
        present[of.section] = {**(present.get(of.section) or {}), of.name: record}
    changed = {**records, of.key: present}
    if of.section == "team":
        found: list[Finding] = team_checks.check(changed, files=files)
    elif of.section == "workflows":
        found = links.check(changed, files=files)[0]
    else:
        found = []
    return [
        Problem(line_of(text, _parsed(one.place.removeprefix(prefix))), _with_hint(one.problem, one.fix), one.severity)
        for one in found
        if one.place.startswith(prefix)
    ]  # fmt: skip


def _with_hint(message: str, hint: str | None) -> str:
    return f"{message}; {hint}" if hint else message


# -- lines


def marked(text: str, problems: Iterable[Problem]) -> str:
    """Return a text with each problem as a comment below its line."""
    lines = without_marks(text).splitlines()
    for problem in sorted(problems, key=lambda one: one.line, reverse=True):
        at = min(max(problem.line, 1), len(lines) or 1)
        above = lines[at - 1] if lines else ""
        indent = above[: len(above) - len(above.lstrip())]
        said = " ".join(problem.message.split())
        word = "" if problem.severity == "error" else f"{problem.severity}: "
        lines.insert(at, f"{indent}{MARK}line {problem.line}: {word}{said}")
    return "\n".join(lines) + "\n"


def without_marks(text: str) -> str:
    """Return a text without the comments that `marked` put in."""
    kept = [line for line in text.splitlines() if not line.lstrip().startswith(f"{MARK}line ")]
    return "\n".join(kept) + "\n"


def line_of(text: str, path: paths.Path) -> int:
    """Return the line, from 1, of what stands at a path of block-style YAML, or of what of it can be found."""
    lines = [_Row.of(number, line) for number, line in enumerate(text.splitlines(), 1)]
    rows = [row for row in lines if row is not None]
    first = rows[0].number if rows else 1
    found, inside = first, rows
    for key in path:
        level = min((row.indent for row in inside), default=0)
        if isinstance(key, int):
            starts = [n for n, row in enumerate(inside) if row.indent == level and row.is_item]
            at = starts[key] if key < len(starts) else None
            end = starts[key + 1] if at is not None and key + 1 < len(starts) else len(inside)
        else:
            at = next((n for n, row in enumerate(inside) if row.key == key and row.starts <= level + 2), None)
            end = len(inside)
            if at is not None:
                level = inside[at].starts
                later = range(at + 1, len(inside))
                end = next((n for n in later if _ends(inside[n], level)), end)
        if at is None:
            return found
        found = inside[at].number
        below = inside[at + 1 : end]
        if isinstance(key, int):  # the first line of an item may hold a key of its own
            below = [inside[at]._replace(is_item=False, indent=inside[at].starts), *below]
        inside = below
    return found


def _ends(row: "_Row", level: int) -> bool:
    return row.indent < level or (row.indent == level and not row.is_item)


class _Row(NamedTuple):
    """A line of YAML: how far it is indented, whether it begins an item, and the key on it."""

    number: int
    indent: int
    is_item: bool
    starts: int
    """Where its key begins."""
    key: str | None

    @staticmethod
    def of(number: int, line: str) -> "_Row | None":
        body = line.lstrip(" ")
        if not body or body.startswith("#"):
            return None
        indent = len(line) - len(body)
        is_item = body.startswith("- ") or body == "-"
        inner = body[1:].lstrip(" ") if is_item else body
        key, colon, _ = inner.partition(":")
        return _Row(
            number, indent, is_item, len(line) - len(inner), key.strip().strip("\"'") if colon else None
        )


# -- where no editor can be opened


def shown(of: Entry, record: Mapping[str, Any], *, root: str, command: str) -> Document:
    """Return a record as text, where it stands, and the lines that set each of its values.

    `command` is how a value of the configuration is set, such as `orchestration config set`.
    """
    top = of.section if of.project else of.key[1]
    end = f" --project {of.project}" if of.project else " --shared"
    lines = []
    for name, value in record.items():
        place = shlex.quote(paths.format((top, of.name, name)))
        is_text = isinstance(value, str)
        written = shlex.quote(value if is_text else json.dumps(value, ensure_ascii=False))
        lines.append(f"{command} {place} {written}{'' if is_text else ' --json-value'}{end}")
    return {
        "yaml": codec.dump(dict(record)).decode(),
        "file": f"{root}/{layout.file_of(*of.key)}",
        "path": paths.format(of.path),
        "set": lines,
    }
