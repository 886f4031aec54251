"""How venues refuse private requests: Binance by HTTP status and code, Bybit by HTTP 200 and `retCode`."""

from aiohttp import web

from alphapulse_sim.context import compact


class Refusal(web.HTTPException):
    """Binance: a status with `{"code": ..., "msg": ...}`."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        self.status_code = status
        super().__init__(text=compact({"code": code, "msg": message}), content_type="application/json")


class BybitRefusal(web.HTTPOk):
    """Bybit: HTTP 200 with a `retCode`."""

    def __init__(self, code: int, message: str, now_ms: int) -> None:
        body = {"retCode": code, "retMsg": message, "result": {}, "retExtInfo": {}, "time": now_ms}
        super().__init__(text=compact(body), content_type="application/json")
