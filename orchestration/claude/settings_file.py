"""Our part of a `settings.json`: put in beside what is there, and taken out again.

Hooks and the status line are known by the command they run. Allow rules are known by being on the list of
those that were put in: one that was there before is the user's.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from orchestration.claude import json_text
from orchestration.errors import InvalidData

EVENTS = (
    "SessionStart", "UserPromptSubmit", "UserPromptExpansion", "PostToolUse", "SubagentStart", "SubagentStop", "Stop",
    "SessionEnd",
)  # fmt: skip
"""The events we listen to; every version of the client that we support knows them."""
MATCHERS = {"PostToolUse": "Bash"}
SECONDS = {"UserPromptExpansion": 60, "SessionEnd": 5}
"""How long a hook may take; others 10."""
REFRESH = 5
"""Seconds between two looks at the status line."""
_OURS = re.compile(r"\"\$(?:CLAUDE_PROJECT_DIR|HOME)\"/\.claude/hooks/run [A-Za-z]+(?: \|\| true)?")


class Added(NamedTuple):
    """What was put in that cannot be recognised by itself."""

    allow: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """Members that were not there before, such as `permissions` and `permissions.allow`."""


def hook(event: str, folder: str) -> dict[str, Any]:
    """Return what is listed under an event; `folder` is where `hooks/run` lies, as the shell reads it."""
    command = {
        "type": "command",
        "command": f"{folder}/hooks/run {event} || true",
        "timeout": SECONDS.get(event, 10),
    }
    matcher = {"matcher": MATCHERS[event]} if event in MATCHERS else {}
    return {**matcher, "hooks": [command]}


def status_line(folder: str) -> dict[str, Any]:
    """Return the setting of the status line."""
    return {"type": "command", "command": f"{folder}/hooks/run statusline", "refreshInterval": REFRESH}


def is_ours(command: object) -> bool:
    """Say whether a hook or status line of this command is ours."""
    return isinstance(command, str) and _OURS.fullmatch(command) is not None


def merged(
    text: str | None, name: str, *, folder: str, allow: Sequence[str], status: bool, before: Added
) -> tuple[str, Added]:
    """Return the file with our part in it, and what was added.

    `status` says whether there may be a status line of ours; `before` is what an earlier installation
    added. Raises InvalidData for a file that is no settings file.
    """
    new = "{}\n" if text is None or not text.strip() else text
    _checked(new, name)
    keys = [key for key in before.keys if _has(new, key)]

    def within(*path: str) -> None:
        nonlocal new
        for count in range(1, len(path) + 1):
            if not _has(new, ".".join(path[:count])):
                last = count == len(path) and path[0] in ("permissions", "hooks") and path != ("hooks",)
                new = json_text.put(new, path[:count], [] if last else {})
                keys.append(".".join(path[:count]))

    wanted = {event: hook(event, folder) for event in EVENTS}
    new = _without_hooks(new, keep=wanted)
    for event in EVENTS:
        within("hooks", event)
        if wanted[event] not in json.loads(new)["hooks"][event]:
            new = json_text.append(new, ("hooks", event), wanted[event])
    line = json.loads(new).get("statusLine")
    if status and (line is None or is_ours(line.get("command") if isinstance(line, dict) else None)):
        new = json_text.put(new, ("statusLine",), status_line(folder)) if line != status_line(folder) else new
    elif isinstance(line, dict) and is_ours(line.get("command")):
        new = json_text.drop(new, ("statusLine",))
    within("permissions", "allow")
    new = _without_rules(new, [rule for rule in before.allow if rule not in allow])
    added = [rule for rule in before.allow if rule in allow and rule in _rules(new)]
    for rule in allow:
        if rule not in _rules(new):
            new = json_text.append(new, ("permissions", "allow"), rule)
            added.append(rule)
    return new, Added(tuple(sorted(added)), tuple(dict.fromkeys(keys)))


def removed(text: str, name: str, added: Added) -> str:
    """Return the file without our part."""
    _checked(text, name)
    new = _without_rules(_without_hooks(text, keep={}), added.allow)
    line = json.loads(new).get("statusLine")
    if isinstance(line, dict) and is_ours(line.get("command")):
        new = json_text.drop(new, ("statusLine",))
    for key in sorted(added.keys, key=lambda key: -key.count(".")):
        if _has(new, key) and not _value(new, key):
            new = json_text.drop(new, key.split("."))
    return new


def missing(data: dict[str, Any], folder: str) -> list[str]:
    """Return the events under which our hook is not listed as it should be."""
    hooks = data.get("hooks")
    listed = hooks if isinstance(hooks, dict) else {}
    return [event for event in EVENTS if hook(event, folder) not in (listed.get(event) or [])]


def _without_hooks(text: str, *, keep: dict[str, Any]) -> str:
    """Return the file without hooks of ours, but those that are listed just as they should be."""
    while True:
        for event, place, number, entry in _listed(text):
            if entry == keep.get(event) or not is_ours(entry["hooks"][number].get("command")):
                continue
            path = ("hooks", event, place)
            alone = len(entry["hooks"]) == 1
            text = json_text.drop(text, path if alone else (*path, "hooks", number))
            break
        else:
            return text


def _listed(text: str) -> Iterator[tuple[str, int, int, dict[str, Any]]]:
    for event, entries in (json.loads(text).get("hooks") or {}).items():
        for place, entry in enumerate(entries if isinstance(entries, list) else []):
            inner = entry.get("hooks") if isinstance(entry, dict) else None
            for number, one in enumerate(inner if isinstance(inner, list) else []):
                if isinstance(one, dict):
                    yield event, place, number, entry


def _rules(text: str) -> list[Any]:
    found: list[Any] = (json.loads(text).get("permissions") or {}).get("allow") or []
    return found


def _without_rules(text: str, rules: Sequence[str]) -> str:
    for rule in rules:
        if rule in _rules(text):
            text = json_text.drop(text, ("permissions", "allow", _rules(text).index(rule)))
    return text


def _value(text: str, key: str) -> Any:
    value = json.loads(text)
    for part in key.split("."):
        value = value[part]
    return value


def _has(text: str, key: str) -> bool:
    try:
        _value(text, key)
    except (KeyError, TypeError):
        return False
    return True


def _checked(text: str, name: str) -> None:
    """Raise InvalidData where something of ours would have to go into what is no object, or no list."""
    data = json_text.load(text, name)
    hooks, permissions = data.get("hooks", {}), data.get("permissions", {})
    places: list[tuple[str, Any, type]] = [("hooks", hooks, dict), ("permissions", permissions, dict)]
    if isinstance(hooks, dict):
        places += [(f"hooks.{event}", hooks.get(event, []), list) for event in EVENTS]
    if isinstance(permissions, dict):
        places.append(("permissions.allow", permissions.get("allow", []), list))
    for place, value, kind in places:
        if not isinstance(value, kind):
            shown = "an object" if kind is dict else "a list"
            raise InvalidData(f"{name}: {place} is not {shown}", hint="mend it first; nothing was changed")
