"""Faults of streams: what they may be given, and what stands between a venue's frames and the socket.

Which frames a fault is about is in `faults.py`: `path` is looked for in the frame's topic.
"""

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSCloseCode, web

if TYPE_CHECKING:
    from alphapulse_sim.faults import Fault, Faults

STREAM_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "ws_gap": {"n": 1},
    "ws_reset": {},
    "ws_close": {"code": int(WSCloseCode.POLICY_VIOLATION), "reason": ""},
    "ws_stall": {"seconds": None, "pongs": True},
    "ws_malformed": {"text": "not JSON at all"},
    "ws_truncated": {"keep": 0.5},
    "ws_subscribe_error": {"message": None},
    "ws_duplicate": {"n": 1},
    "ws_reorder": {},
    "ws_checksum": {},
    "ws_mute": {},
    "ws_late": {"seconds": 120.0},
    "ws_time": {"seconds": 3600.0, "scale": 1, "value": None},
    "ws_product_limit": {"n": 16, "message": "too many L2 streams requested in a single session"},
}
"""Every kind of fault of streams with its parameters and their defaults.

ws_gap drops `n` frames in a row of the topic hit. ws_stall says nothing any more for `seconds` (null: as long
as the connection lives), frames of that time are lost; with a symbol or a path the rest of the connection
goes on. ws_duplicate sends `n` more copies, ws_reorder sends a frame after the next one of its topic.
ws_subscribe_error refuses, as long as it is in force. ws_mute acknowledges and says nothing, on every
connection and after every renewal. ws_late tells all `seconds` late, as of then. ws_time moves the times
that frames bear by `seconds` and multiplies them by `scale` (1000: microseconds), or sets them to `value`.
ws_product_limit refuses more than `n` subscriptions whose topic has the path, on one connection. ws_checksum
makes the checksum of a book wrong, where it is told.
"""

IN_FORCE: Final = frozenset({"ws_mute", "ws_late", "ws_product_limit"})
"""Faults of what a venue tells and takes; the others are of frames."""

_TIME_KEYS: Final = frozenset(
    ("E", "T", "t", "ts", "cts", "start", "end", "timestamp", "time", "event_time", "current_time")
)
_CHECKSUM: Final = re.compile(r'("checksum":)(\d+)')
_LEAST_MS: Final = 100_000_000_000  # below that a number is no time of today, but an id


def check_stream_fault(kind: str, parameters: dict[str, Any]) -> None:
    """Raise `ValueError` for parameters that cannot be."""
    n = parameters.get("n", 1)
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ValueError(f"n must be a whole number from 1, not {n!r}")
    seconds = parameters.get("seconds")
    if kind == "ws_stall" and seconds is not None and not (isinstance(seconds, int | float) and seconds > 0):
        raise ValueError(f"seconds must be null or a number above 0, not {seconds!r}")
    if kind in ("ws_late", "ws_time") and not isinstance(seconds, int | float):
        raise ValueError(f"seconds must be a number, not {seconds!r}")
    code = parameters.get("code", 1000)
    if not isinstance(code, int) or not 1000 <= code <= 4999:
        raise ValueError(f"code must be a close code from 1000 to 4999, not {code!r}")
    keep = parameters.get("keep", 0.5)
    if not isinstance(keep, int | float) or not 0 <= keep < 1:
        raise ValueError(f"keep must be from 0 to below 1, not {keep!r}")


@dataclass(frozen=True, slots=True)
class Frame:
    """A message to a client. Replies have no topic: only a stall of the whole connection hits them."""

    text: str
    topic: str = ""
    symbol: str = ""


class ConnectionEnded(Exception):
    """A fault cut or closed the connection."""


class FaultyLine:
    """One connection's way out: sends frames as the faults in force leave them."""

    def __init__(
        self, socket: web.WebSocketResponse, request: web.Request, host: str, faults: "Faults"
    ) -> None:
        self._socket = socket
        self._request = request
        self._host = host
        self._faults = faults
        self._dropping: dict[str, int] = {}  # frames still to drop, by topic
        self._held: dict[str, str] = {}  # a frame to send after the next one, by topic
        self._silent_until: dict[str, float] = {}  # by topic; "" is the whole connection
        self._answers_pings = True

    async def send(self, frame: Frame) -> None:
        """Send a frame, or not, as the faults want it; raises `ConnectionEnded` when they end it all."""
        if self._silent("") or (frame.topic and self._silent(frame.topic)):
            return
        if self._dropping.get(frame.topic, 0):
            self._dropping[frame.topic] -= 1
            return
        held = self._held.pop(frame.topic, None)
        texts = [frame.text]
        if frame.topic:
            for fault in self._faults.hitting_frame(self._host, frame.topic, frame.symbol):
                texts = await self._changed(fault, frame, texts)
        for text in texts if held is None else [*texts, held]:
            await self._socket.send_str(text)

    async def pong(self, payload: bytes) -> None:
        """Answer a ping, unless a stall keeps even that back."""
        if self._answers_pings or not self._silent(""):
            await self._socket.pong(payload)

    def refusal(self, topic: str, symbol: str) -> "Fault | None":
        """The fault that refuses this subscription, if there is one."""
        refusals = self._faults.hitting_frame(self._host, topic, symbol, subscribing=True)
        return refusals[0] if refusals else None

    def muted(self, topic: str, symbol: str) -> bool:
        """Whether nothing is said of a topic."""
        return bool(self._faults.in_force("ws_mute", self._host, topic, symbol))

    def late_ms(self, topic: str, symbol: str) -> int:
        """How late a topic is told."""
        late = self._faults.in_force("ws_late", self._host, topic, symbol)
        return int(1000 * late[0].parameters["seconds"]) if late else 0

    def beyond_limit(self, topics: Iterable[tuple[str, str]]) -> str | None:
        """Why a connection may not have all of these (topic, symbol) at once; None: it may."""
        topics = list(topics)
        for fault in self._faults.of_kind("ws_product_limit"):
            held = [each for each in topics if fault.matches_frame(self._host, *each)]
            if len(held) > fault.parameters["n"] and fault.fires():
                return str(fault.parameters["message"])
        return None

    def _silent(self, topic: str) -> bool:
        return asyncio.get_running_loop().time() < self._silent_until.get(topic, 0.0)

    async def _changed(self, fault: "Fault", frame: Frame, texts: list[str]) -> list[str]:
        """What is sent instead of `texts`."""
        given = fault.parameters
        match fault.kind:
            case "ws_reset":
                if self._request.transport is not None:
                    self._request.transport.abort()
                raise ConnectionEnded
            case "ws_close":
                await self._socket.close(code=given["code"], message=str(given["reason"]).encode())
                raise ConnectionEnded
            case "ws_stall":
                self._stall(fault, frame)
                return []
            case "ws_gap":
                self._dropping[frame.topic] = given["n"] - 1
                return []
            case "ws_reorder" if texts:
                self._held[frame.topic] = texts[-1]
                return []
            case "ws_duplicate":
                return texts * (int(given["n"]) + 1)
            case "ws_checksum":
                return [_CHECKSUM.sub(lambda found: f"{found[1]}{int(found[2]) ^ 1}", text) for text in texts]
            case "ws_time":
                return [json.dumps(_moved(json.loads(text), given)) for text in texts]
            case "ws_malformed":
                return [str(given["text"]) for _ in texts]
            case "ws_truncated":
                return [text[: int(len(text) * given["keep"])] for text in texts]
        return texts

    def _stall(self, fault: "Fault", frame: Frame) -> None:
        seconds = fault.parameters["seconds"]
        part = frame.topic if fault.symbol or fault.path else ""
        until = float("inf") if seconds is None else asyncio.get_running_loop().time() + seconds
        self._silent_until[part] = until
        if not part:
            self._answers_pings = bool(fault.parameters["pongs"])


def _moved(body: Any, given: dict[str, Any]) -> Any:
    """A frame with its times as the fault wants them."""
    if isinstance(body, list):
        return [_moved(each, given) for each in body]
    if not isinstance(body, dict):
        return body
    return {
        key: _moved_time(value, given) if key in _TIME_KEYS else _moved(value, given)
        for key, value in body.items()
    }


def _moved_time(value: Any, given: dict[str, Any]) -> Any:
    if isinstance(value, int) and value >= _LEAST_MS:
        moved = int((value + 1000 * given["seconds"]) * given["scale"])
        return moved if given["value"] is None else given["value"]
    if isinstance(value, str) and "T" in value and given["value"] is None:
        moved_at = datetime.fromisoformat(value) + timedelta(seconds=given["seconds"])
        return moved_at.isoformat().replace("+00:00", "Z")
    return value
