"""Commands and groups: words that begin with a dash, commands imported late, and the one edge for errors."""

import contextlib
import gc
import importlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any, TypeVar

import click

from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.errors import BadUsage, OrchestrationError

F = TypeVar("F", bound=Callable[..., Any])


class Command(click.Command):
    """A command whose arguments may be negative numbers, and whose other dashes are checked."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Let words that begin with a dash through to `parse_args`."""
        kwargs.setdefault("ignore_unknown_options", True)
        return super().make_context(*args, **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse unknown options; a negative number or a text with blanks is a value."""
        options = {name: p for p in self.get_params(ctx) for name in (*p.opts, *p.secondary_opts)}
        takes_next = False
        for word in args:
            if takes_next or word == "--":
                if word == "--":
                    break
                takes_next = False
                continue
            name, equals, _ = word.partition("=")
            option = options.get(name)
            if option is not None and name.startswith("-"):
                takes_next = isinstance(option, click.Option) and not option.is_flag and not equals
            elif len(word) > 1 and word[0] == "-" and not word[1].isdigit() and " " not in word:
                raise click.NoSuchOption(name, possibilities=_near(name, options), ctx=ctx)
        return super().parse_args(ctx, args)


def _near(name: str, options: dict[str, Any]) -> list[str]:
    return sorted(option for option in options if option.startswith(name[:5]))


class Group(click.Group):
    """A group of commands that ends every failure in one clear line and the right exit code."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, later: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        """Take commands and, in `later`, the `module:attribute` of those imported when they are called."""
        super().__init__(*args, **{"no_args_is_help": False, **kwargs})
        self.later = later or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands."""
        return sorted({*super().list_commands(ctx), *self.later})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing the module it lives in."""
        place = self.later.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a reader that has seen enough, such as `head`, is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # here, because click's own main turns it into exit 1
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 0

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run as a program."""
        kwargs["standalone_mode"] = False
        app = App()
        kwargs.setdefault("obj", app)
        try:
            code = super().main(*args, **kwargs)
        except (click.Abort, KeyboardInterrupt):
            code = 130
        except Exception as error:  # the edge of the command lines: whatever comes becomes one line
            _output.clear()
            code = _fail(error, app)
        _output.clear()
        app.log("DEBUG", f"{(time.perf_counter() - app.started) * 1000:.0f} ms")
        if not code:
            for remark in app.remarks:
                click.echo(remark, err=True)
        sys.exit(code if isinstance(code, int) else 0)


def run(command: Group, name: str) -> None:
    """Run a command line as this process.

    It ends at once: the interpreter would take itself down piece by piece for as long as a read takes.
    """
    gc.set_threshold(100_000)  # nearly all commands end before there is garbage worth looking for
    code = 1
    try:
        command.main(prog_name=name)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            pass  # the reader had enough
        except OSError as error:
            code = code or 1
            os.write(2, f"Error: cannot write the output: {error.strerror}\n".encode())
    os._exit(code)


def _fail(error: Exception, app: App) -> int:
    if app.debug and not isinstance(error, click.ClickException):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.NoSuchOption):
        hint = f"did you mean {error.possibilities[0]}?" if error.possibilities else "see --help"
        problem: OrchestrationError = BadUsage(f"no such option: {error.option_name}", hint)
    elif isinstance(error, click.UsageError):
        problem = BadUsage(" ".join(error.format_message().split()).rstrip("."), "see --help")
    elif isinstance(error, OrchestrationError):
        problem = error
    elif isinstance(error, OSError):
        problem = OrchestrationError(f"{error.filename or 'the system'}: {error.strerror or error}")
    else:
        problem = OrchestrationError(
            f"unexpected {type(error).__name__}: {error}",
            hint="this is a bug; CLAUDE_ORCHESTRATION_DEBUG=1 shows where",
        )
    as_json = "--json-output" in sys.argv[1:]
    _output.error(problem.message, problem.hint, code=problem.code, as_json=as_json, remarks=app.remarks)
    return problem.exit_code


def common(function: F) -> F:
    """Add the options that every command takes: --json-output, --store."""

    @click.option("--json-output", is_flag=True, help="Print JSON, and errors as JSON on stderr.")
    @click.option("--store", metavar="DIR", help="The folder that holds the state.")
    @click.pass_context
    def wrapper(
        ctx: click.Context, /, *args: Any, json_output: bool, store: str | None, **kwargs: Any
    ) -> Any:
        app = ctx.ensure_object(App)
        app.json = json_output
        app.store_option = store
        return ctx.invoke(function, app, *args, **kwargs)

    # The function may have options of its own already, such as those of `followable`.
    options = [*getattr(function, "__click_params__", []), *wrapper.__click_params__]  # type: ignore[attr-defined]
    update_wrapper(wrapper, function)
    wrapper.__click_params__ = options  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


def reads(function: F) -> F:
    """Add the options that every command which only reads takes: those of `common`, and --at."""

    def wrapper(app: App, /, *args: Any, at: str | None, **kwargs: Any) -> Any:
        app.at_option = at
        return function(app, *args, **kwargs)

    option = click.option(
        "--at", metavar="REV|TIME", help="As of a commit, a tag, or a time such as yesterday or 2 hours ago."
    )
    return option(common(update_wrapper(wrapper, function)))  # type: ignore[return-value]


def writes(function: F) -> F:
    """Add the options that every command which writes takes: those of `common`, and --allow-secret."""

    def wrapper(app: App, /, *args: Any, allow_secret: bool, **kwargs: Any) -> Any:
        app.allow_secret = allow_secret
        return function(app, *args, **kwargs)

    option = click.option("--allow-secret", is_flag=True, help="Write also what looks like a secret.")
    return option(common(update_wrapper(wrapper, function)))  # type: ignore[return-value]
