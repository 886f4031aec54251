"""The transport against the simulator's sockets: subscriptions, faults, renewal, end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from stream_feed_support import CANDLES, DEPTH, QUICK, TRADES, Recorder, feeding, subscriptions

from alphapulse_resources.streams import feed as feed_module
from alphapulse_resources.streams.feed import Feed
from alphapulse_resources.streams.messages import DepthDiff, DepthSnapshot, Refusal
from alphapulse_resources.streams.protocols import Subscription
from alphapulse_resources.streams.venues import ADAPTERS, PROTOCOLS
from alphapulse_sim.process import SimulatorProcess
from bench.flooded import until

SPOT_HOST = "stream.binance.com:9443"
MARKETS = ("binance", "binanceusdm", "bybit.spot", "bybit.linear", "coinbase")
BTC, ETH, SOL = "BTCUSDT", "ETHUSDT", "SOLUSDT"


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7, extra=20) as sim:
        yield sim


@pytest.fixture
def sim(running: SimulatorProcess) -> Iterator[SimulatorProcess]:
    running.clear()
    yield running
    running.clear()
    running.set_clock(None)


def play(story: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(60):
            await story()

    asyncio.run(run())


def decoded(recorder: Recorder, kind: type[Any], since: int = 0) -> list[Any]:
    adapter = ADAPTERS[PROTOCOLS[recorder.market].venue]
    messages = (message for _, body, _ in recorder.frames[since:] for message in adapter.decode(body))
    return [message for message in messages if isinstance(message, kind)]


def diffs(recorder: Recorder, symbol: str) -> list[DepthDiff]:
    return [each for each in decoded(recorder, DepthDiff) if each.symbol == symbol]


def symbols_of(market: str) -> tuple[str, str, str]:
    return ("BTC-USD", "ETH-USD", "SOL-USD") if market == "coinbase" else (BTC, ETH, SOL)


@pytest.mark.parametrize("market", MARKETS)
def test_every_subscription_of_every_market_delivers_and_none_is_refused(
    sim: SimulatorProcess, market: str
) -> None:
    wanted = subscriptions(symbols_of(market)[:2], *PROTOCOLS[market].channels)
    recorder = Recorder(market)
    sim.set_clock(None, rate=8.0)  # on a quiet Sunday nobody trades for longer than is waited

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted):
            await until(lambda: recorder.heard() == set(wanted))

    play(story)
    assert decoded(recorder, Refusal) == []
    assert {why for _, why in recorder.closes} == {"stopped"}
    assert sorted(name for name, _ in recorder.closes) == sorted(recorder.opens)
    if market == "binanceusdm":
        on = {name: recorder.heard(connection=name) for name in recorder.opens}
        assert sorted({each.channel for each in found} == {DEPTH} for found in on.values()) == [False, True]
        assert {entry["path"] for entry in sim.log()} == {"/public/stream", "/market/stream"}


def test_many_symbols_are_split_over_connections_within_the_limit(sim: SimulatorProcess) -> None:
    wanted = subscriptions([f"T{number:03d}USDT" for number in range(18)], DEPTH, TRADES, CANDLES)
    recorder = Recorder("binance")

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted, replace(QUICK, most_streams=20)) as feed:
            await until(lambda: {each for each in recorder.heard() if each.channel is not TRADES} >= quoted)
            assert sorted(status.subscriptions for status in feed.status()) == [14, 20, 20]
            assert {status.dropped for status in feed.status()} == {0}

    quoted = {each for each in wanted if each.channel is not TRADES}
    play(story)
    homes = {each: {name for name, _ in recorder.of(each)} for each in recorder.heard()}
    assert {len(names) for names in homes.values()} == {1}


def test_symbols_come_and_go_without_touching_the_others(sim: SimulatorProcess) -> None:
    recorder = Recorder("binance")
    first, second = subscriptions([BTC, ETH], DEPTH), subscriptions([BTC, SOL], DEPTH)

    async def story() -> None:
        async with feeding(sim.url, recorder, first) as feed:
            await until(lambda: recorder.heard() == set(first))
            feed.want(second)
            await until(lambda: second[1] in recorder.heard())
            await asyncio.sleep(0.5)
            since = len(recorder.frames)
            await asyncio.sleep(1.0)
            assert recorder.heard(since) == set(second)
            assert len(feed.status()) == 1

    play(story)
    assert recorder.opens == ["binance-1"]
    assert all(after.previous_id == before.last_id for before, after in pairwise(diffs(recorder, BTC)))


def test_a_connection_that_nothing_is_wanted_of_is_closed_and_opened_again_on_demand(
    sim: SimulatorProcess,
) -> None:
    recorder = Recorder("binance")
    wanted = subscriptions([BTC], DEPTH)

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted) as feed:
            await until(lambda: recorder.heard() == set(wanted))
            feed.want([])
            await until(lambda: recorder.closes)
            assert feed.status() == []
            since = len(recorder.frames)
            feed.want(wanted)
            await until(lambda: recorder.heard(since) == set(wanted))

    play(story)
    assert recorder.closes[0] == ("binance-1", "nothing is subscribed on it any more")
    assert recorder.opens == ["binance-1", "binance-2"]


@pytest.mark.parametrize("market", MARKETS)
def test_a_refused_symbol_blocks_no_other_is_not_asked_for_in_a_loop_and_comes_when_renewed(
    sim: SimulatorProcess, market: str
) -> None:
    recorder = Recorder(market)
    symbols = symbols_of(market)
    wanted = subscriptions(symbols, DEPTH)
    bad = wanted[1]
    options = replace(QUICK, renew_seconds=60.0)

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted, options) as feed:
            await until(lambda: recorder.heard() == {wanted[0], wanted[2]})
            await asyncio.sleep(1.0)
            refusals = len(decoded(recorder, Refusal))
            assert 1 <= refusals <= 3  # the batch, its half, itself
            for _ in range(20):
                feed.renew(bad)
            await until(lambda: len(decoded(recorder, Refusal)) > refusals)
            await asyncio.sleep(1.0)
            assert len(decoded(recorder, Refusal)) == refusals + 1
            sim.clear()
            feed.want([each for each in wanted if each != bad])
            feed.want(wanted)
            feed.renew(bad)
            await until(lambda: bad in recorder.heard())

    sim.fault("ws_subscribe_error", symbol=bad.symbol)
    play(story)
    assert {why for _, why in recorder.closes} == {"stopped"}


def test_a_refusal_that_passes_elsewhere_is_not_taken_for_a_limit_of_the_connection(
    sim: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder("binance")
    first = subscriptions([BTC, ETH, SOL], DEPTH)
    more = [*first, *subscriptions(["XRPUSDT", "ADAUSDT"], DEPTH)]

    async def story() -> None:
        async with feeding(sim.url, recorder, first) as feed:
            await until(lambda: recorder.heard() == set(first))
            feed.want(more)
            await until(lambda: recorder.heard() == set(more))

    monkeypatch.setattr(feed_module, "ELSEWHERE_AFTER", 1)
    sim.fault(
        "ws_subscribe_error", symbol=ETH, message="try again", times=3
    )  # in the batch, its half, itself
    play(story)
    homes = {each: {name for name, _ in recorder.of(each)} for each in more}
    assert homes.pop(first[1]) == {"binance-2"}
    assert set.union(*homes.values()) == {"binance-1"}


def test_a_renewed_stream_begins_anew_and_the_others_do_not_notice(sim: SimulatorProcess) -> None:
    recorder = Recorder("bybit.linear")
    wanted = subscriptions([BTC, ETH], DEPTH)

    def snapshots() -> list[str]:
        return [each.symbol for each in decoded(recorder, DepthSnapshot)]

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted) as feed:
            await until(lambda: recorder.heard() == set(wanted))
            feed.renew(wanted[0])
            feed.renew(Subscription("NEVERUSDT", DEPTH))
            await until(lambda: snapshots().count(BTC) == 2)
            await asyncio.sleep(0.5)

    play(story)
    assert sorted(snapshots()) == [BTC, BTC, ETH]
    assert recorder.opens == ["bybit.linear-1"]


def test_the_application_is_pinged_as_bybit_wants_it(
    sim: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    often = replace(PROTOCOLS["bybit.spot"], probe_seconds=0.2)
    monkeypatch.setitem(PROTOCOLS, "bybit.spot", often)
    recorder = Recorder("bybit.spot")

    async def story() -> None:
        async with feeding(sim.url, recorder, subscriptions([BTC], DEPTH), replace(QUICK, silence_seconds=2)):
            await until(lambda: pongs() >= 3)

    def pongs() -> int:
        return sum(b'"pong"' in body for _, body, _ in recorder.frames)

    play(story)
    assert pongs() >= 3
    assert recorder.opens == ["bybit.spot-1"]


@pytest.mark.parametrize(("kind", "told"), [("ws_reset", "no close frame"), ("ws_close", "1008")])
def test_a_broken_connection_is_followed_by_another_with_the_same_subscriptions(
    sim: SimulatorProcess, kind: str, told: str
) -> None:
    recorder = Recorder("binance")
    wanted = subscriptions([BTC, ETH], DEPTH)

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted):
            await until(lambda: recorder.heard(connection="binance-2") == set(wanted))

    sim.fault(kind, skip=5, times=1)
    play(story)
    assert recorder.opens == ["binance-1", "binance-2"]
    assert recorder.closes[0][0] == "binance-1"
    assert told in recorder.closes[0][1]
    assert recorder.order.index(("closed", "binance-1")) < recorder.order.index(("opened", "binance-2"))


def test_it_never_gives_up_and_says_each_time_why(
    sim: SimulatorProcess, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder("binance")

    async def story() -> None:
        async with feeding(sim.url, recorder, subscriptions([BTC], DEPTH)):
            await until(lambda: recorder.frames)

    sim.fault("status", host=SPOT_HOST, code=503, times=6)
    play(story)
    told = [record.getMessage() for record in caplog.records if "attempt" in record.getMessage()]
    assert len(told) == 6
    assert all("503" in text for text in told)


@pytest.mark.parametrize("code", [403, 418, 429, 451])
def test_a_refused_upgrade_is_not_tried_again_before_retry_after(sim: SimulatorProcess, code: int) -> None:
    recorder = Recorder("binance")

    async def story() -> None:
        async with feeding(sim.url, recorder, subscriptions([BTC], DEPTH)):
            await until(lambda: recorder.frames)

    sim.fault("status", host=SPOT_HOST, code=code, times=1, headers={"Retry-After": "2"})
    play(story)
    first, second = (datetime.fromisoformat(entry["at"]) for entry in sim.log())
    assert (second - first).total_seconds() >= 2


@pytest.mark.parametrize("pongs", [True, False])
def test_silence_is_noticed_even_when_pings_are_answered(sim: SimulatorProcess, pongs: bool) -> None:
    recorder = Recorder("binance")
    wanted = subscriptions([BTC], DEPTH)

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted, replace(QUICK, silence_seconds=1.0)):
            await until(lambda: recorder.heard(connection="binance-2") == set(wanted))

    sim.fault("ws_stall", pongs=pongs, skip=5, times=1)
    play(story)
    name, why = recorder.closes[0]
    assert name == "binance-1"
    assert why.startswith("silent for ")


@pytest.mark.parametrize("market", ["binance", "bybit.spot", "coinbase"])
def test_an_old_connection_is_renewed_by_overlap(sim: SimulatorProcess, market: str) -> None:
    recorder = Recorder(market)
    wanted = subscriptions(symbols_of(market)[:2], DEPTH)
    options = replace(QUICK, lifetime_seconds=3.0, margin_seconds=0.5, overlap_seconds=20.0)
    old, new = f"{market}-1", f"{market}-2"

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted, options):
            await until(lambda: recorder.closes)

    play(story)
    assert recorder.closes[0] == (old, f"renewed by {new}")
    closed = recorder.order.index(("closed", old))
    assert recorder.order.index(("opened", new)) < recorder.order.index(("received", new)) < closed
    before = [name for what, name in recorder.order[:closed] if what == "received"]
    assert recorder_heard_before(recorder, new, len(before)) == set(wanted)
    if market == "binance":  # together they have every diff
        for symbol in (BTC, ETH):
            ids = {(each.previous_id, each.last_id) for each in diffs(recorder, symbol)}
            assert all(after[0] == first[1] for first, after in pairwise(sorted(ids)))


def recorder_heard_before(recorder: Recorder, connection: str, frames: int) -> set[Subscription]:
    """What a connection had told of within the first `frames` frames."""
    part = Recorder(recorder.market, frames=recorder.frames[:frames])
    return part.heard(connection=connection)


def test_a_renewal_waits_no_longer_than_told_for_a_stream_that_never_speaks(sim: SimulatorProcess) -> None:
    recorder = Recorder("binance")
    wanted = subscriptions([BTC, "NOSUCHUSDT"], DEPTH)
    options = replace(QUICK, lifetime_seconds=2.0, margin_seconds=0.5, overlap_seconds=0.5)

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted, options):
            await until(lambda: recorder.closes)

    play(story)
    assert recorder.closes[0] == ("binance-1", "renewed by binance-2")


def test_a_renewal_that_fails_leaves_the_old_connection_and_is_tried_again(sim: SimulatorProcess) -> None:
    recorder = Recorder("binance")
    wanted = subscriptions([BTC], DEPTH)
    options = replace(QUICK, lifetime_seconds=3.0, margin_seconds=0.5)

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted, options):
            await until(lambda: recorder.heard() == set(wanted))
            sim.fault("status", host=SPOT_HOST, code=503, times=2)
            await until(lambda: recorder.closes)

    play(story)
    assert recorder.closes[0][1].startswith("renewed by ")
    assert [entry["status"] for entry in sim.log()][:4] == [101, 503, 503, 101]
    found = diffs(recorder, BTC)
    ids = sorted({(each.previous_id, each.last_id) for each in found})
    assert all(after[0] == before[1] for before, after in pairwise(ids))


@pytest.mark.parametrize("kind", ["ws_malformed", "ws_truncated"])
def test_broken_frames_are_handed_over_and_end_nothing(sim: SimulatorProcess, kind: str) -> None:
    recorder = Recorder("binance")

    async def story() -> None:
        async with feeding(sim.url, recorder, subscriptions([BTC], DEPTH)):
            await until(lambda: sim.faults()[0]["hits"] == 3)
            since = len(recorder.frames)
            await until(lambda: len(recorder.frames) > since + 5)

    sim.fault(kind, skip=3, times=3)
    play(story)
    assert recorder.opens == ["binance-1"]
    bodies = [body for _, body, _ in recorder.frames if not body.endswith(b"}")]
    assert len(bodies) == 3


class Failing(Recorder):
    def received(self, connection: str, body: bytes, at: float) -> None:
        super().received(connection, body, at)
        if b"ETHUSDT" in body:
            raise ValueError("cannot take this")


def test_a_consumer_that_raises_is_logged_with_the_symbol_and_goes_on(
    sim: SimulatorProcess, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Failing("binance")
    wanted = subscriptions([BTC, ETH], DEPTH)

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted):
            await until(lambda: len(recorder.of(wanted[1])) > 10)
            await until(lambda: len(recorder.of(wanted[0])) > 10)

    play(story)
    told = [record for record in caplog.records if "consumer failed" in record.getMessage()]
    assert len(told) == 1  # and not one for each frame
    assert "ETHUSDT depth" in told[0].getMessage()
    assert recorder.opens == ["binance-1"]


def test_what_cannot_be_wanted_is_refused_with_its_name() -> None:
    with pytest.raises(ValueError, match="deribit"):
        Feed("deribit", Recorder("binance"), venue_url=None)
    with pytest.raises(ValueError, match="BTC-USD candles"):
        Feed("coinbase", Recorder("coinbase"), venue_url=None).want(subscriptions(["BTC-USD"], CANDLES))
