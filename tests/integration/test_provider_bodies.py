"""Bodies of providers over a real socket: too long, unpacking to too much, endless, broken off, unchanged."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from news_support import Unlimited
from pydantic import SecretStr

from alphapulse_resources.providers.bodies import MOST_BYTES, Body, Unless
from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.provider import Provider, ProviderLimits
from alphapulse_resources.settings import Settings, Venues
from alphapulse_resources.venues import gateway
from alphapulse_resources.venues.gateway import Gateway, Response
from alphapulse_resources.venues.model import ErrorKind, VenueError

NOW = datetime(2025, 3, 12, tzinfo=UTC)
TOY = Provider("toy", "api.toy.example", ProviderLimits(a_minute=6000), key_header="X-Api-Key")
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer, timeout: float = 10.0) -> Iterator[ProviderClient]:
    """A client of a server that answers so; `timeout` is that of a request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        settings = Settings(_env_file=None, venue_url=url, venues=Venues(http_timeout_seconds=timeout))
        yield ProviderClient(TOY, settings, Gateway(Unlimited(), [TOY]), SecretStr("s3cret"))
    finally:
        server.shutdown()
        server.server_close()


def ask(client: ProviderClient, unless: Unless | None = None) -> Response[Body | None]:
    return client.get_body(
        "/x", {}, Series("toy", "x"), (NOW, NOW), lambda body: body, accept="*/*", unless=unless
    )


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    with suppress(OSError):  # the client has seen enough
        handler.wfile.write(body)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "FIRST_BACK_OFF", 0.01)


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler: send(handler, b"x" * 10_000_000),
        lambda handler: send(handler, gzip.compress(b"x" * 20_000_000), Content_Encoding="gzip"),
    ],
    ids=["ten megabytes", "twenty megabytes, packed"],
)
def test_a_body_that_is_too_long_is_refused_once_and_never_looked_at(answer: Answer) -> None:
    with (
        answering(answer) as client,
        pytest.raises(VenueError, match="nothing of it was looked at") as raised,
    ):
        ask(client)
    assert f"{MOST_BYTES:,}" in str(raised.value)
    assert len(raised.value.fetches) == 1


def test_a_body_that_does_not_end_is_given_up() -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        with suppress(OSError):
            while True:
                handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                time.sleep(0.1)

    with answering(drip, 0.3) as client, pytest.raises(VenueError) as raised:
        ask(client)
    assert raised.value.kind in (ErrorKind.TIMEOUT, ErrorKind.BAD_BODY)
    assert len(raised.value.fetches) == 1


def test_a_body_that_breaks_off_is_asked_for_again() -> None:
    def broken(handler: BaseHTTPRequestHandler) -> None:
        send(handler, b"half", Content_Length="1000")

    with answering(broken) as client, pytest.raises(VenueError) as raised:
        ask(client)
    assert raised.value.kind is ErrorKind.VENUE_DOWN
    assert len(raised.value.fetches) == gateway.ATTEMPTS


def test_what_has_not_changed_is_none_and_conditions_are_sent_as_they_were_told() -> None:
    seen: list[dict[str, str]] = []

    def conditional(handler: BaseHTTPRequestHandler) -> None:
        seen.append(dict(handler.headers))
        if handler.headers.get("If-None-Match") == 'W/"1"':
            send(handler, b"", 304)
        else:
            send(handler, b"<rss/>", ETag='W/"1"', Last_Modified="Wed, 12 Mar 2025 14:00:00 GMT")

    with answering(conditional) as client:
        first = ask(client).value
        assert first is not None
        again = ask(client, Unless(first.etag, first.last_modified))
    assert (first.content, first.etag) == (b"<rss/>", 'W/"1"')
    assert (again.value, again.fetches[0].http_status) == (None, 304)
    assert seen[1]["If-Modified-Since"] == "Wed, 12 Mar 2025 14:00:00 GMT"
    assert "If-None-Match" not in seen[0]


def test_a_key_is_not_sent_on_to_whom_an_answer_names() -> None:
    asked: list[str] = []

    def sends_on(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        send(handler, b"", 302, Location="https://elsewhere.example/x")

    with answering(sends_on) as client, pytest.raises(VenueError, match="where no key is sent"):
        ask(client)
    assert set(asked) == {"/api.toy.example/x"}


def test_a_key_that_is_repeated_in_an_error_is_not_told_on() -> None:
    refused = lambda handler: send(handler, b"your key s3cret is wrong", 401)  # noqa: E731
    with (
        answering(refused) as client,
        pytest.raises(VenueError, match=r"your key \*\*\* is wrong") as raised,
    ):
        ask(client)
    assert raised.value.kind is ErrorKind.BAD_KEY
    assert "s3cret" not in str(raised.value)
