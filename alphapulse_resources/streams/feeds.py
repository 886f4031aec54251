"""Which rows are broadcast, under which code, and which of their columns. Pure.

Both sides read this list, so that values go over the wire without their names. A feed whose columns change
gets another code: an old reader then leaves out what it does not know, and reads the tables anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from alphapulse_resources.streams.tables import StreamTable

_TIME: Final = pl.Datetime("us", "UTC")
_CANDLE: Final = (
    "ts",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "quote_volume",
    "trades",
    "taker_buy_volume",
    "received_at",
)

LIVE_BOOKS: Final = StreamTable(
    "live_books",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "update_id": pl.Int64,
        "received_at": _TIME,
        "state": pl.String,
        **dict.fromkeys(("mid", "spread_bps", "imbalance"), pl.Float64),
        "bids": pl.List(pl.List(pl.Float64)),
        "asks": pl.List(pl.List(pl.Float64)),
    },
    key=("instrument_id",),
)
"""States of books that somebody watches, best levels first as [price, size]. They are told, never stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Rows of one table. `columns`: what is told beside the instrument; `key`: what finds the row again."""

    code: str
    channel: str
    table: str
    columns: Sequence[str]
    key: Sequence[str] = ("ts",)
    json: Sequence[str] = ()
    by_timeframe: bool = False
    """Whether the rows are of bars: `timeframe_id` comes first then, in minutes."""

    @property
    def told(self) -> tuple[str, ...]:
        """The columns as they are on the wire."""
        return (*(("timeframe_id",) if self.by_timeframe else ()), *self.columns)


CLOSED: Final = Feed(code="c", channel="candles", table="ohlcv_1m", columns=_CANDLE)
FORMING: Final = Feed(code="f", channel="candles", table="forming_candles", columns=_CANDLE, key=())
BOOKS: Final = Feed(
    code="b", channel="book", table=LIVE_BOOKS.name, columns=tuple(LIVE_BOOKS.columns)[1:], key=()
)
BOOK_EVENTS: Final = Feed(
    code="e",
    channel="status",
    table="order_book_events",
    columns=("ts", "state_before", "state_after", "cause", "detail"),
    key=("ts", "cause", "state_after"),
    json=("detail",),
)
TRADES: Final = Feed(
    code="t",
    channel="trades",
    table="trades_1s",
    columns=(
        "ts",
        "trades",
        "buy_volume",
        "sell_volume",
        "buy_value",
        "sell_value",
        "open",
        "high",
        "low",
        "close",
        "missing",
        "complete",
        "received_at",
    ),
)
WHALES: Final = Feed(
    code="w",
    channel="whales",
    table="whale_activities",
    columns=(
        "ts",
        "known_at",
        "kind",
        "side",
        "price",
        "size",
        "notional",
        "notional_usd",
        "distance_bps",
        "cause",
        "evidence",
        "reference",
    ),
    key=("ts", "kind", "side", "price", "reference"),
    json=("evidence",),
)
CANDLESTICKS: Final = Feed(
    code="pk",
    channel="patterns",
    table="candlestick_pattern_events",
    columns=("ts", "known_at", "pattern", "direction", "strength", "candles", "began_at", "unbroken"),
    key=("timeframe_id", "ts", "pattern"),
    by_timeframe=True,
)
CHARTS: Final = Feed(
    code="ph",
    channel="patterns",
    table="chart_pattern_events",
    columns=(
        "ts",
        "known_at",
        "pattern_id",
        "pattern",
        "direction",
        "stage",
        "completion",
        "pivot_ts",
        "pivot_prices",
        "lines",
        "breakout_level",
        "target",
        "invalidation",
        "height",
        "quality",
        "volume_ratio",
    ),
    key=("timeframe_id", "ts", "pattern_id", "stage"),
    json=("lines",),
    by_timeframe=True,
)
VOLUMES: Final = Feed(
    code="pv",
    channel="patterns",
    table="volume_pattern_events",
    columns=(
        "ts",
        "known_at",
        "pattern",
        "direction",
        "strength",
        "confidence",
        "volume_ratio",
        "price_change",
        "detail",
    ),
    key=("timeframe_id", "ts", "pattern"),
    json=("detail",),
    by_timeframe=True,
)
SIGNALS: Final = Feed(
    code="s",
    channel="signals",
    table="signal_events",
    columns=(
        "ts",
        "known_at",
        "signal",
        "score",
        "net",
        "confidence",
        "patterns",
        "run",
        "overridden_by",
        "trigger",
        "entry",
        "atr",
        "stop",
        "target",
        "risk_atr",
        "reward_risk",
        "size",
        "notional",
        "risk",
        "capped",
        "expires_at",
        "reasons",
        "configuration_version",
    ),
    key=("timeframe_id", "ts", "configuration_version"),
    json=("reasons",),
    by_timeframe=True,
)
ALERTS: Final = Feed(
    code="a",
    channel="alerts",
    table="order_book_alerts",
    columns=("ts", "known_at", "kind", "severity", "title", "detail", "reference"),
    key=("ts", "kind", "reference"),
    json=("detail",),
)

FEEDS: Final = (
    CLOSED,
    FORMING,
    BOOKS,
    BOOK_EVENTS,
    TRADES,
    WHALES,
    CANDLESTICKS,
    CHARTS,
    VOLUMES,
    SIGNALS,
    ALERTS,
)
BY_TABLE: Final = {feed.table: feed for feed in FEEDS}
BY_CODE: Final = {feed.code: feed for feed in FEEDS}
FAMILIES: Final = {CANDLESTICKS.code: "candlestick", CHARTS.code: "chart", VOLUMES.code: "volume"}
"""Families of patterns, as the view `patterns` calls them."""
