"""The pattern events in a database: what the detectors' tables hold, as the one shape of all families."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.indicators.registry import registry_version
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import definitions as chart
from alphapulse_assets.patterns.events.adapters import candlestick_events, chart_events, volume_events
from alphapulse_assets.patterns.events.model import ORDER, PATTERN_EVENT_SCHEMA
from alphapulse_assets.volume import definitions as volume
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import COMPUTED, TIMEFRAME_IDS, DerivedStore, Subject

_FAMILIES: Final[tuple[tuple[str, int, Callable[..., pl.DataFrame]], ...]] = (
    ("patterns/candlestick_events", candlestick.LOGIC_VERSION, candlestick_events),
    ("patterns/chart_events", chart.LOGIC_VERSION, chart_events),
    ("patterns/volume_events", volume.LOGIC_VERSION, volume_events),
)
"""Statement, version that is read, and adapter of each family."""


def read_events(
    store: DerivedStore,
    subject: Subject,
    start: datetime,
    end: datetime,
    *,
    timeframes: Sequence[str] = COMPUTED,
) -> pl.DataFrame:
    """Events of all families of one instrument that became known in [start, end): PATTERN_EVENT_SCHEMA.

    They are those of the rules as they are now (the current logic versions), in `events.ORDER`. ATR is that
    of the stored indicators: null where these have not been computed.

    Raises:
        ValueError: a timeframe outside the hierarchy, or a row whose bar is gone: it is due to be removed.
    """
    read = store.database.read
    found = [PATTERN_EVENT_SCHEMA.to_frame()]
    for timeframe in timeframes:
        length = bar_length(timeframe)
        window = start - length, end - length
        key = subject.instrument_id, TIMEFRAME_IDS[timeframe]
        # reads of their own, no join: a planner that does not know the tables yet takes minutes over it
        rows = [read(statement(query), (*key, version, *window)) for query, version, _ in _FAMILIES]
        first = min([window[0], *(began for frame in rows if (began := _began(frame)) is not None)])
        bars = read(statement("patterns/closes"), (*key, first, window[1]))
        atrs = read(statement("patterns/atrs"), (*key, registry_version(), *window))
        for (_, version, adapter), told in zip(_FAMILIES, rows, strict=True):
            found.append(adapter(told, bars, atrs, timeframe, subject.instrument_id, logic_version=version))
    return pl.concat(found).sort(ORDER, maintain_order=True)


def _began(rows: pl.DataFrame) -> datetime | None:
    """The open time of the first bar of the earliest of these patterns, None where they do not say."""
    if "began_at" not in rows.columns or rows["began_at"].null_count() == rows.height:
        return None
    began: datetime = rows["began_at"].cast(pl.Datetime("us", "UTC")).drop_nulls().min()  # type: ignore[assignment]
    return began
