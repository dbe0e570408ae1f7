"""`orchestration install` and `uninstall`: connecting a project, or a user, to Claude Code."""

import json
import sys
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.cli._app import App
from orchestration.cli._group import Command, common
from orchestration.errors import NotFound, OrchestrationError, Refused
from orchestration.store import checkout, installed

if TYPE_CHECKING:
    from orchestration.claude import installer as installers

_NAMED = 6
"""The most files that are named."""
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(cls=Command)
@click.argument("folder", metavar="[DIR]", required=False, type=_FOLDER)
@click.option("--user", is_flag=True, help="For all your projects, in ~/.claude.")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option("--no-shadow", is_flag=True, help="Leave out commands that hide one of Claude Code's own.")
@common
def install(app: App, folder: Path | None, user: bool, dry_run: bool, no_shadow: bool) -> None:
    """Connect a project to Claude Code, or bring that up to date

    DIR is by default the repository around this folder. Written are slash commands, hooks, output styles,
    agents, a skill, scripts and a status line, all below .claude; a settings.json that is there keeps
    everything in it. Files of the same name that are not from this program stay as they are. What is
    written can be committed: it names no place on this machine. `uninstall` takes it all out again.
    """
    plan = planned(app, folder, user=user, shadow=not no_shadow)
    finish(app, plan, dry_run=dry_run, done="Installed into")
    if not app.json and not dry_run and plan.changes:
        app.say("  Start `claude` there and type /orchestrate; `orchestration doctor` checks it all.")


def planned(app: App, folder: Path | None, *, user: bool, shadow: bool) -> "installers.Plan":
    """Return what an installation would do; Refused for a place it is not meant for."""
    from orchestration.claude import installer

    if user:
        if folder is not None:
            raise Refused("--user installs into your home folder", hint="leave DIR out")
        target = installer.for_user(app.home)
    else:
        top = _top(app, folder)
        name = None if (top / checkout.CONFIG).is_file() else _name(app, top)
        target = installer.for_project(
            top, project=name, own=installer.is_own(top), status=_may_have_status(app, top)
        )
    return installer.install(target, python=sys.executable, shadow=shadow)


def again(app: App, folder: Path) -> "installers.Plan":
    """Return what brings the installation in a folder `.claude` up to date."""
    from orchestration.claude import manifest

    known = manifest.read(folder)
    user = folder == app.home / ".claude"
    return planned(app, None if user else folder.parent, user=user, shadow=known is None or known.shadow)


def finish(app: App, plan: "installers.Plan", *, dry_run: bool, done: str) -> None:
    """Carry a plan out and say so, or show it."""
    document = {
        "folder": str(plan.folder),
        "dry_run": dry_run,
        "changes": [
            {"path": one.path, "change": "add" if one.before is None else "remove" if one.after is None else "change"}
            for one in plan.changes
        ],
        "left": plan.left,
    }  # fmt: skip
    if not dry_run:
        carry_out(plan)
    if app.json:
        app.emit(document)
        return
    if dry_run:
        click.echo(_preview(plan), nl=False)
    tell_left(app, plan)
    if not plan.changes:
        app.say(f"There is nothing to do in {plan.folder}.")
    elif not dry_run:
        app.say(f"✓ {done} {plan.folder}: {_counted(document['changes'])}")


def carry_out(plan: "installers.Plan") -> None:
    """Carry a plan out; an OrchestrationError tells which file could not be written."""
    from orchestration.claude import installer

    try:
        installer.carry_out(plan)
    except OSError as error:
        raise OrchestrationError(f"cannot write {error.filename}: {error.strerror}") from None


def tell_left(app: App, plan: "installers.Plan") -> None:
    """Warn of files that stay as they are, in a line for each reason."""
    for reason in dict.fromkeys(plan.left.values()):
        paths = [path for path, why in plan.left.items() if why == reason]
        more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
        app.warn(f"left as it is, as it {reason}: {', '.join(paths[:_NAMED])}{more} in {plan.folder}")


def _counted(changes: Any) -> str:
    words = {"add": "added", "change": "changed", "remove": "removed"}
    kinds = [one["change"] for one in changes]
    return ", ".join(f"{kinds.count(kind)} {word}" for kind, word in words.items() if kind in kinds)


def _preview(plan: "installers.Plan") -> str:
    """Return a diff of what is changed, and the names of what comes or goes as a whole."""
    text = ""
    for one in plan.changes:
        name = f".claude/{one.path}"
        whole = one.path not in ("settings.json", ".gitignore")
        if whole and (one.before is None or one.after is None):
            text += f"{'add' if one.before is None else 'remove'} {name}\n"
            continue
        before, after = (
            (side or b"").decode("utf-8", "replace").splitlines(keepends=True) for side in one[1:]
        )
        diff = unified_diff(
            before, after,
            "/dev/null" if one.before is None else f"a/{name}", "/dev/null" if one.after is None else f"b/{name}",
        )  # fmt: skip
        text += "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in diff
        )
    return text


def _top(app: App, folder: Path | None) -> Path:
    start = (folder if folder is not None else app.cwd).absolute()
    around = [one for one in (start, *start.parents) if (one / ".git").exists()]
    top = around[0] if folder is None and around else start
    if top == app.home:
        raise Refused(
            "this is your home folder", hint="say --user to install for all your projects, or name a DIR"
        )
    return top


def _name(app: App, top: Path) -> str:
    """Return the name of a project that has none yet; Refused when it belongs to another repository."""
    found = checkout.find(top)
    if found.repository is None or found.repository.common_dir is None:
        return checkout.project_name(top.name)
    app.checkout = found
    return app.project_id(None) or checkout.project_name(top.name)


def _may_have_status(app: App, top: Path) -> bool:
    """Say whether nobody has a status line of their own: the user's would be hidden by one of the project."""
    from orchestration.claude import settings_file

    for file in (app.home / ".claude" / "settings.json", top / ".claude" / "settings.local.json"):
        try:
            line = json.loads(file.read_bytes()).get("statusLine")
        except (OSError, ValueError, AttributeError):
            continue
        if line is not None and not settings_file.is_ours(
            line.get("command") if isinstance(line, dict) else None
        ):
            return False
    return True


def around(app: App) -> Path | None:
    """Return the folder `.claude` around the current folder that holds an installation, else the user's."""
    from orchestration.claude import manifest

    top = installed.top(app.cwd, home=app.home)
    places = [*([top / ".claude"] if top else []), app.home / ".claude"]
    return next((place for place in places if (place / manifest.NAME).is_file()), None)


@click.command(cls=Command)
@click.argument("folder", metavar="[DIR]", required=False, type=_FOLDER)
@click.option("--user", is_flag=True, help="What was installed in ~/.claude.")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@common
def uninstall(app: App, folder: Path | None, user: bool, dry_run: bool) -> None:
    """Take out what `install` put into a project

    Settings are left as they were before. Files that were changed since stay, and are named. The state
    itself, tasks and sprints and all, is not touched.
    """
    from orchestration.claude import installer

    place = app.home / ".claude" if user else _top(app, folder) / ".claude"
    plan = installer.uninstall(place)
    if plan is None:
        raise NotFound(f"nothing of this program is installed in {place}")
    finish(app, plan, dry_run=dry_run, done="Uninstalled from")
