"""Bodies of Deribit's answers about options, with the documented fields and types."""

import math
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from alphapulse_sim.hashing import Floats, key, uniform
from alphapulse_sim.intervals import HOUR
from alphapulse_sim.options import Book, Contract, Quotes, expiry_name, normal_cdf

_COMMISSION: Final = 0.0003
_FUTURES: Final = (3, 6, 9, 12)  # months whose last Friday has a future: other forwards are synthetic


def instrument(contract: Contract, now_ms: int) -> dict[str, Any]:
    """An element of `get_instruments`."""
    book, term = contract.book, contract.term
    return {
        "price_index": book.index,
        "kind": "option",
        "instrument_name": contract.name,
        "instrument_id": contract.number,
        "instrument_type": "reversed" if book.inverse else "linear",
        "option_type": "call" if contract.call else "put",
        "strike": float(contract.strike),
        "base_currency": book.asset,
        "quote_currency": book.settle,
        "counter_currency": "USD" if book.inverse else "USDC",
        "settlement_currency": book.settle,
        "settlement_period": term.period,
        "contract_size": book.contract_size,
        "min_trade_amount": book.step,
        "tick_size": book.tick,
        "tick_size_steps": [{"above_price": 0.005, "tick_size": 0.0005}] if book.inverse else [],
        "expiration_timestamp": term.expiry_ms,
        "creation_timestamp": term.created_ms,
        "is_active": term.expiry_ms > now_ms,
        "state": "open" if term.expiry_ms > now_ms else "closed",
        "rfq": False,
        "maker_commission": _COMMISSION,
        "taker_commission": _COMMISSION,
        "block_trade_commission": _COMMISSION,
        "block_trade_min_trade_amount": 25,
        "block_trade_tick_size": 0.0001,
    }


def _tick(book: Book, price: float) -> float:
    return 0.0005 if book.inverse and price >= 0.005 else book.tick


def _bid_and_ask(
    book: Book, mark: float, seed: int, number: int, now_ms: int
) -> tuple[float | None, float | None]:
    """Quotes around a mark; what is worth less than a tick has no bid, and some have no ask."""
    tick = _tick(book, mark)
    luck = uniform(key(seed, "quoted", now_ms // HOUR), np.asarray([number], dtype=np.int64))[0]
    half = max(0.015 * mark, tick / 2)
    bid, ask = math.floor((mark - half) / tick) * tick, math.ceil((mark + half) / tick) * tick
    return round(bid, 8) if bid >= tick else None, round(ask, 8) if luck < 0.97 else None


def _underlying_index(contract: Contract) -> str:
    day = datetime.fromtimestamp(contract.term.expiry_ms / 1000, UTC)
    has_future = contract.term.period == "month" and day.month in _FUTURES
    name = expiry_name(contract.book, day)
    return name if has_future else f"SYN.{name}"


def summaries(quotes: Quotes, now_ms: int, seed: int) -> list[dict[str, Any]]:
    """`get_book_summary_by_currency`: prices in the settlement currency, open interest in coins."""
    return [_summary(quotes, row, now_ms, seed) for row in range(len(quotes.contracts))]


def _summary(quotes: Quotes, row: int, now_ms: int, seed: int) -> dict[str, Any]:
    contract, mark = quotes.contracts[row], float(quotes.mark[row])
    book = contract.book
    bid, ask = _bid_and_ask(book, mark, seed, contract.number, now_ms)
    volume = round(float(quotes.volume[row]), 8)
    last = round(max(mark, book.tick), 4)
    dollars = quotes.index if book.inverse else 1.0
    return {
        "instrument_name": contract.name,
        "base_currency": book.asset,
        "quote_currency": book.settle,
        "underlying_index": _underlying_index(contract),
        "underlying_price": round(float(quotes.forward[row]), 4),
        "interest_rate": 0.0,
        "mark_price": round(mark, 8),
        "mark_iv": round(100 * float(quotes.volatility[row]), 2),
        "mid_price": None if bid is None or ask is None else round((bid + ask) / 2, 8),
        "bid_price": bid,
        "ask_price": ask,
        "last": last if volume else None,
        "high": round(last * 1.1, 4) if volume else None,
        "low": round(last * 0.9, 4) if volume else None,
        "price_change": 1.5 if volume else None,
        "open_interest": round(float(quotes.open_interest[row]), 8),
        "volume": volume,
        "volume_usd": round(volume * last * dollars, 2),
        "estimated_delivery_price": round(quotes.index, 4),
        "creation_timestamp": now_ms,
    }


def ticker(quotes: Quotes, now_ms: int, seed: int) -> dict[str, Any]:
    """`ticker` of the one contract: fewer decimals than a summary has, and greeks in dollars."""
    (contract,), book = quotes.contracts, quotes.contracts[0].book
    told = summaries(quotes, now_ms, seed)[0]
    mark = round(told["mark_price"], 4)
    return {
        "instrument_name": contract.name,
        "timestamp": now_ms,
        "state": "open",
        "index_price": round(quotes.index, 2),
        "estimated_delivery_price": round(quotes.index, 2),
        "underlying_index": told["underlying_index"],
        "underlying_price": round(float(quotes.forward[0]), 4),
        "interest_rate": 0.0,
        "mark_price": mark,
        "mark_iv": told["mark_iv"],
        "bid_iv": told["mark_iv"] if told["bid_price"] else 0.0,
        "ask_iv": told["mark_iv"] if told["ask_price"] else 0.0,
        "best_bid_price": told["bid_price"] or 0.0,
        "best_bid_amount": book.step * 10 if told["bid_price"] else 0.0,
        "best_ask_price": told["ask_price"] or 0.0,
        "best_ask_amount": book.step * 10 if told["ask_price"] else 0.0,
        "last_price": told["last"],
        "min_price": round(max(mark - 0.04, book.tick), 4),
        "max_price": round(mark + 0.04, 4),
        "settlement_price": mark,
        "open_interest": told["open_interest"],
        "greeks": _greeks(quotes),
        "stats": {
            "high": told["high"],
            "low": told["low"],
            "price_change": told["price_change"],
            "volume": told["volume"],
            "volume_usd": told["volume_usd"],
        },
    }


def _greeks(quotes: Quotes) -> dict[str, float]:
    """Of Black's formula (1976), to five decimals: vega and rho for a point of a hundred, theta for a day."""
    (contract,), forward, years = quotes.contracts, quotes.forward, quotes.years
    strike, volatility = np.asarray([contract.strike]), quotes.volatility
    deviation = volatility * np.sqrt(years)
    d1: Floats = np.log(forward / strike) / deviation + deviation / 2
    density = np.exp(-(d1**2) / 2) / math.sqrt(2 * math.pi)
    sign = 1 if contract.call else -1
    delta = sign * normal_cdf(sign * d1)
    found = {
        "delta": delta,
        "gamma": density / (forward * deviation),
        "vega": forward * density * np.sqrt(years) / 100,
        "theta": -forward * density * volatility / (2 * np.sqrt(years)) / 365,
        "rho": sign * strike * years * normal_cdf(sign * (d1 - deviation)) / 100,
    }
    return {name: round(float(value[0]), 5) for name, value in found.items()}
