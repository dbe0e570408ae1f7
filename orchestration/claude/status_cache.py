"""What the status line says, kept in `.git/orchestration/status/<host>` with what it rests on."""

import contextlib
import os
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from orchestration.claude import briefing, statusline
from orchestration.claude.client import Client
from orchestration.domain import board, metrics, values, workdays
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.english import counted
from orchestration.errors import OrchestrationError
from orchestration.store import hosts

TITLE = 32
"""The most characters of a name or a title."""
_DAY = 86400
_OLD = 7 * _DAY


def make(env: Mapping[str, str], host: str, folder: str) -> str:
    """Return the line for a client, empty where nothing is set up, and keep it."""
    client = Client(env, host=host, folder=folder)
    text, until = "", time.time() + _DAY
    try:
        if not client.store.exists:
            return ""
        rests = {path: statusline.mark(path) for path in _rests(client)}  # before reading: never too new
        name = client.project_id(None, session=client.record, required=False)
        project = Project(client.snapshot, name, now=client.at) if name else None
        if project is not None and project.exists:
            text, until = line(client, project), _midnight(project)
    except OrchestrationError:
        return ""
    _keep(
        client.store.private,
        host,
        [f"folder {folder}", f"until {until}", *(f"{rests[p]} {p}" for p in rests)],
        text,
    )
    return text


def line(client: Client, project: Project) -> str:
    """Return sprint, day, points left, blockers, my task and unread changes, as far as there are any."""
    sprint = project.current(client.bound_sprint)
    parts = _sprint(project, sprint) if sprint else [f"{project.id}: no sprint"]
    parts += _mine(project, client.session)
    seen = hosts.seen(str(client.store.private), client.host or "").get("commit")
    if seen and client.snapshot.tip is not None and seen != client.snapshot.tip.oid:
        found = briefing.changes(client, project.id, seen)
        unread = len(found.mine) + len(found.handoffs) + len(found.blockers) + sum(found.others.values())
        parts += [counted(unread, "new change")] if unread else []
    return " · ".join(parts)


def _sprint(project: Project, sprint: Document) -> list[str]:
    heading = board.heading(project, sprint)
    tasks = metrics.work(project.tasks_of(sprint["id"]))
    still_open = [task for task in tasks.values() if task["column"] not in CLOSED_COLUMNS]
    parts = [_short(heading["name"])]
    if heading["status"] != "active":
        parts.append(heading["status"])
    elif heading["day"] is not None and heading["days"] is not None:
        late = heading["day"] - heading["days"]
        parts.append(
            f"{counted(late, 'day')} over" if late > 0 else f"day {heading['day']} of {heading['days']}"
        )
    left = tidy(sum(task.get("points") or 0 for task in still_open))
    total = tidy(sum(task.get("points") or 0 for task in tasks.values() if task["column"] != "cancelled"))
    parts.append(f"{left} of {counted(total, 'point')} left")
    blocked = metrics.counts(tasks)["blocked"]
    return [*parts, f"{blocked} blocked"] if blocked else parts


def _mine(project: Project, session: str | None) -> list[str]:
    held = [
        task
        for task in project.tasks.values()
        if session is not None
        and (task.get("claim") or {}).get("session") == session
        and task["column"] not in CLOSED_COLUMNS
    ]
    if not held:
        return []
    held.sort(key=lambda task: (task["column"] != "in_progress", task["id"]))
    more = f" +{len(held) - 1}" if len(held) > 1 else ""
    return [f"{held[0]['id']} {_short(str(held[0].get('title') or ''))}{more}".strip()]


def _short(text: str) -> str:
    plain = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return plain if len(plain) <= TITLE else plain[: TITLE - 1].rstrip() + "…"


def _midnight(project: Project) -> float:
    """Return when the day ends, in seconds since the epoch."""
    calendar = workdays.calendar(project.settings)
    today = workdays.day_of(calendar, values.parse_time(project.now))
    return workdays.midnight(calendar, today + timedelta(days=1)).timestamp()


def _rests(client: Client) -> list[str]:
    """Return the files that change with whatever the line says."""
    git, private = client.store.git_dir, client.store.private
    found = [
        git / "HEAD",
        git / "packed-refs",
        private / "hosts" / str(client.host),
        private / "seen" / str(client.host),
    ]
    with contextlib.suppress(OSError):
        kind, _, name = (git / "HEAD").read_text().strip().partition(" ")
        found += [git / name] if kind == "ref:" else []
    if client.checkout.config is not None:
        found.append(client.checkout.config)
    return [str(path) for path in found]


def _keep(private: Path, host: str, head: list[str], text: str) -> None:
    folder = private / statusline.FOLDER
    with contextlib.suppress(OSError):  # a store that cannot be written has its line made each time
        folder.mkdir(exist_ok=True)
        draft = folder / f".{host}.{os.getpid()}"
        draft.write_text("\n".join(head) + f"\n\n{text}", encoding="utf-8")
        draft.replace(folder / host)
        for file in folder.iterdir():
            if file.stat().st_mtime < time.time() - _OLD:
                file.unlink(missing_ok=True)
