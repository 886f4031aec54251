"""What candles promise, as Great Expectations suites run on the partition that was just written.

Hard rules block what is built on the candles; coverage and freshness inform. Rows that break a hard rule
never reach the table (`validation`), so a failure here means that the write path itself is broken, or that
somebody wrote to the table by other means. An evaluation speaks of all partitions of its run and names them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl
from psycopg import sql

from alphapulse_assets.candles.quality_checks import quality_check
from alphapulse_assets.datasets.expectations import check_frame, expectation, guard_frame
from alphapulse_assets.datasets.partitions import days_by_venue, first_and_last, run_keys
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.frames import AGGREGATED
from alphapulse_resources.resources import DatabaseResource

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
MAX_CHECKED_ROWS: Final = 5_000_000
MINUTE_JOBS: Final = ("refresh_candles", "refresh_timeframes")
PRICES: Final = ("open", "high", "low", "close")


def candle_suite(minutes: int) -> list[Any]:
    """The hard rules of bars of so many minutes."""
    rules = [
        expectation("ExpectColumnValuesToNotBeNull", column=column) for column in ("ts", *PRICES, "volume")
    ]
    rules += [
        expectation("ExpectColumnValuesToBeBetween", column=price, min_value=0, strict_min=True)
        for price in PRICES
    ]
    rules += [
        expectation("ExpectColumnPairValuesAToBeGreaterThanB", column_A="high", column_B=other, or_equal=True)
        for other in ("open", "close", "low")
    ]
    rules += [
        expectation("ExpectColumnPairValuesAToBeGreaterThanB", column_A=other, column_B="low", or_equal=True)
        for other in ("open", "close")
    ]
    rules += [
        expectation("ExpectColumnValuesToBeBetween", column="volume", min_value=0),
        expectation("ExpectColumnValuesToBeBetween", column="off_grid", min_value=0, max_value=0),
        expectation("ExpectColumnValuesToBeBetween", column="bars", min_value=1, max_value=minutes),
        expectation("ExpectCompoundColumnsToBeUnique", column_list=["instrument_id", "ts"]),
    ]
    return rules


def candle_guard(minutes: int) -> dict[str, pl.Expr]:
    """The rules of `candle_suite` in polars, for runs that have no seconds to spare: True where broken."""
    o, h, low, c = (pl.col(price) for price in ("open", "high", "low", "close"))
    known = pl.all_horizontal(pl.col(column).is_not_null() for column in ("ts", *PRICES, "volume"))
    return {
        "missing_value": ~known,
        "non_positive_price": pl.min_horizontal(o, h, low, c) <= 0,
        "high_below": h < pl.max_horizontal(o, low, c),
        "low_above": low > pl.min_horizontal(o, h, c),
        "negative_volume": pl.col("volume") < 0,
        "misaligned_time": pl.col("off_grid") != 0,
        "impossible_bars": ~pl.col("bars").is_between(1, minutes),
        "repeated": pl.struct("instrument_id", "ts").is_duplicated(),
    }


def coverage_guard() -> dict[str, pl.Expr]:
    """The same rules as `coverage_suite` in polars: True where broken."""
    return {
        "failed_fetch": pl.col("status") == "failed",
        "low_coverage": ~pl.col("coverage").is_between(0.9, 1.0),
        "unrecorded_minutes": pl.col("unrecorded") > 0,
    }


def coverage_suite() -> list[Any]:
    """Every symbol's day was fetched, most of it is there, and what is missing is on record."""
    return [
        expectation(
            "ExpectColumnValuesToBeInSet", column="status", value_set=["complete", "partial", "fetching"]
        ),
        expectation("ExpectColumnValuesToBeBetween", column="coverage", min_value=0.9, max_value=1.0),
        expectation("ExpectColumnValuesToBeBetween", column="unrecorded", min_value=0, max_value=0),
    ]


@dg.multi_asset_check(
    name="ohlcv_1m_checks",
    specs=[
        dg.AssetCheckSpec(
            "hard_rules",
            asset="ohlcv_1m",
            blocking=True,
            description="Prices positive and consistent, volume not negative, times on the minute.",
        )
    ],
)
def ohlcv_1m_checks(
    context: dg.AssetCheckExecutionContext, database: DatabaseResource
) -> Iterator[dg.AssetCheckResult]:
    """Hard rules of the 1m candles: what is built on them waits for this."""
    keys = run_keys(context.run.tags)
    frame = _bars(database.get(), "1m", keys)
    yield _named("ohlcv_1m", _check_bars(context, frame, 1), keys)


@dg.multi_asset_check(
    name="coverage_checks",
    specs=[
        dg.AssetCheckSpec(
            "coverage",
            asset="candle_gaps",
            description="Every tracked symbol was fetched, and every missing minute is on record as a gap.",
        )
    ],
)
def coverage_checks(
    context: dg.AssetCheckExecutionContext, database: DatabaseResource
) -> Iterator[dg.AssetCheckResult]:
    """What is missing, symbol by symbol; a warning, because the gap sensor is at it."""
    keys = run_keys(context.run.tags)
    days = days_by_venue(keys)
    frame = database.get().read(statement("candles/coverage_by_symbol"), (list(days), *first_and_last(days)))
    if _in_a_hurry(context):
        result = guard_frame("coverage", frame, coverage_guard(), severity=WARN)
    else:
        result = check_frame("coverage", frame, coverage_suite(), severity=WARN)
    incomplete = frame.filter((pl.col("coverage") < 1) | (pl.col("status") == "failed")).head(50)
    table = dg.MetadataValue.table(
        [dg.TableRecord({k: _plain(v) for k, v in row.items()}) for row in incomplete.iter_rows(named=True)],
        schema=dg.TableSchema([dg.TableColumn(name) for name in frame.columns]),
    )
    metadata = {**result.metadata, **({"incomplete": table} if incomplete.height else {})}
    yield _named("candle_gaps", result._replace(metadata=metadata), keys)


@dg.multi_asset_check(
    name="timeframe_checks",
    specs=[
        dg.AssetCheckSpec(
            "hard_rules",
            asset=f"ohlcv_{timeframe}",
            description=f"{timeframe} bars are consistent, on the grid, and not of too many candles.",
        )
        for timeframe in AGGREGATED
    ],
    can_subset=True,
)
def timeframe_checks(
    context: dg.AssetCheckExecutionContext, database: DatabaseResource
) -> Iterator[dg.AssetCheckResult]:
    """Hard rules of each timeframe."""
    keys = run_keys(context.run.tags)
    minutes = {"5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1440, "1w": 10080}
    for check in sorted(context.selected_asset_check_keys, key=str):
        timeframe = check.asset_key.path[-1].removeprefix("ohlcv_")
        frame = _bars(database.get(), timeframe, keys)
        yield _named(f"ohlcv_{timeframe}", _check_bars(context, frame, minutes[timeframe]), keys)


def _check_bars(
    context: dg.AssetCheckExecutionContext, frame: pl.DataFrame, minutes: int
) -> dg.AssetCheckResult:
    if _in_a_hurry(context):
        return guard_frame("hard_rules", frame, candle_guard(minutes), severity=ERROR)
    return check_frame("hard_rules", frame, candle_suite(minutes), severity=ERROR)


def _in_a_hurry(context: dg.AssetCheckExecutionContext) -> bool:
    """Runs of the minute cannot afford the seconds that importing Great Expectations takes."""
    return context.run.job_name in MINUTE_JOBS


def _bars(database: Database, timeframe: str, keys: Sequence[str]) -> pl.DataFrame:
    """The bars of the partitions, with how far each is off its grid in microseconds."""
    days = days_by_venue(keys)
    first, last = first_and_last(days)
    start, end = datetime.combine(first, time(), UTC), datetime.combine(last, time(), UTC) + timedelta(days=1)
    bars = sql.SQL("1::bigint" if timeframe == "1m" else "b.bars")
    query = statement("candles/bars_to_check", relation=f"ohlcv_{timeframe}", bars=bars)
    return database.read(query, (list(days), start, end, timeframe, MAX_CHECKED_ROWS))


def _named(asset: str, result: dg.AssetCheckResult, keys: Sequence[str]) -> dg.AssetCheckResult:
    """The result with its asset and the partitions it speaks of."""
    span = keys[0] if len(keys) == 1 else f"{keys[0]} to {keys[-1]} ({len(keys)})"
    return result._replace(
        asset_key=dg.AssetKey(asset), metadata={"partitions": dg.MetadataValue.text(span), **result.metadata}
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


candle_checks: Final = [ohlcv_1m_checks, coverage_checks, timeframe_checks, quality_check]
