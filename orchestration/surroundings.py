"""What a command finds around it: environment, clock, folder, user; and who hears what it remarks.

What a front end does in its own way, such as where a remark goes, is in the methods of the first part.
"""

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.domain.records import SESSION_MODES
from orchestration.errors import OrchestrationError

if TYPE_CHECKING:
    from orchestration.store.checkout import Checkout

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class Surroundings:
    """Where a command runs, before any state is read."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        self.started = time.perf_counter()
        self.debug = self.env.get("CLAUDE_ORCHESTRATION_DEBUG", "") not in ("", "0", "false")
        level = self.env.get("CLAUDE_LOG_LEVEL", "WARNING").upper()
        self.level = 0 if self.debug else LEVELS.index(level) if level in LEVELS else 2
        self.host = self.env.get("CLAUDE_CODE_SESSION_ID")
        """The client's own id of the session in which this runs, None outside of a client."""
        self.by_model = self.host is not None
        """Whether it is the client's model that acts, and so sees what comes of it."""

    # -- what a front end does in its own way

    def log(self, level: str, text: str) -> None:
        """Take a remark that is not part of the answer; here nobody listens."""

    def told(self, commit: str) -> None:
        """Take the id of a commit that was made; here nobody listens."""

    def progress(self, what: str) -> Callable[[int, int], None] | None:  # noqa: ARG002  front ends use it
        """Return who is told (done, total) of what takes long; here nobody."""
        return None

    def warn(self, text: str) -> None:
        """Take a warning."""
        self.log("WARNING", text)

    # -- who, where, when

    @cached_property
    def now(self) -> datetime:
        """The moment of this command, in UTC."""
        return datetime.now(UTC)

    @cached_property
    def cwd(self) -> Path:
        """The folder the command runs in."""
        try:
            return Path.cwd()
        except FileNotFoundError:
            raise OrchestrationError("the current folder is gone", hint="cd to another one") from None

    @cached_property
    def home(self) -> Path:
        """The user's home folder."""
        return Path(self.env.get("HOME") or Path.home())

    @cached_property
    def actor(self) -> str:
        """Who acts: `ORCHESTRATION_ACTOR`, an agent's name for instance, else the user."""
        for name in ("ORCHESTRATION_ACTOR", "LOGNAME", "USER"):
            if self.env.get(name):
                return self.env[name]
        import pwd

        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return f"user-{os.getuid()}"

    @property
    def mode(self) -> str:
        """The mode of a session that is made without being asked for one."""
        named = self.env.get("CLAUDE_MODE", "")
        return named if named in SESSION_MODES else "development"

    @cached_property
    def checkout(self) -> "Checkout":
        """The repository around the current folder, or around `CLAUDE_PROJECT_DIR`."""
        from orchestration.store import checkout

        return checkout.find(Path(self.env.get("CLAUDE_PROJECT_DIR") or self.cwd))

    @staticmethod
    def new_id() -> str:
        """Return a fresh session id."""
        import uuid

        return str(uuid.uuid4())
