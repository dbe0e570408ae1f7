"""What plain git needs to merge and show records by meaning: a merge driver and a diff driver.

They stand in the store's own `.git/config` and `.git/info/attributes`, for git never takes programs from a
repository's files. A person's `git pull`, `git merge` and `git diff` then call `orchestration
merge-driver` and `orchestration textconv`. This program's own git calls use neither.
"""

import json
from typing import Any

from orchestration import codec, paths
from orchestration.domain import reconciling
from orchestration.errors import InvalidData
from orchestration.merge import Conflict, merge
from orchestration.paths import MISSING
from orchestration.store import layout
from orchestration.store.repo import Store

_NAME = "orchestration"
_THERE = "if command -v orchestration >/dev/null; then"
# Where the command is not installed git goes line by line, as it does without drivers.
_CONFIG = f"""\
[merge "{_NAME}"]
	name = by meaning, value by value
	driver = "{_THERE} orchestration merge-driver %O %A %B %P; else git merge-file --quiet %A %O %B; fi"
[diff "{_NAME}"]
	textconv = "shown() {{ {_THERE} orchestration textconv \\"$@\\"; else cat \\"$@\\"; fi; }}; shown"
"""
_ATTRIBUTES = f"*.yaml merge={_NAME} diff={_NAME}\n"


def install(store: Store) -> None:
    """Let plain git merge and show the records of a store by meaning; done before, it does nothing."""
    config = store.git_dir / "config"
    if f'[merge "{_NAME}"]' not in config.read_text("utf-8", "replace"):
        with config.open("a") as file:
            file.write(_CONFIG)
    attributes = store.git_dir / "info" / "attributes"
    known = attributes.read_text("utf-8", "replace") if attributes.exists() else ""
    if f"merge={_NAME}" not in known:
        attributes.parent.mkdir(exist_ok=True)
        attributes.write_text(known + ("\n" if known and not known.endswith("\n") else "") + _ATTRIBUTES)


def merged(base: bytes, ours: bytes, theirs: bytes, path: str) -> tuple[bytes, list[Conflict]]:
    """Merge three versions of the file at `path`; where both sides changed a value, ours stands, if it can.

    What several records mean together is for `healing`. InvalidData when one of the versions, or the file
    itself, is no record.
    """
    key = layout.key_of(path)
    if key is None:
        raise InvalidData(f"{path} is no record of the store")
    before, mine, yours = (_record(data, path) for data in (base, ours, theirs))
    found = reconciling.merged(key, merge(before, mine, yours, lambda _: "ours", at=key), before, mine, yours)
    return (b"" if found.value is None else codec.dump(found.value, name=path)), found.conflicts


def _record(data: bytes, path: str) -> dict[str, Any] | None:
    """Return the record of a version; an empty file stands for one that is not there."""
    found = codec.load(data, name=path) if data.strip() else None
    if found is not None and not isinstance(found, dict):
        raise InvalidData(f"{path} does not hold a mapping")
    return found


def lines(data: bytes, name: str) -> list[str]:
    """Return a record as a line for each value, by its path; as it is when it does not parse."""
    try:
        record = codec.load(data, name=name)
    except InvalidData:
        return data.decode("utf-8", "replace").splitlines()
    return [f"{paths.format(path)}: {_shown(value)}" for path, value in _leaves(record, ())]


def _leaves(value: Any, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict) and value:
        return [one for key, inner in value.items() for one in _leaves(inner, (*path, str(key)))]
    if isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        return [one for number, inner in enumerate(value) for one in _leaves(inner, (*path, number))]
    return [(path, value)]


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def said(one: Conflict) -> str:
    """Say in a line what both sides made of a value."""
    ours, theirs = ("deleted" if side is MISSING else _shown(side) for side in (one.ours, one.theirs))
    stands = "; theirs stands" if one.chosen == "theirs" else ""
    return f"{paths.format(one.path)}: ours {ours}, theirs {theirs}{stands}"
