"""What an installation wrote, so that it can be brought up to date and taken out again.

`orchestration.manifest` lies beside the files and is committed with them; it names no place on a machine.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestration.claude.settings_file import Added
from orchestration.errors import InvalidData

NAME = "orchestration.manifest"
_VERSION = 1


class Manifest(NamedTuple):
    """What was written; paths are below the folder `.claude`."""

    files: Mapping[str, str] = {}
    """The digest of each file that is ours as a whole."""
    added: Added = Added()
    made: tuple[str, ...] = ()
    """Folders, and files that are ours in part, that were not there before."""
    lines: tuple[str, ...] = ()
    """Lines that were added to `.gitignore`."""
    shadow: bool = True
    status: bool = True
    """Whether there may be a status line of ours."""


def digest(content: bytes) -> str:
    """Return what tells one content from another; line ends, which git may change, do not count."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()[:32]


def read(folder: Path) -> Manifest | None:
    """Return the manifest of an installation, None where there is none; InvalidData for a damaged one."""
    file = folder / NAME
    try:
        data = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        data = None
    try:
        if not isinstance(data, dict) or data["version"] != _VERSION:
            raise KeyError("version")
        return Manifest(
            dict(data["files"]),
            Added(tuple(data["settings"]["allow"]), tuple(data["settings"]["keys"])),
            tuple(data["made"]),
            tuple(data["lines"]),
            bool(data["shadow"]),
            bool(data["status"]),
        )
    except (KeyError, TypeError, ValueError):
        raise InvalidData(
            f"{file} cannot be read", hint="restore it with git, or remove it and install again"
        ) from None


def dump(manifest: Manifest) -> bytes:
    """Return the content of a manifest's file."""
    data: dict[str, Any] = {
        "about": "Written by `orchestration install`; `orchestration uninstall` goes by it.",
        "version": _VERSION,
        "shadow": manifest.shadow,
        "status": manifest.status,
        "made": sorted(manifest.made),
        "lines": list(manifest.lines),
        "settings": {"keys": sorted(manifest.added.keys), "allow": sorted(manifest.added.allow)},
        "files": dict(sorted(manifest.files.items())),
    }
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()
