"""Signatures of private requests, as Binance and Bybit check them.

documented: Binance, "Signed endpoint security" (HMAC SHA256 of the query string and the body, `recvWindow`
5,000 by default, a second of the future allowed); Bybit v5, "Integration guidance" (HMAC SHA256 of
timestamp, key, `recv_window` and query string or body).
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from alphapulse_sim.accounts import KEYS, Key
from alphapulse_sim.private_errors import BybitRefusal, Refusal

_AHEAD_MS: Final = 1000
_WINDOW_MS: Final = 5000
OUTSIDE: Final = "Timestamp for this request is outside of the recvWindow."
AHEAD: Final = "Timestamp for this request was 1000ms ahead of the server's time."
_NOT_ALLOWED: Final = "Invalid API-key, IP, or permissions for action."


def _signature(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


async def binance_request(request: web.Request, now_ms: int, *, trade: bool = False) -> dict[str, str]:
    """The parameters of a signed request; a refusal in Binance's words where it is not right."""
    name = request.headers.get("X-MBX-APIKEY", "")
    if not name:
        raise Refusal(-2014, "API-key format invalid.", 401)
    key = KEYS.get(name)
    if key is None or (trade and key.read_only):
        raise Refusal(-2015, _NOT_ALLOWED, 401)
    # the raw text: what is signed is what was sent, percent signs and all
    raw = request.rel_url.raw_query_string + await request.text()
    signed, _, signature = raw.rpartition("&signature=")
    if not signed:
        raise Refusal(-1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.")
    if not hmac.compare_digest(_signature(key.secret, signed), signature):
        raise Refusal(-1022, "Signature for this request is not valid.")
    given = dict(parse_qsl(signed, keep_blank_values=True))
    _binance_time(given, now_ms)
    return given


def _binance_time(given: dict[str, str], now_ms: int) -> None:
    if not given.get("timestamp", "").isdecimal():
        raise Refusal(-1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.")
    sent = int(given["timestamp"])
    if sent > now_ms + _AHEAD_MS:
        raise Refusal(-1021, AHEAD)
    if now_ms - sent > int(given.get("recvWindow", _WINDOW_MS)):
        raise Refusal(-1021, OUTSIDE)


async def bybit_key(request: web.Request, now_ms: int, *, trade: bool = False) -> Key:
    """The key of a signed request; a refusal in Bybit's words where it is not right."""
    headers = request.headers
    key = KEYS.get(headers.get("X-BAPI-API-KEY", ""))
    if key is None:
        raise BybitRefusal(10003, "API key is invalid.", now_ms)
    sent, window = headers.get("X-BAPI-TIMESTAMP", ""), headers.get("X-BAPI-RECV-WINDOW", str(_WINDOW_MS))
    payload = await request.text() if request.method == "POST" else request.rel_url.raw_query_string
    text = f"{sent}{key.key}{window}{payload}"
    if not hmac.compare_digest(_signature(key.secret, text), headers.get("X-BAPI-SIGN", "")):
        raise BybitRefusal(10004, f"error sign! origin_string[{text}]", now_ms)
    if not sent.isdecimal() or not now_ms - int(window) <= int(sent) < now_ms + _AHEAD_MS:
        raise BybitRefusal(
            10002,
            "invalid request, please check your server timestamp or recv_window param. "
            f"req_timestamp[{sent}],server_timestamp[{now_ms}],recv_window[{window}]",
            now_ms,
        )
    if trade and key.read_only:
        raise BybitRefusal(10005, "Permission denied, please check your API key permissions.", now_ms)
    return key
