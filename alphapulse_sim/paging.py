"""Which bars a request with a start, an end and a limit gets."""

from alphapulse_sim.context import Simulator
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import next_open, open_of
from alphapulse_sim.tape import Bars

_TRIES = 8  # a window with outages is widened at most this often to fill a page


def oldest_first(
    sim: Simulator, listing: Listing, interval: str, start_ms: int, end_ms: int, limit: int, now_ms: int
) -> Bars:
    """The first `limit` bars that open in [start, end); before the listing there are none to wait for."""
    start = max(start_ms, open_of(listing.listed_ms, interval))
    end = min(end_ms, now_ms + 1)
    span = limit
    for _ in range(_TRIES):
        until = min(end, next_open(open_of(start, interval), interval, span + 1))
        bars = sim.rest_bars(listing, interval, start, until, now_ms)
        if len(bars) >= limit or until >= end:
            break
        span += 2 * (limit - len(bars)) + 10
    return bars.take(slice(0, limit))


def newest(
    sim: Simulator, listing: Listing, interval: str, start_ms: int, end_ms: int, limit: int, now_ms: int
) -> Bars:
    """The last `limit` bars that open in [start, end), oldest first."""
    end = min(end_ms, now_ms + 1, listing.delisted_ms or now_ms + 1)
    span = limit
    for _ in range(_TRIES):
        since = max(start_ms, next_open(open_of(end - 1, interval), interval, 1 - span), 0)
        bars = sim.rest_bars(listing, interval, since, end, now_ms)
        if len(bars) >= limit or since <= max(start_ms, listing.listed_ms):
            break
        span += 2 * (limit - len(bars)) + 10
    return bars.take(slice(max(0, len(bars) - limit), None))
