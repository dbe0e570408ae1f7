"""A git server on loopback that counts what goes over the wire, and that not everybody reaches always.

It speaks git's own protocol (`git://`) and lets `git upload-pack` and `git receive-pack` do the work. The
first part of the path names who asks.
"""

import contextlib
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks._timing import BenchmarkError

_SERVICES = ("git-upload-pack", "git-receive-pack")
_PIECE = 65536


class Wire:
    """The server of one repository."""

    def __init__(self, repository: Path, env: dict[str, str]) -> None:
        self.bytes: dict[str, int] = {}
        """What went over the wire, both ways, by who asked."""
        self.away: set[str] = set()
        """Who cannot reach it."""
        self._repository = repository
        self._env = env
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)

    def url(self, name: str) -> str:
        """Return the URL for who is called `name`."""
        return f"git://127.0.0.1:{self._socket.getsockname()[1]}/{name}"

    def serve(self) -> None:
        """Answer until it is closed."""
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Take no connections any more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            request = _read(connection, int(_read(connection, 4), 16) - 4)
            command, _, rest = request.partition(b"\0")
            service, _, path = command.decode().partition(" /")
            name = path.split("/")[0]
            if service not in _SERVICES or name in self.away:
                return
            versions = [part.decode() for part in rest.split(b"\0") if part.startswith(b"version=")]
            process = subprocess.Popen(
                [service, str(self._repository)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                stderr=subprocess.DEVNULL, env={**self._env, "GIT_PROTOCOL": ":".join(versions)},
            )  # fmt: skip
            listener = threading.Thread(target=self._listen, args=(connection, process, name))
            listener.start()
            assert process.stdout is not None
            with process.stdout as said:
                while data := said.read(_PIECE):
                    self._count(name, data)
                    try:
                        connection.sendall(data)
                    except OSError:
                        break  # who asked is gone
            with contextlib.suppress(OSError):  # gone already
                connection.shutdown(socket.SHUT_RDWR)
            listener.join()
            process.wait()

    def _listen(self, connection: socket.socket, process: "subprocess.Popen[bytes]", name: str) -> None:
        assert process.stdin is not None
        try:
            with process.stdin as heard:
                while data := connection.recv(_PIECE):
                    self._count(name, data)
                    heard.write(data)
        except OSError:
            return  # either side is gone

    def _count(self, name: str, data: bytes) -> None:
        self.bytes[name] = self.bytes.get(name, 0) + len(data)


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise BenchmarkError("a request was cut off")
        data += more
    return data


@contextmanager
def running(repository: Path) -> Iterator[Wire]:
    """Serve a repository for a while."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    wire = Wire(repository, env)
    thread = threading.Thread(target=wire.serve, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.close()
        thread.join()
