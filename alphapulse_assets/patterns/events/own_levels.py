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
    told = rows.with_columns(
        **{name: pl.lit(None, dtype=pl.Float64) for name in ("_level", "_far")},
        _count=pl.col("candles").cast(pl.Int64) if "candles" in rows.columns else pl.lit(1, dtype=pl.Int64),
    )
    if "detail" in rows.columns:
        told = told.with_columns(
            _level=_of_detail("level", "breakout"),
            _far=_of_detail("far_side", "breakout"),
            _count=_of_detail("bars_since", "fake_out").cast(pl.Int64).fill_null(0) + 1,
        )
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


def _of_detail(name: str, pattern: str) -> pl.Expr:
    """A number of the detail of a pattern with a direction, null of others."""
    told = pl.col("detail").str.json_path_match(f"$.{name}").cast(pl.Float64)
    return pl.when((pl.col("pattern") == pattern) & (pl.col("direction") != "neutral")).then(told)


def _by_count(name: str) -> pl.Expr:
    """The extreme over as many bars as each row's pattern has."""
    counts = range(1, MOST_CANDLES + 1)
    return pl.coalesce(pl.when(pl.col("_count") == count).then(f"{name}_{count}") for count in counts)
