"""What waits to be sent to one client: a slot a topic for what may be passed over, bounded queues for others.

Pure: whoever sends asks for the next message. What does not fit is let go, and the client is told `resync`
and given a fresh snapshot: nothing is left out in silence, nothing kept without bound.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

MOST_WAITING: Final = 2_000
"""Messages of all topics that may wait for a client (ours): some seconds of twenty busy ones."""
MOST_CONTROL: Final = 100
"""Answers and heartbeats that may wait (ours); a client with more does not read."""


@dataclass(slots=True)
class _Stream:
    """One topic of a client. `waits`: for its snapshot; what comes before that is part of it."""

    name: bytes
    id: int | None
    waits: bool = True
    seq: int = 0
    snapshot: bytes | None = None
    queue: deque[bytes] = field(default_factory=deque)
    slot: bytes | None = None

    @property
    def ready(self) -> bool:
        return self.snapshot is not None or bool(self.queue) or self.slot is not None


class Outbox:
    """Of one client.

    `resync` is called with a topic whose queue overflowed, as soon as the client reads again: a snapshot has
    to come. Until then nothing is made for it: one that does not read costs nothing.
    """

    def __init__(
        self, resync: Callable[["Outbox", str], None], wake: Callable[[], None], most: int = MOST_WAITING
    ) -> None:
        self._resync, self._wake, self._most = resync, wake, most
        self._streams: dict[str, _Stream] = {}
        self._ready: OrderedDict[str, None] = OrderedDict()
        self._control: deque[bytes] = deque()
        self._waiting = 0
        self._behind: set[str] = set()  # topics that begin anew as soon as nothing waits
        self._beats = False
        self.sent = 0
        """Messages that were taken to be sent."""
        self.stuck = False
        """Whether not even answers are read any more."""

    @property
    def topics(self) -> list[str]:
        """What the client follows."""
        return list(self._streams)

    @property
    def waiting(self) -> int:
        """Messages that may not be passed over, and wait."""
        return self._waiting

    def add(self, topic: str, number: int | None = None) -> None:
        """Follow a topic from its next snapshot on; again, to have another one."""
        old = self._streams.get(topic)
        if old is not None:
            self._forget(old)
        self._ready.pop(topic, None)
        self._streams[topic] = _Stream(orjson.dumps(topic), number)

    def remove(self, topic: str) -> None:
        """Follow it no more; what waits of it is not sent."""
        old = self._streams.pop(topic, None)
        if old is not None:
            self._forget(old)
        self._ready.pop(topic, None)

    def tell(self, message: dict[str, Any]) -> None:
        """An answer or a word of the connection."""
        if len(self._control) >= MOST_CONTROL:
            self.stuck = True
        else:
            self._control.append(orjson.dumps(message))
        self._wake()

    def beat(self) -> None:
        """A heartbeat: it says how many messages went before it when it goes."""
        if self._beats:
            self.stuck = True  # the last one waits still
        self._beats = True
        self._wake()

    def put_snapshot(self, topic: str, data: bytes) -> None:
        """The topic's state; what waits of it is older."""
        stream = self._streams.get(topic)
        if stream is None:
            return
        self._forget(stream)
        stream.snapshot, stream.waits, stream.seq = data, False, 0
        self._mark(topic)

    def put(self, topic: str, data: bytes, *, conflated: bool = False) -> None:
        """News of a topic, in order. Of what is conflated only the newest waits, until other news comes."""
        stream = self._streams.get(topic)
        if stream is None or stream.waits:
            return
        if conflated:
            stream.slot = data
        else:
            if self._waiting >= self._most:
                self.begin_anew(topic, "the client reads too slowly")
                self._behind.add(topic)
                return
            stream.slot = None  # a forming bar that is over
            stream.queue.append(data)
            self._waiting += 1
        self._mark(topic)

    def begin_anew(self, topic: str, reason: str) -> None:
        """What the client has of a topic may lack something: say so; a snapshot follows."""
        stream = self._streams.get(topic)
        if stream is None or stream.waits:
            return
        self._forget(stream)
        stream.waits = True
        self._ready.pop(topic, None)
        self.tell({"type": "resync", "topic": topic, "reason": reason})

    def next(self) -> bytes | None:
        """The next message, topics in turn; None when nothing waits."""
        if self._beats:
            self._beats = False
            message: bytes | None = orjson.dumps({"type": "heartbeat", "messages": self.sent})
        else:
            message = self._control.popleft() if self._control else self._of_topic()
            if message is None and self._behind:
                behind, self._behind = self._behind, set()
                for topic in behind:
                    self._resync(self, topic)
                message = self._of_topic()
        if message is not None:
            self.sent += 1
        return message

    def _of_topic(self) -> bytes | None:
        if not self._ready:
            return None
        topic, _ = self._ready.popitem(last=False)
        stream = self._streams[topic]
        if stream.snapshot is not None:
            message, stream.snapshot = _message(b"snapshot", stream, stream.snapshot), None
        else:
            if stream.queue:
                data = stream.queue.popleft()
                self._waiting -= 1
            else:
                assert stream.slot is not None  # else it would not be ready
                data, stream.slot = stream.slot, None
            stream.seq += 1
            message = _message(b"update", stream, data)
        if stream.ready:
            self._ready[topic] = None
        return message

    def _mark(self, topic: str) -> None:
        self._ready.setdefault(topic, None)
        self._wake()

    def _forget(self, stream: _Stream) -> None:
        self._waiting -= len(stream.queue)
        stream.queue.clear()
        stream.slot = stream.snapshot = None


def _message(kind: bytes, stream: _Stream, data: bytes) -> bytes:
    number = b"" if stream.id is None or kind != b"snapshot" else b',"id":%d' % stream.id
    return b'{"type":"%s","topic":%s,"seq":%d%s,"data":%s}' % (
        kind,
        stream.name,
        stream.seq,
        number,
        data,
    )
