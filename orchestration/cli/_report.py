"""`orchestration report`: a sprint on one page, to send to someone."""

import importlib
from pathlib import Path

import click

from orchestration.cli._app import App
from orchestration.cli._claims import watch
from orchestration.cli._exchange import current, put_text
from orchestration.cli._group import Command, reads
from orchestration.cli._looking import project_of
from orchestration.cli._options import project_option, session_option
from orchestration.errors import BadUsage
from orchestration.exchange import report as reports

_FORMS = {".html": "report_html", ".htm": "report_html", ".md": "report_markdown", ".svg": "report_svg"}


@click.command(cls=Command)
@click.argument("sprint", metavar="[SPRINT]", required=False)
@click.option("-o", "--output", metavar="FILE", help="A .html, .md or .svg file; its ending says which.")
@project_option
@session_option
@reads
def report(
    app: App, sprint: str | None, output: str | None, project: str | None, session: str | None
) -> None:
    """Write a report of a sprint, by default the current one: a page to send to someone

    Board, burndown, cycle times, blockers, decisions, goals, retrospective, and what changed. The HTML
    page is one file that loads nothing and runs nothing. Without -o it is Markdown on stdout.
    """
    form = (
        _FORMS.get(Path(output).suffix.lower()) if output not in (None, "-") and output else "report_markdown"
    )
    if form is None:
        raise BadUsage(f"cannot tell the form of {output!r}", hint="end it in .html, .md or .svg")
    found, bound = project_of(app, project, session)
    chosen = current(found, sprint, bound)
    document = reports.document(found, chosen, app.index, orphaned=watch(app, found).orphaned)
    if app.json and output is None:
        app.emit(document)
        return
    text: str = importlib.import_module(f"orchestration.views.{form}").page(document)
    path = put_text(app, output, text)
    if path is None:
        return
    if app.json:
        app.emit({"file": str(path), "sprint": chosen["id"]})
    else:
        app.say(f"✓ Wrote the report of sprint {chosen['id']} to {path}")
