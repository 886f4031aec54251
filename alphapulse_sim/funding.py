"""Funding: when it is settled, and at which rate. Pure functions of time.

A rate follows the premium of the contract over the index, averaged over the hours that it is for, by the
formula that Binance and Bybit document: average premium + clamp(interest - premium, -0.05 %, 0.05 %), for
eight hours; shorter ones pay their part. How long an interval is differs by asset and changes within the
history of some: the lengths are the venues', which asset has which is ours.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from alphapulse_sim.derivatives import premiums
from alphapulse_sim.hashing import Floats, Ints, below, key
from alphapulse_sim.instruments import Listing, epoch_ms
from alphapulse_sim.intervals import HOUR
from alphapulse_sim.market import Market

USUAL_HOURS: Final = 8
FUNDING_MS: Final = USUAL_HOURS * HOUR
"""Between settlements of most symbols."""
RATE_DIGITS: Final = 8
ADJUSTED_CAP: Final = "0.03000000"
"""Highest rate of symbols with another interval than the usual (ours); the lowest is its negative."""
_INTEREST: Final = 0.0001
_DAMPER: Final = 0.0005
_SAMPLES: Final = 8  # of the premium in an interval
_JITTER_MS: Final = 13

_ALWAYS: Final = 0
_SCHEDULES: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    "DOGE": ((_ALWAYS, 4),),
    "AVAX": ((_ALWAYS, 1),),
    "ADA": ((_ALWAYS, 8), (epoch_ms("2024-03-01"), 4)),
    "LINK": ((_ALWAYS, 8), (epoch_ms("2023-06-01"), 4), (epoch_ms("2024-02-01T08:00"), 1)),
    "XRP": ((_ALWAYS, 4), (epoch_ms("2023-09-15"), 8)),
}
"""By asset: from when on settlements are how many hours apart. Changes are at hours that both have."""


def schedule(listing: Listing) -> tuple[tuple[int, int], ...]:
    """From when on (milliseconds) how many hours are between settlements of a listing."""
    base = listing.base
    if base[1:].isdecimal():  # a made-up coin
        number = int(base[1:])
        return ((_ALWAYS, 4 if number % 5 == 3 else 1 if number % 7 == 5 else USUAL_HOURS),)
    return _SCHEDULES.get(base, ((_ALWAYS, USUAL_HOURS),))


def interval_hours(listing: Listing, now_ms: int) -> int:
    """Hours between settlements at a moment."""
    return next(hours for since, hours in reversed(schedule(listing)) if since <= now_ms)


def next_settlement(listing: Listing, now_ms: int) -> int:
    """The first settlement after a moment."""
    step = interval_hours(listing, now_ms) * HOUR
    return (now_ms // step + 1) * step


def settlements(listing: Listing, start_ms: int, end_ms: int) -> Ints:
    """The settlements in [start, end) while it was listed, in order."""
    first = max(start_ms, listing.listed_ms + 1)
    last = min(end_ms, listing.delisted_ms or end_ms)
    stages = schedule(listing)
    ends = [since for since, _ in stages[1:]] + [1 << 52]
    parts = []
    for (since, hours), until in zip(stages, ends, strict=True):
        step = hours * HOUR  # the settlement at a change is the last of the hours before it
        low, high = max(first, since + 1), min(last, until + 1)
        parts.append(np.arange(-(-low // step), -(-high // step), dtype=np.int64) * step)
    return np.concatenate(parts)


def _hours_of(listing: Listing, settled: Ints) -> Ints:
    """For how many hours each settlement is."""
    hours = np.full(len(settled), schedule(listing)[0][1], dtype=np.int64)
    for since, length in schedule(listing)[1:]:
        hours[settled > since] = length
    return hours


def funding_rates(market: Market, listing: Listing, spot: Listing | None, settled: Ints) -> Ints:
    """The rate of each settlement, in units of 10^-8; signed. `spot` is what the index is of."""
    if not len(settled):
        return settled
    hours = _hours_of(listing, settled)
    return _rates(market, listing, spot, settled - hours * HOUR, settled, hours)


@dataclass(frozen=True, slots=True)
class Standing:
    """A contract at a moment: the rate to come in units of 10^-8, mark and index in quote units."""

    rate: int
    mark: float
    index: float


def standing(market: Market, listing: Listing, spot: Listing | None, now_ms: int) -> Standing:
    """The funding of the next settlement as it stands at a moment, with the prices behind it."""
    hours = interval_hours(listing, now_ms)
    start = next_settlement(listing, now_ms) - hours * HOUR
    at = _samples(np.array([start]), np.array([max(now_ms, start + 1)]))[0]
    mark, index = market.mid(listing, at), market.mid(spot or listing, at)
    (rate,) = _rate(np.array([(mark / index - 1.0).mean()]), np.array([hours])).tolist()
    return Standing(rate, float(mark[-1]), float(index[-1]))


def _rates(
    market: Market, listing: Listing, spot: Listing | None, start: Ints, end: Ints, hours: Ints
) -> Ints:
    at = _samples(start, end)
    return _rate(premiums(market, listing, spot, at.ravel()).reshape(at.shape).mean(axis=1), hours)


def _samples(start: Ints, end: Ints) -> Ints:
    """Moments within each interval, a row each; the last is its end."""
    moments: Ints = start[:, None] + (end - start)[:, None] * np.arange(1, _SAMPLES + 1) // _SAMPLES
    return moments


def _rate(premium: Floats, hours: Ints) -> Ints:
    rate = premium + np.clip(_INTEREST - premium, -_DAMPER, _DAMPER)
    return np.rint(rate * hours / USUAL_HOURS * 10**RATE_DIGITS).astype(np.int64)


def told_at(market: Market, listing: Listing, settled: Ints) -> Ints:
    """Settlement times as Binance stamps them: some milliseconds late, about every second one."""
    stream = key(market.seed, "jitter", listing.venue, listing.symbol)
    jitter = below(stream, settled, 2 * _JITTER_MS)
    return settled + np.where(jitter < _JITTER_MS, jitter, 0)


def funding_text(rate: int) -> str:
    """A rate as venues print it."""
    sign = "-" if rate < 0 else ""
    return f"{sign}0.{abs(rate):0{RATE_DIGITS}d}"
