"""The price at which those who wrote options would have to pay least. Pure."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def payouts(strikes: Floats, call_interest: Floats, put_interest: Floats, prices: Floats) -> Floats:
    """What all options of an expiry pay at each settlement price, in dollars.

    A call pays max(price - strike, 0) and a put max(strike - price, 0) for each coin of open interest.
    Inverse options pay the same in coins at that price (support.deribit.com, "Inverse Options").
    """
    above = np.maximum(prices[:, None] - strikes[None, :], 0.0)
    below = np.maximum(strikes[None, :] - prices[:, None], 0.0)
    paid: Floats = above @ call_interest + below @ put_interest
    return paid


def max_pain(strikes: Floats, call_interest: Floats, put_interest: Floats) -> float | None:
    """The strike at which all options of one expiry would pay least; None without open interest.

    Between two strikes payouts are straight lines, so their least is at a strike. Where several are least, it
    is the lowest of them. `strikes` are distinct.
    """
    if not len(strikes) or not (call_interest.sum() + put_interest.sum()) > 0:
        return None
    order = np.argsort(strikes)
    paid = payouts(strikes[order], call_interest[order], put_interest[order], strikes[order])
    return float(strikes[order][int(np.argmin(paid))])
