"""What a commit would add is looked through for likely secrets, for the state is meant to be pushed.

Here is what every write takes: nearly all are done with after their new text was seen to hold no needle of
`orchestration.secrets`. The others are compared value by value, in `disclosure`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchestration import secrets

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


def check(
    tx: "Transaction", files: Mapping[str, bytes | None], *, documents: Mapping[str, Any],
    recalled: Iterable[Any], said: Mapping[str, str | Sequence[str] | None],
) -> None:  # fmt: skip
    """Raise LikelySecret when a commit adds a secret.

    `files` are the contents to be committed, `documents` those of them that are at hand as data; `recalled`
    are documents, or contents of files, that are known already; `said` is what the message says.
    """
    known = list(recalled)
    suspects = [file for file, data in files.items() if data and _is_suspect(tx, file, data, known)]
    told = {what: text if isinstance(text, str) else " ".join(text) for what, text in said.items() if text}
    if not secrets.likely("\n".join(told.values())):
        told = {}
    if suspects or told:
        from orchestration.store import disclosure

        now = {file: documents.get(file, data) for file, data in files.items() if data}
        then = {file: old for file in files if (old := tx.committed(file)) is not None}
        disclosure.refuse_new(then, now, suspects, known, told)


def check_values(name: str, value: Any) -> None:
    """Raise LikelySecret when a document that is to be kept under a name holds a secret."""
    from orchestration.store import disclosure

    disclosure.refuse(disclosure.spoken([(name, text) for _, _, text in disclosure.strings("", value)])[:1])


def _is_suspect(tx: "Transaction", file: str, data: bytes, known: list[Any]) -> bool:
    """Say whether what is new in a file may hold a secret; its name is an id, and so new with it."""
    if data in known:
        return False
    text = data.decode("utf-8", "replace")
    if not secrets.likely(text) and not secrets.likely(file.replace("/", "\n")):
        return False
    old = tx.committed(file)
    if old is None:
        return True
    new = Counter(text.splitlines()) - Counter(old.decode("utf-8", "replace").splitlines())
    return any(secrets.likely(line) for line in new)
