"""The files that an installation consists of, by their path below the project's folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from orchestration.claude import command_files, permissions
from orchestration.claude.table import FAMILIES

SHIPPED = Path(__file__).parent / "shipped"
SCRIPTS = tuple(permissions.SCRIPTS)


class Flavour(NamedTuple):
    """How the files of one kind of installation start the program."""

    orchestration: str
    script: str
    """How a script is started; `{}` stands for its name."""
    scripts: bool = False
    """Whether scripts are part of it."""

    @property
    def calls(self) -> dict[str, str]:
        """How each script, and the umbrella command, is started."""
        return {name: self.script.format(name) for name in SCRIPTS} | {"orchestration": self.orchestration}


PROJECT = Flavour("orchestration", "uv run .claude/scripts/{}.py", scripts=True)
OWN = Flavour("uv run orchestration", "uv run .claude/scripts/{}.py")
"""The checkout of this program itself: its scripts are there, and nothing needs to be installed."""
ANYWHERE = Flavour("orchestration", "orchestration {}")
"""For a user, and as a plugin: in whatever project."""


def files(flavour: Flavour, *, shadow: bool = True) -> dict[str, bytes]:
    """Return the files by path below `.claude`; those of `hooks` have to be executable."""
    found = dict(_copied(flavour))
    work = tuple(_call(flavour, words) for words in permissions.FOR_WORK)
    for name in command_files.names(shadow=shadow):
        text = command_files.text(name, FAMILIES[name], start=f"{flavour.orchestration} slash", calls=work)
        found[f"commands/{name}.md"] = text.encode()
    if flavour.scripts:
        start = (SHIPPED / "scripts" / "_start.py").read_text("utf-8")
        found |= {f"scripts/{name}.py": start.replace("{{script}}", name).encode() for name in SCRIPTS}
    return dict(sorted(found.items()))


def _copied(flavour: Flavour) -> Mapping[str, bytes]:
    how = (SHIPPED / "agents" / "_how.md").read_text("utf-8").strip()
    found = {}
    for folder in ("agents", "hooks", "output-styles", "skills"):
        for file in (SHIPPED / folder).rglob("*"):
            if not file.is_file() or file.name.startswith(("_", ".")):
                continue
            text = file.read_text("utf-8").replace("{{how}}", how).replace("{{name}}", file.stem)
            for name, call in flavour.calls.items():
                text = text.replace(f"{{{{{name}}}}}", call)
            found[file.relative_to(SHIPPED).as_posix()] = text.encode()
    return found


def _call(flavour: Flavour, words: str) -> str:
    script, _, command = words.partition(" ")
    return f"{flavour.calls[script]} {command}"
