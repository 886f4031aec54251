"""What the example queries about leverage must answer, reckoned from readings and candles without SQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, median
from typing import Final

import numpy as np
import polars as pl
from leverage_support import (
    DAY,
    DAYS,
    FIRST,
    HOUR,
    PERPETUALS,
    SPOT,
    TODAY,
    LeverageMarket,
    leverage_market,
)
from query_support import Row, near, only

from alphapulse_assets.futures.leverage.carry import Fees, cash_and_carry
from alphapulse_assets.futures.leverage.model import SNAPSHOTS
from alphapulse_assets.futures.leverage.stored import snapshot_rows
from alphapulse_resources.database.client import Database

NOW: Final = TODAY - timedelta(minutes=30)
HOURS: Final = DAYS * 24
Series = list[float | None]


@dataclass(frozen=True, slots=True)
class Leverage:
    """The market, and of each perpetual its hours: nth hour after FIRST."""

    market: LeverageMarket
    annual: Mapping[int, Series]
    percentile: Mapping[int, Series]
    coins: Mapping[int, Series]
    close: Mapping[int, list[float]]  # of the hour that begins then
    outcomes: pl.DataFrame


Check = Callable[[list[Row], Leverage], None]


def leverage_queries_market(database: Database) -> Leverage:
    """Forty days of three perpetuals with their snapshots, and outcomes of patterns of two symbols."""
    market = leverage_market(database)
    rows = snapshot_rows(database, (FIRST, TODAY))
    with database.transaction() as connection:
        database.upsert(connection, SNAPSHOTS, rows)
    annual = {key: as_known(frame, DAY) for key, frame in market.funding.items()}
    coins = {key: as_known(frame, 2 * HOUR) for key, frame in market.open_interest.items()}
    percentile = {key: [rank(values, n) for n in range(HOURS)] for key, values in annual.items()}
    close = {key: frame["close"].to_list() for key, frame in market.bars.items()}
    return Leverage(market, annual, percentile, coins, close, store_outcomes(database, market))


def as_known(frame: pl.DataFrame, age: timedelta) -> Series:
    """Of every hour what was known then: funding by the year, or coins."""
    found: Series = []
    rows = frame.sort("ts").to_dicts()
    for n in range(HOURS):
        at = FIRST + n * HOUR
        known = [row for row in rows if row["known_at"] <= at and at - age < row["ts"]]
        last = known[-1] if known else None
        rows = [row for row in rows if row["ts"] > at - age]
        if last is None:
            found.append(None)
        elif "rate" in last:
            found.append(last["rate"] * 24 * 365 / last["interval_hours"])
        else:
            found.append(last["base_amount"])
    return found


def rank(values: Series, n: int) -> float | None:
    """Mid-rank among all hours so far (the market is younger than 90 days); none among fewer than 336."""
    value, past = values[n], [each for each in values[: n + 1] if each is not None]
    if value is None or len(past) < 336:
        return None
    told = np.array(past)
    return float(((told < value).sum() + (told == value).sum() / 2) / len(told))


def store_outcomes(database: Database, market: LeverageMarket) -> pl.DataFrame:
    """A made-up outcome at every fifth hour of spot Bitcoin and of the first perpetual."""
    random = np.random.default_rng(9)
    keys = [market.ids["binance", "BTC/USDT"], market.ids["binanceusdm", "BTC/USDT:USDT"]]
    rows = [
        {
            "instrument_id": keys[n // 5 % 2],
            "ts": FIRST + n * HOUR,
            "at": FIRST + (n + 1) * HOUR,
            "known_at": FIRST + (n + 11) * HOUR,
            "direction": "bullish" if n % 3 else "bearish",
            "sign": 1 if n % 3 else -1,
            "return": float(random.normal()),
        }
        for n in range(0, HOURS - 12, 5)
    ]
    for row in rows:
        database.execute(
            "INSERT INTO pattern_outcome_events (instrument_id, timeframe_id, ts, kind_id, sign, reference,"
            " logic_version, entry, atr, has_levels, return_10)"
            " SELECT %(instrument_id)s, 60, %(ts)s, kind_id, %(sign)s, '', 1, 100, 1, false,"
            " %(sign)s * %(return)s FROM pattern_kinds WHERE (family, pattern) = ('candlestick', 'hammer')",
            row,
        )
    return pl.DataFrame(rows)


def after_extremes(rows: list[Row], data: Leverage) -> None:
    for hours in (8, 24, 72):
        extreme: list[float] = []
        every: list[float] = []
        days, symbols = set(), set()
        for key, ranks in data.percentile.items():
            for n in range(1, HOURS):
                # both closes are known before `now`: half an hour before the end of the data
                if ranks[n] is None or n + hours > HOURS - 1:
                    continue
                change = (data.close[key][n + hours - 1] / data.close[key][n - 1] - 1) * 100
                every.append(change)
                before, now = ranks[n - 1], ranks[n]
                if now is not None and now >= 0.95 and (before is None or before < 0.95):
                    extreme.append(change)
                    days.add((FIRST + n * HOUR).date())
                    symbols.add(key)
        row = only(rows, hours=hours)
        assert len(extreme) > 10
        assert (row["n"], row["base_n"]) == (len(extreme), len(every))
        assert (row["symbols"], row["days"]) == (len(symbols), len(days))
        assert (row["mean_pct"], row["median_pct"]) == (near(fmean(extreme)), near(median(extreme)))
        assert row["share_up"] == near(fmean(change > 0 for change in extreme))
        assert (row["base_mean_pct"], row["base_share_up"]) == (
            near(fmean(every)),
            near(fmean(change > 0 for change in every)),
        )


def carry(rows: list[Row], data: Leverage) -> None:
    assert len(rows) == len(PERPETUALS)
    assert [row["net_annual"] for row in rows] == sorted((row["net_annual"] for row in rows), reverse=True)
    spot = {base: data.market.ids[venue, symbol] for venue, symbol, base in SPOT}
    for venue, symbol, base, _ in PERPETUALS:
        row = only(rows, perpetual_venue=venue, perpetual=symbol)
        key = data.market.ids[venue, symbol]
        week = data.market.funding[key].filter(
            pl.col("ts") > NOW - 7 * DAY, pl.col("ts") <= NOW, pl.col("known_at") <= NOW
        )
        mean = week["rate"].sum() / week["interval_hours"].sum() * 8760
        # the last hour that is over
        price, cash = data.close[key][HOURS - 2], data.close[spot[base]][HOURS - 2]
        told = cash_and_carry(mean, price, cash, Fees(0.001, 0.0005), days=30)
        assert (row["spot_venue"], row["settlements"]) == ("binance", week.height)
        assert (row["funding_annual"], row["basis"]) == (near(told.funding), near(told.basis))
        assert row["fees_annual"] == near(0.003 * 365 / 30)
        assert (row["net_annual"], row["net_with_basis_annual"]) == (
            near(told.net),
            near(told.net_with_basis),
        )
        assert row["side"].startswith("long spot" if told.long_spot else "short spot")


def squeezes(rows: list[Row], data: Leverage) -> None:
    (row,) = rows
    key = data.market.ids["binanceusdm", "ETH/USDT:USDT"]
    last = HOURS - 1
    coins, before = data.coins[key][last], data.coins[key][last - 24]
    assert coins is not None
    assert before is not None
    assert (row["venue"], row["symbol"], row["ts"]) == ("binanceusdm", "ETH/USDT:USDT", TODAY - HOUR)
    assert row["open_interest_change_24h"] == near(coins / before - 1)
    assert row["price_change_24h"] == near(data.close[key][last - 1] / data.close[key][last - 25] - 1)
    assert row["squeeze"] == near(min(row["open_interest_change_24h"], -row["price_change_24h"]))
    annual = data.annual[key][last]
    assert annual is not None
    assert (row["funding_annual"], row["shorts_pay"]) == (near(annual), annual < 0)


def spreads(rows: list[Row], data: Leverage) -> None:
    (row,) = rows  # Ether trades at one venue
    ours, theirs = (data.market.ids[venue, "BTC/USDT:USDT"] for venue in ("binanceusdm", "bybit"))
    hours = range(HOURS - 7 * 24, HOURS)
    apart = [float(data.annual[ours][n] or 0) - float(data.annual[theirs][n] or 0) for n in hours]
    last = apart[-1]
    assert row["base"] == "BTC"
    assert row["spread_annual"] == near(abs(last))
    assert row["receiver_venue"] == ("binanceusdm" if last > 0 else "bybit")
    assert (row["hours"], row["mean_annual"]) == (7 * 24, near(fmean(map(abs, apart))))
    assert row["same_pair"] == near(fmean(each * last > 0 for each in apart))


def outcomes(rows: list[Row], data: Leverage) -> None:
    expected: dict[tuple[str, str], list[float]] = {}
    for each in data.outcomes.iter_rows(named=True):
        key, hour = each["instrument_id"], (each["at"] - FIRST) // HOUR
        if key not in data.annual:  # spot: the perpetual of Bitcoin with the most open interest
            key = max((key for key in data.annual if key != eth(data)), key=lambda k: worth(data, k, hour))
        told = data.percentile[key][hour]
        state = "unknown" if told is None else "high" if told >= 0.95 else "low" if told <= 0.05 else "usual"
        expected.setdefault((each["direction"], state), []).append(each["return"])
    assert {state for _, state in expected} == {"unknown", "high", "low", "usual"}
    found: dict[tuple[str, str], list[tuple[int, float, float]]] = {}
    for row in rows:
        told_of = (row["n"], row["hit_rate"], row["mean_atr"])
        found.setdefault((row["direction"], row["funding_state"]), []).append(told_of)
    assert found.keys() == expected.keys()
    for name, returns in expected.items():
        total = sum(n for n, _, _ in found[name])
        assert total == len(returns)
        hits = sum(n * rate for n, rate, _ in found[name])
        assert hits == near(float(sum(each > 0 for each in returns)))
        mean = sum(n * mean for n, _, mean in found[name]) / total
        assert abs(mean - fmean(returns)) < 1e-6  # stored in single precision


def eth(data: Leverage) -> int:
    key: int = data.market.ids["binanceusdm", "ETH/USDT:USDT"]
    return key


def worth(data: Leverage, key: int, hour: int) -> float:
    """Value of the open interest that was known at an hour."""
    return (data.coins[key][hour] or 0.0) * data.close[key][hour - 1]


LEVERAGE_CHECKS: Final[Mapping[str, Check]] = {
    "55_after_extreme_funding": after_extremes,
    "56_carry_after_fees": carry,
    "57_squeeze_candidates": squeezes,
    "58_funding_spreads": spreads,
    "59_outcomes_by_funding": outcomes,
}
