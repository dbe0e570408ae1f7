"""Where a project stands, told to a model that begins: in three lines, or as a whole after its memory was cut."""

from collections.abc import Iterable
from typing import Any

from orchestration.claude import data
from orchestration.claude.client import Client
from orchestration.domain import board, handoff_actions, metrics, news
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.task_fields import is_container, open_blockers
from orchestration.english import counted, verb

LIMIT = 4000
_FEW = 3
_TASKS, _EVENTS, _READY = 12, 10, 5


def brief(client: Client, project_id: str) -> str:
    """Return a block of at most five lines."""
    project = Project(client.snapshot, project_id, now=client.at)
    work = metrics.work(project.tasks)
    held = _held(client, work)
    lines = [_sprint(project, client.bound_sprint, work)]
    if held:
        lines.append(f"- This session holds {_named(held)}")
    elif client.session is None:
        lines.append("- This session gets its record with the first change made in it.")
    waiting = [*_waiting(project), *_blocked(work)]
    if waiting:
        lines.append("- " + "; ".join(waiting))
    return data.block(_heading(project), [data.cut(one, 300) for one in lines])


def whole(client: Client, project_id: str) -> str:
    """Return a block of at most 4,000 characters: session, sprint, tasks, blockers, handoffs, last changes."""
    project = Project(client.snapshot, project_id, now=client.at)
    work = metrics.work(project.tasks)
    still_open = sorted(
        (one for one in work.values() if one["column"] not in CLOSED_COLUMNS), key=board.order
    )
    blocked = [task for task in still_open if open_blockers(task)]
    lines = [*_session(client), _sprint(project, client.bound_sprint, work), *_goals(project, client)]
    lines += _list("This session holds", map(_task, _held(client, work)), _TASKS)
    lines += _list("Open blockers", map(_blocker, blocked), _TASKS)
    lines += _list("Handoffs that wait", map(_handoff, _open_handoffs(project)), _READY)
    lines += _list("In progress or review", map(_task, _in_work(still_open)), _TASKS)
    lines += _list("Ready to be taken", map(_task, _ready(project, still_open)), _READY)
    recent = [one for one in client.index.events(project=project_id, limit=40) if one.op not in news.QUIET]
    lines += _list("Last changes", (f"{one.at[:16]}Z {one.author}: {one.subject}" for one in recent), _EVENTS)
    return data.fitting(_heading(project), lines, LIMIT)


def _heading(project: Project) -> str:
    return f"Project {project.id} now."


def _session(client: Client) -> list[str]:
    record = client.record
    if record is None:
        return ["- This session gets its record with the first change made in it."]
    lease = record["lifecycle"]
    lines = [
        data.line(
            f"Session {record['id']}, {record['mode']}, {lease['status']} until {lease['expiry'][:16]}Z"
        )
    ]
    execution = client.snapshot.load("sessions", record["id"], "execution") or {}
    given = execution.get("inherited_context") or {}
    if given.get("from_session"):
        tasks = ", ".join(str(task.get("id")) for task in given.get("open_tasks") or [])
        lines.append(data.line(f"Handed over by {given['from_session']}: {tasks or 'no open tasks'}"))
        if given.get("handoff_data"):
            lines.append(data.line(f"With it: {given['handoff_data']}", 300))
    return lines


def _sprint(project: Project, bound: str | None, work: dict[str, Document]) -> str:
    """Return where the current sprint stands, or the open tasks when there is none, in a line."""
    sprint = project.current(bound)
    if sprint is None:
        counts = metrics.counts(work)
        if not work:
            return "- No sprint and no tasks yet."
        still = sum(1 for one in work.values() if one["column"] not in CLOSED_COLUMNS)
        said = f"{still} of {counted(counts['total'], 'task')} {verb(still, 'is', 'are')} open"
        return f"- No sprint is active or planned; {said}."
    heading = board.heading(project, sprint)
    tasks = metrics.work(project.tasks_of(sprint["id"]))
    done, total = _points(tasks, done=True), _points(tasks, done=False)
    finished = sum(1 for one in tasks.values() if one["column"] == "done")
    day = f", day {heading['day']} of {heading['days']}" if heading["day"] and heading["days"] else ""
    return data.line(
        f"Sprint {heading['id']} {_title(heading['name'], heading['id'])}is {heading['status']}{day}: "
        f"{finished} of {counted(len(tasks), 'task')} and "
        f"{tidy(done)} of {counted(tidy(total), 'point')} done",
        300,
    )


def _title(name: str, own: str) -> str:
    return f"({name}) " if name != own else ""


def _points(tasks: dict[str, Document], *, done: bool) -> int | float:
    """Return the points of the tasks that are done, or of all that are not cancelled."""
    counted = ("done",) if done else ("backlog", "todo", "in_progress", "review", "done")
    return sum(task.get("points") or 0 for task in tasks.values() if task["column"] in counted)


def _goals(project: Project, client: Client) -> list[str]:
    sprint = project.current(client.bound_sprint)
    goals = (sprint or {}).get("goals") or []
    said = (f"{goal['text']}{' (done)' if goal.get('done') else ''}" for goal in goals)
    return _list("Goals", said, _READY)


def _held(client: Client, work: dict[str, Document]) -> list[Document]:
    if client.session is None:
        return []
    mine = (
        task
        for task in work.values()
        if (task.get("claim") or {}).get("session") == client.session and task["column"] not in CLOSED_COLUMNS
    )
    return sorted(mine, key=board.order)


def _in_work(tasks: list[Document]) -> list[Document]:
    return [task for task in tasks if task["column"] in ("in_progress", "review") and not open_blockers(task)]


def _ready(project: Project, tasks: list[Document]) -> list[Document]:
    needs = board.open_dependencies(project)
    return [
        task
        for task in tasks
        if task["column"] == "todo"
        and not (task.get("claim") or open_blockers(task) or is_container(task) or needs(task))
    ]


def _open_handoffs(project: Project) -> list[Document]:
    return handoff_actions.listing(project, status="pending_acceptance")


def _waiting(project: Project) -> list[str]:
    found = _open_handoffs(project)
    return [f"handoffs that wait: {_few(_handoff(one) for one in found)}"] if found else []


def _blocked(work: dict[str, Document]) -> list[str]:
    found = [one for one in work.values() if one["column"] not in CLOSED_COLUMNS and open_blockers(one)]
    return [f"blocked: {_few(map(_blocker, sorted(found, key=board.order)))}"] if found else []


def _named(tasks: Iterable[Document]) -> str:
    return _few(map(_task, tasks))


def _few(texts: Iterable[str]) -> str:
    every = [data.cut(data.plain(text), 80) for text in texts]
    more = f", and {len(every) - _FEW} more" if len(every) > _FEW else ""
    return ", ".join(every[:_FEW]) + more


def _task(task: Document) -> str:
    points = f", {counted(tidy(task['points']), 'point')}" if task.get("points") is not None else ""
    who = f", {task['assignee']}" if task.get("assignee") else ""
    return f"{task['id']} {task.get('title') or ''} ({task['column']}{points}{who})"


def _blocker(task: Document) -> str:
    return f"{task['id']} {task.get('title') or ''}: {open_blockers(task)[-1].get('reason')}"


def _handoff(handoff: Document) -> str:
    return f"{handoff['id']} {handoff['from']} -> {handoff['to']} {handoff.get('text') or ''}".rstrip()


def _list(heading: str, texts: Iterable[str], most: int) -> list[str]:
    """Return a heading and the first of some lines; nothing when there are none."""
    every: list[Any] = list(texts)
    if not every:
        return []
    more = f" ({most} of {len(every)})" if len(every) > most else ""
    return [f"{heading}{more}:", *(data.line(text) for text in every[:most])]
