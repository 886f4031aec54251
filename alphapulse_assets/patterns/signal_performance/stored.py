"""How signals did, from what is stored: trades, random entries, walks; and how it is written."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.evaluation.random_walk import SEED
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.signal_performance.baselines import DRAWS, Floats, random_entries
from alphapulse_assets.patterns.signal_performance.equity import curve
from alphapulse_assets.patterns.signal_performance.performance import judged, performance
from alphapulse_assets.patterns.signal_performance.tables import (
    CURVES,
    EQUITY_SCHEMA,
    LOGIC_VERSION,
    SIGNAL_EQUITY,
    SIGNAL_PERFORMANCE,
    TRADE_SCHEMA,
)
from alphapulse_assets.patterns.signal_performance.walk import walked
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import DerivedStore, Subject
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written

LOOK_BACK: Final = timedelta(days=365)
"""Signals before that do not count (ours)."""
MOST_TRADES: Final = 500_000
"""Newest signals that are judged at most (ours): some 200 MB with their random entries."""
WALK_BARS: Final = 43_200
"""Newest bars of each symbol's finest timeframe that a walk is beside: 30 days of minutes (ours)."""
MOST_BARS: Final = 200_000
"""Of all symbols together: a walk of so many takes half a minute (ours); with more symbols each has fewer."""
WALKS: Final = 3
"""Walks beside each symbol (ours); what they do at the same time is one observation."""

_MOMENT: Final = timedelta(microseconds=1)
_SETTLED: Final = 1_000
"""Bars at the front of a walk whose signals do not count: what they rest on has yet to begin (ours)."""


class Judged(NamedTuple):
    """How signals did as of a moment."""

    performance: pl.DataFrame  # PERFORMANCE_SCHEMA
    equity: pl.DataFrame  # EQUITY_SCHEMA


def judge(
    store: DerivedStore, as_of: datetime, configuration: PatternConfiguration, walk_bars: int = WALK_BARS
) -> Judged:
    """How all stored signals of a configuration did, as known at a moment."""
    trades = _trades(store, as_of, configuration)
    ids = trades["instrument_id"].unique().sort().to_list()
    subjects = store.subjects(ids) if ids else []
    random = _random(store, subjects, trades, as_of)
    most = max(min(walk_bars, MOST_BARS // max(len(subjects), 1)), 1)
    chance = [_walks(store, subject, as_of, most, configuration) for subject in subjects]
    walk = pl.concat([TRADE_SCHEMA.to_frame(), *chance]).filter(pl.col("known_at") <= as_of)
    found = performance(trades, walk, random, as_of, configuration=configuration)
    return Judged(found, _curves(store, trades, random, as_of, configuration))


def write(
    store: DerivedStore, found: Judged, as_of: datetime, configuration: PatternConfiguration
) -> Written:
    """Make the rows as of this moment those that were found."""
    written = Written()
    scope = {"logic_version": LOGIC_VERSION, "configuration_version": configuration.version}
    for table, frame in ((SIGNAL_PERFORMANCE, found.performance), (SIGNAL_EQUITY, found.equity)):
        rows = frame.drop(*scope).rename({"as_of": "ts"})
        written += _replace(store, table, rows, scope, as_of)
    return written


def _trades(store: DerivedStore, as_of: datetime, configuration: PatternConfiguration) -> pl.DataFrame:
    """TRADE_SCHEMA in the order of instruments, timeframes and times."""
    parameters = (as_of - LOOK_BACK, as_of, configuration.version, MOST_TRADES)
    found = store.database.read(statement("patterns/signals_judged"), parameters)
    trades = found.select(TRADE_SCHEMA.names()).cast(TRADE_SCHEMA)
    return trades.sort("instrument_id", "timeframe", "told_at")


def _random(
    store: DerivedStore, subjects: Sequence[Subject], trades: pl.DataFrame, as_of: datetime
) -> Floats:
    """Random entries beside the trades, in their order."""
    of = {subject.instrument_id: subject for subject in subjects}
    found = [np.empty((0, DRAWS))]
    for part in trades.partition_by("instrument_id", "timeframe", maintain_order=True):
        timeframe = part["timeframe"][0]
        bars = store.bars(of[part["instrument_id"][0]], timeframe, as_of)
        begin, end = part.select(pl.col("entry_at").min(), pl.col("known_at").max()).row(0)
        found.append(random_entries(part, bars.between(begin, end)))
    return np.concatenate(found)


def _walks(
    store: DerivedStore, subject: Subject, as_of: datetime, bars: int, configuration: PatternConfiguration
) -> pl.DataFrame:
    """TRADE_SCHEMA of signals on random walks beside a symbol's newest bars of its finest timeframe."""
    for finest in PATTERN_TIMEFRAMES:
        candles = store.bars(subject, finest, as_of).before(as_of, bars)
        if not candles.is_empty():
            break
    else:
        return TRADE_SCHEMA.to_frame()
    start = candles["ts"][min(_SETTLED, candles.height // 5)]
    key = subject.instrument_id
    found = [
        walked(candles, key, start, finest=finest, seed=SEED + number, configuration=configuration)
        for number in range(WALKS)
    ]
    return judged(pl.concat(found), {key: str(subject)})


def _curves(
    store: DerivedStore,
    trades: pl.DataFrame,
    random: Floats,
    as_of: datetime,
    configuration: PatternConfiguration,
) -> pl.DataFrame:
    if trades.is_empty():
        return EQUITY_SCHEMA.to_frame()
    closes = _closes(store, trades, as_of)
    placed = trades.with_row_index("place").with_columns(pl.lit("all").alias("all"))
    curves = [
        curve(
            part.select(TRADE_SCHEMA.names()),
            random[part["place"].to_numpy()],
            closes,
            {"as_of": as_of, "grouped_by": group, "value": value},
            configuration,
        )
        for group in CURVES
        for (value,), part in sorted(placed.partition_by(group, as_dict=True).items())
    ]
    return pl.concat(curves)


def _closes(store: DerivedStore, trades: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """The closes of the symbols' days."""
    subjects = store.subjects(trades["instrument_id"].unique().to_list())
    begin = trades["entry_at"].dt.truncate("1d").min()
    assert isinstance(begin, datetime)  # a column of times has one
    return pl.concat(
        store.bars(subject, "1d", as_of + bar_length("1d"))
        .between(begin, as_of)
        .select(pl.lit(str(subject)).alias("symbol"), pl.col("ts").alias("day"), "close")
        for subject in subjects
    )


def _replace(
    store: DerivedStore, table: Table, rows: pl.DataFrame, scope: dict[str, Any], as_of: datetime
) -> Written:
    with store.database.transaction() as connection:
        store.lock(connection, table, 0)
        return store.replace(connection, table, rows, scope, (as_of, as_of + _MOMENT))
