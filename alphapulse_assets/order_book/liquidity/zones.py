"""Liquidity zones of one symbol: where notional has been resting, as support and resistance. Pure.

Time-decayed resting notional on a grid, smoothed, and its peaks by prominence (ours: a binned density).
What lies beyond the price horizon of the book is unknown, never zero. Thresholds are in `thresholds`.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.book.kernels import ASKS, BIDS, SIDES
from alphapulse_assets.order_book.book.peaks import Floats, Peak, find_peaks, smooth
from alphapulse_assets.order_book.book.resting import RestingSizes
from alphapulse_assets.order_book.liquidity.grid import RestingGrid
from alphapulse_assets.order_book.whales.events import Moment, Scene
from alphapulse_assets.order_book.whales.thresholds import LiquidityThresholds
from alphapulse_resources.streams.messages import Levels

LOGIC_VERSION: Final = 1
"""Raised when a formula changes."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A price range in which much has been resting, as of `ts` (the venue's clock) and known at `known_at`.

    - side: "support" (bids below mid) or "resistance" (asks above).
    - low, high: the cells above half the peak's prominence; price: the middle of the peak's cell.
    - notional: mean resting notional in the range, quote units, the past fading.
    - strength: prominence over the mean of the known cells of that side, so 1 is an average cell's worth.
    - since, age: when it was first seen, and seconds since; touches: how often mid came into it.
    - known_to: the price up to which this side was known (0 or inf: all of it).
    """

    symbol: str
    ts: float
    known_at: float
    side: str
    low: float
    high: float
    price: float
    notional: float
    strength: float
    distance_bps: float
    since: float
    age: float
    touches: int
    known_to: float
    logic_version: int = LOGIC_VERSION


@dataclass(slots=True, eq=False)
class _Track:
    """What is remembered of a zone between readings; `inside`: mid has not left it yet."""

    zone: Zone
    seen: float
    touches: int = 0
    inside: bool = False


class LiquidityMap:
    """The zones of one book, kept from its levels as they change; a change costs O(1).

    Args:
        symbol: the venue's own name.
        thresholds: grid, memory and what makes a zone.
        measures: what a unit of size is worth.
    """

    def __init__(
        self, symbol: str, thresholds: LiquidityThresholds, measures: Measures | None = None
    ) -> None:
        self._limits = thresholds
        self._scene = Scene(symbol, measures or Measures())
        self._sizes = (RestingSizes(BIDS), RestingSizes(ASKS))
        self._grids: list[RestingGrid] = []
        self._tracks: tuple[list[_Track], list[_Track]] = ([], [])
        self._horizon = (0.0, math.inf)
        self._synced = False

    def on_synced(
        self, bids: Levels, asks: Levels, mid: float, horizon: tuple[float, float], moment: Moment
    ) -> None:
        """The book has become synced, and these are all its levels, known up to the horizon prices."""
        if not self._grids:
            limits = self._limits
            self._grids = [RestingGrid(s, mid, limits.cell_bps, limits.memory) for s in (BIDS, ASKS)]
        if self._synced:
            self.on_lost(moment)
        self._synced = True
        for side, levels in ((BIDS, bids), (ASKS, asks)):
            self._grids[side].begin(moment.known_at)
            self._sizes[side].load(levels)
            self._sizes[side].forget_beyond(horizon[side])
            self._load(side, moment.known_at)
        self._scene.mid, self._horizon = mid, horizon
        self._touch(mid)

    def on_lost(self, moment: Moment) -> None:
        """The book is not proven any more: until it is, time does not count."""
        if self._synced:
            for grid in self._grids:
                grid.end(moment.known_at)
            self._synced = False

    def on_resumed(self, moment: Moment) -> None:
        """The book that was not synced has been proven to be what it was."""
        if self._grids and not self._synced:
            for grid in self._grids:
                grid.resume(moment.known_at)
            self._synced = True

    def on_changed(
        self, bids: Levels, asks: Levels, mid: float, horizon: tuple[float, float], moment: Moment
    ) -> None:
        """Levels with a new absolute size (0: gone) in a synced book whose mid is now `mid`."""
        if not self._synced:
            return
        known_low, known_high = self._horizon
        for side, levels in ((BIDS, bids), (ASKS, asks)):
            for price, before, now in self._sizes[side].change(levels):
                was, is_now = self._scene.notional(price, before), self._scene.notional(price, now)
                was_known = known_low <= price <= known_high
                self._grids[side].change(price, was, is_now, moment.known_at, was_known=was_known)
        self._scene.mid, self._horizon = mid, horizon
        for grid, sizes, worst in zip(self._grids, self._sizes, horizon, strict=True):
            for price, size in sizes.forget_beyond(worst):
                lost = self._scene.notional(price, size)
                grid.change(price, lost, 0.0, moment.known_at, was_known=False)
        self._touch(mid)

    def zones(self, moment: Moment) -> list[Zone] | None:
        """The zones as of now, nearest first, supports before resistances; None while not synced."""
        if not self._synced:
            return None
        found = []
        for side in (BIDS, ASKS):
            profile = self._profile(side, moment.known_at)
            seen = [self._zone(side, profile, peak, moment) for peak in self._peaks(profile)]
            free = list(self._tracks[side])
            found += [self._tracked(side, zone, free) for zone in seen]
            deadline = moment.known_at - self._limits.forget
            self._tracks[side][:] = [track for track in self._tracks[side] if track.seen >= deadline]
        return found

    def _load(self, side: int, at: float) -> None:
        """Bring all levels of a side to its grid."""
        prices, sizes = self._sizes[side].arrays()
        low, high = self._horizon
        was_known = (low <= prices) & (prices <= high)
        self._grids[side].load(prices, self._scene.notionals(prices, sizes), at, was_known)

    def _profile(self, side: int, at: float) -> Floats:
        """Notional by cell from mid outwards."""
        cells = int(self._limits.reach_bps / self._limits.cell_bps) + 1
        return self._grids[side].profile(self._scene.mid, cells, self._horizon[side], at)

    def _peaks(self, profile: Floats) -> list[Peak]:
        """Peaks of the known part: nothing rests across mid, and beyond the end nothing is known."""
        smoothed = smooth(profile, self._limits.smoothing_cells)
        known = smoothed[~np.isnan(smoothed)]
        if not len(known) or not known.any():
            return []
        least = self._limits.least_prominence * float(known.mean())
        peaks = find_peaks(np.concatenate(([0.0], known)), least)
        return [p._replace(at=p.at - 1, first=max(p.first - 1, 0), last=p.last - 1) for p in peaks]

    def _zone(self, side: int, profile: Floats, peak: Peak, moment: Moment) -> Zone:
        grid = self._grids[side]
        start = grid.index(self._scene.mid)
        outward = -1 if side == BIDS else 1
        ends = sorted((start + outward * peak.first, start + outward * peak.last))
        low, high = grid.edges(*ends)
        centre = start + outward * peak.at
        price = math.sqrt(math.prod(grid.edges(centre, centre)))
        mean = float(np.nanmean(smooth(profile, self._limits.smoothing_cells)))
        return Zone(
            symbol=self._scene.symbol,
            ts=moment.ts,
            known_at=moment.known_at,
            side="support" if side == BIDS else "resistance",
            low=low,
            high=high,
            price=price,
            notional=float(profile[peak.first : peak.last + 1].sum()),
            strength=peak.prominence / mean,
            distance_bps=self._scene.distance_bps(price),
            since=moment.ts,
            age=0.0,
            touches=0,
            known_to=self._horizon[side],
        )

    def _tracked(self, side: int, zone: Zone, free: list[_Track]) -> Zone:
        """The zone with the history of the free one it continues: that whose range holds its peak."""
        same = [track for track in free if track.zone.low <= zone.price <= track.zone.high]
        if same:
            track = min(same, key=lambda track: abs(track.zone.price - zone.price))
            free.remove(track)
        else:
            track = _Track(zone, zone.known_at)
            self._tracks[side].append(track)
        since = track.zone.since
        track.zone = replace(zone, since=since, age=zone.ts - since, touches=track.touches)
        track.seen = zone.known_at
        return track.zone

    def _touch(self, mid: float) -> None:
        """Count the zones that price came into; it must have left one before it can come again."""
        for side in range(SIDES):
            for track in self._tracks[side]:
                zone = track.zone
                past = (mid - zone.high) if side == BIDS else (zone.low - mid)
                if past <= 0.0 and not track.inside:
                    track.touches += 1
                    track.inside = True
                elif past / mid * 1e4 > self._limits.leave_bps:
                    track.inside = False
