"""What positions are worth, gain, cost and sum up to. Pure; units are those of `model`."""

from collections.abc import Iterable

from alphapulse_assets.positions.model import DOLLARS, Funding, Position


def base_size(position: Position, price: float) -> float:
    """Size in base units, above 0: of inverse contracts it depends on the price.

    Raises:
        ValueError: a size in contracts whose contract size is not known.
    """
    if position.size_unit == "base":
        return position.size
    if position.contract_size is None:
        raise ValueError(f"{position.name}: size is in contracts and their size is not known")
    worth = position.size * position.contract_size
    return worth / price if position.inverse else worth


def notional(position: Position, price: float) -> float:
    """What it is worth at a price, in quote units, above 0."""
    if position.inverse and position.size_unit == "contracts" and position.contract_size is not None:
        return position.size * position.contract_size
    return base_size(position, price) * price


def entry_value(position: Position) -> float:
    """What it was worth at its entry, in settle units (quote units of spot)."""
    if position.inverse:
        return base_size(position, position.entry_price)
    return notional(position, position.entry_price)


def exposure(position: Position, price: float) -> float:
    """What it is worth, below 0 for shorts, in quote units."""
    return position.sign * notional(position, price)


def gain(position: Position, price: float) -> float:
    """Unrealised gain at a price, in settle units (quote units of spot)."""
    if position.inverse:
        worth = notional(position, position.entry_price)
        return position.sign * worth * (1 / position.entry_price - 1 / price)
    return position.sign * base_size(position, price) * (price - position.entry_price)


def gain_in_quote(position: Position, price: float) -> float:
    """Unrealised gain at a price, in quote units."""
    found = gain(position, price)
    return found * price if position.inverse else found


def funding_per_day(position: Position, price: float, funding: Funding) -> float:
    """What funding costs a day at the newest rate, in quote units; below 0 where it is received.

    A rate above 0 is paid by longs to shorts at each settlement (documented: Binance, "Introduction to
    Funding Rates"; Bybit alike), 24 h / interval times a day. The rate of tomorrow is another.
    """
    return exposure(position, price) * funding.rate * 24.0 / funding.interval_hours


def portfolio_leverage(worths: Iterable[float], equity: float | None) -> float | None:
    """Sum of what positions are worth, whatever their side, over equity; None without equity above 0."""
    if equity is None or equity <= 0:
        return None
    return sum(abs(each) for each in worths) / equity


def in_dollars(currency: str) -> bool:
    """Whether amounts of a currency are summed with dollars, one for one."""
    return currency in DOLLARS
