"""From when on something counts, each number with its source or 'ours', and what differs by market.

Pure. The one place for these numbers; what is done with them is in `whales`, `liquidity`, `sweeps`, `alerts`
and `futures.liquidations`. Whoever runs the platform changes them without code by rules in a file: see
`threshold_rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class WhaleThresholds:
    """When a resting level or a trade is large, and what is made of its life. Notionals in USD.

    There is no accepted academic definition of a whale: all of this is ours but for what says otherwise.
    """

    floor: float = 100_000.0  # ours; notional below which nothing is large
    trade_floor: float | None = None  # ours; the same of trades; None: as `floor`
    iceberg_floor: float | None = None  # ours; the same of what suspected icebergs traded; None: as `floor`
    quantile: float = 0.995  # ours; of notionals by update, over `memory`
    robust_z: float = 3.0  # of log notional; ours here, common as an outlier rule (median and MAD x 1.4826)
    memory: float = 86_400.0  # ours; seconds after which an observation weighs 1/e
    least_samples: int = 100  # ours; with fewer, large is unknown
    reach_bps: float = 200.0  # ours; distance from mid beyond which a level cannot matter
    leave_bps: float = 250.0  # ours; an open wall is given up beyond this
    step: float = 0.25  # ours; relative change in size that is told as grew or shrunk
    gone: float = 0.2  # a wall is gone at this share of its peak; practitioners' "pulled >= 80 %"
    back: float = 0.5  # ours; a wall that is refilled to this share before it is judged goes on
    settle: float = 1.0  # ours; seconds to wait for trades that explain why a wall is gone
    unproven: float = 300.0  # ours; seconds a book may be without proof until its walls are given up
    consumed: float = 0.5  # ours; share of what was removed that trades must explain
    cluster_gap_bps: float = 5.0  # ours; neighbouring walls are no further apart
    cluster_levels: int = 3  # ours
    iceberg_ratio: float = 3.0  # executed over the most displayed; from practitioners' pages
    iceberg_refills: int = 3  # from practitioners' pages
    refill_within: float = 1.0  # seconds after a trade; from practitioners' pages
    iceberg_memory: float = 60.0  # ours; seconds without a trade after which a price is forgotten
    spoof_median_ratio: float = 10.0  # practitioners: >= 10 x the median level
    spoof_untraded: float = 0.8  # practitioners: pulled >= 80 % without trades
    spoof_reach_bps: float = 25.0  # ours, for practitioners' "5-15 ticks away"
    spoof_approach: float = 0.7  # ours; distance when pulled over distance at first, at most

    def __post_init__(self) -> None:
        shares = (
            self.quantile,
            self.gone,
            self.back,
            self.consumed,
            self.spoof_untraded,
            self.spoof_approach,
        )
        _check(self, all(0 < share < 1 for share in shares), "shares between 0 and 1")
        _check(self, self.gone < self.back, "gone < back")
        _check(self, 0 < self.reach_bps <= self.leave_bps, "0 < reach_bps <= leave_bps")
        floors = (self.floor, self.trade_floor, self.iceberg_floor)
        _check(self, all(floor is None or floor > 0 for floor in floors), "floors above 0")
        _check(self, self.memory > 0 and self.step > 0, "memory and step above 0")
        times = (self.settle, self.unproven, self.refill_within, self.iceberg_memory)
        _check(self, min(times) >= 0, "times of 0 or more")
        _check(self, min(self.least_samples, self.cluster_levels, self.iceberg_refills) >= 1, "counts of 1+")


@dataclass(frozen=True, slots=True)
class LiquidityThresholds:
    """What makes a liquidity zone; all of it is ours."""

    cell_bps: float = 2.0  # width of a cell of the grid, in log price
    reach_bps: float = 300.0  # distance from mid up to which zones are looked for
    memory: float = 900.0  # seconds after which resting notional weighs 1/e
    smoothing_cells: float = 1.5  # standard deviation of the Gaussian
    least_prominence: float = 1.0  # in mean smoothed cells of the side
    forget: float = 60.0  # seconds unseen after which a zone is no longer the same one
    leave_bps: float = 5.0  # price must go this far away before it can touch a zone again

    def __post_init__(self) -> None:
        positive = (self.cell_bps, self.memory, self.smoothing_cells, self.least_prominence, self.forget)
        _check(self, min(positive) > 0, "widths, times and prominence above 0")
        _check(self, self.reach_bps >= 4 * self.cell_bps, "a reach of at least 4 cells")
        _check(self, self.leave_bps >= 0, "leave_bps of 0 or more")


@dataclass(frozen=True, slots=True)
class SweepThresholds:
    """What makes a sweep (stop hunt): practitioners' consensus, no academic source; windows are ours."""

    pivot_bars: int = 5  # ours; bars on either side that a pivot must exceed
    pivots: int = 20  # ours; the latest pivots looked at, per side
    beyond_atr: float = 0.1  # practitioners
    back_within: int = 3  # bars, with the one that went beyond as the first; practitioners
    relative_volume: float = 1.5  # practitioners
    volume_bars: int = 20  # mean volume before the bar (SMA20 shifted by one); ours
    atr_bars: int = 14  # Wilder 1978
    bar_seconds: float = 60.0

    def __post_init__(self) -> None:
        counts = (self.pivot_bars, self.pivots, self.back_within, self.volume_bars, self.atr_bars)
        _check(self, min(counts) >= 1, "counts of 1+")
        _check(self, self.beyond_atr >= 0 and self.relative_volume >= 0, "thresholds of 0 or more")
        _check(self, self.bar_seconds > 0, "bars longer than 0 s")


@dataclass(frozen=True, slots=True)
class AlertThresholds:
    """When somebody is told; all of it is ours. Times in seconds, notionals in USD."""

    imbalance: float = 0.8  # of the best levels, either side
    imbalance_lasting: float = 5.0  # without falling below
    imbalance_rearm: float = 0.5  # it must fall below this before it can be told again
    whale_notional: float = (
        1_000_000.0  # of what a whale event is about; by kind of event, None: the same ...
    )
    trade_notional: float | None = None
    iceberg_notional: float | None = None
    spoof_notional: float | None = None
    whale_ratio: float = 100.0  # ... and in usual notionals, where what a quote unit is worth is unknown
    whale_again: float = 3600.0  # until a wall that was told and is only seen again is told again
    stale: float = 15.0  # a book that was proven once and is not any more
    stale_at_first: float = 60.0  # a book that never was; many start at once, through one queue
    cool_down: float = 60.0  # between two alerts of a kind and symbol (not of stale books, nor sweeps)

    def __post_init__(self) -> None:
        _check(self, 0 < self.imbalance_rearm <= self.imbalance <= 1, "0 < imbalance_rearm <= imbalance <= 1")
        times = (self.imbalance_lasting, self.stale, self.stale_at_first, self.cool_down, self.whale_again)
        _check(self, min(times) >= 0, "times of 0 or more")
        _check(self, self.whale_notional > 0 and self.whale_ratio > 0, "whale_notional and _ratio above 0")
        by_kind = (self.trade_notional, self.iceberg_notional, self.spoof_notional)
        _check(self, all(notional is None or notional > 0 for notional in by_kind), "notionals above 0")


@dataclass(frozen=True, slots=True)
class LiquidationThresholds:
    """When positions closed by force are a cascade; all of it is ours. Times in seconds, notionals in USD.

    A cascade is what was closed of one side within `window`, worth at least `floor` and `ratio` times what a
    minute with liquidations usually closes of the symbol, both sides together.
    """

    window: float = 60.0
    floor: float = 250_000.0  # below that nothing is a cascade, where a quote unit's worth is known
    ratio: float = 10.0  # to the median of such minutes
    memory: float = 86_400.0  # how far back these minutes go
    least_minutes: int = 20  # with fewer of them what is usual is unknown, and `alone` counts instead
    alone: float = 2_000_000.0
    least_count: int = 3  # liquidations: one large position is no cascade
    cool_down: float = 600.0  # between two alerts of a symbol and side

    def __post_init__(self) -> None:
        positive = (self.window, self.floor, self.ratio, self.memory, self.alone)
        _check(self, min(positive) > 0, "window, floor, ratio, memory and alone above 0")
        _check(self, min(self.least_minutes, self.least_count) >= 1, "counts of 1+")
        _check(self, self.cool_down >= 0, "a cool_down of 0 or more")


@dataclass(frozen=True, slots=True)
class SymbolThresholds:
    """All thresholds of one symbol."""

    whales: WhaleThresholds = field(default_factory=WhaleThresholds)
    liquidity: LiquidityThresholds = field(default_factory=LiquidityThresholds)
    sweeps: SweepThresholds = field(default_factory=SweepThresholds)
    alerts: AlertThresholds = field(default_factory=AlertThresholds)
    liquidations: LiquidationThresholds = field(default_factory=LiquidationThresholds)

    def changed(self, changes: Mapping[str, Mapping[str, Any]]) -> Self:
        """These thresholds with some changed: {"whales": {"floor": 1e6}}.

        Raises:
            ValueError: no such group or threshold, or a value that makes no sense.
        """
        groups = {group.name: getattr(self, group.name) for group in fields(self)}
        for name, values in changes.items():
            if name not in groups:
                raise ValueError(f"no thresholds named {name!r}; there are {', '.join(groups)}")
            known = {item.name for item in fields(groups[name])}
            if unknown := sorted(set(values) - known):
                raise ValueError(f"no {name} thresholds {unknown}; there are {', '.join(sorted(known))}")
            groups[name] = replace(groups[name], **values)
        return replace(self, **groups)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is followed, in the words that thresholds and rates go by; None where it is not known."""

    venue: str
    venue_symbol: str  # the venue's own: BTCUSDT
    symbol: str | None = None  # unified: BTC/USDT, BTC/USDT:USDT
    kind: str | None = None  # spot, perpetual or future

    @property
    def quote(self) -> str | None:
        """The currency of its prices."""
        return self.symbol.partition("/")[2].partition(":")[0] or None if self.symbol else None


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """Thresholds that differ for some markets: those that have everything that is named here."""

    changes: Mapping[str, Mapping[str, Any]]
    venue: str | None = None
    kind: str | None = None
    symbol: str | None = None  # unified, or the venue's own

    def fits(self, subject: Subject) -> bool:
        """Whether it is about a market."""
        return (
            self.venue in (None, subject.venue)
            and self.kind in (None, subject.kind)
            and self.symbol in (None, subject.symbol, subject.venue_symbol)
        )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Those of all, and what differs: by rules, the later before the earlier, or by the venue's symbol."""

    default: SymbolThresholds = field(default_factory=SymbolThresholds)
    overrides: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    rules: tuple[ThresholdRule, ...] = ()

    def __post_init__(self) -> None:
        for symbol, changes in self.overrides.items():
            try:
                self.default.changed(changes)
            except ValueError as error:
                raise ValueError(f"{symbol}: {error}") from error

    def of(self, symbol: str | Subject) -> SymbolThresholds:
        """The thresholds of one market.

        Raises:
            ValueError: rules that make sense alone make none together.
        """
        subject = Subject("", symbol) if isinstance(symbol, str) else symbol
        chosen = self.default
        for rule in self.rules:
            if rule.fits(subject):
                chosen = chosen.changed(rule.changes)
        return chosen.changed(self.overrides.get(subject.venue_symbol, {}))


def _check(thresholds: object, right: bool, wanted: str) -> None:
    if not right:
        raise ValueError(f"wanted {wanted}: {thresholds}")
