"""Which column is which where no line names them: the known orders, judged by the rows.

An order fits when high and low enclose open and close, counts are whole and a turnover is volume times price.
The one that fits best is taken, and only when it fits nearly everywhere; where two fit and would give other
candles, the file has to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.columns import BINANCE
from alphapulse_resources.candle_files.model import RawTable, unreadable
from alphapulse_resources.candle_files.numbers import read_numbers

MISFITS: Final = 0.01
"""Rows that an order need not fit (ours): damage is rare, a wrong order is everywhere."""
FEW_ROWS: Final = 5
"""From so many rows on, a single one may be damaged (ours)."""
MANY_ROWS: Final = 30
"""From so many rows on, bars that follow on each other only the other way round do so by no chance (ours)."""
FIRM: Final = 3.0
"""Open next to the last close must be so many times nearer under one order than under the other (ours)."""

_T, _OHLC = "timestamp", ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class Order:
    """Columns of a file without a header line, in their order, and who writes them so."""

    whose: str
    names: tuple[str, ...]


ORDERS: Final = (
    Order("the usual", (_T, *_OHLC, "volume")),
    Order("Bitfinex's", (_T, "open", "close", "high", "low", "volume")),
    Order("Coinbase's", (_T, "low", "high", "open", "close", "volume")),
    # before Kraken's: a turnover that fits everywhere is no accident, a whole number of trades may be one
    Order("Bybit's", (_T, *_OHLC, "volume", "turnover")),
    Order("Kraken's OHLCVT", (_T, *_OHLC, "volume", "trades")),
    Order("KuCoin's", (_T, "open", "close", "high", "low", "volume", "turnover")),
    Order("MetaTrader's", ("date", "time", *_OHLC, "tickvol")),
    Order("Gate's", (_T, "quote_volume", "close", "high", "low", "open", "volume", "closed")),
    Order("MEXC's", (_T, *_OHLC, "volume", "close_time", "quote_volume")),
    Order("Kraken's REST", (_T, *_OHLC, "vwap", "volume", "trades")),
    Order("Bitget's", (_T, *_OHLC, "volume", "quote_volume", "turnover")),
    Order("OKX's", (_T, *_OHLC, "vol", "vol_ccy", "vol_quote", "confirm")),
    Order("Binance's klines", BINANCE),
)
"""By width and place; every name is one that a header could have."""


def name_columns(table: RawTable) -> tuple[tuple[str, ...], str]:
    """The column names of a table without a header line, and in words why. Raises CandleFileError."""
    width = table.frame.width
    known = [order for order in ORDERS if len(order.names) == width]
    if width == len(BINANCE):
        return BINANCE, "no header line: twelve columns in the order of Binance's klines"
    rows = table.frame.height
    allowed = max(MISFITS * rows, 1 if rows >= FEW_ROWS else 0)
    judged = [(misfits, order) for order in known if (misfits := _misfits(table.frame, order)) is not None]
    fitting = [(misfits, order) for misfits, order in judged if misfits <= allowed]
    if not fitting:
        raise unreadable(table.name, _unknown(width, judged, rows))
    best = min(misfits for misfits, _ in fitting)
    order = _decide(table, [order for misfits, order in fitting if misfits == best])
    if rows >= MANY_ROWS and _exchanged(table.frame, order):
        raise unreadable(
            table.name,
            _unknown(width, [], rows) + f" (in {order.whose} each bar would open where "
            "the one after it closes: open and close seem to be exchanged)",
        )
    return order.names, f"no header line: {width} columns in {order.whose} order: {', '.join(order.names)}"


def _unknown(width: int, judged: Sequence[tuple[int, Order]], rows: int) -> str:
    tried = "; ".join(f"{order.whose} fails in {misfits} of {rows} rows" for misfits, order in judged)
    return (
        f"no header line, and {width} columns in an unknown order"
        + (f" ({tried})" if tried else "")
        + "; say "
        "which is which by their numbers: --column time=1 --column open=2 --column high=3 --column low=4 "
        "--column close=5 --column volume=6, or add a first line that names them"
    )


def _numbers(frame: pl.DataFrame, order: Order) -> pl.DataFrame:
    """The numbers of a table under an order."""
    return pl.DataFrame(
        {
            name: read_numbers(frame.to_series(place)).values
            for place, name in enumerate(order.names)
            if name not in (_T, "date", "time", "closed")
        }
    )


def _misfits(frame: pl.DataFrame, order: Order) -> int | None:
    """How many rows an order does not fit; None when it cannot be."""
    if order.names[:2] == ("date", "time"):
        clocks = frame.to_series(1).cast(pl.String).str.contains(r"^\s*\d{1,2}:\d{2}(:\d{2})?\s*$")
        if not clocks.all():
            return None
    found = _numbers(frame, order)
    priced = pl.all_horizontal(pl.col(name).is_not_null() for name in _OHLC)
    if not found.select(priced.any()).item():
        return None
    if "turnover" in order.names and not _shows_turnover(found):
        return None
    wrong = ~(
        (pl.col("high") >= pl.max_horizontal("open", "close"))
        & (pl.col("low") <= pl.min_horizontal("open", "close"))
    )
    wrong |= _wrong_turnover(order, "turnover") | _wrong_turnover(order, "quote_volume")
    if "trades" in order.names:
        count = pl.col("trades")
        wrong |= (count != count.floor()).fill_null(False) | (count < 0).fill_null(False)
    if "vwap" in order.names:
        traded = pl.col("volume") > 0
        inside = (pl.col("vwap") <= pl.col("high") * 1.01) & (pl.col("vwap") >= pl.col("low") * 0.99)
        wrong |= (traded & ~inside).fill_null(False)
    if "confirm" in order.names:
        wrong |= ~pl.col("confirm").is_in([0.0, 1.0]).fill_null(False)
    if "close_time" in order.names:
        wrong |= (pl.col("close_time") < 1e9).fill_null(True)
    return int(found.select((priced & wrong).sum()).item())


def _shows_turnover(found: pl.DataFrame) -> bool:
    """Whether a turnover can be told from a number of trades: it is no whole number, or fits often enough."""
    traded = found.filter((pl.col("volume") > 0) & (pl.col("turnover") > 0))["turnover"]
    return traded.len() >= FEW_ROWS or bool((traded != traded.floor()).any())


def _wrong_turnover(order: Order, name: str) -> pl.Expr:
    """Rows whose turnover is neither volume times a price of the bar nor volume over one (inverse)."""
    if name not in order.names or "volume" not in order.names:
        return pl.lit(False)
    volume, turnover = pl.col("volume"), pl.col(name)
    low, high = pl.col("low") * 0.98, pl.col("high") * 1.02
    linear = (turnover >= volume * low) & (turnover <= volume * high)
    inverse = (volume >= turnover * low) & (volume <= turnover * high)
    traded = (volume > 0) & (turnover > 0)
    return (traded & ~linear & ~inverse).fill_null(False)


def _decide(table: RawTable, orders: Sequence[Order]) -> Order:
    """One of several orders that fit equally: they mean the same, or the rows follow on each other in one."""
    first = orders[0]
    if len(orders) == 1 or all(_same(table.frame, first, order) for order in orders[1:]):
        return first
    jumps = sorted(
        ((_jump(table.frame, order), place) for place, order in enumerate(orders)), key=lambda j: j[0]
    )
    if jumps[0][0] * FIRM < jumps[1][0]:
        return orders[jumps[0][1]]
    raise unreadable(
        table.name,
        f"no header line, and its rows fit {' and '.join(order.whose for order in orders)} order; say which "
        "is which by their numbers: --column time=1 --column open=2 --column high=3 ..., or add a first line",
    )


def _same(frame: pl.DataFrame, one: Order, other: Order) -> bool:
    """Whether two orders give the same candles."""
    left, right = _numbers(frame, one), _numbers(frame, other)
    names = [name for name in (*_OHLC, "volume") if name in left.columns and name in right.columns]
    return set(left.columns) >= {"volume"} <= set(right.columns) and left.select(names).equals(
        right.select(names)
    )


def _exchanged(frame: pl.DataFrame, order: Order) -> bool:
    """Whether bars follow on each other only when open and close are taken for each other."""
    times = frame.to_series(0).cast(pl.String).drop_nulls().str.strip_chars(" \t\"'")
    if times.len() < 2 or not times.str.contains(r"^\d{4}").all() or times[0] == times[-1]:
        return False
    before = 1 if times[0] < times[-1] else -1
    mine, other = (
        (pl.col(begin) - pl.col(end).shift(before)).abs().mean().alias(begin)
        for begin, end in (("open", "close"), ("close", "open"))
    )
    jumps = _numbers(frame, order).select(mine, other).row(0)
    return None not in jumps and jumps[1] * FIRM < jumps[0]


def _jump(frame: pl.DataFrame, order: Order) -> float:
    """The mean distance between a bar's open and the close before it (or after it, in newest-first files)."""
    found = _numbers(frame, order)
    forth = (pl.col("open") - pl.col("close").shift(1)).abs().mean()
    back = (pl.col("open") - pl.col("close").shift(-1)).abs().mean()
    both = found.select(forth.alias("forth"), back.alias("back")).row(0)
    known = [value for value in both if isinstance(value, float)]
    return min(known) if len(known) == 2 else float("inf") if not known else known[0]
