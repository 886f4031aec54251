"""When a venue shows no candle for a minute, and whether anybody has it: declared, so tests can compare.

About one stretch of 2..9 minutes per symbol in three days (ours); on Coinbase and Kraken 3 % quiet minutes.
"""

from collections.abc import Iterator
from enum import IntEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_sim.hashing import Ints, below, key
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import MINUTE

SLOT_MINUTES: Final = 3 * 1440
LONGEST: Final = 9
LATE_BY_MS: Final = 10 * MINUTE
QUIET_PER_MILLE: Final = 30
_WITH_ARCHIVE: Final = ("binance", "binanceusdm")
_WITH_QUIET: Final = ("coinbase", "kraken")
_WITH_FILLERS: Final = ("kraken", "okx")


class Absence(IntEnum):
    """Why a minute is missing from a venue's REST candles."""

    NONE = 0  # it is there
    ARCHIVE_ONLY = 1  # traded, REST lacks it, the bulk archive has it
    NEVER = 2  # the venue was down: nothing traded, nobody has it
    LATE = 3  # traded, REST shows it ten minutes after the bar closed
    QUIET = 4  # nothing traded (Coinbase leaves such minutes out)


UNTRADED: Final = (Absence.NEVER, Absence.QUIET)


def absences(seed: int, listing: Listing, minutes: Ints) -> NDArray[np.int8]:
    """The `Absence` of each minute (minutes since 1970)."""
    stream = (seed, "outage", listing.venue, listing.kind, listing.symbol)
    slots = minutes // SLOT_MINUTES
    starts = slots * SLOT_MINUTES + below(key(*stream, "start"), slots, SLOT_MINUTES - LONGEST)
    lengths = 2 + below(key(*stream, "length"), slots, LONGEST - 1)
    lost = below(key(*stream, "kind"), slots, 2) == 0
    other = Absence.ARCHIVE_ONLY if listing.venue in _WITH_ARCHIVE else Absence.LATE
    # trades would show what candles lack, and fillers say that nothing was traded
    other = Absence.NEVER if listing.venue in _WITH_FILLERS else other
    state = np.where(lost, np.int8(Absence.NEVER), np.int8(other))
    out = (minutes >= starts) & (minutes < starts + lengths)
    usual = np.zeros(len(minutes), dtype=np.int8)
    if listing.venue in _WITH_QUIET:
        quiet = below(key(*stream, "quiet"), minutes, 1000) < QUIET_PER_MILLE
        usual[quiet] = Absence.QUIET
    return np.where(out, state, usual)


def hidden_from_rest(state: NDArray[np.int8], opened: Ints, now_ms: int) -> NDArray[np.bool_]:
    """Which minutes REST lacks at `now_ms` although they traded."""
    late = (state == Absence.LATE) & (now_ms < opened + MINUTE + LATE_BY_MS)
    hidden: NDArray[np.bool_] = (state == Absence.ARCHIVE_ONLY) | late
    return hidden


def stretches(seed: int, listing: Listing, start_ms: int, end_ms: int) -> Iterator[tuple[int, int, Absence]]:
    """The outages (without quiet minutes) within [start, end): their start, end and kind."""
    minutes = np.arange(start_ms // MINUTE, -(-end_ms // MINUTE), dtype=np.int64)
    state = absences(seed, listing, minutes)
    state[state == Absence.QUIET] = Absence.NONE
    edges = np.flatnonzero(np.diff(state, prepend=Absence.NONE, append=Absence.NONE))
    for first, last in pairwise(edges):
        if state[first] != Absence.NONE:
            opened = int(minutes[first])
            yield opened * MINUTE, (opened + int(last - first)) * MINUTE, Absence(int(state[first]))
