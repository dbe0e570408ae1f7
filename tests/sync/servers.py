"""Real git servers on loopback, each with files of its own, and a line to them that can be bad.

A server listens at a port of its own; clients come through a `Line` in front of it, which counts their
connections and may be slow, fall silent, or be cut after some bytes.
"""

import base64
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

WAYS = ("up", "down")
SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")
SSH = shutil.which("ssh")
_PATIENCE = 10.0
_CHUNK = 16384


class Line:
    """What lies between clients and a server: forwards bytes both ways, as badly as it is told to."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self.reset()
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(
        self, *, cut: tuple[int, str, int] | None = None, stall: tuple[int, str, int] | None = None,
        delay: float = 0, rate: float = 0,
    ) -> None:  # fmt: skip
        """Begin anew: count from 0 and be as bad as said from now on.

        `cut` and `stall` are (connection, way, bytes): so many bytes of that connection pass that way, then
        the line is gone, or nothing passes any more either way, also on later connections. `delay` is in
        seconds for each piece, `rate` in bytes per second.
        """
        self.close_all()
        self.cut, self.stall, self.delay, self.rate = cut, stall, delay, rate
        self.passed: list[dict[str, int]] = []
        """The bytes of each connection, by way."""
        self.down = threading.Event()
        """Set when the line was cut or has fallen silent."""

    @property
    def connections(self) -> int:
        return len(self.passed)

    def close_all(self) -> None:
        for one in self._open:
            _close(one)
        self._open = []

    def close(self) -> None:
        _close(self._listener)
        self.close_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            number = len(self.passed)
            self.passed.append(dict.fromkeys(WAYS, 0))
            if self.down.is_set() and self.cut:
                _close(client)
                continue
            self._open.append(client)
            if self.down.is_set():
                continue  # taken, and nothing ever comes
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open.append(server)
            for way, one, other in (("up", client, server), ("down", server, client)):
                arguments = (number, self.passed[number], way, one, other)
                threading.Thread(target=self._forward, args=arguments, daemon=True).start()

    def _forward(
        self, number: int, passed: dict[str, int], way: str, one: socket.socket, other: socket.socket
    ) -> None:
        with suppress(OSError):
            while True:
                data = b"" if self._ends(number, way, passed[way]) else one.recv(_CHUNK)
                if not data:
                    break
                if self.delay or self.rate:
                    data = self._slow(data, other, passed, way)
                    continue
                end = self._end(number, way)
                part = data if end is None else data[: end - passed[way]]
                if self.down.is_set() and self.stall:
                    return
                other.sendall(part)
                passed[way] += len(part)
        if self.down.is_set() and self.stall:
            return
        if self.down.is_set():
            _close(one), _close(other)
        else:
            with suppress(OSError):
                other.shutdown(socket.SHUT_WR)

    def _slow(self, data: bytes, other: socket.socket, passed: dict[str, int], way: str) -> bytes:
        time.sleep(self.delay)
        step = max(1, int(self.rate / 20)) if self.rate else len(data)
        for begin in range(0, len(data), step):
            part = data[begin : begin + step]
            other.sendall(part)
            passed[way] += len(part)
            if self.rate:
                time.sleep(len(part) / self.rate)
        return data

    def _end(self, number: int, way: str) -> int | None:
        for bad in (self.cut, self.stall):
            if bad is not None and bad[:2] == (number, way):
                return bad[2]
        return None

    def _ends(self, number: int, way: str, passed: int) -> bool:
        end = self._end(number, way)
        if end is not None and passed >= end:
            self.down.set()
        return self.down.is_set()


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


class Server(NamedTuple):
    """A running server, how to name what is on it, and the line to it."""

    scheme: str
    prefix: str
    """A URL without the path."""
    line: Line
    folder: Path

    def url(self, place: Path) -> str:
        """Return the URL of a repository on it."""
        return f"{self.prefix}{place}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while not answers(port):
        said = log.read_text("utf-8", "replace")[-500:]
        assert process.poll() is None and time.monotonic() < until, f"the server did not start: {said}"
        time.sleep(0.02)


@contextmanager
def _program(words: list[str], port: int, folder: Path, scheme: str, prefix: str) -> Iterator[Server]:
    log = folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        _wait(process, port, log)
        line = Line(port)
        yield Server(scheme, prefix.format(port=line.port), line, folder)
        line.close()
    finally:
        process.terminate()
        process.wait()


# -- ssh


@contextmanager
def ssh(folder: Path) -> Iterator[Server]:
    """Run an ssh server that lets this user in with `folder/user`, and nobody else."""
    folder.mkdir(mode=0o700)
    for key in ("host", "user", "wrong"):
        new_key(folder / key)
    port = free_port()
    shutil.copy(folder / "user.pub", folder / "authorized_keys")
    (folder / "known_hosts").write_text("team " + (folder / "host.pub").read_text())
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nStrictModes no\nUsePAM no\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nAuthenticationMethods publickey\nMaxStartups 100\n"
        "PermitRootLogin prohibit-password\n"
    )
    if os.geteuid() == 0:  # where a server that root starts, and only that, gives up its privileges
        Path("/run/sshd").mkdir(exist_ok=True)
    assert SSHD is not None
    words = [SSHD, "-D", "-e", "-f", str(folder / "sshd_config")]
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    with _program(words, port, folder, "ssh", f"ssh://{user}@127.0.0.1:{{port}}") as server:
        yield server


def new_key(path: Path) -> None:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def ssh_settings(server: Server, *lines: str) -> Path:
    """Write the settings of a client that knows the server; `lines` say which key is its own."""
    path = server.folder / f"client-{len(list(server.folder.glob('client-*')))}"
    known = f"UserKnownHostsFile {server.folder}/known_hosts\nHostKeyAlias team\n"
    path.write_text(known + "".join(f"{line}\n" for line in lines))
    return path


def with_key(path: Path) -> tuple[str, str, str]:
    """Return the settings of a client that has a key in a file, and no agent."""
    return f"IdentityFile {path}", "IdentitiesOnly yes", "IdentityAgent none"


def ssh_program(folder: Path, settings: Path) -> Path:
    """Make a folder for the PATH in which `ssh` uses these settings instead of the ones in the real home."""
    folder.mkdir(exist_ok=True)
    program = folder / "ssh"
    program.write_text(f'#!/bin/sh\nexec {SSH} -F {settings} "$@"\n')
    program.chmod(0o755)
    return folder


# -- http


class _Handler(BaseHTTPRequestHandler):
    """Runs `git http-backend` for who gives the right user and password."""

    protocol_version = "HTTP/1.1"
    server: "_Http"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            self._answer(b"".join(parts))
        else:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _answer(self, body: bytes) -> None:
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        if given != self.server.credentials:
            self.server.refused += 1
            self._send(401, [("WWW-Authenticate", 'Basic realm="team"')], b"")
            return
        place, _, query = self.path.partition("?")
        variables = {
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": self.request_version,
            "REQUEST_METHOD": self.command,
            "PATH_INFO": place,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "REMOTE_ADDR": self.client_address[0],
            "REMOTE_USER": base64.b64decode(given).decode().partition(":")[0],
            "GIT_PROJECT_ROOT": "/",
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PATH": os.environ["PATH"],
        }
        for header, name in (("Content-Encoding", "HTTP_CONTENT_ENCODING"), ("Git-Protocol", "GIT_PROTOCOL")):
            if header in self.headers:
                variables[name] = self.headers[header]
        if "Transfer-Encoding" not in self.headers:
            variables["CONTENT_LENGTH"] = str(len(body))
        done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(row.split(": ", 1)) for row in head.decode().split("\r\n") if row]
        status = next((value for name, value in headers if name == "Status"), "200")
        self._send(int(status.split()[0]), [one for one in headers if one[0] != "Status"], content)

    def _send(self, status: int, headers: list[Any], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100
    credentials = base64.b64encode(b"ann:s3cret").decode()
    refused = 0

    def handle_error(self, *_: Any) -> None:
        pass  # a client that has gone


@contextmanager
def http(folder: Path, *, tls: bool = False) -> Iterator[Server]:
    """Run a web server that lets `ann` in with the password `s3cret`; with TLS as of `folder/ca.pem`."""
    folder.mkdir(mode=0o700)
    web = _Http(("127.0.0.1", 0), _Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*_certificate(folder))
        web.socket = context.wrap_socket(web.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    line = Line(web.server_address[1])
    scheme = "https" if tls else "http"
    try:
        yield Server(scheme, f"{scheme}://127.0.0.1:{line.port}", line, folder)
    finally:
        line.close()
        web.shutdown()
        web.server_close()
        thread.join()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make an authority of one's own, `ca.pem`, and a certificate by it for the server."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Team")
    openssl("req", *new[:-2], "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=127.0.0.1")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl(
        "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-extfile", "names", "-out", "server.pem",
    )  # fmt: skip
    return folder / "server.pem", folder / "server.key"


def credentials(home: Path, server: Server, password: str = "s3cret") -> None:  # noqa: S107
    """Let git on this machine know a user and password for a server, by a credential helper."""
    file = home / "credentials"
    scheme, _, host = server.prefix.partition("://")
    file.write_text(f"{scheme}://ann:{password}@{host.replace(':', '%3a')}\n")
    settings(home, f"credential.helper=store --file {file}")


def settings(home: Path, *rows: str) -> None:
    """Set a person's own git configuration."""
    for row in rows:
        name, _, value = row.partition("=")
        subprocess.run(["git", "config", "--file", str(home / ".gitconfig"), name, value], check=True)


# -- git's own protocol


@contextmanager
def daemon(folder: Path) -> Iterator[Server]:
    """Run `git daemon`, which lets everybody read and write."""
    folder.mkdir(mode=0o700)
    port = free_port()
    path = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    words = [f"{path}/git-daemon", "--export-all", "--enable=receive-pack", "--listen=127.0.0.1"]
    words += [f"--port={port}", "--reuseaddr", "--base-path=/"]
    with _program(words, port, folder, "git", "git://127.0.0.1:{port}") as server:
        yield server
