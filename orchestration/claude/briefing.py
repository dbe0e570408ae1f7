"""The briefing: what a model has not seen yet, for the prompt that goes to it next.

New to it is what others did since it last looked: people in terminals, other clients, and the user with
slash commands, which are answered without the model. What it did itself it knows. First come the tasks it
holds or touched, then handoffs and messages, new blockers, and the rest as counts per person; then the slash
commands, with the last answer.
"""

from orchestration.claude import data
from orchestration.claude.client import Client
from orchestration.domain import news
from orchestration.domain.news import News
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS
from orchestration.store import hosts
from orchestration.store.queries import Event

LIMIT = 1500
ANSWER, SHORT_ANSWER = 800, 400
"""The most characters of the last answer, and what it is cut to where changes need the room."""
COMMANDS = 5
_PEOPLE = 6


def briefing(client: Client, project: str, commit: str | None) -> str | None:
    """Return what is new since a commit that the model has seen, None when nothing is.

    Without a commit, as where the store came after the client, that is the slash commands alone.
    """
    assert client.host is not None, "a prompt has a session"
    private = str(client.store.private)
    commands, answer = hosts.typed(private, client.host)
    found = changes(client, project, commit) if commit else News([], [], [], {})
    if not found and not commands:
        return None
    told = _commands(commands)
    room = LIMIT - len(data.block(_heading(project), [""])) - _size(told)
    rest = [*_rest(found)]
    important = [data.line(f"{event.author}: {_said(event)}") for event in found.mine]
    wanted = _size(important) + _size(rest)
    shown = _answer(answer, max(min(ANSWER, room - wanted), min(SHORT_ANSWER, room))) if commands else []
    room -= _size(shown)
    lines = _newest(important, room - (_size(rest[-1:])))
    lines += _newest(rest, room - _size(lines), last=True)
    return data.block(_heading(project), [*lines, *told, *shown])


def changes(client: Client, project: str, commit: str) -> News:
    """Return what others did in a project since a commit."""
    assert client.host is not None, "it is a session's"
    index = client.index
    own = hosts.own(str(client.store.private), client.host)
    events = [event for event in news.since(index, project, commit) if event.oid not in own]
    return news.sort(
        events,
        session=client.session,
        mine=_mine(client, project) if events else set(),
        files=lambda oid: index.touched(oid),
    )


def _mine(client: Client, project: str) -> set[str]:
    """Return the tasks that the session holds or touched."""
    if client.session is None:
        return set()
    held = {
        name
        for name, task in Project(client.snapshot, project, now=client.at).tasks.items()
        if (task.get("claim") or {}).get("session") == client.session
        and task.get("column") not in CLOSED_COLUMNS
    }
    return held | news.touched_by(client.index, client.session)


def _heading(project: str) -> str:
    return f"New in project {project} since your last turn."


def _said(event: Event) -> str:
    return event.subject.removeprefix("task: ")


def _rest(found: News) -> list[str]:
    """Return the lines of everything else: handoffs, blockers, and counts."""
    lines = [data.line(f"{event.author}: {_said(event)}") for event in (*found.handoffs, *found.blockers)]
    people = sorted(found.others.items(), key=lambda one: (-one[1], one[0]))
    if people:
        counts = ", ".join(f"{data.cut(data.plain(name), 24)} {count}" for name, count in people[:_PEOPLE])
        more = sum(count for _, count in people[_PEOPLE:])
        lines.append(
            data.cut(f"- other changes by {counts}" + (f", others {more}" if more else ""), data.LINE)
        )
    return lines


def _commands(commands: list[str]) -> list[str]:
    if not commands:
        return []
    lines = [data.line(command) for command in commands[-COMMANDS:]]
    before = len(commands) - len(lines)
    heading = "Slash commands the user typed, answered without you" + (
        f" (and {before} before)" if before else ""
    )
    return [f"{heading}:", *lines]


def _answer(answer: str, limit: int) -> list[str]:
    """Return the last answer, its lines kept apart, in at most so many characters."""
    heading = "Answer to the last:"
    # a line without letters only draws
    lines = [f"| {text}" for text in map(_kept, answer.split("\n")) if any(map(str.isalnum, text))]
    room = limit - len(heading) - 1
    found: list[str] = []
    for text in lines:
        if _size([*found, text]) > room:
            left = room - _size(found) - 1
            return [heading, *found, *([data.cut(text, left)] if left > len("| …") else [])]
        found.append(text)
    return [heading, *found]


def _kept(text: str) -> str:
    """Return a line of an answer with the blanks it begins with."""
    plain = data.plain(text)
    blanks = len(text) - len(text.lstrip(" "))
    return " " * min(blanks, 8) + plain if plain else ""


def _newest(lines: list[str], room: int, *, last: bool = False) -> list[str]:
    """Return the last of some lines that fit, and how many came before; of `last`, the very last stays."""
    if _size(lines) <= room:
        return lines
    tail = lines[-1:] if last else []
    kept = lines[: len(lines) - len(tail)]
    while kept and _size(kept) + _size(tail) + len("- … and 1000 before\n") > room:
        kept.pop(0)
    before = len(lines) - len(kept) - len(tail)
    return [f"- … and {before} before", *kept, *tail]


def _size(lines: list[str]) -> int:
    return sum(len(one) + 1 for one in lines)
