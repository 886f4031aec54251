"""A webhook's receiver that speaks HTTP over a real socket, answers as told and keeps what it was sent."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "T0000-s3cret-path"


@dataclass(slots=True)
class Answer:
    """What the receiver says."""

    status: int = 200
    text: str = "ok"
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0
    """Seconds it takes to say it."""


@dataclass(slots=True)
class Receiver:
    """The receiver: where it is, and the requests it got."""

    url: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """Method and path of each."""
    answer: Callable[[int], Answer] = lambda _: Answer()
    """By the number of the request, from 1."""

    def titles(self) -> list[str]:
        return [body["title"] for body in self.bodies]


@contextmanager
def receiver(answer: Callable[[int], Answer] = lambda _: Answer()) -> Iterator[Receiver]:
    """A receiver on a free port of loopback."""
    leaving = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.bodies.append(json.loads(body))
            self._reply()

        def do_GET(self) -> None:
            self._reply()

        def _reply(self) -> None:
            got.requests.append(f"{self.command} {self.path}")
            said = got.answer(len(got.requests))
            leaving.wait(said.after)
            self.send_response(said.status)
            for name, value in {**said.headers, "Content-Length": str(len(said.text.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # whoever asked has left: that is what a test of patience does

    server = Server(("127.0.0.1", 0), Handler)
    got = Receiver(f"http://127.0.0.1:{server.server_port}/{SECRET}", answer=answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield got
    finally:
        leaving.set()
        server.shutdown()
        server.server_close()
