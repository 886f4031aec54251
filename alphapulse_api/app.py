"""The application: every reading of the catalogue as an endpoint, and the terminal's page."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alphapulse.readings.catalogue import READINGS
from alphapulse.readings.reading import Reading
from alphapulse_api.access import Access, Policy
from alphapulse_api.answering import Answers
from alphapulse_api.asking import add_asking
from alphapulse_api.broadcasting.endpoint import mount
from alphapulse_api.broadcasting.live import Live
from alphapulse_api.cache import Cache
from alphapulse_api.keyring import Keyring
from alphapulse_api.named import add_named
from alphapulse_api.openapi import Documents
from alphapulse_api.page import Page
from alphapulse_api.problems import add_handlers
from alphapulse_api.reading_database import ReadingDatabase
from alphapulse_api.self_description import Metrics, add_self_description, released
from alphapulse_api.writing import Writer, add_writing
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import PROJECT_ROOT

PAGE: Final = PROJECT_ROOT / "dashboard" / "dist"
"""The built page."""
READS: Final = ["GET", "HEAD"]
PREFIX: Final = "/api/v1"
WRITING_THREADS: Final = 2
"""What is written is rare and short (ours)."""


def make_app(
    database: Database,
    page: Path = PAGE,
    *,
    owner: Database | None = None,
    live: Live | None = None,
    writer: Writer | None = None,
    policy: Policy | None = None,
    threads: int = 4,
    cache_bytes: int = 64 * 2**20,
    dagster_url: str | None = None,
) -> FastAPI:
    """The application over a database that it only reads.

    owner: the pipeline's log-in, by which keys are looked up; without it no key is taken, and only this
    machine is answered. live: what `/ws` tells, if it is to be there. writer: what writes rules and
    watchlists; without it nothing can be written.
    """
    reader = ReadingDatabase(database, threads)
    answers = Answers(reader, Cache(cache_bytes, lambda answer: answer.size))
    metrics = Metrics(answers)
    writing = ReadingDatabase(owner, WRITING_THREADS) if owner is not None else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for each in (reader, writing):
                if each is not None:
                    stack.callback(each.close)
            yield

    app = FastAPI(title="AlphaPulse", version=released(), lifespan=lifespan, openapi_url=None)
    app.state.answers, app.state.metrics = answers, metrics
    add_handlers(app)
    documents = Documents(answers.shapes, released(), writes=writer is not None)
    add_self_description(app, answers, documents, metrics, dagster_url)
    if writer is not None and writing is not None:
        add_writing(app, writer, writing)
    for reading in READINGS:
        add_reading(app, f"{PREFIX}/{reading.path}", reading, answers)
    add_named(app, answers)
    add_asking(app, reader)
    if live is not None:
        mount(app, live)
    app.mount("/", Page(page))
    app.add_middleware(Access, policy=policy or Policy(), keyring=Keyring(owner))
    app.add_middleware(_Counting, metrics=metrics)
    return app


def add_reading(app: FastAPI, path: str, reading: Reading, answers: Answers) -> None:
    """A reading at a path."""
    app.add_api_route(path, _endpoint(reading, answers), methods=READS, include_in_schema=False)


def _endpoint(reading: Reading, answers: Answers) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await answers.answer(reading, request)

    return endpoint


class _Counting:
    """Counts requests and the time that they take."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(method, str(status)).inc()
            self._metrics.seconds.labels(method).inc(time.perf_counter() - began)


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
