"""One symbol's order book: a state machine that is right or says that it is not."""

import math
from collections import deque
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Final

from alphapulse_assets.order_book.book import kernels
from alphapulse_assets.order_book.book.continuity import Verdict, after_diff, after_snapshot
from alphapulse_assets.order_book.book.events import BookEvent, BookState, Cause, Counts, SnapshotRequest
from alphapulse_assets.order_book.book.features import Features, Measures
from alphapulse_assets.order_book.book.levels import LevelStore
from alphapulse_assets.order_book.book.order_flow import OrderFlow
from alphapulse_resources.streams.messages import BookProof, BookRules, DepthDiff, DepthSnapshot, Levels

BUFFER: Final = 10_000
"""Diffs kept while waiting for a snapshot (nautilus_trader keeps as many): 17 minutes at 10 a second."""

LONGEST_OVERLAP: Final = 60.0
"""Seconds after a snapshot, or after a second connection ended, in which diffs may still be older (ours)."""

_OTHERWISE_CUT: Final = BookRules()  # another connection may cut the same updates into other messages
_WAITING: Final = (BookState.BUFFERING, BookState.BROKEN, BookState.RESYNCING)
_PROVEN: Final = (BookState.SYNCED, BookState.LAGGING)


class Outcome(Enum):
    """What became of a message."""

    APPLIED = "applied"
    OLD = "old"  # the book held it already
    STRAY = "stray"  # of a connection whose snapshot has not come: its ids say nothing about this book
    WAITING = "waiting"  # kept, or let go, until a snapshot comes
    BROKE = "broke"  # it proved the book wrong


class OrderBook:
    """The book of one symbol at one venue, kept from snapshots and diffs.

    Every diff is checked against the one before it and every state for being crossed; what does not fit
    invalidates the book at once. All times are seconds since 1970 UTC, of receipt.

    Args:
        symbol: the venue's own name.
        rules: how the venue's snapshots and diffs go together.
        emit: told every change of state and everything noticed.
        request: told when a snapshot is needed; the caller decides when to ask and how often.
        measures: what to measure.
    """

    def __init__(
        self,
        symbol: str,
        rules: BookRules,
        *,
        emit: Callable[[BookEvent], None],
        request: Callable[[SnapshotRequest], None],
        measures: Measures | None = None,
    ) -> None:
        self.symbol: Final = symbol
        self.state = BookState.BUFFERING
        self.synced_at = 0.0  # when it was last found to be right
        self.counts: Final = Counts()
        self.last_id: int | None = None  # of the state held
        self.updated_at: float | None = None  # when a message last became a state
        self.venue_ms: int | None = None  # the venue's clock at that state, where it tells
        self._rules = rules
        self._emit = emit
        self._request = request
        self._store = LevelStore(measures or Measures())
        self._prover = None if rules.prover is None else rules.prover()
        self._joined = False  # a diff has been applied since the snapshot
        self._heard_id: int | None = None  # end of the latest diff heard, until one is applied
        self._unheard = False  # its stream is silent: what REST says of the book proves nothing of the stream
        self._seen: DepthSnapshot | None = None  # what REST said of it meanwhile
        self._asks_when_heard = False  # a snapshot is of use once the stream speaks again
        self._last_ms = 0  # the venue's clock at the latest diff applied
        self._buffer: deque[DepthDiff] = deque()
        self._shared_until = -math.inf  # until when several connections may tell the same
        self._attempts = 0
        self._broke = False  # since it was last synced
        self._flow_start: float | None = None
        self._flow_complete = False
        self._flow_messages = 0

    @property
    def wants_snapshot(self) -> bool:
        """Whether a snapshot would be made use of."""
        return self.state in _WAITING

    @property
    def takes_snapshot(self) -> bool:
        """Whether a snapshot may be given: a stale book is held against one that was asked for over REST."""
        return self.wants_snapshot or (self.state is BookState.STALE and not self.snapshot_in_stream)

    @property
    def features(self) -> Features | None:
        """What the latest state measures; None unless the book is synced."""
        return self._store.features if self.state is BookState.SYNCED else None

    @property
    def mid_and_imbalance(self) -> tuple[float, float]:
        """Two of the features, where the others are not wanted; NaN unless the book is synced."""
        return self._store.mid_and_imbalance if self.state is BookState.SYNCED else (math.nan, math.nan)

    @property
    def snapshot_in_stream(self) -> bool:
        """Whether the stream itself brings the snapshots."""
        return self._rules.snapshot_in_stream

    @property
    def horizon(self) -> tuple[float, float]:
        """Lowest bid and highest ask price up to which depth is known."""
        return self._store.horizon

    @property
    def levels_requested(self) -> int | None:
        """Levels a side that its snapshot was asked for; None: all there are, or there was none yet."""
        return self._store.requested

    def bids(self, most: int | None = None) -> Levels:
        """(price, size), best first; empty without a proven state."""
        return self._store.bids(most)

    def asks(self, most: int | None = None) -> Levels:
        """(price, size), best first; empty without a proven state."""
        return self._store.asks(most)

    @property
    def arrays(self) -> tuple[kernels.Floats, kernels.Counts, kernels.Floats]:
        """Levels, counts and board as `kernels` has them: to be read at once, and never written."""
        return self._store.arrays

    def on_diff(self, diff: DepthDiff, at: float) -> Outcome:
        """Take a diff: apply it, keep it until a snapshot comes, leave it out as old, or break."""
        self._unheard = False
        if diff.previous_id == self.last_id and self._joined and self.state is BookState.SYNCED:
            return self._apply(diff, at)
        if self.state in _WAITING:
            return self._wait(diff, at)
        verdict = self._judge(diff, at)
        if verdict is Verdict.OLD:
            return self._pass_over(diff, at)
        if verdict is Verdict.GAP:
            return self._gap(diff, at)
        if self.state is BookState.STALE:
            self._enter(BookState.SYNCED, Cause.CONTINUED, at)
        if not self._joined:
            self._notice_hole(diff, at)
        return self._apply(diff, at)

    def on_snapshot(self, snapshot: DepthSnapshot, at: float) -> Outcome:
        """Take a snapshot and what was buffered after it; the book is synced if they go together.

        A stale book that knows no less than the snapshot was not behind: nothing happened, and it is synced.
        Where the market went on while its stream was silent, none helps before the stream speaks again.
        """
        if self._unheard and not self._rules.snapshot_in_stream:
            held = self._hold_against(snapshot, at)
            if held is not None:
                return held
        if self.state is BookState.STALE and self.takes_snapshot and snapshot.last_id <= (self.last_id or 0):
            self._enter(BookState.SYNCED, Cause.VERIFIED, at, {"snapshot": snapshot.last_id})
            return Outcome.OLD
        pending = self._pending(snapshot)
        if pending and after_snapshot(self._rules, pending[0], snapshot.last_id) is Verdict.GAP:
            self.counts.snapshots_too_old += 1
            self._notice(
                Cause.SNAPSHOT_TOO_OLD,
                at,
                {"snapshot": snapshot.last_id, "first_after": pending[0].previous_id},
            )
            self._ask(Cause.SNAPSHOT_TOO_OLD, at)
            return Outcome.WAITING
        cause = self._cause_of(snapshot, at)
        if not self._loaded(snapshot, at):
            return Outcome.BROKE
        self._sync(snapshot, cause, at)
        self._heard_id = self._buffer[-1].last_id if self._buffer and not pending else None
        self.counts.old += len(self._buffer) - len(pending)
        self._buffer.clear()
        for diff in pending:
            self.on_diff(diff, at)
        return Outcome.APPLIED

    def break_up(self, cause: Cause, at: float, **detail: int | float | str) -> None:
        """Invalidate the book for a reason that lies outside of it, such as its connection."""
        if cause is Cause.CONNECTION_GAP:
            self.counts.connection_gaps += 1
        self._break(cause, at, detail)

    def mark_stale(self, cause: Cause, at: float, **detail: int | float | str) -> None:
        """The book may be behind: its stream is silent or was reconnected. The next diff decides.

        Of a silent stream also a book is told that has no proven state, as nothing will prove it.
        """
        if cause is Cause.SILENT:
            self._unheard = True
        if self.state in _PROVEN:
            self._flow_complete = False
            self._enter(BookState.STALE, cause, at, detail)
        elif cause is Cause.SILENT and self.state in _WAITING:
            self._notice(cause, at, detail)

    def mark_late(self, seconds: float, at: float) -> None:
        """Its updates come so much later than they could: it is right, but of some time ago."""
        if self.state is BookState.SYNCED:
            self._flow_complete = False
            self._enter(BookState.LAGGING, Cause.LATE, at, {"seconds": round(seconds, 3)})

    def mark_in_time(self, seconds: float, at: float) -> None:
        """They do not any more."""
        if self.state is BookState.LAGGING:
            self._enter(BookState.SYNCED, Cause.CAUGHT_UP, at, {"seconds": round(seconds, 3)})

    def share(self, at: float, *, shared: bool) -> None:
        """Several connections deliver its diffs, perhaps cut otherwise, or from now on only one does again.

        Until they are one again and some time after, a diff that begins before the state held and ends after
        it follows: sizes are absolute, so it only says again what is known.
        """
        self._shared_until = math.inf if shared else at + LONGEST_OVERLAP

    def resyncing(self, at: float) -> None:
        """The snapshot that a broken book wants has been asked for."""
        if self.state is BookState.BROKEN:
            self._enter(BookState.RESYNCING, Cause.REQUESTED, at, {"attempt": self._attempts})

    def take_flow(self, at: float) -> OrderFlow:
        """The order flow since it was last taken."""
        start = at if self._flow_start is None else self._flow_start
        synced = self.state is BookState.SYNCED
        flow = OrderFlow(
            start, at, self._store.take_flow(), self._flow_messages, self._flow_complete and synced
        )
        self._flow_start, self._flow_messages, self._flow_complete = at, 0, synced
        return flow

    def _apply(self, diff: DepthDiff, at: float) -> Outcome:
        status = self._store.apply(diff)
        if status != kernels.APPLIED:
            self._broken_by(status, diff.last_id, at)
            return Outcome.BROKE
        if self._prover is not None and not self._proven(diff.proof, self._prover.apply, at):
            return Outcome.BROKE
        self.last_id = diff.last_id
        self._joined = True
        self._last_ms = self.venue_ms = diff.venue_ms
        self.updated_at = at
        self._flow_messages += 1
        self.counts.applied += 1
        return Outcome.APPLIED

    def _judge(self, diff: DepthDiff, at: float) -> Verdict:
        """How a diff that is not simply the next stands to a book that has a state."""
        assert self.last_id is not None  # a book that waits for no snapshot has had one
        if not self._rules.owns_ids:  # its connection is checked instead, or its checksum
            return Verdict.FOLLOWS
        if not self._joined:
            return after_snapshot(self._rules, diff, self.last_id)
        if self.state in _PROVEN and at > self._shared_until:
            return after_diff(diff, self.last_id)
        return after_snapshot(_OTHERWISE_CUT, diff, self.last_id)

    def _pass_over(self, diff: DepthDiff, at: float) -> Outcome:
        """A diff that the book holds already, unless it is newer than what was applied."""
        assert self.updated_at is not None  # as in `_judge`
        late = self.state is BookState.LAGGING  # then it is known why older ones come
        overdue = not self._joined and not late and at - self.updated_at > LONGEST_OVERLAP
        went_back = self._joined and diff.venue_ms > self._last_ms and at > self._shared_until
        if overdue or went_back:
            return self._gap(diff, at, Cause.IDS_WENT_BACK)
        if not self._joined:
            self._notice_hole(diff, at)
        self.counts.old += 1
        return Outcome.OLD

    def _wait(self, diff: DepthDiff, at: float) -> Outcome:
        """No snapshot yet: keep the diff, or let it go where the stream will send a snapshot of its own."""
        if self._rules.snapshot_in_stream:
            if self.state is BookState.BUFFERING:
                self.counts.gaps += 1
                self._break(Cause.NO_SNAPSHOT, at, {"seen": diff.last_id})
            self.counts.unusable += 1
            return Outcome.WAITING
        if self._heard_id is None and self.state is BookState.BUFFERING and not self._attempts:
            self._ask(Cause.NO_SNAPSHOT, at)
        elif self._asks_when_heard:
            self._ask(Cause.UNHEARD, at)
        self._asks_when_heard = False
        if self._heard_id is not None and diff.previous_id != self._heard_id:
            shared = at <= self._shared_until
            older = shared or (bool(self._buffer) and diff.venue_ms <= self._buffer[-1].venue_ms)
            if diff.last_id <= self._heard_id and older:
                self.counts.old += 1
                return Outcome.OLD
            if not (shared and diff.previous_id <= self._heard_id):
                # what came before the hole cannot be joined to what comes after it
                self._notice_hole(diff, at)
                self.counts.unusable += len(self._buffer)
                self._buffer.clear()
        if len(self._buffer) >= BUFFER:
            self._notice(Cause.BUFFER_FULL, at, {"diffs": len(self._buffer)})
            self.counts.unusable += len(self._buffer)
            self._buffer.clear()
        self._buffer.append(diff)
        self._heard_id = diff.last_id
        return Outcome.WAITING

    def _notice_hole(self, diff: DepthDiff, at: float) -> None:
        """A hole in what was heard around a snapshot: it is in the snapshot, so nothing becomes wrong."""
        heard, self._heard_id = self._heard_id, diff.last_id
        if heard is not None and diff.previous_id != heard:
            self.counts.gaps += 1
            self.counts.covered_gaps += 1
            self._notice(Cause.COVERED_GAP, at, {"expected": heard, "seen": diff.previous_id})

    def _gap(self, diff: DepthDiff, at: float, cause: Cause = Cause.GAP) -> Outcome:
        assert self.last_id is not None
        self.counts.gaps += 1
        self._break(cause, at, {"expected": self.last_id, "seen": diff.previous_id})
        if self._rules.snapshot_in_stream:
            self.counts.unusable += 1
        else:
            self._buffer.append(diff)
            self._heard_id = diff.last_id
        return Outcome.BROKE

    def _pending(self, snapshot: DepthSnapshot) -> list[DepthDiff]:
        last = snapshot.last_id
        return [diff for diff in self._buffer if after_snapshot(self._rules, diff, last) is not Verdict.OLD]

    def _hold_against(self, snapshot: DepthSnapshot, at: float) -> Outcome | None:
        """What a snapshot over REST says of a book whose stream is silent; None: it may be taken.

        It says that nothing happened, or that the stream does not tell what happens.
        """
        if self.state is BookState.STALE:
            if self._is_unchanged(snapshot):
                self._enter(BookState.SYNCED, Cause.VERIFIED, at, {"snapshot": snapshot.last_id})
                return Outcome.OLD
            self.counts.gaps += 1
            detail: dict[str, int | float | str] = {"expected": self.last_id or 0, "seen": snapshot.last_id}
            self._break(Cause.UNHEARD, at, detail, ask=False)
        elif self._heard_id is not None and snapshot.last_id <= self._heard_id:
            return None  # it knows no more than the stream has told
        elif self._seen is not None and self._same(self._seen, snapshot):
            return None  # the market stands still, and its book is this one
        elif self.state is BookState.RESYNCING:
            self._enter(BookState.BROKEN, Cause.UNHEARD, at, {"seen": snapshot.last_id})
        elif self._seen is not None:
            self._notice(Cause.UNHEARD, at, {"seen": snapshot.last_id})
        self._seen = snapshot
        self._asks_when_heard = True
        return Outcome.WAITING

    def _same(self, before: DepthSnapshot, snapshot: DepthSnapshot) -> bool:
        """Whether nothing happened between two snapshots."""
        if snapshot.last_id <= before.last_id:
            return True
        same = (before.bids, before.asks) == (snapshot.bids, snapshot.asks)
        return self._rules.shares_ids and same

    def _is_unchanged(self, snapshot: DepthSnapshot) -> bool:
        """Whether a snapshot holds what this book holds, as far as both know."""
        if snapshot.last_id <= (self.last_id or 0):
            return True
        if not self._rules.shares_ids:
            return False
        low, high = self.horizon
        bids = [level for level in sorted(snapshot.bids, reverse=True) if level[0] >= low]
        asks = [level for level in sorted(snapshot.asks) if level[0] <= high]
        return self.bids(len(bids)) == bids and self.asks(len(asks)) == asks

    def _cause_of(self, snapshot: DepthSnapshot, at: float) -> Cause:
        """Why the venue sent a snapshot; a hole before one that comes with the stream is noticed here."""
        if self._unheard and not self._rules.snapshot_in_stream:
            return Cause.VERIFIED
        if self.wants_snapshot or self.last_id is None:
            return Cause.SNAPSHOT
        if snapshot.restarted:
            return Cause.SERVICE_RESTART
        counted = snapshot.limit != 1 and self._rules.owns_ids and at > self._shared_until
        if counted and snapshot.last_id > self.last_id + 1:
            self.counts.gaps += 1
            self._break(Cause.GAP, at, {"expected": self.last_id, "seen": snapshot.last_id - 1}, ask=False)
            return Cause.SNAPSHOT
        return Cause.SNAPSHOT_REPLACED

    def _loaded(self, snapshot: DepthSnapshot, at: float) -> bool:
        status = self._store.load(snapshot)
        if status != kernels.APPLIED:
            self._broken_by(status, snapshot.last_id, at)
            return False
        if self._prover is None:
            return True
        return self._proven(snapshot.proof, partial(self._prover.load, limit=snapshot.limit), at)

    def _proven(self, proof: BookProof | None, holds: Callable[[BookProof], bool], at: float) -> bool:
        """Whether the venue's checksum says that the book is its own; one that is not is broken."""
        if proof is not None and holds(proof):
            return True
        self.counts.disproved += 1
        self._break(Cause.CHECKSUM, at, {"told": -1 if proof is None else proof.checksum})
        return False

    def _sync(self, snapshot: DepthSnapshot, cause: Cause, at: float) -> None:
        self.last_id = snapshot.last_id
        self.updated_at, self.venue_ms = at, snapshot.venue_ms
        self.counts.snapshots += 1
        self.counts.resyncs += self._broke
        self._joined = self._broke = self._asks_when_heard = False
        self._seen = None
        self._attempts = 0
        self._flow_start = at if self._flow_start is None else self._flow_start
        self._flow_complete = False
        if self.state is not BookState.SYNCED or snapshot.limit != 1:  # a best quote is repeated every 3 s
            late = self.state is BookState.LAGGING  # until something comes in time
            after = BookState.LAGGING if late else BookState.SYNCED
            self._enter(after, cause, at, {"last_id": snapshot.last_id})

    def _broken_by(self, status: int, last_id: int, at: float) -> None:
        crossed = status == kernels.CROSSED
        self.counts.crossed += crossed
        self.counts.bad_levels += not crossed
        detail: dict[str, int | float | str] = {"last_id": last_id}
        if crossed:
            detail |= {"bid": self._store.bids(1)[0][0], "ask": self._store.asks(1)[0][0]}
        self._break(Cause.CROSSED if crossed else Cause.BAD_LEVEL, at, detail)

    def _break(
        self, cause: Cause, at: float, detail: dict[str, int | float | str], *, ask: bool = True
    ) -> None:
        self._store.clear()
        self._buffer.clear()
        self._heard_id = self._seen = None
        self._joined = self._flow_complete = self._asks_when_heard = False
        self._broke = True
        self._enter(BookState.BROKEN, cause, at, detail)
        if ask:
            self._ask(cause, at)

    def _ask(self, cause: Cause, at: float) -> None:
        self._attempts += 1
        self._request(SnapshotRequest(at, self.symbol, cause, self._attempts))

    def _enter(
        self, state: BookState, cause: Cause, at: float, detail: dict[str, int | float | str] | None = None
    ) -> None:
        before, self.state = self.state, state
        if state is BookState.SYNCED:
            self.synced_at = at
        self._emit(BookEvent(at, self.symbol, before, state, cause, detail or {}))

    def _notice(self, cause: Cause, at: float, detail: dict[str, int | float | str]) -> None:
        self._emit(BookEvent(at, self.symbol, self.state, self.state, cause, detail))
