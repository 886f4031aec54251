"""A worker that does not keep up with its sockets: books are of some time ago, and no stream is silent."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_resources.streams.protocols import Subscription
from alphapulse_sim.process import SimulatorProcess
from tests.integration.test_stream_liveness import BASES, OPTIONS, VENUES, Followed, Venue, followed

FRAME_SECONDS = 0.1
"""What each frame costs a machine that is far too slow."""


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    warm_up()
    with SimulatorProcess(seed=13) as running:
        yield running


@pytest.mark.parametrize("venue", [VENUES[0], VENUES[3]], ids=lambda venue: venue.market)
def test_what_waits_unread_here_makes_books_late_and_no_stream_silent(
    venue: Venue, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    async def story() -> None:
        made = followed(venue, simulator, tmp_path)
        task = asyncio.create_task(made.stream.run())
        try:
            await made.until("all books", lambda: states(made) == {"synced"})
            await fall_behind(made)
            await made.until("books of now", lambda: states(made) == {"synced"})
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())


async def fall_behind(made: Followed) -> None:
    session, feed, renewed = made.stream.session, made.stream.feed, list[Subscription]()
    take, renew, until = session.received, feed.renew, 1.5 * OPTIONS.silence_seconds

    def slowly(connection: str, body: bytes, at: float) -> None:
        time.sleep(FRAME_SECONDS)
        take(connection, body, at)

    def counted(subscription: Subscription) -> None:
        renewed.append(subscription)
        renew(subscription)

    session.received, feed.renew = slowly, counted  # type: ignore[method-assign]
    try:
        await made.until("frames that wait", lambda: feed.behind(time.time()) > until)
        await made.until("late books", lambda: states(made) == {"lagging"})
    finally:
        session.received = take  # type: ignore[method-assign]
    await made.until("all frames taken", lambda: feed.behind(time.time()) < 1.0)
    causes = {cause for base in BASES for cause in made.causes(base)}
    assert {"late"} <= causes
    assert not causes & {"silent", "unheard", "gap", "trades_silent", "candles_silent"}
    assert renewed == []


def states(made: Followed) -> set[str]:
    return {made.state(base) for base in BASES}
