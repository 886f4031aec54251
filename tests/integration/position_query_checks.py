"""What the example queries about positions must answer, without SQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from candle_frames import DAY, register
from query_support import Row, near, only

from alphapulse_assets.positions.known import risk_at, store_risk
from alphapulse_resources.database.client import Database

NOW: Final = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
DAYS: Final = 40
BTC: Final = "BTC/USDT:USDT"
ETH: Final = "ETH/USDT:USDT"

PositionMarket = dict[str, list[float]]
"""Closes by symbol: of DAYS days, and then of now."""
Check = Callable[[list[Row], PositionMarket], None]


def position_market(database: Database) -> PositionMarket:
    """A long of one Bitcoin and a short of five Ether, with their closes and their risk."""
    random = np.random.default_rng(12)
    ids = dict(zip((BTC, ETH), register(database, [BTC, ETH], "binanceusdm"), strict=True))
    closes = {
        symbol: (price * np.exp(np.cumsum(random.normal(0, 0.03, DAYS + 1)))).tolist()
        for symbol, price in ((BTC, 60_000.0), (ETH, 3_000.0))
    }
    midnight = NOW.replace(hour=0)
    moments = [midnight - n * DAY - timedelta(minutes=1) for n in range(DAYS - 1, -1, -1)]
    for symbol, path in closes.items():
        database.execute(
            "INSERT INTO ohlcv_1m (instrument_id, ts, open, high, low, close, volume, source_id, received_at)"
            " SELECT %(id)s, d.ts, d.close, d.close, d.close, d.close, 1, 2, d.ts"
            " FROM unnest(%(moments)s::timestamptz[], %(closes)s::double precision[]) AS d (ts, close)",
            {"id": ids[symbol], "moments": [*moments, NOW - timedelta(minutes=3)], "closes": path},
        )
    database.refresh_timeframes(window=(midnight - DAYS * DAY, midnight))
    for symbol, side, size, entry in ((BTC, "long", 1.0, 55_000.0), (ETH, "short", 5.0, 3_100.0)):
        database.execute(
            "INSERT INTO positions (account, instrument_id, side, opened_at, ts, known_at, size, entry_price,"
            " leverage, margin_mode, maintenance_rate) VALUES ('main', %(id)s, %(side)s, %(at)s, %(at)s, "
            "%(at)s, %(size)s, %(entry)s, 5, 'isolated', 0.01)",
            {"id": ids[symbol], "side": side, "at": NOW - DAY, "size": size, "entry": entry},
        )
    database.execute(
        "INSERT INTO funding_settlements (instrument_id, ts, rate, interval_hours, known_at, source, "
        "received_at) VALUES (%(id)s, %(at)s, 0.0002, 8, %(at)s, 'rest', %(at)s)",
        {"id": ids[BTC], "at": NOW - timedelta(hours=4)},
    )
    store_risk(database, risk_at(database, NOW))
    return closes


def near_liquidation(rows: list[Row], closes: PositionMarket) -> None:
    bitcoin, ether = only(rows, symbol=BTC), only(rows, symbol=ETH)
    price = closes[BTC][-1]
    liquidated = (55_000 - 11_000) / 0.99
    assert (bitcoin["liquidation_price"], bitcoin["distance"]) == (
        near(liquidated),
        near((price - liquidated) / price),
    )
    assert (bitcoin["funding_per_day"], bitcoin["funding_per_year"]) == (
        near(price * 0.0006),
        near(0.0006 * 365),
    )
    assert ether["liquidation_price"] == near((5 * 3_100 + 5 * 3_100 / 5) / (5 * 1.01))
    assert ether["funding_per_day"] is None
    assert rows == sorted(rows, key=lambda row: float(str(row["distance"])))


def worst_days(rows: list[Row], closes: PositionMarket) -> None:
    bitcoin, ether = (np.array(closes[symbol][:-1]) for symbol in (BTC, ETH))
    gains = closes[BTC][-1] * (bitcoin[1:] / bitcoin[:-1] - 1) - 5 * closes[ETH][-1] * (
        ether[1:] / ether[:-1] - 1
    )
    assert [row["gain"] for row in rows] == [near(each) for each in np.sort(gains)[:15]]
    worst = int(np.argmin(gains))
    first = rows[0]
    assert first["day"] == NOW.replace(hour=0) - (DAYS - 1 - worst) * DAY
    assert (first["rank"], first["days"]) == (1, DAYS - 1)
    assert sum(first["by_symbol"].values()) == near(gains[worst])


POSITION_CHECKS: Final[dict[str, Check]] = {
    "63_positions_near_liquidation": near_liquidation,
    "64_worst_days_of_what_is_held": worst_days,
}
