"""Where candlestick and volume patterns are wrong, and what they aim at: levels of their own bars. Pure.

A candlestick pattern is wrong beyond the extreme of its candles: below their lowest low if it is bullish,
above their highest high if bearish (Nison, Japanese Candlestick Charting Techniques, 1991; Bulkowski,
Encyclopedia of Candlestick Charts, 2008). It promises no target. Of volume patterns

- a *breakout* is wrong back beyond what it broke (a close there is a fake-out), and aims as far beyond it as
  the consolidation was high (the measuring rule of rectangles; Edwards & Magee, 1948);
- a *fake-out* is wrong beyond the extreme of the bars since the breakout (turtle soup; Connors & Raschke,
  Street Smarts, 1995);
- the others are wrong beyond the extreme of their bar: a climax, an effort without result or pressure whose
  bar is passed was none (volume spread analysis; for accumulation and distribution ours).

Chart patterns bring levels of their own. Neutral patterns have none.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import polars as pl

Extremes = tuple[float, float]
"""High and low of a bar."""

Levels = tuple[float | None, float | None, float | None]
"""Breakout level, target, invalidation."""

LEVELS: Final = ("breakout_level", "target", "invalidation")
MOST_CANDLES: Final = 5
"""The most candles that candlestick patterns (`catalogue`) and fake-outs (`fake_out_bars` + 1) have."""


class _Detail(msgspec.Struct):
    """What is read of the detail of a volume pattern."""

    level: float | None = None
    far_side: float | None = None
    bars_since: int | None = None


_read: Final = msgspec.json.Decoder(_Detail).decode


def levels_of(
    pattern: str, direction: str, candles: int, detail: str | None, extremes: Sequence[Extremes]
) -> Levels:
    """The levels of one pattern.

    Args:
        pattern: its name.
        direction: bullish, bearish or neutral.
        candles: how many bars it has; of fake-outs it is told by the detail.
        detail: of a volume pattern; None of a candlestick pattern.
        extremes: of the last bars, that of the pattern the last.
    """
    if direction == "neutral":
        return None, None, None
    if detail is not None and pattern in ("breakout", "fake_out"):
        told = _read(detail)
        if pattern == "breakout":
            level, far = told.level, told.far_side
            return level, None if level is None or far is None else level + (level - far), level
        candles = (told.bars_since or 0) + 1
    if candles > len(extremes):
        return None, None, None
    bars = extremes[-candles:]
    wrong = min(low for _, low in bars) if direction == "bullish" else max(high for high, _ in bars)
    return None, None, wrong


def with_own_levels(rows: pl.DataFrame, candles: pl.DataFrame) -> pl.DataFrame:
    """Rows of candlestick or volume patterns with LEVELS: `levels_of` of each.

    Args:
        rows: CANDLESTICK_SCHEMA or VOLUME_PATTERN_SCHEMA.
        candles: `ts`, `high` and `low`, sorted by ts.
    """
    wide = candles.sort("ts").select(
        "ts",
        *(
            getattr(pl.col(name), f"rolling_{of}")(count).cast(pl.Float64).alias(f"{name}_{count}")
            for name, of in (("high", "max"), ("low", "min"))
            for count in range(1, MOST_CANDLES + 1)
        ),
    )
    told = rows.with_columns(*_of_details(rows))
    found = told.join(wide, on="ts", how="left", maintain_order="left").with_columns(
        invalidation=pl.when(direction="bullish")
        .then(_by_count("low"))
        .when(direction="bearish")
        .then(_by_count("high"))
    )
    broken = pl.col("pattern") == "breakout" if "detail" in rows.columns else pl.lit(False)
    return found.with_columns(
        pl.col("_level").alias("breakout_level"),
        (pl.col("_level") + (pl.col("_level") - pl.col("_far"))).alias("target"),
        pl.when(broken).then("_level").otherwise("invalidation").alias("invalidation"),
    ).select(*rows.columns, *LEVELS)


def _of_details(rows: pl.DataFrame) -> list[pl.Series]:
    """What is broken, its far side, and how many bars each pattern has.

    Details are read one by one, by the reader of single rows: another one may take the last digit otherwise.
    """
    level: list[float | None] = [None] * rows.height
    far: list[float | None] = [None] * rows.height
    count = rows["candles"].to_list() if "candles" in rows.columns else [1] * rows.height
    if "detail" in rows.columns:
        for i, (pattern, detail) in enumerate(rows.select("pattern", "detail").iter_rows()):
            if pattern == "breakout":
                told = _read(detail)
                level[i], far[i] = told.level, told.far_side
            elif pattern == "fake_out":
                count[i] = (_read(detail).bars_since or 0) + 1
    kinds = {"_level": pl.Float64(), "_far": pl.Float64(), "_count": pl.Int64()}
    values = zip(kinds.items(), (level, far, count), strict=True)
    return [pl.Series(name, found, dtype=kind) for (name, kind), found in values]


def _by_count(name: str) -> pl.Expr:
    """The extreme over as many bars as each row's pattern has."""
    counts = range(1, MOST_CANDLES + 1)
    return pl.coalesce(pl.when(pl.col("_count") == count).then(f"{name}_{count}") for count in counts)
