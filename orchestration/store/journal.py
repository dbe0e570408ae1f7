"""A line for each commit this machine makes, from which the derived index catches up quickly.

The index (`index.py`) could always learn the same from the commits themselves, at the price of
comparing trees. A writer knows already what it changed and leaves it here, one short append under
the write lock. The journal may be missing, cut or behind: then the commits are asked.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from orchestration.store.objects import write_whole

LIMIT = 8 * 1024 * 1024
"""Bytes after which the journal begins anew; what was in it is kept once more as `journal.old`."""


def append(
    folder: Path, *, commit: str, parent: str | None, time: int, message: str, author: str,
    files: Mapping[str, str | None],
) -> None:  # fmt: skip
    """Add the line of one commit; `files` maps each changed path to its new blob id."""
    line = json.dumps([commit, parent, time, author, message, dict(files)], separators=(",", ":")) + "\n"
    path = f"{folder}/journal"
    # a journal that cannot be written costs the index time, and nothing else
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            write_whole(fd, line.encode())
            full = os.fstat(fd).st_size > LIMIT
        finally:
            os.close(fd)
        if full:
            os.rename(path, path + ".old")
