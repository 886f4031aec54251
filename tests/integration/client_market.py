"""A market of late with some of everything that the Python client asks for: its tests, docs and notebook."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import polars as pl
from aggregate_support import Said, store
from candle_frames import candles, changed, register, rows_of, without, write
from futures_query_checks import _write as write_reading
from liquidation_query_checks import liquidation
from market_query_checks import store_market, told_market
from option_query_checks import option_market
from stream_rows import DAY, HOUR, MINUTE, SECOND, event, put, second, snapshot, today, whale, worker, zone

from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.futures.tables import (
    FUNDING_RATES,
    FUNDING_SCHEMA,
    OPEN_INTEREST,
    OPEN_INTEREST_SCHEMA,
)
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.news.aggregates import computing
from alphapulse_assets.news.aggregates.model import AGGREGATES_VERSION, SENTIMENT_AGGREGATES
from alphapulse_assets.patterns.calibration.stored import write_calibration
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.evaluation.dataset import OUTCOME_DERIVATION
from alphapulse_assets.patterns.evaluation.performance_stats import write_performance
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.configuration_store import record
from alphapulse_assets.patterns.signal_outcomes.rows import DERIVATION as SIGNAL_OUTCOMES
from alphapulse_assets.patterns.signal_performance.stored import judge
from alphapulse_assets.patterns.signal_performance.stored import write as write_judged
from alphapulse_assets.patterns.signals.scoring_runs import Scoring
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_assets.regime.dataset import write_overall
from alphapulse_assets.volume.dataset import VOLUME_DERIVATION
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.database.upsert import OHLCV_1M

DAYS: Final = 5
TIMEFRAMES: Final = ["15m", "1h"]
JUDGED: Final = ["15m"]


@dataclass(frozen=True, slots=True)
class Market:
    """What the tests reckon with. Times are UTC; candles end at `end`, the start of today."""

    start: datetime
    end: datetime
    keys: dict[tuple[str, str], int]
    minutes: pl.DataFrame  # BTC/USDT at binance, as they are now
    before: pl.DataFrame  # the same as they were before the correction
    corrected: datetime
    corrected_at: datetime
    hole: tuple[datetime, datetime]


def client_market(database: Database) -> Market:
    """Five days of three symbols at two venues with what is derived, futures, a book, talk and the rest."""
    end = today()
    start = end - DAYS * DAY
    names = [
        ("binance", "BTC/USDT"),
        ("binance", "ETH/USDT"),
        ("bybit", "BTC/USDT"),
        ("binanceusdm", "BTC/USDT:USDT"),
    ]
    keys = {name: register(database, [name[1]], name[0])[0] for name in names}
    database.execute(
        "UPDATE instruments SET tracked = true, tick_size = 0.01, base = split_part(symbol, '/', 1),"
        " tracked_at = %(at)s",
        {"at": start},
    )
    corrected = end - 3 * HOUR
    btc = candles(start, DAYS * 1440, seed=3, price=60_000.0)
    fixed = changed(btc, corrected, high=99_000.0, close=70_000.0)
    hole = (end - 2 * DAY, end - 2 * DAY + 90 * MINUTE)
    _live(database, keys["binance", "BTC/USDT"], btc)
    _live(database, keys["binance", "ETH/USDT"], candles(start, DAYS * 1440, seed=4, price=3_000.0))
    _live(database, keys["bybit", "BTC/USDT"], without(candles(end - 3 * DAY, 3 * 1440, seed=5), hole))
    corrected_at = end + MINUTE
    write(
        database,
        keys["binance", "BTC/USDT"],
        fixed.filter(pl.col("ts") == corrected),
        received_at=corrected_at,
    )
    database.execute("UPDATE ohlcv_revisions SET revised_at = %(at)s", {"at": corrected_at})
    database.refresh_timeframes()
    _gaps(database, keys["bybit", "BTC/USDT"], hole, end)
    _derive(database, start, end)
    _futures(database, keys["binanceusdm", "BTC/USDT:USDT"], start)
    _books(database, keys["binance", "BTC/USDT"])
    _talk(database, start, end)
    store_market(database, told_market(24 * DAYS, start=start))
    option_market(database)
    return Market(start, end, keys, fixed, btc, corrected, corrected_at, hole)


def _live(database: Database, key: int, frame: pl.DataFrame) -> None:
    """As live: each minute 2 s after its close."""
    rows = rows_of(frame, key, source="stream").with_columns(
        (pl.col("ts") + MINUTE + 2 * SECOND).cast(pl.Datetime("us", "UTC")).alias("received_at")
    )
    with database.transaction() as connection:
        database.upsert(connection, OHLCV_1M, rows)


def _gaps(database: Database, key: int, hole: tuple[datetime, datetime], end: datetime) -> None:
    database.execute(
        "INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at, verifications)"
        " VALUES (%(id)s, %(start)s, %(end)s, 'detected', %(end)s,"
        """ '[{"source": "rest", "at": "2026-11-30T11:35:10.129943+00:00"}]')""",
        {"id": key, "start": hole[0], "end": hole[1]},
    )
    database.execute(
        "INSERT INTO quality_daily (instrument_id, day, score, coverage_of_score, expected, present,"
        " venue_had_none, quarantined, flagged, logic_version, known_at)"
        " SELECT instrument_id, %(day)s, 90 + instrument_id, 1, 1440, 1440, 0, 0, 0, 1, %(end)s"
        " FROM instruments",
        {"day": (end - DAY).date(), "end": end},
    )


def _derive(database: Database, start: datetime, end: datetime) -> None:
    store, last = DerivedStore(database), end - DAY
    days = {venue: [start.date(), last.date()] for venue in ("binance", "bybit")}
    for derivation in (INDICATORS, REGIMES, VOLUME_DERIVATION, CANDLESTICKS, CHARTS, OUTCOME_DERIVATION):
        own = {OUTCOME_DERIVATION.dataset: JUDGED, CHARTS.dataset: ["5m"]}
        names = own.get(derivation.dataset, TIMEFRAMES)
        derived = DerivationRunner(store, derivation, end, timeframes=names).days(days)
        assert derived.failures == {}
        if derivation is REGIMES:
            write_overall(store, derived)
    write_performance(store, store.tracked(["binance"]), end, JUDGED, 100 * DAYS)
    record(database, DEFAULT)
    Scoring(store, DEFAULT, end).days({"binance": [last.date(), last.date()]})
    followed = DerivationRunner(store, SIGNAL_OUTCOMES, end).days({"binance": [last.date(), last.date()]})
    assert followed.failures == {}
    write_judged(store, judge(store, end, DEFAULT, walk_bars=1_200), end, DEFAULT)
    write_calibration(store, store.tracked(["binance"]), end, JUDGED, 100 * DAYS)


def _futures(database: Database, key: int, start: datetime) -> None:
    rng = np.random.default_rng(9)
    settled = [start + n * 8 * HOUR for n in range(3 * DAYS)]
    funding = pl.DataFrame({"ts": settled, "rate": rng.normal(1e-4, 1e-4, len(settled))}).with_columns(
        instrument_id=pl.lit(key), interval_hours=pl.lit(8.0)
    )
    write_reading(database, FUNDING_RATES, FUNDING_SCHEMA, funding)
    hours = [start + n * HOUR for n in range(24 * DAYS)]
    amounts = 80_000 * np.exp(np.cumsum(rng.normal(0, 0.004, len(hours))))
    interest = pl.DataFrame({"ts": hours, "contracts": amounts, "base_amount": amounts}).with_columns(
        instrument_id=pl.lit(key), quote_value=pl.col("contracts") * 60_000.0
    )
    write_reading(database, OPEN_INTEREST, OPEN_INTEREST_SCHEMA, interest)
    last = hours[-1]
    put(
        database,
        "liquidations",
        [liquidation(key, last - n * MINUTE, "long", 60_000.0, 2.0) for n in range(9)],
    )


def _books(database: Database, key: int) -> None:
    """A book of the last minutes, kept by a run that lives; a stretch an hour ago in which it was broken."""
    now = datetime.now(UTC).replace(microsecond=0)
    put(database, "stream_workers", [worker("run", now, started_at=now - 3 * HOUR)])
    put(
        database,
        "order_book_events",
        [
            event(key, now - 2 * HOUR, "connecting>synced", "started"),
            event(key, now - HOUR, "synced>broken", "gap"),
            event(key, now - HOUR + 5 * MINUTE, "broken>synced", "snapshot"),
        ],
    )
    sides = {
        "bid_prices": [59_999.0, 59_998.0, 59_990.0],
        "bid_sizes": [1.0, 2.0, 3.0],
        "ask_prices": [60_001.0, 60_003.0],
        "ask_sizes": [0.5, 4.0],
    }
    moments = [now - HOUR - 10 * SECOND, now - HOUR + MINUTE, *(now - n * SECOND for n in range(60, 1, -1))]
    put(database, "order_book_snapshots", [snapshot(key, ts, mid=60_000.0, **sides) for ts in moments])
    put(database, "trades_1s", [second(key, ts, low=59_990.0, high=60_010.0) for ts in moments])
    walls = [
        whale(key, ts, "wall_appeared", "bid", 59_900.0 - n, since=ts, notional_usd=6e6)
        for n, ts in enumerate(moments[-20:])
    ]
    # and through yesterday, now on one side, now on the other
    midnight = today()
    walls += [
        whale(key, ts, "wall_appeared", side, 60_000.0 + n, since=ts, notional_usd=2e6 + 1e4 * n)
        for n in range(1, 120)
        for ts, side in [(midnight - n * 7 * MINUTE, ("bid", "ask")[n % 3 == 0])]
    ]
    put(database, "whale_activities", walls)
    put(database, "liquidity_zones", [zone(key, ts, since=ts - HOUR, price=59_500.0) for ts in moments[-3:]])


def _talk(database: Database, start: datetime, end: datetime) -> None:
    rng = np.random.default_rng(4)
    texts = [
        Said(
            n,
            start + n * HOUR + 20 * MINUTE,
            float(np.clip(rng.normal(0.1, 0.4), -1, 1)),
            (("BTC", "ETH")[n % 2],),
        )
        for n in range(24 * DAYS)
    ]
    store(database, texts)
    made: Any = computing.aggregate_rows(database, (start, end))
    rows = made.with_columns(
        logic_version=pl.lit(AGGREGATES_VERSION, pl.Int32),
        created_at=pl.lit(end).cast(pl.Datetime("us", "UTC")),
    )
    with database.transaction() as connection:
        database.upsert(connection, SENTIMENT_AGGREGATES, rows.sort(SENTIMENT_AGGREGATES.key))
