"""Technical indicators as an asset: every closed bar of seven timeframes has a row, in each version once."""

from datetime import datetime
from typing import Any, Final

import dagster as dg
import polars as pl
from psycopg.types.json import Jsonb

from alphapulse_assets.core.calendar_blocks import frame_start
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.derivation import Derivation
from alphapulse_assets.datasets.derived_assets import (
    BARS,
    DerivedConfig,
    after,
    derive,
    derived_asset,
    derived_materialized,
)
from alphapulse_assets.datasets.tables import INDICATOR_VALUES
from alphapulse_assets.indicators.batch import compute
from alphapulse_assets.indicators.influence import indicators_until
from alphapulse_assets.indicators.picture import indicator_picture
from alphapulse_assets.indicators.registry import INDICATORS, registry_version
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import BarReader
from alphapulse_resources.resources import DatabaseResource

GROUP: Final = "indicators"


def indicator_rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """Indicators of the closed bars that open in [start, end), with the time they were known."""
    timeframe = bars.timeframe
    candles = bars.between(frame_start(timeframe, start), end)
    found = compute(candles, timeframe, start=start)
    return found.with_columns((pl.col("ts") + bar_length(timeframe)).alias("known_at"))


DERIVATION: Final = Derivation(
    "indicators",
    INDICATOR_VALUES,
    registry_version(),
    indicator_rows,
    lambda bars, bar: indicators_until(bars.timeframe, bar),
)


@derived_asset(group=GROUP, version=str(registry_version()), deps=after(*BARS))
def indicators(
    context: dg.AssetExecutionContext, config: DerivedConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """Technical indicators of every closed bar from 1m to 1w: averages, RSI, MACD, bands, ATR, ADX, volume.

    A value is null until it is defined, and the same whether it was computed in one pass, per day or live. A
    changed formula is a new version; rows of older versions stay. `version: -1` in the run config writes
    a trial beside them.
    """
    store_definitions(database.get(), registry_version() if config.version is None else config.version)
    derived, metadata = derive(context, config, database, DERIVATION)
    picture = indicator_picture(database.get(), derived)
    shown = {"picture": picture} if picture else {}
    return derived_materialized(context, config.mode, derived, {**metadata, **shown})


def store_definitions(database: Database, version: int) -> None:
    """Keep what the columns of this version are; definitions of a released version never change."""
    rows = [
        {
            "name": each.name,
            "logic_version": version,
            "parameters": Jsonb(dict(each.parameters)),
            "formula_version": each.formula_version,
            "warm_up": each.warm_up,
            "description": each.description,
            "source": each.source,
            "unit": each.unit,
            "undefined": each.undefined,
        }
        for each in INDICATORS.values()
    ]
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(statement("derived/record_definition"), rows)
