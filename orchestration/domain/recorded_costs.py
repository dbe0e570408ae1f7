"""Costs and budgets that people or tools wrote into records; nothing here is estimated.

They are found by name: a number whose key begins with budget, cost, spent or tokens, in the metadata of
the project, its epics and sprints, in what was reported of a sprint, and in the fields of tasks.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestration.domain import work_done
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.samples import tidy

NAMES = ("budget", "cost", "spent", "tokens")


def recorded(project: Project) -> Document:
    """Return {project, rows, totals}: each number with its record and name, and their sums by kind and name.

    A row is {kind: project | epic | sprint | task, id, name, value}; a total {kind, name, value, records}.
    Sums go over records of one kind and one name, for what they measure is not known.
    """
    rows = [*_rows(project)]
    totals: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        totals.setdefault((row["kind"], row["name"]), []).append(row["value"])
    return {
        "project": project.id,
        "rows": rows,
        "totals": [
            {"kind": kind, "name": name, "value": tidy(sum(found)), "records": len(found)}
            for (kind, name), found in totals.items()
        ],
    }


def _rows(project: Project) -> Iterator[Document]:
    config = project.config or {}
    yield from _of("project", project.id, [config.get("metadata"), config.get("settings")])
    for name, epic in project.epics.items():
        yield from _of("epic", name, [epic, epic.get("metadata")])
    for name, sprint in project.sprints.items():
        yield from _of("sprint", name, [sprint, sprint.get("metadata"), sprint.get("reported")])
    for name, task in work_done.every_task(project).items():
        yield from _of("task", name, [task, task.get("metadata")])


def _of(kind: str, record: str, parts: Iterable[Any]) -> Iterator[Document]:
    for part in parts:
        for name, value in _numbers(part):
            yield {"kind": kind, "id": record, "name": name, "value": value}


def _numbers(part: Any) -> Iterator[tuple[str, int | float]]:
    for name, value in part.items() if isinstance(part, Mapping) else ():
        if not str(name).lower().startswith(NAMES):
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield str(name), value
        elif isinstance(value, Mapping):
            for inner, number in value.items():
                if isinstance(number, int | float) and not isinstance(number, bool):
                    yield f"{name}.{inner}", number
