"""Which sprint somebody means: by its id, or the one that comes next."""

from orchestration.domain import values
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound


def named(project: Project, sprint_id: str) -> Document:
    """Return a sprint by its id; NotFound with the nearest ids when there is none."""
    found = project.sprints.get(sprint_id)
    if found is None:
        near = values.nearest(sprint_id, project.sprints)
        known = ", ".join(project.sprints) or "none yet"
        hint = f"did you mean {' or '.join(near)}?" if near else f"its sprints: {known}"
        raise NotFound(f"no sprint {sprint_id!r} in project {project.id!r}", hint=hint)
    return found


def planned(project: Project) -> list[Document]:
    """Return the planned sprints, the one that comes next first: by start date, then age."""
    found = [one for one in project.sprints.values() if one["status"] == "planned"]
    return sorted(
        found, key=lambda one: (one.get("start_date") or "9", one.get("created_at") or "", one["id"])
    )
