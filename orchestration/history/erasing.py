"""Replacing a text wherever it may stand: in records, messages, names, and files of any kind.

A text is written in more than one way. YAML folds, quotes and escapes it, a commit message makes one line of
it and cuts that off, JSON escapes it once more inside another text. Records are therefore read with our
codec, changed, and written again; everything else is searched for all of these forms.
"""

import json
import re
from typing import Any

from orchestration import codec
from orchestration.errors import InvalidData
from orchestration.store import commits

INSTEAD = "[purged]"
"""What stands in the place of a text that was removed."""
PLAIN = "purged"
"""The same where names of records and branches are concerned, in which brackets may not stand."""
_RUN = re.compile(r"[A-Za-z0-9]+")
_SHORT_RUN = 3
_ESCAPED = re.compile(rb"\\(?:[xuU]|\r?\n)")
"""What may spell a letter in double quotes otherwise; the codec writes none, a person may."""
_CUT = "…"
_LEAST_CUT = 6
"""Characters of a text that was cut off which still tell something of it."""
_ROUNDS = 8
_LIMIT = 1 << 40
_IDENTITY = re.compile(rb"(?P<name>.*) (?P<time>\d+ [+-]\d+)\Z", re.DOTALL)


class Erasure:
    """One text and what is to stand in its place, a word without quotes, backslashes and control characters."""

    def __init__(self, value: str, instead: str = INSTEAD) -> None:
        self.value = value.strip()
        self.instead = instead
        forms = _forms(self.value)
        self._text = re.compile("|".join(map(re.escape, forms)))
        self._bytes = re.compile(b"|".join(re.escape(one.encode("utf-8", "surrogatepass")) for one in forms))
        self._heads = [
            one for one in (self.value, commits.one_line(self.value, _LIMIT)) if len(one) > _LEAST_CUT
        ]
        runs = sorted(_RUN.findall(self.value), key=len)
        self._run = runs[-1].encode() if runs and len(runs[-1]) >= _SHORT_RUN else None

    # -- texts

    def text(self, text: str) -> str:
        """Return a text without the value, also where the value was cut off."""
        for _ in range(_ROUNDS):  # what stood around it may make it anew
            if not self._text.search(text):
                break
            text = self._text.sub(lambda _: self.instead, text)
        return self._uncut(text) if _CUT in text else text

    def _uncut(self, text: str) -> str:
        parts = text.split(_CUT)
        for number, part in enumerate(parts[:-1]):
            for head in self._heads:
                for length in range(min(len(head) - 1, len(part)), _LEAST_CUT - 1, -1):
                    if part.endswith(head[:length]):
                        parts[number] = part = part[:-length] + self.instead
                        break
        return _CUT.join(parts)

    def raw(self, data: bytes) -> bytes:
        """Return the bytes of a text, or of any file, without the value."""
        try:
            return self.text(data.decode()).encode()
        except UnicodeDecodeError:
            pass
        for _ in range(_ROUNDS):
            if not self._bytes.search(data):
                break
            data = self._bytes.sub(lambda _: self.instead.encode(), data)
        return data

    def identity(self, data: bytes) -> bytes:
        """Return `NAME <EMAIL> TIME ZONE`, as commits and tags have it, without the value in name and email."""
        found = _IDENTITY.match(data)
        return self.raw(found["name"]) + b" " + found["time"] if found else self.raw(data)

    def logged(self, data: bytes) -> bytes:
        """Return a line of git's log of a reference, which ends with the first line of a message."""
        data = self.raw(data)
        first, *more = self.value.splitlines()
        end = " ".join(first.split()).encode("utf-8", "surrogatepass")
        if more and len(end) >= _LEAST_CUT and data.rstrip().endswith(end):
            data = data.rstrip()[: -len(end)] + self.instead.encode() + b"\n"
        return data

    # -- records

    def record(self, value: Any) -> Any:
        """Return plain data without the value, in texts, keys and numbers; `value` is left as it is."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            found: dict[str, Any] = {}
            for key, inner in value.items():
                found[self._key(key, value, found)] = self.record(inner)
            return found
        if isinstance(value, list):
            return [self.record(inner) for inner in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            text = json.dumps(value)
            new = self.text(text)
            return value if new == text else new
        return value

    def _key(self, key: str, before: dict[str, Any], after: dict[str, Any]) -> str:
        new = name = self.text(key)
        number = 2
        while name != key and (name in before or name in after):
            name, number = f"{new}-{number}", number + 1
        return name

    # -- files

    def blob(self, data: bytes) -> bytes:
        """Return the content of a file without the value; a record stays one, with its comments if possible."""
        if not self._may_hold(data):
            return data
        try:
            record = codec.load(data, name="the file", limit=_LIMIT)
        except InvalidData:
            record = None
        if not isinstance(record, dict | list):
            return self.raw(data)
        new = self.record(record)
        replaced = self.raw(data)
        if _same(new, record):
            return replaced  # it stands in a comment
        if codec.dump(record, limit=_LIMIT) != data and _same(_loaded(replaced), new):
            return replaced  # written by hand, and stays as it was written
        return codec.dump(new)

    def is_in(self, data: bytes) -> bool:
        """Say whether a file, or the bytes of an object, hold the value in any form."""
        return self.blob(data) != data

    def _may_hold(self, data: bytes) -> bool:
        """Say whether a file could hold the value: no way of writing YAML parts a run of letters and digits."""
        if self._run is None or self._run in data or _ESCAPED.search(data):
            return True
        return _CUT.encode() in data and any(one[:_LEAST_CUT].encode() in data for one in self._heads)


def _forms(value: str) -> list[str]:
    """Return the ways in which a text may be written as it is, longest first."""
    unix = value.replace("\r\n", "\n").replace("\r", "\n")
    flat = commits.one_line(value, _LIMIT)
    plain = {value, unix, unix.replace("\n", "\r\n"), unix.replace("\n", "\r"), flat}
    name = re.sub(r"[<>]", "", flat)
    plain |= {name, name.replace(" ", "."), re.sub(r"\s", "", name)}
    found = set(plain)
    for _ in range(2):  # JSON, and JSON in JSON
        plain = {
            json.dumps(one, ensure_ascii=ascii_only)[1:-1] for one in plain for ascii_only in (True, False)
        }
        found |= plain
    least = min(len(value), _LEAST_CUT)
    return sorted((one for one in found if len(one) >= least), key=lambda one: (-len(one), one))


def _loaded(data: bytes) -> Any:
    try:
        return codec.load(data, name="the file", limit=_LIMIT)
    except InvalidData:
        return None


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one) == json.dumps(other)
