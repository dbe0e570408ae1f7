"""One session of ours lives through several of the client's: cleared, branched, resumed and forked."""

import pytest
from clientproject import Project
from clienttools import Client, waited


def sessions(project: Project) -> set[str]:
    """Return the sessions that there are besides the one of the project's beginnings."""
    paths = list(project.state.glob("sessions/*/*/session.yaml"))
    return {path.parent.name for path in paths if "host_session_id: null" not in path.read_text()}


@pytest.mark.usefixtures("tmux")
def test_clear_and_branch_keep_the_session(client: Client, project: Project) -> None:
    with client.screen(cwd=project.folder) as screen:
        screen.until("❯")
        screen.enter("/move TASK-123 in_progress")
        screen.until("todo -> in_progress")
        (session,) = sessions(project)
        screen.enter("good morning")
        screen.until("Understood.")
        screen.enter("/clear")
        waited(lambda: "Understood." not in screen.shown())
        screen.settled()
        screen.enter("/move TASK-123 review")
        screen.until("in_progress -> review")

        assert sessions(project) == {session}

        screen.enter("and now?")
        screen.until("Understood.")
        screen.enter("/branch")
        screen.settled(still=2)
        screen.enter("/move TASK-123 todo")
        screen.until("review -> todo")

        assert sessions(project) == {session}


def test_a_conversation_that_is_taken_up_again_has_its_session(client: Client, project: Project) -> None:
    with client.talk(cwd=project.folder) as talk:
        talk.say("/move TASK-123 in_progress")
        talk.say("good morning")
        host = talk.session
    (session,) = sessions(project)

    resumed = client.run("go on", cwd=project.folder, options=("--resume", host))
    assert f"- Session {session}, development, active until" in resumed.requests[-1].said

    forked = client.run("go on", cwd=project.folder, options=("--resume", host, "--fork-session"))
    assert forked.result["session_id"] != host
    assert f"- Session {session}, development, active until" in forked.requests[-1].said
    with client.talk(cwd=project.folder, options=("--resume", forked.result["session_id"])) as talk:
        talk.say("/move TASK-123 review")
    assert sessions(project) == {session}
