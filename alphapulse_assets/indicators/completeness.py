"""Which values of indicators are null without a reason."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
import polars as pl
from psycopg import sql

from alphapulse_assets.core.calendar_blocks import WARM_UP, blocks, frame_start, micros
from alphapulse_assets.indicators.registry import INDICATORS
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import COMPUTED, TIMEFRAME_IDS, DerivedStore, Subject

ALWAYS: Final = {name: each.warm_up for name, each in INDICATORS.items() if not each.undefined}
_IS_NULL: Final = sql.SQL(" OR ").join(sql.SQL("{} IS NULL").format(sql.Identifier(name)) for name in ALWAYS)
"""Indicators that are defined wherever so many bars count."""


def unexplained_nulls(
    store: DerivedStore, venues: Sequence[str], start: datetime, end: datetime, version: int
) -> pl.DataFrame:
    """By symbol and timeframe: values in [start, end) that are null although their warm-up is over."""
    rows = [
        (str(subject), timeframe, _of(store, subject, timeframe, (start, end), version))
        for subject in store.tracked(venues)
        for timeframe in COMPUTED
    ]
    schema = {"symbol": pl.String, "timeframe": pl.String, "unexplained_nulls": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _of(
    store: DerivedStore, subject: Subject, timeframe: str, window: tuple[datetime, datetime], version: int
) -> int:
    found = store.database.read(
        statement("derived/rows_with_nulls", nulls=_IS_NULL),
        (subject.instrument_id, TIMEFRAME_IDS[timeframe], version, *window),
    )
    if found.is_empty():
        return 0
    bars = store.bars(subject, timeframe, datetime.now(UTC)).between(
        frame_start(timeframe, window[0]), window[1]
    )
    ts = bars["ts"].dt.epoch("us").to_numpy()
    counted = np.concatenate(
        [np.arange(begin, last) - counts + 1 for counts, begin, last in blocks(timeframe, ts, WARM_UP)]
        or [np.empty(0, dtype=np.int64)]
    )
    places = np.searchsorted(ts, [micros(moment) for moment in found["ts"]])
    return sum(
        int((found[name].is_null().to_numpy() & (counted[places] >= warm_up)).sum())
        for name, warm_up in ALWAYS.items()
    )
