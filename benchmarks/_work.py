"""A store with the work of one team: 1,000 tasks of five sprints, one of them running, and their commits.

Records change by the rules of the domain and are put in by `git fast-import`, with the times at which a team
would have done it. Functions here run in a child, as those of `_child.py` do.
"""

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import _big
from benchmarks._lab import session_ids
from benchmarks._timing import WARM_UPS
from orchestration import codec
from orchestration.domain import planning, session_actions, sprints, task_fields, tasks, values
from orchestration.domain.records import Document
from orchestration.store import commits, layout
from orchestration.store.create import BRANCH
from orchestration.store.repo import Store

PROJECT = "shop"
SESSION = session_ids(1)[0]
TASKS = 1000
FINISHED = 4
EACH = 100
"""Tasks of a finished sprint; the running one has half of all, the last 100 are in none."""
RUNNING = f"sprint-{FINISHED + 1}"
AUTHOR = "benchmark"
_TEAMS = {
    "engineering": {"lead": "ana", "members": ["ana", "bo", "cy", "dana"], "capacity": 200},
    "product": {"lead": "eli", "members": ["eli", "fay"], "capacity": 100},
    "qa": {"lead": "gus", "members": ["gus", "hal"], "capacity": 100},
}
_AGENTS = [name for team in _TEAMS.values() for name in team["members"]]  # type: ignore[attr-defined]
_POINTS = (1, 2, 3, 5, 8)
_DAY = timedelta(days=1)
_LENGTH = 14


class Change(NamedTuple):
    """One commit to come: what a task, or with `sprint` a sprint, becomes at a moment."""

    at: datetime
    op: str
    record: str
    change: Callable[[Document, str], Document]
    sprint: bool = False


def work(root: str, count: int) -> None:
    """Make the store, with `count` commits after those that make it."""
    now = datetime.now(UTC).replace(microsecond=0)
    first = now - _LENGTH * FINISHED * _DAY - _LENGTH // 2 * _DAY
    store = Store(Path(root))
    _base(store, now, first)
    changes = sorted(_all(first, now), key=lambda change: change.at)
    changes = _filled(changes, count, now)
    _big.pour(root, _stream(store, changes))


def _base(store: Store, now: datetime, first: datetime) -> None:
    """Commit the configuration and the planned sprints, as of before the first; the session is of today."""
    then = first - _DAY
    at = values.format_time(then)
    with store.transaction(author=AUTHOR, now=then) as tx:
        tx.save(("config", "settings"), {**tx.load("config", "settings"), "pack_limit": 0})
        tx.describe("state_set", "config: pack_limit 0")
    with store.transaction(author=AUTHOR, now=then) as tx:
        config = {"team": _TEAMS, "settings": {"velocity_target": 300, "wip_limits": {"in_progress": 200}}}
        planning.set_config(tx, PROJECT, config, now=at)
    with store.transaction(author=AUTHOR, now=then) as tx:
        for number in range(FINISHED + 1):
            begins = (first + number * _LENGTH * _DAY).date().isoformat()
            sprint = sprints.new(
                f"sprint-{number + 1}", f"Sprint {number + 1}", {"start_date": begins}, now=at, config=None
            )
            tx.save(("projects", PROJECT, "sprints", sprint["id"]), sprint)
        tx.describe("sprint_created", "sprint: create five", project=PROJECT)
    with store.transaction(author=AUTHOR, now=then) as tx:
        # its heartbeat is of now, so that it is alive when it is asked
        session_actions.create(
            tx, SESSION, mode="sprint", project=PROJECT, by=AUTHOR, now=values.format_time(now)
        )


def _all(first: datetime, now: datetime) -> Iterator[Change]:
    """Yield what happened to sprints and tasks, in no order."""
    for number in range(TASKS):
        sprint = min(number // EACH, FINISHED) if number < TASKS - EACH else None
        yield from _life(number, sprint, first, now)
    for number in range(FINISHED + 1):
        begins = first + number * _LENGTH * _DAY
        name = f"sprint-{number + 1}"
        yield Change(begins, "sprint_started", name, lambda one, _: one, sprint=True)
        if number < FINISHED:
            ends = begins + _LENGTH * _DAY - timedelta(hours=1)
            yield Change(
                ends, "sprint_completed", name, lambda one, at: sprints.complete(one, now=at), sprint=True
            )


def _life(number: int, sprint: int | None, first: datetime, now: datetime) -> Iterator[Change]:
    """Yield what happened to one task: made before its sprint, done in it, some of them blocked for a while."""
    name = f"TASK-{number + 1}"
    given = {
        "title": f"Task {number + 1}: handle case {number % 37} of the order page",
        "description": "What is to be done, in a sentence or two, as people write it down.",
        "points": _POINTS[number % 5],
        "priority": number % 5 + 1,
        "assignee": _AGENTS[number % len(_AGENTS)] if number % 4 else None,
        "labels": ["web", f"area-{number % 7}"],
        "sprint_id": None if sprint is None else f"sprint-{sprint + 1}",
        "depends_on": [f"TASK-{number - 1}"] if number % 11 == 10 else [],
    }
    begins = first + (sprint or 0) * _LENGTH * _DAY
    made = begins - timedelta(minutes=number % 500 + 1)
    yield Change(made, "task_created", name, lambda _, at: tasks.new(name, given, now=at))
    if sprint is None:
        return

    def moved(at: datetime, column: str) -> Change:
        return Change(at, "task_moved", name, lambda task, when: tasks.move(task, column, now=when))

    pause = timedelta(minutes=7 * (number % EACH) + 20)
    start = begins + timedelta(hours=1 + 3 * (number % EACH)) * (1 if sprint < FINISHED else 0.5)
    for column, at in (
        ("in_progress", start),
        ("review", start + pause * 3),
        ("done", start + pause * 4),
    ):
        if at >= now or (sprint == FINISHED and number % 3 == 0):
            return
        yield moved(at, column)
        if column == "in_progress" and number % 10 == 3 and at + pause * 2 < now:
            yield Change(
                at + pause, "task_blocked", name,
                lambda task, when: tasks.block(
                    task, blocker_id=f"BLK-{number}", reason="the vendor has to answer",
                    reported_by=AUTHOR, now=when,
                ),
            )  # fmt: skip
            if number % 20 == 13 and sprint == FINISHED:
                return
            yield Change(
                at + pause * 2, "task_unblocked", name, lambda task, when: tasks.unblock(task, now=when)
            )


def _filled(changes: Sequence[Change], count: int, now: datetime) -> list[Change]:
    """Return exactly `count` changes: with edits of descriptions, evenly over the time, if there are too few."""
    missing = count - len(changes)
    if missing < 0:
        raise SystemExit(f"the work of {TASKS} tasks takes {len(changes)} commits, more than {count}")
    begin = changes[len(changes) // 10].at
    step = (now - begin) / (missing + 1)
    edits = []
    for number in range(missing):
        text = f"Said more clearly, edit {number}."
        edits.append(
            Change(
                begin + step * (number + 1), "state_set", f"TASK-{number * 7 % EACH + 1}",
                lambda task, _, text=text: {**task, "description": text},  # type: ignore[misc]
            )
        )  # fmt: skip
    return sorted([*changes, *edits], key=lambda change: change.at)


def _stream(store: Store, changes: Sequence[Change]) -> Iterator[bytes]:
    """Yield what git fast-import reads."""
    snapshot = store.snapshot()
    board: dict[str, Document] = {}
    plan: dict[str, Document] = snapshot.load_all("projects", PROJECT, "sprints")
    config = snapshot.load("projects", PROJECT, "config")
    assert snapshot.tip is not None
    parent = f"from {snapshot.tip.oid}\n"
    for change in changes:
        at = values.format_time(change.at)
        if change.sprint:
            before = plan[change.record]
            mine = sprints.of(change.record, board)
            after = change.change(before, at)
            written = []
            if change.op == "sprint_started":
                after = sprints.start(before, mine, now=at, config=config, active=[])
                for task in sprints.committed(mine, now=at, first=True):
                    board[task["id"]] = task
                    written.append(("tasks", task))
            plan[change.record] = after
            written.append(("sprints", after))
        else:
            after = change.change(board.get(change.record, {}), at)
            board[change.record] = after
            written = [("tasks", after)]
        facts = {"Op": change.op, "Session": SESSION, "Project": PROJECT, "At": at}
        if not change.sprint:
            facts["Task"] = change.record
        when = int(change.at.timestamp())
        who = f"{AUTHOR} <{AUTHOR}@bench> {when} +0000"
        committer = f"{commits.COMMITTER} <{commits.COMMITTER}@bench> {when} +0000"
        text = commits.message(f"{change.op}: {change.record}", facts).encode()
        head = f"commit {BRANCH}\nauthor {who}\ncommitter {committer}\ndata {len(text)}\n"
        yield head.encode() + text + parent.encode()
        for folder, record in written:
            file = layout.file_of("projects", PROJECT, folder, record["id"])
            data = codec.dump(record, name=file)
            yield f"M 100644 inline {file}\ndata {len(data)}\n".encode() + data + b"\n"
        parent = ""


def as_json(root: str, file: str) -> None:
    """Write the tasks as one JSON file, keyed by id as a session sees them."""
    records = Store(Path(root)).snapshot().load_all("projects", PROJECT, "tasks")
    found = {name: task_fields.view(task) for name, task in records.items()}
    Path(file).write_text(json.dumps({"sprint": {"tasks": found}}, indent=2))


def as_backlog(root: str, folder: str) -> None:
    """Write the tasks as files of Backlog.md."""
    statuses = {"backlog": "To Do", "todo": "To Do", "done": "Done", "cancelled": "Done"}
    records = Store(Path(root)).snapshot().load_all("projects", PROJECT, "tasks")
    for task in records.values():
        head = {
            "id": task["id"],
            "title": task["title"],
            "status": statuses.get(task["column"], "In Progress"),
            "assignee": [f"@{task['assignee']}"] if task["assignee"] else [],
            "created_date": task["created_at"][:16].replace("T", " "),
            "labels": task["labels"],
            "dependencies": task["depends_on"],
        }
        front = codec.dump(head, name=task["id"]).decode()
        said = f"<!-- SECTION:DESCRIPTION:BEGIN -->\n{task['description']}\n<!-- SECTION:DESCRIPTION:END -->"
        slug = "-".join(task["title"].replace(":", "").split())
        file = Path(folder, f"{task['id'].lower()} - {slug}.md")
        file.write_text(f"---\n{front}---\n\n## Description\n\n{said}\n")


def in_process(root: str, rounds: int) -> list[dict[str, float]]:
    """Take turns between one parse of all task files and the views; seconds of each, warm."""
    import yaml

    from orchestration.domain import board as boards
    from orchestration.domain import figures, outlook
    from orchestration.domain.project import Project
    from orchestration.store.index import Index
    from orchestration.views import board as board_view
    from orchestration.views import drawing
    from orchestration.views import figures as figures_view
    from orchestration.views.cells import Paper

    store = Store(Path(root))
    texts = _texts(root)
    paper = Paper(140)

    def parse() -> None:
        for text in texts:
            yaml.load(text, Loader=yaml.CSafeLoader)

    def project() -> Project:
        return Project(store.snapshot(), PROJECT, now=values.format_time(datetime.now(UTC)))

    def board() -> None:
        drawing.drawn(board_view.board(boards.board(project(), None, orphaned=lambda _: None)), paper)

    def metrics() -> None:
        index = Index(store)
        index.catch_up(store.snapshot())
        found = project()
        sprint = found.current()
        value = figures.figures(found, figures.lives(index, found, sprint), sprint)
        drawing.drawn(figures_view.metrics(value), paper)
        index.close()

    def without_forecast() -> None:
        with _no_forecast(outlook):
            metrics()

    variants = {"parse": parse, "board": board, "metrics": without_forecast, "with forecast": metrics}
    costs = []
    for _ in range(WARM_UPS + rounds):
        cost = {}
        for name, variant in variants.items():
            begun = time.perf_counter()
            variant()
            cost[name] = time.perf_counter() - begun
        costs.append(cost)
    return costs[WARM_UPS:]


def forecast_cold(root: str) -> dict[str, float]:
    """Forecast as the first thing that this process does, then parse all task files; seconds of each.

    Nothing is left of what others computed of lives and forecasts; the index is there.
    """
    with contextlib.closing(sqlite3.connect(Store(Path(root)).private / "index.sqlite")) as db, db:
        db.execute("DELETE FROM kept")
    begun = time.perf_counter()
    from orchestration.domain import extracts, figures
    from orchestration.domain.project import Project
    from orchestration.store.index import Index
    from orchestration.views import drawing
    from orchestration.views import figures as figures_view
    from orchestration.views.cells import Paper

    store = Store(Path(root))
    found = Project(store.snapshot(), PROJECT, now=values.format_time(datetime.now(UTC)))
    index = Index(store)
    index.catch_up(store.snapshot())
    sprint = found.current()
    value = figures.figures(found, figures.lives(index, found, sprint), sprint, outcomes=True)
    drawing.drawn(figures_view.forecast(extracts.forecast(value)), Paper(140))
    took = time.perf_counter() - begun
    import yaml

    texts = _texts(root)
    begun = time.perf_counter()
    for text in texts:
        yaml.load(text, Loader=yaml.CSafeLoader)
    return {"forecast": took, "parse": time.perf_counter() - begun}


def _texts(root: str) -> list[bytes]:
    """Return what the files of the tasks hold."""
    files = sorted(Path(root, layout.folder_of("projects", PROJECT, "tasks")).glob("*.yaml"))
    assert len(files) == TASKS
    return [file.read_bytes() for file in files]


@contextlib.contextmanager
def _no_forecast(outlook: Any) -> Iterator[None]:
    """Let the figures do without their forecast, which is measured by itself."""
    real = outlook.outlook
    outlook.outlook = lambda *_, **__: None
    yield
    outlook.outlook = real


CHILDREN = (work, as_json, as_backlog, in_process, forecast_cold)
