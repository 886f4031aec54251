"""Channels are subscribed to because a data set wants them, and for no other reason."""

import pytest

from alphapulse_assets.streaming.channels import STREAMED, wanted_channels
from alphapulse_resources.streams.protocols import Channel
from alphapulse_resources.streams.venues import PROTOCOLS

DEPTH, TRADES, CANDLES = Channel.DEPTH, Channel.TRADES, Channel.CANDLES


@pytest.mark.parametrize(
    ("datasets", "market", "channels"),
    [
        ({"order_book_snapshots"}, "binance", {DEPTH}),
        ({"trades_1s"}, "bybit.spot", {TRADES}),
        ({"ohlcv_1m"}, "binanceusdm", {CANDLES}),
        ({"ohlcv_1m"}, "coinbase", {TRADES}),  # which has no candles: trades make them
        ({"ohlcv_1m", "liquidity_zones"}, "kraken", {TRADES, DEPTH}),
        (set(), "binance", set()),
    ],
)
def test_a_data_set_brings_its_channels(datasets: set[str], market: str, channels: set[Channel]) -> None:
    assert wanted_channels(datasets, PROTOCOLS[market].channels) == channels


@pytest.mark.parametrize("market", sorted(PROTOCOLS))
def test_all_data_sets_of_streams_want_what_each_market_has_today(market: str) -> None:
    assert wanted_channels(STREAMED, PROTOCOLS[market].channels) == PROTOCOLS[market].channels


def test_a_data_set_that_no_stream_makes_is_refused() -> None:
    with pytest.raises(ValueError, match="streams make no data set 'news': use some of order_book_snapshots"):
        wanted_channels({"news"}, frozenset(Channel))
