"""Suspected icebergs: prices at which far more trades than was ever shown. Pure."""

from collections import OrderedDict
from dataclasses import dataclass

from alphapulse_assets.order_book.whales.events import Evidence, Moment, Scene, WhaleEvent, WhaleKind
from alphapulse_assets.order_book.whales.reference import Usual
from alphapulse_assets.order_book.whales.thresholds import WhaleThresholds


@dataclass(slots=True)
class _Price:
    most_shown: float
    since: float
    executed: float = 0.0
    refills: int = 0
    last_trade: float = 0.0
    told: bool = False


class Icebergs:
    """Prices that traded of late: what was executed there, the most that was shown, how often refilled."""

    def __init__(self, scene: Scene, thresholds: WhaleThresholds, usual: Usual) -> None:
        self._scene = scene
        self._usual = usual  # levels
        self._thresholds = thresholds
        self._prices: OrderedDict[tuple[int, float], _Price] = OrderedDict()

    def clear(self) -> None:
        """Forget all: shown sizes are no longer known."""
        self._prices.clear()

    def traded(self, side: int, level: tuple[float, float], shown: float, moment: Moment) -> list[WhaleEvent]:
        """A trade of (price, size) against what rests on a side, where `shown` was displayed."""
        self._forget(moment.known_at)
        price, size = level
        found = self._prices.get((side, price))
        if found is None:
            found = self._prices[side, price] = _Price(shown, moment.ts)
        self._prices.move_to_end((side, price))
        found.executed += size
        found.last_trade = moment.known_at
        return self._judge(found, side, price, moment)

    def changed(self, side: int, price: float, before: float, now: float, moment: Moment) -> list[WhaleEvent]:
        """The size shown at a price changed; more of it soon after a trade is a refill."""
        found = self._prices.get((side, price))
        if found is None:
            return []
        found.most_shown = max(found.most_shown, now)
        if now > before and moment.known_at - found.last_trade <= self._thresholds.refill_within:
            found.refills += 1
        return self._judge(found, side, price, moment)

    def _judge(self, found: _Price, side: int, price: float, moment: Moment) -> list[WhaleEvent]:
        limits = self._thresholds
        if (
            found.told
            or found.refills < limits.iceberg_refills
            or not 0 < limits.iceberg_ratio * found.most_shown <= found.executed
            or not self._matters(self._scene.notional(price, found.executed), moment.known_at)
        ):
            return []
        found.told = True
        evidence: Evidence = {
            "executed": found.executed,
            "most_shown": found.most_shown,
            "refills": found.refills,
            "since": found.since,
        }
        if self._usual.knows(moment.known_at):
            evidence["usual_notional"] = self._usual.median_notional
        level = (price, found.executed)
        kind = WhaleKind.SUSPECTED_ICEBERG
        return [self._scene.event(kind, moment, side, level, "refilled_while_traded", evidence)]

    def _matters(self, notional: float, at: float) -> bool:
        """Whether so much is enough: in USD, or beside the usual level where that cannot be told."""
        rate, limits = self._scene.rate, self._thresholds
        if rate.known:
            return notional * rate.value >= (limits.iceberg_floor or limits.floor)
        return notional >= self._usual.worth_a_look(at)

    def _forget(self, at: float) -> None:
        while self._prices:
            key = next(iter(self._prices))
            if at - self._prices[key].last_trade <= self._thresholds.iceberg_memory:
                return
            del self._prices[key]
