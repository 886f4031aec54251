"""Technical indicators as a data set: a row for every closed bar of seven timeframes, once a version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl
from psycopg.types.json import Jsonb

from alphapulse_assets.core.calendar_blocks import frame_start
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.derivation import Derivation, DerivationResult
from alphapulse_assets.datasets.derived_assets import BARS
from alphapulse_assets.datasets.derived_checks import complete, no_look_ahead, rules
from alphapulse_assets.datasets.metadata import column_lineage
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.indicators.batch import compute
from alphapulse_assets.indicators.completeness import unexplained_nulls
from alphapulse_assets.indicators.influence import indicators_until
from alphapulse_assets.indicators.picture import indicator_picture
from alphapulse_assets.indicators.registry import INDICATORS, registry_version
from alphapulse_assets.indicators.series_dataset import SERIES
from alphapulse_assets.indicators.tables import INDICATOR_VALUES
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import BarReader, DerivedStore


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


_PERCENT: Final = dict.fromkeys(
    ("rsi_14", "adx_14", "plus_di_14", "minus_di_14", "mfi_14", "stochastic_k", "stochastic_d"), (0.0, 100.0)
)
_PRICES: Final = (
    *("ema_9", "ema_20", "ema_50", "ema_200", "sma_20", "sma_50", "sma_200"),
    *("vwap_session", "vwap_week", "vwap_month", "atr_14", "relative_volume_20", "realised_volatility_20"),
    *("ichimoku_conversion", "ichimoku_base", "ichimoku_span_a", "ichimoku_span_b"),
    *("donchian_upper", "donchian_lower"),
)


def _nulls(scope: CheckScope, derivation: Derivation) -> pl.DataFrame:
    return unexplained_nulls(scope.store, scope.venues, *scope.window, derivation.version)


def _shown(store: DerivedStore, derived: DerivationResult) -> Mapping[str, Any]:
    picture = indicator_picture(store.database, derived)
    sources = {
        name: [("ohlcv", column) for column in each.function.inputs] for name, each in INDICATORS.items()
    }
    return {"dagster/column_lineage": column_lineage(sources), **({"picture": picture} if picture else {})}


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


DATASET: Final = Dataset(
    name="indicators",
    description="Technical indicators of every closed bar from 1m to 1w: averages, RSI, MACD, bands, ATR, "
    "ADX, Stochastic, Ichimoku, Supertrend, channels, volume.\n\n"
    "A value is null until it is defined, and the same whether it was computed in one pass, per day or "
    "live. A changed formula is a new version; rows of older versions stay. `version: -1` in the run config "
    "writes a trial beside them.",
    group="indicators",
    tables=[INDICATOR_VALUES],
    reads=BARS,
    versions=[registry_version()],
    derivation=DERIVATION,
    prepare=store_definitions,
    show=_shown,
    rules=RuleSet(
        known=("known_at", "obv", "ad_line"),
        between={
            **_PERCENT,
            "cmf_20": (-1.0, 1.0),
            "supertrend_direction": (-1.0, 1.0),
            **dict.fromkeys(_PRICES, (0.0, None)),
        },
        ordered=(
            *(("bb_lower", "bb_middle"), ("bb_middle", "bb_upper")),
            *(("keltner_lower", "keltner_upper"), ("donchian_lower", "donchian_upper")),
        ),
    ),
    checks=[
        rules("RSI, ADX, directional indicators and MFI from 0 to 100, bands in order, averages above 0."),
        complete(
            "Every closed bar has its row, every row its bar, and values are null in warm-ups only.",
            nulls=_nulls,
        ),
        no_look_ahead("A bar computed again as if it were the newest has the values that are stored."),
    ],
    warm_up=compute,
)
DATASETS: Final = (DATASET, SERIES)
