"""Moving a store to a newer format, one step for each major version.

`format.yaml` names the format: `version`, and when there is one `minor`. A minor version only adds what
older programs leave alone, so all programs of one major version read and write each other's stores. A
newer major version is refused (`store/repo.py`), an older one is read and written as it is: nothing but
`orchestration upgrade` ever changes it.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from orchestration.errors import StoreError
from orchestration.store import repo

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

Step = Callable[["Transaction"], None]
"""Changes all records of a store from one major version to the next; its docstring says what it does."""

STEPS: Mapping[int, Step] = {}
"""The step that leads away from each older major version."""

KEY = ("format",)


def upgrade(tx: "Transaction") -> list[str]:
    """Move the store to the format of this program and say what was done; nothing when it is there."""
    document = tx.edit(*KEY)
    version, minor = repo.version_of(document)
    if (version, minor) >= (repo.FORMAT, repo.MINOR):
        return []
    done = []
    for old in range(version, repo.FORMAT):
        if old not in STEPS:
            raise StoreError(
                f"this program knows no step from format {old} to {old + 1}",
                hint=f"upgrade first with a release that ends at format {old + 1}",
            )
        STEPS[old](tx)
        done.append(f"{old} -> {old + 1}: {_first_line(STEPS[old])}")
    if version == repo.FORMAT:
        done.append(f"{version}.{minor} -> {repo.FORMAT}.{repo.MINOR}: new fields are understood")
    document = {**tx.load(*KEY), "version": repo.FORMAT, "minor": repo.MINOR}
    if not repo.MINOR:
        del document["minor"]
    tx.save(KEY, document)
    tx.describe("state_set", f"store: upgrade from format {version} to {repo.FORMAT}")
    return done


def _first_line(step: Step) -> str:
    return (step.__doc__ or "records are rewritten").strip().split("\n")[0].rstrip(".")
