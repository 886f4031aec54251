"""Which adapter speaks for which venue."""

from typing import Final

from alphapulse_resources.streams.binance import BinanceAdapter
from alphapulse_resources.streams.bybit import BybitAdapter
from alphapulse_resources.streams.coinbase import CoinbaseAdapter
from alphapulse_resources.streams.messages import StreamAdapter

_ADAPTERS: Final[tuple[StreamAdapter, ...]] = (
    BinanceAdapter("binance", futures=False),
    BinanceAdapter("binanceus", futures=False),
    BinanceAdapter("binanceusdm", futures=True),
    BinanceAdapter("binancecoinm", futures=True),
    BybitAdapter(),
    CoinbaseAdapter(),
)

ADAPTERS: Final[dict[str, StreamAdapter]] = {adapter.venue: adapter for adapter in _ADAPTERS}
"""Adapters by venue name."""
