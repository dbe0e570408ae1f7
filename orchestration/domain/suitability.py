"""How well an agent fits a task: skills it has, similar work it did, work it holds.

    score = 10 x skill match + similar done - 2 x open tasks

A task asks for the words of its title, its labels and its type. A skill fits when all its words are
among them; every word of the task counts once.

* skill match: 1 for each skill of the agent's own that fits, 1 when a word of its role does, 1/2 for
  each skill that only its team names. The name stands in for the role of an agent of which neither
  skills nor role are recorded: `qa-analyst` fits a test.
* similar done: its done tasks, archived ones included, that belong to the task's epic, or share a label
  with it, or have its type and share a word of the title.
* open tasks: those that use its slots (`capacity`): assigned to it in todo, in_progress or review, blocked
  ones included. An agent without a whole free slot is full.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from orchestration.domain import capacity, samples
from orchestration.domain.project import Project
from orchestration.domain.records import DEFAULT_PRIORITY, Document

SKILL_WEIGHT, OPEN_WEIGHT = 10, 2
TEAM_SKILL = 0.5
SIMILAR_SHOWN = 5

_WORD = re.compile(r"[^\W_]+[+#]*")
_VERSION = re.compile(r"(?<=[^\W\d_]{3})[0-9]+\Z")
_SAME: Mapping[str, str] = {
    "bugfix": "bug",
    "debugging": "bug",
    "deployment": "deploy",
    "devops": "infra",
    "document": "doc",
    "documentation": "doc",
    "infrastructure": "infra",
    "qa": "test",
    "testing": "test",
}
"""Words that mean the same, in the form `words` gives them."""
TYPE_WORDS: Mapping[str, tuple[str, ...]] = {
    "bug": ("bug", "broken", "crash", "fail", "fix", "hotfix", "regression", "wrong"),
    "test": ("coverage", "e2e", "test"),
    "docs": ("changelog", "doc", "guide", "readme", "tutorial"),
    "infra": ("ci", "deploy", "docker", "infra", "kubernete", "pipeline", "terraform"),
    "design": ("design", "mockup", "prototype", "ux", "wireframe"),
    "chore": ("bump", "chore", "cleanup", "refactor", "rename", "tidy", "upgrade"),
}
"""Which words of a title tell the type of a task; the first one in the title decides, else it is a feature."""
SAYS_NOTHING = frozenset(
    _WORD.findall(
        "a an and as at be by for from has in into is it its new of on or our so that the this to up we when "
        "with add allow build change create do enable implement improve introduce make provide remove set "
        "support update use work write"
    )
)
"""Words that make no two tasks alike."""


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text in a form to compare.

    Small letters, no plural, no version (`oauth2` is `oauth`), one word for those that mean the same.
    """
    return tuple(_plain(word) for word in _WORD.findall(text.casefold()))


def _plain(word: str) -> str:
    word = _VERSION.sub("", word)
    # Both sides of a comparison lose it, so it does no harm to words that are no plural.
    word = word[:-1] if len(word) > 3 and word.endswith("s") else word
    return _SAME.get(word, word)


def guess_type(title: str) -> tuple[str, str | None]:
    """Return the type that a title tells, and the word that tells it; feature and None by default."""
    types = {word: kind for kind, telling in TYPE_WORDS.items() for word in telling}
    for word in _WORD.findall(title):
        kind = types.get(_plain(word.casefold()))
        if kind is not None:
            return kind, word
    return "feature", None


class Traits(NamedTuple):
    """What tasks are compared by."""

    kind: str
    epic: str | None
    labels: frozenset[str]
    title: frozenset[str]
    asked: frozenset[str]
    """Every word of title, labels and type."""

    def marks(self) -> Iterator[tuple[str, ...]]:
        """Yield what a similar task has at least one of: the epic, a label, the type with a word of the title."""
        if self.epic is not None:
            yield "epic", self.epic
        for label in self.labels:
            yield "label", label
        for word in self.title:
            yield self.kind, "title", word


def traits(task: Mapping[str, Any]) -> Traits:
    """Return what a task is compared by."""
    kind = str(task.get("type") or "feature")
    labels = [label for label in task.get("labels") or [] if isinstance(label, str)]
    title = words(str(task.get("title") or ""))
    asked = {*title, *words(kind), *(word for label in labels for word in words(label))}
    return Traits(
        kind, task.get("epic_id"), frozenset(label.casefold() for label in labels),
        frozenset(title) - SAYS_NOTHING, frozenset(asked),
    )  # fmt: skip


class Skill(NamedTuple):
    """A skill of an agent that a task asks for."""

    name: str
    source: str
    """Whose it is: own, role, name or team."""


def skills(asked: Iterable[str], agent: Mapping[str, Any], team: Mapping[str, Any] | None) -> list[Skill]:
    """Return the skills of an agent, and of its team, that fit the words a task asks for."""
    left = set(asked)
    found: list[Skill] = []

    def take(name: str, source: str, needed: set[str]) -> bool:
        # A word that has counted already makes no second skill fit.
        fits = bool(needed) and needed <= set(asked) and not needed.isdisjoint(left)
        if fits:
            found.append(Skill(name, source))
            left.difference_update(needed)
        return fits

    own = _texts(agent.get("skills"))
    for name in own:
        take(name, "own", set(words(name)))
    role = agent.get("role")
    source, text = ("role", str(role)) if role else ("name", str(agent.get("id") or "") if not own else "")
    for word in words(text):
        if word not in SAYS_NOTHING and take(word if source == "name" else text, source, {word}):
            break
    for name in _texts((team or {}).get("skills")):
        take(name, "team", set(words(name)))
    return found


def skill_match(found: Iterable[Skill]) -> int | float:
    """Return the skill match of fitting skills: 1 each, 1/2 for those that only the team names."""
    return samples.tidy(sum(TEAM_SKILL if skill.source == "team" else 1 for skill in found))


def by_priority(task: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the key by which tasks are ordered: priority, age, id."""
    priority = task.get("priority")
    return (
        DEFAULT_PRIORITY if priority is None else priority,
        task.get("created_at") or "",
        len(str(task["id"])),
        str(task["id"]),
    )


class Done(NamedTuple):
    """A finished task to compare with."""

    task: Document
    traits: Traits


class Staff:
    """The agents of a project while work is given out: what each is good at, did and holds."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.agents = project.agents
        self.slots = {name: capacity.slots(agent) for name, agent in self.agents.items()}
        self.open = {name: one["used"] for name, one in capacity.load(self.agents, project.tasks).items()}
        self._before = dict(self.open)

    @cached_property
    def done(self) -> list[Done]:
        """The done tasks of the project, archived ones included."""
        reader, top = self.project.reader, ("projects", self.project.id)
        archived = (reader.load_all(*top, "archive", name) for name in reader.names(*top, "archive"))
        everything = [*archived, self.project.tasks]
        found = [task for tasks in everything for task in tasks.values() if task.get("column") == "done"]
        return [Done(task, traits(task)) for task in found]

    @cached_property
    def _alike(self) -> dict[tuple[str, ...], set[int]]:
        """The numbers of done tasks by what similar tasks share, so that no two tasks need comparing."""
        found: dict[tuple[str, ...], set[int]] = {}
        for number, one in enumerate(self.done):
            for mark in one.traits.marks():
                found.setdefault(mark, set()).add(number)
        return found

    def free(self, agent: str) -> int | float:
        """Return the free slots of an agent, never below 0."""
        return samples.tidy(max(0, self.slots[agent] - self.open[agent]))

    def is_full(self, agent: str) -> bool:
        """Say whether an agent has no whole slot left."""
        return bool(self.slots[agent] - self.open[agent] < 1)

    def held(self) -> list[Document]:
        """Return what each agent holds before and after the work was given out, by name."""
        return [
            {
                "agent": name,
                "team": agent["team"],
                "slots": self.slots[name],
                "open_before": self._before[name],
                "open_after": self.open[name],
            }
            for name, agent in sorted(self.agents.items())
        ]

    def similar(self, task: Mapping[str, Any]) -> list[Done]:
        """Return the done tasks similar to a task: those with most words in common first, then the newest."""
        wanted = traits(task)
        numbers = {number for mark in wanted.marks() for number in self._alike.get(mark, ())}
        found = [one for number in sorted(numbers) if (one := self.done[number]).task["id"] != task["id"]]
        found.sort(key=lambda one: str(one.task.get("completed_at") or ""), reverse=True)
        found.sort(key=lambda one: -len(_telling(wanted) & _telling(one.traits)))
        return found

    def rank(self, task: Mapping[str, Any], *, team: str | None = None) -> list[Document]:
        """Return the agents, of one team if it is named, as rows by score, then name."""
        asked = traits(task).asked
        count: dict[str, int] = {}
        for one in self.similar(task):
            who = one.task.get("assignee")
            if who:
                count[who] = count.get(who, 0) + 1
        rows = [
            self._row(name, asked, count.get(name, 0))
            for name, agent in self.agents.items()
            if team in (None, agent.get("team"))
        ]
        return sorted(rows, key=lambda row: (-row["score"], row["agent"]))

    def _row(self, name: str, asked: Iterable[str], similar: int) -> Document:
        agent = self.agents[name]
        fitting = skills(asked, agent, self.project.teams.get(agent["team"]))
        match, holds = skill_match(fitting), self.open[name]
        return {
            "agent": name,
            "team": agent["team"],
            "score": samples.tidy(SKILL_WEIGHT * match + similar - OPEN_WEIGHT * holds),
            "skill_match": match,
            "skills": [skill._asdict() for skill in fitting],
            "similar_done": similar,
            "open_tasks": holds,
            "slots": self.slots[name],
            "free": self.free(name),
            "full": self.is_full(name),
        }


def reason(row: Mapping[str, Any]) -> str:
    """Say in words what a row of `Staff.rank` is made of."""
    named = [
        skill["name"] + ("" if skill["source"] == "own" else f" ({skill['source']})")
        for skill in row["skills"]
    ]
    fits = f"fits: {', '.join(named)}" if named else "no skill fits"
    return f"{fits}; {row['similar_done']} similar done; {row['open_tasks']} open of {row['slots']}"


def _telling(found: Traits) -> frozenset[str]:
    return found.title | found.labels


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
