"""Walls: large resting levels near enough to matter, their neighbours, and what becomes of them. Pure."""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from typing import Final

from alphapulse_assets.order_book.kernels import BIDS
from alphapulse_assets.order_book.reference import Usual
from alphapulse_assets.order_book.thresholds import WhaleThresholds
from alphapulse_assets.order_book.whale_events import Evidence, Moment, Scene, WhaleEvent, WhaleKind


@dataclass(slots=True, eq=False)
class Wall:
    """One large level: what it was, what was taken from it, and since when it is gone, if it is."""

    price: float
    size: float
    peak: float
    told: float  # size last told of
    since: float  # the venue's clock
    first_distance: float  # bps from mid
    removed: float = 0.0  # sum of all decreases
    traded: float = 0.0
    refills: int = 0
    gone: Moment | None = None
    gone_distance: float = 0.0

    @property
    def explained(self) -> float:
        """The share of what was removed that trades at the price explain."""
        return min(self.traded / self.removed, 1.0) if self.removed else 0.0


class Walls:
    """The walls of one side of a book. Events are appended to `out`, which the owner empties.

    Levels above the floor that are out of reach sleep in order of price, so that mid moving costs only what
    it brings into reach. Keys are as in `kernels`: price of bids, minus price of asks; best last.
    """

    def __init__(self, side: int, scene: Scene, thresholds: WhaleThresholds, usual: Usual) -> None:
        self.out: Final[list[WhaleEvent]] = []
        self._side = side
        self._sign = 1.0 if side == BIDS else -1.0
        self._scene = scene
        self._limits = thresholds
        self._usual = usual
        self._open: dict[float, Wall] = {}  # by key
        self._keys: list[float] = []  # of open walls, ascending
        self._asleep: dict[float, float] = {}  # sizes of large levels out of reach, by key
        self._asleep_keys: list[float] = []
        self._leaving: deque[tuple[float, Wall, Moment]] = deque()  # deadline, wall, when gone

    def learn(self, price: float, size: float, at: float) -> None:
        """Take a level of a snapshot as an observation of what is usual."""
        if self._distance(price) <= self._limits.reach_bps:
            self._usual.add(self._scene.notional(price, size), at)

    def change(self, price: float, size: float, moment: Moment, cause: str = "placed") -> None:
        """A level has a new size, 0 if it is gone."""
        key = self._sign * price
        wall = self._open.get(key)
        if wall is not None:
            self._follow(wall, size, moment)
            return
        if key in self._asleep:
            self._wake(key)
        if size:
            self._consider(price, size, moment, cause)

    def trade(self, price: float, size: float) -> None:
        """A trade took from this side at a price."""
        wall = self._open.get(self._sign * price)
        if wall is not None:
            wall.traded += size

    def move(self, sight: float, moment: Moment) -> None:
        """Mid or the worst price told of has moved: give up walls too far, look at levels now in reach."""
        worst = self._sign * sight
        while self._keys:
            wall = self._open[self._keys[0]]
            if self._keys[0] < worst:
                self._end(wall, WhaleKind.WALL_ENDED, "out_of_sight", moment)
            elif self._distance(wall.price) > self._limits.leave_bps:
                self._end(wall, WhaleKind.WALL_ENDED, "out_of_reach", moment)
                self._sleep(wall.price, wall.size)
            else:
                break
        while self._asleep_keys and self._asleep_keys[0] < worst:
            self._wake(self._asleep_keys[0])
        while self._asleep_keys:
            price = self._sign * self._asleep_keys[-1]
            if self._distance(price) > self._limits.reach_bps:
                break
            size = self._wake(self._asleep_keys[-1])
            self._consider(price, size, moment, "came_into_reach")

    def settle(self, at: float) -> None:
        """Judge the walls that have been gone for long enough to have heard of the trades."""
        while self._leaving and self._leaving[0][0] <= at:
            deadline, wall, gone = self._leaving.popleft()
            if wall.gone is gone:
                self._judge(wall, Moment(gone.ts, deadline))  # whenever we are called

    def lose(self, moment: Moment) -> None:
        """The book is not proven any more: what becomes of its walls is unknown."""
        for wall in [self._open[key] for key in reversed(self._keys)]:
            self._end(wall, WhaleKind.WALL_ENDED, "unknown", moment)
        self._asleep.clear()
        self._asleep_keys.clear()
        self._leaving.clear()

    def _distance(self, price: float) -> float:
        """Away from mid in bps, below 0 if on the wrong side of it."""
        return self._sign * (self._scene.mid - price) / self._scene.mid * 1e4

    def _consider(self, price: float, size: float, moment: Moment, cause: str) -> None:
        notional = self._scene.notional(price, size)
        if self._distance(price) > self._limits.reach_bps:
            self._sleep(price, size)
            return
        large = self._usual.is_large(notional, moment.known_at)
        if cause != "snapshot":
            self._usual.add(notional, moment.known_at)
        if large:
            self._appear(price, size, moment, cause)

    def _appear(self, price: float, size: float, moment: Moment, cause: str) -> None:
        wall = Wall(price, size, size, size, moment.ts, self._distance(price))
        key = self._sign * price
        self._open[key] = wall
        insort(self._keys, key)
        usual = self._usual
        notional = self._scene.notional(price, size)
        self._tell(WhaleKind.WALL_APPEARED, wall, size, moment, cause, usual.evidence(notional))
        self._tell_cluster(key, formed=True, cause="neighbour_appeared", moment=moment)

    def _follow(self, wall: Wall, size: float, moment: Moment) -> None:
        wall.removed += max(wall.size - size, 0.0)
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
        change = size / wall.told - 1.0
        if abs(change) >= self._limits.step:
            wall.told = size
            kind, cause = (
                (WhaleKind.WALL_GREW, "added") if change > 0 else (WhaleKind.WALL_SHRUNK, "taken_from")
            )
            self._tell(kind, wall, size, moment, cause, {"change": change})

    def _judge(self, wall: Wall, moment: Moment) -> None:
        if wall.explained >= self._limits.consumed:
            self._end(wall, WhaleKind.WALL_CONSUMED, "traded", moment)
            return
        pulled_without_trades = wall.explained <= 1.0 - self._limits.spoof_untraded
        self._end(
            wall, WhaleKind.WALL_PULLED, "untraded" if pulled_without_trades else "partly_traded", moment
        )
        ratio = self._scene.notional(wall.price, wall.peak) / self._usual.median_notional
        if (
            pulled_without_trades
            and ratio >= self._limits.spoof_median_ratio
            and wall.gone_distance <= self._limits.spoof_reach_bps
            and wall.gone_distance <= self._limits.spoof_approach * wall.first_distance
        ):
            evidence: Evidence = {"median_ratio": ratio, "gone_distance_bps": wall.gone_distance}
            cause = "pulled_as_price_came"
            self._tell(WhaleKind.SUSPECTED_SPOOF, wall, wall.peak, moment, cause, evidence)

    def _end(self, wall: Wall, kind: WhaleKind, cause: str, moment: Moment) -> None:
        key = self._sign * wall.price
        self._tell_cluster(key, formed=False, cause=cause, moment=moment)
        del self._open[key]
        del self._keys[bisect_left(self._keys, key)]
        wall.gone = None
        self._tell(kind, wall, wall.peak, moment, cause, {"last_size": wall.size})

    def _tell(
        self, kind: WhaleKind, wall: Wall, size: float, moment: Moment, cause: str, evidence: Evidence
    ) -> None:
        life: Evidence = {
            "since": wall.since,
            "age": moment.ts - wall.since,
            "peak_size": wall.peak,
            "first_distance_bps": wall.first_distance,
            "removed": wall.removed,
            "traded": wall.traded,
            "refills": wall.refills,
        }
        level = (wall.price, size)
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

    def _sleep(self, price: float, size: float) -> None:
        if self._scene.notional(price, size) >= self._limits.floor:
            key = self._sign * price
            self._asleep[key] = size
            insort(self._asleep_keys, key)

    def _wake(self, key: float) -> float:
        del self._asleep_keys[bisect_left(self._asleep_keys, key)]
        return self._asleep.pop(key)
