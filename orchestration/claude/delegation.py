"""`/orchestrate task delegate` and `/orchestrate epic plan`: the data and the calls with which the model goes on."""

import shlex
from typing import Any

from orchestration.claude import phrases, plans, subagents
from orchestration.claude.client import Answer, Client
from orchestration.domain import epic_plans, values
from orchestration.domain.records import Document
from orchestration.errors import BadUsage
from orchestration.views.layout import clean

Arguments = dict[str, Any]
_OPERATION = "task delegate"


def delegate(client: Client, given: Arguments) -> Answer:
    """Show the task that a sentence asks for and who fits it; the model hands it over."""
    text = _said(given["text"], "what is to be done", "/orchestrate task delegate TEXT")
    arguments = {
        "text": text,
        "project": client.project().id,
        "session": plans.acting(client),
        "no_run": given["no_run"],
        "epic_id": given["epic"],
        **{
            name: given[name]
            for name in ("team", "agent", "type", "priority", "points", "labels", "queue", "force")
        },
    }
    if given["yes"] and not given["dry_run"]:
        return perform(client, _OPERATION, arguments, lambda *_: None)
    document, found = plans.preview(client, _OPERATION, arguments)
    for offer in document["offers"]:
        offer["command"] = f"/orchestrate task delegate {text} {offer['options']}"
    shown = client.show("delegation.delegate", document)
    if document["offers"] or given["dry_run"]:
        client.remarks.append("Nothing was changed.")
        return Answer(shown)
    plan = plans.kept(client, _OPERATION, arguments, document, found)
    if given["no_run"] or plan is None:
        return plans.ending(client, shown, plan, anything=bool(found))
    return Answer(_proposal(client, document, plans.line_of(plan), plan.id, shown), for_model=True)


def perform(client: Client, operation: str, arguments: plans.Arguments, confirm: plans.Confirm) -> Answer:
    """Create and assign the task; the model hands it to the sub-agent, where there is one."""
    document = plans.done(client, operation, arguments, confirm)
    task = document["task"]
    who = task["assignee"]
    sprint = f" in {task['sprint_id']}" if task["sprint_id"] else ""
    to = f"and assigned to {who}" if who else "and assigned to nobody"
    said = f"✓ {task['id']} was created{sprint}, {to}: {clean(task['title'])}"
    text = "\n".join([said, f"Why: {clean(document['assignee_because'])}", plans.undo_line(client)])
    if arguments.get("no_run") or not who or not subagents.exists(client, who):
        return Answer(text)
    lines = [
        f"The user delegated a piece of work; this was done. {phrases.DATA}",
        "",
        phrases.data(text),
        "",
        subagents.hand_over(client, who, task["id"], document["project"]),
        "",
        "Then tell the user in a few lines what came of it. Invent no numbers.",
    ]
    return Answer("\n".join(lines), for_model=True)


def _proposal(client: Client, document: Document, line: str, plan_id: str, shown: str) -> str:
    task = document["task"]
    who = task["assignee"]
    script = phrases.script(client, "state_manager")
    lines = [
        f"The user wants to delegate a piece of work. Nothing was changed yet; this is the proposal. {phrases.DATA}",
        "",
        phrases.data("\n".join([shown, *client.remarks])),
        "",
        "Show the user the proposal in a few lines: title, type, assignee and why, what it does to the sprint. Do",
        "not estimate tokens, cost or time, and invent no numbers. If the text leaves open what is to be done, say",
        "what you would ask. End with this line, which is what the user types to do it:",
        "",
        line,
        "",
        f"If the user agrees in words instead, run: {script} apply {plan_id}",
        "It prints the id of the task.",
    ]
    if who and subagents.exists(client, who):
        lines += ["", "Once it is applied:", subagents.hand_over(client, who, "TASK-ID", document["project"])]
    client.remarks.clear()
    return "\n".join(lines)


def plan_epic(client: Client, given: Arguments) -> Answer:
    """Lay an epic into sprints; without tasks the model drafts them from what is known."""
    name = _said(given["name"], "which epic", "/orchestrate epic plan NAME", client)
    arguments = {
        "name": name,
        "project": client.project().id,
        "session": plans.acting(client),
        "weeks": values.integer("--duration", given["duration"], low=1, high=520)
        if given["duration"]
        else epic_plans.WEEKS,
        "teams": [one.strip() for one in given["teams"].split(",") if one.strip()]
        if given["teams"]
        else None,
        "draft": None,
    }
    document, found = plans.preview(client, "epic plan", arguments)
    if document["tasks"] and (given["yes"] or given["dry_run"]):
        return plans.propose(client, "epic plan", arguments, yes=given["yes"], dry_run=given["dry_run"])
    shown = client.show("epic_plans.plan", document)
    if given["dry_run"]:
        return Answer(shown)
    plan = plans.kept(client, "epic plan", arguments, document, found) if document["tasks"] else None
    lines = [
        f"The user wants to plan an epic. Nothing was changed yet. {phrases.DATA}",
        "",
        phrases.data(shown),
        "",
    ]
    if plan is not None:
        lines += [
            "Show the user sprints, dates, shares and risks in a few lines, invent no numbers, and end with the line",
            "that does it:",
            "",
            plans.line_of(plan),
        ]
    else:
        lines += _drafting(client, name, arguments)
    return Answer("\n".join(lines), for_model=True)


def _drafting(client: Client, name: str, arguments: Arguments) -> list[str]:
    words = [name, "--project", arguments["project"], "--duration", str(arguments["weeks"])]
    words += ["--teams", ",".join(arguments["teams"])] if arguments["teams"] else []
    script = phrases.script(client, "shared_state")
    return [
        "It has no open tasks yet. Write a draft: the features that users get, and for each the tasks that make it,",
        "with points on the project's scale where you can tell, types, dependencies and teams. Rest on the facts",
        "above and on this repository; leave points null where you cannot tell. Talk it over with the user if",
        "it is not clear what the epic is for. Then let it be laid into sprints:",
        "",
        f"    {script} plan-epic {shlex.join(words)} --tasks - <<'DRAFT'",
        '    {"features": [{"title": "…", "tasks": [{"title": "…", "points": 3}]}]}',
        "    DRAFT",
        "",
        "It changes nothing and prints the plan with its id. Show the user sprints, dates, shares and risks in a few",
        "lines, and end with the line that does it: /orchestrate apply PLAN-ID",
    ]


def _said(text: str | None, what: str, usage: str, client: Client | None = None) -> str:
    """Return what was typed; BadUsage for nothing, or for a comment alone."""
    if text and text.strip() and not text.lstrip().startswith("# "):
        return text
    hint = usage
    if client is not None:
        known = [
            name
            for name, one in client.project().epics.items()
            if one["status"] not in ("completed", "cancelled")
        ]
        hint += f"; there are {', '.join(known[:8])}" if known else "; the name may be a new one"
    raise BadUsage(f"say {what}", hint=hint)
