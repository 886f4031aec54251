"""What Deribit tells about options, as frames. Pure vocabulary, no I/O."""

from typing import Final

import polars as pl

INVERSE: Final = ("BTC", "ETH")
"""Currencies whose options are priced and settled in the coin itself."""
CURRENCIES: Final = (*INVERSE, "USDC")
"""Currencies asked for; under USDC all options that are priced and settled in it, of several coins."""

_TIME: Final = pl.Datetime("us", "UTC")
CONTRACT_SCHEMA: Final = pl.Schema(
    {
        "name": pl.String(),
        "currency": pl.String(),
        "base": pl.String(),
        "settle": pl.String(),
        "inverse": pl.Boolean(),
        "expiry": _TIME,
        "strike": pl.Float64(),
        "kind": pl.String(),
        "contract_size": pl.Float64(),
        "listed_at": _TIME,
    }
)
"""Contracts: `currency` is how the name begins (BTC, SOL_USDC), `kind` call or put, the strike in dollars."""
QUOTE_SCHEMA: Final = pl.Schema(
    {
        "name": pl.String(),
        "ts": _TIME,
        "mark_price": pl.Float64(),
        "mark_iv": pl.Float64(),
        "bid_price": pl.Float64(),
        "ask_price": pl.Float64(),
        "open_interest": pl.Float64(),
        "volume_24h": pl.Float64(),
        "underlying_price": pl.Float64(),
        "index_price": pl.Float64(),
        "interest_rate": pl.Float64(),
    }
)
"""Quotes at one time: prices in the currency of settlement, volatility in percent, amounts in coins."""
INDEX_SCHEMA: Final = pl.Schema(
    {
        "ts": _TIME,
        "known_at": _TIME,
        "open": pl.Float64(),
        "high": pl.Float64(),
        "low": pl.Float64(),
        "close": pl.Float64(),
    }
)
"""Candles of the volatility index, in percent: `ts` is the open time, `known_at` the close."""
