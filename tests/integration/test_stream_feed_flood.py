"""The transport under more than it can take: floods, slow consumers, frames of any size, impatient venues."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise

import pytest
from stream_feed_support import DEPTH, QUICK, Recorder, feeding, subscriptions
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bench.flooded import until

FLOOD = 3000
Serve = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def venue(handler: Serve, ping_seconds: float | None = None) -> AsyncIterator[str]:
    """A venue that does what `handler` says, on loopback; its address as a venue_url."""

    async def quietly(socket: ServerConnection) -> None:
        try:
            await handler(socket)
        except ConnectionClosed:
            return

    async with serve(
        quietly, "127.0.0.1", 0, compression=None, ping_interval=ping_seconds, ping_timeout=ping_seconds
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{port}"


def frame(symbol: str, number: int, padding: int = 0) -> str:
    body = f'{{"stream":"{symbol.lower()}@depth@100ms","data":{{"e":"depthUpdate","u":{number}'
    return f'{body},"x":"{"x" * padding}"}}}}'


def number_of(body: bytes) -> int:
    return int(body.split(b'"u":')[1].split(b"}")[0].split(b",")[0])


def play(story: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(60):
            await story()

    asyncio.run(run())


class Slow(Recorder):
    def received(self, connection: str, body: bytes, at: float) -> None:
        super().received(connection, body, at)
        time.sleep(0.001)


async def flooding(socket: ServerConnection) -> None:
    """AAAUSDT by the thousand as fast as it goes, everything else twenty times a second."""
    asked = await socket.recv()
    busy = "aaausdt" in asked
    for number in range(FLOOD if busy else 100_000):
        await socket.send(frame("AAAUSDT" if busy else "BBBUSDT", number))
        if not busy:
            await asyncio.sleep(0.05)
    await socket.wait_closed()


def test_each_frame_of_a_flood_is_handed_over_or_counted_and_the_newest_are_kept() -> None:
    recorder = Slow("binance")
    wanted = subscriptions(["AAAUSDT"], DEPTH)

    async def story() -> None:
        async with (
            venue(flooding) as url,
            feeding(url, recorder, wanted, replace(QUICK, most_queued=200)) as feed,
        ):
            await until(lambda: recorder.frames and number_of(recorder.frames[-1][1]) == FLOOD - 1)
            assert feed.dropped > 0
            assert len(recorder.frames) + feed.dropped == FLOOD
            [status] = feed.status()
            assert (status.frames, status.dropped, status.queued) == (FLOOD, feed.dropped, 0)

    play(story)
    numbers = [number_of(body) for _, body, _ in recorder.frames]
    assert all(before < after for before, after in pairwise(numbers))


def test_a_flooded_connection_does_not_keep_another_from_its_turn() -> None:
    recorder = Slow("binance")
    wanted = subscriptions(["AAAUSDT", "BBBUSDT"], DEPTH)
    options = replace(QUICK, most_streams=1, most_queued=FLOOD)

    async def story() -> None:
        async with venue(flooding) as url, feeding(url, recorder, wanted, options) as feed:
            await until(lambda: len(recorder.of(wanted[0])) == FLOOD)
            assert feed.dropped == 0

    play(story)
    order = [b"aaausdt" in body for _, body, _ in recorder.frames]
    first, last = order.index(True), len(order) - order[::-1].index(True)
    assert order[first:last].count(False) >= 10  # 3 s of the flood at 20 a second


def test_frames_that_wait_when_a_connection_ends_come_before_its_end_is_told() -> None:
    recorder = Slow("binance")

    async def burst(socket: ServerConnection) -> None:
        await socket.recv()
        for number in range(300):
            await socket.send(frame("AAAUSDT", number))
        await socket.close(1001, "going away")

    async def story() -> None:
        async with venue(burst) as url, feeding(url, recorder, subscriptions(["AAAUSDT"], DEPTH)):
            await until(lambda: len(recorder.closes) == 2)

    play(story)
    for name, why in recorder.closes[:2]:
        assert "1001" in why
        closed = recorder.order.index(("closed", name))
        assert recorder.order[:closed].count(("received", name)) == 300
        assert recorder.order[closed:].count(("received", name)) == 0


def test_an_oversized_frame_costs_the_connection_and_nothing_else() -> None:
    recorder = Recorder("binance")
    sizes = iter([100_000])

    async def swelling(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(frame("AAAUSDT", 1))
        await socket.send(frame("AAAUSDT", 2, padding=next(sizes, 10)))
        await socket.wait_closed()

    async def story() -> None:
        options = replace(QUICK, most_frame_bytes=10_000)
        async with venue(swelling) as url, feeding(url, recorder, subscriptions(["AAAUSDT"], DEPTH), options):
            await until(lambda: len(recorder.frames) == 3)

    play(story)
    assert "1009" in recorder.closes[0][1]
    assert [name for name, _, _ in recorder.frames] == ["binance-1", "binance-2", "binance-2"]


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"[" * 10_000, b"null"])
def test_frames_of_any_bytes_are_handed_over(body: bytes) -> None:
    recorder = Recorder("binance")

    async def odd(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(body, text=True)
        await socket.send(frame("AAAUSDT", 1))
        await socket.wait_closed()

    async def story() -> None:
        async with venue(odd) as url, feeding(url, recorder, subscriptions(["AAAUSDT"], DEPTH)):
            await until(lambda: len(recorder.frames) == 2)

    play(story)
    assert recorder.frames[0][1] == body
    assert recorder.opens == ["binance-1"]


def test_pings_of_the_venue_are_answered() -> None:
    recorder = Recorder("binance")

    async def story() -> None:
        wanted = subscriptions(["BBBUSDT"], DEPTH)
        async with venue(flooding, ping_seconds=0.2) as url, feeding(url, recorder, wanted):
            await until(lambda: len(recorder.frames) > 40)  # two seconds, ten pings

    play(story)
    assert recorder.opens == ["binance-1"]


async def idle(socket: ServerConnection) -> None:
    """A market in which nothing happens; the venue answers."""
    async for text in socket:
        await socket.send(f'{{"result":null,"id":{json.loads(text)["id"]}}}')


def test_an_idle_market_is_not_taken_for_a_silent_venue() -> None:
    recorder = Recorder("binance")
    options = replace(QUICK, silence_seconds=0.4)

    async def story() -> None:
        async with venue(idle) as url, feeding(url, recorder, subscriptions(["AAAUSDT"], DEPTH), options):
            await until(lambda: len(recorder.frames) > 8)

    play(story)
    assert recorder.opens == ["binance-1"]


def test_a_venue_that_answers_but_tells_nothing_is_given_up_in_the_end() -> None:
    recorder = Recorder("binance")
    options = replace(QUICK, silence_seconds=0.4, stream_silence_seconds=1.2)

    async def story() -> None:
        async with venue(idle) as url, feeding(url, recorder, subscriptions(["AAAUSDT"], DEPTH), options):
            await until(lambda: len(recorder.opens) > 1)

    play(story)
    assert "but for answers" in recorder.closes[0][1]


def test_requests_keep_below_the_venues_limit_however_often_wishes_change() -> None:
    recorder = Recorder("binance")
    heard: list[float] = []

    async def counting(socket: ServerConnection) -> None:
        async for _ in socket:
            heard.append(time.monotonic())

    async def story() -> None:
        async with venue(counting) as url, feeding(url, recorder, []) as feed:
            for number in range(40):
                feed.want(subscriptions([f"S{number + step}USDT" for step in range(3)], DEPTH))
                await asyncio.sleep(0.05)
            settled = len(heard)
            await until(lambda: len(heard) > settled)
            await asyncio.sleep(0.7)
            feed.want(subscriptions(["S40USDT"], DEPTH))
            await asyncio.sleep(0.7)

    play(story)
    assert len(heard) >= 6
    for first, sixth in zip(heard, heard[5:], strict=False):
        assert sixth - first > 1.0  # Binance: five in a second
