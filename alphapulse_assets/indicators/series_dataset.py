"""Indicators of one's own parameters as a data set: a row per closed bar and series that is asked for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Check, Dataset
from alphapulse_assets.datasets.derivation import Derivation
from alphapulse_assets.datasets.derived_assets import BARS
from alphapulse_assets.datasets.derived_checks import complete, no_look_ahead
from alphapulse_assets.datasets.live import BarSource
from alphapulse_assets.indicators.batch import compute_definitions
from alphapulse_assets.indicators.influence import series_until
from alphapulse_assets.indicators.series import Series, one_series
from alphapulse_assets.indicators.series_rows import LiveSeries, series_rows
from alphapulse_assets.indicators.series_store import asked_for, settle
from alphapulse_assets.indicators.tables import INDICATOR_SERIES_VALUES
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import BarReader

NAME: Final = "indicator_series"
_VERSION: Final = 1
"""Of the way they are stored: each series has a version of its own."""


def derivation_of(series: Series) -> Derivation:
    """How the rows of one series follow from bars, with marks and windows under its own name."""

    def rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
        return series_rows(series, bars, bars.timeframe, start, end)

    return Derivation(
        series.dataset,
        INDICATOR_SERIES_VALUES,
        series.number,
        rows,
        lambda bars, bar: series_until(series.definitions, bars.timeframe, bar),
    )


def _parts() -> Sequence[Derivation]:
    return [derivation_of(each) for each in asked_for()]


def _nothing(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    raise ValueError(f"{NAME} is computed by its parts")


def _of_each(check: Check) -> Check:
    """A check of derived rows, made of each series; it passes where all do."""

    def run(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
        found = {
            part.dataset: check.run(scope, replace(dataset, name=part.dataset, derivation=part))
            for part in _parts()
        }
        worst = [name for name, result in found.items() if not result.passed]
        shown = next((found[name] for name in (*worst, *found)), None)
        return dg.AssetCheckResult(
            check_name=check.name,
            passed=not worst,
            severity=shown.severity if shown else dg.AssetCheckSeverity.WARN,
            metadata={
                **(shown.metadata if shown else {}),
                "series": len(found),
                "series_failed": ", ".join(worst) or "none",
            },
        )

    return Check(check.name, check.text, run, blocking=check.blocking)


def start_series(instrument_id: int, timeframe: str, bars: BarSource, next_open: datetime) -> LiveSeries:
    """The state of all series before the bar that opens next (`datasets.live.StartLive`)."""
    return LiveSeries(asked_for(), instrument_id, timeframe, bars, next_open)


def _prepare(database: Database, version: int) -> None:
    settle(database, asked_for())


def _warm_up(candles: pl.DataFrame, timeframe: str) -> None:
    """Run the compiled code that no column of `indicators` runs."""
    compute_definitions(candles, timeframe, one_series("williams").definitions)


SERIES: Final = Dataset(
    name=NAME,
    description="Indicators of one's own parameters, as ALPHAPULSE_INDICATORS__EXTRA names them: EMA 34, RSI "
    "7, Supertrend 10 and 3.\n\n"
    "Each is a series of its own: a new one is computed of all days that have bars, and nothing else is due; "
    "the rows of one that is not asked for any more stay. The view `indicator_series` shows them by name.",
    group="indicators",
    tables=[INDICATOR_SERIES_VALUES],
    relations=["indicator_series_definitions"],
    reads=BARS,
    versions=[_VERSION],
    derivation=Derivation(
        NAME, INDICATOR_SERIES_VALUES, _VERSION, _nothing, lambda bars, bar: bar, parts=_parts
    ),
    prepare=_prepare,
    checks=[
        _of_each(complete("Every closed bar has its row in every series, and every row its bar.")),
        _of_each(no_look_ahead("A bar computed again as if it were the newest has the values stored.")),
    ],
    live=start_series,
    warm_up=_warm_up,
)
