"""What the example queries about futures must answer, reckoned without SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl
from candle_frames import register
from query_support import Row, near, only

from alphapulse_assets.futures.tables import (
    FUNDING_RATES,
    FUNDING_SCHEMA,
    MARK_PRICE_SCHEMA,
    MARK_PRICES,
    OPEN_INTEREST,
    OPEN_INTEREST_SCHEMA,
    whole_rows,
)
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.tables import Table

NOW: Final = datetime(2024, 3, 12, 10, 1, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
LAST: Final = NOW.replace(hour=8, minute=0)
"""The newest settlement of all of them."""
FEES: Final = 2 * (0.0005 + 0.0010)


@dataclass(frozen=True, slots=True)
class FuturesMarket:
    """Rates by symbol, the oldest first, with the hours between them; open interest by symbol."""

    rates: dict[str, tuple[int, list[float]]]
    interest: dict[str, float | None]


Check = Callable[[list[Row], FuturesMarket], None]


def futures_market(database: Database) -> FuturesMarket:
    """Ten days of funding of three perpetuals, one of them paid each hour, and their newest state."""
    rates = {
        "BTC/USDT:USDT": (8, [0.0001] * 30),
        "ETH/USDT:USDT": (4, [-0.0002 + 0.0003 * (n % 5 == 0) for n in range(60)]),
        "DOGE/USDT:USDT": (1, [-0.00004] * 240),
    }
    interest = {"BTC/USDT:USDT": 5e9, "ETH/USDT:USDT": 2e9, "DOGE/USDT:USDT": None}
    ids = dict(zip(rates, register(database, list(rates), "binanceusdm"), strict=True))
    for symbol, (hours, values) in rates.items():
        times = [LAST - (len(values) - 1 - n) * hours * HOUR for n in range(len(values))]
        frame = pl.DataFrame({"ts": times, "rate": values}).with_columns(
            instrument_id=pl.lit(ids[symbol]), interval_hours=pl.lit(float(hours))
        )
        _write(database, FUNDING_RATES, FUNDING_SCHEMA, frame)
        now = {"instrument_id": [ids[symbol]], "ts": [NOW - timedelta(seconds=30)]}
        state = pl.DataFrame(now).with_columns(
            mark_price=pl.lit(101.0), index_price=pl.lit(100.0), funding_rate=pl.lit(values[-1]),
            interval_hours=pl.lit(float(hours)), next_funding_at=pl.lit(LAST + hours * HOUR),
        )  # fmt: skip
        _write(database, MARK_PRICES, MARK_PRICE_SCHEMA, state)
        told = pl.DataFrame(now).with_columns(
            contracts=pl.lit(7.0), quote_value=pl.lit(interest[symbol], pl.Float64)
        )
        _write(database, OPEN_INTEREST, OPEN_INTEREST_SCHEMA, told)
    return FuturesMarket(rates, interest)


def _write(database: Database, table: Table, schema: pl.Schema, frame: pl.DataFrame) -> None:
    known = frame.with_columns(known_at=pl.col("ts"), received_at=pl.col("ts"), source=pl.lit("rest"))
    with database.transaction() as connection:
        database.upsert(connection, table, whole_rows(known, schema).sort(table.key))


def pays_after_fees(rows: list[Row], market: FuturesMarket) -> None:
    """Net of each: a week's settlements, less in and out of both legs."""
    nets = {}
    for symbol, (hours, values) in market.rates.items():
        held = [rate for n, rate in enumerate(reversed(values)) if LAST - n * hours * HOUR > NOW - 168 * HOUR]
        row = only(rows, symbol=symbol)
        assert row["settlements"] == len(held)
        assert row["paid"] == near(abs(sum(held)))
        assert row["net"] == near(abs(sum(held)) - FEES)
        assert row["net_annualised"] == near((abs(sum(held)) - FEES) * 8760 / (hours * len(held)))
        assert row["days_to_earn_fees"] == near(FEES / abs(sum(held)) * hours * len(held) / 24)
        assert row["perpetual"] == ("short" if sum(held) > 0 else "long")
        agreeing = sum((rate > 0) == (sum(held) > 0) and rate != 0 for rate in held)
        assert row["agreeing"] == near(agreeing / len(held))
        assert row["known"]
        nets[symbol] = row["net"]
    assert [row["symbol"] for row in rows] == sorted(nets, key=lambda symbol: -nets[symbol])


def newest(rows: list[Row], market: FuturesMarket) -> None:
    """The newest of each kind, the largest first and what has no value last."""
    assert [row["symbol"] for row in rows] == ["BTC/USDT:USDT", "ETH/USDT:USDT", "DOGE/USDT:USDT"]
    for row in rows:
        hours, values = market.rates[row["symbol"]]
        assert (row["open_interest"], row["rate"]) == (market.interest[row["symbol"]], values[-1])
        assert row["rate_annualised"] == near(values[-1] * 8760 / hours)
        assert (row["settled_rate"], row["interval_hours"]) == (values[-1], hours)
        assert row["basis_bps"] == near(100.0)
        assert row["share"] == (None if row["open_interest"] is None else 1.0)
        assert row["fresh"]


FUTURES_CHECKS: Final[dict[str, Check]] = {
    "53_what_pays_after_fees": pays_after_fees,
    "54_newest_open_interest_and_funding": newest,
}
