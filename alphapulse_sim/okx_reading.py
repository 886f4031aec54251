"""OKX's envelope, its errors and the reading of its query parameters."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from alphapulse_sim.context import compact, reply


def answer(data: Iterable[Any]) -> web.Response:
    """Data in OKX's envelope."""
    return reply({"code": "0", "msg": "", "data": list(data)})


class OkxError(web.HTTPException):
    """A refusal in OKX's words: codes and statuses of "Error Code"."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.status_code = status
        body = {"code": code, "msg": message, "data": []}
        super().__init__(text=compact(body), content_type="application/json")


def unknown_instrument() -> OkxError:
    """The refusal of an instrument that is not there: with HTTP 200."""
    words = "Instrument ID, Instrument ID code, or Spread ID doesn't exist."
    return OkxError("51001", words, 200)


def text(request: web.Request, name: str) -> str:
    """A mandatory parameter."""
    value = request.query.get(name, "")
    if not value:
        raise OkxError("50014", f"Parameter {name} cannot be empty.")
    return value


def number(request: web.Request, name: str) -> int | None:
    """An optional whole number."""
    value = request.query.get(name, "")
    if not value:
        return None
    if not value.isdecimal():
        raise OkxError("51000", f"Parameter {name} error")
    return int(value)


def row_limit(request: web.Request, default: int, most: int) -> int:
    """`limit`, clamped to what the endpoint gives at most."""
    value = number(request, "limit")
    return default if value is None else max(1, min(value, most))


def between(request: web.Request, newer: str, older: str, now_ms: int) -> tuple[int, int]:
    """The first and the last time that are asked for: newer than one bound and earlier than the other."""
    after, before = number(request, newer), number(request, older)
    return (0 if after is None else after + 1), min(now_ms, now_ms if before is None else before - 1)
