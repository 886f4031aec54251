"""How sure a row of market metrics is: completeness x agreement x freshness, 0 to 1. Pure.

**completeness** is the share of six figures that were told (FIGURES).

**agreement** compares with the other provider's newest row, where one was told within ten minutes (else it is
null and counts UNVERIFIED). Two providers count different coins: they are some 2.9 points of Bitcoin's
dominance apart on average while both are right. So up to USUAL_GAP points and USUAL_RATIO of the total there
is full agreement; from there it falls in a line to 0 at FAR_GAP and FAR_RATIO. The worse of both counts:

    agreement = min(line(|btc_dominance - other|, 5, 15), line(|log(total / other)|, log 1.15, log 1.6))
    line(x, usual, far) = 1 - clip((x - usual) / (far - usual), 0, 1)

Neither of two that disagree is trusted: who lies cannot be told from two.

**freshness** is 1 up to two minutes of age, then halves every eight minutes: one half at ten minutes, when an
answer counts as stale. `market_metrics_now` has the same formula in SQL for the age that a row has by now.

    freshness = 0.5 ** (max(age in minutes - 2, 0) / 8)
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

FIGURES: Final = (
    "total_market_cap",
    "volume_24h",
    "btc_dominance",
    "eth_dominance",
    "stablecoin_dominance",
    "defi_market_cap",
)
"""What a complete row tells."""
UNVERIFIED: Final = 0.8
"""What agreement counts where nobody else told (ours)."""
USUAL_GAP: Final = 5.0
FAR_GAP: Final = 15.0
"""Points of Bitcoin's dominance (ours, around the 2.9 that were measured)."""
USUAL_RATIO: Final = 1.15
FAR_RATIO: Final = 1.6
"""Of one total over the other (ours)."""
_FRESH: Final = timedelta(minutes=2)
_HALVES: Final = timedelta(minutes=8)


def completeness(row: Mapping[str, Any]) -> float:
    """The share of FIGURES that are there, 0 to 1."""
    return sum(row.get(name) is not None for name in FIGURES) / len(FIGURES)


def freshness(age: timedelta) -> float:
    """1 up to two minutes, then half every eight; an age below 0 (clocks differ) is none."""
    return float(0.5 ** (max(age - _FRESH, timedelta()) / _HALVES))


def agreement(row: Mapping[str, Any], other: Mapping[str, Any] | None) -> float | None:
    """How well two providers' rows agree, 0 to 1; None where nothing can be compared."""
    if other is None:
        return None
    lines = []
    gap = dominance_gap(row, other)
    if gap is not None:
        lines.append(_line(abs(gap), USUAL_GAP, FAR_GAP))
    mine, theirs = row.get("total_market_cap"), other.get("total_market_cap")
    if mine and theirs and mine > 0 and theirs > 0:
        lines.append(_line(abs(math.log(mine / theirs)), math.log(USUAL_RATIO), math.log(FAR_RATIO)))
    return min(lines) if lines else None


def dominance_gap(row: Mapping[str, Any], other: Mapping[str, Any] | None) -> float | None:
    """Bitcoin's dominance here less there, in points; None where either does not tell."""
    mine, theirs = row.get("btc_dominance"), other.get("btc_dominance") if other else None
    return None if mine is None or theirs is None else mine - theirs


def confidence(row: Mapping[str, Any], other: Mapping[str, Any] | None, age: timedelta) -> float:
    """Completeness x agreement x freshness, 0 to 1."""
    agreed = agreement(row, other)
    return completeness(row) * (UNVERIFIED if agreed is None else agreed) * freshness(age)


CAP_OFF: Final = 0.05
CAP_FAR: Final = 0.5
"""By how much a coin's cap may differ from price x supply (ours): up to the first it does not matter, from
the second on the row counts nothing."""


def coin_confidence(row: Mapping[str, Any], now: datetime) -> float:
    """How sure a coin's row is, 0 to 1: by price, cap, volume and supply told, freshness, and its own
    arithmetic.

    A cap that is not price times supply in circulation was not worked out of that price: the confidence falls
    with |log(cap / (price x supply))|, from 5 % on, to 0 at 50 %.
    """
    told = (
        sum(row[name] is not None for name in ("price", "market_cap", "volume_24h", "circulating_supply")) / 4
    )
    consistent = 1.0
    price, supply, cap = row["price"], row["circulating_supply"], row["market_cap"]
    if price and supply and cap and min(price, supply, cap) > 0:
        off = abs(math.log(cap / (price * supply)))
        consistent = _line(off, math.log1p(CAP_OFF), math.log1p(CAP_FAR))
    return told * consistent * freshness(now - row["ts"])


def _line(value: float, usual: float, far: float) -> float:
    return 1.0 - min(max((value - usual) / (far - usual), 0.0), 1.0)


def is_recent(other: datetime, ts: datetime, within: timedelta) -> bool:
    """Whether another row is near enough in time to be compared with one of `ts`."""
    return abs(other - ts) <= within
