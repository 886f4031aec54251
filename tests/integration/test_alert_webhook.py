"""Alerts reach a webhook over a real socket: each once, not too many, and never with the address told."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest
from aiohttp import web
from pydantic import SecretStr

from alphapulse_resources.alerts import AlertMessage, Settled, WebhookSink

SECRET = "s3cret-path"
MOMENT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def _message(number: int) -> AlertMessage:
    return AlertMessage(1, MOMENT, "whale", str(number), {"title": f"wall {number}"})


@asynccontextmanager
async def _webhook(answer: Callable[[int], Awaitable[web.Response]]) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that answers its nth request as told; its address, and the titles it was given."""
    titles: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        titles.append(json.loads(await request.text())["title"])
        return await answer(len(titles))

    app = web.Application()
    app.router.add_post(f"/{SECRET}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}/{SECRET}", titles
    finally:
        await runner.cleanup()


async def _ok(_: int) -> web.Response:
    return web.Response()


async def _settled(found: list[Settled], count: int, seconds: float = 20.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if len(found) >= count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"only {len(found)} of {count} alerts were settled")


async def _run(url: str, per_minute: int, offer: Callable[[WebhookSink], None], count: int) -> list[Settled]:
    found: list[Settled] = []
    sink = WebhookSink(SecretStr(url), per_minute, found.append)
    task = asyncio.create_task(sink.run())
    offer(sink)
    await _settled(found, count)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return found


def test_alerts_are_delivered_in_order_and_once() -> None:
    async def main() -> tuple[list[Settled], list[str]]:
        async with _webhook(_ok) as (url, titles):
            found = await _run(url, 10, lambda sink: [sink.offer(_message(n)) for n in range(3)] and None, 3)
            return found, titles

    found, titles = asyncio.run(main())
    assert titles == ["wall 0", "wall 1", "wall 2"]
    assert [(each.outcome, each.attempts, each.error) for each in found] == [("delivered", 1, None)] * 3


def test_more_than_allowed_a_minute_are_suppressed_and_told() -> None:
    async def main() -> tuple[list[Settled], list[str]]:
        async with _webhook(_ok) as (url, titles):
            found = await _run(url, 2, lambda sink: [sink.offer(_message(n)) for n in range(5)] and None, 5)
            return found, titles

    found, titles = asyncio.run(main())
    assert sorted(titles) == ["wall 0", "wall 1"]
    outcomes = {each.message.reference: each.outcome for each in found}
    assert outcomes == {"0": "delivered", "1": "delivered", **dict.fromkeys("234", "suppressed")}


def test_a_webhook_that_fails_for_a_while_gets_the_alert_again() -> None:
    async def answer(number: int) -> web.Response:
        return web.Response(status=503 if number < 3 else 200)

    async def main() -> tuple[list[Settled], list[str]]:
        async with _webhook(answer) as (url, titles):
            return await _run(url, 5, lambda sink: sink.offer(_message(7)), 1), titles

    found, titles = asyncio.run(main())
    assert (found[0].outcome, found[0].attempts) == ("delivered", 3)
    assert titles == ["wall 7"] * 3


@pytest.mark.parametrize(("status", "attempts"), [(400, 1), (404, 1), (500, 4)])
def test_what_cannot_be_delivered_is_told_without_the_address(
    status: int, attempts: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(_: int) -> web.Response:
        return web.Response(status=status)

    async def main() -> list[Settled]:
        async with _webhook(answer) as (url, _):
            return await _run(url, 5, lambda sink: sink.offer(_message(1)), 1)

    with caplog.at_level(logging.DEBUG, logger="alphapulse_resources"):
        found = asyncio.run(main())
    assert (found[0].outcome, found[0].attempts) == ("failed", attempts)
    assert str(status) in (found[0].error or "")
    assert SECRET not in caplog.text
    assert SECRET not in (found[0].error or "")


def test_what_still_waits_at_the_end_is_told_as_failed() -> None:
    async def hang(_: int) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async def main() -> list[Settled]:
        found: list[Settled] = []
        async with _webhook(hang) as (url, titles):
            sink = WebhookSink(SecretStr(url), 10, found.append)
            task = asyncio.create_task(sink.run())
            for number in range(3):
                sink.offer(_message(number))
            for _ in range(500):
                if titles:
                    break
                await asyncio.sleep(0.01)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        return found

    found = asyncio.run(main())
    assert [(each.message.reference, each.outcome) for each in found] == [(n, "failed") for n in "012"]
