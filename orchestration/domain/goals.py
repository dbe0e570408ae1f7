"""The goals of a sprint: a list inside its record, numbered from 1 as people read it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.domain import fields, planning, values
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.sprint_fields import SCHEMA
from orchestration.errors import NotFound

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


def marked(goals: list[Any], number: int, *, done: bool) -> list[Document]:
    """Return the goals with one marked as reached, or as open again; NotFound for a number there is not."""
    if not 1 <= number <= len(goals):
        hint = f"goals are numbered 1 to {len(goals)}" if goals else "add one with `goal add TEXT`"
        raise NotFound(f"there is no goal {number}", hint=hint)
    return [{**goal, "done": done} if n == number else dict(goal) for n, goal in enumerate(goals, 1)]


def added(goals: list[Any], text: object) -> list[Document]:
    """Return the goals with one more."""
    return [*goals, {"text": values.text("goal", text).strip(), "done": False}]


def listing(sprint: Mapping[str, Any]) -> list[Document]:
    """Return {number, text, done} for each goal of a sprint."""
    goals = sprint.get("goals") or []
    return [{"number": n, "text": one["text"], "done": one["done"]} for n, one in enumerate(goals, 1)]


def write(
    tx: "Transaction", project: Project, sprint_id: str, *, number: int | None = None, done: bool = True,
    text: str | None = None, session: str | None,
) -> Document:  # fmt: skip
    """Mark a goal of a sprint, or add the goal `text`, and return the sprint."""
    before = planning.sprint(tx, project, sprint_id)
    goals = before.get("goals") or []
    if number is not None:
        after = marked(goals, number, done=done)
        said = f"goal {number} {'reached' if done else 'open again'}: {after[number - 1]['text']}"
    else:
        after = added(goals, text)
        said = f"goal {len(after)} added: {after[-1]['text']}"
    result = fields.updated(SCHEMA, before, {"goals": after})
    if result != before:
        tx.save(("projects", project.id, "sprints", sprint_id), result)
        subject = fields.subject(f"sprint: {sprint_id} {said}")
        tx.describe("state_set", subject, session=session, project=project.id)
    return result
