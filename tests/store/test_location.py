"""Which store and which project a folder means."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storetools import git

from orchestration import ids
from orchestration.errors import InvalidData, Refused
from orchestration.store import bindings, checkout, location
from orchestration.store.checkout import Checkout, Repository, find, remote_of
from orchestration.store.location import approve, default_root, named, resolve

NOWHERE = Checkout(None, None, None, None)


def repository(folder: Path, remote: str | None = None) -> Path:
    """A repository with one commit."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    if remote:
        git(folder, "remote", "add", "origin", remote)
    return folder


def of(folder: Path) -> Repository:
    found = find(folder).repository
    assert found is not None
    return found


def configure(folder: Path, text: str) -> Path:
    """Write the orchestration settings of a checkout."""
    config = folder / ".claude" / "orchestration.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(text)
    return config


# -- which store


def test_precedence(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "app"
    configure(folder, "store: state\n")
    inside = find(folder)
    approve(folder / "state", home)

    def place(explicit: str | None, environment: str | None, where: Checkout = inside) -> Path:
        return resolve(explicit=explicit, environment=environment, checkout=where, home=home)

    assert place("/a", "/b") == Path("/a")
    assert place(None, "/b") == Path("/b")
    assert place("", "/b") == Path("/b")
    assert place(None, None) == folder / "state"
    assert place(None, "") == folder / "state"


def test_the_default_place() -> None:
    assert default_root(Path("/home/ada")) == Path("/home/ada/.claude/state")


def test_nobody_names_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(location, "default_root", default_root)

    assert (
        resolve(explicit=None, environment=None, checkout=NOWHERE, home=tmp_path)
        == tmp_path / ".claude/state"
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [("~/s", "home/s"), ("./s", "work/s"), ("s/../t", "work/t"), ("~x", "work/~x")],
)
def test_what_a_text_stands_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, place: str
) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    found = resolve(explicit=text, environment=None, checkout=NOWHERE, home=tmp_path / "home")

    assert found == tmp_path / place


@pytest.mark.parametrize(
    ("text", "place"),
    [("../state", "state"), ("state", "app/state"), ("~/s", "home/s"), ("/elsewhere", "/elsewhere")],
)
def test_a_checkout_names_a_store_from_its_top(tmp_path: Path, text: str, place: str) -> None:
    configure(tmp_path / "app", f"store: {text}\n")
    below = tmp_path / "app" / "src" / "deep"
    below.mkdir(parents=True)

    assert named(find(below), tmp_path / "home") == tmp_path / place


def test_a_store_that_a_checkout_names_needs_one_approval(tmp_path: Path) -> None:
    home = tmp_path / "home"
    config = configure(tmp_path / "app", "store: ../state\n")
    inside = find(tmp_path / "app")

    with pytest.raises(Refused) as caught:
        resolve(explicit=None, environment=None, checkout=inside, home=home)
    place = tmp_path / "state"
    assert caught.value.message == (
        f"{config} asks for the store {place}, which was never approved on this machine"
    )
    assert caught.value.hint == f"if you trust it, run `orchestration approve {place}`"
    assert not home.exists()

    approve(tmp_path / "other", home)
    approve(place, home)

    for _ in range(2):
        assert resolve(explicit=None, environment=None, checkout=inside, home=home) == place
    assert [path.name for path in home.rglob("*") if path.is_file()] == ["approved-stores.json"]
    with pytest.raises(Refused):
        resolve(explicit=None, environment=None, checkout=inside, home=tmp_path / "another home")


@pytest.mark.parametrize("text", ["", "{", "{}", "null", "3"])
def test_a_damaged_list_of_approvals_approves_nothing(tmp_path: Path, text: str) -> None:
    configure(tmp_path / "app", "store: ../state\n")
    approve(tmp_path / "state", tmp_path)
    (file,) = (tmp_path / ".config").rglob("*.json")
    file.write_text(text)

    with pytest.raises(Refused):
        resolve(explicit=None, environment=None, checkout=find(tmp_path / "app"), home=tmp_path)
    approve(tmp_path / "state", tmp_path)
    assert resolve(explicit=None, environment=None, checkout=find(tmp_path / "app"), home=tmp_path)


# -- which checkout


def test_a_folder_that_says_nothing(tmp_path: Path) -> None:
    assert find(tmp_path) == NOWHERE


def test_settings_of_a_checkout(tmp_path: Path) -> None:
    app = repository(tmp_path / "app")
    config = configure(app, "project: shop\nstore: ../s\nother: 1\n")

    assert find(app) == Checkout(Repository("app", str(app / ".git")), "shop", "../s", config)


def test_the_nearest_settings_count_and_none_beyond_the_repository(tmp_path: Path) -> None:
    configure(tmp_path, "project: outer\n")
    app = repository(tmp_path / "app")
    (app / "part").mkdir()
    assert find(app / "part").project is None

    configure(app, "project: whole\n")
    assert find(app / "part").project == "whole"
    configure(app / "part", "project: part\n")
    assert find(app / "part").project == "part"


@pytest.mark.parametrize("text", ["project: 1\n", "store: [a]\n", "- a\n", "a: [\n", "project:\n"])
def test_settings_that_do_not_parse(tmp_path: Path, text: str) -> None:
    configure(tmp_path, text)

    with pytest.raises(InvalidData, match="orchestration.yaml"):
        find(tmp_path)


def test_empty_settings(tmp_path: Path) -> None:
    config = configure(tmp_path, "# nothing yet\n")

    assert find(tmp_path) == Checkout(None, None, None, config)


# -- which repository


def test_worktrees_are_their_main_checkout(tmp_path: Path) -> None:
    app = repository(tmp_path / "app")
    git(app, "worktree", "add", "-q", "../elsewhere/feature")

    assert of(tmp_path / "elsewhere" / "feature") == of(app) == Repository("app", str(app / ".git"))


def test_a_worktree_of_a_bare_repository(tmp_path: Path) -> None:
    app = repository(tmp_path / "app")
    git(tmp_path, "clone", "-q", "--bare", "app", "shop.git")
    git(tmp_path / "shop.git", "worktree", "add", "-q", str(tmp_path / "tree"))

    assert of(tmp_path / "tree") == Repository("shop", str(tmp_path / "shop.git"))
    assert app.exists()


def test_a_submodule_is_a_repository_of_its_own(tmp_path: Path) -> None:
    repository(tmp_path / "library")
    app = repository(tmp_path / "app")
    git(app, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../library", "vendor/lib")

    found = of(app / "vendor" / "lib")

    assert found == Repository("lib", str(app / ".git" / "modules" / "vendor" / "lib"))


def test_a_repository_whose_git_folder_is_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    git(tmp_path / "app", "init", "-q", "--separate-git-dir", str(tmp_path / "store.git"))

    assert of(tmp_path / "app") == Repository("app", str(tmp_path / "store.git"))


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("my app!", "my-app"),
        ("app.git", "app"),
        ("-x-", "x"),
        ("日本", "project"),
        ("日本-shop", "shop"),
        ("a..b", "a--b"),
        ("main.lock", "main-lock"),
        ("current", "project-current"),
        ("ALL", "project-ALL"),
        ("x" * 63 + ".y", "x" * 63),
        ("x" * 200, "x" * 64),
    ],
)
def test_odd_folder_names_give_ids(tmp_path: Path, folder: str, name: str) -> None:
    (tmp_path / folder / ".git").mkdir(parents=True)

    assert of(tmp_path / folder).name == name


@given(st.text(max_size=100))
def test_every_folder_name_gives_an_id(folder: str) -> None:
    assert ids.problem(checkout.project_name(folder)) is None


def test_a_git_file_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / ".git").write_bytes(b"gitdir: ../gone\n")

    assert of(tmp_path / "app") == Repository("app", str(tmp_path / "gone"))


# -- remotes


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/team/app.git", "https://example.org/team/app"),
        ("https://example.org/team/app/", "https://example.org/team/app"),
        ("https://ada:secret@example.org/app", "https://example.org/app"),
        ("https://secret@example.org/app", "https://example.org/app"),
        ("https://ada:p@ss@example.org/app", "https://example.org/app"),
        ("HTTPS://ada:secret@example.org/app", "HTTPS://example.org/app"),
        ("ssh://git@example.org:22/app", "ssh://example.org:22/app"),
        ("git@example.org:team/app.git", "git@example.org:team/app"),
        ("../app", "../app"),
    ],
)
def test_remotes_without_credentials(tmp_path: Path, url: str, kept: str) -> None:
    app = repository(tmp_path / "app", url)
    git(app, "remote", "add", "upstream", "https://example.org/upstream")

    assert remote_of(of(app)) == kept


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        '[remote "origin"]\n',
        '[remote "other"]\n\turl = x\n',
        '[remote "origin"]\nurl =\n',
        "[[[\n=\n",
    ],
)
def test_no_remote(tmp_path: Path, text: str | None) -> None:
    (tmp_path / ".git").mkdir()
    if text is not None:
        (tmp_path / ".git" / "config").write_text(text)

    assert remote_of(of(tmp_path)) is None


# -- whose name it is


def test_two_repositories_of_one_name_do_not_share_it(tmp_path: Path) -> None:
    mine, other = of(repository(tmp_path / "mine" / "api")), of(repository(tmp_path / "other" / "api"))
    assert mine.name == other.name == "api"
    assert not bindings.check(tmp_path, "api", mine)

    bindings.bind(tmp_path, "api", mine)

    assert bindings.check(tmp_path, "api", mine)
    with pytest.raises(Refused) as caught:
        bindings.check(tmp_path, "api", other)
    assert caught.value.message == (
        f"project 'api' belongs to the repository {mine.common_dir}, not to {other.common_dir}"
    )
    assert caught.value.hint is not None
    assert "orchestration init --project NAME" in caught.value.hint
    assert not bindings.check(tmp_path, "api-2", other)


def test_worktrees_and_clones_share_a_name(tmp_path: Path) -> None:
    app = repository(tmp_path / "app", "https://ada:secret@example.org/app.git")
    git(app, "worktree", "add", "-q", "../tree")
    bindings.bind(tmp_path, "app", of(app))

    clone = repository(tmp_path / "clone" / "app", "https://grace@example.org/app")
    stranger = repository(tmp_path / "stranger" / "app", "https://example.org/other")

    assert bindings.check(tmp_path, "app", of(tmp_path / "tree"))
    assert bindings.check(tmp_path, "app", of(clone))
    with pytest.raises(Refused):
        bindings.check(tmp_path, "app", of(stranger))
    assert "secret" not in (tmp_path / "bindings").read_text()


def test_bindings_add_up(tmp_path: Path) -> None:
    one, two = of(repository(tmp_path / "one")), of(repository(tmp_path / "two"))
    bindings.bind(tmp_path, "one", one)
    bindings.bind(tmp_path, "two", two)

    assert bindings.check(tmp_path, "one", one)
    assert bindings.check(tmp_path, "two", two)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["bindings"]


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_damaged_bindings_bind_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "bindings").write_text(text)
    app = of(repository(tmp_path / "app"))

    assert not bindings.check(tmp_path, "app", app)
    bindings.bind(tmp_path, "app", app)
    assert bindings.check(tmp_path, "app", app)
