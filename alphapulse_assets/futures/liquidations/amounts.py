"""What a liquidation is worth: contracts in base units, in quote units and in USD. Pure."""

import math
from typing import NamedTuple

from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.whales.usd import UsdRate
from alphapulse_resources.streams.messages import Liquidation

NO_CONTRACT_SIZE = "no contract size"
NO_RATE = "no rate in USD"


class Amounts(NamedTuple):
    """None where it is not known; `missing` says why."""

    base: float | None
    notional: float | None
    usd: float | None
    missing: str | None


def amounts(told: Liquidation, measures: Measures, rate: UsdRate) -> Amounts:
    """All of the liquidated size at the average price, or at the order's where no average is told.

    `measures.contract` is the size of a contract: in base units, or in quote units of inverse ones, of which
    1 stands for not known. `rate` is what a quote unit is worth in USD.
    """
    price = told.average_price or told.price
    if measures.inverse:
        if measures.contract == 1.0:
            return Amounts(None, None, None, NO_CONTRACT_SIZE)
        notional = told.size * measures.contract
        base = notional / price
    else:
        base = told.size * measures.contract
        notional = base * price
    if not (math.isfinite(base) and math.isfinite(notional)):
        return Amounts(None, None, None, "beyond all numbers")
    usd = notional * rate.value if rate.known else None
    return Amounts(base, notional, usd, None if rate.known else NO_RATE)
