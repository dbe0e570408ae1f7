"""Getting into real servers, and not: keys, agents, passwords, and what a person has configured."""

import subprocess
import sys
from pathlib import Path

import pytest
import servers
from synctools import Machine, git

from orchestration.sync import remotes
from orchestration.sync.refusals import Unreachable

TASK = ("projects", "shop", "tasks", "TASK-1")
AT_ONCE = 15.0
"""Seconds in which a refusal has come, on a busy machine: nobody was asked for anything."""


@pytest.fixture
def anna(tmp_path):
    """A machine with a store that nobody shares yet."""
    machine = Machine(tmp_path / "anna", "", "anna")
    machine.save(TASK, {"title": "Log in"})
    return machine


def shared_at(machine: Machine, url: str) -> None:
    remotes.add(machine.store, "origin", url)


def refused(machine: Machine, bare: Path) -> tuple[str, str]:
    """Sync as a person would, and return the two lines that say why that failed."""
    before = machine.tip, machine.store.refs.below("refs/")
    words = ["state_manager", "sync", "--yes", "--store", str(machine.store.root)]
    done = subprocess.run(
        [sys.executable, "-m", "orchestration", *words], capture_output=True, text=True, timeout=AT_ONCE
    )
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert (machine.tip, machine.store.refs.below("refs/")) == before
    assert git("for-each-ref", at=bare) == ""
    error, hint = done.stderr.splitlines()
    return error.removeprefix("Error: "), hint.removeprefix("Hint: ")


# -- ssh


@pytest.fixture
def agent(tmp_path, monkeypatch):
    """An ssh agent without keys."""
    place = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(place)], stdout=subprocess.DEVNULL)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(place))
    while not place.exists():
        assert process.poll() is None
    yield process
    process.terminate()
    process.wait()


def use(server: servers.Server, tmp_path: Path, *lines: str) -> None:
    """Let `ssh` use other settings from now on."""
    servers.ssh_program(tmp_path / "bin", servers.ssh_settings(server, *lines))


@pytest.mark.usefixtures("agent")
def test_a_key_that_only_the_agent_has_gets_in(anna, ssh, bare, tmp_path):
    use(ssh, tmp_path, "IdentityFile none")
    shared_at(anna, ssh.url(bare))
    with pytest.raises(Unreachable):
        anna.sync()
    key = ssh.folder / "user"
    subprocess.run(["ssh-add", "-q", str(key)], check=True, capture_output=True)
    key.rename(tmp_path / "away")

    anna.sync()

    assert git("rev-parse", "main", at=bare) == anna.tip


def test_a_wrong_key_is_refused_in_one_line(anna, ssh, bare, tmp_path):
    use(ssh, tmp_path, *servers.with_key(ssh.folder / "wrong"))
    url = ssh.url(bare)
    shared_at(anna, url)

    error, hint = refused(anna, bare)

    user = url.removeprefix("ssh://").partition("@")[0]
    assert error == f"{url} cannot be reached: {user}@127.0.0.1: Permission denied (publickey)."
    assert hint == "load your key with `ssh-add`, then try again"


def test_a_server_that_is_not_known_is_refused_without_asking(anna, ssh, bare):
    (ssh.folder / "known_hosts").write_text("")
    shared_at(anna, ssh.url(bare))

    error, hint = refused(anna, bare)

    assert error.endswith(": Host key verification failed.")
    assert hint.startswith("connect once by hand with `ssh`")


def test_a_key_with_a_passphrase_is_refused_without_asking(anna, ssh, bare):
    words = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret words", "-f", str(ssh.folder / "user")]
    subprocess.run(words, check=True, capture_output=True)
    shared_at(anna, ssh.url(bare))

    assert "Permission denied (publickey)" in refused(anna, bare)[0]


@pytest.mark.parametrize("way", ["core.sshCommand", "GIT_SSH_COMMAND"])
def test_the_ssh_command_of_a_person_is_used(anna, ssh, bare, home, tmp_path, way, monkeypatch):
    own = servers.ssh_settings(ssh, *servers.with_key(ssh.folder / "user"))
    use(ssh, tmp_path, *servers.with_key(ssh.folder / "wrong"))  # so that plain `ssh` does not get in
    if way == "GIT_SSH_COMMAND":
        monkeypatch.setenv(way, f"{servers.SSH} -F {own}")
    else:
        servers.settings(home, f"{way}={servers.SSH} -F {own}")
    shared_at(anna, ssh.url(bare))

    anna.sync()

    assert git("rev-parse", "main", at=bare) == anna.tip


def test_a_repository_that_is_not_there_is_named_by_the_server(anna, ssh, bare):
    shared_at(anna, ssh.url(bare.parent / "nothing.git"))

    error, _ = refused(anna, bare)

    assert error.endswith(f": '{bare.parent}/nothing.git' does not appear to be a git repository")


# -- http


def test_without_credentials_it_is_refused_without_asking(anna, http, bare):
    shared_at(anna, http.url(bare))

    error, hint = refused(anna, bare)

    assert error == (
        f"{http.url(bare)} cannot be reached: "
        f"could not read Username for '{http.prefix}': terminal prompts disabled"
    )
    assert hint == "set up a credential helper for git, or use an ssh URL with an agent"


def test_wrong_credentials_are_refused_and_never_shown(anna, http, bare, home):
    servers.credentials(home, http, "gu3ss")
    shared_at(anna, http.url(bare))

    error, hint = refused(anna, bare)

    assert error == f"{http.url(bare)} cannot be reached: Authentication failed for '{http.url(bare)}/'"
    assert hint == "set up a credential helper for git, or use an ssh URL with an agent"


def test_a_password_in_a_url_works_and_is_not_shown(anna, http, bare):
    secret = http.prefix.replace("://", "://ann:s3cret@")
    shared_at(anna, f"{secret}{bare}")
    done = anna.sync()
    assert done["url"] == http.url(bare)
    remotes.remove(anna.store, "origin")

    wrong = Machine(anna.store.root.parent / "ben", "", "ben")
    wrong.save(TASK, {"title": "Log in"})
    shared_at(wrong, f"{secret.replace('s3cret', 'gu3ss')}{bare.parent}/other.git")
    with pytest.raises(Unreachable) as failed:
        wrong.sync()

    assert "gu3ss" not in failed.value.message
    assert "Authentication failed" in failed.value.message


def test_a_credential_helper_that_stays_does_not_keep_the_lock_of_syncs(anna, http, bare, home):
    """`git credential-cache` leaves a daemon behind, which inherits what is open."""
    servers.credentials(home, http)
    cache = ["git", "config", "--file", str(home / ".gitconfig"), "--add", "credential.helper"]
    subprocess.run([*cache, f"cache --socket {home}/cache/socket"], check=True)
    shared_at(anna, http.url(bare))
    try:
        anna.sync()
        assert (home / "cache" / "socket").exists()  # git told it the password
        anna.sync()
    finally:
        subprocess.run(["git", "credential-cache", "--socket", f"{home}/cache/socket", "exit"], check=True)

    assert git("rev-parse", "main", at=bare) == anna.tip


def test_a_server_with_an_unknown_certificate_is_refused(anna, bare, home, tmp_path):
    with servers.http(tmp_path / "httpd", tls=True) as server:
        servers.credentials(home, server)
        shared_at(anna, server.url(bare))

        error, _ = refused(anna, bare)

    assert "certificate" in error


def test_a_server_that_only_lets_read_says_so(anna, http, bare, home):
    servers.credentials(home, http)
    git("config", "http.receivepack", "false", at=bare)
    shared_at(anna, http.url(bare))

    error, hint = refused(anna, bare)

    assert error == f"{http.url(bare)} does not take the push: The requested URL returned error: 403"
    assert hint.startswith("the changes are safe here; ask who runs the server")
