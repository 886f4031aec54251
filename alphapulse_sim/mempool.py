"""mempool.space: fees, mempool, height, hash rate and difficulty of the simulated Bitcoin."""

from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.chain import ANCHOR, BLOCK, EPOCH, Chain
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.hashing import Ints
from alphapulse_sim.intervals import DAY, MINUTE

HOST: Final = "mempool.space"
_INTERVALS: Final = {
    "24h": 1,
    "3d": 3,
    "1w": 7,
    "1m": 30,
    "3m": 91,
    "6m": 182,
    "1y": 365,
    "2y": 730,
    "3y": 1095,
}
_TRANSACTION: Final = 350  # virtual bytes of one, about


class MempoolSpace:
    """The handlers of its host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._chain = Chain(sim.market, sim.catalogue)

    def routes(self) -> list[web.RouteDef]:
        """The routes that are simulated."""
        return [
            web.get(f"/{HOST}/api/v1/fees/recommended", self.fees),
            web.get(f"/{HOST}/api/mempool", self.mempool),
            web.get(f"/{HOST}/api/blocks/tip/height", self.height),
            web.get(f"/{HOST}/api/v1/difficulty-adjustment", self.retarget),
            web.get(f"/{HOST}/api/v1/mining/hashrate", self.hash_rate),
            web.get(f"/{HOST}/api/v1/mining/hashrate/{{interval}}", self.hash_rate),
        ]

    def _at(self, request: web.Request) -> Ints:
        return np.array([self.sim.now_ms(request) // MINUTE * MINUTE], dtype=np.int64)

    async def fees(self, request: web.Request) -> web.Response:
        """What to pay, in sat/vB: the next block, half an hour, an hour, without hurry, at least."""
        rate = float(self._chain.fee_rate(self._at(request))[0])
        parts = {"fastestFee": 1.0, "halfHourFee": 0.8, "hourFee": 0.6, "economyFee": 0.3, "minimumFee": 0.15}
        return reply({name: max(1, round(rate * part)) for name, part in parts.items()})

    async def mempool(self, request: web.Request) -> web.Response:
        """What waits to be confirmed."""
        at = self._at(request)
        vsize, rate = int(self._chain.waiting_vsize(at)[0]), float(self._chain.fee_rate(at)[0])
        shares = ((1.0, 0.1), (0.6, 0.3), (0.2, 0.6))
        histogram = [[round(rate * part, 2), round(vsize * share)] for part, share in shares]
        total = round(sum(each * size for each, size in histogram))
        return reply(
            {
                "count": vsize // _TRANSACTION,
                "vsize": vsize,
                "total_fee": total,
                "fee_histogram": histogram,
            }
        )

    async def height(self, request: web.Request) -> web.Response:
        """Height of the newest block, as a number and nothing else."""
        return web.Response(text=str(int(self._chain.height(self._at(request))[0])))

    async def retarget(self, request: web.Request) -> web.Response:
        """How far the present stretch is, and what difficulty would become."""
        at = self._at(request)
        began = ANCHOR + (at - ANCHOR) // EPOCH * EPOCH
        done = float((at - began)[0]) / EPOCH
        now, then, before = (float(self._chain.hash_rate(each)[0]) for each in (at, began, began - EPOCH))
        left = round(2016 * (1 - done))
        return reply(
            {
                "progressPercent": done * 100,
                "difficultyChange": (now / then - 1) * 100,
                "estimatedRetargetDate": int((began + EPOCH)[0]),
                "remainingBlocks": left,
                "remainingTime": left * BLOCK,
                "previousRetarget": (then / before - 1) * 100,
                "nextRetargetHeight": int(self._chain.height(at)[0]) + left,
                "timeAvg": BLOCK,
                "timeOffset": 0,
            }
        )

    async def hash_rate(self, request: web.Request) -> web.Response:
        """Hash rates of days, stamped with their ends, and of now, in H/s."""
        interval, now = request.match_info.get("interval"), int(self._at(request)[0])
        if interval is not None and interval not in _INTERVALS:
            return web.Response(status=400, text="Invalid interval")
        first = ANCHOR + DAY if interval is None else now - _INTERVALS[interval] * DAY
        ends = np.arange(-(-first // DAY), now // DAY + 1, dtype=np.int64) * DAY
        at = np.array([now], dtype=np.int64)
        return reply(
            {
                "hashrates": self._days(ends),
                "difficulty": [
                    {
                        "timestamp": int(began) // 1000,
                        "difficulty": float(self._chain.difficulty(np.array([began]))[0]),
                        "height": int(self._chain.height(np.array([began]))[0]),
                    }
                    for began in sorted(set((ANCHOR + (ends - ANCHOR) // EPOCH * EPOCH).tolist()))
                ],
                "currentHashrate": float(self._chain.hash_rate(at)[0]) * 1e12,
                "currentDifficulty": float(self._chain.difficulty(at)[0]),
            }
        )

    def _days(self, ends: Ints) -> list[dict[str, Any]]:
        if not len(ends):
            return []
        rates = self._chain.hash_rate(ends - DAY // 2) * 1e12
        return [
            {"timestamp": end // 1000, "avgHashrate": rate}
            for end, rate in zip(ends.tolist(), rates.tolist(), strict=True)
        ]
