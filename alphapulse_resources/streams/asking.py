"""What one connection has asked its venue for, and what it is to ask next. Pure: the socket is elsewhere."""

import logging
from collections import deque
from collections.abc import Set
from itertools import count

from alphapulse_resources.streams.protocols import Operation, StreamProtocol, Subscription

log = logging.getLogger(__name__)


class Asking:
    """Keeps a connection to `wanted`, the caller's own set, by requests of the venue's size.

    A refused request of several subscriptions is asked again by halves, so that one bad symbol costs no
    other; one refused by itself is left alone until `renew`.
    """

    def __init__(self, name: str, protocol: StreamProtocol, wanted: Set[Subscription]) -> None:
        self._name = name
        self._protocol = protocol
        self._wanted = wanted
        self._numbers = count(1)
        self._asked: set[Subscription] = set()
        self._again: set[Subscription] = set()  # to be unsubscribed, and with that wanted anew
        self._halves: deque[list[Subscription]] = deque()
        self._open: dict[int, list[Subscription]] = {}  # requests without an answer yet

    def __len__(self) -> int:
        return len(self._asked)

    @property
    def due(self) -> bool:
        """Whether there is something to ask for."""
        return bool(self._again or self._halves or self._asked != self._wanted)

    def number(self, batch: list[Subscription]) -> int:
        """The number of a request that is about to be made, for these subscriptions."""
        number = next(self._numbers)
        self._open[number] = batch
        return number

    def next_request(self) -> str | None:
        """The request to make now; None where it turns out that there is none."""
        operation, batch = self._next()
        if not batch:
            return None
        number = self.number(batch if operation == "subscribe" else [])
        return self._protocol.request(operation, batch, number)

    def renew(self, subscription: Subscription) -> bool:
        """Ask anew for what was asked for; False where it was not."""
        if subscription in self._asked:
            self._again.add(subscription)
        return subscription in self._again

    def hear(self, body: bytes) -> bool:
        """Whether a frame is the answer to a request."""
        answer = self._protocol.answer(body) if self._open else None
        if answer is None:
            return False
        number = next(iter(self._open)) if answer.number is None else answer.number
        asked = self._open.pop(number, [])
        if answer.refusal is not None:
            log.warning("%s: refused (%s): %s", self._name, shown(asked), answer.refusal[:200])
            if len(asked) > 1:
                middle = len(asked) // 2
                self._halves += (asked[:middle], asked[middle:])
        return True

    def _next(self) -> tuple[Operation, list[Subscription]]:
        gone = (self._asked - self._wanted) | self._again
        if gone:
            batch = self._protocol.batch(gone)
            self._asked.difference_update(batch)
            self._again.difference_update(batch)
            return "unsubscribe", batch
        if self._halves:
            return "subscribe", [each for each in self._halves.popleft() if each in self._wanted]
        batch = self._protocol.batch(self._wanted - self._asked)
        self._asked.update(batch)
        return "subscribe", batch


def shown(subscriptions: list[Subscription]) -> str:
    """At most three of them, and how many more."""
    more = f" and {len(subscriptions) - 3} more" if len(subscriptions) > 3 else ""
    return (", ".join(map(str, subscriptions[:3])) or "no subscription") + more
