"""Letting a store stand for a history that was written anew, and for nothing else any more.

From the moment that all references move, in one transaction of git, the store is the new one. What is left
of the former is then taken out; a mark in `.git/orchestration/purge` stays until that is done, so that a crash
in between is known, and the same can be done again.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from orchestration.errors import Conflict, Refused, StoreError
from orchestration.history import scrubbing
from orchestration.history.erasing import Erasure
from orchestration.history.rewriting import Rewriter, existing
from orchestration.store import commits, git, trees
from orchestration.store.gitindex import Slot
from orchestration.store.objects import flush, flush_folder
from orchestration.store.repo import Store
from orchestration.store.transaction import Transaction
from orchestration.store.worktree import Change, Worktree

_NOTES = "refs/notes/"


class Roots(NamedTuple):
    """What a store leads to."""

    refs: dict[str, str]
    logged: list[str]
    """What logs of references name beside."""


def roots(store: Store) -> Roots:
    """Return what the references and their logs name, as far as it is there."""
    refs = {name: oid for name in store.refs.names() if (oid := _value(store, name))}
    return Roots(refs, existing(store, scrubbing.logged(store) - set(refs.values())))


def _value(store: Store, name: str) -> str | None:
    try:
        return store.refs.read(name)
    except StoreError:
        return None  # symbolic, such as a remote's HEAD


def rewrite(rewriter: Rewriter, found: Roots) -> None:
    """Rewrite all of it; notes come last, for they name commits."""
    notes = {oid for name, oid in found.refs.items() if name.startswith(_NOTES)}
    rewriter.run([oid for oid in (*found.refs.values(), *found.logged) if oid not in notes])
    rewriter.run(notes)


def check(store: Store) -> None:
    """Raise Refused for a store whose objects, or whose checked-out files, are more than its own."""
    where = f"git -C {store.root}"
    if (store.git_dir / "objects" / "info" / "alternates").exists():
        raise Refused(
            "this store borrows objects of another repository", hint=f"`{where} repack -a -d` and remove "
            f"{store.git_dir / 'objects' / 'info' / 'alternates'}",
        )  # fmt: skip
    others = store.git_dir / "worktrees"
    if others.is_dir() and any(others.iterdir()):
        raise Refused(
            "this store has further worktrees", hint=f"`{where} worktree list`, then `worktree remove`"
        )
    if (store.git_dir / "modules").exists():
        raise Refused("this store has submodules", hint="take them out first")


def check_index(store: Store) -> None:
    """Raise Refused when git's index holds what is in no commit."""
    try:
        git.run(store.root, "diff-index", "--cached", "--quiet", "HEAD", "--")
    except git.GitFailed:
        raise Refused(
            "git's index holds staged changes",
            hint=f"`git -C {store.root} commit`, or `git -C {store.root} reset`",
        ) from None


def check_branch(store: Store, erasure: Erasure) -> None:
    """Raise Refused when the branch that is checked out has the value in its name."""
    branch = store.refs.head().branch or ""
    if erasure.text(branch) != branch:
        raise Refused(
            "the value is in the name of the branch", hint=f"rename it: `git -C {store.root} branch -m NAME`"
        )


def renamed(found: Roots, erasure: Erasure | None) -> dict[str, str]:
    """Return the references that get another name; Refused where that is taken."""
    if erasure is None:
        return {}
    names = {name: new for name in found.refs if (new := erasure.text(name)) != name}
    if len({*names.values(), *(name for name in found.refs if name not in names)}) < len(found.refs):
        raise Refused("two branches or tags would have one name", hint="name another text with --with")
    return names


class Unfinished(NamedTuple):
    """An exchange that was cut off."""

    kind: str
    """What began it: `purge` or `rejoin`."""
    instead: str
    """What stands in the place of what was removed, "" when that is not known."""
    new: dict[str, str]

    @property
    def command(self) -> str:
        """What finishes it."""
        return "state_manager sync --rejoin" if self.kind == "rejoin" else "state_manager purge"


def unfinished(store: Store) -> Unfinished | None:
    """Return the exchange that a crash cut off, None when there is none."""
    try:
        first, *lines = (store.private / scrubbing.MARK).read_text("utf-8", "replace").splitlines() or [""]
    except OSError:
        return None
    kind, _, instead = first.partition(" ")
    return Unfinished(kind, instead, {line[:40]: line[41:] for line in lines if len(line) == 81})


def known(store: Store) -> dict[str, str]:
    """Return what an exchange that was cut off has done; {} when the branch still stands where it stood."""
    found = unfinished(store)
    return {} if found is None or store.refs.head().commit in found.new else found.new


def exchange(
    tx: Transaction, rewriter: Rewriter, found: Roots, tip: str, *, kind: str, line: str
) -> list[str]:
    """Move all references to what stands for them, the branch to `tip`; returns the files that were cleaned.

    `line` is what their logs say. Objects and files of before are gone on return.
    """
    store, base = tx.store, tx.tip.oid if tx.tip else ""
    names = renamed(found, rewriter.erasure)
    new = {old: rewriter.new.get(now, now) for old, now in rewriter.new.items()} | {tip: tip}
    targets = {name: new[oid] for name, oid in found.refs.items()} | {tx.branch: tip}
    _flush(store, targets.values())
    told = f"{kind} {rewriter.erasure.instead if rewriter.erasure else ''}"
    _mark(store, told, {old: now for old, now in new.items() if old != now})
    _move(tx, base, tip, _commands(found.refs, targets, names), line)
    return clean(store, new, rewriter.erasure, names, kind=kind)


def clean(
    store: Store, new: Mapping[str, str], erasure: Erasure | None, names: Mapping[str, str], *, kind: str
) -> list[str]:
    """Take what is left of a former history out of a store; for a holder of its lock.

    After a rejoining, what is known of remotes has become what it is here.
    """
    scrubbing.logs(store, new, erasure, names)
    changed = scrubbing.repository(store, new, erasure, there=kind == "rejoin")
    if erasure is not None:
        changed += scrubbing.working(store, erasure)
    git.run(store.root, "pack-refs", "--all", "--no-prune")
    scrubbing.objects(store)
    (store.private / scrubbing.MARK).unlink(missing_ok=True)
    store.use(store.git_dir)  # what was read of the former is forgotten
    return changed


def _flush(store: Store, tips: Iterable[str]) -> None:
    """Make the new objects survive power loss, as a pack."""
    given = "".join(f"{oid}\n" for oid in dict.fromkeys(tips)).encode()
    stem = str(store.git_dir / "objects" / "pack" / "pack")
    git.run(store.root, "--no-replace-objects", "pack-objects", "--revs", "--quiet", stem, input=given)


def _mark(store: Store, told: str, new: Mapping[str, str]) -> None:
    aside = store.private / f"{scrubbing.MARK}.new"
    aside.write_text("".join([f"{told}\n", *(f"{old} {now}\n" for old, now in new.items())]))
    with aside.open("rb") as file:
        flush(file.fileno())
    aside.replace(store.private / scrubbing.MARK)
    flush_folder(str(store.private))


def _commands(refs: Mapping[str, str], targets: Mapping[str, str], names: Mapping[str, str]) -> bytes:
    rows = []
    for name, old in refs.items():
        if name in names:
            rows += [f"delete {name}\0{old}\0", f"create {names[name]}\0{targets[name]}\0"]
        elif targets[name] != old:
            rows.append(f"update {name}\0{targets[name]}\0{old}\0")
    return "".join(rows).encode()


def _move(tx: Transaction, base: str, tip: str, commands: bytes, line: str) -> None:
    store = tx.store
    tree, old = store.commit(tip).tree, store.commit(base).tree
    changes = [
        Change(path, before.oid if before else None, after.oid if after else None)
        for path, before, after in trees.differences(tx.read_tree, old, tree)
        if all(one is None or one.is_file for one in (before, after))
    ]
    who = (f"user.name={commits.COMMITTER}", f"user.email={commits.COMMITTER}@{tx.machine.name}")

    def move() -> bool:
        if commands:
            settings = (word for one in who for word in ("-c", one))
            try:
                git.run(store.root, *settings, "update-ref", "-m", line, "-z", "--stdin", input=commands)
            except git.GitFailed as error:
                raise Conflict(f"git holds a branch or tag: {error.message}", hint="try again") from None
        return True

    worktree = Worktree(store.root, store.git_dir, store.objects)
    store.lock.begin(base, durable=True)
    try:
        left = set(worktree.update(changes, {}, tree, after=move))
    except BaseException:
        if store.refs.read(tx.branch) == base != tip:
            store.lock.done(base)
        raise
    slots: dict[str, Slot | None] = {
        one.path: Slot(one.new, None) for one in changes if one.path in left and one.new
    }
    if slots:  # edited by hand: git's index forgets what was there before all the same
        worktree.index.replace(lambda: worktree.index.patched(slots, lambda: ()))
    store.lock.done(base)
    tx.stand_on(tip)
