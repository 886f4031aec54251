"""What is looked at before a file's candles are written: do they fit what is stored, and each other? Pure.

A file can say the wrong instrument, or nothing. Its candles then lie far from those that are stored, or jump
to and fro between two prices. A file can have its bars begin where ours do not. And it can be older than what
is stored, so that its last candle, cut off when it was downloaded, would replace a whole one.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import bar_length, bar_open
from alphapulse_resources.frames import CANDLE_SCHEMA

FAR: Final = 0.2
"""Closes whose median is that far from the stored ones are another instrument's: markets of one instrument
differ by a hundredth, a spot price and its future by a twentieth (ours)."""
JUMP: Final = math.log(1.2)
"""A bar that opens that far from where the bar before it closed: in one market only by a mistake (ours)."""
RETURNS: Final = 3
"""So many jumps that lead back to where the one before came from are two prices, not one that went wrong
(ours)."""
JUMPS_SHARE: Final = 0.001
"""And at least that share of neighbours jump: a long history of a thin market has some wild trades (ours)."""
SHIFT: Final = math.log(2)
"""One jump of that size is enough where the price stays: half the file is another's, or it is no
continuation of what is stored. Within a market only a redenomination does that (ours)."""
SHIFT_BARS: Final = 5
"""Bars on both sides of a shift whose medians are compared (ours)."""
TICKS: Final = 10
"""A jump of fewer price steps is the market itself: a coin of 2e-8 bitcoins can only go to 1e-8 or 3e-8
(ours)."""
GRID_SHARE: Final = 0.5
"""A file is of another grid when more than that share of its bars lie off ours (ours)."""
OFFSETS: Final = 2
"""Offsets of such a grid: one, or two where the clocks of its zone change."""

_CANDLE: Final = ("open", "high", "low", "close", "volume")
_DAY: Final = timedelta(days=1)
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Rows that differ from the candle stored at their time: how many, the first, the largest difference."""

    rows: int
    compared: int
    first: datetime
    largest_at: datetime
    field: str
    stored: float
    told: float

    @property
    def largest(self) -> float:
        """The largest difference, relative to the larger of both values."""
        return abs(self.told - self.stored) / max(abs(self.told), abs(self.stored))


def conflicts(candles: pl.DataFrame, stored: pl.DataFrame) -> Conflicts | None:
    """How candles differ from the stored ones of their times; what only one side tells is no difference."""
    both = candles.join(stored, on="ts", suffix="_stored").sort("ts")
    if both.is_empty():
        return None
    names = [name for name in CANDLE_SCHEMA if name != "ts"]
    new, old = {n: pl.col(n).cast(pl.Float64) for n in names}, {n: pl.col(f"{n}_stored") for n in names}
    sizes = pl.DataFrame(
        {"ts": both["ts"]}
        | {
            name: both.select(
                ((new[name] - old[name]).abs() / pl.max_horizontal(new[name].abs(), old[name].abs()))
                .fill_nan(0.0)
                .fill_null(0.0)
                .alias(name)
            )[name]
            for name in names
        }
    )
    differing = sizes.with_columns(pl.max_horizontal(names).alias("size")).filter(pl.col("size") > 0)
    if differing.is_empty():
        return None
    worst = differing.sort("size", descending=True, maintain_order=True).row(0, named=True)
    field = max(names, key=lambda name: worst[name])
    row = both.filter(ts=worst["ts"]).row(0, named=True)
    return Conflicts(
        rows=differing.height,
        compared=both.height,
        first=differing["ts"][0],
        largest_at=worst["ts"],
        field=field,
        stored=float(row[f"{field}_stored"]),
        told=float(row[field]),
    )


def far_from_stored(candles: pl.DataFrame, closes: pl.DataFrame) -> str | None:
    """Why these cannot be candles of the instrument whose `ts` and `close` are stored; None when they can."""
    both = candles.join(closes, on="ts", suffix="_stored")
    if both.is_empty():
        return None
    ratio = float((both["close"] / both["close_stored"]).log().median())  # type: ignore[arg-type]
    if abs(ratio) <= math.log1p(FAR):
        return None
    told, stored = float(both["close"].median()), float(both["close_stored"].median())  # type: ignore[arg-type]
    return (
        f"its closes are not those of the stored instrument: at the same {both.height:,} times the median "
        f"close is {told:.8g} here and {stored:.8g} there ({math.exp(ratio):.4g} times as much)"
    )


def two_levels(candles: pl.DataFrame, timeframe: str) -> str | None:
    """Why these are candles of two instruments mixed together; None when they are of one.

    Looked at are neighbours a bar apart: how far one opens from where the other closed, and whether the next
    such jump leads back.
    """
    pairs = candles.sort("ts").select(
        pl.col("ts"),
        pl.col("close").shift(1).alias("before"),
        pl.col("open").alias("after"),
        (pl.col("ts").diff() == bar_length(timeframe)).alias("next"),
    )
    neighbours = pairs.filter(pl.col("next"))
    tick = _tick(candles)
    jumps = neighbours.with_columns((pl.col("after") / pl.col("before")).log().alias("size")).filter(
        (pl.col("size").abs() > JUMP) & ((pl.col("after") - pl.col("before")).abs() >= TICKS * tick)
    )
    return _to_and_fro(jumps, neighbours.height) or _shift(candles.sort("ts"), jumps)


def _to_and_fro(jumps: pl.DataFrame, neighbours: int) -> str | None:
    if jumps.height < RETURNS or jumps.height < JUMPS_SHARE * neighbours:
        return None
    back = jumps.with_columns(
        pl.col("before").shift(1).alias("origin"), pl.col("size").shift(1).alias("size_before")
    ).filter(
        (pl.col("size").sign() == -pl.col("size_before").sign())
        & ((pl.col("after") / pl.col("origin")).log().abs() < 0.5 * pl.col("size").abs())
    )
    if back.height < RETURNS:
        return None
    first = jumps.row(0, named=True)
    return (
        f"its rows jump between two prices {jumps.height:,} times (first at {first['ts']:%Y-%m-%dT%H:%MZ} "
        f"from {first['before']:.8g} to {first['after']:.8g}, {back.height:,} times back again), as if two "
        "instruments were mixed"
    )


def _shift(ordered: pl.DataFrame, jumps: pl.DataFrame) -> str | None:
    for jump in jumps.filter(pl.col("size").abs() > SHIFT).iter_rows(named=True):
        index = ordered["ts"].search_sorted(jump["ts"])
        before, after = (
            ordered["close"][max(index - SHIFT_BARS, 0) : index],
            ordered["close"][index:][:SHIFT_BARS],
        )
        if min(before.len(), after.len()) < SHIFT_BARS:
            continue
        shift = math.log(after.median() / before.median())  # type: ignore[operator, arg-type]
        if abs(shift) > SHIFT and (shift > 0) == (jump["size"] > 0):
            return (
                f"its price is another one from {jump['ts']:%Y-%m-%dT%H:%MZ} on: {jump['after']:.8g}, and "
                f"{jump['before']:.8g} a bar before, as if two instruments were put together"
            )
    return None


def _tick(candles: pl.DataFrame) -> float:
    """The smallest step between two different prices; 0 where there is only one."""
    steps = candles["open"].append(candles["close"]).unique().sort().diff().drop_nulls()
    return float(steps.min()) if steps.len() else 0.0  # type: ignore[arg-type]


def other_grid(ts: pl.Series, timeframe: str) -> str | None:
    """Where the bars of a file begin, when most of them begin where ours do not; None when they fit."""
    times = ts.drop_nulls()
    offsets = pl.DataFrame({"ts": times}).select(
        ((pl.col("ts") - bar_open(timeframe)).dt.total_microseconds()).alias("offset")
    )
    off = offsets.filter(pl.col("offset") != 0)
    if off.height <= GRID_SHARE * times.len():
        return None
    common = off["offset"].value_counts(sort=True).head(OFFSETS)
    if common["count"].sum() < 0.9 * off.height:
        return None
    shown = " and ".join(_begin(timedelta(microseconds=each), timeframe) for each in common["offset"].sort())
    usual = _begin(timedelta(0), timeframe)
    return f"{off.height:,} of {times.len():,} {timeframe} bars begin {shown}, ours begin {usual}"


def _begin(offset: timedelta, timeframe: str) -> str:
    length = bar_length(timeframe)
    clock = f"{datetime.min + offset:%H:%M}"
    if length == timedelta(weeks=1):
        return f"on {_WEEKDAYS[offset // _DAY]} at {clock} UTC"
    if length == _DAY:
        return f"at {clock} UTC"
    if not offset:
        return "on the full " + timeframe
    return f"{offset.total_seconds():g} s later"
