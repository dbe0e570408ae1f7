"""A stand-in for the model: the messages API on the loopback, in a network of its own where that is allowed.

A `Model` answers one client, which reaches it by a path of its own, so that several clients at once are
told apart. It says what a test has written down for it and keeps every request.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Block = dict[str, Any]
"""A part of an answer, as the API has it: text, or the use of a tool."""
CLONE_NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


def text(said: str) -> Block:
    """Return a text that the model says."""
    return {"type": "text", "text": said}


def use(tool: str, **given: Any) -> Block:
    """Return the use of a tool."""
    return {"type": "tool_use", "name": tool, "input": given}


class Request:
    """What a client asked the model."""

    def __init__(self, path: str, body: dict[str, Any]) -> None:
        self.path = path
        self.body = body

    @property
    def system(self) -> str:
        """The instructions."""
        return _plain(self.body.get("system", ""))

    @property
    def said(self) -> str:
        """All that the user's side has said so far, results of tools and remarks of hooks included."""
        return "\n".join(
            _plain(one["content"]) for one in self.body["messages"] if one["role"] != "assistant"
        )

    @property
    def last(self) -> str:
        """All that the user's side has said since the model's last answer."""
        told: list[str] = []
        for one in reversed(self.body["messages"]):
            if one["role"] == "assistant":
                break
            told.insert(0, _plain(one["content"]))
        return "\n".join(told)

    @property
    def begun(self) -> bool:
        """Whether the model has said something before in this conversation."""
        return any(one["role"] == "assistant" for one in self.body["messages"])

    @property
    def tools(self) -> list[str]:
        """The names of the tools on offer."""
        return [one["name"] for one in self.body.get("tools", [])]


def _plain(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(
        str(one["text"]) if one["type"] == "text" else _plain(one.get("content", "")) for one in content
    )


Answering = Callable[[Request], list[Block]]


class Model:
    """The model as one client knows it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Request] = []
        """Calls that ask the model to say something, in their order."""
        self.others: list[str] = []
        """Method and path of everything else that was asked for."""
        self.script: list[list[Block]] = []
        """What the model says next, call by call; when it is used up, `answer` decides."""
        self.answer: Answering = lambda _: [text("Understood.")]
        self._lock = threading.Lock()

    def says(self, *answers: Block | list[Block]) -> None:
        """Write down the next answers."""
        self.script += [one if isinstance(one, list) else [one] for one in answers]

    def ask(self, request: Request) -> list[Block]:
        """Keep a request and return the answer to it."""
        with self._lock:
            self.requests.append(request)
            said = self.script.pop(0) if self.script else None
        return self.answer(request) if said is None else said


class Server:
    """The server of all models of a run."""

    def __init__(self) -> None:
        self.network: int | None = None
        """A descriptor of the network that only the server and its clients are in; None where there is none."""
        self._models: dict[str, Model] = {}
        ready = threading.Thread(target=self._listen)
        ready.start()
        ready.join()
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def model(self, name: str) -> Model:
        """Return a model that knows nothing yet, for the client `name`."""
        made = Model(f"http://127.0.0.1:{self._http.server_address[1]}/{name}")
        self._models[name] = made
        return made

    def stop(self) -> None:
        """Let go of the port and of the network."""
        self._http.shutdown()
        self._http.server_close()
        if self.network is not None:
            os.close(self.network)

    def _listen(self) -> None:
        # Leaving a network concerns this thread only; a socket stays in the network it was made in.
        if os.geteuid() == 0 and ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) == 0:
            _up("lo")
            self.network = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.models = self._models


def _up(interface: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        asked = struct.pack("16sh", interface.encode(), 0)
        flags = struct.unpack("16sh", fcntl.ioctl(one, SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(one, SIOCSIFFLAGS, struct.pack("16sh", interface.encode(), flags | IFF_UP))


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    models: dict[str, Model]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:  # noqa: N802 - the name that the library calls
        self._other()

    def do_HEAD(self) -> None:  # noqa: N802
        self._other()

    def do_POST(self) -> None:  # noqa: N802
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        name, _, path = self.path.lstrip("/").partition("/")
        route = path.partition("?")[0]
        model = self.server.models.get(name)
        if model is None or route not in ("v1/messages", "v1/messages/count_tokens"):
            return self._other()
        asked = json.loads(body)
        if route.endswith("count_tokens"):
            model.others.append(f"POST {route}")
            return self._json({"input_tokens": len(body) // 4})
        answer = model.ask(Request(route, asked))
        message = _message(asked, answer)
        # A client that was ended in the middle of its question is no failure of the server.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if asked.get("stream"):
                self._stream(message)
            else:
                self._json(message)
        return None

    def _other(self) -> None:
        name, _, path = self.path.lstrip("/").partition("/")
        if name in self.server.models:
            self.server.models[name].others.append(f"{self.command} {path}")
        self._json({"type": "error", "error": {"type": "not_found_error", "message": "not here"}}, 404)

    def _json(self, value: Any, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _stream(self, message: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in _events(message):
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        self.close_connection = True


def _message(asked: dict[str, Any], answer: list[Block]) -> dict[str, Any]:
    stamp = time.monotonic_ns()
    content = [
        {"id": f"toolu_{stamp}{number}", **one} if one["type"] == "tool_use" else one
        for number, one in enumerate(answer)
    ]
    uses = any(one["type"] == "tool_use" for one in content)
    return {
        "id": f"msg_{stamp}",
        "type": "message",
        "role": "assistant",
        "model": asked.get("model", "none"),
        "content": content,
        "stop_reason": "tool_use" if uses else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 10},
    }


def _events(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            empty, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            empty = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None},
        "usage": {"output_tokens": 10},
    }
    yield {"type": "message_stop"}
