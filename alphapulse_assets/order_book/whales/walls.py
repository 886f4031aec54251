"""Walls: large resting levels near enough to matter, their neighbours, and what becomes of them. Pure."""

from bisect import bisect_left, insort
from collections import deque
from typing import Final

import numpy as np

from alphapulse_assets.order_book.book.kernels import BIDS
from alphapulse_assets.order_book.book.peaks import Floats
from alphapulse_assets.order_book.book.resting import RestingSizes
from alphapulse_assets.order_book.whales.ages import LevelAges
from alphapulse_assets.order_book.whales.events import Evidence, Moment, Scene, WhaleEvent, WhaleKind
from alphapulse_assets.order_book.whales.reference import Usual
from alphapulse_assets.order_book.whales.thresholds import WhaleThresholds
from alphapulse_assets.order_book.whales.wall import TradesHeard, Wall


class Walls:
    """The walls of one side of a book. Events are appended to `out`, which the owner empties.

    What rests beyond the worst price in sight is not told of reliably: nothing appears there and nothing
    ends. A wall that comes to lie there is kept as it was last seen, and held against the level when that is
    in sight again. Levels worth a look that are out of reach or out of sight sleep in order of price, so that
    mid moving costs only what it brings into reach. Keys are as in `kernels`: price of bids, minus price of
    asks; best last.

    Args:
        side: BIDS or ASKS.
        scene: the book's units and mid.
        thresholds: what counts as large.
        usual: what is usual, of both sides together.
        resting: the side's levels in sight, brought up to date before each change is told here.
        trades: whether the trades that may explain a change were heard.
    """

    def __init__(
        self,
        side: int,
        scene: Scene,
        thresholds: WhaleThresholds,
        usual: Usual,
        resting: RestingSizes,
        trades: TradesHeard,
    ) -> None:
        self.out: Final[list[WhaleEvent]] = []
        self._side = side
        self._sign = 1.0 if side == BIDS else -1.0
        self._scene = scene
        self._limits = thresholds
        self._usual = usual
        self._resting = resting
        self._trades = trades
        self._ages = LevelAges(thresholds.back)
        self._worst = -np.inf  # key in sight
        self._open: dict[float, Wall] = {}  # by key
        self._keys: list[float] = []  # of open walls, ascending
        self._ended: set[float] = set()  # keys of walls that a snapshot has just ended
        self._asleep: dict[float, float] = {}  # sizes by key
        self._asleep_keys: list[float] = []
        self._leaving: deque[tuple[float, Wall, Moment]] = deque()  # deadline, wall, when gone

    def load(self, sight: float, moment: Moment) -> None:
        """All levels of the side are new: `resting` holds those of a snapshot, known up to the price `sight`.

        A wall that still stands there is the same one; what became of another is unknown.
        Then both sides are to be looked at: what is usual is learned of both.
        """
        self._worst = self._sign * sight
        self._ages.load(moment.ts)
        ended: set[float] = set()
        for wall in [self._open[key] for key in reversed(self._keys)]:
            if self._in_sight(wall) and not self._recognised(wall, moment):
                self._end(wall, WhaleKind.WALL_ENDED, "unknown", moment)
                ended.add(self._sign * wall.price)
        self._ended = ended  # what is left of them is not looked at before it changes
        _, _, notionals, distances = self._levels()
        learned = distances <= self._limits.reach_bps
        least = -(-self._limits.least_samples // 2)  # of a side: a thin book has to tell what is usual too
        if np.count_nonzero(learned) < least:
            learned[np.argsort(distances, kind="stable")[:least]] = True
        self._usual.add_many(notionals[learned], moment.known_at)

    def look_at_all(self, moment: Moment) -> None:
        """Look at every level in sight, as they are new or what counts as large has changed."""
        prices, sizes, notionals, distances = self._levels()
        near = distances <= self._limits.reach_bps
        asleep = ~near & (notionals >= self._usual.worth_a_look(moment.known_at))
        self._asleep = {
            self._sign * price: size
            for price, size in zip(prices[asleep].tolist(), sizes[asleep].tolist(), strict=True)
            if self._sign * price not in self._open
        }
        self._asleep_keys = sorted(self._asleep)
        chosen = np.flatnonzero(near & (notionals >= self._usual.floor))
        chosen = chosen[np.argsort(distances[chosen], kind="stable")]  # best first
        for price, size in zip(prices[chosen].tolist(), sizes[chosen].tolist(), strict=True):
            if self._sign * price not in self._open and self._sign * price not in self._ended:
                self._consider(price, size, moment, "found", learn=False)
        self._ended = set()

    def change(self, price: float, before: float, size: float, moment: Moment) -> None:
        """A level has a new size, 0 if it is gone."""
        key = self._sign * price
        in_sight = key >= self._worst
        self._ages.change(price, before, size, moment.ts, in_sight=in_sight)
        wall = self._open.get(key)
        if wall is not None:
            if in_sight:
                self._follow(wall, size, moment)
            return
        if key in self._asleep:
            self._wake(key)
        if not size:
            return
        if not in_sight:
            self._sleep(price, size, moment)
            return
        seen = self._ages.of(price, size)
        self._consider(price, size, moment, "placed" if seen.exact and seen.since == moment.ts else "found")

    def forget(self, price: float) -> None:
        """Nothing more is told of a price."""
        self._ages.forget(price)

    def trade(self, price: float, size: float) -> None:
        """A trade took from this side at a price."""
        wall = self._open.get(self._sign * price)
        if wall is not None:
            wall.traded += size

    def trades_lost(self, at: float) -> None:
        """Trades are not heard any more: those of what was taken a moment ago may be missing already."""
        for wall in self._open.values():
            if wall.taken_at >= at - self._limits.settle:
                wall.unexplained = max(wall.unexplained, wall.taken)

    def move(self, sight: float, moment: Moment) -> None:
        """Mid or the worst price told of has moved: give up walls too far, look at levels now in reach."""
        before, self._worst = self._worst, self._sign * sight
        for _, wall, gone in reversed(self._leaving):
            if gone is not moment:
                break
            if not self._in_sight(wall):  # what the stream no longer tells of it takes out of the book too
                wall.give_back()
        if self._worst < before:  # more is in sight
            newly = self._keys[bisect_left(self._keys, self._worst) : bisect_left(self._keys, before)]
            for wall in [self._open[key] for key in reversed(newly)]:
                self._seen_again(wall, moment)
        while self._keys:
            wall = self._open[self._keys[0]]
            if self._distance(wall.price) <= self._limits.leave_bps:
                break
            self._end(wall, WhaleKind.WALL_ENDED, "out_of_reach", moment)
            self._sleep(wall.price, wall.size, moment)
        while self._asleep_keys and self._asleep_keys[-1] >= self._worst:
            price = self._sign * self._asleep_keys[-1]
            if self._distance(price) > self._limits.reach_bps:
                break
            unseen = self._sign * price < before  # until now
            self._wake(self._asleep_keys[-1])
            if size := self._resting.at(price):
                self._consider(price, size, moment, "found" if unseen else "came_into_reach")

    def settle(self, at: float, resumed_at: float) -> None:
        """Judge the walls that have been gone for long enough to have heard of the trades.

        While the book was not proven, until `resumed_at`, nothing was judged.
        """
        while self._leaving and self._leaving[0][0] <= at:
            deadline, wall, gone = self._leaving.popleft()
            if wall.gone is gone:
                self._judge(wall, Moment(gone.ts, max(deadline, resumed_at)))  # whenever we are called

    def lose(self, moment: Moment) -> None:
        """What becomes of the walls from now on is unknown."""
        for wall in [self._open[key] for key in reversed(self._keys)]:
            self._end(wall, WhaleKind.WALL_ENDED, "unknown", moment)
        self._asleep.clear()
        self._asleep_keys.clear()
        self._leaving.clear()

    def _distance(self, price: float) -> float:
        """Away from mid in bps, below 0 if on the wrong side of it."""
        return self._sign * (self._scene.mid - price) / self._scene.mid * 1e4

    def _levels(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Prices, sizes, notionals and distances in bps of the levels in sight."""
        prices, sizes = self._resting.arrays()
        distances = self._sign * (self._scene.mid - prices) / self._scene.mid * 1e4
        return prices, sizes, self._scene.notionals(prices, sizes), distances

    def _in_sight(self, wall: Wall) -> bool:
        return self._sign * wall.price >= self._worst

    def _recognised(self, wall: Wall, moment: Moment) -> bool:
        """Whether a wall that could not be seen for a while still stands, with enough of its peak.

        What was taken from it meanwhile may have been explained by trades that were missed.
        """
        size = self._resting.at(wall.price)
        if size <= self._limits.gone * wall.peak:
            return False
        if wall.gone is not None:
            wall.gone = None
            wall.refills += 1
        if size < wall.size:
            wall.take(wall.size - size, moment.known_at, heard=False)
        wall.size = size
        self._follow(wall, size, moment)
        return True

    def _seen_again(self, wall: Wall, moment: Moment) -> None:
        """The price of a wall is in sight again."""
        if wall.gone is None and not self._recognised(wall, moment):
            self._end(wall, WhaleKind.WALL_ENDED, "out_of_sight", moment)

    def _consider(self, price: float, size: float, moment: Moment, cause: str, *, learn: bool = True) -> None:
        """See whether a level is a wall; `learn`: it is an observation of what is usual."""
        notional = self._scene.notional(price, size)
        if self._distance(price) > self._limits.reach_bps:
            self._sleep(price, size, moment)
            return
        large = self._usual.is_large(notional, moment.known_at)
        if learn:
            self._usual.add(notional, moment.known_at)
        if large:
            self._appear(price, size, moment, cause)

    def _appear(self, price: float, size: float, moment: Moment, cause: str) -> None:
        seen = self._ages.of(price, size)
        wall = Wall(
            price=price,
            size=size,
            peak=size,
            reported_size=size,
            since=moment.ts,
            first_seen=min(seen.since, moment.ts),
            at_least=not seen.exact,
            first_distance=self._distance(price),
        )
        key = self._sign * price
        self._open[key] = wall
        insort(self._keys, key)
        usual = self._usual
        notional = self._scene.notional(price, size)
        self._tell(WhaleKind.WALL_APPEARED, wall, size, moment, cause, usual.evidence(notional))
        self._tell_cluster(key, formed=True, cause="neighbour_appeared", moment=moment)

    def _follow(self, wall: Wall, size: float, moment: Moment) -> None:
        if size < wall.size:
            wall.take(wall.size - size, moment.known_at, heard=self._trades.around(moment.known_at))
        wall.size = size
        wall.peak = max(wall.peak, size)
        if wall.gone is not None:
            if size < self._limits.back * wall.peak:
                return
            wall.gone = None
            wall.refills += 1
        elif size <= self._limits.gone * wall.peak:
            wall.gone, wall.gone_distance = moment, self._distance(wall.price)
            self._leaving.append((moment.known_at + self._limits.settle, wall, moment))
            return
        change = size / wall.reported_size - 1.0
        if abs(change) >= self._limits.step:
            wall.reported_size = size
            kind, cause = (
                (WhaleKind.WALL_GREW, "added") if change > 0 else (WhaleKind.WALL_SHRUNK, "taken_from")
            )
            self._tell(kind, wall, size, moment, cause, {"change": change})

    def _judge(self, wall: Wall, moment: Moment) -> None:
        least, most = wall.explained
        if not self._trades.known or least < self._limits.consumed <= most:
            self._end(wall, WhaleKind.WALL_ENDED, "unknown", moment, {"trades": "unknown"})
            return
        if least >= self._limits.consumed:
            self._end(wall, WhaleKind.WALL_CONSUMED, "traded", moment)
            return
        untraded = most <= 1.0 - self._limits.spoof_untraded
        self._end(wall, WhaleKind.WALL_PULLED, "untraded" if untraded else "partly_traded", moment)
        if untraded:
            self._suspect_spoof(wall, moment)

    def _suspect_spoof(self, wall: Wall, moment: Moment) -> None:
        ratio = self._scene.notional(wall.price, wall.peak) / self._usual.median_notional
        if (
            ratio >= self._limits.spoof_median_ratio
            and wall.gone_distance <= self._limits.spoof_reach_bps
            and wall.gone_distance <= self._limits.spoof_approach * wall.first_distance
        ):
            evidence: Evidence = {"median_ratio": ratio, "gone_distance_bps": wall.gone_distance}
            cause = "pulled_as_price_came"
            self._tell(WhaleKind.SUSPECTED_SPOOF, wall, wall.peak, moment, cause, evidence)

    def _end(
        self, wall: Wall, kind: WhaleKind, cause: str, moment: Moment, more: Evidence | None = None
    ) -> None:
        key = self._sign * wall.price
        self._tell_cluster(key, formed=False, cause=cause, moment=moment)
        del self._open[key]
        del self._keys[bisect_left(self._keys, key)]
        wall.gone = None
        self._tell(kind, wall, wall.peak, moment, cause, {"last_size": wall.size, **(more or {})})

    def _tell(
        self, kind: WhaleKind, wall: Wall, size: float, moment: Moment, cause: str, evidence: Evidence
    ) -> None:
        level = (wall.price, size)
        life = wall.life(moment.ts)
        self.out.append(self._scene.event(kind, moment, self._side, level, cause, life | evidence))

    def _tell_cluster(self, key: float, *, formed: bool, cause: str, moment: Moment) -> None:
        """Tell if the wall at a key makes, or by going unmakes, a chain of enough neighbours."""
        at = bisect_left(self._keys, key)
        low = high = at
        while low > 0 and self._near(low - 1, low):
            low -= 1
        while high + 1 < len(self._keys) and self._near(high, high + 1):
            high += 1
        least = self._limits.cluster_levels
        if high - low + 1 < least or max(at - low, high - at) >= least:
            return
        walls = [self._open[member] for member in self._keys[low : high + 1]]
        size = sum(wall.size if formed else wall.peak for wall in walls)
        notional = sum(self._scene.notional(wall.price, wall.size if formed else wall.peak) for wall in walls)
        prices = [wall.price for wall in walls]
        evidence: Evidence = {
            "levels": len(walls),
            "lowest": min(prices),
            "highest": max(prices),
            "notional": notional,
        }
        kind = WhaleKind.CLUSTER_FORMED if formed else WhaleKind.CLUSTER_DISSOLVED
        level = (self._sign * key, size)
        self.out.append(self._scene.event(kind, moment, self._side, level, cause, evidence))

    def _near(self, a: int, b: int) -> bool:
        gap = (self._keys[b] - self._keys[a]) / self._scene.mid * 1e4
        return gap <= self._limits.cluster_gap_bps

    def _sleep(self, price: float, size: float, moment: Moment) -> None:
        if self._scene.notional(price, size) >= self._usual.worth_a_look(moment.known_at):
            key = self._sign * price
            self._asleep[key] = size
            insort(self._asleep_keys, key)

    def _wake(self, key: float) -> None:
        del self._asleep_keys[bisect_left(self._asleep_keys, key)]
        del self._asleep[key]
