"""The benchmarks run and print their table; what they measure is for a quiet machine to judge."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import _sshd, _table, _work, simulation, sync, views
from benchmarks.__main__ import verdict
from benchmarks._lab import Lab
from benchmarks._timing import BenchmarkError, Row, compared, interleaved
from orchestration.domain import figures
from orchestration.domain.project import Project
from orchestration.store.index import Index
from orchestration.store.repo import Store

ROOT = Path(__file__).parent.parent


def test_the_table_comes_out():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--only", "write"],
        cwd=ROOT, env=os.environ, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    first, blank, heading, rule, *rows = done.stdout.splitlines()
    assert first.endswith("medians of 5 pairs")
    assert blank == ""
    assert heading.split("|")[1].strip() == "what"
    assert set(rule) <= {"|", "-", " "}
    names = [row.split("|")[1].strip() for row in rows]
    assert names == [
        "write / git commit -qam, 100 sessions",
        "write / git commit -qam, 100 sessions, git's default durability",
        "fsyncs per write, durability full / git",
        "fsyncs per write, durability fast",
        "write, durability fast / pygit2 without index and files, 100 sessions",
        "write / git commit -qam, 1000 sessions",
    ]
    assert rows[3].split("|")[2].strip() == "0 fsyncs"


def test_variants_take_turns():
    turns = []

    def variant(name):
        turns.append(name)
        return float(len(turns))

    costs = interleaved({"a": lambda: variant("a"), "b": lambda: variant("b")}, 2)

    assert turns == ["a", "b"] * 5
    assert costs == {"a": [7.0, 9.0], "b": [8.0, 10.0]}


def test_the_ratio_is_the_median_over_the_pairs():
    row = compared("x", [1.0, 2.0, 9.0], [2.0, 2.0, 3.0], 0.9)

    assert row.measured == 1.0
    assert (row.ours, row.theirs) == (2000.0, 2000.0)
    assert row.missed


@pytest.mark.parametrize(
    ("row", "missed"),
    [
        (Row("no bar", 5.0), False),
        (Row("reached", 50.0, bar=60), False),
        (Row("above", 61.0, bar=60), True),
        (Row("lower bar", ratios=[0.7], bar=0.6, at_least=True), False),
        (Row("below", ratios=[0.5], bar=0.6, at_least=True), True),
        (Row("not measured", bar=3, note="needs pygit2"), False),
    ],
)
def test_a_bar_is_missed(row, missed):
    assert row.missed is missed


def test_a_row_that_could_not_be_measured_says_why():
    table = _table.text(
        [(Row("a", 1.25, 2.5, ratios=[0.4, 0.5, 0.6], bar=0.7), "ok"), (Row("b", note="needs pygit2"), "")]
    )

    assert table == (
        "| what | ours   | theirs | ratio | middle half  | bar    |              |\n"
        "| ---- | ------ | ------ | ----- | ------------ | ------ | ------------ |\n"
        "| a    | 1.2 ms | 2.5 ms | 0.50  | 0.45 to 0.55 | <= 0.7 | ok           |\n"
        "| b    |        |        |       |              |        | needs pygit2 |"
    )


@pytest.mark.parametrize(
    ("ours", "number", "expected"),
    [(1.0, 1, "ok"), (1.0, 2, "ok in run 2"), (3.0, 1, "missed"), (3.0, 3, "missed in 3 runs")],
)
def test_a_bar_is_measured_again_before_it_counts_as_missed(ours, number, expected):
    assert verdict(Row("x", ours, bar=2), number) == expected


def test_the_work_that_views_are_measured_on(tmp_path):
    root = tmp_path / "state"
    child = [sys.executable, "-m", "benchmarks._child", "work", f'["{root}", {views.COMMITS}]']
    subprocess.run(child, cwd=ROOT, check=True)

    git = ["git", "-C", str(root)]
    count = subprocess.run([*git, "rev-list", "--count", "HEAD"], capture_output=True, text=True, check=True)
    assert int(count.stdout) == views.COMMITS + 5  # those that make the store, its project and its sprints
    store = Store(root)
    tip = store.snapshot().tip
    assert tip is not None
    project = Project(store.snapshot(), _work.PROJECT, now=tip.at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert len(project.tasks) == _work.TASKS
    index = Index(store)
    index.catch_up(store.snapshot())
    sprint = project.sprints[_work.RUNNING]
    found = figures.figures(project, figures.lives(index, project, sprint), sprint)
    assert found["tasks"]["total"] == 500
    assert [row["completed"] for row in found["finished_sprints"]] == [362] * 4
    assert found["forecast"]["method"] == "monte_carlo"
    # what was kept of the first time makes no difference
    assert index.rows("SELECT kind, COUNT(*) > 0 FROM kept GROUP BY kind") == [("forecast", 1), ("life", 1)]
    assert figures.figures(project, figures.lives(index, project, sprint), sprint) == found
    for table in ("kept", "leaves"):
        index.keep(f"DELETE FROM {table} WHERE ?", [(1,)])
    assert figures.figures(project, figures.lives(index, project, sprint), sprint) == found


def test_without_npm_backlog_md_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(views, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(views.Missing, match="needs Backlog.md, which npm installs"):
        views.installed()


def test_machines_of_the_simulation_agree_and_what_they_sent_is_counted(tmp_path):
    lab = Lab(tmp_path, rounds=1, many=1, writes=1, batch=1, commits=1, operations=90)

    rows = simulation.simulation(lab)

    rounds, at_work, until_quiet, largest, pushes = rows
    assert rounds.name.startswith("3 machines, 90 operations: rounds until quiet (")
    assert 1 <= rounds.ours <= simulation.ROUNDS
    assert 1 <= pushes.ours <= 20
    assert (
        0.5
        < min(at_work.ours, until_quiet.ours)
        <= max(at_work.ours, until_quiet.ours)
        <= largest.ours
        < 1000
    )


@pytest.mark.skipif(_sshd.program() is None, reason="sshd is not installed")
def test_a_sync_over_ssh_is_measured_beside_git(tmp_path):
    lab = Lab(tmp_path, rounds=1, many=1, writes=1, batch=1, commits=1, operations=1)
    with _sshd.running(tmp_path) as (url, ssh):
        apart = sync.Pair(lab, sync.Case("apart", 3, 2), url, ssh)
        same = sync.Pair(lab, sync.Case("same", 3, 2, same=True), url, ssh)

        assert apart.ours() > apart.start()  # what it leaves is checked to be in sync
        assert apart.git() > 0
        assert same.ours() > 0
        with pytest.raises(BenchmarkError, match="CONFLICT|conflict|exited 1"):
            same.git()
