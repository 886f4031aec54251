"""`/ws` itself: one client from its first message to its close. The protocol is in docs/broadcast.md."""

import asyncio
import ipaddress
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import orjson
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from alphapulse_api.broadcasting.live import Live
from alphapulse_api.broadcasting.outbox import Outbox
from alphapulse_api.broadcasting.topics import RefusedError, key_of

log = logging.getLogger(__name__)

Authorise = Callable[[str, Collection[str]], Awaitable[bool]]
"""Whether a token is good and has these scopes."""

HEARTBEAT_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 60.0
"""A client from which nothing came for so long is cut: it answers heartbeats (ours)."""
SEND_SECONDS: Final = 20.0
"""A client that takes nothing for so long is cut (ours)."""
HELLO_SECONDS: Final = 10.0
TOKEN_SECONDS: Final = 60.0
"""How often it is looked whether a token is still good (ours): one that is revoked is cut by then."""
MOST_BYTES: Final = 65_536
"""Of a message that a client may send; the server is told so too (uvicorn's ws_max_size)."""
MOST_ERRORS: Final = 10
"""Messages that cannot be read, until the client is cut (ours)."""
SERVER_OPTIONS: Final[dict[str, Any]] = {
    "ws": "websockets-sansio",
    "ws_max_size": MOST_BYTES,
    "ws_per_message_deflate": False,
}
"""How uvicorn has to serve /ws: without compression a message takes half the time (measured)."""
LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
SCOPES: Final = ("read",)


class Closed(Exception):
    """The connection is to be closed; `code` and `reason` say why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


GARBAGE, UNAUTHORISED, IDLE, TOO_SLOW, TOO_MANY = 4400, 4401, 4408, 4409, 4429


class Asker(Protocol):
    """Who asks, as a layer before the application found out: in the connection's state, as `access`."""

    def may(self, scope: str) -> bool:
        """Whether it has a scope; this machine's user needs no key for it."""

    async def show(self, token: str) -> bool:
        """Take a token that came later; whether it is good."""


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in. `names`: host names of ours beside this machine's; `origins`: of pages elsewhere.

    Where a layer before the application has judged the request (`Asker`), that counts, and nothing here.
    """

    authorise: Authorise | None = None
    names: Collection[str] = field(default_factory=tuple)
    origins: Collection[str] = field(default_factory=tuple)

    def admits(self, socket: WebSocket) -> bool:
        """Whether the request may be one of a page of ours, or of a program: pages elsewhere may not ask."""
        if _asker(socket) is not None:
            return True
        host = socket.headers.get("host", "")
        origin = socket.headers.get("origin")
        if origin is not None and origin not in self.origins and urlsplit(origin).netloc != host:
            return False
        # a page elsewhere whose name was made to mean this machine sends its own name
        return not _is_local(socket) or urlsplit(f"//{host}").hostname in {*LOCAL_NAMES, *self.names}

    async def opens(self, socket: WebSocket, token: str | None) -> bool:
        """Whether this client may read. On this machine nobody needs a token; a given one has to be good."""
        asker = _asker(socket)
        if asker is not None:
            return (token is None or await asker.show(token)) and all(map(asker.may, SCOPES))
        if token is None:
            return _is_local(socket)
        return self.authorise is not None and await self.authorise(token, SCOPES)


def mount(app: FastAPI, live: Live, door: Door | None = None) -> None:
    """Serve `/ws`; to be called before a page is mounted at `/`. What it runs ends with the application."""
    door = door or Door()

    async def endpoint(socket: WebSocket) -> None:
        await serve(socket, live, door)

    app.add_api_websocket_route("/ws", endpoint)
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Any]:
        async with inner(app) as state:
            try:
                yield state
            finally:
                await live.stop()

    app.router.lifespan_context = lifespan


async def serve(socket: WebSocket, live: Live, door: Door) -> None:
    """One client until it is gone."""
    if not door.admits(socket):
        await socket.close()  # before it is accepted: HTTP 403
        return
    await socket.accept()
    client = Client(socket, live, door)
    try:
        await client.run()
    except Closed as closed:
        with suppress(Exception):
            await asyncio.wait_for(socket.close(closed.code, closed.reason), 1.0)
    except WebSocketDisconnect:
        pass
    finally:
        live.leave(client.outbox)


class Client:
    """One connection. Reading goes on beside sending, so that it is known when the other side is gone."""

    def __init__(self, socket: WebSocket, live: Live, door: Door) -> None:
        self._socket, self._live, self._door = socket, live, door
        self._wake = asyncio.Event()
        self.outbox = Outbox(live.hub.resync, self._wake.set)
        self._heard_at = monotonic()
        self._errors = 0
        self._token: str | None = None
        self._judged_at = monotonic()

    async def run(self) -> None:
        """Until the client is gone. Raises: Closed with the reason for which we close."""
        if self._live.clients >= self._live.settings.clients:
            raise Closed(TOO_MANY, f"this server takes {self._live.settings.clients} connections")
        await self._enter()
        self._live.join(self.outbox)
        parts = [asyncio.create_task(part()) for part in (self._receive, self._send, self._beat)]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def _enter(self) -> None:
        """Welcome who needs no token; let others say theirs first."""
        needed = not await self._door.opens(self._socket, None)
        self.outbox.tell({"type": "welcome", "heartbeat_seconds": HEARTBEAT_SECONDS, "token_needed": needed})
        if not needed:
            return
        await self._send_waiting()
        try:
            hello = await asyncio.wait_for(self._message(), HELLO_SECONDS)
        except TimeoutError:
            raise Closed(UNAUTHORISED, "no token came") from None
        if not isinstance(hello, dict) or hello.get("op") != "hello":
            raise Closed(UNAUTHORISED, 'the first message has to be {"op":"hello","token":...}')
        await self._hello(hello)

    async def _hello(self, hello: dict[str, Any]) -> None:
        token = hello.get("token")
        if not isinstance(token, str) or not await self._door.opens(self._socket, token):
            raise Closed(UNAUTHORISED, "the token is unknown, expired or may not read")
        self._token = token
        self.outbox.tell({"type": "welcome", "heartbeat_seconds": HEARTBEAT_SECONDS, "token_needed": False})

    # sending --------------------------------------------------------------------------------------------

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._send_waiting()

    async def _send_waiting(self) -> None:
        while (message := self.outbox.next()) is not None:
            if self.outbox.stuck:
                raise Closed(TOO_SLOW, "answers are not read")
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._socket.send_text(message.decode())
            except TimeoutError:
                raise Closed(TOO_SLOW, f"nothing was read for {SEND_SECONDS:.0f} s") from None

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if monotonic() - self._heard_at > IDLE_SECONDS:
                raise Closed(IDLE, f"nothing came for {IDLE_SECONDS:.0f} s; answer heartbeats")
            await self._judge_again()
            self.outbox.beat()

    async def _judge_again(self) -> None:
        """Cut a client whose token was revoked; while nobody can tell, it stays."""
        if self._token is None or monotonic() - self._judged_at < TOKEN_SECONDS:
            return
        self._judged_at = monotonic()
        try:
            good = await self._door.opens(self._socket, self._token)
        except Exception as error:
            log.warning("a token could not be looked at again: %s", error)
            return
        if not good:
            raise Closed(UNAUTHORISED, "the token is not taken any more")

    # receiving ------------------------------------------------------------------------------------------

    async def _receive(self) -> None:
        while True:
            message = await self._message()
            self._heard_at = monotonic()
            try:
                await self._obey(message)
            except RefusedError as error:
                self.outbox.tell(
                    {"type": "error", "id": _id(message), "field": error.field, "message": str(error)}
                )

    async def _message(self) -> Any:
        """The next message that is JSON."""
        while True:
            event = await self._socket.receive()
            if event["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(event.get("code", 1006))
            body = event.get("text") or event.get("bytes") or b""
            if len(body) > MOST_BYTES:
                raise Closed(1009, f"a message has {MOST_BYTES} bytes at most")
            try:
                return orjson.loads(body)
            except ValueError:
                self._garbage("that is no JSON")

    def _garbage(self, why: str, message: Any = None) -> None:
        self._errors += 1
        if self._errors >= MOST_ERRORS:
            raise Closed(GARBAGE, f"{MOST_ERRORS} messages could not be read: {why}")
        self.outbox.tell({"type": "error", "id": _id(message), "field": None, "message": why})

    async def _obey(self, message: Any) -> None:
        op = message.get("op") if isinstance(message, dict) else None
        match op:
            case "subscribe":
                await self._subscribe(message)
            case "unsubscribe":
                await self._unsubscribe(message)
            case "heartbeat":
                pass
            case "hello":
                await self._hello(message)
            case _:
                self._garbage(
                    f"there is no op {op!r}; there are subscribe, unsubscribe, heartbeat, hello", message
                )

    async def _subscribe(self, message: dict[str, Any]) -> None:
        key = key_of(message, await self._instruments(message))
        most = self._live.settings.subscriptions
        following = self.outbox.topics
        name = self._live.hub.name_of(key)
        if len(following) >= most and name not in following:
            raise RefusedError("channel", f"a connection may follow {most} topics; unsubscribe from some")
        self._live.hub.follow(self.outbox, key, _id(message))

    async def _unsubscribe(self, message: dict[str, Any]) -> None:
        name = self._live.hub.name_of(key_of(message, await self._live.instruments()))
        if not self._live.hub.leave(self.outbox, name):
            raise RefusedError("channel", f"{name} is not followed")
        self.outbox.tell({"type": "unsubscribed", "topic": name, "id": _id(message)})

    async def _instruments(self, message: dict[str, Any]) -> dict[str, frozenset[str]]:
        """What can be asked for; looked up once more where this could not be."""
        known = await self._live.instruments()
        try:
            key_of(message, known)
        except RefusedError as error:
            if error.field in ("venue", "symbol"):
                return await self._live.look_again()
        return known


def _id(message: Any) -> int | None:
    number = message.get("id") if isinstance(message, dict) else None
    return (
        number if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**53 else None
    )


def _asker(socket: WebSocket) -> Asker | None:
    asker: Asker | None = socket.scope.get("state", {}).get("access")
    return asker


def _is_local(socket: WebSocket) -> bool:
    """Whether the client is on this machine itself, and no proxy that speaks for others."""
    if socket.client is None or "x-forwarded-for" in socket.headers or "forwarded" in socket.headers:
        return False
    with suppress(ValueError):
        return ipaddress.ip_address(socket.client.host).is_loopback
    return False
