"""One machine of `simulation.py`: a process that does what it is told on stdin, a line of JSON each.

`python -m benchmarks._member ROOT URL NAME`; a command is [seconds, method, arguments, keywords], where
`seconds` is what the machine's clock shows. The answer is [result, None] or [None, problem].
"""

import json
import sys
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.errors import OrchestrationError
from orchestration.store.layout import Key
from orchestration.store.repo import Store
from orchestration.store.transaction import Transaction
from orchestration.sync import cloning, remotes, rounds

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Member:
    """A store, and what people there do."""

    def __init__(self, root: str, url: str, name: str) -> None:
        self.store, self.url, self.name = Store(Path(root)), url, name
        self.now = START

    def _write(self) -> AbstractContextManager[Transaction]:
        return self.store.transaction(author=self.name, now=self.now)

    def found(self) -> None:
        """Make the store and name the server."""
        self.change(["projects", "shop", "config"], project_id="shop")
        remotes.add(self.store, "origin", self.url)

    def clone(self) -> None:
        """Take the store from the server."""
        cloning.clone(self.store, self.url, author=self.name, now=self.now)

    def load(self, *key: str) -> Any:
        """Return a record."""
        return self.store.snapshot().load(*key)

    def change(self, key: list[str], **values: Any) -> None:
        """Change fields of a record."""
        name: Key = tuple(key)
        with self._write() as tx:
            tx.save(name, {**(tx.edit(*name) or {}), **values})
            tx.describe("state_set", f"{self.name} changes {key[-1]}")

    def delete(self, *key: str) -> None:
        """Remove a record."""
        with self._write() as tx:
            tx.delete(*key)
            tx.describe("state_deleted", f"{self.name} deletes {key[-1]}")

    def sync(self) -> int:
        """Exchange changes and return how many pushes that took."""
        done = rounds.sync(
            self.store, remotes.find(self.store, None), now=self.now, approve=lambda _: None,
            transaction=self._write,
        )  # fmt: skip
        attempts: int = done["attempts"]
        return attempts

    def tip(self) -> str | None:
        """Return the commit of the branch."""
        return self.store.refs.head().commit


def main() -> None:
    """Answer until stdin ends."""
    member = Member(*sys.argv[1:])
    for line in sys.stdin:
        seconds, name, arguments, keywords = json.loads(line)
        member.now = START + timedelta(seconds=seconds)
        try:
            answer = [getattr(member, name)(*arguments, **keywords), None]
        except OrchestrationError as error:
            answer = [None, f"{error.code}: {error.message}"]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
