"""Detectors' rows as pattern events: the one mapping of every family, for frames and for single rows. Pure.

Strength within 0..100 (ours): half of TA-Lib's number without its sign for candlesticks (100 is 50, a
confirmation's 200 is 100), 100 x quality for chart patterns, a quarter per grade for volume patterns. `price`
is the bar's close and `atr` its ATR of 14 bars, null in the warm-up and where nothing moved. Only chart
patterns have a life of several rows, so only they have a reference. Flags (`model.is_flag`) are no events and
are left out.

Where patterns with a direction are wrong, and what they aim at: `own_levels`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import polars as pl

from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE
from alphapulse_assets.patterns.candlestick.live import CandlestickPattern
from alphapulse_assets.patterns.chart import definitions as chart
from alphapulse_assets.patterns.events.model import CONFIRMED, PATTERN_EVENT_SCHEMA, PatternEvent, place
from alphapulse_assets.patterns.events.own_levels import LEVELS, Extremes, levels_of, with_own_levels
from alphapulse_assets.volume import definitions as volume
from alphapulse_assets.volume.events import VolumePattern

ATR: Final = "atr_14"
"""The indicator that `atr` is."""

CHART_NATURES: Final[Mapping[str, str | None]] = {
    name: nature
    for nature, names in {
        "reversal": (
            "head_and_shoulders",
            "inverse_head_and_shoulders",
            "double_top",
            "double_bottom",
            "triple_top",
            "triple_bottom",
        ),
        "breakout": (
            "ascending_triangle",
            "descending_triangle",
            "symmetrical_triangle",
            "rectangle",
            "ascending_channel",
            "descending_channel",
            "rising_wedge",
            "falling_wedge",
        ),
        "continuation": (
            "bull_flag",
            "bear_flag",
            "bull_pennant",
            "bear_pennant",
            "cup_and_handle",
            "inverse_cup_and_handle",
        ),
    }.items()
    for name in names
}
"""What chart patterns are said to announce (Bulkowski, Encyclopedia of Chart Patterns, 2005): those that may
break either way, and so turn or continue what was before, are breakouts."""

VOLUME_NATURES: Final[Mapping[str, str | None]] = {
    **dict.fromkeys(volume.VOLUME_CATALOGUE),
    **dict.fromkeys(("climax", "divergence", "exhaustion", "fake_out"), "reversal"),
    "breakout": "breakout",
}
"""What volume patterns are said to announce, as their definitions read; the others do not say."""

_GRADES: Final = {name: 100.0 * (i + 1) / len(volume.STRENGTHS) for i, name in enumerate(volume.STRENGTHS)}
_Number = TypeVar("_Number", float, pl.Expr)


def _of_talib(strength: _Number) -> _Number:
    return abs(strength) / 2.0


def _of_quality(quality: _Number) -> _Number:
    return quality * 100.0


@dataclass(frozen=True, slots=True)
class _Family:
    name: str
    natures: Mapping[str, str | None]
    strength: pl.Expr
    levels: bool = False  # whether rows have a stage, levels and an id


_CANDLESTICK: Final = _Family(
    "candlestick",
    {name: entry.nature.value for name, entry in CATALOGUE.items()},
    _of_talib(pl.col("strength").cast(pl.Float64)),
)
_CHART: Final = _Family("chart", CHART_NATURES, _of_quality(pl.col("quality")), levels=True)
_VOLUME: Final = _Family(
    "volume", VOLUME_NATURES, pl.col("strength").replace_strict(_GRADES, return_dtype=pl.Float64)
)


def candlestick_events(
    rows: pl.DataFrame,
    candles: pl.DataFrame,
    atr: pl.DataFrame,
    timeframe: str,
    instrument_id: int,
    *,
    logic_version: int = candlestick.LOGIC_VERSION,
) -> pl.DataFrame:
    """The events (PATTERN_EVENT_SCHEMA) of one instrument's candlestick patterns, in the order of the rows.

    Args:
        rows: CANDLESTICK_SCHEMA of one timeframe; more columns do not matter.
        candles: `ts`, `high`, `low` and `close`, with the bars of every row's pattern: one whose bars before
            the last are not all there has no level.
        atr: `ts` and `atr_14`, as far as it is known.
        timeframe: of the rows; in the hierarchy.
        instrument_id: whose rows they are.
        logic_version: of the detector's rules that made the rows.

    Raises:
        ValueError: a timeframe outside the hierarchy, or a row without its candle.
    """
    return _events(_CANDLESTICK, rows, candles, atr, timeframe, instrument_id, logic_version)


def chart_events(
    rows: pl.DataFrame,
    candles: pl.DataFrame,
    atr: pl.DataFrame,
    timeframe: str,
    instrument_id: int,
    *,
    logic_version: int = chart.LOGIC_VERSION,
) -> pl.DataFrame:
    """The events of chart patterns (CHART_EVENT_SCHEMA); else as `candlestick_events`."""
    return _events(_CHART, rows, candles, atr, timeframe, instrument_id, logic_version)


def volume_events(
    rows: pl.DataFrame,
    candles: pl.DataFrame,
    atr: pl.DataFrame,
    timeframe: str,
    instrument_id: int,
    *,
    logic_version: int = volume.LOGIC_VERSION,
) -> pl.DataFrame:
    """The events of volume patterns (VOLUME_PATTERN_SCHEMA); else as `candlestick_events`."""
    return _events(_VOLUME, rows, candles, atr, timeframe, instrument_id, logic_version)


@dataclass(frozen=True, slots=True)
class BarEvents:
    """Single rows of one bar as events: what the frames' functions say of them.

    `atr`: of the bar, None where it is not known; 0 is taken as not known. `extremes`: high and low of the
    last bars, this one the last: as many as patterns have candles, or as there are.
    """

    instrument_id: int
    timeframe: str
    close: float
    atr: float | None
    extremes: Sequence[Extremes] = ()

    def candlestick(self, row: CandlestickPattern) -> PatternEvent:
        """The event of a candlestick pattern."""
        strength = _of_talib(float(row.strength))
        return self._event(_CANDLESTICK, row, strength, candlestick.LOGIC_VERSION, row.candles, None)

    def volume(self, row: VolumePattern) -> PatternEvent:
        """The event of a volume pattern."""
        return self._event(_VOLUME, row, _GRADES[row.strength], volume.LOGIC_VERSION, 1, row.detail)

    def chart(self, row: Mapping[str, Any]) -> PatternEvent:
        """The event of a chart pattern (CHART_EVENT_SCHEMA)."""
        return PatternEvent(
            self.instrument_id,
            self.timeframe,
            row["ts"],
            row["known_at"],
            _CHART.name,
            row["pattern"],
            _CHART.natures[row["pattern"]],
            row["direction"],
            row["stage"],
            _of_quality(row["quality"]),
            self.close,
            row["breakout_level"],
            row["target"],
            row["invalidation"],
            self.atr or None,
            str(row["pattern_id"]),
            chart.LOGIC_VERSION,
        )

    def _event(
        self,
        family: _Family,
        row: CandlestickPattern | VolumePattern,
        strength: float,
        version: int,
        candles: int,
        detail: str | None,
    ) -> PatternEvent:
        level, target, invalidation = levels_of(row.pattern, row.direction, candles, detail, self.extremes)
        return PatternEvent(
            self.instrument_id,
            self.timeframe,
            row.ts,
            row.known_at,
            family.name,
            row.pattern,
            family.natures[row.pattern],
            row.direction,
            CONFIRMED,
            strength,
            self.close,
            level,
            target,
            invalidation,
            self.atr or None,
            None,
            version,
        )


def _events(
    family: _Family,
    rows: pl.DataFrame,
    candles: pl.DataFrame,
    atr: pl.DataFrame,
    timeframe: str,
    instrument_id: int,
    logic_version: int,
) -> pl.DataFrame:
    place(timeframe)
    if not family.levels:
        rows = rows.filter(pl.col("direction") != "neutral")
    beside = candles.select("ts", pl.col("close").alias("price")).join(
        atr.select("ts", pl.col(ATR).alias("atr")), on="ts", how="left"
    )
    found = rows.drop("atr", strict=False).join(beside, on="ts", how="left", maintain_order="left")
    if not family.levels:
        found = with_own_levels(found, candles)
    if (alone := found.filter(pl.col("price").is_null())).height:
        raise ValueError(
            f"instrument {instrument_id}: the {family.name} pattern {alone['pattern'][0]} of {timeframe} "
            f"{alone['ts'][0]} is there without its candle; read the candles of all rows"
        )
    return found.select(
        pl.lit(instrument_id).alias("instrument_id"),
        pl.lit(timeframe).alias("timeframe"),
        "ts",
        "known_at",
        pl.lit(family.name).alias("family"),
        "pattern",
        pl.col("pattern").replace_strict(family.natures, return_dtype=pl.String).alias("nature"),
        "direction",
        (pl.col("stage") if family.levels else pl.lit(CONFIRMED)).alias("stage"),
        family.strength.alias("strength"),
        "price",
        *LEVELS,
        pl.when(pl.col("atr") > 0).then("atr").alias("atr"),
        (pl.col("pattern_id").cast(pl.String) if family.levels else pl.lit(None)).alias("reference"),
        pl.lit(logic_version).alias("logic_version"),
    ).cast(PATTERN_EVENT_SCHEMA)
