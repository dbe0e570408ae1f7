"""PyYAML for those who read and write with libyaml: importing it takes two thirds of its time.

PyYAML's own reader and resolver compile a dozen patterns when they are imported, which libyaml never asks.
Here each is compiled when it is first used, which is never, or at once where PyYAML comes without libyaml.
"""

import re
from typing import Any


class _Pattern:
    """A pattern that is compiled when something of it is used."""

    def __init__(self, *given: Any) -> None:
        self._given = given

    def __getattr__(self, name: str) -> Any:
        return getattr(re.compile(*self._given), name)  # which keeps what it compiled


_compile = re.compile
re.compile = _Pattern  # type: ignore[assignment]
try:
    import yaml
finally:
    re.compile = _compile

__all__ = ["yaml"]
