"""What may be written: watchlists, rules of alerts, and that somebody has seen an alert.

Whoever writes is behind `Writer`, which the command line makes: the API itself knows nothing of how.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alphapulse_api.access import MOST_BODY, Who
from alphapulse_api.problems import ProblemError
from alphapulse_api.reading_database import ReadingDatabase

OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
MOST_SYMBOLS: Final = 1_000


class Body(BaseModel):
    """What bodies have in common: nothing that is not known, no character 0."""

    model_config = ConfigDict(extra="forbid", str_max_length=4_000)


class ListedSymbol(Body):
    """A symbol of a watchlist."""

    venue: str = Field(description="Venue.", examples=["binance"])
    symbol: str = Field(description="Unified symbol.", examples=["BTC/USDT"])


class NewWatchlist(Body):
    """A watchlist that is to be made."""

    name: str = Field(description="Its name, 1 to 64 characters.", examples=["majors"])
    symbols: list[ListedSymbol] = Field(
        default_factory=list, max_length=MOST_SYMBOLS, description="Its symbols, in their order."
    )
    note: str | None = Field(None, description="What it is for.")


class ChangedWatchlist(Body):
    """What of a watchlist is to be changed: what is left out stays."""

    name: str | None = Field(None, description="Its new name.")
    symbols: list[ListedSymbol] | None = Field(
        None, max_length=MOST_SYMBOLS, description="All of its symbols, in their order."
    )
    note: str | None = Field(None, description="What it is for; empty: nothing.")


class NewRule(Body):
    """A rule that is to be made: of a symbol, of a watchlist, or, with neither, of all tracked symbols."""

    name: str = Field(description="Its name, unique whatever its case.", examples=["btc crosses 100k"])
    expression: str = Field(
        description="The condition; docs/alerts.md tells the language.", examples=["price > 100000"]
    )
    venue: str | None = Field(None, description="Venue, with a symbol.", examples=["binance"])
    symbol: str | None = Field(None, description="Unified symbol.", examples=["BTC/USDT"])
    watchlist: str | None = Field(None, description="Name of a watchlist.")
    mode: Literal["crossing", "level"] = Field("crossing", description="When it becomes so, or while it is.")
    cool_down_seconds: float | None = Field(
        None, ge=0, le=366 * 86_400, description="Least time between two."
    )
    expires_at: datetime | None = Field(None, description="Until when it holds; null: for good.")
    sinks: list[str] | None = Field(None, max_length=100, description="Where it is sent; null: everywhere.")
    severity: Literal["info", "warning", "critical"] = Field("warning", description="How serious it is.")
    enabled: bool = Field(True, description="Whether it is looked at.")


class ChangedRule(Body):
    """What of a rule is to be changed: what is left out stays; its symbol or watchlist cannot be."""

    name: str | None = Field(None, description="Its new name.")
    expression: str | None = Field(None, description="The condition.")
    mode: Literal["crossing", "level"] | None = Field(None, description="When it becomes so, or while it is.")
    cool_down_seconds: float | None = Field(
        None, ge=0, le=366 * 86_400, description="Least time between two."
    )
    expires_at: datetime | None = Field(None, description="Until when it holds; null: for good.")
    sinks: list[str] | None = Field(None, max_length=100, description="Where it is sent; null: everywhere.")
    severity: Literal["info", "warning", "critical"] | None = Field(None, description="How serious it is.")
    enabled: bool | None = Field(None, description="Whether it is looked at.")


class Seen(Body):
    """A note beside having seen an alert."""

    note: str | None = Field(None, max_length=1_000, description="What there is to say.")


class Writer(Protocol):
    """Who writes. Errors are ValueErrors with `parameter`, and `missing` where what was named is not."""

    def watchlists(self) -> list[dict[str, Any]]: ...
    def watchlist(self, name: str) -> dict[str, Any]: ...
    def add_watchlist(self, body: NewWatchlist, by: str) -> dict[str, Any]: ...
    def change_watchlist(self, name: str, body: ChangedWatchlist) -> dict[str, Any]: ...
    def remove_watchlist(self, name: str) -> dict[str, Any]: ...
    def rules(self) -> list[dict[str, Any]]: ...
    def rule(self, which: str) -> dict[str, Any]: ...
    def add_rule(self, body: NewRule, by: str) -> dict[str, Any]: ...
    def change_rule(self, which: str, changes: dict[str, Any]) -> dict[str, Any]: ...
    def remove_rule(self, which: str) -> dict[str, Any]: ...
    def acknowledge(self, alert_id: int, by: str, note: str | None) -> dict[str, Any]: ...


Ask = Callable[..., Any]


class Writing:
    """The endpoints of watchlists, rules and acknowledgements."""

    def __init__(self, writer: Writer, threads: ReadingDatabase) -> None:
        self._writer, self._threads = writer, threads

    async def all_watchlists(self, request: Request) -> Response:
        return await self._done(200, lambda: {"data": self._writer.watchlists()})

    async def add_watchlist(self, request: Request) -> Response:
        wanted = await _body(request, NewWatchlist)
        return await self._done(201, self._writer.add_watchlist, wanted, _by(request))

    async def one_watchlist(self, request: Request) -> Response:
        name = request.path_params["watchlist"]
        match request.method:
            case "PATCH":
                wanted = await _body(request, ChangedWatchlist)
                return await self._done(200, self._writer.change_watchlist, name, wanted)
            case "DELETE":
                return await self._done(204, self._writer.remove_watchlist, name)
            case _:
                return await self._done(200, self._writer.watchlist, name)

    async def all_rules(self, request: Request) -> Response:
        return await self._done(200, lambda: {"data": self._writer.rules()})

    async def add_rule(self, request: Request) -> Response:
        wanted = await _body(request, NewRule)
        return await self._done(201, self._writer.add_rule, wanted, _by(request))

    async def one_rule(self, request: Request) -> Response:
        which = request.path_params["rule"]
        match request.method:
            case "PATCH":
                wanted = _changes(await _body(request, ChangedRule))
                return await self._done(200, self._writer.change_rule, which, wanted)
            case "DELETE":
                return await self._done(204, self._writer.remove_rule, which)
            case _:
                return await self._done(200, self._writer.rule, which)

    async def acknowledge(self, request: Request) -> Response:
        text = request.path_params["alert"]
        if not text.isdecimal() or len(text) > 18:
            raise ProblemError(404, f"there is no alert {text[:50]!r}", parameter="alert")
        body = await _body(request, Seen, empty=True)
        return await self._done(200, self._writer.acknowledge, int(text), _by(request), body.note)

    async def _done(self, status: int, work: Ask, *arguments: Any) -> Response:
        try:
            result = await self._threads.run(work, *arguments)
        except ValueError as error:
            parameter = getattr(error, "parameter", None)
            if parameter is None:
                raise
            named = parameter in ("alert", "rule", "watchlist") and getattr(error, "missing", False)
            status = 404 if named else 422
            raise ProblemError(status, str(error), parameter=parameter) from None
        body = b"" if status == 204 else orjson.dumps(result, default=_other, option=OPTIONS)
        return Response(body, status, {"cache-control": "no-store"}, "application/json")


def add_writing(app: FastAPI, writer: Writer, threads: ReadingDatabase) -> None:
    """Serve what writes; who may is judged before (`Access`)."""
    writing = Writing(writer, threads)
    one = ["GET", "HEAD", "PATCH", "DELETE"]
    for path, methods, work in (
        ("/alerts/{alert}/acknowledgement", ["POST"], writing.acknowledge),
        ("/watchlists", ["GET", "HEAD"], writing.all_watchlists),
        ("/watchlists", ["POST"], writing.add_watchlist),
        ("/watchlists/{watchlist:path}", one, writing.one_watchlist),
        ("/alert-rules", ["GET", "HEAD"], writing.all_rules),
        ("/alert-rules", ["POST"], writing.add_rule),
        ("/alert-rules/{rule:path}", one, writing.one_rule),
    ):
        app.add_api_route(f"/api/v1{path}", work, methods=methods, include_in_schema=False)


def _changes(body: ChangedRule) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True)
    if "cool_down_seconds" in given:
        seconds = given.pop("cool_down_seconds")
        given["cool_down"] = None if seconds is None else timedelta(seconds=seconds)
    nothing = [name for name in ("name", "expression", "mode", "severity", "enabled") if name in given]
    for name in nothing:
        if given[name] is None:
            raise ProblemError(
                422, f"{name} cannot be null: leave it out where it is to stay", parameter=name
            )
    return given


async def _body(request: Request, kind: type[Any], *, empty: bool = False) -> Any:
    """The body as what it has to be. Raises: ProblemError, naming the field."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BODY:
            raise ProblemError(413, f"a body has {MOST_BODY} bytes at most")
        parts.append(part)
    text = b"".join(parts)
    if empty and not text.strip():
        text = b"{}"
    if b"\\u0000" in text or b"\0" in text:
        raise ProblemError(422, "the body has the character 0 in it", parameter="body")
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise ProblemError(422, f"{where}: {first['msg']}", parameter=where) from None


def _by(request: Request) -> str:
    who: Who | None = request.scope.get("state", {}).get("access")
    return "api" if who is None or who.key is None else f"api key {who.key.name}"


def _other(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value)} cannot be told in JSON")
