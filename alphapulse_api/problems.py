"""Errors as problem details (RFC 9457): what was wrong, which parameter, what to do."""

import logging
from http import HTTPStatus
from typing import Any, Final

import orjson
import psycopg
from adbc_driver_manager import Error as AdbcError
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from alphapulse.readings.reading import RefusedError
from alphapulse_resources.database.pools import PoolBusyError

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
AWAY_SECONDS: Final = 5
"""After how long it is worth to ask again while the database is away (ours)."""
_CANCELLED: Final = "57014"
_OURS: Final = "22023"
"""State of what our own SQL functions raise: complete sentences."""
_AWAY: Final = ("08", "57P", "53")
"""Classes of states of a server that is away, shuts down or has no room for a connection."""
_NO_SCHEMA: Final = ("42P01", "42883", "42703")


class ProblemError(Exception):
    """An answer that is an error."""

    def __init__(
        self, status: int, detail: str, *, parameter: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.parameter, self.headers = status, detail, parameter, headers or {}


def problem(
    status: int, detail: str, *, parameter: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """The response of an error."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if parameter is not None:
        body["parameter"] = parameter
    given = {"cache-control": "no-store", **(headers or {})}
    return Response(orjson.dumps(body), status, given, MEDIA_TYPE)


def problem_of(error: BaseException) -> ProblemError:
    """What an error is to whoever asked; for what nobody thought of, 500, and the log has it."""
    match error:
        case ProblemError():
            return error
        case RefusedError():
            return ProblemError(422, str(error), parameter=error.parameter)
        case HTTPException():
            return ProblemError(error.status_code, str(error.detail), headers=dict(error.headers or {}))
        case PoolBusyError():
            return ProblemError(503, str(error), headers={"retry-after": "1"})
        case AdbcError() | psycopg.Error():
            return _of_database(error)
        case _:
            log.error("an answer failed", exc_info=error)
            return ProblemError(500, "this is a fault of the server's own; its log has what happened")


def _of_database(error: Any) -> ProblemError:
    state = error.sqlstate or ""
    said = str(error).strip().splitlines()[0] if str(error).strip() else ""
    if state == _CANCELLED:
        return ProblemError(
            504, "the query took longer than it may: ask for less time, fewer symbols, or one timeframe"
        )
    if state == _OURS:
        return ProblemError(422, said.removeprefix("ERROR: "))
    if state.startswith("22"):
        return ProblemError(422, f"a value cannot be what it is compared with: {said[:200]}")
    if state in _NO_SCHEMA:
        log.error("a question does not fit the schema: %s", error)
        return ProblemError(503, "the database's schema is older than this API: run `alphapulse migrate`")
    if not state or state.startswith(_AWAY) or state == "40001":
        return ProblemError(
            503,
            "the database is away or starts again; nothing has to be done here if it comes back, else see "
            "`alphapulse status`",
            headers={"retry-after": str(AWAY_SECONDS)},
        )
    log.error("the database refused a question: %s", error)
    return ProblemError(500, "the database refused the question; the server's log has what it said")


def add_handlers(app: FastAPI) -> None:
    """All errors of an application become problems."""

    async def handler(request: Request, error: Exception) -> Response:
        found = problem_of(error)
        detail = found.detail
        if isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND:
            detail = f"there is nothing at {request.url.path!r}: GET /api/v1/readings lists what there is"
        if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            detail = f"{request.url.path} does not take {request.method}"
        return problem(found.status, detail, parameter=found.parameter, headers=found.headers)

    # by name: after `Exception`, for what nobody thought of, the connection is closed
    for kind in (
        ProblemError,
        RefusedError,
        HTTPException,
        PoolBusyError,
        AdbcError,
        psycopg.Error,
        Exception,
    ):
        app.add_exception_handler(kind, handler)
