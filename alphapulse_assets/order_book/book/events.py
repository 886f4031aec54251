"""What is to be known about a book besides its levels: its states, and why it left them.

Times are seconds since 1970 UTC, of receipt.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class BookState(StrEnum):
    """How far a book can be trusted. Only a synced one may be used."""

    NONE = "none"  # not followed yet
    BUFFERING = "buffering"  # no snapshot yet
    SYNCED = "synced"  # proven: a snapshot, and every update since, heard from the stream and in time
    LAGGING = "lagging"  # proven as synced, but of some time ago: its updates come seconds late
    STALE = "stale"  # no gap is known, but nothing fresh is heard either
    BROKEN = "broken"  # proven wrong or unprovable; a snapshot is wanted
    RESYNCING = "resyncing"  # broken, and the snapshot has been asked for
    STOPPED = "stopped"  # not followed any more


class Cause(StrEnum):
    """Why a book changed its state, or what was noticed about it."""

    STARTED = "started"  # it is followed from now on
    SNAPSHOT = "snapshot"  # synced from a snapshot and the diffs after it
    SNAPSHOT_REPLACED = "snapshot_replaced"  # the venue sent a new snapshot unasked
    SNAPSHOT_TOO_OLD = "snapshot_too_old"  # it ends before the first diff at hand begins
    SERVICE_RESTART = "service_restart"  # the venue began counting anew
    GAP = "gap"  # updates are missing
    COVERED_GAP = "covered_gap"  # updates are missing that a snapshot holds or will have to hold
    CONNECTION_GAP = "connection_gap"  # a message of the connection is missing: whose, is unknown
    IDS_WENT_BACK = "ids_went_back"  # newer than what was applied, with older ids
    NO_SNAPSHOT = "no_snapshot"  # diffs without the snapshot that the stream begins with
    CROSSED = "crossed"  # best bid >= best ask
    CHECKSUM = "checksum"  # the venue's checksum is not that of the book
    BAD_LEVEL = "bad_level"  # a price or size that cannot be
    BUFFER_FULL = "buffer_full"  # the oldest buffered diffs were let go
    RECONNECTED = "reconnected"
    DISCONNECTED = "disconnected"  # no connection is left that tells of it
    SILENT = "silent"  # nothing heard for too long
    UNHEARD = "unheard"  # the market went on, as its REST API shows, and the stream told nothing of it
    LATE = "late"  # updates come seconds later than they could
    CAUGHT_UP = "caught_up"  # and now they do not any more
    VERIFIED = "verified"  # a stale book held what a new snapshot holds: the market was quiet
    CONTINUED = "continued"  # a stale book's stream went on without a gap
    REQUESTED = "requested"  # the snapshot has been asked for
    MALFORMED = "malformed"  # a message of the symbol that could not be read or cannot be true
    REFUSED = "refused"  # the venue refused to send a channel of the symbol; it is asked again
    ACCEPTED = "accepted"  # and then did not any more
    TRADES_SILENT = "trades_silent"  # the venue's candles show trades that its stream of them did not tell
    TRADES_MISSING = "trades_missing"  # the same of some of the trades of a minute
    TRADES_HEARD = "trades_heard"  # trades are heard again
    CANDLES_SILENT = "candles_silent"  # minutes passed in which was traded and no candle came
    CANDLES_HEARD = "candles_heard"  # candles are heard again
    FAILED = "failed"  # a fault of ours; the symbol begins anew
    UNTRACKED = "untracked"  # nobody wants it any more
    STOPPED = "stopped"  # the run has ended
    WORKER_LOST = "worker_lost"  # the run has ended without a word; told by the one after it


@dataclass(frozen=True, slots=True)
class BookEvent:
    """A change of state, or with `before == after` something noticed in it."""

    at: float
    symbol: str
    before: BookState
    after: BookState
    cause: Cause
    detail: dict[str, int | float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """A book needs a snapshot; when and how often to ask is the caller's to decide."""

    at: float
    symbol: str
    cause: Cause
    attempt: int  # in a row, from 1


@dataclass(slots=True)
class Counts:
    """What a book has been through. `gaps` are breaks in its own ids, `connection_gaps` its connection's."""

    snapshots: int = 0  # that became a state of the book
    applied: int = 0  # diffs
    old: int = 0  # diffs left out: the book held them already
    unusable: int = 0  # diffs let go unapplied: before a break, or without a snapshot to build on
    gaps: int = 0
    covered_gaps: int = 0  # of `gaps`: those that invalidated nothing
    connection_gaps: int = 0
    crossed: int = 0
    disproved: int = 0  # by the venue's checksum
    bad_levels: int = 0
    resyncs: int = 0  # completed
    snapshots_too_old: int = 0

    @property
    def book_states(self) -> int:
        """How many states the book had: snapshots plus applied diffs."""
        return self.snapshots + self.applied
