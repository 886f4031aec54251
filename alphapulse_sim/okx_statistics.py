"""OKX's statistics of swaps ("rubik"): open interest, long/short ratios and taker volume by period.

Documented at okx.com/docs-v5, "Trading Statistics": the latest 1,440 entries, 100 at a time, newest first,
each a list of texts. That a period is called by its end is ours: OKX does not say.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.derivatives import long_shares
from alphapulse_sim.hashing import Ints
from alphapulse_sim.instruments import Listing, contract_size
from alphapulse_sim.intervals import HOUR, MINUTE
from alphapulse_sim.okx import Okx
from alphapulse_sim.okx_bodies import interest_rows, volumes
from alphapulse_sim.okx_reading import OkxError, answer, between, row_limit

PERIODS: Final = {
    "5m": 5 * MINUTE, "15m": 15 * MINUTE, "30m": 30 * MINUTE, "1H": HOUR, "2H": 2 * HOUR, "4H": 4 * HOUR,
}  # fmt: skip
KEPT: Final = 1440
MOST: Final = 100
RATIOS: Final = {
    "long-short-account-ratio-contract": "accounts",
    "long-short-account-ratio-contract-top-trader": "top_accounts",
    "long-short-position-ratio-contract-top-trader": "top_positions",
}


class OkxStatistics(Okx):
    """The handlers of `www.okx.com/api/v5/rubik/stat`."""

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        stat = f"/{host}/api/v5/rubik/stat"
        return [
            web.get(f"{stat}/contracts/open-interest-history", self.interest_history),
            web.get(f"{stat}/taker-volume-contract", self.taker_volume),
            *(web.get(f"{stat}/contracts/{name}", self._ratio(kind)) for name, kind in RATIOS.items()),
        ]

    def _periods(self, request: web.Request) -> tuple[Listing, int, Ints]:
        """The swap, the length of periods, and the times that are asked for, newest first."""
        listing, now = self.listing(request), self.sim.now_ms(request)
        step = PERIODS.get(request.query.get("period", "5m"))
        if step is None:
            raise OkxError("51000", "Parameter period error")
        first, last = between(request, "begin", "end", now)
        earliest = max(first, listing.listed_ms, (now // step - KEPT + 1) * step)
        most = row_limit(request, MOST, MOST)
        newest, oldest = last // step, -(-earliest // step)
        return listing, step, np.arange(newest, max(oldest, newest - most + 1) - 1, -1, dtype=np.int64) * step

    async def interest_history(self, request: web.Request) -> web.Response:
        """[time, contracts, coins, dollars]."""
        listing, _, at = self._periods(request)
        return answer(interest_rows(self.sim, listing, at) if len(at) else [])

    def _ratio(self, kind: str) -> Callable[[web.Request], Any]:
        async def ratio(request: web.Request) -> web.Response:
            """[time, long over short]."""
            listing, _, at = self._periods(request)
            if not len(at):
                return answer([])
            shares = long_shares(self.sim.market, listing, self.spot(listing), kind, at)
            return answer(
                [str(ts), f"{share / (1 - share):.16f}"]
                for ts, share in zip(at.tolist(), shares.tolist(), strict=True)
            )

        return ratio

    async def taker_volume(self, request: web.Request) -> web.Response:
        """[time, sold, bought] in coins (unit 0), contracts (1) or quote units (2), out of the trades."""
        listing, step, at = self._periods(request)
        unit = request.query.get("unit", "1")
        if unit not in ("0", "1", "2"):
            raise OkxError("51000", "Parameter unit error")
        if not len(at):
            return answer([])
        bars = self.sim.market.minute_bars(listing, int(at[-1]) - step, int(at[0]))
        traded = volumes(listing, bars)
        scale = {"1": 0, "0": 1, "2": 2}[unit]
        share = bars.taker_volume / np.maximum(bars.volume, 1)
        which = (bars.ts - int(at[-1]) + step) // step
        bought = np.bincount(which, traded[scale] * share, len(at))[::-1]
        sold = np.bincount(which, traded[scale] * (1 - share), len(at))[::-1]
        rows = zip(at.tolist(), sold.tolist(), bought.tolist(), strict=True)
        places = 4 if contract_size(listing) < 1 else 3
        return answer([str(ts), f"{sell:.{places}f}", f"{buy:.{places}f}"] for ts, sell, buy in rows)
