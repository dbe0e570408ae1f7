"""Git over the network: what is fetched and pushed, and nothing else of git's.

The git command is the transport, because credential helpers, ssh agents and proxies are set up for it. It
never sees the store's own configuration, which may come from anybody and may name programs to run
(`core.sshCommand`, hooks, a file system monitor, `ext::` remotes): it works in a bare repository of
ours, `.git/orchestration/transport`, that shares the store's objects and has a configuration and
references of its own. The user's own configuration applies.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from orchestration.errors import OrchestrationError, Refused
from orchestration.store import commits, git
from orchestration.store.refs import Refs
from orchestration.store.repo import Store
from orchestration.sync import network, refusals, urls
from orchestration.sync.urls import check_url, redacted

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
)
_KEPT = (
    "GIT_SSH_COMMAND",
    "GIT_SSH",
    "GIT_SSH_VARIANT",
    "GIT_ASKPASS",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_SSL_CERT",
    "GIT_SSL_KEY",
    "GIT_SSL_NO_VERIFY",
)
"""What a person's environment says about reaching servers; everything else of git's is taken out."""


class Entry(NamedTuple):
    """A commit as a log lists it."""

    oid: str
    author: str
    machine: str
    """The machine that made it, or the address of a person who committed with plain git."""
    at: datetime
    op: str
    subject: str


class Touch(NamedTuple):
    """A file that is in a commit not as it is in a parent of it."""

    commit: str
    file: str
    before: str | None
    """Its content in the parent, as a blob id; None for no file."""
    after: str | None


class Transport:
    """Git for one store and one remote."""

    def __init__(self, store: Store, url: str, *, held: int | None = None) -> None:
        self.store = store
        self.url = check_url(url)
        self._held = held  # kept as long as git runs, should this process be killed
        self.folder = store.private / "transport"

    # -- repositories

    def refs(self) -> dict[str, str]:
        """Return what the remote had when it was last fetched, by its own names of references."""
        there = Refs(self.folder).below("refs/theirs/")
        return {f"refs/{name.removeprefix('refs/theirs/')}": oid for name, oid in there.items()}

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
        words = ("fetch", "--no-tags", "--no-write-fetch-head", "--prune")
        specs = ("+refs/heads/*:refs/theirs/heads/*", "+refs/tags/backup/*:refs/theirs/tags/backup/*")
        done = self._reach(*words, "--end-of-options", self.url, *specs)
        said = done.stderr.decode("utf-8", "replace")
        if "shallow roots are not allowed" in said or (self.folder / "shallow").exists():
            raise Refused(
                f"the history of {redacted(self.url)} is cut off (a shallow clone)",
                hint="use the repository it was cloned from",
            )
        if done.returncode:
            raise refusals.unreachable(self.url, said, done.returncode, "fetch")
        return self.refs()

    def push(
        self, updates: Mapping[str, str | None], former: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Push commits and tags, by the remote's names of references; None takes one away.

        Nothing goes by force but what stands in `former`, and that only where the remote still has the commit
        named there. Returns the reasons, by names, of what was refused. Unreachable when nothing was said
        about any.
        """
        leases = [
            f"--force-with-lease={name}:{oid}" for name, oid in (former or {}).items() if name in updates
        ]
        specs = [
            *leases,
            "--end-of-options",
            self.url,
            *(f"{oid or ''}:{name}" for name, oid in updates.items()),
        ]
        done = self._reach("push", "--porcelain", "--no-verify", *specs)
        said = done.stderr.decode("utf-8", "replace")
        refused = {}
        rows = done.stdout.decode("utf-8", "replace").splitlines()
        for row in rows:
            flag, _, rest = row.partition("\t")
            if flag == "!":
                names, _, reason = rest.partition("\t")
                refused[names.partition(":")[2]] = reason
        if done.returncode and not refused:
            raise refusals.unreachable(self.url, said, done.returncode, "push")
        return refused

    # -- questions about the history

    def bases(self, one: str, other: str) -> list[str]:
        """Return the best common ancestors of two commits, none when they have nothing in common."""
        done = self._run("merge-base", "--all", one, other)
        if done.returncode > 1:
            raise git.GitFailed(
                f"git merge-base failed: {refusals.reason(done.stderr.decode('utf-8', 'replace'))}"
            )
        return sorted(done.stdout.decode().split())

    def touches(self, old: str, new: str) -> Iterator[Touch]:
        """Yield what the ancestors of `new` that are none of `old`'s changed, of merges for each parent."""
        commits = self._git("rev-list", new, f"^{old}", "--")
        raw = ("-r", "-m", "--root", "--raw", "--no-abbrev", "--no-renames", "-z")
        parts = iter(self._git("diff-tree", "--stdin", *raw, given=commits).split(b"\0"))
        commit = ""
        for part in parts:
            if not part.startswith(b":"):
                commit = part.decode()
                continue
            old, new, before, after, _ = part[1:].decode().split(" ")
            file = next(parts).decode("utf-8", "surrogateescape")
            blobs = ((old, before), (new, after))
            yield Touch(commit, file, *(oid if mode.startswith("100") else None for mode, oid in blobs))

    def merges(self, old: str | None, new: str) -> list[str]:
        """Return the merges among the ancestors of `new` that are none of `old`'s, oldest first."""
        words = [new, *([f"^{old}"] if old else [])]
        return self._git("rev-list", "--merges", "--reverse", *words, "--").decode().split()

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

    def _git(self, *words: str, given: bytes | None = None) -> bytes:
        done = self._run(*words, given=given)
        if done.returncode:
            raise git.GitFailed(
                f"git {words[0]} failed: {refusals.reason(done.stderr.decode('utf-8', 'replace'))}"
            )
        return done.stdout

    def _run(self, *words: str, given: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
        """Run git for what is here already, with what it is `given` to read."""
        try:
            return subprocess.run(
                self._command(*words), env=self._environment(), input=given or b"", capture_output=True,
                check=False, cwd=self.store.private, pass_fds=() if self._held is None else (self._held,),
            )  # fmt: skip
        except FileNotFoundError:
            raise _no_git() from None

    def _reach(self, command: str, *words: str) -> "subprocess.CompletedProcess[bytes]":
        """Run a git command that talks to the remote; Unreachable when that falls silent."""
        limit = network.patience(os.environ)
        env = self._environment()
        if urls.is_ssh(self.url) and not {"GIT_SSH_COMMAND", "GIT_SSH"} & env.keys():
            own = self._run("config", "--get", "core.sshCommand").stdout  # the user's, for here is none
            if not own.strip():
                env["GIT_SSH_COMMAND"] = network.ssh(limit)
        try:
            done = network.run(
                self._command(command, "--progress", *words, settings=network.settings(limit)), env=env,
                cwd=str(self.store.private), limit=limit, lock=self._held,
            )  # fmt: skip
        except network.Silence as silence:
            said = f"nothing was heard from it for {silence} seconds"
            raise refusals.unreachable(self.url, said, 0, command) from None
        except FileNotFoundError:
            raise _no_git() from None
        if done.returncode == network.NOT_FOUND:
            raise _no_git()
        return done

    def _command(self, *words: str, settings: Sequence[str] = ()) -> list[str]:
        given = [word for one in (*_SETTINGS, *settings) for word in ("-c", one)]
        return ["git", "--git-dir", str(self.folder), *given, *words]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in _KEPT}
        env = {
            **git.environment(),
            **kept,
            "GIT_OBJECT_DIRECTORY": str(self.store.git_dir / "objects"),
            "GIT_ALLOW_PROTOCOL": urls.PROTOCOLS,
        }
        del env["GIT_CONFIG_GLOBAL"], env["GIT_CONFIG_NOSYSTEM"]  # credential helpers, proxies, certificates
        return env


def _no_git() -> OrchestrationError:
    return git.NoGit("git is not installed", hint="install git; it carries the data")


def _moment(at: str, seconds: str) -> datetime:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:  # written by hand
        moment = datetime.fromtimestamp(int(seconds), UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
