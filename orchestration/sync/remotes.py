"""Remotes: which servers a store is shared through, as git's own configuration names them.

They stand in `.git/config`, so that plain git knows them as well. It is read as a file, without what it
includes, and nothing else in it is used.
"""

from typing import NamedTuple

from orchestration.errors import BadUsage, NotFound, Refused
from orchestration.store import git
from orchestration.store.repo import Store
from orchestration.sync import labels, urls


class Remote(NamedTuple):
    """A server by name."""

    name: str
    url: str


def every(store: Store) -> list[Remote]:
    """Return the remotes by name."""
    if not store.git_dir.is_dir():
        return []
    names: dict[str, str] = {}
    for row in _config(store, "--list", "-z").split("\0"):
        key, _, value = row.partition("\n")
        if key.startswith("remote.") and key.endswith(".url"):
            names.setdefault(key[len("remote.") : -len(".url")], value)
    return [Remote(name, url) for name, url in sorted(names.items())]


def find(store: Store, name: str | None) -> Remote:
    """Return the remote of a name; without one `origin`, or the only one there is."""
    known = {one.name: one for one in every(store)}
    if name is None:
        if not known:
            raise NotFound(
                "this store has no remote yet", hint="name one with `state_manager remote add origin URL`"
            )
        if "origin" not in known and len(known) > 1:
            raise BadUsage(f"there are {len(known)} remotes: {', '.join(known)}", hint="say which one")
        return known.get("origin") or next(iter(known.values()))
    if name not in known:
        raise NotFound(f"there is no remote {name!r}", hint="list them with `state_manager remote list`")
    return known[name]


def add(store: Store, name: str, url: str) -> Remote:
    """Remember a remote; Refused when there is one of this name, or the URL is not safe."""
    remote = Remote(urls.check_name(name), urls.check_url(url))
    for known in every(store):
        if known.name == name:
            raise Refused(
                f"there is a remote {name!r} already: {urls.redacted(known.url)}",
                hint=f"`state_manager remote remove {name}` forgets it",
            )
    _config(store, "--add", f"remote.{name}.url", url)
    _config(store, "--add", f"remote.{name}.fetch", f"+refs/heads/*:refs/remotes/{name}/*")
    return remote


def follow(store: Store, name: str, branch: str) -> None:
    """Let plain `git pull` and `git push` of a branch go to a remote."""
    short = branch.removeprefix("refs/heads/")
    _config(store, f"branch.{short}.remote", name)
    _config(store, f"branch.{short}.merge", branch)


def follow_first(store: Store, name: str, branch: str) -> None:
    """Let a branch follow a remote where plain git has been told nothing about it yet."""
    short = branch.removeprefix("refs/heads/")
    if f'[branch "{short}"]' not in (store.git_dir / "config").read_text("utf-8", "replace"):
        follow(store, name, branch)


def remove(store: Store, name: str) -> Remote:
    """Forget a remote and what is known of it; nothing changes on the server."""
    remote = find(store, urls.check_name(name))
    rows = dict(row.split("\n", 1) for row in _config(store, "--list", "-z").split("\0") if "\n" in row)
    for key in [key for key in rows if key.startswith("branch.") and key.endswith(".remote")]:
        merge = f"{key.removesuffix('.remote')}.merge"
        for one in (key, merge) if rows[key] == name else ():
            if one in rows:
                _config(store, "--unset-all", one)
    _config(store, "--remove-section", f"remote.{name}")
    gone = [f"delete {ref} {oid}\n" for ref, oid in store.refs.below(f"refs/remotes/{name}/").items()]
    if gone:
        git.run(store.root, "update-ref", "--stdin", input="".join(gone).encode())
    labels.forget(store, name)
    return remote


def _config(store: Store, *words: str) -> str:
    """Read or write the store's git configuration as a file: nothing in it takes effect meanwhile."""
    command = ("config", "--file", str(store.git_dir / "config"), *words)
    return git.run(store.git_dir, *command).decode("utf-8", "replace")
