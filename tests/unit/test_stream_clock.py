"""A market's clock: what cannot be true is refused, whoever's clock is wrong, and lateness is measured."""

import json
import math

import pytest

from alphapulse_resources.streams.clock import AHEAD, DISSENT, MarketClock
from alphapulse_resources.streams.messages import Candle, SequenceMark, Trade
from alphapulse_resources.streams.reader import FrameReader
from alphapulse_resources.streams.venues import ADAPTERS

START = 1_790_000_040.0


def ms(at: float) -> int:
    return round(at * 1000)


def heard(distance: float = 0.0, messages: int = 200) -> MarketClock:
    """A clock of three streams, each 50 ms on its way; ours is `distance` seconds ahead."""
    clock = MarketClock()
    for n in range(messages):
        at = START + n / 10
        clock.admit(("BTC", "depth", "trades", "candles")[1 + n % 3], ms(at - distance - 0.05), at)
    return clock


WRONG = [
    ms(START + 3600),  # an hour ahead
    ms(START + 366 * 86_400),  # a year
    ms(START) * 1000,  # microseconds
    ms(START) * 1_000_000,  # nanoseconds
    round(START),  # seconds
    0,
    -ms(START),
    2**62,
]


@pytest.mark.parametrize("venue_ms", WRONG)
def test_a_time_that_cannot_be_is_refused_and_leaves_the_clock_alone(venue_ms: int) -> None:
    clock, at = heard(), START + 20.0
    for n in range(50):
        assert clock.admit("depth", venue_ms, at + n / 10) is not None
        assert clock.admit("trades", ms(at + n / 10 - 0.05), at + n / 10) is None
    assert clock.admit("depth", ms(at + 5.0), at + 5.05) is None
    assert clock.admit("depth", ms(at + 6.0 + AHEAD), at + 5.05) is not None
    assert (clock.refused, clock.ahead(at + 6)) == (51, pytest.approx(0.05, abs=0.01))
    assert MarketClock().admit("depth", venue_ms, START) is not None


@pytest.mark.parametrize("distance", [40.0, 3.0, -3.0, -40.0, 7200.0])
def test_the_distance_of_our_clock_is_measured_and_nothing_of_the_venue_refused(distance: float) -> None:
    clock = heard(distance)
    assert clock.refused == 0
    at = START + 20.0
    assert clock.ahead(at) == pytest.approx(distance + 0.05, abs=0.01)
    assert clock.ms(at) == pytest.approx((at - distance - 0.05) * 1e3, abs=20)
    assert clock.late(ms(at - distance - 12.0), at) == pytest.approx(12.0, abs=0.1)


def test_a_clock_of_ours_that_is_set_back_is_believed_of_the_most_streams_only() -> None:
    clock, at = heard(), START + 20.0
    for n in range(5 * DISSENT):  # one stream alone is not believed
        assert clock.admit("trades", ms(at + 90.0 + n), at + n) is not None
        clock.admit("depth", ms(at + n), at + n)
        clock.admit("candles", ms(at + n), at + n)
    at += 60.0
    refused = clock.refused
    for n in range(2 * DISSENT):
        for stream in ("depth", "trades", "candles"):
            clock.admit(stream, ms(at + 90.0 + n), at + n)
    assert clock.refused - refused <= 3 * DISSENT
    assert clock.ahead(at + 2 * DISSENT) == pytest.approx(-90.0, abs=0.1)


def test_what_the_venue_says_of_its_clock_tells_late_messages_from_a_wrong_clock() -> None:
    clock = heard(120.0)
    at = START + 20.0
    assert clock.late(ms(at - 120.0), at) < 1.0
    clock.asked(0.3, at)
    assert (clock.ahead(at), clock.late(ms(at - 120.0), at)) == (0.3, pytest.approx(119.7))


def coinbase(number: int, at: float, channel: str, events: list[dict[str, object]]) -> bytes:
    moment = "2026-09-21T14:14:00.000Z"  # START
    body = {"channel": channel, "timestamp": moment, "sequence_num": number, "events": events}
    return json.dumps(body).encode()


def test_one_bad_event_costs_no_other_of_its_message_and_no_number_of_the_connection() -> None:
    reader = FrameReader(ADAPTERS["coinbase"])
    level = {"side": "bid", "price_level": "99", "new_quantity": "1"}
    books: list[dict[str, object]] = [
        {"type": "update", "product_id": "BTC-USD", "updates": [level]},
        {"type": "update", "product_id": "ETH-USD", "updates": [level | {"price_level": "NaN"}]},
    ]
    messages, malformed = reader.read(coinbase(7, START, "l2_data", books), START + 0.1)
    assert isinstance(messages[0], SequenceMark)
    assert messages[0].number == 7
    assert [message.symbol for message in messages[1:]] == ["BTC-USD"]  # type: ignore[union-attr]
    assert [(bad.symbol, bad.depth) for bad in malformed] == [("ETH-USD", True)]


BAD = ["NaN", "nan", "Infinity", "-inf", "-1", "0", "1e400"]


@pytest.mark.parametrize("price", BAD)
def test_prices_and_sizes_that_cannot_be_are_refused_in_trades_and_books(price: str) -> None:
    reader = FrameReader(ADAPTERS["binance"])
    now = ms(START)
    trade = {"e": "aggTrade", "E": now, "s": "BTCUSDT", "a": 1, "p": price, "q": "1", "T": now, "m": True}
    depth = {"e": "depthUpdate", "E": now, "s": "BTCUSDT", "U": 1, "u": 1, "b": [[price, "1"]], "a": []}
    for body in (trade, trade | {"p": "1", "q": price}, depth):
        messages, malformed = reader.read(json.dumps(body).encode(), START)
        assert messages == []
        assert [bad.symbol for bad in malformed] == ["BTCUSDT"]
    size = depth | {"b": [["1", price]]}
    messages, _ = reader.read(json.dumps(size).encode(), START)
    assert bool(messages) == (price == "0")  # which removes a level


@pytest.mark.parametrize(
    "changes",
    [
        {"o": "NaN"}, {"l": "0"}, {"h": "inf"}, {"c": "-5"}, {"h": "9"}, {"l": "13"}, {"v": "-1"},
        {"q": "nan"}, {"n": -1}, {"V": "inf"}, {"t": ms(START + 3600)}, {"t": ms(START) + 1},
        {"x": True}, {"t": -60_000},
    ],
)  # fmt: skip
def test_a_candle_that_cannot_be_is_refused_while_it_forms_too(changes: dict[str, object]) -> None:
    reader = FrameReader(ADAPTERS["binance"])
    minute = ms(START - START % 60)
    bar = {"t": minute, "T": minute + 59_999, "s": "BTCUSDT", "i": "1m", "o": "10", "c": "11", "h": "12"}
    bar |= {"l": "9.5", "v": "3", "q": "30", "n": 3, "V": "1", "x": False}
    body = {"e": "kline", "E": ms(START), "s": "BTCUSDT", "k": bar}
    good, bad = reader.read(json.dumps(body).encode(), START)
    assert (len(good), bad) == (1, [])
    assert isinstance(good[0], Candle)
    messages, malformed = reader.read(json.dumps(body | {"k": bar | changes}).encode(), START)
    assert (messages, len(malformed)) == ([], 1)


def test_a_trade_of_no_value_is_refused() -> None:
    reader = FrameReader(ADAPTERS["binance"])
    for price, size in ((1e-300, 1e-300), (1e300, 1e300), (math.nan, 1.0)):
        assert reader._wrong(Trade("X", "1", price, size, True, ms(START)), START) is not None


def test_what_waits_here_comes_later_and_moves_no_clock() -> None:
    clock, at = heard(), START + 20.0
    clock.behind = 7.0
    assert clock.late(ms(at - 0.05), at) == pytest.approx(7.0, abs=0.01)
    assert clock.ahead(at) == pytest.approx(0.05, abs=0.01)
