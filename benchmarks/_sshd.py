"""A real ssh server on loopback, with a configuration and keys of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks._timing import BenchmarkError, output

_NEEDED = Path("/run/sshd")
"""Where a server that root starts, and only that, gives up its privileges; the system's own makes it too."""
_PATIENCE = 10.0


def program() -> str | None:
    """Return the ssh server of this machine, None where there is none."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")


@contextmanager
def running(place: Path) -> Iterator[tuple[str, str]]:
    """Run a server with its files below `place`; yields the URL of its `/` and the ssh command that gets in."""
    found = program()
    if found is None:
        raise BenchmarkError("sshd is not installed")
    folder = Path(tempfile.mkdtemp(prefix="sshd-", dir=place))
    for key in ("host", "user"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
        output(words, dict(os.environ), folder)
    port = _free_port()
    public = (folder / "user.pub").read_text()
    (folder / "authorized_keys").write_text(public)
    host = " ".join((folder / "host.pub").read_text().split()[:2])
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host}\n")
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
    )
    if os.geteuid() == 0:
        _NEEDED.mkdir(exist_ok=True)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([found, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log)
        try:
            _wait(server, port, folder / "log")
            command = (
                f"ssh -F none -i {folder}/user -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes"
                f" -o UserKnownHostsFile={folder}/known_hosts"
            )
            yield f"ssh://127.0.0.1:{port}", command
        finally:
            server.terminate()
            server.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Return when the server takes connections."""
    until = time.monotonic() + _PATIENCE
    while True:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None or time.monotonic() > until:
            raise BenchmarkError(f"sshd did not start: {log.read_text('utf-8', 'replace')[-300:]}")
        time.sleep(0.02)
