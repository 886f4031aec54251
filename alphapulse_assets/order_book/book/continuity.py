"""Whether a diff goes on where the book stands. Pure rules; the venues' own words are beside them.

- Binance spot: drop `u <= lastUpdateId`; first `U <= lastUpdateId + 1 <= u`; then `U == previous u + 1`.
- Binance USD-M, COIN-M: drop `u < lastUpdateId`; first `U <= lastUpdateId <= u`; then `pu == previous u`.
- Bybit: after the snapshot, `u` follows one by one.
- Coinbase: messages are numbered per connection (`SequenceTracker`), books are not.
- Kraken: nothing is numbered; every message has a checksum of the book (`BookRules.prover`).

With `previous_id` being `U - 1`, `pu` or `u - 1` these are one rule. Futures ids are shared by all symbols,
so a snapshot may end between `pu` and `U`: nothing of this book lies there, and the diff is accepted.
"""

from enum import Enum

from alphapulse_resources.streams.messages import BookRules, DepthDiff


class Verdict(Enum):
    """How a diff stands to the book."""

    FOLLOWS = "follows"
    OLD = "old"  # the book holds it already
    GAP = "gap"  # something between is missing


def after_snapshot(rules: BookRules, diff: DepthDiff, snapshot_id: int) -> Verdict:
    """A diff that may begin before the state it is to be applied to: the first after a snapshot."""
    if diff.last_id < snapshot_id or (diff.last_id == snapshot_id and not rules.keeps_equal):
        return Verdict.OLD
    return Verdict.FOLLOWS if diff.previous_id <= snapshot_id else Verdict.GAP


def after_diff(diff: DepthDiff, last_id: int) -> Verdict:
    """A diff after a diff: exactly the next, or one that came twice."""
    if diff.previous_id == last_id:
        return Verdict.FOLLOWS
    return Verdict.OLD if diff.last_id <= last_id else Verdict.GAP


class SequenceTracker:
    """The running number of one connection's messages."""

    __slots__ = ("_last", "_last_ms", "gaps")

    def __init__(self) -> None:
        self._last: int | None = None
        self._last_ms = 0
        self.gaps = 0

    def reset(self) -> None:
        """The connection is a new one: it counts from anywhere."""
        self._last = None

    @property
    def expected(self) -> int | None:
        """The next number; None before the first message."""
        return None if self._last is None else self._last + 1

    def is_past(self, number: int) -> bool:
        """Whether a later message has come already."""
        return self._last is not None and number < self._last

    def judge(self, number: int, venue_ms: int) -> Verdict:
        """Take note of a message's number. One that went back in a newer message is a gap, too."""
        expected = self.expected
        verdict = Verdict.FOLLOWS if expected in (None, number) else Verdict.GAP
        if expected is not None and number < expected and venue_ms <= self._last_ms:
            return Verdict.OLD
        self._last, self._last_ms = number, venue_ms
        self.gaps += verdict is Verdict.GAP
        return verdict
