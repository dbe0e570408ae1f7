"""The store works whatever the user's git is set to, and leaves other repositories alone."""

import os
from pathlib import Path

import pytest
from storetools import assert_sound, contents, delete, git, read, save, subjects

from orchestration.store.repo import Store

HOOKS = (
    "pre-commit",
    "commit-msg",
    "post-commit",
    "reference-transaction",
    "post-checkout",
    "post-index-change",
)
SETTINGS = {
    "signing": "[commit]\n\tgpgsign = true\n[tag]\n\tgpgsign = true\n[gpg]\n\tprogram = false\n",
    "line ends": "[core]\n\tautocrlf = true\n\teol = crlf\n\tsafecrlf = true\n",
    "hooks": "[core]\n\thooksPath = {home}/hooks\n",
    "ignore all": "[core]\n\texcludesFile = {home}/ignored\n",
    "sha256": "[init]\n\tdefaultObjectFormat = sha256\n\tdefaultBranch = trunk\n",
    "nobody": "[user]\n\tuseConfigOnly = true\n",
    "many files": "[feature]\n\tmanyFiles = true\n[index]\n\tversion = 4\n\tskipHash = true\n",
    "split index": "[core]\n\tsplitIndex = true\n\tuntrackedCache = true\n[splitIndex]\n\tmaxPercentChange = 90\n",
    "odd core": "[core]\n\tfileMode = false\n\tignoreCase = true\n\tbare = true\n\tquotePath = false\n",
    "broken": "[core\n",
}


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A repository that is none of our business."""
    root = tmp_path / "other"
    root.mkdir()
    git(root, "init", "-q")
    (root / "main.py").write_text("print()\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "theirs")
    return root


def work(store: Store) -> None:
    """Create, change, delete, adopt, heal."""
    save(store, "first", {"text": "a\r\nb\n"})
    save(store, "second", {"count": 2})
    delete(store, "second")
    (store.root / "tools" / "first.yaml").write_text("count: 7\n")
    save(store, "first", {"count": 8})
    assert read(store, "first") == {"count": 8}
    assert store.snapshot().names("tools") == ["first"]


@pytest.mark.parametrize("kind", SETTINGS)
def test_global_settings_do_not_matter(fresh: Store, kind: str) -> None:
    home = Path(os.environ["HOME"])
    (home / "hooks").mkdir()
    for name in HOOKS:
        hook = home / "hooks" / name
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    (home / "ignored").write_text("*\n")
    (home / ".gitconfig").write_text(SETTINGS[kind].format(home=home))

    work(fresh)

    assert len(subjects_of(fresh)) == 6
    assert_sound_for_others(fresh)
    if kind != "broken":
        assert git(fresh.root, "status", "--porcelain") == ""
        git(fresh.root, "update-index", "--refresh")
        save(fresh, "third", {"count": 3})
        assert git(fresh.root, "status", "--porcelain") == ""


def subjects_of(store: Store) -> list[str]:
    return git(store.root, "log", "--format=%s", GIT_CONFIG_GLOBAL="/dev/null").splitlines()


def assert_sound_for_others(store: Store) -> None:
    """With settings of somebody else the store is clean as well."""
    assert git(store.root, "status", "--porcelain", GIT_CONFIG_GLOBAL="/dev/null") == ""
    assert git(store.root, "fsck", "--strict", "--no-dangling", GIT_CONFIG_GLOBAL="/dev/null") == ""


def test_a_clone_with_line_ends_of_windows_is_clean(store: Store, tmp_path: Path) -> None:
    (Path(os.environ["HOME"]) / ".gitconfig").write_text(SETTINGS["line ends"])
    git(tmp_path, "clone", "-q", str(store.root), "clone")

    work(Store(tmp_path / "clone"))

    assert_sound(tmp_path / "clone")


@pytest.mark.parametrize("again", [False, True])
def test_variables_that_name_another_repository(
    fresh: Store, other: Path, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    if again:
        save(fresh, "first", {"count": 1})
        git(fresh.root, "gc", "-q")
    before = contents(other)
    for name, value in {
        "GIT_DIR": other / ".git",
        "GIT_INDEX_FILE": other / ".git" / "index",
        "GIT_WORK_TREE": other,
        "GIT_OBJECT_DIRECTORY": other / ".git" / "objects",
        "GIT_AUTHOR_NAME": "Nobody",
        "GIT_COMMITTER_DATE": "2001-01-01T00:00:00Z",
        "GIT_DEFAULT_HASH": "sha256",
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(other)

    work(fresh)

    assert contents(other) == before
    assert "tool: first" in subjects(fresh.root)
    assert set(git(fresh.root, "log", "--format=%an %cd", "--date=format:%Y").splitlines()) == {"ada 2026"}
    assert_sound(fresh.root)


def test_a_store_inside_another_repository(other: Path) -> None:
    store = Store(other / "state")

    work(store)

    assert_sound(store.root)
    assert git(other, "status", "--porcelain") == "?? state/"
    assert subjects(other) == ["theirs"]


def test_git_works_on_the_store_as_on_any_repository(store: Store, tmp_path: Path) -> None:
    save(store, "first", {"count": 2})
    git(store.root, "tag", "-a", "-m", "x", "backup/one", "HEAD~1")
    git(store.root, "branch", "side")

    assert git(store.root, "log", "--format=%s", "--", "tools/first.yaml").splitlines() == ["tool: first"] * 2
    assert "count: 2" in git(store.root, "blame", "tools/first.yaml")
    assert "+count: 2" in git(store.root, "diff", "backup/one", "--", "tools").splitlines()
    git(tmp_path, "clone", "-q", "--bare", str(store.root), "remote.git")
    git(store.root, "push", "-q", str(tmp_path / "remote.git"), "--all")
    git(store.root, "revert", "--no-edit", "HEAD")
    assert read(store, "first") == {"count": 1}
    save(store, "first", {"count": 3})
    assert_sound(store.root)
