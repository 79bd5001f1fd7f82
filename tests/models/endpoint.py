"""An HTTP server that misbehaves exactly as told, on sockets: what a web framework would mend stays broken."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"


@dataclass
class Request:
    """One request as it arrived."""

    number: int
    connection: int
    head: str
    body: bytes
    at: float

    @property
    def question(self) -> Any:
        return json.loads(self.body)


@dataclass
class Act:
    """What is sent back: some bytes, `pause` seconds after each `piece` of them, and how the connection ends."""

    content: bytes = b""
    piece: int = 0
    pause: float = 0.0
    end: str = "keep"  # keep, close, reset


def answer(document: Any, *, status: int = 200, headers: str = "", kind: str = JSON, framed: bool = True) -> bytes:
    """A whole response."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    length = f"Content-Length: {len(content)}\r\n" if framed else ""
    return f"HTTP/1.1 {status} Said\r\nContent-Type: {kind}\r\n{length}{headers}\r\n".encode() + content


def zipped(document: Any) -> bytes:
    return answer(gzip.compress(json.dumps(document).encode()), headers="Content-Encoding: gzip\r\n")


Behave = Callable[[Request], Act | bytes]


@dataclass
class Endpoint:
    """The server and what it was asked."""

    port: int
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, rest: str = "/score") -> str:
        return f"http://127.0.0.1:{self.port}{rest}"


@contextmanager
def endpoint(behave: Behave, context: ssl.SSLContext | None = None) -> Iterator[Endpoint]:
    """A server on this machine, each connection in a thread."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        server = Endpoint(listening.getsockname()[1])
        listening.settimeout(0.01)
        ended = threading.Event()

        def accept() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                except OSError:
                    return
                server.connections += 1
                work = (connection, server.connections, server, behave, ended, context)
                threading.Thread(target=_serve, args=work, daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            thread.join()


def _serve(
    connection: socket.socket,
    number: int,
    server: Endpoint,
    behave: Behave,
    ended: threading.Event,
    context: ssl.SSLContext | None,
) -> None:
    connection.settimeout(20)
    if context is not None:
        try:
            connection = context.wrap_socket(connection, server_side=True)
        except OSError:
            return
    with connection, connection.makefile("rb") as incoming, suppress(OSError):
        while not ended.is_set():
            lines = []
            while (line := incoming.readline()) not in (b"\r\n", b""):
                lines.append(line.decode("latin-1"))
            if not lines:
                return
            length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length"))
            with server.lock:
                request = Request(len(server.requests), number, "".join(lines), b"", time.monotonic())
                server.requests.append(request)
            request.body = incoming.read(length)
            act = behave(request)
            act = act if isinstance(act, Act) else Act(act)
            for start in range(0, len(act.content), act.piece or len(act.content) or 1):
                connection.sendall(act.content[start : start + (act.piece or len(act.content))])
                if act.pause and ended.wait(act.pause):
                    return
            if not act.content and act.pause:
                ended.wait(act.pause)
            if act.end == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if act.end != "keep":
                return
