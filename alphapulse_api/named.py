"""Endpoints by name, which stand both below /api/v1 and /api, beside the scheme of the catalogue."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response

from alphapulse.readings.catalogue import BY_NAME
from alphapulse.readings.reading import Reading, RefusedError
from alphapulse_api.answering import Answers
from alphapulse_api.problems import ProblemError

PREFIXES: Final = ("/api/v1", "/api")


@dataclass(frozen=True, slots=True)
class Named:
    """A path that answers as a reading does. symbol: whether the path ends in one."""

    path: str
    reading: Reading
    summary: str
    symbol: bool = False

    @property
    def template(self) -> str:
        """The path in OpenAPI's words."""
        return f"{self.path}/{{symbol}}" if self.symbol else self.path


def _named(path: str, name: str, summary: str, *, symbol: bool = False) -> Named:
    return Named(path, replace(BY_NAME[name], path=path.lstrip("/")), summary, symbol)


NAMED: Final = (
    # before the symbols, of which none is called summary
    _named("/market/sentiment/summary", "sentiment_now", "Sentiment of all tracked symbols at present."),
    _named(
        "/market/sentiment/history",
        "sentiment_with_price",
        "Sentiment of a symbol beside its price, hour by hour.",
        symbol=True,
    ),
    _named("/market/sentiment", "sentiment_now", "Sentiment of a symbol at present.", symbol=True),
    _named(
        "/volume/patterns",
        "volume_patterns",
        "Patterns of volume of a symbol: from, to, type, strength, timeframe.",
        symbol=True,
    ),
    _named("/futures/open-interest", "open_interest", "Open interest of contracts."),
    _named("/futures/funding-rates", "funding_rates", "Funding that was settled."),
)
SYNONYMS: Final = {"from": "start", "to": "end", "type": "pattern"}
"""Other names of parameters that these endpoints take too."""


def add_named(app: FastAPI, answers: Answers) -> None:
    """All of them; those that the catalogue has already only where it has not."""
    for prefix in PREFIXES:
        for each in NAMED:
            path = prefix + (f"{each.path}/{{symbol:path}}" if each.symbol else each.path)
            app.add_api_route(
                path, _endpoint(each, answers), methods=["GET", "HEAD"], include_in_schema=False
            )


def _endpoint(named: Named, answers: Answers) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        more = {"symbol": request.path_params["symbol"]} if named.symbol else {}
        try:
            return await answers.answer(named.reading, request, more, SYNONYMS)
        except RefusedError as error:
            if named.symbol and error.parameter == "symbol":
                raise ProblemError(404, str(error), parameter="symbol") from None
            raise

    return endpoint
