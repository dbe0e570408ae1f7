"""What a team lead should look at now: limits of time, load and flow that are exceeded.

The limits are those of the command reference, "Monitor". Everything comes from recorded state: nothing is
guessed about what an agent does between two signs of life.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from orchestration.domain import burndown, fields, limits, load, sprints, task_fields, values
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, WORK_COLUMNS, Document
from orchestration.english import counted, noun

BLOCKED_WARNING, BLOCKED_CRITICAL = timedelta(hours=4), timedelta(hours=24)
IDLE, SILENT = timedelta(hours=1), timedelta(minutes=10)
EXPIRING = timedelta(hours=1)
UTILISATION = 0.9
SEVERITY_ORDER = ("critical", "warning")


def alerts(
    project: Project,
    sessions: Iterable[Mapping[str, Any]],
    figures: Mapping[str, Any] | None,
    now: str,
    *,
    activity: Mapping[str, str] | None = None,
) -> list[Document]:
    """Return {severity, kind, text, entity: {kind, id}, since} for each limit exceeded, the worst first.

    Kinds: blocked, wip_limit, agent_idle, agent_silent, sprint_behind, utilisation, session_expiring.
    Severity is warning, or critical for a task that is blocked for more than a day. `sessions` are rows
    with id, project, status, expired, expiry and last_activity; `figures` are those of `figures.figures` for
    the current sprint, whose burndown is computed here without them; `activity` says when each agent last
    committed anything.
    `since` is null where the beginning is not recorded.
    """
    rows = [row for row in sessions if row["project"] == project.id and row["status"] == "active"]
    live = [row for row in rows if not row["expired"]]
    found = [
        *_blocked(project, now),
        *_limits(project),
        *_agents(project, {row["id"]: row["last_activity"] for row in live}, activity or {}, now),
        *_behind(project, figures or {}, now),
        *_utilised(project),
        *_expiring(live, now),
    ]
    order = {name: number for number, name in enumerate(SEVERITY_ORDER)}
    return sorted(found, key=lambda one: (order[one["severity"]], one["since"] or "~"))


def age(length: timedelta) -> str:
    """Return a length of time in its two largest units, such as `1d 4h` or `35m`."""
    minutes = max(0, int(length.total_seconds()) // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days}d {hours}h"
    return f"{hours}h {minutes % 60}m" if hours else f"{minutes}m"


def _alert(
    kind: str, text: str, entity: tuple[str, str], since: str | None, severity: str = "warning"
) -> Document:
    return {
        "severity": severity,
        "kind": kind,
        "text": text,
        "entity": {"kind": entity[0], "id": entity[1]},
        "since": since,
    }


def _past(since: str, now: str) -> timedelta:
    moment: datetime = values.parse_time(now)
    return moment - values.parse_time(since)


def _blocked(project: Project, now: str) -> Iterable[Document]:
    for task_id, task in project.tasks.items():
        waiting = task_fields.open_blockers(task) if task.get("column") not in CLOSED_COLUMNS else []
        opened = [(one["opened_at"], one) for one in waiting if isinstance(one.get("opened_at"), str)]
        if not opened:
            continue
        since, blocker = min(opened, key=lambda pair: values.instant(pair[0]))
        length = _past(since, now)
        if length > BLOCKED_WARNING:
            severity = "critical" if length > BLOCKED_CRITICAL else "warning"
            text = f"{task_id} is blocked for {age(length)}: {fields.subject(str(blocker.get('reason')))}"
            yield _alert("blocked", text, ("task", task_id), since, severity)


def _limits(project: Project) -> Iterable[Document]:
    current = project.current()
    if current is None:
        return
    own = sprints.wip_limits(current, project.config)
    for one in limits.over(current["id"], project.tasks, own):
        text = f"{one['column']} holds {counted(one['tasks'], 'task')}, its limit is {one['limit']}"
        yield _alert("wip_limit", text, ("sprint", current["id"]), None)


def _agents(
    project: Project, live: Mapping[str, str], activity: Mapping[str, str], now: str
) -> Iterable[Document]:
    work: dict[str, list[Document]] = {}
    for task in project.tasks.values():
        if task.get("assignee") and task.get("column") in ("todo", *WORK_COLUMNS):
            work.setdefault(task["assignee"], []).append(task)
    for agent, mine in sorted(work.items()):
        free = [task for task in mine if not task_fields.open_blockers(task)]
        busy = [task for task in free if task["column"] == "in_progress"]
        signs = [activity[agent]] if agent in activity else []
        for task in mine:
            claim = task.get("claim") or {}
            signs += [sign for sign in (claim.get("at"), live.get(str(claim.get("session")))) if sign]
        if busy:
            signs += [task["started_at"] for task in busy if task.get("started_at")]
            last = max(signs, key=values.instant, default=None)
            if last is not None and _past(last, now) > SILENT:
                names = ", ".join(task["id"] for task in busy)
                text = f"{agent} is silent for {age(_past(last, now))} while working on {names}"
                yield _alert("agent_silent", text, ("agent", agent), last)
        elif free and not any(task["column"] == "review" for task in free):
            signs += [task.get("committed_at") or task["created_at"] for task in free]
            last = max(signs, key=values.instant)
            if _past(last, now) > IDLE:
                count = counted(len(free), "open task")
                text = f"{agent} is idle for {age(_past(last, now))} with {count}"
                yield _alert("agent_idle", text, ("agent", agent), last)


def _behind(project: Project, figures: Mapping[str, Any], now: str) -> Iterable[Document]:
    current = project.current()
    if current is None or current.get("status") != "active":
        return
    state = (figures.get("burndown") or {}).get("state")
    if state is None:
        mine = project.tasks_of(current["id"])
        state = burndown.state(burndown.burndown(current, mine, config=project.config, now=now))
    if state == "behind":
        text = f"sprint {current['id']} is behind its ideal line"
        yield _alert("sprint_behind", text, ("sprint", current["id"]), None)


def _utilised(project: Project) -> Iterable[Document]:
    for team in load.load(project)["teams"]:
        share = team["utilisation"]
        if share is not None and share > UTILISATION:
            slots = f"{team['wip']} of {team['slots']} {noun(team['slots'], 'slot')}"
            text = f"team {team['name']} has {slots} in work ({share * 100:.0f} %)"
            yield _alert("utilisation", text, ("team", team["name"]), None)


def _expiring(live: Iterable[Mapping[str, Any]], now: str) -> Iterable[Document]:
    for row in live:
        left = -_past(row["expiry"], now)
        if left < EXPIRING:
            text = f"session {row['id']} expires in {age(left)}"
            yield _alert("session_expiring", text, ("session", row["id"]), None)
