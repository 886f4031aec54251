"""What the example queries about institutional flows must answer, without SQL."""

from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import correlation, fmean
from typing import Any, Final, NamedTuple

import polars as pl
from candle_frames import register
from query_support import Row, hourly_candles, near, only

from alphapulse_assets.market_metrics.institutional.model import POSITIONS, SUPPLY
from alphapulse_assets.market_metrics.institutional.positions import with_release
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.upsert import OHLCV_NATIVE

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
WEEK: Final = 7 * DAY
FIRST: Final = datetime.fromisoformat("2024-01-02T00:00+00:00")  # a Tuesday
WEEKS: Final = 20
NOW: Final = FIRST + (WEEKS + 2) * WEEK
NETS: Final = (  # contracts of leveraged funds, week by week; the most short so far: -900, -1000, -1200
    -500, -400, -450, -900, -300, -200, -1000, -100, 0, 50, -50, -1200, -700, -650, -600, -550, -500, -450,
    -400, -350,
)  # fmt: skip


class InstitutionalMarket(NamedTuple):
    """What is stored: nets in coins, supplies by day, and the price of each hour."""

    released: dict[datetime, datetime]
    nets: dict[datetime, float]
    supply: dict[datetime, float]


def price(at: datetime) -> float:
    """Open of an hour: a wave over a trend, so that no two weeks return the same."""
    hours = (at - FIRST) / HOUR
    return 40_000 + 3 * hours + 4_000 * ((hours % 1009) / 1009)


def supply(day: datetime) -> float:
    """Supply of all stablecoins at the start of a day."""
    number = (day - FIRST) // DAY
    return 130e9 + 2e8 * number + 1.5e9 * ((number * 37) % 11)


def institutional_market(database: Database) -> InstitutionalMarket:
    """Twenty weeks of two contracts, supplies of each day, hourly candles of Bitcoin."""
    days = [FIRST + n * WEEK for n in range(WEEKS)]
    released = {day: with_release(_day_frame(day), "futures")["due_at"][0] for day in days}
    rows = [
        _position(day, contract, net if contract == "133741" else 10 * net, released[day])
        for day, net in zip(days, NETS, strict=True)
        for contract in ("133741", "133742")
    ]
    supplies = {FIRST + n * DAY: supply(FIRST + n * DAY) for n in range(WEEKS * 7)}
    (btc,) = register(database, ["BTC/USDT"])
    hours = [FIRST + n * HOUR for n in range((NOW - FIRST) // HOUR)]
    with database.transaction() as connection:
        database.upsert(connection, POSITIONS, _frame(rows, POSITIONS.columns).sort(POSITIONS.key))
        told = [_supply_row(day, usd) for day, usd in supplies.items()]
        database.upsert(connection, SUPPLY, _frame(told, SUPPLY.columns).sort(SUPPLY.key))
        database.upsert(connection, OHLCV_NATIVE, hourly_candles(btc, hours, price, NOW))
    nets = {day: net * 5 + 10 * net * 0.1 for day, net in zip(days, NETS, strict=True)}
    return InstitutionalMarket(released, nets, supplies)


def after_shorts(rows: list[Row], market: InstitutionalMarket) -> None:
    lowest = {FIRST + n * WEEK for n in (3, 6, 11)}  # below all before
    assert {row["ts"] for row in rows} == lowest
    returns = {
        day: price(_next_hour(at) + WEEK) / price(_next_hour(at)) - 1
        for day, at in market.released.items()
        if _next_hour(at) + WEEK < NOW
    }
    for row in rows:
        assert row["known_at"] == market.released[row["ts"]]
        assert row["known_at"] - row["ts"] > 3 * DAY
        assert row["net"] == near(market.nets[row["ts"]])
        assert (row["rank"], row["weeks"]) == (1, (row["ts"] - FIRST) // WEEK + 1)
        assert row["price"] == near(price(_next_hour(row["known_at"])))
        assert row["week_return"] == near(returns[row["ts"]])
        assert row["usual_return"] == near(fmean(returns.values()))


def issuance(rows: list[Row], market: InstitutionalMarket) -> None:
    weeks = []
    for day, usd in market.supply.items():
        known = day + DAY  # the provider's figure of a day's start, known when the day is over
        if day.isoweekday() == 7 and day - WEEK in market.supply and known + WEEK < NOW:
            issued = usd - market.supply[day - WEEK]
            weeks.append((issued / market.supply[day - WEEK], issued, price(known + WEEK) / price(known) - 1))
    weeks.sort()
    assert len(weeks) > 15
    size, more = divmod(len(weeks), 3)
    start = 0
    for third in (1, 2, 3):
        part = weeks[start : start + size + (third <= more)]
        start += len(part)
        row = only(rows, third=third)
        assert row["weeks"] == len(part)
        assert row["issued_share"] == near(fmean(share for share, _, _ in part))
        assert row["issued_usd"] == near(fmean(issued for _, issued, _ in part))
        assert row["week_return"] == near(fmean(gained for _, _, gained in part))
        assert float(row["rises"]) == near(fmean(gained > 0 for _, _, gained in part))
        assert row["correlation"] == near(correlation([w[2] for w in weeks], [w[0] for w in weeks]))


def _next_hour(at: datetime) -> datetime:
    whole = at.replace(minute=0)
    return whole if whole == at else whole + HOUR


def _day_frame(day: datetime) -> pl.DataFrame:
    return pl.DataFrame({"ts": pl.Series([day], dtype=pl.Datetime("us", "UTC"))})


def _position(day: datetime, contract: str, net: int, known_at: datetime) -> dict[str, Any]:
    return {
        "provider": "cftc", "report": "futures", "contract": contract, "trader_group": "leveraged", "ts": day,
        "revision": 0, "open_interest": 20_000, "long_contracts": 5_000 + net, "short_contracts": 5_000,
        "spread_contracts": 0, "known_at": known_at, "received_at": known_at,
    }  # fmt: skip


def _supply_row(day: datetime, usd: float) -> dict[str, Any]:
    return {
        "provider": "defillama", "stablecoin": "all", "sampled": "day", "ts": day, "revision": 0,
        "symbol": "all", "circulating_usd": usd, "known_at": day + DAY, "received_at": NOW,
    }  # fmt: skip


_TYPES: Final = {
    **dict.fromkeys(("provider", "report", "contract", "trader_group", "contract_units"), pl.String()),
    **dict.fromkeys(("stablecoin", "sampled", "symbol", "peg"), pl.String()),
    **dict.fromkeys(("ts", "known_at", "received_at"), pl.Datetime("us", "UTC")),
    **dict.fromkeys(("circulating_usd", "circulating", "price", "peg_deviation"), pl.Float64()),
    "revision": pl.Int16(),
    "coins": pl.Int32(),
}


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, {name: _TYPES.get(name, pl.Int64()) for name in columns})


INSTITUTIONAL_CHECKS: Final[dict[str, Callable[[list[Row], InstitutionalMarket], None]]] = {
    "65_after_leveraged_funds_were_short": after_shorts,
    "66_stablecoin_issuance_and_price": issuance,
}
