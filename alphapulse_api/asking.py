"""Endpoints that are no reading: bars that look like others, and pictures.

They ask as the Python client does.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import SecretStr

from alphapulse.backends.database import DatabaseBackend
from alphapulse.client.client import Client
from alphapulse.client.drawn import KINDS
from alphapulse.drawing import to_html, to_png, to_svg
from alphapulse.errors import ConnectError, NotFoundError, ParameterError, QueryError
from alphapulse.picture import Picture
from alphapulse_api.negotiation import compressed
from alphapulse_api.parameters import single
from alphapulse_api.problems import ProblemError
from alphapulse_api.reading_database import ReadingDatabase
from alphapulse_resources.names import did_you_mean, printable

READS: Final = ["GET", "HEAD"]
LONGEST: Final = 200
SIMILAR: Final[Mapping[str, str]] = {
    "symbol": "Unified symbol whose newest bars are the window.",
    "venue": "Its venue; needed where several have it.",
    "timeframe": "Length of the bars; 1h if not given.",
    "at": "As it was then: nothing later is looked at; now if not given.",
    "bars": "Bars of the window, 8 to 512; 32 if not given.",
    "matches": "Matches at most, 1 to 200; 20 if not given.",
    "also": "Other symbols of the venue that are searched too, with commas.",
    "history": "Newest bars of each symbol that are searched; 100000 if not given.",
    "seed": "Of the random windows beside the matches.",
}
"""Parameters and what they mean."""
DRAW: Final[Mapping[str, str]] = {
    "format": "json (all that a picture shows), svg, png or html; json if not given.",
    "symbol": "Instead of an id: the newest one of this symbol.",
    "venue": "Its venue; needed where several have it.",
    "timeframe": "Length of the bars; 1h if not given.",
    "at": "The newest one that was known then.",
    "pattern": "The newest one of this name.",
}
FORMATS: Final[Mapping[str, str]] = {
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "html": "text/html; charset=utf-8",
}
_NUMBERS: Final = ("bars", "matches", "history", "seed")


class Asking:
    """The endpoints, over the API's own database."""

    def __init__(self, reader: ReadingDatabase) -> None:
        self._reader = reader
        backend = DatabaseBackend(SecretStr(reader.database.dsn), "the database", database=reader.database)
        self._client = Client(backend)

    async def similar(self, request: Request) -> Response:
        """Bars that look like others."""
        given = _given(request, SIMILAR)
        if "symbol" not in given:
            raise ProblemError(422, "symbol is missing: similar needs one", parameter="symbol")
        asked: dict[str, Any] = {
            name: _number(name, text) if name in _NUMBERS else text for name, text in given.items()
        }
        asked["also"] = [each.strip() for each in given.get("also", "").split(",") if each.strip()] or None
        symbol, timeframe = _slashed(asked.pop("symbol")), asked.pop("timeframe", "1h")
        found = await self.asked(lambda: self._client.similar(symbol, timeframe, **asked))
        return sent(request, orjson.dumps(found.as_dict(), option=orjson.OPT_UTC_Z), "application/json")

    async def draw(self, request: Request) -> Response:
        """A picture of one signal or pattern."""
        given = _given(request, DRAW)
        what, id = request.path_params["what"], request.path_params.get("id")
        kind = given.pop("format", "json")
        if what not in KINDS:
            raise ProblemError(404, f"{printable(what)[:50]!r} cannot be drawn: signal or pattern")
        if kind not in FORMATS:
            shown = printable(kind)[:50]
            raise ProblemError(
                422, f"format is one of {', '.join(FORMATS)}, not {shown!r}", parameter="format"
            )
        if "symbol" in given:
            given["symbol"] = _slashed(given["symbol"])
        body = await self.asked(lambda: _drawn(self._client.draw(what, id or None, **given), kind))
        return sent(request, body, FORMATS[kind])

    async def asked(self, work: Callable[[], Any]) -> Any:
        """What the client answers, in a thread. Raises: ProblemError."""
        try:
            return await self._reader.run(work)
        except ParameterError as error:
            raise ProblemError(422, str(error), parameter=error.parameter) from None
        except NotFoundError as error:
            raise ProblemError(404, str(error)) from None
        except ConnectError as error:
            raise ProblemError(503, str(error), headers={"retry-after": "5"}) from None
        except QueryError as error:
            raise ProblemError(504, str(error)) from None


def add_asking(app: FastAPI, reader: ReadingDatabase) -> None:
    """Serve them."""
    asking = Asking(reader)
    for path, work in (
        ("/similar", asking.similar),
        ("/draw/{what}", asking.draw),
        ("/draw/{what}/{id:path}", asking.draw),
    ):
        app.add_api_route(f"/api/v1{path}", work, methods=READS, include_in_schema=False)


def _drawn(picture: Picture, kind: str) -> bytes:
    match kind:
        case "svg":
            return to_svg(picture.chart).encode()
        case "html":
            return to_html(picture.chart).encode()
        case "png":
            return to_png(picture.chart)
        case _:
            return orjson.dumps(picture.chart.as_dict(), option=orjson.OPT_UTC_Z)


def sent(request: Request, body: bytes, kind: str) -> Response:
    """An answer as the client takes it; of now, so that it is asked again."""
    body, encoding = compressed(body, request.headers.get("accept-encoding"))
    headers = {"cache-control": "private, no-cache", "vary": "Accept, Accept-Encoding"}
    if encoding:
        headers["content-encoding"] = encoding
    return Response(body, 200, headers, kind)


def _given(request: Request, known: Mapping[str, str]) -> dict[str, str]:
    given = single(request.query_params.multi_items())
    for name, text in given.items():
        shown = printable(name)[:50]
        if name not in known:
            hint = did_you_mean(shown, list(known)) or f"; there are {', '.join(known)}"
            raise ProblemError(422, f"there is no parameter {shown!r} here{hint}", parameter=shown)
        if len(text) > LONGEST:
            raise ProblemError(
                422, f"{name} has {len(text)} characters; {LONGEST} are the most", parameter=name
            )
    return given


def _number(name: str, text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    raise ProblemError(422, f"{name} is a whole number, not {printable(text)[:50]!r}", parameter=name)


def _slashed(symbol: str) -> str:
    """A symbol whose slash was written as a dash, as in paths."""
    return symbol if "/" in symbol else symbol.replace("-", "/", 1)
