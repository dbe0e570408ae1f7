"""The repository of a user with the product in it, and what is in the store when the client starts."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from orchestration import codec
from orchestration.store.repo import Store

ROOT = Path(__file__).parent.parent.parent
EVENTS = (
    "SessionStart", "UserPromptSubmit", "UserPromptExpansion", "SubagentStart", "SubagentStop", "PostToolUse", "Stop",
    "SessionEnd",
)  # fmt: skip


class Project(NamedTuple):
    """A repository with the product in it, and the store behind it."""

    folder: Path
    state: Path

    def task(self, task: str) -> dict[str, Any]:
        """Return the record of a task as it is now."""
        found = Store(self.state).snapshot().load("projects", "myapp", "tasks", task)
        assert isinstance(found, dict), f"no task {task}"
        return found

    def sprint(self, sprint: str) -> dict[str, Any]:
        """Return the record of a sprint as it is now."""
        found = Store(self.state).snapshot().load("projects", "myapp", "sprints", sprint)
        assert isinstance(found, dict), f"no sprint {sprint}"
        return found

    def session(self, host: str) -> str:
        """Return the session that a client, named by its own id, is bound to."""
        found = [
            record["id"]
            for path in self.state.glob("sessions/*/*/session.yaml")
            if (record := codec.load(path.read_bytes(), name=str(path)))["host_session_id"] == host
        ]
        assert len(found) == 1, found
        return str(found[0])

    def commits(self) -> list[str]:
        """Return the subjects of the store's history, newest first."""
        return self.git("log", "--format=%s", at=self.state).splitlines()

    def git(self, *words: str, at: Path | None = None) -> str:
        who = ("-c", "user.name=Grace", "-c", "user.email=grace@example.org")
        done = subprocess.run(
            ["git", "-C", str(at or self.folder), *who, *words], check=True, capture_output=True, text=True
        )
        return done.stdout


def script(name: str, *words: str) -> str:
    """Return a line for a shell that starts one of the scripts."""
    return shlex.join([sys.executable, str(ROOT / ".claude" / "scripts" / f"{name}.py"), *words])


def set_up(folder: Path, name: str = "myapp") -> None:
    """Install into a repository, which is then the project of that name."""
    (folder / ".claude").mkdir(exist_ok=True)
    (folder / ".claude" / "orchestration.yaml").write_text(f"project: {name}\n")
    done = subprocess.run(
        [sys.executable, "-m", "orchestration", "install", folder], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


TEAMS = {
    "settings": {
        "default_sprint_length": 14,
        "velocity_target": 20,
        "team_capacity": 5,
        # the suite runs on every day of the week
        "working_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    },
    "team": {
        "leads": ["engineering-lead", "product-manager"],
        "members": ["engineering-fullstack", "engineering-ux", "qa-analyst"],
        "engineering": {
            "lead": "engineering-lead",
            "members": ["engineering-fullstack", "engineering-ux"],
            "capacity": 3,
        },
        "product": {"lead": "product-manager", "members": [], "capacity": 1},
        "qa": {"lead": "qa-analyst", "members": [], "capacity": 1},
        "devops": {"lead": "devops", "members": [], "capacity": 1},
    },
}
TASKS = {
    # id: title, points, priority, assignee, column
    "TASK-1": ("Choose the identity provider", 3, 2, "engineering-lead", "done"),
    "TASK-2": ("Keep tokens in the session", 5, 2, "engineering-fullstack", "review"),
    "TASK-123": ("Implement OAuth2 login", 5, 1, None, "todo"),
    "TASK-456": ("Show the vendor's consent page", 3, 2, "engineering-ux", "in_progress"),
    "TASK-789": ("Link social accounts", None, 3, None, "todo"),
    "TASK-790": ("Log out everywhere", 2, 4, None, "todo"),
}
