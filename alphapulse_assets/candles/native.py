"""A venue's own longer bars held against the aggregates of 1m candles."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import compare
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import statement
from alphapulse_resources.frames import TIMEFRAMES, floor_time

COMPARED: Final = ("open", "high", "low", "close", "volume")
"""Fields of a native bar that are held against the aggregate of its minutes."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How native bars compare with aggregates of 1m candles, over the bars that both have.

    `differing` bars are in `native_differences`; `incomplete` of them lack minutes, which explains it.
    """

    timeframe: str
    bars: int
    differing: int
    incomplete: int
    fields: Mapping[str, int]


def compare_native(
    store: CandleStore, instrument_id: int, timeframe: str, start: datetime, end: datetime
) -> Comparison | None:
    """Hold native bars in a window against aggregates of 1m candles and record where they differ.

    Earlier findings of the window are replaced. None when no bar is on both sides.
    """
    database, start = store.database, floor_time(start, timeframe)
    native = database.read(statement("import/native_bars"), (instrument_id, timeframe, start, end))
    query = statement("import/aggregated_bars", relation=f"ohlcv_{timeframe}")
    aggregated = database.read(query, (instrument_id, start, end))
    both = native.join(aggregated.select("ts", "bars"), on="ts")
    found = compare(
        native.join(both, on="ts", how="semi"), aggregated.join(both, on="ts", how="semi")
    ).filter(pl.col("field").is_in(COMPARED))
    key = {"instrument_id": instrument_id, "timeframe": timeframe}
    with database.transaction() as connection, connection.cursor() as cursor:
        store.lock(connection, instrument_id)
        cursor.execute(statement("import/forget_differences"), {**key, "start": start, "end": end})
        cursor.executemany(
            statement("import/record_difference"), [{**key, **row} for row in found.iter_rows(named=True)]
        )
    if both.is_empty():
        return None
    differing = both.join(found, on="ts", how="semi")
    minutes = TIMEFRAMES[timeframe] // timedelta(minutes=1)
    return Comparison(
        timeframe=timeframe,
        bars=both.height,
        differing=differing.height,
        incomplete=differing.filter(pl.col("bars") < minutes).height,
        fields=Counter(found["field"].to_list()),
    )
