"""Bybit's envelope, its errors and the reading of its query parameters."""

from typing import Any, Final

from aiohttp import web

from alphapulse_sim.context import compact, reply

PARAMETERS_WRONG: Final = 10001


def answer(result: dict[str, Any], now_ms: int) -> web.Response:
    """A result in Bybit's envelope."""
    return reply({"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": now_ms})


class BybitError(web.HTTPOk):
    """A refusal: HTTP 200 with `retCode` 10001 and the venue's words."""

    def __init__(self, message: str, now_ms: int) -> None:
        body = {
            "retCode": PARAMETERS_WRONG,
            "retMsg": message,
            "result": {},
            "retExtInfo": {},
            "time": now_ms,
        }
        super().__init__(text=compact(body), content_type="application/json")


def text(request: web.Request, name: str, now_ms: int) -> str:
    """A mandatory parameter."""
    value = request.query.get(name, "")
    if not value:
        raise BybitError(f"params error: {name} is required", now_ms)
    return value


def number(request: web.Request, name: str, now_ms: int) -> int | None:
    """An optional whole number."""
    value = request.query.get(name)
    if value in (None, ""):
        return None
    if not value.isdecimal():
        raise BybitError(f"params error: {name} must be a whole number", now_ms)
    return int(value)


def row_limit(request: web.Request, default: int, most: int, now_ms: int) -> int:
    """`limit`, clamped to what the endpoint gives at most."""
    value = number(request, "limit", now_ms)
    return default if value is None else max(1, min(value, most))
