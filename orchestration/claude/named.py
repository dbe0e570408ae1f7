"""Names as people type them in the chat: tasks in any case, sprints with a #."""

from orchestration import ids
from orchestration.domain import values
from orchestration.domain.project import Project
from orchestration.errors import NotFound


def task(project: Project, given: str) -> str:
    """Return the id of the task meant, in any case; NotFound with the nearest ids."""
    name = given.removeprefix("#")
    if ids.problem(name) is None and project.task_key(name) is not None:
        return name
    known = project.task_ids()
    fitting = [one for one in known if one.casefold() == name.casefold()]
    if fitting:
        return fitting[0]
    near = project.joined_as(name) or (values.nearest(name.upper(), known) if len(name) <= 64 else [])
    shown = given if len(given) <= 60 else given[:57] + "..."
    raise NotFound(
        f"no task {shown!r} in project {project.id!r}",
        hint=f"did you mean {' or '.join(near)}?"
        if near
        else "`/task list` lists them, `/task add TITLE` adds one",
    )


def sprint(given: str | None) -> str | None:
    """Return the id of a sprint that may be written with a #."""
    return given.removeprefix("#") if given else None
