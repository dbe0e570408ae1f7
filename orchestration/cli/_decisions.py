"""What people agree on: `shared_state decision`, `goal` and `risk`."""

import click

from orchestration.cli import _project
from orchestration.cli._app import App
from orchestration.cli._group import Group, reads, writes
from orchestration.cli._options import project_option, session_option
from orchestration.cli._tasks import acting_in
from orchestration.domain import decision_actions, decisions, goals, risks
from orchestration.domain.project import Project
from orchestration.domain.records import SEVERITIES, Document
from orchestration.english import counted
from orchestration.errors import NotFound


@click.group("decision", cls=Group)
def decision() -> None:
    """Propose decisions, vote on them, and close them by their votes"""


@decision.command()
@click.argument("text")
@click.option("--deadline", metavar="TIME", help="Until when votes count: a date or a date-time.")
@click.option("--as", "name", metavar="NAME", help="Who proposes, by default you.")
@project_option
@session_option
@writes
def propose(
    app: App, text: str, deadline: str | None, name: str | None, project: str | None, session: str | None
) -> None:
    """Propose something to be voted on and print its id"""
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        made = decision_actions.propose(
            tx, Project(tx, project_id, now=app.at), text, proposer=name or app.actor, deadline=deadline,
            session=acting, now=app.at,
        )  # fmt: skip
    _said(app, made, f"✓ Proposed {made['id']}: {made['text']}")


@decision.command()
@click.argument("decision_id", metavar="ID")
@click.argument("choice", metavar="yes|no|abstain")
@click.option("--as", "name", metavar="NAME", help="Whose vote it is, by default yours.")
@project_option
@session_option
@writes
def vote(
    app: App, decision_id: str, choice: str, name: str | None, project: str | None, session: str | None
) -> None:
    """Vote on a decision; a second vote of one person replaces the first

    Every vote has a name: no program votes by itself.
    """
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = Project(tx, project_id, now=app.at).required()
        made = decision_actions.vote(
            tx, board, decision_id, choice, by=name or app.actor, session=acting, now=app.at
        )
    found = decisions.tally(made)
    _said(app, made, f"✓ {made['id']}: {found['yes']} yes, {found['no']} no, {found['abstain']} abstain")


@decision.command()
@click.argument("decision_id", metavar="ID")
@project_option
@session_option
@writes
def close(app: App, decision_id: str, project: str | None, session: str | None) -> None:
    """Count the votes: approved from 75 % yes, conditional from 50 %, else rejected

    Abstentions count for neither side. Without a vote for or against the decision stays open.
    """
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = Project(tx, project_id, now=app.at).required()
        made = decision_actions.close(tx, board, decision_id, session=acting, now=app.at)
    found = decisions.tally(made)
    said = f"{found['yes']} yes, {found['no']} no: {found['consensus']:.0%}"
    _said(app, made, f"✓ {made['id']} is {made['status']} ({said})")


@decision.command("list")
@click.option("--status", type=click.Choice(decisions.STATUSES), help="Only decisions of this status.")
@project_option
@session_option
@reads
def list_decisions(app: App, status: str | None, project: str | None, session: str | None) -> None:
    """List decisions: those open for votes first, then the newest"""
    _, project_id = acting_in(app, project, session)
    rows = decision_actions.listing(_project.to_read(app, project_id), status=status, now=app.at)
    app.emit(rows, view="decisions.listing", project=project_id, status=status)


@decision.command()
@click.argument("decision_id", metavar="ID")
@project_option
@session_option
@reads
def show(app: App, decision_id: str, project: str | None, session: str | None) -> None:
    """Show one decision with its votes"""
    _, project_id = acting_in(app, project, session)
    found = decision_actions.shown(_project.to_read(app, project_id), decision_id, now=app.at)
    app.emit(found, view="decisions.card")


# -- goals


@click.group("goal", cls=Group)
def goal() -> None:
    """List, add and mark the goals of a sprint"""


_sprint_option = click.option("--sprint", metavar="ID", help="The sprint, by default the current one.")


def _sprint_id(board: Project, given: str | None) -> str:
    current = board.sprints.get(given) if given else board.current()
    if current is None:
        what = f"no sprint {given!r}" if given else "no current sprint"
        raise NotFound(f"project {board.id!r} has {what}", hint=f"see `shared_state list-sprints {board.id}`")
    return str(current["id"])


@goal.command("list")
@_sprint_option
@project_option
@session_option
@reads
def list_goals(app: App, sprint: str | None, project: str | None, session: str | None) -> None:
    """List the goals of a sprint by number"""
    _, project_id = acting_in(app, project, session)
    board = _project.to_read(app, project_id)
    name = _sprint_id(board, sprint)
    app.emit(goals.listing(board.sprints[name]), view="decisions.goals", sprint=name)


@goal.command("add")
@click.argument("text")
@_sprint_option
@project_option
@session_option
@writes
def add_goal(app: App, text: str, sprint: str | None, project: str | None, session: str | None) -> None:
    """Add a goal to a sprint"""
    _goal(app, project, session, sprint, text=text)


@goal.command()
@click.argument("number", metavar="N", type=int)
@_sprint_option
@project_option
@session_option
@writes
def done(app: App, number: int, sprint: str | None, project: str | None, session: str | None) -> None:
    """Mark goal N as reached"""
    _goal(app, project, session, sprint, number=number)


@goal.command()
@click.argument("number", metavar="N", type=int)
@_sprint_option
@project_option
@session_option
@writes
def reopen(app: App, number: int, sprint: str | None, project: str | None, session: str | None) -> None:
    """Mark goal N as not reached after all"""
    _goal(app, project, session, sprint, number=number, reached=False)


def _goal(
    app: App, project: str | None, session: str | None, sprint: str | None, *, number: int | None = None,
    reached: bool = True, text: str | None = None,
) -> None:  # fmt: skip
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = Project(tx, project_id, now=app.at).required()
        name = _sprint_id(board, sprint)
        made = goals.write(tx, board, name, number=number, done=reached, text=text, session=acting)
    rows = goals.listing(made)
    reached_now = sum(row["done"] for row in rows)
    if app.json:
        app.emit(rows)
    else:
        app.say(f"✓ Sprint {name}: {reached_now} of {counted(len(rows), 'goal')} reached")


# -- risks


@click.group("risk", cls=Group)
def risk() -> None:
    """Record risks of a project, list and close them"""


@risk.command("add")
@click.argument("text")
@click.option("--severity", type=click.Choice(SEVERITIES), default="medium", show_default=True)
@click.option("--sprint", metavar="ID", help="The sprint it endangers.")
@project_option
@session_option
@writes
def add_risk(
    app: App, text: str, severity: str, sprint: str | None, project: str | None, session: str | None
) -> None:
    """Record a risk and print its id"""
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        made = risks.add(
            tx, Project(tx, project_id, now=app.at), text, severity=severity, sprint_id=sprint,
            session=acting, now=app.at, actor=app.actor,
        )  # fmt: skip
    _said(app, made, f"✓ Recorded {made['id']}: {made['text']}")


@risk.command("close")
@click.argument("risk_id", metavar="ID")
@click.argument("reason", required=False)
@project_option
@session_option
@writes
def close_risk(app: App, risk_id: str, reason: str | None, project: str | None, session: str | None) -> None:
    """Close a recorded risk"""
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = Project(tx, project_id, now=app.at).required()
        made = risks.close(tx, board, risk_id, reason=reason, session=acting, now=app.at)
    _said(app, made, f"✓ Closed {made['id']}")


@risk.command("list")
@click.option("--all", "closed", is_flag=True, help="Also closed ones.")
@project_option
@session_option
@reads
def list_risks(app: App, closed: bool, project: str | None, session: str | None) -> None:
    """List recorded risks, the most severe first"""
    _, project_id = acting_in(app, project, session)
    rows = risks.listing(_project.to_read(app, project_id), status=None if closed else "open")
    app.emit(rows, view="decisions.risks", project=project_id)


def _said(app: App, record: Document, said: str) -> None:
    if app.json:
        app.emit(record)
        return
    app.say(said)
    if not app.at_terminal:
        click.echo(record["id"])
