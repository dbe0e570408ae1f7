"""What can go wrong, with the exit code each kind has on a command line."""


class OrchestrationError(Exception):
    """A failure with a message for the user and, when there is one, the next step."""

    code = "refused"
    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Refused(OrchestrationError):
    """Understood, and against a rule."""


class InvalidData(OrchestrationError):
    """A value that its field, or its file, cannot hold."""

    code = "invalid_data"


class LikelySecret(InvalidData):
    """A value that looks like a secret, which should not stand in what is shared."""

    code = "likely_secret"


class NotFound(OrchestrationError):
    """Nothing has this name."""

    code = "not_found"


class StoreError(OrchestrationError):
    """The store itself cannot be read or written."""

    code = "store"


class BadUsage(OrchestrationError):
    """The command line, a path or a piece of JSON does not parse."""

    code = "usage"
    exit_code = 2


class UnknownSession(OrchestrationError):
    """No session has this id."""

    code = "unknown_session"
    exit_code = 3


class InactiveSession(OrchestrationError):
    """The session has expired, or it is not active."""

    code = "inactive_session"
    exit_code = 4


class Conflict(OrchestrationError):
    """Somebody else changed or holds it: read again and retry."""

    code = "conflict"
    exit_code = 5
