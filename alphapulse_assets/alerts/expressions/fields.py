"""What alert rules can read: each field with its unit, where it is stored, and when it changes. Pure.

Names of indicators and patterns are the ones of their rooms, which stand above this one: a test holds them
together. A new indicator needs a word here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from alphapulse_resources.frames import AGGREGATED, TIMEFRAMES

FieldKind: TypeAlias = Literal["number", "text"]


STORED: Final = ("1m", *AGGREGATED)
"""Timeframes that bars and what is computed from them are stored in."""


class Change(StrEnum):
    """When a field changes, and with that who evaluates rules that read it."""

    SECOND = "each second with a trade"
    CLOSE = "with each closed bar of its timeframe"
    RECORD = "with each one that comes"
    COLLECTED = "when it was collected"
    LOOK = "each half minute"


class Evaluator(StrEnum):
    """Who evaluates a rule."""

    STREAM = "stream"  # the stream worker that carries the symbol
    POLLER = "poller"  # the run that collects
    WATCH = "watch"  # the sensor platform_watch, which outlives streams


@dataclass(frozen=True, slots=True)
class Source:
    """Where fields come from: a statement of sql/alerts/rules, and for how long its rows say how it is."""

    name: str
    stored: str
    change: Change
    keeps: timedelta
    """After so long the newest row says nothing: the field is unknown. Of bars: after two of them."""
    datasets: tuple[str, ...] = ()
    """Data sets whose collectors bring it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `column` is that of its source's statement, `values` are all texts that it may say."""

    name: str
    source: Source
    column: str
    unit: str
    about: str
    kind: FieldKind = "number"
    values: tuple[str, ...] = ()

    @property
    def timeframe(self) -> bool:
        """Whether it needs a timeframe."""
        return self.source.name in OF_BARS

    @property
    def record(self) -> bool:
        """Whether it is of something that comes, such as a whale, and not of how things stand."""
        return self.source.change is Change.RECORD or self.source is PATTERNS

    def keeps(self, timeframe: str | None) -> timedelta:
        """For how long a value says how it is."""
        return self.source.keeps + (2 * TIMEFRAMES[timeframe] if timeframe else timedelta(0))


_GRACE: Final = timedelta(minutes=10)
PRICE: Final = Source("price", "trades_1s", Change.SECOND, timedelta(minutes=15))
BARS: Final = Source("bars", "ohlcv_*", Change.CLOSE, _GRACE)
INDICATORS: Final = Source("indicators", "indicator_values", Change.CLOSE, _GRACE)
REGIMES: Final = Source("regimes", "market_regimes", Change.CLOSE, _GRACE)
SIGNALS: Final = Source("signals", "signal_events", Change.CLOSE, timedelta(days=7))
PATTERNS: Final = Source(
    "patterns",
    "candlestick_pattern_events, chart_pattern_events, volume_pattern_events, pattern_confidences",
    Change.CLOSE,
    timedelta(0),
)
WHALES: Final = Source("whales", "whale_activities", Change.RECORD, timedelta(0))
LIQUIDATIONS: Final = Source("liquidations", "liquidations", Change.RECORD, timedelta(0))
FUNDING: Final = Source(
    "funding", "mark_price_readings", Change.COLLECTED, timedelta(minutes=15), ("mark_prices",)
)
OPEN_INTEREST: Final = Source(
    "open_interest", "open_interest_readings", Change.COLLECTED, timedelta(minutes=15), ("open_interest",)
)
LONG_SHORT: Final = Source(
    "long_short", "long_short_readings", Change.COLLECTED, timedelta(minutes=30), ("long_short_ratios",)
)
SENTIMENT: Final = Source(
    "sentiment", "sentiment_aggregate_hours", Change.COLLECTED, timedelta(hours=25), ("sentiment_aggregates",)
)
MARKET: Final = Source(
    "market", "market_metrics", Change.COLLECTED, timedelta(minutes=15), ("market_metrics",)
)
FEAR_GREED: Final = Source(
    "fear_greed", "fear_greed_vintages", Change.COLLECTED, timedelta(hours=50), ("fear_greed",)
)
GAPS: Final = Source("gaps", "gap_ledger", Change.LOOK, timedelta(minutes=2))
FRESHNESS: Final = Source("freshness", "ohlcv_1m", Change.LOOK, timedelta(minutes=2))

SOURCES: Final = (
    *(PRICE, BARS, INDICATORS, REGIMES, SIGNALS, PATTERNS, WHALES, LIQUIDATIONS),
    *(FUNDING, OPEN_INTEREST, LONG_SHORT, SENTIMENT, MARKET, FEAR_GREED, GAPS, FRESHNESS),
)
OF_BARS: Final = frozenset(each.name for each in (BARS, INDICATORS, REGIMES, SIGNALS, PATTERNS))
"""Sources whose fields have a timeframe."""
WHOLE_MARKET: Final = frozenset(each.name for each in (MARKET, FEAR_GREED))
"""Sources that say the same of every symbol."""

_INDICATOR_UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "price": (
        *("ema_9", "ema_20", "ema_50", "ema_200", "sma_20", "sma_50", "sma_200", "macd", "macd_signal"),
        *("macd_histogram", "bb_upper", "bb_middle", "bb_lower", "atr_14", "vwap_session", "vwap_week"),
        *("ichimoku_conversion", "ichimoku_base", "ichimoku_span_a", "ichimoku_span_b", "supertrend"),
        *("keltner_upper", "keltner_lower", "donchian_upper", "donchian_lower", "vwap_month"),
    ),
    "0 to 100": (
        *("rsi_14", "adx_14", "plus_di_14", "minus_di_14", "mfi_14", "stochastic_k", "stochastic_d"),
    ),
    "-1 or 1": ("supertrend_direction",),
    "base volume": ("obv", "ad_line"),
    "-1 to 1": ("cmf_20",),
    "ratio": ("relative_volume_20",),
    "share a year": ("realised_volatility_20",),
}
CANDLESTICKS: Final = (
    *("abandoned_baby", "advance_block", "belt_hold", "breakaway", "closing_marubozu"),
    *("concealing_baby_swallow", "counterattack", "dark_cloud_cover", "doji", "doji_star", "dragonfly_doji"),
    *("engulfing", "evening_doji_star", "evening_star", "gap_side_by_side_white", "gap_three_methods"),
    *("gravestone_doji", "hammer", "hanging_man", "harami", "harami_cross", "high_wave", "hikkake"),
    *("hikkake_modified", "homing_pigeon", "identical_three_crows", "in_neck", "inverted_hammer", "kicking"),
    *("kicking_by_length", "ladder_bottom", "long_legged_doji", "long_line", "marubozu", "mat_hold"),
    *("matching_low", "morning_doji_star", "morning_star", "on_neck", "piercing", "rickshaw_man"),
    *("rising_falling_three_methods", "separating_lines", "shooting_star", "short_line", "spinning_top"),
    *("stalled_pattern", "stick_sandwich", "takuri", "tasuki_gap", "three_black_crows", "three_inside"),
    *("three_line_strike", "three_outside", "three_stars_in_the_south", "three_white_soldiers", "thrusting"),
    *("tristar", "two_crows", "unique_three_river", "upside_gap_two_crows"),
)
CHARTS: Final = (
    *("head_and_shoulders", "inverse_head_and_shoulders", "double_top", "double_bottom", "triple_top"),
    *("triple_bottom", "ascending_triangle", "descending_triangle", "symmetrical_triangle", "rectangle"),
    *("ascending_channel", "descending_channel", "rising_wedge", "falling_wedge", "bull_flag", "bear_flag"),
    *("bull_pennant", "bear_pennant", "cup_and_handle", "inverse_cup_and_handle"),
)
VOLUMES: Final = (
    *("accumulation", "breakout", "climax", "distribution", "divergence", "dry_up", "exhaustion"),
    *("fake_out", "spike"),
)
_DIRECTIONS: Final = ("bearish", "neutral", "bullish")
_LEVELS: Final = ("low", "normal", "high")
WHALE_KINDS: Final = (
    *("wall_appeared", "wall_grew", "wall_shrunk", "wall_consumed", "wall_pulled", "wall_ended"),
    *("cluster_formed", "cluster_dissolved", "large_trade", "suspected_iceberg", "suspected_spoof"),
)
SIGNAL_NAMES: Final = ("strong_sell", "sell", "weak_sell", "neutral", "weak_buy", "buy", "strong_buy")

_ALL: Final = (
    Field("price", PRICE, "price", "quote units", "price of the last trade of a second"),
    *(
        Field(name, BARS, name, unit, about)
        for name, unit, about in (
            ("open", "quote units", "first price of the bar"),
            ("high", "quote units", "highest price of the bar"),
            ("low", "quote units", "lowest price of the bar"),
            ("close", "quote units", "last price of the bar"),
            ("volume", "base units", "traded size of the bar"),
            ("quote_volume", "quote units", "traded value of the bar, where the venue tells"),
            ("change", "share", "close over open, less 1: 0.02 is 2 % up within the bar"),
        )
    ),
    *(
        Field(name, INDICATORS, name, unit, f"indicator {name} of the closed bar")
        for unit, names in _INDICATOR_UNITS.items()
        for name in names
    ),
    Field("trend", REGIMES, "trend", "", "regime of the trend", "text", ("down", "range", "up")),
    Field("volatility", REGIMES, "volatility", "", "regime of the volatility", "text", _LEVELS),
    Field("liquidity", REGIMES, "liquidity", "", "regime of the liquidity", "text", _LEVELS),
    Field("signal", SIGNALS, "signal", "", "newest signal, until it expires", "text", SIGNAL_NAMES),
    Field(
        "signal.side", SIGNALS, "side", "", "where the newest signal points", "text",
        ("long", "none", "short"),
    ),
    Field("signal.score", SIGNALS, "score", "-100 to 100", "score of the newest signal"),
    Field("signal.confidence", SIGNALS, "confidence", "0 to 100", "confidence of the newest signal"),
    Field(
        "pattern", PATTERNS, "pattern", "", "a pattern that became known with the bar", "text",
        (*CANDLESTICKS, *CHARTS, *VOLUMES),
    ),
    Field(
        "pattern.family", PATTERNS, "family", "", "which kind it is", "text",
        ("candlestick", "chart", "volume"),
    ),
    Field("pattern.direction", PATTERNS, "direction", "", "where it points", "text", _DIRECTIONS),
    Field(
        "pattern.stage", PATTERNS, "stage", "", "how far it is; of candlestick and volume patterns complete",
        "text", ("forming", "complete", "target_met", "failed", "expired", "evolved"),
    ),
    Field("pattern.confidence", PATTERNS, "confidence", "0 to 100", "confidence in it, where told"),
    Field("whale.kind", WHALES, "kind", "", "what a large order or trade did", "text", WHALE_KINDS),
    Field(
        "whale.side", WHALES, "side", "", "side of the book, or of the taker", "text",
        ("bid", "ask", "buy", "sell"),
    ),
    Field("whale.notional", WHALES, "notional_usd", "USD", "what it is worth"),
    Field("whale.price", WHALES, "price", "quote units", "its price"),
    Field("whale.distance", WHALES, "distance_bps", "basis points", "how far from the middle of the book"),
    Field(
        "liquidation.side", LIQUIDATIONS, "position_side", "", "the position that was closed", "text",
        ("long", "short"),
    ),
    Field("liquidation.notional", LIQUIDATIONS, "notional_usd", "USD", "what it was worth"),
    Field("liquidation.price", LIQUIDATIONS, "price", "quote units", "price of its order"),
    Field("funding.rate", FUNDING, "rate", "share", "funding of the running interval, as told now"),
    Field("funding.rate_8h", FUNDING, "rate_8h", "share", "the same by 8 hours, whatever the interval"),
    Field("funding.annual", FUNDING, "annual", "share a year", "the same by the year"),
    Field("basis", FUNDING, "basis", "share", "mark price over index price, less 1"),
    Field("mark_price", FUNDING, "mark_price", "quote units", "mark price as the venue told it"),
    Field("open_interest.base", OPEN_INTEREST, "base_amount", "base units", "contracts open"),
    Field("open_interest.value", OPEN_INTEREST, "quote_value", "quote units", "what they are worth"),
    Field("open_interest.change_1h", OPEN_INTEREST, "change_1h", "share", "change of the amount in an hour"),
    Field("open_interest.change_24h", OPEN_INTEREST, "change_24h", "share", "change of the amount in a day"),
    Field("long_short.ratio", LONG_SHORT, "ratio", "ratio", "accounts that are long over those short, by 5m"),
    Field("sentiment.score", SENTIMENT, "score", "-1 to 1", "of the symbol's coin, over 24 hours"),
    Field("sentiment.zscore", SENTIMENT, "zscore", "standard deviations", "beside its week"),
    Field("sentiment.stories", SENTIMENT, "stories", "stories", "how many it rests on"),
    Field("btc_dominance", MARKET, "btc_dominance", "per cent", "share of Bitcoin in the market (CoinGecko)"),
    Field("total_market_cap", MARKET, "total_market_cap", "USD", "worth of all coins (CoinGecko)"),
    Field("fear_greed", FEAR_GREED, "value", "0 to 100", "fear and greed index (alternative.me)"),
    Field("gap.minutes", GAPS, "minutes", "minutes", "minutes of candles that are missing in open gaps"),
    Field("gap.count", GAPS, "gaps", "gaps", "open gaps"),
    Field("freshness.seconds", FRESHNESS, "seconds", "seconds", "age of the newest 1m candle, by its close"),
)  # fmt: skip

FIELDS: Final[Mapping[str, Field]] = {each.name: each for each in _ALL}
"""Every field, by its name."""
