"""Unified symbols (ccxt's form) of venues' own names, as well as a name alone tells. Pure; no venue is asked.

For recordings of symbols that were never tracked: what is tracked is known by what the venue itself said. How
a venue writes its names is told by its adapter (`StreamAdapter.unified`).
"""

import re
from typing import Final

_QUOTES: Final = (
    *("USDT", "FDUSD", "USDC", "BUSD", "TUSD", "USDP", "USDE", "USD1", "USD", "DAI", "PAX", "BIDR", "IDRT"),
    *("BKRW", "VAI", "UST", "BTC", "ETH", "BNB", "TRX", "XRP", "SOL", "DOGE", "DOT", "EUR", "GBP", "TRY"),
    *("AUD", "BRL", "RUB", "UAH", "NGN", "ZAR", "PLN", "RON", "ARS", "JPY", "MXN", "CZK", "COP", "IDR"),
)
"""Quote currencies of spot markets (ours: from exchanges' lists); the longest that fits counts."""

_PAIR: Final = re.compile(rf"([A-Z0-9]+?)({'|'.join(_QUOTES)})")


def spot_pair(venue_symbol: str) -> str | None:
    """BTC/USDT of BTCUSDT; None where the name does not tell."""
    found = _PAIR.fullmatch(venue_symbol)
    return found and f"{found[1]}/{found[2]}"


def kind_of(symbol: str) -> str:
    """spot, perpetual or future, as a unified symbol tells: BTC/USDT, BTC/USDT:USDT, BTC/USDT:USDT-260327."""
    settled = symbol.partition(":")[2]
    return "spot" if not settled else "future" if "-" in settled else "perpetual"
