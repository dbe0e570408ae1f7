"""What to talk about: decisions to be taken, what holds the work up, what waits for an answer, and the sprint.

Each item rests on a record and names the command that settles it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from orchestration.domain import alerts, board, decision_actions, goals, handoff_actions, team_handoffs
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.english import counted

TOPICS = ("Decisions", "Blockers and risks", "Handoffs", "Sprint")


def agenda(project: Project, sprint: Document | None, risks: Mapping[str, Any]) -> Document:
    """Return {project, at, sprint, items: [{topic, text, command}]}; `risks` is `project_risks.all_risks`."""
    items = [
        *_decisions(project),
        *_risks(risks),
        *_handoffs(project),
        *(_sprint(project, sprint) if sprint else ()),
    ]
    return {
        "project": project.id,
        "at": project.now,
        "sprint": sprint["id"] if sprint else None,
        "items": items,
    }


def _item(topic: int, text: str, command: str) -> Document:
    return {"topic": TOPICS[topic], "text": text, "command": command}


def _decisions(project: Project) -> Iterator[Document]:
    for one in decision_actions.listing(project, status="voting", now=project.now):
        found = one["tally"]
        votes = f"{found['yes']} yes, {found['no']} no, {found['abstain']} abstain"
        late = ", its deadline is over" if one["overdue"] else ""
        command = f"/consensus close {one['id']}" if found["outcome"] else f"/vote {one['id']} yes|no|abstain"
        yield _item(0, f"{one['id']}: {one['text']} ({votes}{late})", command)


def _risks(risks: Mapping[str, Any]) -> Iterator[Document]:
    for one in risks["blockers"]:
        since = f" for {alerts.age(timedelta(hours=one['hours']))}" if one["hours"] is not None else ""
        yield _item(1, f"{one['task']} is blocked{since}: {one['reason']}", f"/unblock {one['task']}")
    for one in risks["computed"]:
        yield _item(
            1, one["text"], f"/task show {one['task']}" if one["task"] else "/orchestrate sprint status"
        )
    for one in risks["recorded"]:
        yield _item(1, f"{one['id']} ({one['severity']}): {one['text']}", f"/risks close {one['id']}")


def _handoffs(project: Project) -> Iterator[Document]:
    waiting: Sequence[Document] = handoff_actions.listing(project, status="open")
    for one in waiting:
        if one["status"] in team_handoffs.WAITING:
            what = one["text"] or ", ".join(one["tasks"] or one["artifacts"])
            answer = "accept-handoff" if one["status"] == "pending_acceptance" else "resume-handoff"
            text = f"{one['id']} {one['from']} -> {one['to']} is {one['status'].replace('_', ' ')}: {what}"
            yield _item(2, text, f"/team {answer} {one['id']}")


def _sprint(project: Project, sprint: Document) -> Iterator[Document]:
    head = board.heading(project, sprint)
    if head["day"] is not None and head["days"] is not None and sprint["status"] == "active":
        left = head["days"] - head["day"]
        text = (
            f"{sprint['id']} has {left} of {counted(head['days'], 'day')} left"
            if left >= 0
            else f"{sprint['id']} is over"
        )
        yield _item(3, text, "/burndown")
    for one in goals.listing(sprint):
        if not one["done"]:
            yield _item(3, f"goal {one['number']} is open: {one['text']}", f"/goals done {one['number']}")
