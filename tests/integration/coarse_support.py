"""What the tests of bars without minutes share: made-up hours, and all that is derived of what is due."""

from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl
from candle_frames import candles, register

from alphapulse_assets.core.timeframes import aggregate
from alphapulse_assets.datasets.derivation import Derivation, DerivationRunner
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.evaluation.dataset import OUTCOME_DERIVATION
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.configuration_store import record
from alphapulse_assets.patterns.events.stored_definitions import (
    store_candlestick_definitions,
    store_chart_definitions,
)
from alphapulse_assets.patterns.signals.scoring_runs import Scoring
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_assets.volume.dataset import VOLUME_DERIVATION
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore
from alphapulse_resources.frames import TIMEFRAMES

FIRST: Final = datetime(2023, 5, 1, tzinfo=UTC)
"""A Monday."""
NOW: Final = datetime(2024, 1, 1, tzinfo=UTC)
RECEIVED: Final = datetime(2023, 12, 1, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
CHAIN: Final = (INDICATORS, REGIMES, VOLUME_DERIVATION, CANDLESTICKS, CHARTS, OUTCOME_DERIVATION)


def hours(count: int, *, start: datetime = FIRST, seed: int = 3) -> pl.DataFrame:
    """`count` made-up bars of an hour: minutes of a walk, spread over as many hours."""
    frame = candles(start, count, seed=seed)
    return frame.with_columns(pl.datetime_range(start, start + (count - 1) * HOUR, "1h").alias("ts"))


def bars_of(minutes: pl.DataFrame, timeframe: str) -> pl.DataFrame:
    """Whole bars of minutes, by code that the database does not use."""
    made = aggregate(minutes, timeframe)
    return made.filter(pl.col("bars") == TIMEFRAMES[timeframe] // timedelta(minutes=1)).drop("bars")


def write_native(
    database: Database, key: int, frame: pl.DataFrame, timeframe: str = "1h", *, source: str = "import"
) -> None:
    """Native bars of an instrument, as an import or a venue writes them."""
    store = CandleStore(database)
    with database.transaction() as connection:
        store.write(
            connection,
            key,
            frame,
            source=source,
            received_at=RECEIVED,
            timeframe_id=TIMEFRAME_IDS[timeframe],
        )


def walk(database: Database, symbol: str = "WALK/USD", *, count: int = 400, venue: str = "kraken") -> int:
    """An instrument with hours and no minutes; its key."""
    (key,) = register(database, [symbol], venue)
    write_native(database, key, hours(count))
    return key


def derive(database: Database, *only: Derivation, now: datetime = NOW) -> None:
    """What the automatic path makes of changed bars, but for signals."""
    store = DerivedStore(database)
    store_candlestick_definitions(database, CANDLESTICKS.version)
    store_chart_definitions(database, CHARTS.version)
    record(database, DEFAULT)
    for each in only or CHAIN:
        assert not DerivationRunner(store, each, now).changed().failures


def score(database: Database, now: datetime = NOW) -> None:
    """What is due to be scored."""
    assert not Scoring(DerivedStore(database), DEFAULT, now).changed().outputs["signals"].failures
