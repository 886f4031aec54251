"""A provider that is no venue: an HTTP server on loopback, and what AlphaPulse would need to ask it.

It tells the market cap of coins, an hour a row, at most `limit` rows an answer, and can be told to fail.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl
from aiohttp import web
from pydantic import SecretStr

from alphapulse_assets.datasets.fetching import Fetching
from alphapulse_assets.datasets.page_rules import TableRules
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.fetch_store import Batch, FetchStore
from alphapulse_resources.database.tables import Table
from alphapulse_resources.providers.client import SOURCE, ProviderClient
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.paging import Turn, pages
from alphapulse_resources.providers.provider import Provider, ProviderLimits, all_budgets
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_resources.venues.model import Page, Reject
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_resources.venues.sources import pages_in_turn

HOUR: Final = timedelta(hours=1)
KEY: Final = "k3y-of-the-toy"
TOY: Final = Provider(
    name="toycap",
    host="api.toycap.example",
    limits=ProviderLimits(a_minute=6000, a_day=100_000),
    key_header="x-toy-key",
    used_weight=lambda headers: float(headers["X-Used"]) if "X-Used" in headers else None,
)
CAPS: Final = Table(
    "toy_caps",
    key=("provider", "series", "ts"),
    values=("known_at", "market_cap"),
    provenance=("received_at",),
)
CREATE: Final = """
CREATE TABLE toy_caps (
    provider text NOT NULL, series text NOT NULL, ts timestamptz NOT NULL,
    known_at timestamptz NOT NULL, market_cap double precision NOT NULL, received_at timestamptz NOT NULL,
    PRIMARY KEY (provider, series, ts))
"""
CAP_SCHEMA: Final = pl.Schema(
    {"ts": pl.Datetime("us", "UTC"), "known_at": pl.Datetime("us", "UTC"), "market_cap": pl.Float64()}
)

Fault = Callable[[web.Request, dict[str, Any]], web.Response | dict[str, Any]]
"""What is answered instead, of a request and the true body."""


def true_cap(ts: datetime) -> float:
    """What the toy says of an hour."""
    return 1e12 + ts.timestamp() % 86_400


@dataclass
class ToyServer:
    """The provider. `fault` is asked before each answer; `asked` are the queries that came."""

    limit: int = 10
    fault: Fault | None = None
    extra: dict[datetime, list[Any]] = field(default_factory=dict)  # rows put behind that of an hour
    asked: list[dict[str, str]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)
    url: str = ""

    async def caps(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        self.keys.add(request.headers.get("x-toy-key"))
        answer: web.Response | dict[str, Any] = self._body(request)
        if self.fault is not None and isinstance(answer, dict):
            answer = self.fault(request, answer)
        if isinstance(answer, web.Response):
            return answer
        return web.json_response(answer, headers={"X-Used": str(len(self.asked))})

    def _body(self, request: web.Request) -> dict[str, Any]:
        start, end = (datetime.fromisoformat(request.query[name]) for name in ("from", "to"))
        first = datetime.fromisoformat(request.query.get("after", start.isoformat()))
        hours = [start + n * HOUR for n in range((end - start) // HOUR)]
        left = [ts for ts in hours if ts >= first]
        rows: list[Any] = []
        for ts in left[: self.limit]:
            rows += [[ts.isoformat(), true_cap(ts)], *self.extra.get(ts, [])]
        more = left[self.limit :]
        return {"rows": rows, "left": len(more), "next": more[0].isoformat() if more else None}


@contextmanager
def running(server: ToyServer) -> Iterator[ToyServer]:
    """The server on a free port of this machine, in a thread of its own."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    app = web.Application()
    app.router.add_get("/" + TOY.host + "/v1/caps/{coin}", server.caps)
    runner = web.AppRunner(app)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()

    def serve() -> None:
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


class ToySource:
    """The toy's caps as pages: what a provider's folder holds besides its `Provider`."""

    def __init__(self, client: ProviderClient) -> None:
        self._client = client

    def pages(
        self, series: Series, start: datetime, end: datetime, now: datetime
    ) -> Iterator[Page[pl.DataFrame]]:
        def ask(turn: Turn) -> Page[pl.DataFrame]:
            query = {"from": turn.asked_from.isoformat(), "to": turn.end.isoformat()}
            query |= {"after": turn.cursor} if turn.cursor else {}
            answer = self._client.get(
                f"/v1/caps/{series.name}",
                query,
                series,
                (turn.start, turn.end),
                lambda body: _read(body, turn),
            )
            page = answer.value
            page.fetches.extend(answer.fetches)
            return page

        return pages(ask, start, min(end, now), timedelta(days=1), series)


def _read(body: Any, turn: Turn) -> Page[pl.DataFrame]:
    """One answer: it ends behind its last row where the toy says that rows are left."""
    rows: list[tuple[datetime, datetime, float]] = []
    rejects: list[Reject] = []
    for row in body["rows"]:
        try:
            ts = datetime.fromisoformat(row[0])
            rows.append((ts, ts + HOUR, float(row[1])))
        except (TypeError, ValueError) as error:
            rejects.append(Reject("unreadable_value", {"row": row, "error": str(error)}))
    frame = pl.DataFrame(rows, schema=CAP_SCHEMA, orient="row")
    reached = turn.end
    if body["left"]:
        reached = rows[-1][1] if rows else turn.start
    return Page(SOURCE, turn.start, reached, frame, rejects, [], body["next"])


def make_fetching(
    database: Database, url: str, now: datetime, *, batch: str | None = None, max_wait: float = 5.0
) -> Fetching[Series, Page[pl.DataFrame]]:
    """A fetch as a run would make it: nothing in it knows how often it was tried before."""
    limiter = DatabaseRateLimiter(database.dsn, max_wait=max_wait, budgets=all_budgets([TOY]))
    settings = Settings(venue_url=url)
    client = ProviderClient(TOY, settings, Gateway(limiter, [TOY]), SecretStr(KEY))
    source = ToySource(client)
    rules = TableRules(database, CAPS, now, {"market_cap_too_low": pl.col("market_cap") <= 0})
    return Fetching(
        FetchStore(database, "toy_caps"),
        rules,
        lambda series, start, end: pages_in_turn(
            {SOURCE: source}, (SOURCE,), series, (start, end), now, "market caps"
        ),
        Batch(batch, "run-1"),
        now.astimezone(UTC),
    )


def soon(seen: datetime, asked: datetime) -> bool:
    """Whether something was seen when the answer had come: after it was asked for, and not long after."""
    return asked < seen < asked + timedelta(minutes=2)
