"""The report of a sprint: what it tells, that it is one file, and that it obeys nobody's title."""

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

HOSTILE = "<script>alert(1)</script> [/api] \x1b[31m \u202eסוד & \"q\" '</style>' 日本語"
VOID = {"meta"}


class Page(HTMLParser):
    """The elements of a page, and whether each is closed where it belongs."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.words, self.attributes = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def work(run, sprint, clock):
    """A sprint with something of everything."""
    in_project = ("--project", "myapp")
    run(
        "update-sprint",
        "myapp",
        sprint,
        "--data",
        '{"goals": ["Log in works", {"text": "No bugs", "done": true}]}',
    )
    run("task", "add", HOSTILE, "--sprint", sprint, "--points", "2", "--assignee", "ana", *in_project)
    clock.forward(days=1)
    run("update-task", "TASK-1", "in_progress", *in_project)
    run("task", "block", "TASK-3", HOSTILE, *in_project)
    clock.forward(hours=5)
    run("update-task", "TASK-1", "done", *in_project)
    return sprint


def report(run, tmp_path, name, *words):
    result = run("orchestration", "report", "-o", str(tmp_path / name), "--project", "myapp", *words)
    assert result.exit_code == 0, result.stderr
    return (tmp_path / name).read_text()


@pytest.mark.usefixtures("work")
def test_the_figures_are_those_of_the_metrics(run):
    found = run("orchestration", "report", "--project", "myapp", "--json-output").json

    assert found["figures"]["points"] == {"committed": 8, "completed": 5, "remaining": 5, "total": 10}
    assert [one["id"] for one in found["finished"]] == ["TASK-1"]
    assert found["finished"][0]["cycle_hours"] == pytest.approx(5, abs=0.01)
    assert [(one["task"], one["resolved_at"]) for one in found["blockers"]] == [("TASK-3", None)]
    assert [(one["task"], one["points"]) for one in found["burndown"]["scope_changes"]] == [("TASK-3", 2)]
    assert (found["burndown"]["rows"][0]["x"], found["burndown"]["rows"][-1]["x"]) == (0, 1)
    assert [one["op"] for one in found["changes"]["events"]][:3] == [
        "task_moved",
        "task_blocked",
        "task_moved",
    ]
    assert found["sprint"]["goals"][1] == {"number": 2, "text": "No bugs", "done": True}


@pytest.mark.usefixtures("work")
def test_the_page_is_one_file_that_loads_and_runs_nothing(run, tmp_path):
    text = report(run, tmp_path, "r.html")
    page = Page(text)

    assert {"script", "link", "img", "iframe", "object", "a", "form"} & set(page.seen) == set()
    assert {
        name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href", "style")
    } == set()
    assert "://" not in text and "url(" not in text and "@import" not in text
    assert "default-src 'none'" in text


@pytest.mark.usefixtures("work")
def test_a_title_is_text_on_the_page(run, tmp_path):
    text = report(run, tmp_path, "r.html")

    assert "&lt;script&gt;alert(1)&lt;/script&gt; [/api]" in text
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text) is None
    assert "<script>alert(1)</script> [/api]" in "".join(Page(text).words)


@pytest.mark.usefixtures("work")
def test_the_page_can_be_read_without_seeing_it(run, tmp_path):
    page = Page(report(run, tmp_path, "r.html"))
    attributes = [value for name, value in page.attributes if name in ("scope", "role", "lang")]

    assert page.seen.count("h1") == 1
    assert page.seen.count("caption") == page.seen.count("table") > 3
    assert {"col", "row", "img", "en"} <= set(attributes)
    assert page.seen.count("desc") == page.seen.count("svg") == 3


@pytest.mark.usefixtures("work")
def test_the_picture_is_svg_that_loads_nothing(run, tmp_path):
    text = report(run, tmp_path, "r.svg")
    root = ElementTree.fromstring(text)

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert text.count("://") == 1  # the name of the format
    assert "var(" not in text and "href" not in text and "<script" not in text
    assert "5 of 10" in "".join(root.itertext())


@pytest.mark.usefixtures("work")
def test_the_markdown_says_the_same(run, tmp_path):
    text = report(run, tmp_path, "r.md")

    assert "| Points done | **5 of 10** | 50 % |" in text
    assert "- [x] No bugs" in text
    assert "<" not in text
    assert run("orchestration", "report", "--project", "myapp").stdout.startswith("# First sprint\n")


@pytest.mark.parametrize("name", ["r.html", "r.md", "r.svg"])
@pytest.mark.usefixtures("session")
def test_a_sprint_in_which_nothing_is_says_so(run, tmp_path, name):
    run("create-sprint", "myapp", "s2", "Empty")

    text = report(run, tmp_path, name, "s2")

    assert "This sprint has no tasks." in text
    assert "There is no burndown yet: needs a started sprint" in text


def test_a_finished_sprint_and_one_of_the_past(run, work, clock, tmp_path):
    then = clock.now.isoformat()
    clock.forward(days=3)
    run("complete-sprint", "myapp", work, "--carry-to", "backlog")

    done = run("orchestration", "report", work, "--project", "myapp", "--json-output").json
    before = run("orchestration", "report", work, "--project", "myapp", "--at", then, "--json-output").json

    assert (done["sprint"]["status"], before["sprint"]["status"]) == ("completed", "active")
    assert [one["op"] for one in done["changes"]["events"]][0] == "sprint_completed"
    assert "Predictability" in report(run, tmp_path, "r.html", work)


@pytest.mark.usefixtures("work")
def test_the_same_state_gives_the_same_page(run, tmp_path):
    then = run("orchestration", "report", "--project", "myapp", "--json-output").json["at"]

    first = report(run, tmp_path, "a.html", "--at", then)

    assert report(run, tmp_path, "b.html", "--at", then) == first


@pytest.mark.usefixtures("session")
def test_what_cannot_be_reported(run, fails):
    fails(1, "orchestration", "report", "--project", "nope", "-o", "r.html")
    run("task", "add", "Mine", "--project", "myapp")
    assert fails(1, "orchestration", "report", "--project", "myapp").startswith(
        "project 'myapp' has no current sprint"
    )
    fails(2, "orchestration", "report", "--project", "myapp", "-o", "r.pdf")
    assert not Path("r.pdf").exists()
