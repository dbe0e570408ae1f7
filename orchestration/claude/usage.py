"""How a command is called, as one line that people read, and that its arguments are taken by.

    TASK            a word                      [TASK]         one that may be missing
    TEXT...         the rest, as it was typed   [TASKS+]       words
    on|off          one of these words          [--yes]        a switch
    [--points N]    an option with a word       [--force REASON...]  with words, up to the next option
    [--format detailed|summary]                 with one of these words

A name is a key of the arguments in small letters: `TASK` is `task`, `--dry-run` is `dry_run`. A choice is
named by what stands before it: `VOTE=yes|no` is `vote`.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from orchestration.claude import words
from orchestration.claude.words import Word
from orchestration.errors import BadUsage

_PART = re.compile(r"\[--([a-z-]+)(?: ([^\]]+))?\]|\[([^\]]+)\]|(\S+)")
_OPTION = re.compile(r"(?:--|—|–)([a-z][a-z-]*)(?:=(.*))?\Z", re.DOTALL)


class Slot(NamedTuple):
    """A place for a word, or for more than one."""

    name: str
    shown: str
    required: bool
    many: str
    """`` one word, `+` several, `...` free text as it was typed."""
    choices: tuple[str, ...]


class Usage(NamedTuple):
    """What a usage line says."""

    slots: tuple[Slot, ...]
    options: dict[str, Slot | None]
    """By name; None is a switch."""

    @property
    def takes_text(self) -> bool:
        """Whether there is a place for free text."""
        return any(slot.many == "..." for slot in self.slots)


def read(line: str) -> Usage:
    """Read a usage line."""
    slots: list[Slot] = []
    options: dict[str, Slot | None] = {}
    for option, value, optional, required in _PART.findall(line):
        if option:
            options[option] = _slot(value, required=True) if value else None
        else:
            slots.append(_slot(optional or required, required=bool(required)))
    return Usage(tuple(slots), options)


def _slot(shown: str, *, required: bool) -> Slot:
    many = "..." if shown.endswith("...") else "+" if shown.endswith("+") else ""
    name, equals, choices = shown.removesuffix(many).partition("=")
    listed = choices if equals else name
    return Slot(
        re.sub(r"\W+", "_", name.lower()),
        (listed if equals else name),
        required,
        many,
        tuple(listed.split("|")) if "|" in listed else (),
    )


def shown(line: str) -> str:
    """Return a usage line as people read it."""
    return re.sub(r"[A-Z]+=", "", line)


def parse(line: str, raw: str, given: Sequence[Word], *, said: str) -> dict[str, Any]:
    """Return the arguments by name: a text, a list of texts, True for a switch; what is missing is None or False.

    `given` are the words of `raw` behind the command's name, which is `said`. Raises BadUsage for a word
    too many or missing, an unknown option and a value outside its choices.
    """
    usage = read(line)
    hint = f"{said} {shown(line)}".rstrip()
    found: dict[str, Any] = {
        name.replace("-", "_"): None if slot else False for name, slot in usage.options.items()
    }
    plain: list[Word] = []
    queue = list(given)
    options_end = False
    while queue:
        word = queue.pop(0)
        if not word.quoted and word.text == "#" and (not usage.takes_text or _was_quoted(usage, plain)):
            break  # a comment, as in a line copied from a guide
        match = None if options_end or word.quoted else _OPTION.match(word.text)
        if not options_end and word.text == "--" and not word.quoted:
            options_end = True
        elif match and match[1] in usage.options:
            slot = usage.options[match[1]]
            found[match[1].replace("-", "_")] = (
                True if slot is None else _value(slot, match, raw, queue, usage, hint)
            )
        elif match and not (usage.takes_text and len(plain) >= len(usage.slots) - 1):
            near = _near(match[1], list(usage.options))
            raise BadUsage(
                f"{said} has no option --{match[1]}",
                hint=f"did you mean --{near[0]}?" if near else f"usage: {hint}",
            )
        else:
            plain.append(word)
    return found | _placed(usage, raw, plain, hint)


def _was_quoted(usage: Usage, plain: Sequence[Word]) -> bool:
    """Say whether free text was given as one quoted word, and so has ended."""
    place = next(number for number, slot in enumerate(usage.slots) if slot.many == "...")
    return len(plain) == place + 1 and plain[-1].quoted


def _value(slot: Slot, match: re.Match[str], raw: str, queue: list[Word], usage: Usage, hint: str) -> Any:
    if match[2] is not None:
        return _chosen(slot, match[2], hint)
    taken: list[Word] = []
    while queue and (slot.many or not taken):
        option = None if queue[0].quoted else _OPTION.match(queue[0].text)
        if option and option[1] in usage.options:
            break
        taken.append(queue.pop(0))
    if not taken:
        raise BadUsage(f"--{match[1]} needs a value", hint=f"usage: {hint}")
    if slot.many == "+":
        return [word.text for word in taken]
    return _chosen(slot, words.verbatim(raw, taken), hint)


def _chosen(slot: Slot, text: str, hint: str) -> str:
    if not slot.choices:
        return text
    for choice in slot.choices:
        if text.lower() == choice.lower() or choice.isupper():
            return text if choice.isupper() else choice
    near = _near(text.lower(), slot.choices)
    said = f"did you mean {near[0]}? " if near else ""
    raise BadUsage(f"{text[:60]!r} is not one of {', '.join(slot.choices)}", hint=f"{said}usage: {hint}")


def _near(said: str, known: Sequence[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(said, known, 1, 0.5)


def _placed(usage: Usage, raw: str, plain: list[Word], hint: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, slot in enumerate(usage.slots):
        later = sum(one.required for one in usage.slots[place + 1 :])
        if not plain or (not slot.required and len(plain) <= later):
            if slot.required:
                raise BadUsage(f"{slot.shown} is missing", hint=f"usage: {hint}")
            found[slot.name] = [] if slot.many == "+" else None
        elif slot.many == "...":
            found[slot.name], plain = _text(raw, plain), []
        elif slot.many == "+":
            count = len(plain) - later
            found[slot.name], plain = [word.text for word in plain[:count]], plain[count:]
        else:
            found[slot.name] = _chosen(slot, plain.pop(0).text, hint)
    if plain:
        raise BadUsage(f"{plain[0].text[:60]!r} is a word too many", hint=f"usage: {hint}")
    return found


def _text(raw: str, plain: list[Word]) -> str:
    """Return free text as it was typed; where an option stood in it, what is left in pieces."""
    pieces: list[list[Word]] = []
    for word in plain:
        if pieces and not raw[pieces[-1][-1].end : word.start].strip():
            pieces[-1].append(word)
        else:
            pieces.append([word])
    if len(pieces) > 1:
        return " ".join(raw[piece[0].start : piece[-1].end] for piece in pieces)
    return words.verbatim(raw, plain)
