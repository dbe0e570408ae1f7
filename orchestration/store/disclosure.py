"""Which secrets a commit would add, and refusing them without showing them.

A secret is added by a string, key or name that stands in more places than before; not by what is only
moved, comes out of history or is copied from elsewhere in the state.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestration import codec, paths, secrets
from orchestration.errors import InvalidData, LikelySecret
from orchestration.secrets import detection
from orchestration.secrets.detection import Secret
from orchestration.store import layout

Place = tuple[str, paths.Path, str]
"""A string: its file, the way to it, and itself."""
Found = tuple[str, Secret]
"""Where a secret stands, as it is told."""

_MOST = 10
"""Places that one refusal names."""


def refuse_new(
    then: Mapping[str, bytes], now: Mapping[str, Any], suspects: Iterable[str], known: Iterable[Any],
    told: Mapping[str, str],
) -> None:  # fmt: skip
    """Raise LikelySecret for the secrets of suspected files and of a message that were not there before.

    `then` and `now` are the files of a change, as data or as they are written, before and after; `known` are
    documents, or such files, that add nothing; `told` are the parts of the message.
    """
    found = [one for file in suspects for one in _found(_places(file, now[file]))]
    said = spoken(_parts(told))
    if not found and not said:
        return
    before = {place for file, content in then.items() for place in _places(file, content)}
    after = Counter(text for file, content in now.items() for _, _, text in _places(file, content))
    copied = {text for content in known for _, _, text in _places("", content)}
    more = after - Counter(text for _, _, text in before)
    first: dict[tuple[str, str], Found] = {}
    for place, secret in found:
        if place not in before and more[place[2]] and place[2] not in copied:
            first.setdefault((place[0], secret.text), (_shown(place, secret), secret))  # once for a record
    new = list(first.values())
    old = [*copied, *(text for _, _, text in before)]
    for what, secret in said:
        # the subject is made by us, of values too that were there before
        stood = [*(one.text for _, one in new), *(old if what == "Subject" else ())]
        if not any(secret.text in text for text in stood):
            new.append((f"the {what.lower()} of the change", secret))
    refuse(new)


def refuse(found: Iterable[Found]) -> None:
    """Raise LikelySecret that names where secrets stand and of what kind they are, when there are any."""
    places = list(found)
    if not places:
        return
    (place, secret), *others = places
    said = f"{place} holds what looks like {secret.kind} ({secret.hint})"
    if others:
        named = ", ".join(f"{place} ({secret.kind}, {secret.hint})" for place, secret in places[:_MOST])
        more = f", and {len(places) - _MOST} more" if len(places) > _MOST else ""
        said = f"{len(places)} values look like secrets: {named}{more}"
    raise LikelySecret(
        said, hint="leave it out, for the state is meant to be pushed; --allow-secret writes it all the same"
    )


def spoken(texts: Iterable[tuple[str, str]]) -> list[Found]:
    """Return the secrets in texts given with what they are."""
    return [(what, secret) for (what, _, _), secret in _found((what, (), text) for what, text in texts)]


def strings(file: str, value: Any, trail: paths.Path = ()) -> Iterator[Place]:
    """Yield the strings and keys of a document."""
    if isinstance(value, str):
        yield file, trail, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield file, (*trail, key), key
            if isinstance(item, str) and "aws" in key.lower():
                yield file, (*trail, key), f'{key}="{item}"'  # such a secret is known only by its name
            yield from strings(file, item, (*trail, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strings(file, item, (*trail, index))


def _parts(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the parts of a message by what they are; of the data of an event, each string."""
    for what, text in told.items():
        if what == "Data":
            yield from ((what, one) for _, _, one in strings("", json.loads(text)))
        else:
            yield what, text


def _places(file: str, content: Any) -> Iterator[Place]:
    """Yield the strings of a file: the names that lead to it, and those in it."""
    if isinstance(content, bytes):
        try:
            content = codec.load(content, name=file)
        except InvalidData:
            content = content.decode("utf-8", "replace")
    yield from ((file, (), part) for part in file.removesuffix(layout.SUFFIX).split("/"))
    yield from strings(file, content)


def _found(places: Iterable[Place]) -> Iterator[tuple[Place, Secret]]:
    for place in places:
        if secrets.likely(place[2]):
            yield from ((place, secret) for secret in detection.find(place[2]))


def _shown(place: Place, secret: Secret) -> str:
    """Return the path of a string, without the secret where a key or a name is one."""
    file, trail, _ = place
    key = layout.key_of(file) or (file,)
    return paths.format((*key, *trail)).replace(secret.text, secret.hint)
