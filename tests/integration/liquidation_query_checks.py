"""What the example query about liquidations must answer, reckoned from the rows without SQL."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl
from candle_frames import candles, register, write
from query_support import Row, near, only
from stream_rows import DELAY, HOUR, MINUTE, SECOND, put

from alphapulse_resources.database.client import Database

NOW: Final = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
START: Final = NOW - 6 * HOUR
SYMBOL: Final = "BTC/USDT:USDT"


def liquidation(instrument_id: int, ts: datetime, side: str, price: float, size: float, **values: Any) -> Row:
    """A row of liquidations in USDT."""
    row = {
        "instrument_id": instrument_id,
        "ts": ts,
        "position_side": side,
        "order_side": {"long": "sell", "short": "buy"}[side],
        "price": price,
        "size": size,
        "occurrence": 0,
        "average_price": None,
        "base_amount": size,
        "notional": size * price,
        "notional_usd": size * price,
        "published_at": ts + SECOND / 2,
        "known_at": ts + SECOND / 2 + DELAY,
        "received_at": ts + SECOND / 2 + DELAY,
        "run_id": "run",
    }
    return row | values


@dataclass(frozen=True)
class Cascade:
    """Liquidations ten seconds apart, each of 4 BTC."""

    side: str
    began: datetime
    prices: tuple[float, ...]

    @property
    def ended(self) -> datetime:
        return self.began + 10 * SECOND * (len(self.prices) - 1)

    @property
    def usd(self) -> float:
        return sum(4.0 * price for price in self.prices)


LONGS: Final = (
    Cascade("long", START + 30 * MINUTE + 7 * SECOND, (60_000.0, 59_900.0, 59_800.0, 59_700.0, 59_600.0)),
    Cascade("long", START + 3 * HOUR, (59_000.0, 58_950.0, 58_900.0, 58_800.0, 58_700.0, 58_500.0)),
    # nobody can know yet what comes after it, as the last candle is of before
    Cascade("long", NOW - 20 * MINUTE, (58_000.0, 57_900.0, 57_800.0, 57_700.0, 57_600.0)),
)
SHORTS: Final = (Cascade("short", START + 2 * HOUR, (61_000.0, 61_100.0, 61_200.0, 61_300.0, 61_400.0)),)
SMALL: Final = (
    Cascade("long", START + 4 * HOUR, (59_000.0, 58_900.0)),  # few
    Cascade("short", START + 4 * HOUR, (60_000.0,) * 4),
)


@dataclass(frozen=True)
class LiquidationMarket:
    """The cascades and the candles around them."""

    candles: pl.DataFrame

    def close(self, ts: datetime) -> float | None:
        found = self.candles.filter(pl.col("ts") == ts)
        return None if found.is_empty() else float(found["close"][0])


def liquidation_market(database: Database) -> LiquidationMarket:
    """Six hours of one perpetual, the last ten minutes without candles, and all these liquidations."""
    number = register(database, [SYMBOL], "binanceusdm")[0]
    frame = candles(START, 6 * 60 - 10, seed=21, price=60_000.0)
    write(database, number, frame, source="rest", received_at=NOW)
    rows = [
        liquidation(number, cascade.began + 10 * SECOND * n, cascade.side, price, 4.0)
        for cascade in (*LONGS, *SHORTS, *SMALL)
        for n, price in enumerate(cascade.prices)
    ]
    put(database, "liquidations", {(row["ts"], row["position_side"]): row for row in rows}.values())
    return LiquidationMarket(frame)


def after_cascades(rows: list[Row], market: LiquidationMarket) -> None:
    assert len(rows) == 2
    for side, sign, cascades in (("long", 1, LONGS), ("short", -1, SHORTS)):
        row = only(rows, venue="binanceusdm", symbol=SYMBOL, position_side=side)
        afters = []
        for cascade in cascades:
            known = (cascade.ended + MINUTE).replace(second=0)
            over, later = market.close(known), market.close(known + timedelta(minutes=15))
            if over is not None and later is not None:
                afters.append(later / over - 1)
        assert (row["cascades"], row["unknown"]) == (len(cascades), len(cascades) - len(afters))
        assert row["usd"] == near(statistics.fmean(cascade.usd for cascade in cascades))
        moves = [cascade.prices[-1] / cascade.prices[0] - 1 for cascade in cascades]
        assert row["move_bps"] == near(statistics.fmean(moves) * 10_000)
        assert row["after_bps"] == near(statistics.fmean(afters) * 10_000)
        assert row["reverted"] == near(statistics.fmean(after * sign > 0 for after in afters))


LIQUIDATION_CHECKS: Final[dict[str, Callable[[list[Row], LiquidationMarket], None]]] = {
    "60_after_cascades": after_cascades
}
