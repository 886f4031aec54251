"""The application: every reading of the catalogue as an endpoint, and the terminal's page."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response

from alphapulse.readings.catalogue import READINGS
from alphapulse.readings.reading import Reading
from alphapulse_api.answering import Answers
from alphapulse_api.cache import Cache
from alphapulse_api.page import Page
from alphapulse_api.problems import add_handlers
from alphapulse_api.reading_database import ReadingDatabase
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import PROJECT_ROOT

PAGE: Final = PROJECT_ROOT / "dashboard" / "dist"
"""The built page."""
READS: Final = ["GET", "HEAD"]
PREFIX: Final = "/api/v1"


def make_app(database: Database, page: Path = PAGE) -> FastAPI:
    """The application over a database that it only reads."""
    reader = ReadingDatabase(database, 4)
    answers = Answers(reader, Cache(64 * 2**20, lambda answer: answer.size))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        reader.close()

    app = FastAPI(title="AlphaPulse", version="1", lifespan=lifespan, openapi_url=None)
    app.state.answers = answers
    add_handlers(app)
    for reading in READINGS:
        add_reading(app, f"{PREFIX}/{reading.path}", reading, answers)
    if page.is_dir():
        app.mount("/", Page(page))
    return app


def add_reading(app: FastAPI, path: str, reading: Reading, answers: Answers) -> None:
    """A reading at a path."""
    app.add_api_route(path, _endpoint(reading, answers), methods=READS, include_in_schema=False)


def _endpoint(reading: Reading, answers: Answers) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await answers.answer(reading, request)

    return endpoint
