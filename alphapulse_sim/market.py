"""The market: price path, trades and bars of any symbol at any time, out of a seed.

The price is smooth noise summed over octaves from years to seconds; the same path serves every venue, each
adding a few basis points of its own. A trade is a function of its id; ids count up without holes except over
minutes in which nothing traded. Amplitudes, rates and sizes are ours, chosen to look like crypto.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from alphapulse_sim.hashing import Floats, Ints, below, key, mix, noise, normal
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import DAY, HOUR, MINUTE, STEPS, WEEK, first_open_from, next_open, open_of
from alphapulse_sim.outages import UNTRADED, absences
from alphapulse_sim.tape import Bars, Trades, empty_bars, empty_trades, fold_trades, merge_bars

_SLOW: Final = (  # period in milliseconds, amplitude of the logarithm
    (1461 * DAY, 0.70), (365 * DAY, 0.40), (90 * DAY, 0.25), (30 * DAY, 0.15), (7 * DAY, 0.08), (DAY, 0.03),
)  # fmt: skip
_FAST: Final = (  # these swell and fade with activity, so that volatility clusters
    (4 * HOUR, 0.012), (HOUR, 0.006), (15 * MINUTE, 0.0025), (4 * MINUTE, 0.0015), (MINUTE, 0.0006),
    (15_000, 0.0002),
)  # fmt: skip
_BASIS: Final = ((2 * HOUR, 0.0003), (5 * MINUTE, 0.0001))  # what a venue deviates by
_PREMIUM: Final = ((3 * DAY, 0.0008), (8 * HOUR, 0.0004))  # and its perpetuals beside, which funding follows
_ACTIVITY: Final = ((6 * HOUR, 0.8), (30 * MINUTE, 0.5))
_SIZE_SPREAD: Final = 1.2  # deviation of the logarithm of a trade's size
_WEEK_MINUTES: Final = WEEK // MINUTE
_BLOCK: Final = 360  # minutes folded at once


def _trades_per_minute() -> Ints:
    """How many trades each minute of a week has on average, from Thursday 00:00: busiest about 15:00 UTC."""
    minute = np.arange(_WEEK_MINUTES)
    day_wave = 1.0 + 0.45 * np.cos((minute % 1440 - 900) / 1440 * 2 * np.pi)
    weekday = (minute // 1440 + 3) % 7  # 1970-01-01 was a Thursday
    return np.rint(14.0 * day_wave * np.where(weekday >= 5, 0.75, 1.0)).astype(np.int64)


_RATE: Final = _trades_per_minute()
_JITTER: Final = int(_RATE.min())  # so that every minute keeps at least one trade
_BEFORE: Final = np.concatenate(([0], np.cumsum(_RATE)))


class Market:
    """The market of one seed. All times are milliseconds since 1970, windows half-open."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._block = lru_cache(maxsize=4096)(self._fold_block)
        self._day = lru_cache(maxsize=65536)(self._fold_day)

    def activity(self, asset: str, at: Ints) -> Floats:
        """How busy the asset is: around 1, from a third to three."""
        total = np.zeros(len(at))
        for period, amplitude in _ACTIVITY:
            total += amplitude * noise(key(self.seed, "activity", asset, period), at, period)
        return np.exp(total)

    def mid(self, listing: Listing, at: Ints) -> Floats:
        """The mid price in quote units at each time; `at` must not be empty."""
        return self._mid(listing, at, self.activity(listing.asset, at))

    def _mid(self, listing: Listing, at: Ints, activity: Floats) -> Floats:
        slow, fast = np.zeros(len(at)), np.zeros(len(at))
        for period, amplitude in _SLOW:
            slow += amplitude * noise(key(self.seed, "price", listing.asset, period), at, period)
        for period, amplitude in _FAST:
            fast += amplitude * noise(key(self.seed, "price", listing.asset, period), at, period)
        for period, amplitude in (*_BASIS, *_PREMIUM) if listing.kind == "perpetual" else _BASIS:
            stream = key(self.seed, "basis", listing.venue, listing.kind, listing.symbol, period)
            slow += amplitude * noise(stream, at, period)
        return listing.price * np.exp(slow + fast * activity)

    def bid_ticks(self, listing: Listing, at: Ints) -> Ints:
        """The best bid in ticks; the best ask is one tick above it."""
        return self._bid_ticks(listing, at, self.activity(listing.asset, at))

    def _bid_ticks(self, listing: Listing, at: Ints, activity: Floats) -> Ints:
        mid = self._mid(listing, at, activity)
        return np.maximum(np.floor(mid * 10.0**listing.price_digits), 1.0).astype(np.int64)

    def first_ids(self, listing: Listing, minutes: Ints) -> Ints:
        """The id of the first trade of each minute: closed form, so that ids need no counting."""
        weeks, rest = np.divmod(minutes, _WEEK_MINUTES)
        jitter = below(key(self.seed, "count", listing.venue, listing.kind, listing.symbol), minutes, _JITTER)
        ids: Ints = weeks * _BEFORE[-1] + _BEFORE[rest] + jitter
        return ids

    def traded_minutes(self, listing: Listing, start_ms: int, end_ms: int) -> Ints:
        """The minutes (since 1970) touching [start, end) in which the listing trades."""
        start = max(start_ms, listing.listed_ms)
        end = end_ms if listing.delisted_ms is None else min(end_ms, listing.delisted_ms)
        minutes = np.arange(start // MINUTE, -(-end // MINUTE), dtype=np.int64)
        return minutes[~np.isin(absences(self.seed, listing, minutes), UNTRADED)]

    def trades(self, listing: Listing, start_ms: int, end_ms: int) -> Trades:
        """The trades in [start, end)."""
        minutes = self.traded_minutes(listing, start_ms, end_ms)
        if not len(minutes):
            return empty_trades()
        trades = self._trades_of(listing, minutes)
        first, last = np.searchsorted(trades.ts, [start_ms, end_ms])
        return trades.take(slice(int(first), int(last)))

    def _trades_of(self, listing: Listing, minutes: Ints) -> Trades:
        first = self.first_ids(listing, minutes)
        count = self.first_ids(listing, minutes + 1) - first
        within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        ids = np.repeat(first, count) + within
        stream = (self.seed, "trade", listing.venue, listing.kind, listing.symbol)
        bits = mix(key(*stream), ids)
        # one trade in each of `count` equal parts of the minute, anywhere in its part: sorted by construction
        part = (within << 16) + (bits & np.uint64(0xFFFF)).astype(np.int64)
        ts = np.repeat(minutes * MINUTE, count) + part * MINUTE // np.repeat(count << 16, count)
        activity = self.activity(listing.asset, ts)
        bid = self._bid_ticks(listing, ts, activity)
        buyer_is_maker = (bits >> np.uint64(32) & np.uint64(1)).astype(np.bool_)
        price = bid + ~buyer_is_maker
        size = (
            listing.lots_worth(listing.notional, price)
            * activity
            * np.exp(_SIZE_SPREAD * normal(key(*stream, "size"), ids))
        )
        lots = np.maximum(np.rint(size), 1.0).astype(np.int64)
        return Trades(ts, price, lots, buyer_is_maker, ids)

    def _fold_block(self, listing: Listing, block: int) -> Bars:
        start = block * _BLOCK * MINUTE
        return fold_trades(self.trades(listing, start, start + _BLOCK * MINUTE))

    def _fold_day(self, listing: Listing, day: int) -> Bars:
        return merge_bars(self.minute_bars(listing, day * DAY, (day + 1) * DAY), "1d")

    def minute_bars(self, listing: Listing, start_ms: int, end_ms: int) -> Bars:
        """The complete one-minute bars that open in [start, end), without those that never traded."""
        if end_ms <= start_ms:
            return empty_bars()
        step = _BLOCK * MINUTE
        blocks = [self._block(listing, block) for block in range(start_ms // step, -(-end_ms // step))]
        bars = Bars.concat(blocks)
        first, last = np.searchsorted(bars.ts, [start_ms, end_ms])
        return bars.take(slice(int(first), int(last)))

    def bars(self, listing: Listing, interval: str, start_ms: int, end_ms: int, now_ms: int) -> Bars:
        """The bars that open in [start, end) as known at `now_ms`: the last may still be forming."""
        start = first_open_from(max(start_ms, open_of(listing.listed_ms, interval)), interval)
        end = min(end_ms, now_ms + 1, listing.delisted_ms or now_ms + 1)
        if end <= start:
            return empty_bars()
        until = next_open(open_of(end - 1, interval), interval)
        forming = max(now_ms // MINUTE * MINUTE, start)
        parts = self._whole(listing, interval, start, min(until, forming))
        if until > forming:
            parts.append(fold_trades(self.trades(listing, forming, now_ms + 1)))
        bars = Bars.concat(parts)
        return bars if interval == "1m" else merge_bars(bars, interval)

    def _whole(self, listing: Listing, interval: str, start: int, end: int) -> list[Bars]:
        """Complete minutes of [start, end), whole days folded already where the interval allows it."""
        if DAY > STEPS[interval] > 0:
            return [self.minute_bars(listing, start, end)]
        days = range(start // DAY, end // DAY)
        rest = self.minute_bars(listing, max(start, end // DAY * DAY), end)
        return [*(self._day(listing, day) for day in days), rest]
