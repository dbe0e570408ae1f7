"""The validation of a configuration: everything that is checked, as one document.

Looked at are the configuration all projects share, the tool registry, the records of one project or of
all, and what is installed in the checkout. Files that a person edited and did not commit count as
they are on disk.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from orchestration.domain import checks
from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.history import rescue
from orchestration.history.rescue import Good
from orchestration.store import layout, present
from orchestration.store.findings import SEVERITIES, Finding
from orchestration.store.index import Index
from orchestration.store.installed import Installed
from orchestration.store.present import Present
from orchestration.store.snapshot import Snapshot

BY_FIX = "run `shared_state fix`"
"""What mends a finding, in the words of `/config fix`."""
_NAMES = {"config": "configuration files", "tools": "tools"}


def folders(project: str | None) -> list[str]:
    """Return the folders of the store that are looked at for one project, or for all of it."""
    shared = ["config", "tools"]
    return [*shared, "projects", "sessions"] if project is None else [*shared, f"projects/{project}"]


def validate(
    reader: Snapshot, project: str | None, installed: Installed, index: Callable[[], Index], *, disk: bool
) -> Document:
    """Check a project, or everything, and return the report.

    `disk` says to look at files as they were edited by hand; `index` is asked for what history knows of
    retired sessions and of files that cannot be read.
    """
    seen = look(reader, project, disk=disk)
    gone = retired(reader, project, index)
    return report(findings(seen, installed, retired=gone, good=newest_good(index)), seen, installed)


def retired(reader: Snapshot, project: str | None, index: Callable[[], Index]) -> set[str]:
    """Return the sessions that left the store, where sessions are looked at."""
    return set(index().retired()) if project is None and reader.tip is not None else set()


def newest_good(index: Callable[[], Index]) -> Callable[[str], Good | None]:
    """Return what finds the newest version of a file that can be read."""
    return lambda file: rescue.newest_good(index().store, index(), file)


def look(reader: Snapshot, project: str | None, *, disk: bool) -> Present:
    """Read what is to be checked."""
    return present.read(reader, folders(project), disk=disk)


def findings(
    seen: Present, installed: Installed, *, retired: Collection[str], good: Callable[[str], Good | None]
) -> list[Finding]:
    """Return what is wrong, the worst first; `good` tells of the newest version of a file that can be read."""
    found = list(installed.findings)
    for file, error in seen.damaged.items():
        problem = error.message.removeprefix(f"{file}, ").removeprefix(f"{file} ")
        found.append(Finding("syntax", "error", file, problem, _way_back(file, good)))
    for file, content in seen.edited.items():
        if file not in seen.damaged:
            what = "was deleted" if content is None else "was edited"
            fix = "`orchestration config reload` commits it, else the next write to it does"
            found.append(Finding("files", "hint", file, f"{what} by hand and is not committed yet", fix))
    for one in checks.check(seen.records, retired=retired, files=installed.agents):
        fix = one.fix.replace("run `state_manager verify --repair`", BY_FIX)
        found.append(one._replace(fix=fix))
    return sorted(found, key=lambda one: (SEVERITIES.index(one.severity), one.place, one.problem))


def _way_back(file: str, good: Callable[[str], Good | None]) -> str:
    version = good(file)
    if version is None:
        return "mend it with an editor; no older version of it can be read"
    return f"mend it, or {BY_FIX}: back to commit {version.commit[:12]} of {version.at}"


def report(found: Iterable[Finding], seen: Present, installed: Installed) -> Document:
    """Return the findings, how many there are of each severity, and how much was looked at."""
    rows = [one._asdict() for one in found]
    checked = _checked([*map(layout.key_of, seen.damaged), *seen.records])
    count = Counter(row["severity"] for row in rows)
    return {
        "valid": not count["error"],
        "errors": count["error"],
        "warnings": count["warning"],
        "hints": count["hint"],
        "findings": rows,
        "checked": {**checked, "installed files": installed.looked_at},
    }


def _checked(keys: Sequence[tuple[str, ...] | None]) -> dict[str, int]:
    """Count records by what they are."""
    names: list[str] = []
    for key in keys:
        if key is None:
            continue
        if key[0] == "projects":
            names.append("project configurations" if key[2] == "config" else _folder(key[2]))
        elif key[0] != "sessions":
            names.append(_NAMES.get(key[0], key[0]))
        elif key[2] == "session":
            names.append("sessions")
    return dict(sorted(Counter(names).items()))


def _folder(name: str) -> str:
    return "archived tasks" if name == "archive" else name


def summary(document: Document) -> str:
    """Return the last line of a validation: how many errors and warnings there are."""
    return f"{counted(document['errors'], 'error')}, {counted(document['warnings'], 'warning')}"
