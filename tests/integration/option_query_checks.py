"""What the example queries about options must answer, without SQL: reckoned from the simulated market."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import NormalDist
from typing import Final

import polars as pl
import pytest
from option_support import NOW, options_market
from query_support import Row

from alphapulse_assets.options.batch import summarise, with_greeks
from alphapulse_assets.options.collectors import register, summary_rows
from alphapulse_assets.options.model import QUOTES, TIME
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.deribit.reading import read_contracts, read_quotes
from alphapulse_sim.deribit_bodies import instrument, summaries
from alphapulse_sim.options import BOOKS, YEAR_MS, Quotes

WEEK: Final = timedelta(days=7)
BTC: Final = BOOKS[0]


@dataclass(frozen=True, slots=True)
class OptionMarket:
    """The simulated options on BTC, now and a week before."""

    now: Quotes
    before: Quotes


def option_market(database: Database) -> OptionMarket:
    """Two snapshots of options on BTC, stored as the collectors would, with what they sum up to."""
    market = options_market()
    found = []
    for at in (NOW - WEEK, NOW):
        at_ms = int(at.timestamp() * 1000)
        quotes = market.options.quotes(BTC, market.options.contracts(BTC, at_ms), at_ms)
        listed = read_contracts({"result": [instrument(each, at_ms) for each in quotes.contracts]}).frame
        told = read_quotes({"result": summaries(quotes, at_ms, seed=7)}).frame
        keys = register(database, listed, at)
        frame = with_greeks(told.join(keys, on="name")).with_columns(known_at=pl.lit(at, TIME))
        rows = [(QUOTES, frame), *((each.table, each.frame) for each in summary_rows(summarise(frame)))]
        with database.transaction() as connection:
            for table, each in rows:
                database.upsert(connection, table, each.sort(table.key))
        found.append(quotes)
    return OptionMarket(now=found[1], before=found[0])


def expiries(quotes: Quotes) -> dict[datetime, list[int]]:
    """The options of each expiry, by their places."""
    found: dict[datetime, list[int]] = {}
    for place, contract in enumerate(quotes.contracts):
        found.setdefault(datetime.fromtimestamp(contract.term.expiry_ms / 1000, UTC), []).append(place)
    return found


def by_strike(rows: list[Row], market: OptionMarket) -> None:
    quotes = market.now
    places = expiries(quotes)
    assert {row["expiry"] for row in rows} == places.keys()
    for expiry, options in places.items():
        held: dict[float, list[float]] = {}
        for place in options:
            contract = quotes.contracts[place]
            sides = held.setdefault(contract.strike, [0.0, 0.0])
            sides[0 if contract.call else 1] += round(float(quotes.open_interest[place]), 8)
        most = sorted(held, key=lambda strike: (-sum(held[strike]), strike))[:5]
        shown = [row for row in rows if row["expiry"] == expiry]
        assert [(row["strike"], row["calls"], row["puts"]) for row in shown] == [
            (strike, *held[strike]) for strike in sorted(most)
        ]
        whole = sum(map(sum, held.values()))
        assert sum(row["share"] for row in shown) == pytest.approx(
            sum(sum(held[each]) for each in most) / whole
        )

        def paid(price: float, held: dict[float, list[float]] = held) -> float:
            return sum(
                calls * max(price - strike, 0) + puts * max(strike - price, 0)
                for strike, (calls, puts) in held.items()
            )

        assert {row["max_pain"] for row in shown} == {min(sorted(held), key=paid)}
        forward = round(float(quotes.forward[options[0]]), 4)
        assert shown[0]["from_price"] == pytest.approx(shown[0]["max_pain"] / forward - 1)


def term_structure(rows: list[Row], market: OptionMarket) -> None:
    now, before = expiries(market.now), expiries(market.before)
    assert [row["expiry"] for row in rows] == sorted(now)
    for row in rows:
        level, skew = shape(market.now, now[row["expiry"]])
        assert row["days"] == pytest.approx((row["expiry"] - NOW) / timedelta(days=1))
        assert row["atm_iv"] == pytest.approx(level, abs=1e-6)
        assert row["skew_25d"] == pytest.approx(skew, abs=1e-6)
        if row["expiry"] not in before:
            assert row["atm_iv_change"] is None
            continue
        level_then, skew_then = shape(market.before, before[row["expiry"]])
        assert row["atm_iv_change"] == pytest.approx(level - level_then, abs=1e-6)
        assert row["skew_change"] == pytest.approx(skew - skew_then, abs=1e-6)
    assert any(row["atm_iv_change"] is not None for row in rows)


def shape(quotes: Quotes, places: list[int]) -> tuple[float, float]:
    """Volatility at the money and 25-delta skew of one expiry, in percent, by plain interpolation."""
    calls = sorted(
        (quotes.contracts[place].strike, round(100 * float(quotes.volatility[place]), 2))
        for place in places
        if quotes.contracts[place].call
    )
    forward = round(float(quotes.forward[places[0]]), 4)
    years = float(quotes.years[places[0]])
    assert years * YEAR_MS > 0
    curve = []
    for strike, volatility in calls:
        deviation = volatility / 100 * math.sqrt(years)
        d1 = math.log(forward / strike) / deviation + deviation / 2
        curve.append((NormalDist().cdf(d1), volatility))
    level = at([(math.log(strike), volatility) for strike, volatility in calls], math.log(forward))
    return level, at(curve, 0.25) - at(curve, 0.75)


def at(points: list[tuple[float, float]], x: float) -> float:
    """The line between the two points around x."""
    for (left, low), (right, high) in pairwise(sorted(points)):
        if left <= x <= right:
            return low + (high - low) * (x - left) / (right - left)
    raise AssertionError(f"{x} is outside of the points")


OPTION_CHECKS: Final[dict[str, Callable[[list[Row], OptionMarket], None]]] = {
    "61_open_interest_by_strike": by_strike,
    "62_volatility_term_structure": term_structure,
}
