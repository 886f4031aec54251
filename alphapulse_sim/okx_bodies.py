"""What OKX says of its swaps, value by value: instruments, candles, open interest, all as texts."""

from typing import Any, Final

import numpy as np

from alphapulse_sim.context import Simulator
from alphapulse_sim.decimals import short_string, short_strings, step_string
from alphapulse_sim.derivatives import open_interest
from alphapulse_sim.hashing import Ints, below, key
from alphapulse_sim.instruments import Listing, contract_size
from alphapulse_sim.intervals import MINUTE, next_open
from alphapulse_sim.tape import Bars

BEFORE: Final = 60
"""Minutes, more than are missing in a row."""


def volumes(listing: Listing, bars: Bars) -> tuple[Any, Any, Any]:
    """Contracts, coins and quote units that were traded in bars."""
    size = contract_size(listing)
    if listing.contract is not None:
        mean = bars.quote / np.maximum(bars.volume, 1) * listing.tick
        return bars.volume, bars.volume * size / mean, bars.volume * size
    coins = bars.volume * listing.lot
    return coins / size, coins, bars.quote * listing.lot * listing.tick


def interest_rows(sim: Simulator, listing: Listing, at: Ints) -> list[list[str]]:
    """Times, open contracts, and what they were in coins and dollars, at moments."""
    size, prices = contract_size(listing), sim.market.mid(listing, at)
    lots = open_interest(sim.market, listing, at) * listing.lot
    contracts = lots if listing.contract is not None else lots / size
    coins = contracts * size / prices if listing.contract is not None else lots
    dollars = contracts * size if listing.contract is not None else coins * prices
    columns = zip(at.tolist(), contracts.tolist(), coins.tolist(), dollars.tolist(), strict=True)
    return [[str(ts), amount(oi), amount(coin), amount(usd)] for ts, oi, coin, usd in columns]


def told(listing: Listing, bars: Bars, interval: str, now: int) -> list[list[str]]:
    """Candles of bars, oldest first."""
    contracts, coins, quotes = volumes(listing, bars)
    columns = zip(
        bars.ts.tolist(),
        *(short_strings(column, listing.price_digits) for column in bars.prices),
        contracts.tolist(),
        coins.tolist(),
        quotes.tolist(),
        strict=True,
    )
    return [
        [str(ts), *prices, amount(oi), amount(coin), amount(quote), complete(ts, interval, now)]
        for ts, *prices, oi, coin, quote in columns
    ]


def complete(ts: int, interval: str, now: int) -> str:
    """Whether a candle is complete, as OKX says it."""
    return "1" if next_open(ts, interval) <= now else "0"


def filled(rows: list[list[str]], first: int, last: int) -> list[list[str]]:
    """The rows with a filler for each minute up to `last` that has none: the close before it, no volume."""
    told = {int(row[0]): row for row in rows}
    start = max(int(rows[0][0]), first // MINUTE * MINUTE - BEFORE * MINUTE)
    found: list[list[str]] = []
    close = rows[0][4]
    for ts in range(start, last // MINUTE * MINUTE + 1, MINUTE):
        row = told.get(ts) or [str(ts), *[close] * 4, "0", "0", "0", "1"]
        close = row[4]
        found.append(row)
    return found


def instrument(listing: Listing) -> dict[str, Any]:
    """One row of `instruments`."""
    linear, size = listing.contract is None, contract_size(listing)
    lot = amount(listing.lot / size if linear else listing.lot)
    return {
        "alias": "",
        "auctionEndTime": "",
        "baseCcy": "",
        "category": "1",
        "contTdSwTime": "",
        "ctMult": "1",
        "ctType": "linear" if linear else "inverse",
        "ctVal": amount(size),
        "ctValCcy": listing.base if linear else listing.quote,
        "expTime": "",
        "futureSettlement": False,
        "groupId": "2" if linear else "1",
        "instFamily": f"{listing.base}-{listing.quote}",
        "instId": listing.symbol,
        "instIdCode": 10000 + below(key("okx", listing.symbol), np.array([0]), 90000).tolist()[0],
        "instType": "SWAP",
        "lever": "100",
        "listTime": str(listing.listed_ms),
        "lotSz": lot,
        "maxIcebergSz": "100000000",
        "maxLmtAmt": "20000000",
        "maxLmtSz": "100000000",
        "maxMktAmt": "",
        "maxMktSz": "12000",
        "maxStopSz": "12000",
        "maxTriggerSz": "100000000",
        "maxTwapSz": "100000000",
        "minSz": lot,
        "openType": "",
        "optType": "",
        "preMktSwTime": "",
        "quoteCcy": "",
        "ruleType": "normal",
        "settleCcy": listing.quote if linear else listing.base,
        "state": "live",
        "stk": "",
        "tickSz": step_string(listing.price_digits),
        "tradeQuoteCcyList": [],
        "uly": f"{listing.base}-{listing.quote}",
    }


def head(listing: Listing) -> dict[str, str]:
    """What each row about a swap begins with."""
    return {"instType": "SWAP", "instId": listing.symbol}


def price(value: float) -> str:
    """A price."""
    return short_string(round(value * 1e8), 8)


def amount(value: float) -> str:
    """An amount without trailing zeros."""
    return f"{value:.10f}".rstrip("0").rstrip(".")
