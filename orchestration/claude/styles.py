"""`/output-style`: the way of working for which a style is made, and the view that belongs to it."""

import json
import os
from pathlib import Path
from typing import Any

from orchestration.claude import dispatch, json_text
from orchestration.claude.client import Answer, Client
from orchestration.errors import NotFound, OrchestrationError
from orchestration.store import installed

STYLES: dict[str, str] = {
    "sprint_execution": "board",
    "leadership_chat": "kpis",
    "all-team_dashboard": "monitor",
    "config_manager": "config",
}
"""The command whose view each style begins with."""
DEFAULT = "default"
_FILES = ("settings.local.json", "settings.json")
_PLUGIN = "orchestration:"


def output_style(client: Client, given: dict[str, Any]) -> Answer:
    """Set the output style and show its view, or say which one is set."""
    said = given["name"]
    folder = _folder(client)
    if said is None:
        return Answer(f"The output style is {_current(client, folder)}.\n{_choices()}")
    name = next((name for name in (*STYLES, DEFAULT) if name.lower() == said.lower().replace("-", "_")), None)
    name = name or next((name for name in STYLES if _plain(name) == _plain(said)), None)
    if name is None:
        raise NotFound(f"there is no output style {said[:60]!r}", hint=_choices())
    full = name if name == DEFAULT else _full(client, folder, name)
    file = folder / _FILES[0]
    changed = _set(file, full)
    known = f"✓ Output style: {name}" if changed else f"The output style is {name} already."
    lines = [known, f"Kept in .claude/{file.name}; fully on after /clear or in a new session."]
    if name == DEFAULT:
        return Answer("\n".join(lines))
    view = dispatch.answer(client, STYLES[name], "")
    client.remarks.clear()  # they are in the view's own text
    return Answer("\n".join([*lines, "", view.text]))


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _choices() -> str:
    return f"`/output-style NAME` sets one: {', '.join([*STYLES, DEFAULT])}"


def _folder(client: Client) -> Path:
    """Return the project's folder `.claude`."""
    start = Path(client.env.get("CLAUDE_PROJECT_DIR") or client.cwd)
    top = installed.top(start, home=client.home)
    return (top or start) / ".claude"


def _current(client: Client, folder: Path) -> str:
    for file in (*(folder / name for name in _FILES), client.home / ".claude" / "settings.json"):
        style = _loaded(file).get("outputStyle")
        if isinstance(style, str):
            return style
    return DEFAULT


def _loaded(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_bytes())
    except (OSError, ValueError):  # no settings, or none that the client could read either
        return {}
    return data if isinstance(data, dict) else {}


def _full(client: Client, folder: Path, name: str) -> str:
    """Return the name as the client knows it; NotFound where the style is not installed."""
    for place in (folder, client.home / ".claude"):
        if (place / "output-styles" / f"{name}.md").is_file():
            return name
    if client.env.get("CLAUDE_PLUGIN_ROOT"):
        return _PLUGIN + name
    raise NotFound(
        f"the output style {name} is not installed here", hint="`orchestration install` in a terminal"
    )


def _set(file: Path, style: str) -> bool:
    """Write the setting; InvalidData for a file that is not JSON. False when it was so already."""
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        text = ""
    text = text if text.strip() else "{}\n"
    if json_text.load(text, str(file)).get("outputStyle") == style:
        return False
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.{os.getpid()}.draft")
        draft.write_text(json_text.put(text, ["outputStyle"], style), "utf-8")
        draft.replace(file.resolve())
    except OSError as error:
        raise OrchestrationError(f"cannot write {file}: {error.strerror}") from None
    return True
