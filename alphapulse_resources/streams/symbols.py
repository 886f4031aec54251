"""Unified symbols (ccxt's form) of venues' own names, as well as a name alone tells. Pure; no venue is asked.

For recordings of symbols that were never tracked: what is tracked is known by what the venue itself said.
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
_USD_M: Final = re.compile(r"([A-Z0-9]+?)(USDT|USDC|BUSD|BTC)(?:_(\d{6}))?")
_COIN_M: Final = re.compile(r"([A-Z0-9]+?)USD_(PERP|\d{6})")
_DASHED: Final = re.compile(r"([A-Z0-9]+)-([A-Z0-9]+)")


def unified_symbol(venue: str, venue_symbol: str) -> str | None:
    """BTC/USDT of binance's BTCUSDT, BTC/USDT:USDT of binanceusdm's; None where the name does not tell.

    Bybit uses the same name for spot and linear contracts; it is taken for spot.
    """
    match venue:
        case "coinbase":
            found = _DASHED.fullmatch(venue_symbol)
            return found and f"{found[1]}/{found[2]}"
        case "binanceusdm":
            found = _USD_M.fullmatch(venue_symbol)
            return found and f"{found[1]}/{found[2]}:{found[2]}" + (f"-{found[3]}" if found[3] else "")
        case "binancecoinm":
            found = _COIN_M.fullmatch(venue_symbol)
            ends = "" if found is None or found[2] == "PERP" else f"-{found[2]}"
            return found and f"{found[1]}/USD:{found[1]}{ends}"
        case _:
            found = _PAIR.fullmatch(venue_symbol)
            return found and f"{found[1]}/{found[2]}"


def kind_of(symbol: str) -> str:
    """spot, perpetual or future, as a unified symbol tells: BTC/USDT, BTC/USDT:USDT, BTC/USDT:USDT-260327."""
    settled = symbol.partition(":")[2]
    return "spot" if not settled else "future" if "-" in settled else "perpetual"
