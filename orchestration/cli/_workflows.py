"""`orchestration config workflows`, their definitions, and `orchestration workflow`, their runs."""

import click

from orchestration import ids
from orchestration.cli import _config_edit, _project, _validation
from orchestration.cli._app import App
from orchestration.cli._config import project_of
from orchestration.cli._group import Group, reads, writes
from orchestration.cli._named import NamedGroup
from orchestration.cli._options import json_object, project_option, session_option
from orchestration.cli._tasks import acting_in
from orchestration.domain import config_actions, config_overview, workflow_actions
from orchestration.domain.config_actions import Entry
from orchestration.domain.records import WORKFLOW_STATUSES
from orchestration.domain.workflows import OPEN
from orchestration.errors import NotFound

# -- definitions


@click.group("workflows", cls=NamedGroup, default="list")
def workflows() -> None:
    """Show, edit, add, remove and test workflows: named sequences of steps

    NAME and the command may stand in either order. A workflow that the project does not define itself comes
    from the defaults of the store; editing it gives the project its own, --shared changes the defaults.
    """


@workflows.command("list")
@project_option
@reads
def list_workflows(app: App, project: str | None) -> None:
    """List the workflows that can be started"""
    found = project_of(app, project)
    rows = [{"id": name, **one} for name, one in config_overview.definitions(found).items()]
    app.emit(rows, view="workflows.definitions", project=found.id)


@workflows.command("show")
@click.argument("name", metavar="WORKFLOW")
@project_option
@reads
def show_workflow(app: App, name: str, project: str | None) -> None:
    """Show one workflow with its steps"""
    found = project_of(app, project)
    chosen, _ = workflow_actions.defined(found, name)
    document = {"id": chosen, **config_overview.definitions(found)[chosen]}
    app.emit(document, view="workflows.definition")


@workflows.command("edit")
@click.argument("name", metavar="WORKFLOW")
@click.option("--file", "source", metavar="FILE", help="Take the text from a file, - for stdin.")
@_config_edit.writes("workflows")
def edit_workflow(app: App, of: Entry, source: str | None, session: str | None) -> None:
    """Edit a workflow as text in $VISUAL or $EDITOR

    It is checked and committed when the editor closes. Text with errors comes back with each marked below
    its line. Away from a terminal it prints the text, its file, and the commands that set each value.
    """
    template = config_actions.entry(app.snapshot, of)
    if template is None and of.project is not None:
        template = workflow_actions.defined(project_of(app, of.project), of.name)[1]
    if template is None:
        raise NotFound(
            f"no workflow {of.name!r} among the defaults of the store", hint="`add --shared` makes it"
        )
    command = _config_edit.command_of("workflows", "edit", of)
    _config_edit.edit(app, of, template, command=command, source=source, session=session)


@workflows.command("add")
@click.argument("name", metavar="WORKFLOW")
@click.option("--data", metavar="JSON", help='Such as {"steps": [{"name": "Fix", "assignee": "ana"}]}.')
@click.option("--file", "source", metavar="FILE", help="Take it as text from a file, - for stdin.")
@_config_edit.writes("workflows")
def add_workflow(app: App, of: Entry, data: str | None, source: str | None, session: str | None) -> None:
    """Add a workflow

    With nothing said of it, an editor opens at a terminal.
    """
    command, record = _config_edit.command_of("workflows", "add", of), json_object(data, "--data")
    _config_edit.add(app, of, record, command=command, source=source, session=session)


@workflows.command("remove")
@click.argument("name", metavar="WORKFLOW")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option("--yes", is_flag=True, help="Do it at once.")
@_config_edit.writes("workflows")
def remove_workflow(app: App, of: Entry, dry_run: bool, yes: bool, session: str | None) -> None:
    """Take a workflow out of the configuration; runs of it go on

    Shows what would go, and the line that does it; --yes does it at once.
    """
    _config_edit.remove(app, of, users=[], dry_run=dry_run, yes=yes, session=session)


@workflows.command("test")
@click.argument("name", metavar="WORKFLOW")
@project_option
@reads
def test_workflow(app: App, name: str, project: str | None) -> None:
    """Go through a workflow without writing anything: its steps, and who would do them

    Exits 1 when the workflow, or somebody it names, is not there.
    """
    found = project_of(app, project)
    document = workflow_actions.dry_run(found, name, _validation.installed(app).agents)
    app.emit(document, view="workflows.tested")
    if not document["valid"]:
        raise click.exceptions.Exit(1)


# -- runs


@click.group("workflow", cls=Group)
def runs() -> None:
    """Run workflows: start one, lead it step by step, end it"""


@runs.command("start")
@click.argument("name", metavar="WORKFLOW")
@click.option("--id", "run_id", metavar="ID", help="Its id; by default WORKFLOW-<n>.")
@project_option
@session_option
@writes
def start(app: App, name: str, run_id: str | None, project: str | None, session: str | None) -> None:
    """Start a run; its first step begins"""
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = _project.to_write(app, tx, project_id)
        run = workflow_actions.start(tx, board, name, run_id=run_id, session=acting, now=app.at)
    _project.done(app, run, f"✓ Started {run['id']}: {run['current_step']}")
    if not app.json and not app.at_terminal:
        click.echo(run["id"])


@runs.command("step")
@click.argument("run_id", metavar="RUN")
@project_option
@session_option
@writes
def step(app: App, run_id: str, project: str | None, session: str | None) -> None:
    """Take the present step as done: the next one begins, after the last the run is completed"""
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = _project.to_write(app, tx, project_id)
        run = workflow_actions.advance(tx, board, run_id, session=acting, now=app.at)
    _project.done(app, run, f"✓ {run_id}: {run['current_step'] or run['status']}")


def _end(
    app: App, run_id: str, status: str, reason: str | None, project: str | None, session: str | None
) -> None:
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = _project.to_write(app, tx, project_id)
        run = workflow_actions.end(tx, board, run_id, status, reason=reason, session=acting, now=app.at)
    _project.done(app, run, f"✓ {run_id} is {status}")


@runs.command("complete")
@click.argument("run_id", metavar="RUN")
@project_option
@session_option
@writes
def complete(app: App, run_id: str, project: str | None, session: str | None) -> None:
    """Take all steps that are left as done"""
    _end(app, run_id, "completed", None, project, session)


@runs.command("fail")
@click.argument("run_id", metavar="RUN")
@click.option("--reason", metavar="TEXT", help="Why; it is kept with the change.")
@project_option
@session_option
@writes
def fail(app: App, run_id: str, reason: str | None, project: str | None, session: str | None) -> None:
    """End a run whose present step has failed"""
    _end(app, run_id, "failed", reason, project, session)


@runs.command("cancel")
@click.argument("run_id", metavar="RUN")
@click.option("--reason", metavar="TEXT", help="Why; it is kept with the change.")
@project_option
@session_option
@writes
def cancel(app: App, run_id: str, reason: str | None, project: str | None, session: str | None) -> None:
    """Give up a run"""
    _end(app, run_id, "cancelled", reason, project, session)


@runs.command("list")
@click.option("--status", type=click.Choice(WORKFLOW_STATUSES), help="Only runs of this status.")
@click.option("--open", "only_open", is_flag=True, help="Only runs that have not ended.")
@project_option
@reads
def list_runs(app: App, status: str | None, only_open: bool, project: str | None) -> None:
    """List runs, newest first"""
    found = project_of(app, project)
    rows = [
        run
        for run in workflow_actions.listing(found).values()
        if status in (None, run["status"]) and (not only_open or run["status"] in OPEN)
    ]
    app.emit(rows, view="workflows.runs", project=found.id)


@runs.command("show")
@click.argument("run_id", metavar="RUN")
@project_option
@reads
def show_run(app: App, run_id: str, project: str | None) -> None:
    """Show a run with what became of each step"""
    found = project_of(app, project)
    run = app.snapshot.load("projects", found.id, workflow_actions.FOLDER, ids.check(run_id, "workflow"))
    if run is None:
        raise workflow_actions.unknown_run(found, run_id)
    app.emit(run, view="workflows.run")
