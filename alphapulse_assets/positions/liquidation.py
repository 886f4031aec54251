"""At which price a position is liquidated. Pure.

A position is closed by force once the margin behind it no longer covers the maintenance margin. With the
side s (1 or -1), size q in base units, entry E, margin W, maintenance rate m and amount c, a linear
contract reaches that at

    W + s q (P - E) = m q P - c          so  P = (W + c - s q E) / (q (m - s))

documented: Binance, "How to Calculate Liquidation Price of USDS-M Futures Contracts" (one-way mode), and an
inverse one, whose contracts are worth N = contracts x contract size in quote units, at

    W + s N (1/E - 1/P) = m N / P - c    so  P = N (m + s) / (W + c + s N / E)

documented: Binance, "How to Calculate Liquidation Price of COIN-M Futures Contracts". W is the position's
own margin in isolated mode. In cross mode it is the wallet balance, less the maintenance margin of the
account's other positions, plus their unrealised gains: an approximation, for these move too while the price
gets there, and an account of several collaterals has haircuts that are not in it. Fees of the liquidation
are left out, as in the venues' formula. Bybit's isolated formula is the same but for the fee to close,
which it reserves from the margin.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from alphapulse_assets.positions.exposure import base_size, entry_value, gain, notional
from alphapulse_assets.positions.model import Equity, Mark, Position, Tier

LOGIC_VERSION: Final = 1


class Maintenance(NamedTuple):
    """The maintenance margin that goes for a position."""

    rate: float
    amount: float


class Liquidation(NamedTuple):
    """The price and how far it is; or why there is none."""

    price: float | None
    distance: float | None  # share of the mark that the price has to move against the position
    reason: str | None  # why there is no price, or no distance


def maintenance_of(position: Position, tiers: Sequence[Tier], worth: float) -> Maintenance | None:
    """What was given with the position, else the tier of its worth; None where neither is known.

    `worth` is in the tier's units: quote units for linear contracts, base units for inverse ones.
    """
    if position.maintenance_rate is not None:
        return Maintenance(position.maintenance_rate, position.maintenance_amount or 0.0)
    below = [tier for tier in sorted(tiers) if tier.floor <= worth]
    return Maintenance(below[-1].rate, below[-1].amount) if below else None


def maintenance_margin(position: Position, mark: float, tiers: Sequence[Tier]) -> float | None:
    """Maintenance margin at a price, in settle units; None where the rate is not known."""
    worth = _worth_in_settle(position, mark)
    found = maintenance_of(position, tiers, worth)
    return None if found is None else max(0.0, found.rate * worth - found.amount)


def isolated_margin(position: Position) -> float | None:
    """Margin of an isolated position, in settle units: what was told, or entry value over leverage."""
    if position.margin is not None:
        return position.margin
    if position.leverage is None:
        return None
    return entry_value(position) / position.leverage


def liquidation(
    position: Position,
    mark: Mark | None,
    tiers: Sequence[Tier] = (),
    *,
    equity: Equity | None = None,
    others: Sequence[tuple[Position, Mark | None, Sequence[Tier]]] = (),
) -> Liquidation:
    """The price at which a position is liquidated, and how far away that is.

    Args:
        position: the position.
        mark: its present price; for the tier, and the distance.
        tiers: maintenance tiers of its instrument; not needed where the position says its rate.
        equity: wallet balance of the account, for cross margin.
        others: the account's other positions in cross mode and the same settle currency, at their marks.
    """
    if position.settle is None:
        return Liquidation(None, None, "spot: nothing is borrowed, so nothing is liquidated")
    if position.size_unit == "contracts" and position.contract_size is None:
        return Liquidation(None, None, "size is in contracts and the contract size is not known")
    worth = _worth_in_settle(position, mark.price if mark else position.entry_price)
    maintenance = maintenance_of(position, tiers, worth)
    if maintenance is None:
        return Liquidation(None, None, "the maintenance margin rate is not known: give it, or read the tiers")
    behind, reason = _behind(position, equity, others)
    if behind is None:
        return Liquidation(None, None, reason)
    price = _price(position, behind, maintenance)
    if price is None:
        return Liquidation(None, None, "no price above 0 liquidates it: the margin covers all it can lose")
    if mark is None:
        return Liquidation(price, None, "no price of it is stored, so the distance is not known")
    return Liquidation(price, position.sign * (mark.price - price) / mark.price, None)


def _behind(
    position: Position,
    equity: Equity | None,
    others: Sequence[tuple[Position, Mark | None, Sequence[Tier]]],
) -> tuple[float | None, str | None]:
    """The margin behind a position in settle units, or why it is not known."""
    if position.margin_mode == "isolated":
        margin = isolated_margin(position)
        return margin, None if margin is not None else "neither margin nor leverage is known"
    if position.margin_mode != "cross":
        return None, f"margin mode {position.margin_mode!r} has no liquidation price"
    if equity is None:
        return None, f"cross margin: the balance of account {position.account} is not known"
    if equity.currency != position.settle:
        return None, f"cross margin: the balance is in {equity.currency}, not in {position.settle}"
    behind = equity.amount
    for other, mark, tiers in others:
        needed = None if mark is None else maintenance_margin(other, mark.price, tiers)
        if mark is None or needed is None:
            return None, f"cross margin: mark or maintenance of {other.symbol} is not known"
        behind += gain(other, mark.price) - needed
    return behind, None


def _price(position: Position, behind: float, maintenance: Maintenance) -> float | None:
    """The price of the formulas above; None where it is not above 0."""
    sign, rate = position.sign, maintenance.rate
    if position.inverse:
        worth = notional(position, position.entry_price)
        below = behind + maintenance.amount + sign * worth / position.entry_price
        above = worth * (rate + sign)
    else:
        size = base_size(position, position.entry_price)
        above = behind + maintenance.amount - sign * size * position.entry_price
        below = size * (rate - sign)
    if below == 0 or (price := above / below) <= 0:
        return None
    return price


def _worth_in_settle(position: Position, price: float) -> float:
    return base_size(position, price) if position.inverse else notional(position, price)
