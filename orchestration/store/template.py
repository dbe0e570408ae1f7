"""The content of a new store, from `state-repo-template/`."""

from pathlib import Path

from orchestration.errors import StoreError


def folder() -> Path:
    """Return the template: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    for place in (package / "state-repo-template", package.parent / "state-repo-template"):
        if (place / "format.yaml").is_file():
            return place
    raise StoreError(
        "the installation lacks its state-repo-template", hint="install claude-orchestration again"
    )


def files() -> dict[str, bytes]:
    """Return the template's files by path."""
    top = folder()
    return {
        str(path.relative_to(top).as_posix()): path.read_bytes()
        for path in sorted(top.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }
