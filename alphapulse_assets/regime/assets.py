"""Market regime as an asset: of every symbol, and of the market by what most of its volume is in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.core import calendar_blocks as warm_up
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.core.windows import Window, merged
from alphapulse_assets.datasets.derivation import Derivation, DerivationResult
from alphapulse_assets.datasets.derived_assets import (
    BARS,
    DerivedConfig,
    after,
    derive,
    derived_asset,
    derived_materialized,
    version_of,
)
from alphapulse_assets.datasets.tables import MARKET_REGIMES
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.indicators.influence import regimes_until
from alphapulse_assets.indicators.registry import registry_version
from alphapulse_assets.regime import rules
from alphapulse_assets.regime.batch import compute
from alphapulse_assets.regime.inputs import INDICATOR_INPUTS, REGIME_SCHEMA
from alphapulse_assets.regime.market import MARKET_SCHEMA
from alphapulse_assets.regime.market import market_regime as market_of
from alphapulse_assets.regime.picture import regime_picture
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, BarReader, DerivedStore
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.resources import DatabaseResource

DOLLARS: Final = ("USD", "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USDE", "DAI")
"""Quotes worth about a dollar, so that volumes can be added up (ours)."""

OVERALL: Final = Table(
    "market_regimes_overall",
    key=("timeframe_id", "ts", "logic_version"),
    values=("known_at", *(name for name in MARKET_SCHEMA if name != "ts")),
    provenance=("created_at",),
    computed=True,
)
_WEEK: Final = timedelta(weeks=1)


def regime_rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """Regimes of the closed bars that open in [start, end), with the time they were known.

    The indicators they are made of are computed here from the same bars: what is stored of them may be of
    fewer days.
    """
    timeframe = bars.timeframe
    first = rules.frame_start(timeframe, start)
    candles = bars.between(warm_up.frame_start(timeframe, first), end)
    told = indicators.compute(candles, timeframe, start=first, names=INDICATOR_INPUTS)
    found = compute(candles.filter(pl.col("ts") >= first), told, timeframe, start=start)
    return found.with_columns((pl.col("ts") + bar_length(timeframe)).alias("known_at"))


DERIVATION: Final = Derivation(
    "market_regime",
    MARKET_REGIMES,
    rules.LOGIC_VERSION,
    regime_rows,
    lambda bars, bar: regimes_until(bars.timeframe, bar, rules.WARM_UP),
)


@derived_asset(
    group="indicators",
    version=version_of(rules.LOGIC_VERSION, registry_version()),
    deps=after("indicators", *BARS),
)
def market_regime(
    context: dg.AssetExecutionContext, config: DerivedConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """Trend, volatility and liquidity of each symbol at every closed bar, by rules with hysteresis.

    From the rows of all dollar-quoted symbols of all venues follows the regime of the market
    (`market_regimes_overall`): what most of the quote volume is in.
    """
    derived, metadata = derive(context, config, database, DERIVATION)
    overall = write_overall(DerivedStore(database.get()), derived)
    picture = regime_picture(database.get(), derived)
    shown = {
        "overall_rows_written": overall.inserted + overall.changed,
        **({"picture": picture} if picture else {}),
    }
    return derived_materialized(context, config.mode, derived, {**metadata, **shown})


def write_overall(store: DerivedStore, derived: DerivationResult) -> Written:
    """Bring the regime of the market up to date where symbols were computed."""
    written = Written()
    for timeframe, windows in derived.windows.items():
        for window in _weeks(merged(windows), timeframe):
            written += _overall(store, timeframe, derived.version, window)
    return written


def _overall(store: DerivedStore, timeframe: str, version: int, window: Window) -> Written:
    """One window; whoever computes it reads what the one before has committed."""
    scope: dict[str, int | str] = {"timeframe_id": TIMEFRAME_IDS[timeframe], "logic_version": version}
    with store.database.transaction() as connection:
        store.lock(connection, OVERALL, 0)
        symbols = store.database.read(
            statement("derived/regimes_of_symbols"), (*scope.values(), *window, list(DOLLARS))
        )
        found = market_of(symbols.with_columns(pl.col("ts").cast(REGIME_SCHEMA["ts"])), timeframe)
        found = found.with_columns((pl.col("ts") + bar_length(timeframe)).alias("known_at"))
        return store.replace(connection, OVERALL, found, scope, window)


def _weeks(windows: Sequence[Window], timeframe: str) -> list[Window]:
    """The windows cut so that not too many symbols' bars are held at a time."""
    if warm_up.yearly(timeframe):
        return list(windows)
    pieces = []
    for start, end in windows:
        while start < end:
            pieces.append((start, min(start + _WEEK, end)))
            start += _WEEK
    return pieces
