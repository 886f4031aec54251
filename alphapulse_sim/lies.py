"""What a provider of market metrics may tell that is not so (the `lie` fault), in each provider's own
shape."""

import json
from typing import Any, Final

LIES: Final = ("dominance", "sum", "far_off", "negative", "null_text", "missing", "swap")
"""dominance: Bitcoin at 130 %; sum: Bitcoin and Ether at 70 % each; far_off: twice the market and half its
Bitcoin; negative: caps below zero; null_text: the word null for numbers; missing: no total at all; swap:
coins with the price of a hundredth and the cap they had."""


def lied(text: str, what: str) -> str:
    """The body with the lie in it; one that is no JSON of these providers stays as it is."""
    try:
        body = json.loads(text)
    except ValueError:
        return text
    rows = body if isinstance(body, list) else body.get("data") if isinstance(body, dict) else None
    if isinstance(rows, list):
        for row in rows:
            _coin(row, row["quote"]["USD"] if "quote" in row else row, what)
    elif isinstance(rows, dict):
        _market(rows, what)
    return json.dumps(body, separators=(",", ":"))


def _market(data: dict[str, Any], what: str) -> None:
    if "market_cap_percentage" in data:
        shares, total, name = data["market_cap_percentage"], data["total_market_cap"], "usd"
        bitcoin, ether = "btc", "eth"
    elif "btc_dominance" in data:
        shares, total, name = data, data["quote"]["USD"], "total_market_cap"
        bitcoin, ether = "btc_dominance", "eth_dominance"
    else:
        return  # decentralised finance
    if what == "dominance":
        shares[bitcoin] = 130.0
    elif what == "sum":
        shares[bitcoin] = shares[ether] = 70.0
    elif what == "far_off":
        total[name] *= 2.0
        shares[bitcoin] *= 0.5
    elif what == "negative":
        total[name] = -abs(total[name])
    elif what == "null_text":
        shares[ether] = "null"
    elif what == "missing":
        del total[name]


def _coin(row: dict[str, Any], quote: dict[str, Any], what: str) -> None:
    price = "current_price" if "current_price" in quote else "price"
    if what == "negative":
        quote["market_cap"] = -abs(quote["market_cap"])
    elif what == "null_text":
        row["max_supply"] = row["total_supply"] = "null"
    elif what == "missing":
        quote["market_cap"] = None
    elif what == "swap":
        quote[price] = quote[price] / 100
