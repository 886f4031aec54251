"""Live data from the API's WebSocket: an iterator of typed events that knows when it missed something.

    wanted = [Subscription("candles", "BTC/USDT", "binance", "1m")]
    async for event in stream("ws://127.0.0.1:3160/ws", wanted):
        match event:
            case Snapshot(rows=rows): ...  # what there is: all told before is void
            case Update(rows=rows): ...    # what is new, in order

Numbers in the messages prove that none is missing (docs/broadcast.md); where one is, or the connection was
lost, a fresh `Snapshot` comes. While the server's data are away there is a `Status`, and nothing is made up.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

import websockets
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

Row: TypeAlias = dict[str, Any]

SILENCE_SECONDS: Final = 30.0
"""A connection on which nothing comes for so long, no heartbeat either, is given up (three heartbeats)."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
MOST_BYTES: Final = 16 * 2**20
"""Of a message: snapshots are some 100 kB (ours)."""
_UNAUTHORISED: Final = 4401
_NO_RETRY: Final = {
    4400: "the server could not read what we sent",
    _UNAUTHORISED: "the server refused the token",
}


class StreamError(ConnectionError):
    """The stream cannot be: nobody answers at first, or the server refuses us; the message says why."""


class SubscriptionError(ValueError):
    """The server refuses a subscription; `field` names what is wrong with it."""

    def __init__(self, field: str | None, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Subscription:
    """What to follow: channel, and of which symbol, venue and timeframe (`dataset`: of `metrics`)."""

    channel: str
    symbol: str | None = None
    venue: str | None = None
    timeframe: str | None = None
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The newest rows of a topic; what was told of it before is void."""

    subscription: Subscription
    topic: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Update:
    """News of a topic, in order; a row that has the key of an earlier one takes its place."""

    subscription: Subscription
    topic: str
    seq: int
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Resync:
    """Something of a topic may be missing; its `Snapshot` follows."""

    subscription: Subscription
    topic: str
    reason: str


@dataclass(frozen=True, slots=True)
class Status:
    """Whether news come: `live`; `away`: the server has none; `reconnecting`: we look for the server."""

    source: Literal["live", "away", "reconnecting"]
    reason: str = ""


Event: TypeAlias = Snapshot | Update | Resync | Status


async def stream(
    address: str, subscriptions: Sequence[Subscription], token: str | None = None
) -> AsyncIterator[Event]:
    """Events of these subscriptions, until the caller has enough; a lost connection is made anew.

    Args:
        address: of the API's WebSocket, such as `ws://127.0.0.1:3160/ws`.
        subscriptions: at least one, each another.
        token: an API key; none is needed on the server's own machine. It goes into a message.

    Raises:
        StreamError: at first nobody answers there, or the server refuses us.
        SubscriptionError: the server does not know what is asked for; it says what it knows.
    """
    if not subscriptions or len(set(subscriptions)) != len(subscriptions):
        raise SubscriptionError(None, "wanted at least one subscription, and none of them twice")
    failures, welcomed = 0, False
    while True:
        connection = _Connection(address, subscriptions, token)
        try:
            async for event in connection.events():
                yield event
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError, ConnectionClosed, _LostError) as error:
            welcomed = welcomed or connection.welcomed
            failures = 1 if connection.welcomed else failures + 1
            why = _why(address, error)
            if not welcomed or isinstance(why, StreamError):
                raise StreamError(str(why)) from error
            yield Status("reconnecting", why)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1))
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))


class _LostError(Exception):
    """Messages are missing on the connection itself."""


class _Connection:
    """One connection: what it is asked for, and whether all of it arrives."""

    def __init__(self, address: str, subscriptions: Sequence[Subscription], token: str | None) -> None:
        self.welcomed = False
        self._address, self._token = address, token
        self._subscriptions = subscriptions
        self._topics: dict[str, int] = {}  # place of the subscription
        self._seqs: dict[str, int] = {}
        self._received = 0
        self._socket: websockets.ClientConnection | None = None

    async def events(self) -> AsyncIterator[Event]:
        """Until the connection is lost, which raises."""
        async with websockets.connect(self._address, compression=None, max_size=MOST_BYTES) as self._socket:
            if self._token is not None:
                await self._send({"op": "hello", "token": self._token})
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):
                    message = json.loads(await self._socket.recv())
                event = await self._take(message)
                self._received += 1
                if event is not None:
                    yield event

    async def _take(self, message: Row) -> Event | None:
        match message["type"]:
            case "welcome":
                await self._welcome(message)
            case "snapshot":
                return self._snapshot(message)
            case "update":
                return await self._update(message)
            case "resync":
                topic = message["topic"]
                self._seqs.pop(topic, None)
                place = self._topics.get(topic)
                if place is not None:
                    return Resync(self._subscriptions[place], topic, message["reason"])
            case "heartbeat":
                if message["messages"] != self._received:
                    lost = message["messages"] - self._received
                    raise _LostError(f"{lost} messages of the connection did not arrive")
                await self._send({"op": "heartbeat"})
            case "status":
                return Status(message["source"], message.get("reason", ""))
            case "error":
                raise SubscriptionError(message.get("field"), message["message"])
        return None

    async def _welcome(self, message: Row) -> None:
        if message.get("token_needed"):
            if self._token is None:
                raise StreamError(
                    f"{self._address} wants an API key: give a token (`alphapulse api keys add` makes one)"
                )
            return
        if self.welcomed:
            return
        self.welcomed = True
        for place in range(len(self._subscriptions)):
            await self._ask(place)

    async def _ask(self, place: int) -> None:
        wanted = {
            name: value for name, value in asdict(self._subscriptions[place]).items() if value is not None
        }
        await self._send({"op": "subscribe", "id": place, **wanted})

    def _snapshot(self, message: Row) -> Event:
        place, topic = message["id"], message["topic"]
        self._topics[topic], self._seqs[topic] = place, message["seq"]
        return Snapshot(self._subscriptions[place], topic, message["data"])

    async def _update(self, message: Row) -> Event | None:
        topic, seq = message["topic"], message["seq"]
        known = self._seqs.get(topic)
        if known is None:
            return None  # its snapshot is on its way
        place = self._topics[topic]
        if seq != known + 1:
            del self._seqs[topic]
            await self._ask(place)
            return Resync(self._subscriptions[place], topic, f"number {seq} came after {known}")
        self._seqs[topic] = seq
        return Update(self._subscriptions[place], topic, seq, message["data"])

    async def _send(self, message: Row) -> None:
        assert self._socket is not None  # only used while there is one
        await self._socket.send(json.dumps(message))


def _why(address: str, error: Exception) -> str | StreamError:
    """What happened, in words; a `StreamError` where it would happen again."""
    if isinstance(error, ConnectionClosed) and error.rcvd is not None:
        reason = f"{error.rcvd.reason or 'no reason given'} ({error.rcvd.code})"
        if error.rcvd.code in _NO_RETRY:
            return StreamError(f"{_NO_RETRY[error.rcvd.code]}: {reason}")
        return f"the server closed the connection: {reason}"
    if isinstance(error, InvalidURI):
        return StreamError(f"{address} is no address of a WebSocket, such as ws://127.0.0.1:3160/ws")
    if isinstance(error, TimeoutError):
        return f"nothing came from {address} for {SILENCE_SECONDS:.0f} s"
    if isinstance(error, InvalidHandshake):
        return f"{address} does not serve live data: {error}"
    if isinstance(error, OSError):
        return f"nobody answers at {address}: is `alphapulse api` running? ({error})"
    return str(error) or type(error).__name__
