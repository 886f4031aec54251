"""Two days of what streams wrote about Bitcoin on two venues, for the example queries: seeded, and small."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from candle_frames import candles, changed, register, rows_of, write
from stream_rows import (
    DAY,
    DELAY,
    HOUR,
    MINUTE,
    SECOND,
    Row,
    alert,
    delivery,
    depth,
    event,
    put,
    second,
    snapshot,
    sweep,
    today,
    whale,
    zone,
)

from alphapulse_resources.database.client import Database
from alphapulse_resources.database.upsert import OHLCV_1M

START_HOURS: Final = 4
BOOK_MINUTES: Final = 40
BATCH_VOLUME: Final = 1.25
"""What the fetched candle of a minute that differs has, over the stream's."""


@dataclass(slots=True)
class StreamMarket:
    """The rows, by table, besides what they were made from. `now` is when an analyst asks."""

    btc: int
    usd: int
    now: datetime
    candles: pl.DataFrame
    rows: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def start(self) -> datetime:
        """Of the candles."""
        return self.now - START_HOURS * HOUR

    @property
    def jump(self) -> datetime:
        """The minute of the large move, in the middle of the order books."""
        return self.now - 20 * MINUTE

    def of(self, table: str, instrument_id: int | None = None) -> list[Row]:
        """The rows of a table, of one instrument or all."""
        rows = self.rows[table]
        return [row for row in rows if instrument_id in (None, row["instrument_id"])]

    def minute(self, ts: datetime) -> dict[str, Any]:
        """The candle of a minute as the stream told it."""
        return self.candles.filter(pl.col("ts") == ts).row(0, named=True)


def stream_market(database: Database) -> StreamMarket:
    """Make the market and store it."""
    now = today() - DAY + 10 * HOUR
    btc, usd = (
        register(database, ["BTC/USDT"], "binance")[0],
        register(database, ["BTC/USD"], "coinbase")[0],
    )
    frame = candles(now - START_HOURS * HOUR, START_HOURS * 60, seed=11, price=60_000.0)
    market = StreamMarket(btc, usd, now, frame)
    market.candles = changed(frame, market.jump, open=60_000.0, high=60_900.0, low=59_900.0, close=60_840.0)
    market.rows = {
        "order_book_snapshots": _books(market),
        "order_book_depth": _depths(market),
        "order_book_events": _events(market),
        "trades_1s": _seconds(market),
        "whale_activities": _whales(market),
        "liquidity_zones": _zones(market),
        "liquidity_sweeps": _sweeps(market),
        "candle_arrivals": _arrivals(market),
    }
    market.rows["order_book_alerts"] = _alerts(market)
    told = market.rows["order_book_alerts"]
    outcomes = ("delivered", "failed", "suppressed")
    market.rows["alert_deliveries"] = [delivery(a, o) for a, o in zip(told, outcomes, strict=False)]
    for table, rows in market.rows.items():
        put(database, table, rows)
    _write_candles(database, market)
    return market


def _books(market: StreamMarket) -> list[Row]:
    """A snapshot each second, on the second venue of the last ten minutes only and a little dearer."""
    random = np.random.default_rng(5)
    rows = []
    for n in range(BOOK_MINUTES * 60):
        ts = market.now - BOOK_MINUTES * MINUTE + n * SECOND
        mid = 60_000.0 + float(random.normal(0, 20))
        imbalance, ofi, spread, depth = random.random(4).tolist()
        values = {
            "imbalance": 2 * imbalance - 1,
            "ofi": 10 * ofi - 5,
            "spread_bps": spread,
            "flow_complete": n % 777 != 300,
            "bid_depth_10bps": 1e5 * depth if n % 5 else None,
            "ask_depth_10bps": 2e5 * depth,
        }
        rows.append(snapshot(market.btc, ts, mid=mid, **values))
        if ts >= market.now - 10 * MINUTE and n % 3:
            rows.append(snapshot(market.usd, ts + SECOND / 4, mid=mid * (1 + 1e-4 * (ofi - 0.4))))
            rows.append(snapshot(market.usd, ts, mid=1.0))  # not the last of its second
    return rows


def _depths(market: StreamMarket) -> list[Row]:
    """Depth each 20 s, mid going up: bids are known 120 bps down, of every third moment 60; asks are not."""
    random = np.random.default_rng(6)
    rows = []
    for n in range(BOOK_MINUTES * 3):
        ts = market.now - BOOK_MINUTES * MINUTE + 20 * n * SECOND
        bids, asks = random.lognormal(0, 1, 30 if n % 3 == 2 else 60), random.lognormal(0, 1, 40)
        sizes = {"bids": np.round(bids, 3).tolist(), "asks": np.round(asks, 3).tolist()}
        rows.append(depth(market.btc, ts, mid=60_000.0 + 10.0 * n, **sizes))
    return rows


def _events(market: StreamMarket) -> list[Row]:
    """The day before `now`: synced since 20:00 before it, at 06:00 broken for 90 s, stopped at 22:00."""
    day = market.now.replace(hour=0) - DAY
    path = (
        (-4 * HOUR, "none>buffering", "started"),
        (-4 * HOUR + 2 * SECOND, "buffering>synced", "snapshot"),
        (6 * HOUR, "synced>broken", "gap"),
        (6 * HOUR, "broken>resyncing", "requested"),
        (6 * HOUR + 90 * SECOND, "resyncing>synced", "snapshot"),
        (22 * HOUR, "synced>stopped", "stopped"),
    )
    return [event(market.btc, day + at, states, cause) for at, states, cause in path]


def _seconds(market: StreamMarket) -> list[Row]:
    """A second of trades each ten seconds: price comes down to 59,900 in half an hour and goes up again."""
    rows = []
    for n in range(360):
        price = 59_900.0 + abs(n - 180) * 2.0
        rows.append(second(market.btc, market.now - HOUR + n * 10 * SECOND, low=price, high=price + 1.0))
    return rows


def _whales(market: StreamMarket) -> list[Row]:
    """Bids at 59,900 (held), 59,950 (consumed), 59,700 (pulled before price came), and a small one pulled."""
    since, rows = market.now - HOUR, []

    def wall(price: float, kind: str, cause: str, after: timedelta, *, size: float, traded: float) -> None:
        rows.append(whale(market.btc, since, "wall_appeared", "bid", price, since=since, size=size))
        end: dict[str, Any] = {"size": size * 1.5, "traded": traded, "cause": cause, "distance_bps": 8.0}
        rows.append(whale(market.btc, since + after, kind, "bid", price, since=since, **end))

    wall(59_900.0, "wall_ended", "out_of_reach", 50 * MINUTE, size=40.0, traded=12.0)
    wall(59_950.0, "wall_consumed", "traded", 28 * MINUTE, size=30.0, traded=45.0)
    wall(59_700.0, "wall_pulled", "untraded", 29 * MINUTE, size=50.0, traded=0.0)
    wall(59_710.0, "wall_pulled", "untraded", 29 * MINUTE, size=0.5, traded=0.0)
    return rows


def _zones(market: StreamMarket) -> list[Row]:
    """Two zones first seen at once, read each ten seconds: one is touched each two minutes."""
    since = market.now - HOUR
    rows = []
    for n in range(60):
        ts = since + n * 10 * SECOND
        touched = zone(market.btc, ts, since=since, price=59_500.0 + n, touches=n // 12, strength=3.0 + n)
        rows += [touched, zone(market.btc, ts, since=since, price=58_000.0, touches=2)]
    return rows


def _sweeps(market: StreamMarket) -> list[Row]:
    # the last has no hour after it
    times = [market.start + minutes * MINUTE for minutes in (10, 25, 50, 200)]
    return [sweep(market.btc, ts, "high", market.minute(ts)["close"]) for ts in times]


def _arrivals(market: StreamMarket) -> list[Row]:
    rows = []
    for n, ts in enumerate(market.candles["ts"]):
        sent = ts + MINUTE + 0.02 * SECOND
        received = sent + DELAY
        stored = received + (0.01 + (n * 37 % 101) / 100) * SECOND
        times = {"venue_at": sent, "received_at": received, "queryable_at": stored}
        rows.append({"instrument_id": market.btc, "ts": ts, "source_id": 4} | times)
    return rows


def _alerts(market: StreamMarket) -> list[Row]:
    at = market.now - 2 * HOUR
    return [
        alert(market.btc, at, "whale", "critical"),
        alert(market.btc, at, "imbalance"),
        alert(market.usd, at, "imbalance"),
        alert(market.btc, at + MINUTE, "imbalance", "critical"),
        alert(market.btc, at - DAY, "sweep", "warning"),
    ]


def _write_candles(database: Database, market: StreamMarket) -> None:
    """By the stream; then two thirds of them are fetched, every tenth of these with another volume."""
    database.execute(
        "UPDATE instruments SET tracked = true, tracked_at = %(at)s", {"at": market.start - HOUR}
    )
    arrived = pl.lit(MINUTE + 0.02 * SECOND + DELAY, pl.Duration("us"))
    rows = rows_of(market.candles, market.btc, source="stream").with_columns(
        received_at=pl.col("ts") + arrived
    )
    with database.transaction() as connection:
        database.upsert(connection, OHLCV_1M, rows)
    fetched = market.candles.head(fetched_minutes()).with_columns(
        pl.when(pl.int_range(pl.len()) % 10 == 0).then(pl.col("volume") * BATCH_VOLUME).otherwise("volume")
    )
    write(database, market.btc, fetched, source="archive", received_at=market.now)
    database.execute(
        "INSERT INTO ingest_ledger (instrument_id, day, status, fetched_until, updated_at)"
        " VALUES (%(id)s, %(day)s, 'partial', %(until)s, %(at)s)",
        {
            "id": market.btc,
            "day": market.now.date(),
            "until": market.start + fetched_minutes() * MINUTE,
            "at": market.now,
        },
    )


def fetched_minutes() -> int:
    """How many of the candles were fetched as well."""
    return START_HOURS * 60 * 2 // 3
