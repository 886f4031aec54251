"""Limits that sizes obey. Pure: a limit may make a position smaller, never larger, and never turns its side.

All are shares of the equity, and each is off where it is None. `RiskLimits` are stored by version: what was
allowed under a version can be computed again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from alphapulse_assets.positions.value_at_risk import Floats, correlations, simulate

LOGIC_VERSION: Final = 1
STEPS: Final = 50
"""Halvings that find the largest size within the value at risk: finer than a double can tell (ours)."""
LEVEL: Final = 0.95
"""Level of the value-at-risk budget."""


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """What a portfolio may be, in shares of its equity; None: no such limit."""

    version: int
    max_symbol: float | None = None  # worth of all positions of one base currency, longs less shorts
    max_leverage: float | None = None  # worth of all positions, whatever their side
    max_value_at_risk: float | None = None  # one day, 95 %
    max_correlation: float | None = None  # from here on two instruments count as one bet
    max_correlated: float | None = None  # worth of all that is one bet with the new position, net

    @property
    def off(self) -> bool:
        """Whether nothing is limited."""
        pair = self.max_correlation is not None and self.max_correlated is not None
        return not pair and self.max_symbol is self.max_leverage is self.max_value_at_risk is None


class Held(NamedTuple):
    """A position that is held: its instrument, base currency and worth, below 0 for shorts."""

    instrument_id: int
    base: str
    exposure: float


class Wanted(NamedTuple):
    """A position that somebody wants: the worth is above 0, the sign says the side."""

    instrument_id: int
    base: str
    sign: int
    worth: float


class Allowed(NamedTuple):
    """What is left of it, and which limit made it smaller (None: none did)."""

    worth: float
    limited_by: str | None


def allowed(
    wanted: Wanted,
    held: Sequence[Held],
    equity: float,
    limits: RiskLimits,
    returns: Floats | None = None,
    columns: Sequence[int] = (),
) -> Allowed:
    """How much of a wanted position the limits leave; of several limits the tightest.

    Args:
        wanted: the new position.
        held: what is held already.
        equity: of the account, above 0, in the currency of the exposures.
        limits: the limits.
        returns: days x instruments without NaN, for value at risk and correlations.
        columns: the instruments that the columns of `returns` are of.

    A limit that needs returns of an instrument which has none allows nothing: what cannot be measured is not
    within a budget. A position that makes the portfolio smaller is never cut by a limit that it relieves.
    """
    if limits.off:
        return Allowed(wanted.worth, None)
    if equity <= 0:
        return Allowed(0.0, "no_equity")
    found: list[tuple[float, str]] = []
    if limits.max_symbol is not None:
        net = sum(each.exposure for each in held if each.base == wanted.base)
        found.append((_room(net, wanted.sign, limits.max_symbol * equity), "max_symbol"))
    if limits.max_leverage is not None:
        found.append((_leverage_room(wanted, held, limits.max_leverage * equity), "max_leverage"))
    if limits.max_correlation is not None and limits.max_correlated is not None:
        room = _correlated_room(wanted, held, equity, limits, returns, columns)
        found.append((room, "max_correlated"))
    if limits.max_value_at_risk is not None:
        budget = limits.max_value_at_risk * equity
        found.append((_risk_room(wanted, held, budget, returns, columns), "max_value_at_risk"))
    room, name = min(found)
    return Allowed(wanted.worth, None) if room >= wanted.worth else Allowed(max(0.0, room), name)


def _room(net: float, sign: int, most: float) -> float:
    """How much may be added on one side until the net is at its most, across 0 where it was on the other."""
    return max(0.0, most - sign * net)


def _leverage_room(wanted: Wanted, held: Sequence[Held], most: float) -> float:
    """Adding to one side, first what is held against it of the same instrument goes."""
    gross = sum(abs(each.exposure) for each in held)
    net = sum(each.exposure for each in held if each.instrument_id == wanted.instrument_id)
    against = max(0.0, -wanted.sign * net)
    return max(0.0, most - (gross - against)) + against if gross - against < most else against


def _correlated_room(
    wanted: Wanted,
    held: Sequence[Held],
    equity: float,
    limits: RiskLimits,
    returns: Floats | None,
    columns: Sequence[int],
) -> float:
    """What may be added to the net worth of all that moves with it, what moves against it turned round."""
    assert limits.max_correlation is not None
    assert limits.max_correlated is not None
    needed = {wanted.instrument_id, *(each.instrument_id for each in held)}
    if returns is None or not needed <= set(columns) or len(returns) < 2:
        return 0.0
    place = {instrument: column for column, instrument in enumerate(columns)}
    row = correlations(returns)[place[wanted.instrument_id]]
    net = 0.0
    for each in held:
        with_it = 1.0 if each.instrument_id == wanted.instrument_id else float(row[place[each.instrument_id]])
        if abs(with_it) >= limits.max_correlation:
            net += each.exposure if with_it > 0 else -each.exposure
    return _room(net, wanted.sign, limits.max_correlated * equity)


def _risk_room(
    wanted: Wanted, held: Sequence[Held], budget: float, returns: Floats | None, columns: Sequence[int]
) -> float:
    """The largest worth, up to what is wanted, whose portfolio keeps within the value-at-risk budget."""
    needed = {wanted.instrument_id, *(each.instrument_id for each in held)}
    if returns is None or not needed <= set(columns):
        return 0.0
    place = {instrument: column for column, instrument in enumerate(columns)}

    def within(worth: float) -> bool:
        exposures = np.zeros(len(columns))
        for each in held:
            exposures[place[each.instrument_id]] += each.exposure
        exposures[place[wanted.instrument_id]] += wanted.sign * worth
        risk = simulate(exposures.tolist(), returns, LEVEL)
        return risk is not None and risk.value_at_risk <= budget

    return wanted.worth if within(wanted.worth) else _largest(within, wanted.worth)


def _largest(within: Callable[[float], bool], most: float) -> float:
    """The largest worth that is within, below one that is not; 0 where none is found by halving."""
    low, high = 0.0, most
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle) else (low, middle)
    return low
