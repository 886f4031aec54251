"""What each streamed table promises, as expectations: rules of arithmetic, or figures marked as ours."""

from typing import Any, Final

from alphapulse_assets.datasets.expectations import expectation

CLOCK_AHEAD: Final = 1.0
"""Seconds by which a venue's clock may be ahead of ours before something is wrong with one of them (ours)."""
ROUNDING: Final = 1e-9
"""Part of the price by which a weighted mean may lie outside what it is a mean of (ours)."""
MISPLACED: Final = 1
"""Bins by which a mid on the very edge of one may come to lie beside it, as logarithms are rounded (ours)."""


def snapshot_suite() -> list[Any]:
    """Books are never crossed, sizes are there, figures lie where they can lie."""
    return [
        *_known("ts", "best_bid", "best_ask", "mid", "weighted_mid", "imbalance", "spread_bps"),
        _greater("best_ask", "best_bid", or_equal=False),
        *_between(0, None, "bid_size", "ask_size", strict=True),
        *_between(0, None, "spread_bps"),
        *_between(-1, 1, "imbalance"),
        *_between(None, ROUNDING, "outside"),
        *_between(0, 0, "uneven_bids", "uneven_asks"),
        *_between(None, CLOCK_AHEAD, "ahead"),
        _unique("instrument_id", "ts", "update_id"),
    ]


def depth_suite() -> list[Any]:
    """Bins lie where they say, and no size is negative."""
    return [
        *_known("ts", "mid", "mid_bin", "bin_bps"),
        *_between(0, None, "mid", "bin_bps", strict=True),
        *_between(0, 0, "lowest"),
        *_between(0, MISPLACED, "misplaced"),
        *_between(0, None, "bid_bins", "ask_bins"),
        *_between(None, CLOCK_AHEAD, "ahead"),
        _unique("instrument_id", "ts", "update_id"),
    ]


def trade_suite() -> list[Any]:
    """Seconds have trades, prices in order, volumes that are not negative."""
    return [
        *_known("ts", "open", "high", "low", "close"),
        *_between(1, None, "trades"),
        *_between(0, None, "buy_volume", "sell_volume", "buy_value", "sell_value"),
        *_between(0, None, "low", strict=True),
        *(_greater("high", other) for other in ("open", "close")),
        *(_greater(other, "low") for other in ("open", "close")),
        *_between(0, 0, "off_grid"),
        *_between(None, CLOCK_AHEAD, "ahead"),
        _unique("instrument_id", "ts"),
    ]


def whale_suite() -> list[Any]:
    """Whales have a price, a size and a worth."""
    return [
        *_known("ts", "kind", "side"),
        *_between(0, None, "price", strict=True),
        *_between(0, None, "size", "notional"),
        *_between(None, CLOCK_AHEAD, "ahead"),
    ]


def zone_suite() -> list[Any]:
    """Zones contain their price and began before they are told of."""
    return [
        *_known("ts", "price", "low", "high", "strength"),
        _greater("price", "low"),
        _greater("high", "price"),
        *_between(0, None, "notional", "strength", "age_seconds", "touches"),
        *_between(None, 0, "since_after"),
        *_between(None, CLOCK_AHEAD, "ahead"),
    ]


def sweep_suite() -> list[Any]:
    """Sweeps went beyond an earlier pivot and came back."""
    return [
        *_known("ts", "pivot_time", "pivot", "extreme", "close"),
        *_between(0, None, "beyond", strict=True),
        *_between(0, None, "back", "relative_volume"),
        *_between(1, None, "bars"),
        *_between(None, 0, "pivot_after"),
        *_between(None, CLOCK_AHEAD, "ahead"),
    ]


def alert_suite() -> list[Any]:
    """Alerts say what happened."""
    return [
        *_known("ts", "kind", "severity", "title"),
        *_between(1, None, "title_length"),
        *_between(None, CLOCK_AHEAD, "ahead"),
    ]


def _known(*columns: str) -> list[Any]:
    return [expectation("ExpectColumnValuesToNotBeNull", column=column) for column in columns]


def _between(low: float | None, high: float | None, *columns: str, strict: bool = False) -> list[Any]:
    return [
        expectation(
            "ExpectColumnValuesToBeBetween", column=column, min_value=low, max_value=high, strict_min=strict
        )
        for column in columns
    ]


def _greater(larger: str, smaller: str, *, or_equal: bool = True) -> Any:
    return expectation(
        "ExpectColumnPairValuesAToBeGreaterThanB", column_A=larger, column_B=smaller, or_equal=or_equal
    )


def _unique(*columns: str) -> Any:
    return expectation("ExpectCompoundColumnsToBeUnique", column_list=list(columns))
