"""`orchestration`: the umbrella command of an installation."""

from pathlib import Path

import click

from orchestration import ids
from orchestration.cli._app import App
from orchestration.cli._group import Group, common, run
from orchestration.errors import Refused
from orchestration.store import location
from orchestration.store.checkout import CONFIG

_SCRIPTS = ("session_manager", "state_manager", "shared_state", "event_stream", "observability")


_LATER = {name: f"{name}:cli" for name in _SCRIPTS} | {
    "board": "_boards:board",
    "dashboard": "_overviews:dashboard",
    "kpis": "_overviews:kpis",
    "roadmap": "_overviews:roadmap",
    "sprint": "_overviews:sprint",
    "teams": "_overviews:teams",
    "timeline": "_overviews:timeline",
    "metrics": "_figures:metrics",
    "velocity": "_figures:velocity",
    "burndown": "_figures:burndown",
    "forecast": "_figures:forecast",
    "flow": "_figures:flow",
    "events": "_events:list_events",
    "monitor": "_monitor:monitor",
    "install": "_install:install",
    "uninstall": "_install:uninstall",
    "upgrade": "_upgrade:upgrade",
    "doctor": "_doctor:doctor",
    "slash": "_entries:slash",
    "hook": "_entries:hook",
    "statusline": "_entries:statusline",
    "config": "_config:group",
    "team": "_team:group",
    "workflow": "_workflows:runs",
    "import": "_importing:import_",
    "export": "_exchange:export",
    "sprint-export": "_exchange:sprint_export",
    "report": "_report:report",
    "allocation": "_delegation:allocation",
    "epic": "_epic_plans:group",
    "clone": "_sync:clone",
    "join": "_sync:join",
    "move-out": "_sync:move_out",
    "merge-driver": "_git_drivers:merge_driver",
    "textconv": "_git_drivers:textconv",
}


@click.group(cls=Group, later={name: f"orchestration.cli.{place}" for name, place in _LATER.items()})
def cli() -> None:
    """Keep the state of AI development teams in one git repository"""


@cli.command()
@click.option("--project", metavar="NAME", help="The name of this checkout's project.")
@click.option("--store", "place", metavar="PATH", help="A store of its own for this project.")
@click.option("--json-output", is_flag=True, help="Print JSON.")
@click.pass_context
def init(ctx: click.Context, project: str | None, place: str | None, json_output: bool) -> None:
    """Write into this checkout which project, and which store, it works on

    The answers stand in .claude/orchestration.yaml, which is meant to be committed. A store named
    there by somebody else is used only after `orchestration approve` on this machine; the one given
    here is approved at once.
    """
    app = ctx.ensure_object(App)
    app.json = json_output
    found = app.checkout
    top = found.config.parent.parent if found.config else _top(app.cwd)
    name = project or found.project or (found.repository.name if found.repository else top.name)
    lines = [f"project: {ids.check(name, 'project')}"]
    named = place or found.store
    if named:
        if "\n" in named or '"' in named or "\\" in named:
            raise Refused(f"the store path {named!r} has characters it may not have", hint="use a plain path")
        lines.append(f'store: "{named}"')
    target = top / CONFIG
    target.parent.mkdir(exist_ok=True)
    draft = target.with_name("orchestration.yaml.draft")
    draft.write_text("\n".join(lines) + "\n")
    draft.replace(target)
    if place:
        approved = location.named(found._replace(store=place, config=target), app.home)
        location.approve(approved, app.home)
    facts = {"project": name, "store": named, "file": str(target)}
    if app.json:
        app.emit(facts)
    else:
        app.say(f"✓ {target} names project {name}" + (f" and store {named}" if named else ""))


def _top(folder: Path) -> Path:
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


@cli.command()
@click.argument("place", metavar="PATH")
@common
def approve(app: App, place: str) -> None:
    """Allow checkouts on this machine to use the store at PATH"""
    location.approve(Path(app.cwd, place).absolute(), app.home)
    app.say(f"✓ Approved {place}")


def main() -> None:
    """Run the command line."""
    run(cli, "orchestration")
