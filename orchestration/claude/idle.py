"""Whether an event asks for anything, found out with a few looks at files.

What only says that somebody is at work is done here: a touched file, and nothing else. Whatever is not
clear at a glance counts as something to do.
"""

import os

from orchestration.store import agents, hosts

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` takes longer to load than all that happens here
    from collections.abc import Mapping
    from typing import Any

HEARTBEAT = 1800
"""Seconds after which a session that is at work renews its lease."""
_CONFIG = "/.claude/orchestration.yaml"
_EVENTS = (
    "SessionStart", "SessionEnd", "UserPromptSubmit", "UserPromptExpansion", "PostToolUse", "SubagentStart",
    "SubagentStop", "Stop",
)  # fmt: skip
_SHELLS = ("run", "sh", "dash", "bash", "zsh", "ksh", "busybox")
_LOG_LIMIT = 1 << 20


class _Plain:
    """How JSON is read: as Python has it."""

    strict = False
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, float
    memo: "dict[str, str]" = {}


def facts(data: bytes) -> "dict[str, Any] | None":
    """Return the object that is JSON in `data`, None when there is none.

    The scanner of the standard library is taken without its package, which takes as long to load as the
    interpreter takes to start.
    """
    text = data.decode("utf-8", "replace").removeprefix("\ufeff").strip()
    try:
        from _json import make_scanner

        found, end = make_scanner(_Plain())(text, 0)  # type: ignore[arg-type] # it asks for these names only
    except (StopIteration, ValueError, RecursionError, SystemError):  # the last: its package is not there
        return None
    except ImportError:
        import json

        try:
            found, end = json.loads(text), len(text)
        except (ValueError, RecursionError):
            return None
    return found if isinstance(found, dict) and end == len(text) else None


def needed(event: str, given: "dict[str, Any]", env: "Mapping[str, str]", now: float) -> bool:
    """Say whether there is something to do; `now` is in seconds since the epoch.

    Notes on the way who is at work: the session, a sub-agent.
    """
    host = given.get("session_id")
    if event not in _EVENTS or not hosts.fits(host):
        return False
    assert isinstance(host, str)
    if event == "PostToolUse" and given.get("tool_name") != "Bash":
        return False
    top, config, repository = _around(env.get("CLAUDE_PROJECT_DIR") or str(given.get("cwd") or os.getcwd()))
    root = _root(env, top, config)
    if root is None:
        return True
    private = f"{root}/.git/orchestration"
    known = hosts.binding(private, host)
    if not known:
        if not os.path.isdir(f"{root}/.git"):
            return config and event == "UserPromptExpansion"  # a command may make the store
        new = event in ("SessionStart", "UserPromptSubmit", "UserPromptExpansion")
        return new and (config or _may_be_set_up(env, root, top, repository))
    if "made" in known:
        _touch(f"{private}/presence/{known.get('session')}", now)
    if event.startswith("Subagent"):
        _agent(event, private, host, given, now)
        return False
    if event == "PostToolUse":
        return _may_commit(private, host, given, now)
    if event == "SessionEnd":
        _leave(private, host, known, given, env)
        return False
    return event != "Stop" and not (event == "UserPromptSubmit" and _unchanged(root, host, known, given, now))


def _around(start: str) -> "tuple[str, bool, bool]":
    """Return the folder of the configuration or repository around a folder, and which of them it has."""
    folder, repository = os.path.abspath(start), False
    while True:
        config = os.path.exists(folder + _CONFIG)
        repository = os.path.exists(f"{folder}/.git")
        parent = os.path.dirname(folder)
        if config or repository or parent == folder:
            return folder, config, repository
        folder = parent


def _root(env: "Mapping[str, str]", top: str, config: bool) -> "str | None":
    """Return the folder of the store, None when it takes more than a glance."""
    home = env.get("HOME") or ""
    named = env.get("ORCHESTRATION_STATE_DIR")
    if named:
        return os.path.abspath(home + named[1:] if named.startswith("~/") else named)
    if config:
        try:
            with open(top + _CONFIG, encoding="utf-8") as file:
                lines = [line.strip() for line in file if "store" in line]
        except (OSError, ValueError):
            return None
        if lines:
            return _written(lines, top, home)
    return f"{home}/.claude/state" if home else None


def _written(lines: "list[str]", top: str, home: str) -> "str | None":
    """Return the folder that a configuration names as `orchestration init` writes it, None for any other way."""
    name, _, place = lines[0].partition(": ")
    if len(lines) > 1 or name != "store" or place[:1] != '"' or place[-1:] != '"' or "\\" in place:
        return None
    place = place[1:-1]
    return os.path.abspath(f"{home}{place[1:]}" if place.startswith("~/") else os.path.join(top, place))


def _touch(path: str, now: float) -> None:
    try:
        os.utime(path, (now, now))
    except OSError:
        return  # the next write of the session makes it


def store_of(env: "Mapping[str, str]", folder: str) -> "str | None":
    """Return the folder of the store for a folder, None when it takes more than a glance."""
    top, config, _ = _around(folder)
    return _root(env, top, config)


def _may_be_set_up(env: "Mapping[str, str]", root: str, top: str, repository: bool) -> bool:
    if env.get("CLAUDE_SESSION_ID"):
        return True
    name = env.get("CLAUDE_PROJECT_ID")
    if not name:
        if not repository:
            return False
        name = _repository_of(top)
    return not hosts.fits(name) or os.path.isdir(f"{root}/projects/{name}")


def _repository_of(top: str) -> str:
    """Return the name of the main checkout; empty for one that takes more than a glance."""
    if not os.path.isfile(f"{top}/.git"):
        return os.path.basename(top)
    try:
        with open(f"{top}/.git", encoding="utf-8") as file:
            main, found, _ = file.read().partition("/.git/worktrees/")
    except (OSError, ValueError):
        return ""
    return os.path.basename(main) if found else ""


def _agent(event: str, private: str, host: str, given: "dict[str, Any]", now: float) -> None:
    agent, name = given.get("agent_id"), given.get("agent_type")
    if isinstance(agent, str) and hosts.fits(agent) and isinstance(name, str) and name:
        if event == "SubagentStart":
            agents.start(private, host, agent, name, now)
        else:
            agents.stop(private, host, agent)


def _may_commit(private: str, host: str, given: "dict[str, Any]", now: float) -> bool:
    agent = given.get("agent_id")
    if isinstance(agent, str) and hosts.fits(agent):
        agents.sign(private, host, agent, now)
    asked = given.get("tool_input")
    command = asked.get("command") if isinstance(asked, dict) else None
    return isinstance(command, str) and "git" in command and "commit" in command


def _leave(
    private: str, host: str, known: "dict[str, str]", given: "dict[str, Any]", env: "Mapping[str, str]"
) -> None:
    """Note that a session of a client ended: the client itself may go on, with another one."""
    agents.stop(private, host)
    process, goes_on = client(env), given.get("reason") in ("clear", "resume")
    hosts.keep(private, place(given), host)
    hosts.keep(private, process, host if goes_on else None)
    if not goes_on and "made" not in known:
        hosts.forget(private, host)  # nothing was ever written in it


def _unchanged(root: str, host: str, known: "dict[str, str]", given: "dict[str, Any]", now: float) -> bool:
    """Say whether a prompt needs nothing: the model has seen all there is, and the lease is fresh."""
    private = f"{root}/.git/orchestration"
    seen = hosts.seen(private, host)
    if "made" in known:
        beat, end = seen.get("heartbeat", ""), seen.get("expiry", "")
        if not (beat.isdigit() and end.isdigit() and int(beat) + HEARTBEAT > now and int(end) > now):
            return False
    if not ordinary(given):
        return True
    return bool(seen) and seen.get("commit") == tip(root) and not hosts.has_typed(private, host)


def ordinary(given: "dict[str, Any]") -> bool:
    """Say whether a prompt goes to the model as a person typed it."""
    prompt = given.get("prompt")
    return isinstance(prompt, str) and not prompt.startswith(("/", "<task-notification>"))


def tip(root: str) -> "str | None":
    """Return the newest commit of a store, None when it takes more than a glance."""
    try:
        with open(f"{root}/.git/HEAD", encoding="ascii") as file:
            kind, _, name = file.read().strip().partition(" ")
        if kind != "ref:":
            return None
        with open(f"{root}/.git/{name}", encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return None


def place(given: "dict[str, Any]") -> str:
    """Return a name for the folder of a client."""
    import zlib

    return f"folder-{zlib.crc32(str(given.get('cwd')).encode('utf-8', 'replace')):08x}"


def client(env: "Mapping[str, str]") -> str:
    """Return a name for the process of the client that started this one, through a shell or two."""
    told = env.get("CLAUDE_PID", "")
    if told.isdigit():
        return f"process-{told}"
    above = os.getppid()
    try:
        for _ in _SHELLS:
            with open(f"/proc/{above}/stat", encoding="utf-8", errors="replace") as file:
                name, _, rest = file.read().partition("(")[2].rpartition(")")
            if name not in _SHELLS:
                break
            above = int(rest.split()[1])
    except (OSError, ValueError, IndexError):
        pass  # no such files on this system: what started us stands for the client
    return f"process-{above}"


def log(env: "Mapping[str, str]", line: str) -> None:
    """Add a line to the log of the store, where there is one."""
    top, config, _ = _around(env.get("CLAUDE_PROJECT_DIR") or os.getcwd())
    root = _root(env, top, config)
    if root != _root(env, top, config=False):
        return  # a store that a checkout names, which nobody may have approved
    private = f"{root}/.git/orchestration"
    try:
        if os.path.isdir(private):
            if os.path.exists(f"{private}/log") and os.path.getsize(f"{private}/log") > _LOG_LIMIT:
                os.rename(f"{private}/log", f"{private}/log.old")
            with open(f"{private}/log", "a", encoding="utf-8", errors="replace") as file:
                file.write(f"{line}\n")
    except OSError:
        return
