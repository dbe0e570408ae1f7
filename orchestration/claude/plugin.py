"""The same as a plugin of Claude Code: `python -m orchestration.claude.plugin DIR VERSION` writes it.

Its commands are called `/orchestration:NAME`. Its hooks keep still where a project, or its user, has ours.
"""

import json
import sys
from pathlib import Path
from typing import Any

from orchestration.claude import payload, settings_file

NAME = "orchestration"
_ABOUT = "Sprints, tasks, teams and handoffs of AI development teams, kept in one git repository."
_OWNER = {"name": "claude-orchestration"}
_ROOT = '"${CLAUDE_PLUGIN_ROOT}"'


def files(version: str) -> dict[str, bytes]:
    """Return the files of the plugin, and of the marketplace that offers it, by path."""
    hooks = {event: [settings_file.hook(event, _ROOT)] for event in settings_file.EVENTS}
    plugin = {
        "name": NAME,
        "version": version,
        "description": _ABOUT,
        "author": _OWNER,
        "license": "MIT",
    }
    market = {
        "name": "claude-orchestration",
        "owner": _OWNER,
        "description": _ABOUT,
        "plugins": [{"name": NAME, "source": "./", "description": _ABOUT}],
    }
    return {
        **payload.files(payload.ANYWHERE, shadow=True),
        ".claude-plugin/plugin.json": _json(plugin),
        ".claude-plugin/marketplace.json": _json(market),
        "hooks/hooks.json": _json({"hooks": hooks}),
        "README.md": (payload.SHIPPED / "plugin" / "README.md").read_bytes(),
    }


def write(folder: Path, version: str) -> None:
    """Write the plugin into a folder; what is there and does not belong to it is removed."""
    wanted = files(version)
    for path, content in wanted.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o755 if path == "hooks/run" else 0o644)
    for file in folder.rglob("*"):
        if file.is_file() and file.relative_to(folder).as_posix() not in wanted:
            file.unlink()


def _json(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2])
