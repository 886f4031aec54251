"""What the example query about fear and greed must answer, without SQL."""

from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import fmean, median, stdev
from typing import Any, Final, NamedTuple

import polars as pl
from candle_frames import register
from query_support import Row, hourly_candles, near, only

from alphapulse_assets.news.fear_greed.model import VINTAGES
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.upsert import OHLCV_NATIVE
from alphapulse_sim.fear_greed import called

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
FIRST: Final = datetime.fromisoformat("2024-01-04T00:00+00:00")
DAYS: Final = 120
NOW: Final = FIRST + DAYS * DAY
SILENT: Final = 40  # a day without an index


class ChainMarket(NamedTuple):
    """What is stored: the index by day, as told last."""

    index: dict[datetime, int]


def price(at: datetime) -> float:
    """Open of an hour: a wave over a trend, so that no two weeks return the same."""
    hours = (at - FIRST) / HOUR
    return 40_000 + 2 * hours + 5_000 * ((hours % 1013) / 1013)


def index_of(number: int) -> int:
    """The index of a day: everything from 7 to 93."""
    return 7 + (number * 37) % 87


def chain_market(database: Database) -> ChainMarket:
    """Hourly candles of Bitcoin and the index of each day but one; the first day was told otherwise later."""
    index = {FIRST + n * DAY: index_of(n) for n in range(DAYS) if n != SILENT}
    rows = [_told(day, value, 0) for day, value in index.items()]
    rows.append(_told(FIRST, 99, 1))
    index[FIRST] = 99
    (btc,) = register(database, ["BTC/USDT"])
    hours = [FIRST + n * HOUR for n in range((NOW - FIRST) // HOUR)]
    with database.transaction() as connection:
        database.upsert(connection, VINTAGES, _frame(rows).sort(VINTAGES.key))
        database.upsert(connection, OHLCV_NATIVE, hourly_candles(btc, hours, price, NOW))
    return ChainMarket(index)


def after_extremes(rows: list[Row], market: ChainMarket) -> None:
    days = [(day, value) for day, value in market.index.items() if day + 2 * HOUR < NOW]
    assert [row["days_of"] for row in rows] == ["all days", "extreme_fear", "extreme_greed"]
    usual = _weeks(days)
    for name, low, high in (("all days", 0, 100), ("extreme_fear", 0, 25), ("extreme_greed", 76, 100)):
        some = [(day, value) for day, value in days if low <= value <= high]
        row, weeks = only(rows, days_of=name), _weeks(some)
        returns = list(weeks.values())
        assert row["days"] == len(some) > 20
        assert float(row["value"]) == near(fmean(value for _, value in some))
        day_returns = [_return(day, DAY) for day, _ in some if day + 2 * HOUR + DAY < NOW]
        assert row["day_return"] == near(fmean(day_returns))
        assert row["week_return"] == near(fmean(returns))
        assert row["median_week_return"] == near(median(returns))
        assert float(row["rises"]) == near(fmean(each > 0 for each in returns))
        apart = len({int(day.timestamp()) // 604_800 for day in weeks})
        assert row["apart"] == apart <= DAYS // 7 + 1
        error = stdev(returns) / apart**0.5
        assert row["beyond_all"] == near((fmean(returns) - fmean(usual.values())) / error)


def _weeks(days: list[tuple[datetime, int]]) -> dict[datetime, float]:
    return {day: _return(day, 7 * DAY) for day, _ in days if day + 2 * HOUR + 7 * DAY < NOW}


def _return(day: datetime, length: timedelta) -> float:
    entry = day + 2 * HOUR
    return price(entry + length) / price(entry) - 1


def _told(day: datetime, value: int, revision: int) -> dict[str, Any]:
    return {
        "provider": "alternative_me", "ts": day, "revision": revision, "value": value,
        "classification": called(value).lower().replace(" ", "_"), "scheduled_at": day,
        "known_at": NOW + revision * HOUR, "received_at": NOW,
    }  # fmt: skip


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    time = pl.Datetime("us", "UTC")
    types = {
        "provider": pl.String(),
        "classification": pl.String(),
        "revision": pl.Int16(),
        "value": pl.Int16(),
    }
    return pl.DataFrame(rows, {name: types.get(name, time) for name in VINTAGES.columns})


CHAIN_CHECKS: Final[dict[str, Callable[[list[Row], ChainMarket], None]]] = {
    "74_after_extreme_fear_and_greed": after_extremes,
}
