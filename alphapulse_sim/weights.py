"""What requests cost and what happens to who spends too much, per venue host.

Limits: Binance spot 6,000 and USD-M 2,400 weight a minute and their per-endpoint weights, for USD-M's
`/futures/data` 1,000 and for its funding 500 requests in five minutes (developers.binance.com); Bybit 600
requests in 5 s per IP and a ban of ten minutes; Coinbase 10 a second with bursts of 15; Kraken about one a
second; CoinGecko and CoinMarketCap 30 a minute; Deribit a burst of 100 requests, refilled at 20 a second, and
of half as many lists of instruments (docs.deribit.com); GDELT one request in five seconds (it says so);
NewsAPI 50 in twelve hours on the free plan (newsapi.org/pricing). A ban after ten ignored refusals is ours,
and so are Binance's two minutes (it documents "2 minutes to 3 days"). Rates are about real seconds, so a
frozen simulator clock does not freeze them.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SPOT_HOSTS: Final = ("api.binance.com", "data-api.binance.vision")
FUTURES_HOSTS: Final = ("fapi.binance.com", "dapi.binance.com")
IGNORED_BEFORE_BAN: Final = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `weight` in each window of `seconds`."""

    weight: int
    seconds: int
    ban_seconds: int = 0  # for who ignores ten refusals; 0: the venue only refuses


LIMITS: Final[dict[str, Limit]] = {
    "api.binance.com": Limit(6000, 60, 120),
    "data-api.binance.vision": Limit(6000, 60, 120),
    "fapi.binance.com": Limit(2400, 60, 120),
    "dapi.binance.com": Limit(2400, 60, 120),
    "fapi.binance.com/futures/data": Limit(1000, 300),
    "fapi.binance.com/funding": Limit(500, 300),
    "api.bybit.com": Limit(600, 5, 600),
    "api.coinbase.com": Limit(15, 1),
    "api.exchange.coinbase.com": Limit(15, 1),
    "api.kraken.com": Limit(15, 15),
    "api.coingecko.com": Limit(30, 60),
    "pro-api.coinmarketcap.com": Limit(30, 60),
    "www.deribit.com": Limit(100, 5),
    "api.gdeltproject.org": Limit(1, 5),
    "newsapi.org": Limit(50, 43_200),
}
_SPOT_WEIGHTS: Final = {
    "klines": 2, "exchangeInfo": 20, "aggTrades": 4, "trades": 25, "ping": 1, "time": 1,
    "ticker": 2,
}  # fmt: skip
_USDM_WEIGHTS: Final = {"exchangeInfo": 1, "aggTrades": 20, "trades": 5, "premiumIndex": 1, "openInterest": 1}
_ALL_PREMIUMS: Final = 10  # premiumIndex without a symbol
_FUNDING: Final = ("fundingRate", "fundingInfo")
_DERIBIT_WEIGHTS: Final = {"get_instruments": 2}
_KLINE_STEPS: Final = ((99, 1), (499, 2), (1000, 5))
_SPOT_DEPTH_STEPS: Final = ((100, 5), (500, 25), (1000, 50))
_USDM_DEPTH_STEPS: Final = ((50, 2), (100, 5), (500, 10))


def _step(limit: int, steps: tuple[tuple[int, int], ...], above: int) -> int:
    return next((weight for up_to, weight in steps if limit <= up_to), above)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    return int(text) if text.isdecimal() else default


def request_weight(host: str, path: str, query: Mapping[str, str]) -> int:
    """What one request costs; `path` is the venue's own, without the host."""
    endpoint = path.rsplit("/", 1)[-1]
    if host in SPOT_HOSTS:
        if endpoint == "depth":
            return _step(_number(query, "limit", 100), _SPOT_DEPTH_STEPS, 250)
        return _SPOT_WEIGHTS.get(endpoint, 1)
    if host in FUTURES_HOSTS:
        if endpoint == "premiumIndex" and "symbol" not in query:
            return _ALL_PREMIUMS
        if endpoint == "klines":
            return _step(_number(query, "limit", 500), _KLINE_STEPS, 10)
        if endpoint == "depth":
            return _step(_number(query, "limit", 500), _USDM_DEPTH_STEPS, 20)
        return _USDM_WEIGHTS.get(endpoint, 1)
    if host == "www.deribit.com":
        return _DERIBIT_WEIGHTS.get(endpoint, 1)
    return 1


def budget_of(host: str, path: str) -> str:
    """Which limit a request is counted in: USD-M has others for `/futures/data` and for funding."""
    if host != "fapi.binance.com":
        return host
    if path.startswith("/futures/data/"):
        return f"{host}/futures/data"
    return f"{host}/funding" if path.rsplit("/", 1)[-1] in _FUNDING else host


class Verdict(StrEnum):
    """What the venue does with a request."""

    SERVE = "serve"
    TOO_MANY = "too_many"
    BANNED = "banned"


@dataclass(frozen=True, slots=True)
class Charge:
    """The state of a budget after a request."""

    verdict: Verdict
    used: int
    limit: Limit
    retry_after: int  # whole seconds, 0 when served


class Budget:
    """One host's use of its limit, in fixed windows; `now` gives seconds and is replaced in tests."""

    def __init__(self, limit: Limit, now: Callable[[], float] = time.time) -> None:
        self.limit = limit
        self.used = 0
        self._now = now
        self._window = -1
        self._ignored = 0
        self._banned_until = 0.0

    def charge(self, weight: int) -> Charge:
        """Spend `weight` and say whether the request is served."""
        now = self._now()
        self._roll(now)
        if now < self._banned_until:
            return self._refused(Verdict.BANNED, self._banned_until - now)
        self.used += weight
        if self.used <= self.limit.weight:
            return Charge(Verdict.SERVE, self.used, self.limit, 0)
        self._ignored += 1
        if self.limit.ban_seconds and self._ignored > IGNORED_BEFORE_BAN:
            self.ban(self.limit.ban_seconds)
            return self._refused(Verdict.BANNED, self.limit.ban_seconds)
        return self._refused(Verdict.TOO_MANY, (self._window + 1) * self.limit.seconds - now)

    def spend(self, weight: int) -> None:
        """Set what this window has used to `weight`, as if other programs had spent it."""
        self._roll(self._now())
        self.used = weight

    def ban(self, seconds: float) -> None:
        """Refuse everything for that long."""
        self._banned_until = self._now() + seconds
        self._ignored = 0

    def _roll(self, now: float) -> None:
        window = int(now // self.limit.seconds)
        if window != self._window:
            self._window, self.used, self._ignored = window, 0, 0

    def _refused(self, verdict: Verdict, seconds: float) -> Charge:
        return Charge(verdict, self.used, self.limit, max(1, math.ceil(seconds)))


def new_budgets() -> dict[str, Budget]:
    """A fresh budget for every host that counts."""
    return {host: Budget(limit) for host, limit in LIMITS.items()}
