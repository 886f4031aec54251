"""Coin Metrics' community data: daily metrics of some chains, page by page, figures as text.

A day is told from half an hour after its end on. Metrics that the community does not get are refused, unless
they are to be ignored.
"""

import base64
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.chain import ANCHOR, COINS, Chain
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.intervals import DAY, MINUTE

HOST: Final = "community-api.coinmetrics.io"
METRICS: Final = ("AdrActCnt", "TxCnt", "FeeTotNtv", "SplyCur", "HashRate", "BlkCnt")
PAID: Final = ("CapRealUSD", "NVTAdj", "RevUSD")
_AFTER: Final = 30 * MINUTE
_FLAGS: Final = ("ignore_forbidden_errors", "ignore_unsupported_errors")
_MERGE: Final = 1_663_200_000_000  # 2022-09-15: Ether has no miners since


class CoinMetrics:
    """The handlers of its host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._chains = {coin: Chain(sim.market, sim.catalogue, coin) for coin in COINS}

    def routes(self) -> list[web.RouteDef]:
        """The route of asset metrics."""
        return [web.get(f"/{HOST}/v4/timeseries/asset-metrics", self.asset_metrics)]

    async def asset_metrics(self, request: web.Request) -> web.Response:
        """A page of days, in the order of asset and time."""
        asked, now = request.query, self.sim.now_ms(request)
        assets = [each for each in asked.get("assets", "").split(",") if each]
        metrics = [each for each in asked.get("metrics", "").split(",") if each]
        if (
            refused := _refused(assets, metrics, *(asked.get(flag) == "true" for flag in _FLAGS))
        ) is not None:
            return refused
        try:
            start = _time(asked.get("start_time", "2018-02-01"))
            end = _time(asked["end_time"]) if "end_time" in asked else now
            size = int(asked.get("page_size", "100"))
            offset = int(base64.urlsafe_b64decode(asked.get("next_page_token", "MA==")))
        except ValueError as error:
            return _error(400, "bad_parameter", f"Bad parameter. {error}")
        if not 1 <= size <= 10_000:
            return _error(400, "bad_parameter", "Bad parameter 'page_size'. Value must be from 1 to 10000.")
        days = _days(start, min(end, now - DAY - _AFTER + 1))
        known = sorted(each for each in assets if each.upper() in COINS)
        keys = [(asset, day) for asset in known for day in days]
        body: dict[str, Any] = {"data": self._rows(keys[offset : offset + size], metrics)}
        if offset + size < len(keys):
            token = base64.urlsafe_b64encode(str(offset + size).encode()).decode()
            body["next_page_token"] = token
            body["next_page_url"] = f"https://{HOST}{request.path}?next_page_token={token}"
        return reply(body)

    def _rows(self, keys: list[tuple[str, int]], metrics: list[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for asset in dict.fromkeys(asset for asset, _ in keys):
            days = np.array([day for each, day in keys if each == asset], dtype=np.int64)
            chain = self._chains[asset.upper()]
            told = {name: _values(chain, name, days) for name in metrics if name in METRICS}
            rows += [
                {
                    "asset": asset,
                    "time": f"{datetime.fromtimestamp(day / 1000, UTC):%Y-%m-%dT%H:%M:%S}.000000000Z",
                    **{name: values[place] for name, values in told.items() if values is not None},
                }
                for place, day in enumerate(days.tolist())
            ]
        return rows


def _values(chain: Chain, metric: str, days: Any) -> list[str | None] | None:
    """Figures as text; None where the asset does not have the metric."""
    if metric == "HashRate":
        if chain.coin == "ETH":
            return [None if day >= _MERGE else "600" for day in days.tolist()]
        if not COINS[chain.coin].hash_rate:
            return None
        return [str(each) for each in chain.hash_rate(days + DAY // 2).tolist()]
    worked_out = {
        "AdrActCnt": chain.addresses,
        "TxCnt": chain.transactions,
        "FeeTotNtv": chain.fees,
        "SplyCur": lambda at: chain.supply(at + DAY),
        "BlkCnt": chain.blocks,
    }[metric]
    return [str(each) for each in worked_out(days).tolist()]


def _refused(
    assets: list[str], metrics: list[str], ignore_forbidden: bool, ignore_unsupported: bool
) -> web.Response | None:
    for name, given in (("assets", assets), ("metrics", metrics)):
        if not given:
            return _error(400, "bad_parameter", f"Bad parameter '{name}'. Missing value.")
    if not ignore_forbidden and (paid := next((each for each in metrics if each in PAID), None)):
        what = f"Requested metric '{paid}' with frequency '1d' for asset '{assets[0]}'"
        return _error(403, "forbidden", f"{what} is not available with supplied credentials.")
    for name, given, known in (
        ("assets", [each.upper() for each in assets], tuple(COINS)),
        ("metrics", metrics, (*METRICS, *PAID)),
    ):
        unknown = next((each for each in given if each not in known), None)
        if unknown is not None and not ignore_unsupported:
            return _error(
                400, "bad_parameter", f"Bad parameter '{name}'. Value '{unknown}' is not supported."
            )
    return None


def _days(start: int, end: int) -> list[int]:
    return list(range(-(-max(start, ANCHOR) // DAY) * DAY, end, DAY))


def _time(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def _error(status: int, kind: str, message: str) -> web.Response:
    return reply({"error": {"type": kind, "message": message}}, status=status)
