"""What git says when a remote does not answer or does not take something."""

import re

from orchestration.errors import OrchestrationError, Refused
from orchestration.sync.urls import redacted

PASSING = (
    "fetch first",
    "non-fast-forward",
    "stale info",
    "cannot lock ref",
    "failed to update ref",
    "failed to lock",
    "incorrect old value",
    "reference already exists",
    "remote ref updated since",
)
"""Words of git when a push was refused because another was faster."""


_PROGRESS = re.compile(
    r"\d%|, done\.?$|^(?:remote: )?(?:Total|Enumerating|Counting|Compressing) |^(?:Delta compression|POST|To) "
)
_VAGUE = re.compile(
    r"Could not read from remote repository|the remote end hung up|early EOF|unpack-objects failed"
)
"""What git says when it only knows that there is no more."""
_REMARK = re.compile(r"\*\*|@@|warning:|remote:", re.IGNORECASE)


_CUT = re.compile(
    r"unexpected disconnect|bad pack header|RPC failed|transfer closed|hung up|early EOF|Empty reply"
    r"|closed by|reset by peer|Broken pipe|unexpected EOF",
    re.IGNORECASE,
)
"""What git and ssh say when there was a connection, and it ended before its time."""
_DENIED = re.compile(r"error: 403|access denied|marked as read.only|Permission to \S+ denied", re.IGNORECASE)
ASK = "the changes are safe here; ask who runs the server whether you may push to it"


class Unreachable(OrchestrationError):
    """The remote cannot be reached, or does not let us in."""

    code = "unreachable"


def reason(said: str) -> str:
    """Return the line of git's or ssh's that says why something failed, without passwords."""
    lines = [line.removesuffix("\x1b[K").strip() for line in said.splitlines()]
    lines = [line for line in lines if line and not _PROGRESS.search(line)]
    marked = [number for number, line in enumerate(lines) if line.startswith(("fatal:", "error:"))]
    telling = [number for number in marked if not _VAGUE.search(lines[number])]
    before = [line for line in lines[: marked[0]] if not _REMARK.match(line)] if marked else lines
    if telling:
        found = lines[telling[0]]
        if found.endswith(":"):  # it goes on
            found = " ".join(lines[telling[0] : telling[0] + 2])
    elif before:
        found = before[-1]  # of ssh, or of the server
    else:
        found = lines[marked[0]] if marked else "no reason given"
    found = re.sub(r"^(?:fatal|error|remote): ", "", found)
    return redacted(re.sub(r"^unable to access '[^']*': ", "", found))


def unreachable(url: str, said: str, code: int, command: str) -> OrchestrationError:
    """Return the error for a `fetch` or `push` that ended with `code`, saying nothing of any reference."""
    why, place = reason(said) if said.strip() else f"git ended with {code}", redacted(url)
    if command == "push" and _DENIED.search(said):
        return Refused(f"{place} does not take the push: {why}", hint=ASK)
    hint = "nothing was changed; try again when it can be reached"
    if command == "push":
        hint = "nothing is lost; the next sync finds out what the server has taken, and goes on from there"
    if "terminal prompts disabled" in said or "Authentication failed" in said:
        hint = "set up a credential helper for git, or use an ssh URL with an agent"
    elif "Permission denied (" in said:
        hint = "load your key with `ssh-add`, then try again"
    elif "Host key verification failed" in said:
        hint = "connect once by hand with `ssh`, and compare the key of the server"
    if _CUT.search(why):
        return Unreachable(f"the connection to {place} was cut: {why}", hint=hint)
    return Unreachable(f"{place} cannot be reached: {why}", hint=hint)
