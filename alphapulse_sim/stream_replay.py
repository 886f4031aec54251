"""Replay of a recorded Binance capture: its frames at their pace, its REST order books as snapshots.

The recording starts with the first connection and goes on for all; after its end the streams are silent. A
snapshot is the latest recorded one of that moment, or the first if there was none yet.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from alphapulse_sim import binance_errors as ask
from alphapulse_sim.binance_streams import BinanceStreams
from alphapulse_sim.capture import http_exchanges, received
from alphapulse_sim.clock import SimClock
from alphapulse_sim.context import compact, reply
from alphapulse_sim.stream_faults import FaultyLine, Frame
from alphapulse_sim.stream_source import StreamSource

_FUTURES_HOSTS: Final = ("fapi.binance.com", "dapi.binance.com")


@dataclass(frozen=True, slots=True)
class RecordedFrame:
    """One message; `at` in milliseconds since 1970."""

    at: float
    stream: str
    data: Any


@dataclass(slots=True)
class Recording:
    """A capture of one market, on the simulator's clock once it has started."""

    frames: list[RecordedFrame]
    snapshots: dict[tuple[str, str], list[tuple[float, Any]]]  # by path and symbol
    clock: SimClock
    speed: float = 1.0
    _started: int | None = field(default=None, init=False)

    @property
    def now(self) -> float:
        """The time within the recording: its first message's until somebody connects."""
        first = self.frames[0].at
        return first if self._started is None else first + (self.clock.now_ms() - self._started) * self.speed

    def start(self) -> None:
        """Let it run; once."""
        if self._started is None:
            self._started = self.clock.now_ms()

    @property
    def position(self) -> int:
        """How many messages are over."""
        now, frames = self.now, self.frames
        low, high = 0, len(frames)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if frames[middle].at < now else (low, middle)
        return low

    def snapshot(self, path: str, symbol: str) -> Any | None:
        """The order book that a request gets, or None without any of that symbol."""
        found = self.snapshots.get((path, symbol), [])
        passed = [body for at, body in found if at <= self.now]
        return passed[-1] if passed else (found[0][1] if found else None)


def read_recording(paths: Sequence[Path], clock: SimClock, speed: float = 1.0) -> Recording:
    """A capture of several files; raises `ValueError` when there is no message to replay."""
    frames: list[RecordedFrame] = []
    snapshots: defaultdict[tuple[str, str], list[tuple[float, Any]]] = defaultdict(list)
    for path in paths:
        for message in received(path):
            if isinstance(message.body, dict) and "stream" in message.body:
                frames.append(RecordedFrame(message.at * 1000, message.body["stream"], message.body["data"]))
        for exchange in http_exchanges(path):
            if exchange.path.endswith("/depth"):
                key = exchange.path, exchange.query.get("symbol", "")
                snapshots[key].append((exchange.at * 1000, exchange.body))
    if not frames:
        names = ", ".join(map(str, paths))
        raise ValueError(f"{names}: no websocket message to replay; give the capture's .ws file too")
    if speed <= 0:
        raise ValueError(f"the speed of a replay must be above 0, not {speed}")
    return Recording(sorted(frames, key=lambda frame: frame.at), dict(snapshots), clock, speed)


class ReplayStreams:
    """One connection to a recording: hears as Binance does, tells what was recorded of its streams."""

    def __init__(self, recording: Recording, live: BinanceStreams) -> None:
        self._recording = recording
        self._live = live
        self._told = 0

    def open(self, tick: int) -> Iterable[Frame]:
        """Start the recording, or join it where it is."""
        self._recording.start()
        self._told = self._recording.position
        return self._live.open(tick)

    def hear(self, text: str, tick: int) -> Iterable[Frame]:
        """The answer to a request."""
        return self._live.hear(text, tick)

    def due(self, tick: int) -> Iterator[Frame]:
        """What was recorded since, of the streams asked for."""
        until = self._recording.position
        since, self._told = self._told, max(until, self._told)
        for frame in self._recording.frames[since:until]:
            if frame.stream in self._live.names:
                symbol = frame.stream.partition("@")[0].upper()
                body = {"stream": frame.stream, "data": frame.data} if self._live.combined else frame.data
                yield Frame(compact(body), frame.stream, symbol)


def replaying(
    recording: Recording, live: Callable[[web.Request, StreamSource, FaultyLine], BinanceStreams]
) -> Callable[[web.Request, StreamSource, FaultyLine], ReplayStreams]:
    """What makes connections to the recording out of what makes those to the market."""
    return lambda request, source, line: ReplayStreams(recording, live(request, source, line))


def replay_routes(recording: Recording, hosts: Iterable[str]) -> list[web.RouteDef]:
    """The order books of a recording, in place of the market's, on those of `hosts` it was recorded from."""

    async def depth(request: web.Request) -> web.Response:
        path = "/" + request.path.lstrip("/").partition("/")[2]
        body = recording.snapshot(path, ask.text(request, "symbol"))
        if body is None:
            raise ask.invalid_symbol()
        return reply(body)

    paths = sorted({path for path, _ in recording.snapshots})
    return [
        web.get(f"/{host}{path}", depth)
        for host in hosts
        for path in paths
        if path.startswith("/api/") == (host not in _FUTURES_HOSTS)
    ]
