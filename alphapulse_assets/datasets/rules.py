"""The hard rules of everything computed from bars: each once, as an expectation and as a polars guard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from alphapulse_assets.datasets.expectations import expectation
from alphapulse_assets.patterns.candlestick.batch import CONFIRMATION
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE
from alphapulse_assets.patterns.chart import definitions as chart
from alphapulse_assets.patterns.evaluation import performance
from alphapulse_assets.patterns.events.configuration import DEFAULT as CONFIGURATION
from alphapulse_assets.patterns.events.model import FAMILIES
from alphapulse_assets.volume.definitions import DIRECTIONS, STRENGTHS, VOLUME_PATTERNS
from alphapulse_assets.volume.reactions import ABOVE, BELOW, NO_EDGE


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What holds of every row; nulls break no rule but `known`."""

    known: Sequence[str] = ()
    between: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    ordered: Sequence[tuple[str, str]] = ()  # the first is at most the second
    among: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """The columns that are looked at, each once."""
        pairs = [name for pair in self.ordered for name in pair]
        return list(dict.fromkeys([*self.known, *self.between, *pairs, *self.among]))

    def suite(self) -> list[Any]:
        """The rules as expectations."""
        return [
            *(expectation("ExpectColumnValuesToNotBeNull", column=name) for name in self.known),
            *(
                expectation("ExpectColumnValuesToBeBetween", column=name, min_value=low, max_value=high)
                for name, (low, high) in self.between.items()
            ),
            *(
                expectation(
                    "ExpectColumnPairValuesAToBeGreaterThanB",
                    column_A=high,
                    column_B=low,
                    or_equal=True,
                    ignore_row_if="either_value_is_missing",
                )
                for low, high in self.ordered
            ),
            *(
                expectation("ExpectColumnValuesToBeInSet", column=name, value_set=list(values))
                for name, values in self.among.items()
            ),
        ]

    def guard(self) -> dict[str, pl.Expr]:
        """The same rules in polars: True where broken."""
        broken = {f"{name}_missing": pl.col(name).is_null() for name in self.known}
        for name, (low, high) in self.between.items():
            if low is not None:
                broken[f"{name}_too_low"] = (pl.col(name) < low).fill_null(False)
            if high is not None:
                broken[f"{name}_too_high"] = (pl.col(name) > high).fill_null(False)
        for low_name, high_name in self.ordered:
            broken[f"{low_name}_above_{high_name}"] = (pl.col(low_name) > pl.col(high_name)).fill_null(False)
        for name, values in self.among.items():
            broken[f"{name}_unknown"] = (~pl.col(name).is_in(list(values))).fill_null(False)
        return broken


_PERCENT: Final = dict.fromkeys(("rsi_14", "adx_14", "plus_di_14", "minus_di_14", "mfi_14"), (0.0, 100.0))
_PRICES: Final = (
    *("ema_9", "ema_20", "ema_50", "ema_200", "sma_20", "sma_50", "sma_200"),
    *("vwap_session", "vwap_week", "atr_14", "relative_volume_20", "realised_volatility_20"),
)
_LEVELS: Final = ("low", "normal", "high")
AFTER_CLOSE: Final = "microseconds_after_close"
"""What is added to rows with a timeframe: from the close of the bar to `known_at`."""
_AT_CLOSE: Final = {AFTER_CLOSE: (0.0, 0.0)}

RULES: Final[Mapping[str, RuleSet]] = {
    "indicators": RuleSet(
        known=("known_at", "obv", "ad_line"),
        between={**_PERCENT, "cmf_20": (-1.0, 1.0), **dict.fromkeys(_PRICES, (0.0, None))},
        ordered=(("bb_lower", "bb_middle"), ("bb_middle", "bb_upper")),
    ),
    "market_regime": RuleSet(
        known=("known_at",),
        between={
            "adx": (0.0, 100.0),
            **dict.fromkeys(("volatility_percentile", "liquidity_percentile"), (0.0, 1.0)),
            **dict.fromkeys(("quote_volume_mean", "illiquidity"), (0.0, None)),
        },
        among={"trend": ("up", "down", "range"), "volatility": _LEVELS, "liquidity": _LEVELS},
    ),
    "volume_patterns": RuleSet(
        known=("known_at", "price_change"),
        between={"confidence": (0.0, 1.0), "volume_ratio": (0.0, None)},
        ordered=(("ts", "known_at"),),
        among={"pattern": tuple(VOLUME_PATTERNS), "direction": DIRECTIONS, "strength": STRENGTHS},
    ),
    "candlestick_patterns": RuleSet(
        known=("known_at", "began_at", "unbroken"),
        between={**_AT_CLOSE, "strength": (-CONFIRMATION, CONFIRMATION), "candles": (1, 5)},
        ordered=(("began_at", "ts"),),
        among={"pattern": tuple(CATALOGUE), "direction": DIRECTIONS},
    ),
    "chart_patterns": RuleSet(
        known=("known_at", "breakout_level", "lines", "detail"),
        between={
            **_AT_CLOSE,
            **{"completion": (0.0, 100.0), "quality": (0.0, 1.0)},
            **dict.fromkeys(("height", "atr", "scale"), (0.0, None)),
            **dict.fromkeys(("volume_ratio", "volume_trend"), (0.0, None)),
        },
        among={"pattern": tuple(chart.CHART_PATTERNS), "direction": DIRECTIONS, "stage": chart.STAGES[1:]},
    ),
    "pattern_outcomes": RuleSet(
        known=("known_at", "confirmed_at", "entry", "return_pct"),
        between={
            "entry": (0.0, None),
            **dict.fromkeys(("favourable_pct", "favourable_atr", "adverse_pct", "adverse_atr"), (0.0, None)),
            **dict.fromkeys(("atr", "target_atr", "invalidation_atr"), (0.0, None)),
            **dict.fromkeys(("horizon", "touch_bars"), (1, max(CONFIGURATION.outcomes.horizons))),
        },
        ordered=(("ts", "confirmed_at"), ("confirmed_at", "known_at"), ("touch_bars", "horizon")),
        among={
            "family": FAMILIES,
            "direction": DIRECTIONS,
            "regime": ("up", "down", "range"),
            "first_touch": ("target", "invalidation", "neither"),
        },
    ),
    "pattern_success": RuleSet(
        known=("rate", "base_rate", "shrunk_rate"),
        between={**dict.fromkeys(("rate", "base_rate", "shrunk_rate"), (0.0, 1.0)), "clusters": (1, None)},
        ordered=(("low", "rate"), ("rate", "high"), ("clusters", "n")),
        among={
            "family": FAMILIES,
            "direction": ("bearish", "bullish"),
            "regime": ("", "up", "down", "range"),
        },
    ),
    "pattern_performance": RuleSet(
        known=("hit_rate", "base_rate", "shrunk_rate", "verdict", "hints"),
        between={
            **dict.fromkeys(("hit_rate", "base_rate", "target_rate", "walk_rate", "ambiguous"), (0.0, 1.0)),
            **dict.fromkeys(("favourable_atr", "adverse_atr"), (0.0, None)),
            "clusters": (1, None),
        },
        ordered=(
            *(("hit_low", "hit_rate"), ("hit_rate", "hit_high"), ("walk_low", "walk_rate")),
            *(("walk_rate", "walk_high"), ("target_low", "target_rate"), ("target_rate", "target_high")),
            *(("mean_atr_low", "mean_atr_high"), ("median_atr_low", "median_atr_high")),
            *(("clusters", "n"), ("target_n", "n"), ("walk_clusters", "walk_n")),
        ),
        among={
            "family": FAMILIES,
            "direction": ("bearish", "bullish"),
            "regime": ("", "up", "down", "range"),
            **dict.fromkeys(
                ("verdict", "target_verdict"), (performance.NO_EDGE, performance.ABOVE, performance.BELOW)
            ),
        },
    ),
    "volume_profiles": RuleSet(
        known=("known_at", "volume", "bin_width"),
        between={"minutes": (1, 1440), "volume": (0.0, None), "bin_width": (0.0, None)},
        ordered=(("value_area_low", "poc"), ("poc", "value_area_high")),
    ),
    "volume_reactions": RuleSet(
        known=("share_up", "mean_pct", "base_share_up"),
        between={"share_up": (0.0, 1.0), "base_share_up": (0.0, 1.0), "n": (1, None), "clusters": (1, None)},
        ordered=(
            *(
                ("share_up_low", "share_up"),
                ("share_up", "share_up_high"),
                ("clusters", "n"),
                ("n", "base_n"),
            ),
            *(("mean_pct_low", "mean_pct_high"), ("median_pct_low", "median_pct_high")),
        ),
        among={"edge": (NO_EDGE, ABOVE, BELOW)},
    ),
}
