"""Greeks of options on a forward, by Black's formula. Pure.

Source: F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), as in
J. Hull, "Options, Futures, and Other Derivatives", chapter on futures options. Deribit says that the implied
volatility of an option uses the forward, not the index, as the underlying price (support.deribit.com,
"Inverse Options"); book summaries tell it as `underlying_price`. Deribit's own greeks are these, to the
decimals that it prints.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

LOGIC_VERSION: Final = 1
"""Raised whenever the same quotes would have other greeks."""

DAYS_A_YEAR: Final = 365.0


class Greeks(NamedTuple):
    """Sensitivities of one option on one coin, in dollars whatever it is settled in; NaN where undefined.

    `delta`: by the forward, in coins; `gamma`: of delta, by a dollar; `vega`: by a point of volatility of a
    hundred; `theta`: by a day that passes, below zero where time costs.
    """

    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats


def greeks(
    forward: Floats, strike: Floats, volatility: Floats, years: Floats, rate: Floats, is_call: Booleans
) -> Greeks:
    """Greeks of options.

    Args:
        forward: price of the coin for delivery at the expiry, in dollars.
        strike: in dollars.
        volatility: a year's, as a share: 0.6 is 60 %.
        years: to the expiry, of 365 days.
        rate: interest of a year, continuous, as a share; Deribit's is 0.
        is_call: calls and puts.

    An option that has expired, or whose forward, strike or volatility is not above zero, has none (NaN).
    """
    usable = (forward > 0) & (strike > 0) & (volatility > 0) & (years > 0)
    forward, strike, volatility, years, rate = (
        np.where(usable, values, np.nan) for values in (forward, strike, volatility, years, rate)
    )
    root = np.sqrt(years)
    deviation = volatility * root
    d1 = np.log(forward / strike) / deviation + deviation / 2
    d2 = d1 - deviation
    discount = np.exp(-rate * years)
    density = np.exp(-(d1**2) / 2) / math.sqrt(2 * math.pi)
    sign = np.where(is_call, 1.0, -1.0)
    price = discount * sign * (forward * normal_cdf(sign * d1) - strike * normal_cdf(sign * d2))
    decay = -discount * forward * density * volatility / (2 * root) + rate * price
    return Greeks(
        delta=discount * sign * normal_cdf(sign * d1),
        gamma=discount * density / (forward * deviation),
        vega=discount * forward * density * root / 100,
        theta=decay / DAYS_A_YEAR,
    )


def normal_cdf(x: Floats) -> Floats:
    """The normal distribution function; NaN stays NaN."""
    return np.asarray([0.5 * math.erfc(-value / math.sqrt(2)) for value in x.tolist()])
