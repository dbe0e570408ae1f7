"""The name of this machine in a store: four characters that end the ids it generates.

The machine that made the store counts plainly (`TASK-12`); one that joined by clone adds its name
(`TASK-12-k7q2`), so ids never collide. The name is drawn again when the host name or the place of
the folder on disk changed: a copied folder is another machine's.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


class Machine(NamedTuple):
    """Who writes here."""

    name: str
    joined: bool
    """Whether the store came from elsewhere, so that generated ids need the name."""

    @property
    def suffix(self) -> str | None:
        """What ends the ids this machine generates."""
        return self.name if self.joined else None


def _place(folder: Path) -> dict[str, object]:
    stat = folder.stat()
    return {"host": os.uname().nodename, "device": stat.st_dev, "inode": stat.st_ino}


def draw() -> str:
    """Draw a name."""
    # 32 characters: each byte picks one, all equally likely
    return "".join(_ALPHABET[byte % 32] for byte in os.urandom(4))


def write(folder: Path, *, joined: bool, name: str | None = None) -> Machine:
    """Give this machine its name in the store whose private folder is `folder`."""
    machine = Machine(name or draw(), joined)
    path = folder / "machine"
    temporary = folder / f"machine.{os.getpid()}"
    temporary.write_text(json.dumps({"name": machine.name, "joined": machine.joined, **_place(folder)}))
    temporary.replace(path)
    return machine


def read(folder: Path) -> Machine:
    """Return this machine's name; to be called under the write lock, for it may draw one."""
    try:
        known = json.loads((folder / "machine").read_text())
        place = {key: known[key] for key in ("host", "device", "inode")}
        if place == _place(folder) and isinstance(known["name"], str):
            return Machine(known["name"], bool(known["joined"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass  # a fresh clone, or a copy: it joins under a new name
    return write(folder, joined=True)


def known(folder: Path) -> str | None:
    """Return the name this machine has, to be read without the lock; None until it has one."""
    try:
        name = json.loads((folder / "machine").read_text())["name"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) else None
