"""How each venue says that too much was asked, and which headers tell what is left."""

import time
from typing import Final

from aiohttp import web

from alphapulse_sim.context import reply
from alphapulse_sim.weights import Charge, Verdict

GDELT_SAYS: Final = (
    "Please limit requests to one every 5 seconds or contact the GDELT Project for larger queries.\n"
)
NEWSAPI_SAYS: Final = (
    "You have made too many requests recently. Developer accounts are limited to 100 requests over a 24 hour "
    "period (50 requests available every 12 hours). Please upgrade to a paid plan if you need more requests."
)


def refusal(host: str, charge: Charge) -> web.Response | None:
    """The venue's refusal, or None when the request is served."""
    if charge.verdict is Verdict.SERVE:
        return None
    if "binance" in host:
        response = _binance(charge)
    elif host == "api.bybit.com":
        response = _bybit(charge)
    elif host == "api.kraken.com":
        response = reply({"error": ["EGeneral:Too many requests"]})
    elif host == "www.deribit.com":
        response = _deribit()
    elif host == "api.gdeltproject.org":
        response = web.Response(status=429, text=GDELT_SAYS)
    elif host == "newsapi.org":
        response = reply({"status": "error", "code": "rateLimited", "message": NEWSAPI_SAYS}, status=429)
    else:
        body = {"error": "rate_limit_exceeded", "message": "Too many requests"}
        response = reply(body, status=429, headers={"Retry-After": str(charge.retry_after)})
    with_budget_headers(host, charge, response)
    return response


def _binance(charge: Charge) -> web.Response:
    banned = charge.verdict is Verdict.BANNED
    until = int((time.time() + charge.retry_after) * 1000)
    message = (
        f"Way too much request weight used; IP banned until {until}. Please use WebSocket Streams for live "
        "updates to avoid bans."
        if banned
        else f"Too much request weight used; current limit is {charge.limit.weight} request weight per 1 "
        "MINUTE."
    )
    headers = {"Retry-After": str(charge.retry_after)}
    return reply({"code": -1003, "msg": message}, status=418 if banned else 429, headers=headers)


def _bybit(charge: Charge) -> web.Response:
    """10006 with HTTP 200 first; 403 for an address that goes on regardless."""
    banned = charge.verdict is Verdict.BANNED
    message = (
        "access too frequent, please try again 5 minutes later."
        if banned
        else "Too many visits. Exceeded the API Rate Limit."
    )
    body = {
        "retCode": 10006,
        "retMsg": message,
        "result": {},
        "retExtInfo": {},
        "time": int(time.time() * 1000),
    }
    return reply(body, status=403 if banned else 200)


def _deribit() -> web.Response:
    """Code 10028, as documented; what it says of waiting is nothing."""
    now = time.time_ns() // 1000
    error = {"code": 10028, "message": "too_many_requests"}
    body = {"jsonrpc": "2.0", "error": error, "usIn": now, "usOut": now, "usDiff": 0, "testnet": False}
    return reply(body, status=429)


def with_budget_headers(host: str, charge: Charge, response: web.StreamResponse) -> None:
    """Add what the venue tells about the budget with each answer."""
    if response.prepared:
        return
    if "binance" in host:
        response.headers["X-MBX-USED-WEIGHT"] = str(charge.used)
        response.headers["X-MBX-USED-WEIGHT-1M"] = str(charge.used)
    elif host == "api.bybit.com":
        reset = int((time.time() // charge.limit.seconds + 1) * charge.limit.seconds * 1000)
        response.headers["X-Bapi-Limit"] = str(charge.limit.weight)
        response.headers["X-Bapi-Limit-Status"] = str(max(0, charge.limit.weight - charge.used))
        response.headers["X-Bapi-Limit-Reset-Timestamp"] = str(reset)
