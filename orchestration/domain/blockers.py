"""The blockers of a task: a list inside its record, oldest first, kept after they are resolved.

Lists go in and new lists come out; `tasks` decides when a task may be blocked.
"""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import fields, values
from orchestration.domain.records import BLOCKED_MAY_ENTER, SEVERITIES, Document
from orchestration.errors import NotFound, Refused


def still_open(blockers: object) -> list[Document]:
    """Return the blockers without `resolved_at`, oldest first; what is not a blocker is passed over."""
    if not isinstance(blockers, list):
        return []
    return [blocker for blocker in blockers if isinstance(blocker, dict) and not blocker.get("resolved_at")]


def opened(
    blockers: list[Any],
    *,
    task_id: str,
    blocker_id: str,
    reason: object,
    severity: object = "medium",
    on_task: object = None,
    owner: object = None,
    reported_by: str,
    now: str,
) -> list[Any]:
    """Return `blockers` with one more; raise Refused for an id in use or a task that waits for itself."""
    blocker_id = values.id_("blocker id", blocker_id)
    if any(_is_named(blocker, blocker_id) for blocker in blockers):
        raise Refused(f"blocker {blocker_id!r} exists already on {task_id}", hint="use a new id")
    blocking_task = values.optional_id("on_task", on_task)
    if blocking_task is not None and blocking_task.casefold() == task_id.casefold():
        raise Refused(f"{task_id} cannot wait for itself", hint="name another task with `--on`")
    blocker = {
        "id": blocker_id,
        "task_id": task_id,
        "reason": values.text("reason", reason).strip(),
        "severity": values.choice("severity", severity, SEVERITIES),
        "on_task": blocking_task,
        "owner": _owner(owner),
        "reported_by": values.text("reported_by", reported_by),
        "opened_at": values.time("opened_at", now),
        "resolved_at": None,
        "resolution": None,
    }
    return [*blockers, blocker]


def _owner(v: object) -> str | None:
    # An owner outside the team (a vendor, a person) is plain text; only `@name` is an agent.
    name = values.optional_text("owner", v)
    return values.agent(name, "owner") if name and name.startswith("@") else name


def resolved(
    blockers: list[Any], *, task_id: str, now: str, resolution: object = None, blocker_id: str | None = None
) -> list[Any]:
    """Return `blockers` with all open ones, or the one named, resolved at `now`.

    Raises Refused when there is nothing to close and NotFound for an id the task does not have.
    """
    closing = still_open(blockers)
    if blocker_id is not None:
        if not any(_is_named(blocker, blocker_id) for blocker in blockers):
            names = ", ".join(str(blocker.get("id")) for blocker in closing) or "none"
            raise NotFound(f"no blocker {blocker_id!r} on {task_id}", hint=f"open there: {names}")
        closing = [blocker for blocker in closing if _is_named(blocker, blocker_id)]
        if not closing:
            raise Refused(
                f"blocker {blocker_id} of {task_id} is resolved already", hint="nothing is left to do"
            )
    if not closing:
        raise Refused(f"{task_id} is not blocked", hint=f"block it with `task block {task_id} REASON`")
    note = (values.optional_text("resolution", resolution) or "").strip() or None
    end = {"resolved_at": values.time("resolved_at", now), "resolution": note}
    return [{**blocker, **end} if any(blocker is one for one in closing) else blocker for blocker in blockers]


def _is_named(blocker: object, blocker_id: str) -> bool:
    return isinstance(blocker, dict) and str(blocker.get("id")).casefold() == blocker_id.casefold()


def take(written: Document, waiting: list[Document]) -> Document | None:
    """Take what a written `status: blocked` says of its blocker out of `written`, as arguments of `opened`.

    The reason stands in `blocker: {reason}`, `blocker_reason` or `reason`, else it is "not given". None
    when one of the `waiting` blockers says it already, so that writing the status twice opens one.
    """
    given = written.pop("blocker", None)
    found = {"reason": given} if isinstance(given, str) else values.mapping("blocker", given or {})
    reasons = [found.get("reason"), written.pop("blocker_reason", None), written.pop("reason", None)]
    reason = next((one for one in reasons if one is not None), None)
    if waiting and (reason is None or any(blocker.get("reason") == reason for blocker in waiting)):
        return None
    details = {key: found[key] for key in ("severity", "on_task", "owner") if found.get(key) is not None}
    return {"reason": "not given" if reason is None else reason, **details}


def refusal(task: Mapping[str, Any]) -> Refused:
    """Return the error for a step that a blocked task may not take; it names the open blockers."""
    waiting = still_open(task.get("blockers"))
    by = ", ".join(f"{one.get('id')} ({fields.subject(str(one.get('reason')))})" for one in waiting)
    return Refused(
        f"{task['id']} is blocked by {by}",
        hint=f"close it with `task unblock {task['id']}`, or move the task to {' or '.join(BLOCKED_MAY_ENTER)}",
    )
