"""`/propose`, `/vote`, `/consensus` and `/decisions`: proposed, voted on by named people, closed by their votes."""

from typing import Any

from orchestration.claude import changing
from orchestration.claude.client import Answer, Client
from orchestration.domain import decision_actions, decisions
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound

Arguments = dict[str, Any]


def propose(client: Client, given: Arguments) -> Answer:
    """Propose something to be voted on."""

    def action(tx: Any, project: Project, who: Any) -> Document:
        return decision_actions.propose(
            tx, project, given["text"], proposer=given["as"] or who.actor, deadline=given["deadline"],
            session=who.session, now=who.now,
        )  # fmt: skip

    made = changing.change(client, action)
    return Answer(
        f"✓ Proposed {made['id']}: {changing.short(made['text'])}\nVote: /vote {made['id']} yes|no|abstain"
    )


def vote(client: Client, given: Arguments) -> Answer:
    """Vote on a decision; every vote has a name."""

    def action(tx: Any, project: Project, who: Any) -> Document:
        name = _id(project, given["id"])
        return decision_actions.vote(
            tx, project, name, given["vote"], by=given["as"] or who.actor, session=who.session, now=who.now
        )

    made = changing.change(client, action)
    return Answer(f"✓ {made['id']}: {_votes(made)}\n{_so_far(made)}")


def _votes(made: Document) -> str:
    found = decisions.tally(made)
    return f"{found['yes']} yes, {found['no']} no, {found['abstain']} abstain"


def _so_far(made: Document) -> str:
    found = decisions.tally(made)
    if found["outcome"] is None:
        return "Nobody has voted for or against yet."
    return (
        f"{found['consensus']:.0%} agree: {found['outcome']} if closed now, by /consensus close {made['id']}"
    )


def _id(project: Project, given: str) -> str:
    """Return the id of the decision meant, in any case, or by its number; NotFound with those open for votes."""
    known = project.reader.load_all("projects", project.id, decision_actions.FOLDER)
    wanted = {given.casefold(), f"dec-{given}".casefold()}
    for name in known:
        if name.casefold() in wanted:
            return name
    still_open = ", ".join(name for name, one in known.items() if one["status"] == "voting")
    hint = (
        f"open for votes: {still_open}" if still_open else "none is open for votes; `/propose TEXT` makes one"
    )
    raise NotFound(f"no decision {given[:60]!r} in project {project.id!r}", hint=hint)


def consensus(client: Client, given: Arguments) -> Answer:
    """Show how many agree, and what each decision would be if it were closed now."""
    project = client.project()
    if given["id"]:
        found = decision_actions.shown(project, _id(project, given["id"]), now=client.at)
        text = client.show("decisions.card", found)
        return Answer(f"{text}\n{_so_far(found)}" if found["status"] == "voting" else text)
    rows = decision_actions.listing(project, now=client.at)
    return Answer(client.show("leadership.consensus", rows, project=project.id))


def close(client: Client, given: Arguments) -> Answer:
    """Count the votes: approved from 75 % yes, conditional from 50 %, else rejected."""

    def action(tx: Any, project: Project, who: Any) -> Document:
        return decision_actions.close(
            tx, project, _id(project, given["id"]), session=who.session, now=who.now
        )

    made = changing.change(client, action)
    found = decisions.tally(made)
    return Answer(f"✓ {made['id']} is {made['status']}: {_votes(made)} ({found['consensus']:.0%})")


def listing(client: Client, given: Arguments) -> Answer:
    """List decisions: those open for votes first, then the newest."""
    project, status = client.project(), given["status"]
    rows = decision_actions.listing(project, status=status, now=client.at)
    text = client.show("decisions.listing", rows, project=project.id, status=status)
    return Answer(text if rows or status else f"{text} `/propose TEXT` makes one.")
