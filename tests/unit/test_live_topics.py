"""What can be subscribed to, and how a wrong question is answered."""

from typing import Any

import pytest

from alphapulse_api.broadcasting.topics import Key, RefusedError, key_of, keys_about, topic_name
from alphapulse_api.broadcasting.transactions import Seen

KNOWN = {
    "binance": frozenset({"BTC/USDT", "ETH/USDT"}),
    "binanceusdm": frozenset({"BTC/USDT:USDT"}),
}


def test_topics_have_the_fields_of_their_channel_in_order() -> None:
    asked = {
        "op": "subscribe",
        "channel": "candles",
        "symbol": "BTC/USDT",
        "venue": "binance",
        "timeframe": "1h",
    }
    key = key_of(asked, KNOWN)
    assert key == Key("candles", "binance", "BTC/USDT", "1h")
    assert topic_name(key) == "candles:binance:BTC/USDT:1h"
    assert topic_name(key_of({"channel": "signals"}, KNOWN)) == "signals:*:*:*"
    assert topic_name(key_of({"channel": "whales", "symbol": "ETH/USDT"}, KNOWN)) == "whales:*:ETH/USDT"


@pytest.mark.parametrize(
    ("asked", "field", "says"),
    [
        ({"channel": "candle"}, "channel", "did you mean candles?"),
        ({"channel": 3}, "channel", "there are candles, book"),
        ({}, "channel", "there is no channel None"),
        ({"channel": "book", "venue": "binance"}, "symbol", "book needs a symbol"),
        ({"channel": "book", "venue": "binanse", "symbol": "BTC/USDT"}, "venue", "did you mean binance"),
        ({"channel": "book", "venue": "binance", "symbol": "BTC/USD"}, "symbol", "did you mean BTC/USDT"),
        ({"channel": "whales", "symbol": "btc/usdt"}, "symbol", "did you mean BTC/USDT"),
        (
            {"channel": "candles", "venue": "binance", "symbol": "BTC/USDT", "timeframe": "2h"},
            "timeframe",
            "there are 1m, 5m, 15m, 1h, 4h, 1d, 1w",
        ),
        ({"channel": "trades", "venue": ["binance"], "symbol": "BTC/USDT"}, "venue", "venue is a text"),
        ({"channel": "trades", "timeframe": "1m"}, "timeframe", "trades is not asked by timeframe"),
        ({"channel": "trades", "symbl": "BTC/USDT"}, "symbl", "did you mean symbol?"),
        ({"channel": "metrics"}, "dataset", "metrics needs a dataset"),
        ({"channel": "metrics", "dataset": "future"}, "dataset", "did you mean futures?"),
    ],
)
def test_a_wrong_field_is_named_with_what_would_do(asked: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(RefusedError) as refused:
        key_of(asked, KNOWN)
    assert refused.value.field == field
    assert says in str(refused.value)


def test_a_row_belongs_to_its_own_topic_and_those_of_all() -> None:
    keys = keys_about("signals", "binance", "BTC/USDT", "1h")
    assert len(keys) == 8
    assert Key("signals", "*", "BTC/USDT", "1h") in keys
    assert Key("signals") in keys
    assert len(keys_about("whales", "binance", "BTC/USDT")) == 4


def test_which_transactions_a_read_has_seen() -> None:
    seen = Seen.read("100:105:101,103")
    assert [number for number in range(98, 108) if seen.has(number)] == [98, 99, 100, 102, 104]
    assert not seen.has(None)
    assert Seen.read("7:7:").has(6)
