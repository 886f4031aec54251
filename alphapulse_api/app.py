"""The application: every reading of the catalogue as an endpoint, and the terminal's page."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from alphapulse.readings.asking import statement_of
from alphapulse.readings.catalogue import READINGS
from alphapulse.readings.reading import Reading, RefusedError
from alphapulse_api.columnar import columnar
from alphapulse_api.parameters import asked_of
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import PROJECT_ROOT

PAGE: Final = PROJECT_ROOT / "dashboard" / "dist"
"""The built page."""


def make_app(database: Database, page: Path = PAGE) -> FastAPI:
    """The application over a database that it only reads."""
    app = FastAPI(title="AlphaPulse", version="1")
    app.add_exception_handler(RefusedError, _refused)
    for reading in READINGS:
        app.add_api_route(f"/api/v1/{reading.path}", _endpoint(reading, database), summary=reading.summary)
    if page.is_dir():
        app.mount("/", StaticFiles(directory=page, html=True))
    return app


def _endpoint(reading: Reading, database: Database) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(_answer, reading, database, dict(request.query_params))

    return endpoint


def _answer(reading: Reading, database: Database, given: dict[str, str]) -> Response:
    columns = [column.name for column in database.describe(reading.relation)[1]]
    asked = asked_of(reading, given)
    query = statement_of(reading, asked, columns)
    frame = database.read(query.text, query.arguments)
    body = columnar(frame, asked.limit or reading.limit, reading.order)
    return Response(
        orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z),
        media_type="application/json",
    )


async def _refused(request: Request, error: Any) -> Response:
    body = {"type": "about:blank", "title": "A parameter is wrong", "status": 422, "detail": str(error)}
    return JSONResponse({**body, "parameter": error.parameter}, 422, media_type="application/problem+json")
