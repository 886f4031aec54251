"""Indicators of a candle frame in one go: TA-Lib and numba over arrays, block by block."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
import polars as pl

from alphapulse_assets.core.calendar_blocks import blocks, micros
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.indicators.bars import Bars, Floats
from alphapulse_assets.indicators.definition import IndicatorDefinition, formulas_of
from alphapulse_assets.indicators.formulas import Formula, Scope
from alphapulse_assets.indicators.registry import INDICATORS, definition


def compute(
    candles: pl.DataFrame,
    timeframe: str,
    *,
    start: datetime | None = None,
    names: Iterable[str] | None = None,
) -> pl.DataFrame:
    """Indicators of one instrument's closed bars: INDICATOR_SCHEMA, one row per bar from `start` on.

    `candles` (CANDLE_SCHEMA, sorted by ts, each once) go back to `warm_up.frame_start(timeframe, start)` or
    to the instrument's first bar; without `start` every bar has a row, and the frame is taken to begin with
    the instrument's first bar. Missing bars are not made up: rows are taken one after another. A row uses
    bars up to and including its own. `names` keeps some columns only, and only they are computed.

    Raises:
        ValueError: unknown timeframe or indicator, a naive `start`, times that do not ascend, a number that
            is missing, not finite or cannot be.
    """
    wanted = [definition(name) for name in (INDICATORS if names is None else names)]
    return compute_definitions(candles, timeframe, wanted, start=start)


def compute_definitions(
    candles: pl.DataFrame,
    timeframe: str,
    definitions: Sequence[IndicatorDefinition],
    *,
    start: datetime | None = None,
) -> pl.DataFrame:
    """The same for any definitions: `ts` and a column of each. Candles as there, back as far as each wants.

    Raises:
        ValueError: as `compute`.
    """
    bar_length(timeframe)
    bars = Bars.of(candles)
    first = 0 if start is None else int(np.searchsorted(bars.ts, micros(start)))
    # one array: many smaller ones would be given back to the system and fetched anew each time
    table = np.empty((len(definitions), len(bars)))
    names = [each.name for each in definitions]
    columns = dict(zip(names, table, strict=True))
    cut = [block for block in blocks(timeframe, bars.ts) if block[2] > first]
    for formula, outputs in formulas_of(definitions).items():
        _fill([(columns[name], output) for name, output in outputs], formula, bars, timeframe, cut)
    told = table[:, first:]
    told[np.isinf(told)] = np.nan  # what overflowed
    found = candles.select(pl.col("ts").slice(first)).with_columns(
        pl.Series(name, column, nan_to_null=True) for name, column in zip(names, told, strict=True)
    )
    schema = {"ts": pl.Datetime("us", "UTC"), **dict.fromkeys(names, pl.Float64())}
    return found.match_to_schema(schema)


def _fill(
    columns: list[tuple[Floats, int]],
    formula: Formula,
    bars: Bars,
    timeframe: str,
    cut: list[tuple[int, int, int]],
) -> None:
    """Write a formula's outputs, by their number, into columns: at the rows of these blocks."""
    if formula.scope is Scope.FRAME:
        found = formula.batch(bars, timeframe)
        for column, output in columns:
            column[:] = found[output]
        return
    for counts, begin, end in cut:
        origin = begin if formula.scope is Scope.BLOCK else counts
        found = formula.batch(bars.between(origin, end), timeframe)
        for column, output in columns:
            column[begin:end] = found[output][begin - origin :]
