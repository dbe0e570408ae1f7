"""Parsed records, cached by the id of their content.

Parsing YAML means importing PyYAML, which costs a command line call more than the rest of its
work. A record's content never changes under its id, so what was parsed or written once is kept as
JSON in `.git/orchestration/cache/`, and PyYAML loads only when something is not there.
"""

import json
import os
from pathlib import Path
from typing import Any

from orchestration.store.objects import Objects

_AT_ONCE = 1 << 16
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC


class Documents:
    """Reads records of one repository by blob id."""

    def __init__(self, objects: Objects, folder: Path) -> None:
        self.objects = objects
        self.folder = str(folder)
        self._texts: dict[str, str] = {}

    def read(self, oid: str, name: str) -> Any:
        """Return the data of a blob, a fresh copy; InvalidData names file, line and column."""
        if oid not in self._texts:
            self._texts[oid] = self.text(oid, name)
        return json.loads(self._texts[oid])

    def text(self, oid: str, name: str) -> str:
        """Return the data of a blob as JSON; InvalidData names file, line and column."""
        kept = self.cached(oid)
        if kept is not None:
            return kept
        from orchestration import codec

        data = codec.load(self.objects.read(oid, b"blob"), name=name)
        return self.keep(oid, data)

    def peek(self, oid: str, name: str) -> Any:
        """Return the data of a blob without keeping it: for content that no current record has any more."""
        kept = self.cached(oid)
        if kept is not None:
            return json.loads(kept)
        from orchestration import codec

        return codec.load(self.objects.read(oid, b"blob"), name=name)

    def cached(self, oid: str) -> str | None:
        """Return what was kept of a blob, as JSON, or None."""
        try:
            fd = os.open(self._path(oid), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            # `open` takes twice as long, which the first look at ten thousand records would notice
            text = os.read(fd, _AT_ONCE)
            while len(text) % _AT_ONCE == 0 and (more := os.read(fd, _AT_ONCE)):
                text += more
        except OSError:
            return None
        finally:
            os.close(fd)
        # its one line ends with the only newline: what is half written, or torn by a power loss, has none
        return text[:-1].decode() if text[:1] == b"{" and text[-2:] == b"}\n" else None

    def keep(self, oid: str, data: Any) -> str:
        """Remember what a blob holds and return it as JSON; a cache that cannot be written is no error."""
        text = json.dumps(data, separators=(",", ":"))
        if not isinstance(data, dict):
            return text
        path = self._path(oid)
        data_line = f"{text}\n".encode()
        try:
            try:
                fd = os.open(path, _WRITE, 0o644)
            except FileNotFoundError:
                if not os.path.isdir(os.path.dirname(self.folder)):
                    return text  # nobody has written here: a fresh clone, or no store at all
                os.makedirs(os.path.dirname(path), exist_ok=True)
                fd = os.open(path, _WRITE, 0o644)
            try:
                os.write(fd, data_line)
            finally:
                os.close(fd)
        except OSError:
            pass  # read-only or full: the next reader parses again
        return text

    def forget(self, oid: str) -> None:
        """Drop the cached form of content that no current record has any more."""
        try:
            os.unlink(self._path(oid))
        except OSError:
            return  # never cached, or cached by nobody who may write

    def _path(self, oid: str) -> str:
        return f"{self.folder}/{oid[:2]}/{oid[2:]}"
