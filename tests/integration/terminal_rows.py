"""A small market for the terminal's pages: two days of candles until now, and what is told of them."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from candle_frames import candles, register, write
from psycopg.types.json import Jsonb

from alphapulse_resources.database.client import Database
from alphapulse_resources.frames import floor_time

SYMBOLS: Final = (
    ("binance", "BTC/USDT", 60_000.0),
    ("binance", "ETH/USDT", 3_000.0),
    ("bybit", "BTC/USDT:USDT", 60_100.0),
)
RSI: Final = (25.0, 55.0, 71.0)
"""RSI 14 of 1h, by symbol: the first is oversold."""


def fill(database: Database) -> None:
    """Rows for every page; the newest candle closed within the last minute."""
    now = datetime.now(UTC)
    start = floor_time(now, "1m") - timedelta(days=2)
    ids = []
    for number, (venue, symbol, price) in enumerate(SYMBOLS):
        (instrument,) = register(database, [symbol], venue)
        write(database, instrument, candles(start, 2 * 1440, seed=number, price=price), received_at=now)
        ids.append(instrument)
    database.execute("UPDATE instruments SET tracked = true")
    database.refresh_timeframes(window=(start, now))
    _told(database, ids, now)
    _kept(database, ids, now)


def _insert(database: Database, table: str, **row: Any) -> None:
    names = ", ".join(row)
    places = ", ".join(f"%({name})s" for name in row)
    database.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", row)


def _told(database: Database, ids: list[int], now: datetime) -> None:
    """What is computed from bars, as far as the pages show it."""
    hour = floor_time(now, "1h")
    _insert(
        database, "pattern_configurations", version=1, configuration=Jsonb({"sizing": {"equity": 10_000}})
    )
    bar = {"timeframe_id": 60, "ts": hour - timedelta(hours=1), "logic_version": 1, "known_at": hour}
    for instrument, rsi in zip(ids, RSI, strict=True):
        _insert(database, "indicator_values", instrument_id=instrument, **bar, rsi_14=rsi, adx_14=20.0)
        _insert(database, "market_regimes", instrument_id=instrument, **bar, trend="up", volatility="low")
    reason = {
        "family": "candlestick",
        "pattern": "hammer",
        "direction": "bullish",
        "timeframe": "1h",
        "confidence": 70.0,
    }
    _insert(
        database,
        "signal_events",
        instrument_id=ids[0],
        **bar,
        configuration_version=1,
        signal="strong_buy",
        score=72.5,
        net=1.0,
        confidence=72.5,
        patterns=2,
        run=2,
        trigger="hammer",
        entry=60_000.0,
        atr=200.0,
        stop=59_600.0,
        target=60_800.0,
        risk_atr=2.0,
        reward_risk=2.0,
        size=0.1,
        notional=6_000.0,
        risk=40.0,
        capped=False,
        expires_at=now + timedelta(hours=5),
        reasons=Jsonb(
            {
                "counted": [reason, {**reason, "pattern": "spike", "family": "volume", "timeframe": "15m"}],
                "overridden": [],
            }
        ),
    )
    _insert(
        database,
        "chart_pattern_events",
        instrument_id=ids[0],
        **bar,
        pattern_id=1,
        stage="forming",
        pattern="double_bottom",
        direction="bullish",
        scale=3.0,
        completion=64.0,
        pivot_ts=[hour - timedelta(hours=9), hour - timedelta(hours=6), hour - timedelta(hours=3)],
        pivot_prices=[59_000.0, 60_500.0, 59_010.0],
        lines=Jsonb({}),
        breakout_level=60_500.0,
        target=62_000.0,
        invalidation=59_000.0,
        height=1_500.0,
        atr=200.0,
        quality=0.8,
        detail=Jsonb({}),
    )
    for direction, rate, verdict in (
        ("bullish", 0.62, "above chance"),
        ("bearish", 0.5, "no demonstrated edge"),
    ):
        _insert(
            database,
            "pattern_performance_stats",
            ts=floor_time(now, "1d"),
            timeframe_id=60,
            family="candlestick",
            pattern="hammer",
            direction=direction,
            regime="",
            horizon=10,
            logic_version=1,
            configuration_version=1,
            n=400,
            clusters=300,
            hit_rate=rate,
            hit_low=rate - 0.05,
            hit_high=rate + 0.05,
            base_rate=0.5,
            shrunk_rate=rate,
            target_n=0,
            walk_n=4000,
            walk_clusters=3000,
            walk_target_clusters=0,
            walk_rate=0.5,
            walk_low=0.48,
            walk_high=0.52,
            verdict=verdict,
            failures=Jsonb({}),
            hints=Jsonb([]),
            comparisons=2,
        )


def _kept(database: Database, ids: list[int], now: datetime) -> None:
    """How good the data are, and what happened."""
    for instrument in ids:
        for days in range(1, 4):
            _insert(
                database,
                "quality_daily",
                instrument_id=instrument,
                day=(now - timedelta(days=days)).date(),
                score=99.0 - days,
                coverage_of_score=1.0,
                expected=1440,
                present=1430,
                venue_had_none=0,
                quarantined=0,
                flagged=2,
                logic_version=1,
                known_at=now,
            )
    start = floor_time(now, "1m") - timedelta(days=3)
    _insert(
        database,
        "gap_ledger",
        instrument_id=ids[1],
        gap_start=start,
        gap_end=start + timedelta(minutes=42),
        state="detected",
        detected_at=now,
        reason="the venue was away",
        dataset="ohlcv_1m",
    )
    _insert(
        database,
        "stream_workers",
        run_id="0123456789ab",
        shard="1-of-1",
        code_version="1",
        host="here",
        pid=1,
        started_at=now - timedelta(hours=1),
        heartbeat_at=now + timedelta(hours=1),
    )
    _insert(
        database,
        "order_book_status",
        instrument_id=ids[0],
        state="synced",
        cause="caught_up",
        since=now,
        last_update=now,
        messages=1000,
        gaps=0,
        resyncs=0,
        dropped=0,
        shard="1-of-1",
        run_id="0123456789ab",
        updated_at=now,
    )
    _insert(
        database,
        "order_book_alerts",
        instrument_id=ids[0],
        ts=now - timedelta(minutes=5),
        kind="whale",
        reference="1",
        severity="warning",
        title="BTCUSDT on binance: wall on the bid side",
        detail=Jsonb({"notional_usd": 2_000_000.0}),
        known_at=now - timedelta(minutes=5),
        logic_version=1,
    )
    for perpetual in ids[2:]:
        _insert(
            database,
            "futures_latest",
            instrument_id=perpetual,
            open_interest_at=now,
            contracts=100.0,
            quote_value=6e6,
            open_interest_known_at=now,
            priced_at=now,
            mark_price=60_100.0,
            funding_rate=0.00012,
            next_funding_at=now + timedelta(hours=3),
            interval_hours=8.0,
            prices_known_at=now,
        )
        _insert(
            database,
            "open_interest_readings",
            instrument_id=perpetual,
            ts=now - timedelta(hours=25),
            contracts=80.0,
            known_at=now,
            source="rest",
            received_at=now,
        )
