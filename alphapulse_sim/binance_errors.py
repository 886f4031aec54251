"""Binance's error bodies and the reading of its query parameters."""

import re
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.context import compact
from alphapulse_sim.intervals import STEPS

Json = dict[str, Any]
_NUMBER: Final = re.compile(r"^[0-9]{1,20}$")


class BinanceError(web.HTTPBadRequest):
    """HTTP 400 with Binance's code and message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(text=compact({"code": code, "msg": message}), content_type="application/json")


def invalid_symbol() -> BinanceError:
    """The venue has never heard of the symbol."""
    return BinanceError(-1121, "Invalid symbol.")


def text(request: web.Request, name: str) -> str:
    """A mandatory parameter."""
    value = request.query.get(name, "")
    if not value:
        raise BinanceError(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    return value


def number(request: web.Request, name: str) -> int | None:
    """An optional whole number."""
    value = request.query.get(name)
    if value is None:
        return None
    if not _NUMBER.match(value):
        raise BinanceError(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'."
        )
    return int(value)


def limit(request: web.Request, default: int, most: int, *, clamp: bool) -> int:
    """The `limit` parameter; above `most` spot quietly gives `most`, futures refuse."""
    value = number(request, "limit")
    if value is None:
        return default
    if value < 1 or (value > most and not clamp):
        raise BinanceError(-1130, "Data sent for parameter 'limit' is not valid.")
    return min(value, most)


def interval(request: web.Request) -> str:
    """The mandatory `interval` parameter."""
    value = text(request, "interval")
    if value not in STEPS:
        raise BinanceError(-1120, "Invalid interval.")
    return value


def window(request: web.Request) -> tuple[int | None, int | None]:
    """`startTime` and `endTime` as half-open milliseconds (the venue's are inclusive)."""
    start, end = number(request, "startTime"), number(request, "endTime")
    return start, None if end is None else end + 1
