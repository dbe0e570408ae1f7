"""Which repository a project name stands for on this machine.

A name that nobody typed, derived from the folder of a repository, is bound to that repository by
the first write. So two repositories that happen to be called `api` never share a board.
"""

import json
import os
from pathlib import Path

from orchestration.errors import Refused
from orchestration.store.checkout import Repository, remote_of


def _load(private: Path) -> dict[str, dict[str, str | None]]:
    try:
        data = json.loads((private / "bindings").read_text())
    except (OSError, ValueError):  # nothing was bound yet, or it is torn: then names are bound anew
        return {}
    return data if isinstance(data, dict) else {}


def check(private: Path, project: str, repository: Repository) -> bool:
    """Say whether the name is bound yet; Refused when it is bound to another repository."""
    bound = _load(private).get(project)
    if bound is None:
        return False
    if bound.get("common_dir") == repository.common_dir:
        return True
    remote = remote_of(repository)
    if remote is not None and remote == bound.get("remote"):
        return True
    raise Refused(
        f"project {project!r} belongs to the repository {bound.get('common_dir')}, "
        f"not to {repository.common_dir}",
        hint="give this one a name of its own: `orchestration init --project NAME`, or say --project",
    )


def bind(private: Path, project: str, repository: Repository) -> None:
    """Bind a name to a repository; to be called under the write lock."""
    bindings = _load(private)
    bindings[project] = {"common_dir": repository.common_dir, "remote": remote_of(repository)}
    draft = private / f"bindings.{os.getpid()}"
    draft.write_text(json.dumps(bindings, indent=1))
    draft.replace(private / "bindings")
