"""Real bars on all timeframes, for tests of live patterns: what batch gives of them, and what live does."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.timeframes import aggregate, bar_length
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.candlestick.batch import CANDLESTICK_SCHEMA
from alphapulse_assets.patterns.chart import batch as chart
from alphapulse_assets.patterns.chart.definitions import CHART_EVENT_SCHEMA
from alphapulse_assets.patterns.evaluation.success import SUCCESS_SCHEMA, SuccessTable
from alphapulse_assets.patterns.events.adapters import candlestick_events, chart_events, volume_events
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.model import PATTERN_EVENT_SCHEMA, PATTERN_TIMEFRAMES, ordered, place
from alphapulse_assets.patterns.scoring.confidence import CONFIDENCE_SCHEMA, confidence
from alphapulse_assets.patterns.scoring.confluence import CONFLUENCE_SCHEMA, RELATIONSHIP_SCHEMA, confluence
from alphapulse_assets.patterns.scoring.context import LEVEL_SCHEMA, context
from alphapulse_assets.patterns.scoring.context_live import Knowledge
from alphapulse_assets.patterns.signals.batch import SIGNAL_SCHEMA, signals
from alphapulse_assets.patterns.signals.live import Closed, PatternRows, PatternState
from alphapulse_assets.regime import batch as regimes
from alphapulse_assets.regime.inputs import INDICATOR_INPUTS
from alphapulse_assets.volume import batch as volume
from alphapulse_assets.volume.events import VolumePattern
from alphapulse_resources.frames import CANDLE_SCHEMA

INSTRUMENT = 7
_OF = {"timeframe": pl.String()}
SCHEMAS = {
    "candlesticks": pl.Schema({**_OF, **CANDLESTICK_SCHEMA}),
    "charts": pl.Schema({**_OF, **CHART_EVENT_SCHEMA}),
    "events": PATTERN_EVENT_SCHEMA,
    "confidences": CONFIDENCE_SCHEMA,
    "confluence": CONFLUENCE_SCHEMA,
    "relationships": RELATIONSHIP_SCHEMA,
    "signals": SIGNAL_SCHEMA,
}
"""Every table, by name."""

Tables = dict[str, pl.DataFrame]


class Bars(NamedTuple):
    """The closed bars of a timeframe, and what other assets tell of them."""

    candles: pl.DataFrame
    indicators: pl.DataFrame
    regimes: pl.DataFrame
    volume_patterns: pl.DataFrame


def bars_of(candles: pl.DataFrame, lowest: str) -> dict[str, Bars]:
    """The bars of all timeframes from `lowest` on, of its candles: those that are closed by their end."""
    until = candles["ts"][-1] + bar_length(lowest)
    return {name: _bars(candles, lowest, name, until) for name in PATTERN_TIMEFRAMES[place(lowest) :]}


def _bars(candles: pl.DataFrame, lowest: str, name: str, until: datetime) -> Bars:
    made = candles if name == lowest else aggregate(candles, name).select(CANDLE_SCHEMA.names())
    closed = made.filter(pl.col("ts") + bar_length(name) <= until)
    told = indicators.compute(closed, name, names=INDICATOR_INPUTS)
    return Bars(closed, told, regimes.compute(closed, told, name), volume.detect(closed, name))


def batch(
    bars: Mapping[str, Bars], success: pl.DataFrame | None, configuration: PatternConfiguration = DEFAULT
) -> Tables:
    """Every table in one pass, beside the `market` of these bars."""
    candlesticks = {name: candlestick.detect(each.candles, name) for name, each in bars.items()}
    charts = {name: chart.detect(each.candles, name) for name, each in bars.items()}
    events = ordered(
        pl.concat(
            maker(rows[name], each.candles, each.indicators, name, INSTRUMENT)
            for name, each in bars.items()
            for maker, rows in (
                (candlestick_events, candlesticks),
                (chart_events, charts),
                (volume_events, {name: each.volume_patterns}),
            )
        )
    )
    trends = {name: each.regimes for name, each in bars.items()}
    beside = pl.concat(
        context(name, each.candles, trends, market=market(bars), configuration=configuration)
        for name, each in bars.items()
    )
    sure = confidence(events, beside, success, configuration=configuration)
    met, related = confluence(events, configuration=configuration)
    found = signals(events, sure, configuration=configuration)
    return {
        "candlesticks": _named(candlesticks),
        "charts": _named(charts),
        "events": events,
        "confidences": sure,
        "confluence": met,
        "relationships": related,
        "signals": found,
    }


def _named(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frame.select(pl.lit(name).alias("timeframe"), pl.all()) for name, frame in rows.items())


def moments(bars: Mapping[str, Bars], start: datetime | None = None) -> Iterator[dict[str, Closed]]:
    """The bars that close at each moment after `start`, one moment after another."""
    closing = [
        (row["ts"] + bar_length(name), place(name), name, row)
        for name, each in bars.items()
        for row in _rows(each).iter_rows(named=True)
    ]
    found = {name: _volume_rows(each) for name, each in bars.items()}
    for known_at, group in groupby(sorted(closing, key=lambda one: one[:2]), key=lambda one: one[0]):
        if start is None or known_at > start:
            yield {name: _closed(row, found[name].get(row["ts"], [])) for _, _, name, row in group}


def _rows(bars: Bars) -> pl.DataFrame:
    regime = bars.regimes.select("ts", pl.struct(pl.all()).alias("regime"))
    atr = bars.indicators.select("ts", "atr_14")
    return bars.candles.join(atr, on="ts").join(regime, on="ts", how="left", maintain_order="left")


def _volume_rows(bars: Bars) -> dict[datetime, list[VolumePattern]]:
    rows = [VolumePattern(*row) for row in bars.volume_patterns.iter_rows()]
    return {ts: list(group) for ts, group in groupby(rows, key=lambda row: row.ts)}


def _closed(row: dict[str, Any], found: list[VolumePattern]) -> Closed:
    return Closed(Bar.of(row), row["atr_14"], row["regime"], found)


def live(state: PatternState, closing: Iterable[dict[str, Closed]]) -> list[PatternRows]:
    """What the state tells of these moments."""
    return [state.update(closed) for closed in closing]


def gathered(told: Iterable[PatternRows]) -> Tables:
    """All that was told, as tables."""
    rows: dict[str, list[Any]] = {name: [] for name in SCHEMAS}
    for moment in told:
        for name, found in moment.candlesticks.items():
            rows["candlesticks"] += [{"timeframe": name, **row._asdict()} for row in found]
        for name, drawn in moment.charts.items():
            rows["charts"] += [{"timeframe": name, **row} for row in drawn]
        rows["events"] += [event._asdict() for event in moment.events]
        for name, more in moment.emitted._asdict().items():
            rows[name] += more
    frames = {name: pl.DataFrame(rows[name], schema=schema) for name, schema in SCHEMAS.items()}
    return sorted_alike(frames | {"events": ordered(frames["events"])})


def sorted_alike(tables: Tables) -> Tables:
    """Detectors' rows by timeframe, as several detectors have no common order; the others as they are."""
    by_timeframe = pl.col("timeframe").replace_strict(
        {name: place(name) for name in PATTERN_TIMEFRAMES}, return_dtype=pl.Int64
    )
    detected = ("candlesticks", "charts")
    return tables | {name: tables[name].sort(by_timeframe, maintain_order=True) for name in detected}


def since(tables: Tables, start: datetime) -> Tables:
    """The rows known after `start`."""
    return {name: frame.filter(pl.col("known_at") > start) for name, frame in tables.items()}


def knowledge(bars: Mapping[str, Bars], success: pl.DataFrame) -> Knowledge:
    """What is known of days as a whole."""
    tables = map(SuccessTable, success.partition_by("as_of", maintain_order=True))
    return Knowledge(list(tables), market(bars))


def market(bars: Mapping[str, Bars]) -> pl.DataFrame:
    """A made-up trend of the market (LEVEL_SCHEMA): another one each day, of some days unknown."""
    closes = next(iter(bars.values())).candles["ts"].dt.offset_by("1d").dt.truncate("1d")
    days = pl.concat([closes.dt.offset_by("-1d"), closes]).unique().sort()
    values = pl.Series([0.5, -0.25, None, 0.75, 0.0]).gather(days.dt.epoch("d") % 5)
    return pl.DataFrame({"known_at": days, "value": values}, schema=LEVEL_SCHEMA)


def rates(events: pl.DataFrame) -> pl.DataFrame:
    """Made-up success rates (SUCCESS_SCHEMA) of every pattern of these events.

    The first are known before all of them, the second from somewhere in the middle on.
    """
    times = events["known_at"].sort()
    early = times[0] - timedelta(days=1)
    return pl.concat([_rates(events, early, 0.0), _rates(events, times[len(times) // 2], -0.02)])


def _rates(events: pl.DataFrame, as_of: datetime, better: float) -> pl.DataFrame:
    keys = ("timeframe", "family", "pattern", "direction")
    known = events.select(keys).unique(maintain_order=True)
    excess = [0.3 * ((number * 37) % 101) / 100 - 0.15 for number in range(known.height)]
    return pl.DataFrame(
        [
            dict.fromkeys(SUCCESS_SCHEMA)
            | dict(zip(keys, key, strict=True))
            | {"as_of": as_of, "regime": regime, "excess": more + shift + better}
            for key, more in zip(known.iter_rows(), excess, strict=True)
            for regime, shift in ((None, 0.0), ("up", 0.05), ("down", -0.05))
        ],
        schema=SUCCESS_SCHEMA,
    )
