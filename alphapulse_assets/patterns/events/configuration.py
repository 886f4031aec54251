"""Every weight and threshold between a detected pattern and a signal: one typed, versioned value. Pure.

The figures of confidence, levels, boosts, reliability and timeframe multipliers are the product's
requirements; every other figure is ours. Rows carry `version`, so it must be another one wherever anything
else here is another.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from alphapulse_assets.patterns.events.model import FAMILIES, PATTERN_TIMEFRAMES

FACTORS: Final = ("volume", "trend", "context", "history", "convergence")
"""The factors of the confidence, in the order of the kernels' columns."""

ASPECTS: Final = ("technical", "historical", "market", "volume")
"""The aspects of the reliability, in the order of the kernels' columns."""

LEVELS: Final = ("very low", "low", "medium", "high", "extreme")


def _check(right: bool, wanted: str) -> None:
    if not right:
        raise ValueError(f"pattern configuration: wanted {wanted}")


@dataclass(frozen=True, slots=True)
class ConfidenceRules:
    """Weights (they sum to 100), levels, and where each factor is empty and full."""

    volume: float = 30.0
    trend: float = 25.0
    context: float = 20.0
    history: float = 15.0
    convergence: float = 10.0
    levels: tuple[float, float, float, float] = (40.0, 60.0, 75.0, 90.0)  # low, medium, high, extreme from
    volume_none: float = 0.5  # volume ratio at which nothing is confirmed
    volume_full: float = 2.0  # volume ratio of a spike: fully confirmed
    slope_full: float = 0.12  # ATR per bar: twice the slope at which a trend may begin
    history_full: float = 0.2  # success rate above its base rate that is all one can wish for
    least_coverage: float = 0.5  # share of the weights that must be there for a level

    def __post_init__(self) -> None:
        _check(min(self.weights) >= 0 and abs(sum(self.weights) - 100) < 1e-9, "weights that sum to 100")
        _check(all(a < b for a, b in pairwise((0.0, *self.levels, 100.0))), "levels that rise within 0..100")
        _check(0 <= self.volume_none < self.volume_full, "volume_none below volume_full")
        _check(min(self.slope_full, self.history_full) > 0, "slope_full and history_full above 0")
        _check(0 <= self.least_coverage <= 1, "a least_coverage within 0..1")

    @property
    def weights(self) -> tuple[float, ...]:
        """In the order of FACTORS."""
        return (self.volume, self.trend, self.context, self.history, self.convergence)


@dataclass(frozen=True, slots=True)
class BoostRules:
    """The second, simpler score: what is added to the strength (where TA-Lib's 100 is 50, its 200 100)."""

    volume: float = 30.0
    price: float = 20.0
    timeframe: float = 30.0
    price_full: float = 1.0  # ATR that the bar moved the pattern's way
    cap: float = 100.0
    medium: float = 60.0  # from here on
    strong: float = 80.0  # above it

    def __post_init__(self) -> None:
        _check(min(self.volume, self.price, self.timeframe) >= 0 < self.price_full, "boosts of 0 or more")
        _check(0 < self.medium < self.strong < self.cap, "0 < medium < strong < cap")


@dataclass(frozen=True, slots=True)
class ConfluenceRules:
    """How timeframes speak together.

    A confirmed pattern counts for `life` bars of its own timeframe from its `known_at` on, then no more.
    """

    multipliers: tuple[float, ...] = (0.8, 0.8, 0.8, 1.0, 1.0, 1.2, 1.2)  # in the order of PATTERN_TIMEFRAMES
    life: tuple[int, ...] = (3, 10, 3)  # bars, in the order of FAMILIES
    margin: float = 0.2  # net strength over all strength below which a timeframe has no direction
    strong: int = 3  # consecutive timeframes of one direction
    medium: int = 2

    def __post_init__(self) -> None:
        _check(len(self.multipliers) == len(PATTERN_TIMEFRAMES), f"{len(PATTERN_TIMEFRAMES)} multipliers")
        _check(all(0 < a <= b for a, b in pairwise(self.multipliers)), "multipliers that do not fall")
        _check(len(self.life) == len(FAMILIES) and min(self.life) >= 1, "a life of 1 bar or more per family")
        _check(0 <= self.margin < 1, "a margin within 0..1")
        _check(1 < self.medium < self.strong, "1 < medium < strong")

    @property
    def longest_life(self) -> int:
        """Bars after which no pattern counts any more."""
        return max(self.life)


@dataclass(frozen=True, slots=True)
class ReliabilityRules:
    """Weights of the reliability, sum 100; its levels are those of the confidence."""

    technical: float = 40.0
    historical: float = 30.0
    market: float = 20.0
    volume: float = 10.0

    def __post_init__(self) -> None:
        _check(min(self.weights) >= 0 and abs(sum(self.weights) - 100) < 1e-9, "weights that sum to 100")

    @property
    def weights(self) -> tuple[float, ...]:
        """In the order of ASPECTS."""
        return (self.technical, self.historical, self.market, self.volume)


@dataclass(frozen=True, slots=True)
class OutcomeRules:
    """What is measured after a pattern, and how it is judged."""

    horizons: tuple[int, ...] = (1, 3, 5, 10, 20, 50)  # bars
    history_horizon: int = 10  # bars: the outcome that counts as success in confidence and reliability
    prior_strength: float = 30.0  # observations the base rate is worth (beta-binomial)
    level: float = 0.95  # of all intervals
    fewest_clusters: int = 30  # stretches of time below which nothing is called an edge
    false_discovery: float = 0.05  # share of false ones among the edges that a table names, at most
    near_target: float = 0.8  # share of the way to the target that makes a failure a near miss
    quick_loss: float = 1.0  # ATR against the pattern with less than half of that in its favour: never right
    hint_share: float = 0.25  # of the failures, from which on a hint is given

    def __post_init__(self) -> None:
        _check(all(0 < a < b for a, b in pairwise(self.horizons)), "horizons that rise")
        _check(self.history_horizon in self.horizons, "history_horizon among the horizons")
        _check(self.prior_strength > 0 and self.fewest_clusters >= 1, "prior and fewest_clusters above 0")
        _check(0 < self.level < 1 and 0 < self.false_discovery < 1, "level and false_discovery within 0..1")
        _check(0 < self.near_target <= 1 and 0 < self.hint_share <= 1, "shares within 0..1")
        _check(self.quick_loss > 0, "a quick_loss above 0")


@dataclass(frozen=True, slots=True)
class SignalRules:
    """When patterns become a signal, its levels, and the bounds of its plan.

    A stop nearer than one ATR is within what a single bar moves (Elder, The New Trading for a Living, 2014);
    without a bound a breakout at the apex of a triangle has any reward/risk one likes. Targets are within
    `reach` times the expected range of the bars that the signal lives: of a walk that of n bars is sqrt(n)
    times that of one (Feller, 1951), which is about one ATR. A walk touches what is just that far in 11 cases
    of 100, half as far in 42 (reflection principle).
    """

    least_confidence: float = 60.0  # of a pattern that counts: medium
    weak: float = 40.0  # |score| from which on there is a direction
    normal: float = 60.0
    strong: float = 75.0
    confirming: int = 2  # different shapes of evidence that a buy or sell needs
    strong_timeframes: int = 2  # consecutive ones that a strong buy or sell needs
    stop_atr: float = 2.0  # distance of the stop where no pattern gives a fit one
    nearest_stop_atr: float = 1.0  # a pattern's own stop is set back to this distance
    farthest_stop_atr: float = 4.0  # and not taken beyond this one
    reward: float = 2.0  # target in units of the risk where no pattern gives one
    least_reward: float = 1.0  # reward/risk below which a signal is at most weak
    reach: float = 1.0  # of the target, in ATR x sqrt(bars of the signal's life)

    def __post_init__(self) -> None:
        _check(0 <= self.least_confidence <= 100, "a least_confidence within 0..100")
        _check(0 < self.weak < self.normal < self.strong <= 100, "0 < weak < normal < strong <= 100")
        _check(min(self.confirming, self.strong_timeframes) >= 1, "counts of 1 or more")
        _check(0 < self.nearest_stop_atr <= self.stop_atr <= self.farthest_stop_atr, "stops that rise")
        _check(self.reward >= self.least_reward > 0, "reward of least_reward or more")
        _check(self.reach > 0, "a reach above 0")


@dataclass(frozen=True, slots=True)
class SizingRules:
    """Position size: a fixed fraction of the equity at risk, capped (fixed fractional, Vince 1990).

    What is live at once has limits of its own: two positions of a symbol, and 6 % of the equity at risk in
    all (Elder's rules of 2 % and of 6 %, The New Trading for a Living, 2014).
    """

    equity: float = 10_000.0  # quote currency
    risk_fraction: float = 0.01  # of the equity lost if the stop is hit at its price
    cap_fraction: float = 0.25  # of the equity that one position may be worth
    symbol_risk_fraction: float = 0.02  # of the equity at risk in all live signals of a symbol
    symbol_cap_fraction: float = 0.5  # of the equity that they may be worth together
    total_risk_fraction: float = 0.06  # of the equity at risk in all live signals (view signal_risk_now)

    def __post_init__(self) -> None:
        _check(self.equity > 0, "an equity above 0")
        fractions = (self.risk_fraction, self.symbol_risk_fraction, self.total_risk_fraction)
        _check(all(0 < one <= 1 for one in fractions) and 0 < self.cap_fraction <= 1, "fractions within 0..1")
        _check(self.symbol_cap_fraction > 0, "a symbol_cap_fraction above 0")


@dataclass(frozen=True, slots=True)
class CostRules:
    """What a trade costs, a side: what is right after costs, what a signal's return is worth.

    The fee is that of a taker of Binance's USD-M perpetuals at the lowest level (documented: 0.05 %); the
    slippage is ours.
    """

    fee_bps: float = 5.0  # basis points of the notional, a side
    slippage_bps: float = 1.0  # between the price that is seen and the price that is had, a side

    def __post_init__(self) -> None:
        _check(min(self.fee_bps, self.slippage_bps) >= 0, "costs of 0 or more")

    @property
    def round_trip(self) -> float:
        """Both sides together, as a fraction of the notional."""
        return 2.0 * (self.fee_bps + self.slippage_bps) / 10_000.0


@dataclass(frozen=True, slots=True)
class ModelRules:
    """What probabilities are told of (docs/models.md)."""

    horizons: tuple[int, ...] = (10,)  # bars after the close of the event; each among OutcomeRules.horizons

    def __post_init__(self) -> None:
        _check(all(a < b for a, b in pairwise((0, *self.horizons))), "horizons that rise")
        _check(bool(self.horizons), "a horizon to tell probabilities of")


@dataclass(frozen=True, slots=True)
class PatternConfiguration:
    """Everything, with its version."""

    version: int = 2
    confidence: ConfidenceRules = field(default_factory=ConfidenceRules)
    boosts: BoostRules = field(default_factory=BoostRules)
    confluence: ConfluenceRules = field(default_factory=ConfluenceRules)
    reliability: ReliabilityRules = field(default_factory=ReliabilityRules)
    outcomes: OutcomeRules = field(default_factory=OutcomeRules)
    signals: SignalRules = field(default_factory=SignalRules)
    sizing: SizingRules = field(default_factory=SizingRules)
    costs: CostRules = field(default_factory=CostRules)
    models: ModelRules = field(default_factory=ModelRules)

    def __post_init__(self) -> None:
        _check(set(self.models.horizons) <= set(self.outcomes.horizons), "model horizons that are measured")


DEFAULT: Final = PatternConfiguration()
