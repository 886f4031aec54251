"""What followers are told, in whatever order things happen: the last state, each event once, or a resync."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from live_model import CANDLES_KEY, NAME, TRADES_KEY, Client, World, values_of

from alphapulse_api.broadcasting.outbox import Outbox
from alphapulse_api.broadcasting.states import Image
from alphapulse_api.broadcasting.topics import Key
from alphapulse_api.broadcasting.transactions import Seen
from alphapulse_resources.broadcast.wire import new_rows, pack, unpack
from alphapulse_resources.streams.feeds import BOOK_EVENTS, BOOKS, CLOSED, FORMING, TRADES

STEPS = st.lists(
    st.one_of(
        st.sampled_from(["begin trades", "begin closed", "begin forming", "begin read", "end read", "lose"]),
        st.tuples(st.sampled_from(["commit", "deliver", "take"]), st.integers(0, 3)),
    ),
    max_size=120,
)


@settings(max_examples=300, deadline=None)
@given(STEPS, st.integers(3, 40))
def test_whatever_the_order_a_client_ends_with_all_rows_each_told_once(steps: list[Any], most: int) -> None:
    world = World(most)
    first, candles = world.follow(TRADES_KEY), world.follow(CANDLES_KEY)
    made, minutes = 0, 0
    for step in steps:
        match step:
            case "begin trades":
                world.base.begin([(TRADES, values_of(TRADES, made))])
                made += 1
            case "begin closed":
                world.base.begin([(CLOSED, values_of(CLOSED, minutes, 5))])
                minutes += 1
            case "begin forming":
                # a worker puts a forming candle in one lane with the closed ones, so in order
                world.base.commit(world.base.begin([(FORMING, values_of(FORMING, minutes, len(steps)))]))
            case "begin read":
                world.begin_read()
            case "end read":
                world.end_read()
            case "lose":
                world.lose()
            case ("commit", place):
                if world.base.open:
                    transactions = sorted(world.base.open)
                    world.base.commit(transactions[place % len(transactions)])
            case ("deliver", count):
                world.deliver(count)
            case ("take", count):
                first.take(count)
    late = world.follow(TRADES_KEY)
    world.settle()
    expected = sorted(world.base.tables["t"])
    for client in (first, late):
        assert sorted(client.rows["trades:binance:BTC/USDT"]) == expected
    told = candles.rows["candles:binance:BTC/USDT:1m"]
    closed = {ts: row["close"] for ts, row in told.items() if row["closed"]}
    assert closed == {ts: row["close"] for ts, row in world.base.tables["c"].items()}


def test_a_client_that_reads_nothing_holds_so_much_and_no_more() -> None:
    world = World(most=50)
    stalled, quick = world.follow(TRADES_KEY), world.follow(TRADES_KEY)
    world.settle()
    for number in range(1_000):
        world.base.commit(world.base.begin([(TRADES, values_of(TRADES, number))]))
        world.deliver(1)
        quick.take()
        assert stalled.outbox.waiting <= 50
    assert quick.resyncs == 0
    assert len(quick.rows["trades:binance:BTC/USDT"]) == 1_000
    stalled.take()
    assert stalled.resyncs == 1
    assert len(stalled.rows["trades:binance:BTC/USDT"]) == 100  # the newest, as a snapshot has them


def test_of_forming_bars_only_the_newest_waits_and_closed_ones_come_before_it() -> None:
    world = World()
    client = world.follow(CANDLES_KEY)
    world.settle()
    for minute in range(3):
        for version in range(10):
            world.base.commit(world.base.begin([(FORMING, values_of(FORMING, minute, version))]))
        world.base.commit(world.base.begin([(CLOSED, values_of(CLOSED, minute, 10))]))
    world.base.commit(world.base.begin([(FORMING, values_of(FORMING, 3, 1))]))
    world.deliver(1_000)
    messages = []
    while (text := client.outbox.next()) is not None:
        messages.append(json.loads(text)["data"][0])
    assert [(row["closed"], row["close"]) for row in messages] == [(True, 11.0)] * 3 + [(False, 2.0)]


def test_a_number_that_is_missing_brings_a_fresh_snapshot() -> None:
    world = World()
    client = world.follow(TRADES_KEY)
    world.settle()
    for number in range(3):
        world.base.commit(world.base.begin([(TRADES, values_of(TRADES, number))]))
    del world.base.on_its_way[1]
    world.settle()
    assert (world.hub.gaps, client.resyncs) == (1, 1)
    assert len(client.rows["trades:binance:BTC/USDT"]) == 3


def test_topics_of_all_symbols_hear_of_each_and_others_do_not() -> None:
    world = World()
    everything, other = world.follow(Key("status")), world.follow(Key("status", "bybit"))
    _loaded(world)
    event = ["2026-05-04T12:00:00Z", "synced", "broken", "gap", {"missing": 3}]
    world.hub.told_row(None, BOOK_EVENTS, 1, event)
    world.hub.told_row(None, BOOK_EVENTS, 99, event)
    assert world.hub.unknown == {99}
    for client in (everything, other):
        client.take()
    assert [row["state"] for row in everything.rows["status:*:*"].values()] == ["broken"]
    assert other.rows["status:bybit:*"] == {}


def test_a_book_that_is_not_proven_any_more_says_so_with_its_last_levels() -> None:
    world = World()
    client = world.follow(Key("book", *NAME))
    _loaded(world)
    state = [
        "2026-05-04T12:00:00Z",
        7,
        "2026-05-04T12:00:00Z",
        "synced",
        1.5,
        2.0,
        0.1,
        [[1.0, 2.0]],
        [[2.0, 3.0]],
    ]
    world.hub.told_row(None, BOOKS, 1, state)
    world.hub.told_row(None, BOOK_EVENTS, 1, ["2026-05-04T12:00:01Z", "synced", "stale", "silent", None])
    (message,) = _messages(client)
    (row,) = message["data"]
    assert (row["state"], row["cause"], row["best_bid"], row["ask_size"]) == ("stale", "silent", 1.0, 3.0)
    late = world.follow(Key("book", *NAME))
    assert [each["data"] for each in _messages(late)] == [[row]]


def test_a_data_set_with_new_rows_has_its_topics_read_and_only_changes_are_told() -> None:
    world = World()
    client = world.follow(Key("metrics", part="futures"))
    rows = [{"venue": "binanceusdm", "symbol": name, "funding_rate": 0.1} for name in ("a", "b")]
    _loaded(world, rows)
    _messages(client)
    (payload,) = pack("poller", 1, map(new_rows, ["open_interest", "news_events", "open_interest"]))
    world.hub.hear(unpack(b"0 " + payload))
    assert [topic.name for topic in world.wanted] == ["metrics:*:*:futures"]
    changed = rows[1] | {"funding_rate": 0.2}
    _loaded(world, [rows[0], changed])
    assert [message["data"] for message in _messages(client)] == [[changed]]


def test_a_row_that_was_too_large_to_tell_is_read() -> None:
    world = World()
    client = world.follow(Key("patterns", "*", "BTC/USDT"))
    _loaded(world)
    _messages(client)
    world.hub.hear(unpack(b'9 [1,"p",1,[["ph",1,null,[60,"2026-05-04T12:00:00Z",7,"complete"]]]]'))
    row = {"venue": "binance", "symbol": "BTC/USDT", "timeframe": "1h", "ts": "2026-05-04T12:00:00Z"}
    _loaded(world, [row])
    assert [message["data"] for message in _messages(client)] == [[row]]


def test_an_item_of_a_newer_publisher_is_left_out_and_a_broken_one_is_no_end() -> None:
    world = World()
    client = world.follow(TRADES_KEY)
    world.settle()
    world.hub.hear(unpack(b'9 [1,"p",1,[["zz",1,[1]]]]'))
    assert client.resyncs == 0
    world.hub.hear(unpack(b'9 [1,"p",2,[["t",1,[1]],["t"],"t",[]]]'))
    world.settle()
    assert client.resyncs >= 1


def test_answers_that_nobody_reads_are_bounded() -> None:
    outbox = Outbox(lambda *_: None, lambda: None)
    for _ in range(1_000):
        outbox.tell({"type": "error"})
    assert outbox.stuck


def test_a_heartbeat_counts_what_went_before_it() -> None:
    outbox = Outbox(lambda *_: None, lambda: None)
    for _ in range(3):
        outbox.tell({"type": "error"})
    assert outbox.next() is not None
    outbox.beat()
    assert json.loads(outbox.next() or b"") == {"type": "heartbeat", "messages": 1}
    assert outbox.next() is not None


def test_topics_are_sent_in_turn() -> None:
    world = World()
    outbox = Outbox(world.hub.resync, lambda: None)
    for key in (TRADES_KEY, CANDLES_KEY):
        world.hub.follow(outbox, key, None)
    _loaded(world)
    while outbox.next() is not None:
        pass
    for number in range(3):
        world.base.commit(world.base.begin([(TRADES, values_of(TRADES, number))]))
    world.base.commit(world.base.begin([(CLOSED, values_of(CLOSED, 0))]))
    world.deliver(10)
    topics = [json.loads(text)["topic"].split(":")[0] for _ in range(4) if (text := outbox.next())]
    assert topics == ["trades", "candles", "trades", "trades"]


def test_a_topic_that_nobody_follows_any_more_is_forgotten() -> None:
    world = World()
    client = world.follow(TRADES_KEY)
    world.settle()
    assert world.hub.leave(client.outbox, "trades:binance:BTC/USDT")
    assert not world.hub.leave(client.outbox, "trades:binance:BTC/USDT")
    assert world.hub.topics == []
    again = world.follow(TRADES_KEY)
    world.hub.leave_all(again.outbox)
    world.settle()
    assert world.hub.topics == []


def _loaded(world: World, rows: list[dict[str, Any]] | None = None) -> None:
    for topic in list(world.wanted):
        del world.wanted[topic]
        world.hub.loaded(topic, topic.generation, Seen(1, 1), Image(rows=rows or []))


def _messages(client: Client) -> list[dict[str, Any]]:
    found = []
    while (text := client.outbox.next()) is not None:
        found.append(json.loads(text))
    return [message for message in found if message["type"] in ("snapshot", "update") and message["data"]]
