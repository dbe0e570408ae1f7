"""A project that was begun alone, brought into the team's store with its history.

First, one commit here makes it fit: it takes the project's name in the team's store, records whose ids are
taken there get new ones, and what belongs to the whole store is the team's. Then one merge of the two
histories, in which nothing is left to conflict.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from orchestration import codec, ids
from orchestration.domain import renaming
from orchestration.errors import NotFound, Refused
from orchestration.history import backups, joins
from orchestration.merge import merge, same
from orchestration.store import heads, landing, layout, machine, trees
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.store.transaction import Transaction
from orchestration.sync import labels, merging, remotes, rounds
from orchestration.sync.transport import Transport
from orchestration.sync.urls import check_url, redacted

Open = Callable[[], AbstractContextManager[Transaction]]


class _Fit(NamedTuple):
    """What a store becomes before it joins."""

    project: str
    renames: dict[str, dict[str, str]]
    files: dict[str, bytes | None]
    settings: list[str]
    """The paths at which the team's configuration of the project stands."""


def join(
    store: Store, url: str, name: str, *, transaction: Open, project: str | None = None,
    session: str | None = None, dry_run: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Bring the project of this store into the store at `url`, as project `name`, and return what was done.

    It is merged here, for `session` if one is given, and sent by the next sync. Refused for a store that is
    shared already, that holds further projects, or that is a clone of the one at `url`.
    """
    check_url(url)
    ids.check(name, "project")
    rounds.check_store(store)
    shared = [one.name for one in remotes.every(store) if labels.known(store, one.name)]
    if shared:
        raise Refused(
            f"this store is shared through {shared[0]} already: its ids are published and stay as they are",
            hint="a project can leave it with `orchestration move-out`",
        )
    with rounds.alone(store) as held:
        line = Transport(store, url, held=held)
        line.prepare(store.refs.below("refs/"))
        theirs = line.fetch()
        branch, ours = store.refs.head()
        assert branch is not None and ours is not None
        tip = theirs.get(branch)
        if tip is None:
            raise NotFound(
                f"{redacted(url)} holds no store yet",
                hint="`state_manager remote add origin URL` and `state_manager sync` share this one there",
            )
        rounds.check_format(store, tip, url)
        if line.bases(ours, tip):
            raise Refused(
                "this store and that one share their history", hint="`state_manager sync` is enough"
            )
        there = Snapshot(store.root, store.objects, store.documents, store.commit(tip))
        if dry_run:
            return _report(url, name, _fit(store.snapshot(), there, name, project, _machine(store)), None)
        with transaction() as tx:
            fit = _fit(tx, there, name, project, tx.machine.name)
            backups.create(tx, "before-join", message=f"before joining {redacted(url)}")
            for file, content in fit.files.items():
                tx.put(file, content)
            tx.emit(
                "state_set", f"{joins.SUBJECT}project {fit.project} becomes {name} of the team's",
                session=session, project=name,
            )  # fmt: skip
        assert tx.tip is not None
        _merge(store, line, transaction, joins.Join(tx.tip.oid, tip), name, session)
        with store.lock.held():
            machine.write(store.private, joined=True, name=machine.read(store.private).name)
        if not remotes.every(store):
            remotes.add(store, "origin", url)
            remotes.follow(store, "origin", branch)
        return _report(url, name, fit, store.refs.head().commit)


def _merge(
    store: Store, line: Transport, transaction: Open, join: joins.Join, project: str, session: str | None
) -> None:
    with transaction() as tx:
        while True:
            assert tx.tip is not None
            made = merging.merge(store, line, tx.tip.oid, join.onto, [])
            landing.store(tx, [one for one in made.objects if one[1] != b"commit"])
            if not heads.adopt(tx, [one.path for one in heads.differences(tx, made.commit.tree)]):
                break
        subject = f"{joins.SUBJECT}merge project {project} into the team's store"
        facts = joins.trailers(join, project=project, session=session)
        commit, raw = heads.merged(made.outcome.tree, made.parents, subject, facts)
        heads.advance(tx, commit, subject, objects=[(commit.oid, b"commit", raw)])


def _machine(store: Store) -> str:
    with store.lock.held():
        return machine.read(store.private).name


def _report(url: str, name: str, fit: _Fit, commit: str | None) -> dict[str, Any]:
    return {
        "url": redacted(url),
        "from": fit.project,
        "project": name,
        "dry_run": commit is None,
        "commit": commit,
        "renames": {kind: dict(found) for kind, found in fit.renames.items()},
        "settings": fit.settings,
    }


def _fit(reader: Snapshot, there: Snapshot, name: str, project: str | None, here: str) -> _Fit:
    known = reader.names("projects")
    if project is None:
        project = name if name in known else known[0] if len(known) == 1 else None
    if project is None or project not in known:
        raise NotFound(
            f"which project is to join? This store has {', '.join(known) or 'none'}", hint="say --project P"
        )
    if len(known) > 1:
        others = ", ".join(one for one in known if one != project)
        raise Refused(
            f"this store also holds {others}, whose history would be shared along with it",
            hint=f"`orchestration move-out {project} DIR` gives it a store of its own; join from there",
        )
    renames = renaming.clashes(_ids(reader, project), _ids(there, name), here)
    files: dict[str, bytes | None] = {}
    settings: list[str] = []
    for path in _paths(reader):
        old, raw = layout.key_of(path), reader.content(path)
        assert raw is not None
        if path.startswith(f"projects/{project}/") and old is not None:
            key = _key(old, name, renames)
            record = codec.load(raw, name=path)
            kind = "tasks" if old[2] == "archive" else old[2]
            new = renaming.renamed(record, renames, kind=kind)
            if key[2] == "config":
                new, settings = _config(new, there, name, renames)
            target = layout.file_of(*key)
            _put(files, path, target, raw, raw if same(new, record) else codec.dump(new, name=target))
        elif path.startswith(f"projects/{project}/"):
            _put(files, path, f"projects/{name}/{path.split('/', 2)[2]}", raw, raw)
        elif old is not None and old[0] == "sessions":
            record = codec.load(raw, name=path)
            new = renaming.renamed(record, renames)
            if old[2] == "session" and new.get("project") == project:
                new["project"] = name
            _put(files, path, path, raw, raw if same(new, record) else codec.dump(new, name=path))
        else:
            theirs = there.content(path)
            _put(files, path, path, raw, raw if theirs is None else theirs)
    if renames.get("tasks") and not reader.exists("projects", project, "config"):
        target = layout.file_of("projects", name, "config")
        new, settings = _config({}, there, name, renames)
        files[target] = codec.dump(new, name=target)
    return _Fit(project, renames, files, settings)


def _put(files: dict[str, bytes | None], old: str, new: str, before: bytes, after: bytes) -> None:
    if old != new:
        files.setdefault(old, None)
    if old != new or before != after:
        files[new] = after


def _paths(reader: Snapshot) -> list[str]:
    assert reader.tip is not None
    found = trees.differences(reader.read_tree, None, reader.tip.tree)
    return [path for path, _, new in found if new is not None and new.is_file]


def _ids(reader: Snapshot, project: str) -> dict[str, list[str]]:
    found = {kind: reader.names("projects", project, kind) for kind in renaming.KINDS}
    for sprint in reader.names("projects", project, "archive"):
        found["tasks"] += reader.names("projects", project, "archive", sprint)
    return found


def _key(old: layout.Key, name: str, renames: renaming.Renames) -> layout.Key:
    """Return the key that a record of the project has in the team's store."""
    kind, *rest = old[2:]
    if kind == "archive":
        sprint, task = rest
        new = renames.get("sprints", {}).get(sprint, sprint), renames.get("tasks", {}).get(task, task)
        return ("projects", name, kind, *new)
    return ("projects", name, kind, *(renames.get(kind, {}).get(one, one) for one in rest))


def _config(
    config: dict[str, Any], there: Snapshot, name: str, renames: renaming.Renames
) -> tuple[dict[str, Any], list[str]]:
    """Return the project's configuration with the team's, which stands where both say something."""
    config = renaming.aliases({**config, "project_id": name}, renames.get("tasks", {}))
    theirs = there.load("projects", name, "config")
    if theirs is None:
        return config, []
    merged = merge(None, config, theirs, lambda _: "theirs", at=("projects", name, "config"))
    return merged.value, [".".join(one.path[3:]) for one in merged.conflicts]
