"""What the tests of signals share: a symbol with all that signals are made of, and the rows as frames."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl
from derived_support import FIRST, rows, symbol

from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.configuration_store import record
from alphapulse_assets.patterns.signals.scoring_runs import Scored, Scoring
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_assets.regime.dataset import write_overall
from alphapulse_assets.volume.dataset import VOLUME_DERIVATION
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore

DAYS: Final = 2
END: Final = FIRST + timedelta(days=DAYS)
BYBIT: Final = {"bybit": [FIRST.date(), END.date() - timedelta(days=1)]}
TABLES: Final = ("pattern_confidences", "pattern_confluences", "pattern_relationship_events", "signal_events")
_ORDER: Final = (
    *("ts", "timeframe_id", "kind_id", "sign", "stage_id", "reference", "other_timeframe_id"),
    "configuration_version",
)


def with_patterns(database: Database) -> int:
    """A symbol with everything that signals are made of; its key."""
    key = symbol(database, days=DAYS)
    detect(database)
    return key


def detect(database: Database) -> None:
    """Whatever signals are made of, of the whole days."""
    store = DerivedStore(database)
    for derivation in (INDICATORS, REGIMES, VOLUME_DERIVATION, CANDLESTICKS, CHARTS):
        derived = DerivationRunner(store, derivation, END).days(BYBIT)
        assert derived.failures == {}
        if derivation is REGIMES:
            write_overall(store, derived)


def catch_up(database: Database) -> None:
    """The same where bars have changed, once the last bars have settled."""
    store = DerivedStore(database)
    for derivation in (INDICATORS, REGIMES, VOLUME_DERIVATION, CANDLESTICKS, CHARTS):
        derived = DerivationRunner(store, derivation, END + timedelta(minutes=1)).changed()
        if derivation is REGIMES:
            write_overall(store, derived)


def scoring(
    database: Database, now: datetime = END, configuration: PatternConfiguration = DEFAULT
) -> Scoring:
    """What computes signals, as a run at that moment has it."""
    record(database, configuration)
    return Scoring(DerivedStore(database), configuration, now)


def counts(scored: Scored) -> dict[str, tuple[int, int, int]]:
    """Rows inserted, changed and removed, by asset."""
    return {
        name: (derived.total.inserted, derived.total.changed, derived.total.removed)
        for name, derived in scored.outputs.items()
    }


def told(database: Database, tables: Sequence[str] = TABLES) -> dict[str, pl.DataFrame]:
    """All rows of the tables, in one order, with the moment at which they were known."""
    known = pl.col("ts") + pl.duration(minutes=pl.col("timeframe_id"))
    return {table: ordered(rows(database, table).with_columns(known.alias("known_at"))) for table in tables}


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in the order of its keys."""
    return frame.sort([key for key in _ORDER if key in frame.columns])
