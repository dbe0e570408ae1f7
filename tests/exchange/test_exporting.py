"""Tasks as CSV, JSON and Markdown: the columns, and titles that would like to be something else."""

import csv
import io
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from orchestration.domain.markdown import inline
from orchestration.exchange import exports

HOSTILE = (
    "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1+1", " =1+1", "\t=1", "<script>alert(1)</script>",  # noqa: RUF001
    "[/api]", 'a "quoted", title', "two\nlines", "\x1b[31mred", "日本語 🚀", "a | b",
)  # fmt: skip


def task(title, **more):
    blank = {"id": "TASK-1", "title": title, "column": "todo", "created_at": "2026-01-05T09:00:00Z"}
    return exports.document("shop", [blank | more], sprint_id=None, at="2026-01-05T09:00:00Z")


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_columns_are_stable():
    text = exports.written(task("x", points=2.5, labels=["a", "b"], depends_on=["T-2"]), "csv")

    assert text == snapshot("""\
id,title,type,status,column,priority,points,assignee,team,epic_id,sprint_id,parent,depends_on,labels,blocked_by,created_at,committed_at,started_at,completed_at,source_system,source_id,description
TASK-1,x,feature,todo,todo,3,2.5,,,,,,T-2,"a, b",,2026-01-05T09:00:00Z,,,,,,
""")


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_is_text_in_a_spreadsheet(title):
    (row,) = rows(exports.written(task(title), "csv"))

    assert row["title"].lstrip()[:1] not in exports._FORMULA
    assert row["title"].removeprefix("'") == title.replace("\x1b", "\N{REPLACEMENT CHARACTER}")


def test_only_what_looks_like_a_formula_gets_an_apostrophe():
    cells = {title: rows(exports.written(task(title), "csv"))[0]["title"] for title in HOSTILE}

    assert [title for title, cell in cells.items() if cell.startswith("'")] == list(HOSTILE[:7])


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_is_one_cell_of_a_markdown_table(title):
    line = exports.written(task(title), "md").splitlines()[-1]

    assert "<" not in line
    assert line.replace("\\|", "").count("|") == len(exports._SHORT) + 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>&[x](y)", "&lt;b&gt;&amp;\\[x\\]\\(y\\)"),
        ("see https://x.y", "see https&#58;//x.y"),
        ("www.x.y @ada", "www&#46;x.y &#64;ada"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("4.5 points", "4.5 points"),
        ("===", "==\\="),
        ("a\n\n# b", "a \\# b"),
    ],
)
def test_nothing_is_markup(text, shown):
    assert inline(text) == shown


def test_a_whole_project_and_one_sprint(run, sprint):
    run("task", "add", "Later", "--project", "myapp")

    every = run("orchestration", "export", "csv", "--project", "myapp").stdout
    mine = run("orchestration", "export", "csv", "--project", "myapp", "--sprint", sprint).stdout

    assert [row["id"] for row in rows(every)] == ["TASK-1", "TASK-2", "TASK-3"]
    assert [row["id"] for row in rows(mine)] == ["TASK-1", "TASK-2"]
    assert run("orchestration", "export", "md", "--project", "myapp", "--sprint", sprint).stdout == snapshot("""\
# Sprint sprint-1

2 tasks, 0 of 8 points done.

| Id | Title | Status | Priority | Points | Assignee | Labels |
| --- | --- | --- | ---: | ---: | --- | --- |
| TASK-1 | Log in | todo | 3 | 5 |  |  |
| TASK-2 | Log out | todo | 3 | 3 |  |  |
""")


@pytest.mark.usefixtures("session")
def test_a_sprint_without_tasks_says_so(run):
    run("create-sprint", "myapp", "s2", "Empty")

    assert (
        "There are no tasks."
        in run("orchestration", "export", "md", "--project", "myapp", "--sprint", "s2").stdout
    )


@pytest.mark.parametrize("form", exports.FORMATS)
@pytest.mark.usefixtures("sprint")
def test_sprint_export_prints_the_path_of_a_file(run, form):
    path = run("orchestration", "sprint-export", form, "--project", "myapp").value

    assert Path(path).name == f"myapp-sprint-1.{form}"
    assert "TASK-2" in Path(path).read_text()


@pytest.mark.usefixtures("sprint")
def test_an_export_of_the_past(run, clock):
    then = clock.now.isoformat()
    clock.forward(hours=1)
    run("task", "add", "Later", "--project", "myapp")

    found = run("orchestration", "export", "json", "--project", "myapp", "--at", then).json

    assert [one["id"] for one in found["tasks"]] == ["TASK-1", "TASK-2"]


@pytest.mark.usefixtures("sprint")
def test_what_cannot_be_exported(fails, tmp_path):
    assert fails(1, "orchestration", "export", "csv", "--project", "nope").startswith("no project 'nope'")
    assert fails(1, "orchestration", "sprint-export", "csv", "s9", "--project", "myapp").startswith(
        "no sprint 's9'"
    )
    fails(2, "orchestration", "export", "xml", "--project", "myapp")
    fails(2, "orchestration", "export", "csv", "--project", "myapp", "-o", str(tmp_path))
