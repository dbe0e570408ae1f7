"""Which of our sessions a client's session is."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.claude.client import Client


def session_of(client: "Client") -> str | None:
    """Return the session that a client is bound to, or None."""
    raise NotImplementedError


def ensure(client: "Client") -> str | None:
    """Return the session that a client acts in, making or recovering it."""
    raise NotImplementedError
