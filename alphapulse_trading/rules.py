"""What an order has to be before it is sent: refused here in clear words, not by a venue's code. Pure."""

from decimal import Decimal

from alphapulse_trading.model import OrderRequest, RefusedError, SymbolRules


def check(order: OrderRequest, rules: SymbolRules, price: Decimal | None, most_value: Decimal | None) -> None:
    """Raise RefusedError for an order that its symbol, or our own bound, does not allow.

    Nothing is rounded: an order that is not what was asked for is worse than none.

    Args:
        order: the order.
        rules: steps and least amounts of the symbol.
        price: the present price, for orders that have none of their own; None: their worth is not known.
        most_value: what one order may be worth, in quote units; None: anything.
    """
    _steps("size", order.size, rules.lot, order)
    for name, value in (("price", order.price), ("stop price", order.stop)):
        if value is not None:
            _steps(name, value, rules.tick, order)
    if rules.least_size is not None and order.size < rules.least_size:
        raise RefusedError(f"{order.symbol}: a size of {order.size} is below the least of {rules.least_size}")
    at = order.price or order.stop or price
    if at is None:
        if most_value is not None:
            raise RefusedError(f"{order.symbol}: there is no price by which the order's worth could be told")
        return
    worth = order.size * at
    if rules.least_value is not None and worth < rules.least_value and not order.reduce_only:
        raise RefusedError(f"{order.symbol}: worth {worth:f}, and {rules.least_value} is the least")
    if most_value is not None and worth > most_value and not order.reduce_only:
        raise RefusedError(
            f"{order.symbol}: worth {worth:f}, and {most_value} is the most that one order may be "
            "(ALPHAPULSE_TRADING__MAX_ORDER_VALUE)"
        )


def _steps(name: str, value: Decimal, step: Decimal | None, order: OrderRequest) -> None:
    if step is None:
        raise RefusedError(
            f"{order.venue} {order.symbol}: the step of its {name} is not known; alphapulse symbols add "
            f"{order.venue} {order.symbol} asks the venue for it"
        )
    if value % step != 0:
        below = value // step * step
        raise RefusedError(
            f"{order.symbol}: a {name} of {value} is no multiple of {step.normalize():f}; the nearest are "
            f"{below.normalize():f} and {(below + step).normalize():f}"
        )
