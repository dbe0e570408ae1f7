"""From the words behind a slash command to its answer."""

import importlib

from orchestration.claude import passing, phrases, usage, words
from orchestration.claude.client import Answer, Client
from orchestration.claude.table import FAMILIES, Command, Family
from orchestration.errors import BadUsage, NotFound, OrchestrationError


def answer(client: Client, family: str, raw: str) -> Answer:
    """Answer `/family raw`; whatever is wrong is said in the answer, which then has failed."""
    try:
        passed = passing.take(client, family, raw)
        if passed is not None:
            return Answer(passed, for_model=True)
        found = _answered(client, family, raw)
    except OrchestrationError as error:
        hint = f"\nHint: {phrases.slashed(error.hint)}" if error.hint else ""
        found = Answer(f"Error: {error.message}{hint}", failed=True)
    if found.for_model:
        passing.keep(client, family, raw, found.text)
        return found
    notes = [*client.remarks, *(f"commit {commit[:12]}" for commit in client.commits)]
    return found._replace(text="\n".join([found.text, *notes]))


def _answered(client: Client, name: str, raw: str) -> Answer:
    family = FAMILIES.get(name)
    if family is None:
        raise NotFound(f"there is no command /{name}", hint=_near(name, list(FAMILIES), "/"))
    raw, client.allow_secret = words.without(raw, "allow-secret")
    given = words.split(raw)
    if given and given[0].text in ("help", "--help", "-h") and "help" not in family.forms:
        return Answer(help_of(name, family))
    form, rest = _form(name, family, given)
    said = f"/{name} {form}".rstrip()
    command = family.forms[form]
    arguments = usage.parse(command.usage, raw, rest, said=said)
    module, _, function = command.handler.partition(":")
    found = getattr(importlib.import_module(f"orchestration.claude.{module}"), function)(client, arguments)
    assert isinstance(found, Answer)
    return found


def _form(name: str, family: Family, given: list[words.Word]) -> tuple[str, list[words.Word]]:
    """Return the form that the first words name, and the words behind them."""
    for count in range(min(len(given), 3), 0, -1):
        said = " ".join(word.text.lower() for word in given[:count])
        if said in family.forms and not any(word.quoted for word in given[:count]):
            return said, given[count:]
    if "" not in family.forms or (given and not family.forms[""].usage and given[0].text != "#"):
        raise unknown(name, given[0].text if given else "")
    return "", given


def unknown(name: str, first: str) -> BadUsage:
    """Return the error for a first word that is no form of a family, with the nearest ones."""
    forms = sorted(form for form in FAMILIES[name].forms if form)
    inside = [form for form in forms if form.startswith(f"{first.lower()} ")]
    if inside:
        return BadUsage(f"/{name} {first} what?", hint=", ".join(f"/{name} {form}" for form in inside))
    return BadUsage(f"/{name} has no {first[:60]!r}", hint=_near(first, forms, f"/{name} "))


def _near(said: str, known: list[str], prefix: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(said.lower(), known, 3, 0.5) or get_close_matches(
        said.lower(), [one.split()[0] for one in known], 3, 0.5
    )
    if near:
        return f"did you mean {' or '.join(prefix + one for one in near)}?"
    return f"{prefix.strip()} has {', '.join(known)}" if prefix != "/" else "see /orchestrate help"


def help_of(name: str, family: Family) -> str:
    """Return what a family can do, a line for each form."""
    lines = [f"/{name} — {family.description}", ""]
    wide = 0
    rows: list[tuple[str, Command]] = []
    for form, command in family.forms.items():
        said = " ".join(part for part in (f"/{name}", form, usage.shown(command.usage)) if part)
        rows.append((said, command))
        wide = max(wide, min(len(said), 44))
    return "\n".join([*lines, *(f"{said:<{wide}}  {command.summary}" for said, command in rows)])
