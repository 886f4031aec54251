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
from webhook_support import receiver

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


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_as_failed_and_not_followed(status: int) -> None:
    async def answer(_: int) -> web.Response:
        return web.Response(status=status, headers={"Location": "http://127.0.0.1:1/elsewhere"})

    async def main() -> tuple[list[Settled], list[str]]:
        async with _webhook(answer) as (url, titles):
            return await _run(url, 5, lambda sink: sink.offer(_message(1)), 1), titles

    found, titles = asyncio.run(main())
    assert (found[0].outcome, found[0].attempts) == ("failed", 1)
    assert "redirect to http://127.0.0.1" in (found[0].error or "")
    assert len(titles) == 1


def test_a_receiver_that_asks_to_wait_gets_nothing_before() -> None:
    times: list[float] = []

    async def answer(number: int) -> web.Response:
        times.append(asyncio.get_running_loop().time())
        wait = {"Retry-After": "1.5"} if number == 1 else {}
        return web.Response(status=429 if number == 1 else 204, headers=wait)

    async def main() -> tuple[list[Settled], list[str]]:
        async with _webhook(answer) as (url, titles):
            found = await _run(url, 5, lambda sink: [sink.offer(_message(n)) for n in range(2)] and None, 2)
            return found, titles

    found, titles = asyncio.run(main())
    assert [(each.outcome, each.attempts) for each in found] == [("delivered", 2), ("delivered", 1)]
    assert titles == ["wall 0", "wall 0", "wall 1"]
    assert times[1] - times[0] >= 1.5


def test_a_receiver_that_asks_to_wait_for_long_is_left_alone() -> None:
    async def answer(_: int) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "3600"})

    async def main() -> tuple[list[Settled], list[str]]:
        async with _webhook(answer) as (url, titles):
            found = await _run(url, 5, lambda sink: [sink.offer(_message(n)) for n in range(3)] and None, 3)
            return found, titles

    found, titles = asyncio.run(main())
    assert [each.outcome for each in found] == ["failed"] * 3
    assert len(titles) == 1
    assert "3600 s" in (found[0].error or "")


def test_it_speaks_the_form_that_is_set() -> None:
    async def main(url: str) -> list[Settled]:
        found: list[Settled] = []
        sink = WebhookSink(SecretStr(url), 5, found.append, "discord")
        task = asyncio.create_task(sink.run())
        sink.offer(_message(1))
        await _settled(found, 1)
        task.cancel()
        return found

    with receiver() as got:
        assert asyncio.run(main(got.url))[0].outcome == "delivered"
    assert "wall 1" in got.bodies[0]["content"]


@pytest.mark.parametrize("url", ["http://169.254.169.254/x", "http://[::bad/x"])
def test_nothing_is_sent_where_nothing_may_be_sent(url: str) -> None:
    found = asyncio.run(_run(url, 5, lambda sink: sink.offer(_message(1)), 1))
    assert (found[0].outcome, found[0].attempts) == ("failed", 0)
