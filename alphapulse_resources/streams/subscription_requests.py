"""What one connection has asked its venue for, and what it is to ask next. Pure: the socket is elsewhere."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from itertools import count
from typing import Final, Protocol

from alphapulse_resources.streams.protocols import Channel, Operation, StreamProtocol, Subscription

log = logging.getLogger(__name__)

REFUSED_SECONDS: Final = 10.0
"""Before what was refused by itself is asked for again; doubles each time (ours)."""

REFUSED_CAP_SECONDS: Final = 300.0

_ANSWER_SECONDS: Final = 60.0  # that an answer may take before a refused one is asked for once more (ours)


class Told(Protocol):
    """Who wants to know what the venue said of single subscriptions."""

    def refused(self, subscription: Subscription, why: str, times: int) -> None:
        """It was refused by itself, for the `times`-th time on this connection."""

    def accepted(self, subscriptions: list[Subscription]) -> None:
        """These were accepted."""


@dataclass(slots=True)
class _Refused:
    """What was refused by itself, how often, and when it is asked for again."""

    times: int
    due: float


class SubscriptionRequests:
    """Keeps a connection to `wanted`, the caller's own set, by requests of the venue's size.

    A refused request of several subscriptions is asked again by halves, so that one bad symbol costs no
    other; one refused by itself is asked for again by itself, ever more seldom, and never forgotten. `now` is
    the monotonic clock.
    """

    def __init__(
        self,
        name: str,
        protocol: StreamProtocol,
        wanted: Set[Subscription],
        told: Told | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._name = name
        self._told = told
        self._accepted: set[Subscription] = set()
        self._refused: dict[Subscription, _Refused] = {}
        self._asked_at: dict[Subscription, float] = {}
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
        return bool(self._again or self._halves or self._asked != self._wanted) or self.wait == 0.0

    @property
    def wait(self) -> float | None:
        """Seconds until something refused is due again; None: nothing is."""
        due = min((each.due for each in self._refused.values()), default=None)
        return None if due is None else max(due - self._now(), 0.0)

    def accepted(self, channel: Channel) -> set[Subscription]:
        """What the venue has accepted of a channel."""
        return {each for each in self._accepted if each.channel is channel}

    def accepted_of(self, subscriptions: Iterable[Subscription]) -> set[Subscription]:
        """Those of these that the venue has accepted."""
        return self._accepted.intersection(subscriptions)

    def unanswered(self, channels: Set[Channel], seconds: float) -> list[Subscription]:
        """What was asked for of these channels so long ago, and neither accepted nor refused."""
        now = self._now()
        waiting = self._asked - self._accepted - self._refused.keys() - self._again
        return [
            each
            for each in sorted(waiting)
            if each.channel in channels and now - self._asked_at.get(each, now) > seconds
        ]

    def asked_at(self, subscription: Subscription) -> float | None:
        """When it was last asked for; None: not yet."""
        return self._asked_at.get(subscription)

    def number(self, batch: list[Subscription]) -> int:
        """The number of a request that is about to be made, for these subscriptions."""
        number = next(self._numbers)
        self._open[number] = list(batch)
        return number

    def next_request(self) -> str | None:
        """The request to make now; None where it turns out that there is none."""
        operation, batch = self._next()
        if not batch:
            return None
        if operation == "subscribe":
            self._asked_at.update(dict.fromkeys(batch, self._now()))
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
        asked = self._answered(number, answer.symbol)
        if answer.refusal is None:
            self._take_acceptance([each for each in asked if each in self._asked])
            return True
        log.warning("%s: refused (%s): %s", self._name, shown(asked), answer.refusal[:200])
        if len(asked) > 1:
            middle = len(asked) // 2
            self._halves += (asked[:middle], asked[middle:])
        elif asked and asked[0] in self._wanted:
            self._take_refusal(asked[0], answer.refusal)
        return True

    def _answered(self, number: int, symbol: str | None) -> list[Subscription]:
        """What an answer is about: the whole request, or one of its symbols and the others stay open."""
        if symbol is None:
            return self._open.pop(number, [])
        asked = self._open.get(number, [])
        about = [each for each in asked if each.symbol == symbol]
        rest = [each for each in asked if each.symbol != symbol]
        if rest:
            self._open[number] = rest
        else:
            self._open.pop(number, None)
        return about

    def _take_acceptance(self, asked: list[Subscription]) -> None:
        self._accepted.update(asked)
        for each in asked:
            self._refused.pop(each, None)
        if asked and self._told is not None:
            self._told.accepted(asked)

    def _take_refusal(self, subscription: Subscription, why: str) -> None:
        before = self._refused.get(subscription)
        times = before.times + 1 if before else 1
        wait = min(REFUSED_SECONDS * 2.0 ** (times - 1), REFUSED_CAP_SECONDS)
        self._refused[subscription] = _Refused(times, self._now() + wait)
        if self._told is not None:
            self._told.refused(subscription, why, times)

    def _next(self) -> tuple[Operation, list[Subscription]]:
        gone = (self._asked - self._wanted) | self._again
        if gone:
            batch = self._protocol.batch(gone)
            for part in (self._asked, self._again, self._accepted):
                part.difference_update(batch)
            for each in batch:
                if each not in self._wanted:
                    self._refused.pop(each, None)
            return "unsubscribe", batch
        if self._halves:
            return "subscribe", [each for each in self._halves.popleft() if each in self._wanted]
        batch = self._protocol.batch(self._wanted - self._asked)
        if not batch:
            return "subscribe", self._due_again()
        self._asked.update(batch)
        return "subscribe", batch

    def _due_again(self) -> list[Subscription]:
        """One that was refused and is due again, so that a refusal names it."""
        now = self._now()
        due = [(each.due, subscription) for subscription, each in self._refused.items() if each.due <= now]
        if not due:
            return []
        subscription = min(due)[1]
        self._refused[subscription].due = now + _ANSWER_SECONDS
        return [subscription]


def shown(subscriptions: list[Subscription]) -> str:
    """At most three of them, and how many more."""
    more = f" and {len(subscriptions) - 3} more" if len(subscriptions) > 3 else ""
    return (", ".join(map(str, subscriptions[:3])) or "no subscription") + more
