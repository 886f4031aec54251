"""Blockchain.com's charts: daily series of Bitcoin, and the size of the mempool every quarter of an hour.

The newest day is told while it lasts, with what there is of it. What is told of a day is put right once, a
day after it is over: charts of the real one are revised too.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np
from aiohttp import web

from alphapulse_sim.chain import ANCHOR, Chain
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.hashing import Floats, Ints, key, noise
from alphapulse_sim.intervals import DAY, MINUTE, WEEK

HOST: Final = "api.blockchain.info"
_UNITS: Final = {"minute": MINUTE, "hour": 60 * MINUTE, "day": DAY, "week": WEEK, "year": 365 * DAY}
_LONGEST: Final = 1500
"""Points of a chart that is thinned."""
_OFF: Final = 0.01
"""By how much a day is off until it is put right."""


class _Chart(NamedTuple):
    title: str
    unit: str
    description: str
    step: int
    values: Callable[[Chain, Ints], Floats]
    whole: bool = False  # counts
    grows: bool = False  # of a day that lasts only a part is there


CHARTS: Final = {
    "hash-rate": _Chart(
        "Hash Rate", "Hash Rate TH/s",
        "The estimated number of tera hashes per second the network is performing.", DAY,
        lambda chain, at: chain.hash_rate(at + DAY // 2)),
    "difficulty": _Chart(
        "Difficulty", "Difficulty", "A relative measure of how difficult it is to find a new block.", DAY,
        lambda chain, at: chain.difficulty(at)),
    "n-transactions": _Chart(
        "Confirmed Transactions Per Day", "Transactions",
        "The number of daily confirmed Bitcoin transactions.", DAY,
        lambda chain, at: chain.transactions(at).astype(np.float64), True, True),
    "n-unique-addresses": _Chart(
        "Unique Addresses Used", "Unique Addresses",
        "The total number of unique addresses used on the blockchain.", DAY,
        lambda chain, at: chain.addresses(at).astype(np.float64), True, True),
    "transaction-fees-usd": _Chart(
        "Total Transaction Fees (USD)", "USD", "The total value of all transaction fees paid to miners.", DAY,
        lambda chain, at: chain.fees_usd(at), False, True),
    "miners-revenue": _Chart(
        "Miners Revenue", "USD", "Total value of coinbase block rewards and transaction fees.", DAY,
        lambda chain, at: chain.revenue_usd(at), False, True),
    "mempool-size": _Chart(
        "Mempool Size", "Bytes", "The aggregate size of transactions waiting to be confirmed.", 15 * MINUTE,
        lambda chain, at: chain.waiting_bytes(at), True),
}  # fmt: skip


class BlockchainCharts:
    """The handlers of its host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._chain = Chain(sim.market, sim.catalogue)

    def routes(self) -> list[web.RouteDef]:
        """The route of all charts."""
        return [web.get(f"/{HOST}/charts/{{name}}", self.chart)]

    async def chart(self, request: web.Request) -> web.Response:
        """Points of a chart; those of a long one are thinned unless `sampled=false`."""
        name, now = request.match_info["name"], self.sim.now_ms(request)
        chart = CHARTS.get(name)
        if chart is None:
            return reply({"status": "not-found", "error": f"No chart with name {name}"}, status=404)
        try:
            start, end = _window(request.query, now, WEEK if chart.step < DAY else 365 * DAY)
        except ValueError as error:
            return reply({"status": "bad-request", "error": str(error)}, status=400)
        at = np.arange(-(-max(start, ANCHOR) // chart.step), end // chart.step + 1, dtype=np.int64)
        at = at[at * chart.step <= min(end, now)] * chart.step
        if request.query.get("sampled", "true") == "true":
            at = at[:: max(1, -(-len(at) // _LONGEST))]
        return reply(
            {
                "status": "ok",
                "name": chart.title,
                "unit": chart.unit,
                "period": "day" if chart.step == DAY else "minute",
                "description": chart.description,
                "values": self._points(name, chart, at, now),
            }
        )

    def _points(self, name: str, chart: _Chart, at: Ints, now: int) -> list[dict[str, float]]:
        if not len(at):
            return []
        values = chart.values(self._chain, at)
        if chart.step == DAY:
            off = _OFF * noise(key(self.sim.market.seed, "not right yet", name), at, DAY)
            values = np.where(at + 2 * DAY > now, values * (1 + off), values)
        if chart.grows:
            values = values * np.clip((now - at) / DAY, 0.0, 1.0)
        rounded = np.rint(values) if chart.whole else values
        return [
            {"x": ts // 1000, "y": int(value) if chart.whole else value}
            for ts, value in zip(at.tolist(), rounded.tolist(), strict=True)
        ]


def _window(asked: Mapping[str, str], now: int, usual: int) -> tuple[int, int]:
    """From when to when points are asked for: `timespan` from `start` on, or else until now.

    Raises ValueError for what cannot be read.
    """
    length = _length(asked["timespan"], now) if "timespan" in asked else usual
    if "start" not in asked:
        return now - length, now
    moment = datetime.fromisoformat(asked["start"]).replace(tzinfo=UTC)
    start = int(moment.timestamp() * 1000)
    return start, min(now, start + length)


def _length(timespan: str, now: int) -> int:
    """A duration such as 5weeks; months are of thirty days."""
    if timespan == "all":
        return now
    found = re.fullmatch(r"(\d+)(minute|hour|day|week|month|year)s?", timespan)
    if found is None:
        raise ValueError(f"timespan {timespan} is no duration")
    unit = 30 * DAY if found[2] == "month" else _UNITS[found[2]]
    return int(found[1]) * unit
