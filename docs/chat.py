"""Give a prompt to the hooks of the project in this folder, as Claude Code does, and print what comes of it.

`docs/generate.py` plays the `chat` blocks of the documentation with it. A slash command shows its answer; one that
is the model's work, an ordinary prompt and `/clear` show what the model is told. A plan's id behind `apply`
stands for the last plan that was shown.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

HOST = "6bceb959-c298-46f0-ab34-bb066a89c9ce"
_PLAN = re.compile(r"(?<= apply )[0-9a-f]{8}\b")


def hook(event: str, **facts: Any) -> str:
    """Return what the hook of an event says, to the user or to the model."""
    done = subprocess.run(
        [Path.cwd() / ".claude" / "hooks" / "run", event],
        input=json.dumps({"session_id": HOST, "hook_event_name": event, **facts}),
        env={**os.environ, "CLAUDE_PROJECT_DIR": str(Path.cwd())}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    if done.stderr:
        raise SystemExit(f"this is a bug: {done.stderr}")
    said = json.loads(done.stdout or "{}")
    return str(said.get("reason") or said.get("hookSpecificOutput", {}).get("additionalContext", ""))


def answer(prompt: str) -> str:
    """Return what comes of a prompt."""
    name, _, rest = prompt.removeprefix("/").partition(" ")
    if not prompt.startswith("/"):
        return hook("UserPromptSubmit", prompt=prompt)
    if name == "clear":
        return hook("SessionStart", source="clear")
    return hook(
        "UserPromptExpansion",
        expansion_type="slash_command",
        command_name=name,
        command_args=rest,
        prompt=prompt,
    )


def main(prompt: str) -> None:
    """Print what comes of a prompt, the first of all in a session that has just begun."""
    kept = Path.home() / ".last-plan"
    if not kept.exists():
        hook("SessionStart", source="startup")
        kept.touch()
    shown = answer(_PLAN.sub(kept.read_text(), prompt))
    plans = _PLAN.findall(shown)
    if plans:
        kept.write_text(plans[-1])
    if shown:
        print(shown)


if __name__ == "__main__":
    main(sys.argv[1])
