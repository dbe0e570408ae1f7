"""Finding the secrets in a text, and saying of what kind each is."""

import re
from functools import cache
from typing import NamedTuple

from orchestration.secrets import candidates, library
from orchestration.secrets.formats import FORMATS, LIBRARY


class Secret(NamedTuple):
    """What was found in a text."""

    kind: str
    """Such as `a GitHub token`."""
    text: str
    """The secret itself: never to be shown."""

    @property
    def hint(self) -> str:
        """Its first characters, for a person to know which one is meant."""
        return f"{self.text[:4]}…"


def find(text: str) -> list[Secret]:
    """Return the secrets in a text, each once."""
    found: dict[str, Secret] = {}
    for _, _, kind, pattern, _ in candidates(FORMATS, text):
        for match in _compiled(pattern).finditer(text):
            found.setdefault(match[0], Secret(kind, match[0]))
    for _, _, kind, pattern, detector in candidates(LIBRARY, text):
        for match in _compiled(pattern).finditer(text):
            if match[0] not in found and library.confirms(detector, match[0]):
                found[match[0]] = Secret(kind, match[0])
    return list(found.values())


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})", re.ASCII)
