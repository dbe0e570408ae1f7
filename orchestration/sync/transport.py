"""Git over the network: what is fetched and pushed, and nothing else of git's.

The git command is the transport, because credential helpers, ssh agents and proxies are set up for it. It
never sees the store's own configuration, which may come from anybody and may name programs to run
(`core.sshCommand`, hooks, a file system monitor, `ext::` remotes): it works in a bare repository of
ours, `.git/orchestration/transport`, that shares the store's objects and has a configuration and
references of its own. The user's own configuration applies.
"""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from orchestration.errors import BadUsage, OrchestrationError, Refused
from orchestration.store import commits, git
from orchestration.store.repo import Store

_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.fsync=all",
    "gc.auto=0",
    "maintenance.auto=false",
    "fetch.fsckObjects=true",
    "fetch.fsck.badTimezone=ignore",
    "transfer.bundleURI=false",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
)
_KEPT = ("GIT_SSH_COMMAND", "GIT_SSH", "GIT_ASKPASS", "GIT_SSL_CAINFO", "GIT_SSL_NO_VERIFY")
"""What a person's environment says about reaching servers; everything else of git's is taken out."""
_PROTOCOLS = "file:git:http:https:ssh"
_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>.*)\Z", re.IGNORECASE)
_PLACE = re.compile(r"(?:[\w.~+%-][^@:/\s]*@)?(?P<host>[\w.][\w.-]*|\[[0-9a-fA-F:]+\]):(?P<path>[^:].*)\Z")
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


class Unreachable(OrchestrationError):
    """The remote cannot be reached, or does not let us in; nothing was changed."""

    code = "unreachable"


class Entry(NamedTuple):
    """A commit as a log lists it."""

    oid: str
    author: str
    machine: str
    """The machine that made it, or the address of a person who committed with plain git."""
    at: datetime
    op: str
    subject: str


def check_url(url: str) -> str:
    """Return a URL that git may be given; Refused for one that runs programs or looks like an option."""
    shown = redacted(url)
    if not url or url.startswith("-") or re.search(r"[\x00-\x20\x7f]", url):
        raise Refused(f"{shown!r} is no URL of a git repository", hint="use https://, ssh:// or a path")
    found = _SCHEME.match(url)
    if found:
        rest = found["rest"]
        host = rest.rpartition("/")[0].partition("/")[0].rpartition("@")[2]
        if found["scheme"].lower() not in _PROTOCOLS.split(":"):
            raise Refused(f"{shown!r}: {found['scheme']} is not allowed", hint="use https:// or ssh://")
        if host.startswith("-") or rest.startswith("-"):
            raise Refused(f"{shown!r} has a host that looks like an option")
        return url
    if re.match(r"[^/\[]*::", url):
        raise Refused(
            f"{shown!r} asks git to run a program", hint="use https://, ssh:// or the path of a repository"
        )
    if url.startswith("/") or _PLACE.match(url):
        return url
    raise Refused(
        f"{shown!r} is no URL of a git repository",
        hint="use https://HOST/PATH, ssh://HOST/PATH, HOST:PATH, or the path of a folder",
    )


def check_name(name: str) -> str:
    """Return a name that a remote may have."""
    if not re.match(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z", name):
        raise BadUsage(
            f"{name!r} cannot be the name of a remote", hint="use letters, digits, _ and -, such as origin"
        )
    return name


def redacted(text: str) -> str:
    """Return text without the passwords of the URLs in it."""
    return re.sub(r"(://)[^/@\s]*@", r"\1", text)


class Transport:
    """Git for one store and one remote."""

    def __init__(self, store: Store, url: str, *, held: int | None = None) -> None:
        self.store = store
        self.url = check_url(url)
        self._held = () if held is None else (held,)  # kept by git too, should this process be killed
        self.folder = store.private / "transport"

    # -- repositories

    def refs(self) -> dict[str, str]:
        """Return what the remote had when it was last fetched, by its own names of references."""
        found = {}
        for line in _lines(self._git("for-each-ref", "--format=%(objectname) %(refname)", "refs/theirs/")):
            oid, _, name = line.partition(" ")
            found["refs/" + name.removeprefix("refs/theirs/")] = oid
        return found

    def prepare(self, ours: Mapping[str, str]) -> None:
        """Make the repository that git works in, with `ours` as what we have, by names of references."""
        for name in ("refs", "objects"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name, text in (("HEAD", "ref: refs/heads/none\n"), ("config", _CONFIG)):
            (self.folder / name).write_text(text)
        rows = sorted((name, oid) for name, oid in ours.items())
        lines = ["# pack-refs with: sorted \n", *(f"{oid} {name}\n" for name, oid in rows)]
        (self.folder / "packed-refs").write_text("".join(lines))
        for left in sorted((self.folder / "refs").rglob("*"), reverse=True):
            left.rmdir() if left.is_dir() else left.unlink()
        (self.folder / "shallow").unlink(missing_ok=True)

    # -- the two connections

    def fetch(self) -> dict[str, str]:
        """Fetch branches and backups and return what the remote has, by its own names.

        Unreachable when it cannot be had. Refused when the remote's history is cut off.
        """
        words = (
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--prune",
            "--end-of-options",
            self.url,
        )
        done = self._run(
            *words, "+refs/heads/*:refs/theirs/heads/*", "+refs/tags/backup/*:refs/theirs/tags/backup/*"
        )
        said = done.stderr.decode("utf-8", "replace")
        if "shallow" in said or (self.folder / "shallow").exists():
            raise Refused(
                f"the history of {redacted(self.url)} is cut off (a shallow clone)",
                hint="use the repository it was cloned from",
            )
        if done.returncode:
            raise _unreachable(self.url, said, done.returncode)
        return self.refs()

    def push(self, updates: Mapping[str, str]) -> dict[str, str]:
        """Push commits and tags, by the remote's names of references, and never by force.

        Returns the reasons, by names, of what was refused. Unreachable when nothing was said about any.
        """
        specs = [f"{oid}:{name}" for name, oid in updates.items()]
        done = self._run(
            "push", "--quiet", "--porcelain", "--no-verify", "--end-of-options", self.url, *specs
        )
        said = done.stderr.decode("utf-8", "replace")
        refused = {}
        rows = done.stdout.decode("utf-8", "replace").splitlines()
        for row in rows:
            flag, _, rest = row.partition("\t")
            if flag == "!":
                names, _, reason = rest.partition("\t")
                refused[names.partition(":")[2]] = reason
        if done.returncode and not refused:
            raise _unreachable(self.url, said, done.returncode)
        return refused

    # -- questions about the history

    def bases(self, one: str, other: str) -> list[str]:
        """Return the best common ancestors of two commits, none when they have nothing in common."""
        done = self._run("merge-base", "--all", one, other)
        if done.returncode > 1:
            raise git.GitFailed(f"git merge-base failed: {_last(done.stderr.decode('utf-8', 'replace'))}")
        return sorted(done.stdout.decode().split())

    def between(self, old: str | None, new: str, *paths: str) -> list[str]:
        """Return the ancestors of `new` that are none of `old`'s, newest first; those that touch `paths`."""
        words = [new, *([f"^{old}"] if old else [])]
        return self._git("rev-list", "--full-history", *words, "--", *paths).decode().split()

    def merges(self, old: str, new: str) -> list[str]:
        """Return the merges among the ancestors of `new` that are none of `old`'s, oldest first."""
        return self._git("rev-list", "--merges", "--reverse", new, f"^{old}", "--").decode().split()

    def oldest_first(self, tip: str) -> list[str]:
        """Return a commit and its ancestors, parents before children."""
        return self._git("rev-list", "--topo-order", "--reverse", tip, "--").decode().split()

    def log(self, old: str | None, new: str) -> list[Entry]:
        """Return the ancestors of `new` that are none of `old`'s, newest first."""
        if old == new:
            return []
        trailers = (
            "%(trailers:key=Op,valueonly,separator=%x20)%x1f%(trailers:key=At,valueonly,separator=%x20)"
        )
        words = (
            f"--format=%x1e%H%x1f%an%x1f%ce%x1f%ct%x1f{trailers}%x1f%s",
            new,
            *([f"^{old}"] if old else []),
        )
        text = self._git("rev-list", "--no-commit-header", *words, "--").decode("utf-8", "replace")
        found = []
        for row in text.split("\x1e")[1:]:
            oid, author, email, seconds, op, at, subject = row.rstrip("\n").split("\x1f", 6)
            machine = email.removeprefix(f"{commits.COMMITTER}@")
            found.append(Entry(oid, author, machine, _moment(at, seconds), op, subject))
        return found

    def _git(self, *words: str) -> bytes:
        done = self._run(*words)
        if done.returncode:
            raise git.GitFailed(f"git {words[0]} failed: {_last(done.stderr.decode('utf-8', 'replace'))}")
        return done.stdout

    def _run(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        settings = [word for one in _SETTINGS for word in ("-c", one)]
        command = ["git", "--git-dir", str(self.folder), *settings, *words]
        kept = {name: value for name, value in os.environ.items() if name in _KEPT}
        env = {
            **git.environment(),
            **kept,
            "GIT_OBJECT_DIRECTORY": str(self.store.git_dir / "objects"),
            "GIT_ALLOW_PROTOCOL": _PROTOCOLS,
        }
        del env["GIT_CONFIG_GLOBAL"], env["GIT_CONFIG_NOSYSTEM"]  # credential helpers, proxies, certificates
        try:
            return subprocess.run(
                command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False,
                cwd=self.store.private, pass_fds=self._held,
            )  # fmt: skip
        except FileNotFoundError:
            raise git.NoGit("git is not installed", hint="install git; it carries the data") from None


def _moment(at: str, seconds: str) -> datetime:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:  # written by hand
        moment = datetime.fromtimestamp(int(seconds), UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines()


def _last(said: str) -> str:
    lines: Sequence[str] = [line.strip() for line in said.strip().splitlines() if line.strip()]
    first = next((n for n, line in enumerate(lines) if line.startswith(("fatal:", "error:"))), 0)
    reason = " ".join(lines[first : first + 1])
    if reason.endswith(":"):  # it goes on
        reason = " ".join(lines[first : first + 2])
    return redacted(reason) or "no reason given"


def _unreachable(url: str, said: str, code: int) -> OrchestrationError:
    reason = re.sub(r"^(?:fatal|error): ", "", _last(said) if said.strip() else f"git ended with {code}")
    hint = "nothing was changed; try again when it can be reached"
    if "terminal prompts disabled" in said or "Authentication failed" in said:
        hint = "set up a credential helper for git, or use an ssh URL with an agent"
    elif "Permission denied (publickey" in said:
        hint = "load your key with `ssh-add`, then try again"
    return Unreachable(f"{redacted(url)} cannot be reached: {reason}", hint=hint)
