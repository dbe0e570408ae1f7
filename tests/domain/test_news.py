from orchestration.domain import news
from orchestration.store.queries import Event


def event(
    number: int, op: str | None, *, by: str = "grace", task: str | None = None, session: str | None = None
) -> Event:
    return Event(
        str(number), "2026-01-05T09:00:00Z", by, op, session, "p", task, None, None, None, f"{number}", ()
    )


def sort(*events: Event, files: dict[str, list[str]] | None = None) -> news.News:
    return news.sort(events, session="me", mine={"TASK-1"}, files=lambda oid: (files or {}).get(oid, []))


def test_each_event_is_in_one_list() -> None:
    blocked = event(1, "task_blocked", task="TASK-1")
    other = event(2, "task_blocked", task="TASK-2")
    asked, received = event(3, "team_handoff_requested"), event(4, "handoff_received", session="me")
    found = sort(
        blocked, other, asked, received, event(5, "task_moved", task="TASK-2"), event(6, None, by="ada")
    )

    assert found == news.News([blocked], [asked, received], [other], {"grace": 1, "ada": 1})


def test_what_another_session_received_is_no_handoff_to_me() -> None:
    assert sort(event(1, "handoff_received", session="you")).others == {"grace": 1}


def test_signs_of_life_are_no_news() -> None:
    assert not sort(*(event(number, op) for number, op in enumerate(news.QUIET)))


def test_a_commit_without_a_task_is_about_those_whose_files_it_touched() -> None:
    files = {
        "1": ["projects/p/tasks/TASK-1.yaml", "projects/p/config.yaml"],
        "2": ["projects/p/archive/sprint-1/TASK-1.yaml"],
        "3": ["projects/p/tasks/TASK-11.yaml"],
        "4": ["projects/p/epics/TASK-1.yaml"],
    }
    events = [event(number, "state_set") for number in range(1, 5)]

    found = sort(*events, files=files)

    assert [one.oid for one in found.mine] == ["1", "2"]
    assert found.others == {"grace": 2}
