"""What streams promise, checked each hour on the newest of what they wrote, and against the batch.

The checks read tables, not streams: they hold for whatever wrote the rows, and tell of all shards together.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.order_book import suites
from alphapulse_assets.order_book.dataset import MOST_ROWS
from alphapulse_assets.registry import streamed
from alphapulse_assets.streaming.states import Change, find_breaks, synced_seconds
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
SHOWN: Final = 50
SYNCED_SHARE: Final = 0.95
"""Part of the newest hour in which a book should be synced (ours): three minutes for starts and resyncs."""
COMPARED: Final = timedelta(days=1)  # yesterday and today
LONGEST_CHECK: Final = timedelta(minutes=10)
"""Longest time of a run of `check_streams` (ours); monitoring ends a run that takes longer."""


_RULES: Final = {
    dg.AssetCheckKey(dg.AssetKey(dataset.name), check.name): (dataset, check)
    for dataset, _ in streamed()
    for check in dataset.checks
}


@dg.multi_asset_check(
    name="stream_rules",
    specs=[
        dg.AssetCheckSpec(check.name, asset=dataset.name, description=check.text)
        for dataset, check in _RULES.values()
    ],
    can_subset=True,
)
def stream_rules(
    context: dg.AssetCheckExecutionContext, database: DatabaseResource
) -> Iterator[dg.AssetCheckResult]:
    """The suite of each streamed table on its newest rows."""
    scope = CheckScope(DerivedStore(database.get()), (), lightweight=False)
    for key in sorted(context.selected_asset_check_keys, key=str):
        dataset, check = _RULES[key]
        yield check.run(scope, dataset)._replace(asset_key=key.asset_key)


@dg.multi_asset_check(
    name="book_states",
    specs=[
        dg.AssetCheckSpec(
            "states_follow",
            asset="order_book_events",
            description="Each change of a book's state begins where the last ended: nothing is unrecorded.",
        ),
        dg.AssetCheckSpec(
            "books_synced",
            asset="order_book_events",
            description="Each book that was followed in the newest hour was synced for at least 95 % of it.",
        ),
    ],
)
def book_states(database: DatabaseResource) -> Iterator[dg.AssetCheckResult]:
    """What the newest hour of recorded states adds up to."""
    end = datetime.now(UTC)
    start = end - timedelta(hours=1)
    books = _changes(database.get(), start)
    yield _states_follow(books)
    yield _books_synced(books, start, end)


@dg.asset_check(
    asset="ohlcv_1m",
    name="stream_equals_batch",
    description="Candles that the stream wrote are those that the batch fetched for the same minutes later.",
)
def stream_equals_batch(database: DatabaseResource) -> dg.AssetCheckResult:
    """Stream against batch, minutes of yesterday and today. Sums may differ in their last digits."""
    day = datetime.now(UTC).date() - COMPARED
    since = datetime.combine(day, time(), UTC)
    days = database.get().read(statement("streams/verification"), (day,))
    differences = database.get().read(statement("streams/differences"), (since, MOST_ROWS))
    beyond = differences.filter(pl.col("relative").abs().fill_null(1.0) > suites.ROUNDING)
    metadata: dict[str, Any] = {
        "since": since.isoformat(),
        **{name: int(days[name].sum() or 0) for name in ("written", "verified", "differing")},
        "differing_beyond_rounding": beyond.select("venue", "symbol", "ts").n_unique(),
    }
    if differences.height:
        metadata["differences"] = _table(differences.head(SHOWN))
    return dg.AssetCheckResult(passed=beyond.is_empty(), severity=WARN, metadata=metadata)


def _states_follow(books: dict[tuple[str, str], list[Change]]) -> dg.AssetCheckResult:
    found = [
        {
            "venue": venue,
            "symbol": symbol,
            "ts": broken.ts,
            "expected": broken.expected,
            "found": broken.found,
            "cause": broken.cause,
        }
        for (venue, symbol), changes in books.items()
        for broken in find_breaks(changes)
    ]
    return dg.AssetCheckResult(
        asset_key="order_book_events",
        check_name="states_follow",
        passed=not found,
        severity=ERROR,
        metadata={
            "books": len(books),
            "changes": sum(map(len, books.values())),
            "breaks": len(found),
            **({"unexplained": _table(pl.DataFrame(found[:SHOWN]))} if found else {}),
        },
    )


def _books_synced(
    books: dict[tuple[str, str], list[Change]], start: datetime, end: datetime
) -> dg.AssetCheckResult:
    low, shares = [], []
    for (venue, symbol), changes in books.items():
        synced, followed = synced_seconds(changes, start, end)
        if followed <= 0:
            continue
        shares.append(synced / followed)
        if shares[-1] < SYNCED_SHARE:
            low.append({"venue": venue, "symbol": symbol, "share": round(shares[-1], 4), "seconds": followed})
    return dg.AssetCheckResult(
        asset_key="order_book_events",
        check_name="books_synced",
        passed=not low,
        severity=WARN,
        metadata={
            "books": len(shares),
            "below": len(low),
            "lowest": round(min(shares, default=1.0), 4),
            **({"books_below": _table(pl.DataFrame(low[:SHOWN]))} if low else {}),
        },
    )


def _changes(database: Database, start: datetime) -> dict[tuple[str, str], list[Change]]:
    frame = database.read(statement("streams/check/states"), (start,))
    books: dict[tuple[str, str], list[Change]] = {}
    for row in frame.iter_rows(named=True):
        change = Change(row["ts"], row["state_before"], row["state_after"], row["cause"])
        books.setdefault((row["venue"], row["symbol"]), []).append(change)
    return books


def _table(frame: pl.DataFrame) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [dg.TableRecord({k: _plain(v) for k, v in row.items()}) for row in frame.iter_rows(named=True)],
        schema=dg.TableSchema([dg.TableColumn(name) for name in frame.columns]),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, date | timedelta):
        return str(value)
    return value


live_checks: Final[Sequence[dg.AssetChecksDefinition]] = [stream_rules, book_states, stream_equals_batch]

check_streams = dg.define_asset_job(
    "check_streams",
    selection=dg.AssetSelection.checks(*live_checks),
    executor_def=dg.in_process_executor,
    description="What streams wrote in the newest hour, and what of it the batch has confirmed.",
    tags={"dagster/max_runtime": str(int(LONGEST_CHECK.total_seconds()))},
)
check_streams_hourly = dg.ScheduleDefinition(
    name="check_streams_hourly",
    job=check_streams,
    cron_schedule="20 * * * *",
    description="Each hour: what the streams wrote, held against its rules and against the batch.",
    default_status=(
        dg.DefaultScheduleStatus.RUNNING if get_settings().automation else dg.DefaultScheduleStatus.STOPPED
    ),
)
