"""Unified symbols of venues' own names, from the name alone."""

import pytest

from alphapulse_resources.streams.venues import ADAPTERS


@pytest.mark.parametrize(
    ("venue", "name", "symbol"),
    [
        ("binance", "BTCUSDT", "BTC/USDT"),
        ("binance", "LRCBTC", "LRC/BTC"),
        ("binance", "RUNEEUR", "RUNE/EUR"),
        ("binance", "BTCTUSD", "BTC/TUSD"),
        ("binance", "USDTTRY", "USDT/TRY"),
        ("binance", "1INCHUSDT", "1INCH/USDT"),
        ("binanceus", "BTCUSD", "BTC/USD"),
        ("binanceusdm", "BTCUSDT", "BTC/USDT:USDT"),
        ("binanceusdm", "1000SHIBUSDC", "1000SHIB/USDC:USDC"),
        ("binanceusdm", "BTCUSDT_230630", "BTC/USDT:USDT-230630"),
        ("binancecoinm", "BTCUSD_PERP", "BTC/USD:BTC"),
        ("binancecoinm", "ETHUSD_230630", "ETH/USD:ETH-230630"),
        ("bybit", "BTCUSDT", "BTC/USDT"),
        ("coinbase", "BTC-USD", "BTC/USD"),
    ],
)
def test_a_name_tells_its_pair(venue: str, name: str, symbol: str) -> None:
    assert ADAPTERS[venue].unified(name) == symbol


@pytest.mark.parametrize(
    ("venue", "name"),
    [
        ("binance", "WHAT"),
        ("binance", "USDT"),
        ("coinbase", "BTCUSD"),
        ("binancecoinm", "BTCUSDT"),
        ("bybit", ""),
    ],
)
def test_a_name_that_tells_nothing_gives_nothing(venue: str, name: str) -> None:
    assert ADAPTERS[venue].unified(name) is None
