"""What streams tell of order books, as data sets: books, trades, whales, liquidity, and alerts."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Check, Dataset, Freshness, Retention
from alphapulse_assets.datasets.expectations import check_frame
from alphapulse_assets.order_book import suites
from alphapulse_assets.order_book.book import levels
from alphapulse_assets.order_book.depth import bins
from alphapulse_resources.database.client import statement
from alphapulse_resources.streams.tables import (
    LIQUIDITY_SWEEPS,
    LIQUIDITY_ZONES,
    ORDER_BOOK_ALERTS,
    ORDER_BOOK_DEPTH,
    ORDER_BOOK_EVENTS,
    ORDER_BOOK_SNAPSHOTS,
    TRADES_1S,
    WHALE_ACTIVITIES,
    StreamTable,
)

SECONDS_FRESH: Final = Freshness(timedelta(minutes=1), timedelta(minutes=2))
"""For what is written all the time; two missed reports warn (ours)."""
MOST_ROWS: Final = 300_000
KEPT_ALIVE: Final = (
    "No automation makes it: the sensor `stream_supervisor` keeps one run of the job `stream_market_data` "
    "alive for each shard, which writes the rows and reports them every half minute. Where it is grey or "
    "late, look at the sensor's last tick, at the newest run of that job, and at `alphapulse status`."
)
"""What keeps a streamed asset alive; its page in the UI says that no automation is found."""


def _newest_rows(name: str, suite: Callable[[], list[Any]], text: str) -> Check:
    """A suite on the newest rows of the table, whichever stream run wrote them."""

    def run(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
        frame = scope.store.database.read(statement(f"streams/check/{dataset.name}"), (MOST_ROWS,))
        return check_frame(name, frame, suite(), severity=dg.AssetCheckSeverity.ERROR)

    return Check(name, text, run)


def _streamed(
    table: StreamTable,
    description: str,
    *,
    reads: Sequence[str],
    checks: Sequence[Check] = (),
    continuous: bool = False,
    keep: timedelta | None = None,
    warm_up: Callable[..., object] | None = None,
) -> Dataset:
    """A table that only streams write. `keep`: as TimescaleDB's policy in its migration."""
    return Dataset(
        name=table.name,
        description=f"{description}\n\n{KEPT_ALIVE}",
        group="live",
        layer="live",
        tables=[table],
        reads=reads,
        stream=table,
        checks=checks,
        kinds=frozenset({"websocket", "postgres"}),
        freshness=SECONDS_FRESH if continuous else None,
        retention={table.name: Retention(keep, by_chunks=True)} if keep else {},
        warm_up=warm_up,
    )


DATASETS: Final = (
    _streamed(
        ORDER_BOOK_SNAPSHOTS,
        "States of synced order books at a set interval: the best levels of each side, spread, weighted mid, "
        "imbalance, depth within 10 and 50 basis points, slope and order flow imbalance. A book whose "
        "continuity is not proven writes none.",
        reads=["instruments"],
        checks=[
            _newest_rows(
                "book_rules",
                suites.snapshot_suite,
                "Books are not crossed, imbalance lies in -1 to 1, times are not ahead of their receipt.",
            )
        ],
        continuous=True,
        keep=timedelta(days=30),
        warm_up=lambda candles, timeframe: levels.warm_up(),
    ),
    _streamed(
        ORDER_BOOK_DEPTH,
        "What rested in synced books by bins of a few basis points, 2 % around mid, at a set interval: the "
        "heatmap. Bins are fixed ranges of price, so that moments line up while mid moves. Beyond the "
        "horizon of a book nothing is known, and no bin is there.",
        reads=["instruments"],
        checks=[
            _newest_rows(
                "depth_rules",
                suites.depth_suite,
                "Bins lie where they say, no size is negative, times are not ahead of their receipt.",
            )
        ],
        continuous=True,
        keep=timedelta(days=14),
        warm_up=lambda candles, timeframe: bins.warm_up(),
    ),
    _streamed(
        ORDER_BOOK_EVENTS,
        "Every change of a book's state with its cause: when it was synced, and so when what is stored of it "
        "could be trusted.",
        reads=["instruments"],
    ),
    _streamed(
        TRADES_1S,
        "Trades of each second: buys and sells by taker side, first, highest, lowest and last price, and how "
        "many trades are known to be missing. Seconds without trades have no row.",
        reads=["instruments"],
        checks=[
            _newest_rows(
                "trade_rules",
                suites.trade_suite,
                "Each second has trades, its prices in order, and volumes that are not negative.",
            )
        ],
        continuous=True,
        keep=timedelta(days=365),
    ),
    _streamed(
        WHALE_ACTIVITIES,
        "Large resting orders, large trades and clusters, what became of walls (grew, consumed, pulled), and "
        "icebergs and spoofs labelled as the suspicions they are.",
        reads=["order_book_snapshots"],
        checks=[
            _newest_rows(
                "whale_rules",
                suites.whale_suite,
                "Whales have a side, a price and a size, and are not from the future.",
            )
        ],
    ),
    _streamed(
        LIQUIDITY_ZONES,
        "Supports and resistances: where resting orders have been piled up for a while, with strength, age "
        "and touches. Beyond the horizon of a book nothing is known and nothing is said.",
        reads=["order_book_snapshots"],
        checks=[
            _newest_rows(
                "zone_rules",
                suites.zone_suite,
                "Zones contain their price and began before they are told of.",
            )
        ],
        continuous=True,
        keep=timedelta(days=90),
    ),
    _streamed(
        LIQUIDITY_SWEEPS,
        "Stop hunts on the live 1m candles (`ohlcv_1m`, which the stream writes too): a bar that went beyond "
        "an earlier pivot and closed back inside.",
        reads=["ohlcv_1m"],
        checks=[
            _newest_rows(
                "sweep_rules",
                suites.sweep_suite,
                "Sweeps went beyond an earlier pivot and closed back inside it.",
            )
        ],
    ),
    _streamed(
        ORDER_BOOK_ALERTS,
        "What a person may want to know at once: imbalance, whales, sweeps, books out of step. Each is an "
        "observation of this asset too, at most one a second.",
        reads=["whale_activities", "liquidity_zones", "liquidity_sweeps", "order_book_events"],
        checks=[
            _newest_rows(
                "alert_rules",
                suites.alert_suite,
                "Alerts have a title and a severity, and are not from the future.",
            )
        ],
    ),
)
