"""Orders against the simulated book: markets take what stands there, limits rest, stops wait for their price.

Nobody else sees these orders, and a taken level is there again at the next look: the market is a pure
function of time. A resting limit order is filled, whole and at its price, once the other side of the book
has come to it.
"""

from decimal import Decimal

from alphapulse_sim.accounts import Account, Position
from alphapulse_sim.book import Book, book_at
from alphapulse_sim.instruments import Listing
from alphapulse_sim.market import Market
from alphapulse_sim.orders import Order


class Matching:
    """The orders of one account at one moment."""

    def __init__(self, market: Market, account: Account, now_ms: int) -> None:
        self._market, self._account, self._now = market, account, now_ms
        self._books: dict[str, Book] = {}

    def settle(self) -> None:
        """Bring what waits up to now: triggered stops, limits that the market has come to."""
        for order in self._account.open_orders():
            if order.waits and not self._reached(order):
                continue
            if order.waits:
                order.triggered = True
                self._take(order)
            elif order.price is not None and self._touches(order):
                self._fill(order, order.left, order.left * order.price)

    def place(self, order: Order) -> None:
        """Take an order that is right and paid for; what of it cannot rest ends."""
        self._account.orders[order.number] = order
        self._account.next_number = order.number + 1
        order.updated_ms = self._now
        if not order.waits:
            self._take(order)

    def price(self, listing: Listing, buy: bool) -> Decimal | None:
        """What a buyer pays, or a seller gets, for the first lot."""
        book = self._book(listing)
        side = book.asks if buy else book.bids
        return _scaled(int(side.price[0]), listing.price_digits) if len(side.price) else None

    def cost(self, listing: Listing, buy: bool, size: Decimal) -> Decimal:
        """What a market order would cost, as far as the book goes."""
        return self._walk(listing, buy, size, None)[1]

    def _take(self, order: Order) -> None:
        size, quote = self._walk(order.listing, order.buy, order.left, order.price)
        if order.time_in_force == "FOK" and size < order.left:
            size = quote = Decimal(0)
        if size > 0:
            self._fill(order, size, quote)
        if order.open and (order.price is None or order.time_in_force in ("IOC", "FOK")):
            order.expired, order.updated_ms = True, self._now

    def _walk(
        self, listing: Listing, buy: bool, size: Decimal, limit: Decimal | None
    ) -> tuple[Decimal, Decimal]:
        """How much of a size the book gives, up to a limit price, and what that costs."""
        book = self._book(listing)
        side = book.asks if buy else book.bids
        got, paid = Decimal(0), Decimal(0)
        for ticks, lots in zip(side.price.tolist(), side.size.tolist(), strict=True):
            price = _scaled(ticks, listing.price_digits)
            if got >= size or (limit is not None and (price > limit if buy else price < limit)):
                break
            part = min(size - got, _scaled(lots, listing.size_digits))
            got, paid = got + part, paid + part * price
        return got, paid

    def _reached(self, order: Order) -> bool:
        assert order.stop is not None
        price = self.price(order.listing, order.buy)
        return price is not None and (price >= order.stop if order.rises else price <= order.stop)

    def _touches(self, order: Order) -> bool:
        price = self.price(order.listing, order.buy)
        assert order.price is not None
        return price is not None and (price <= order.price if order.buy else price >= order.price)

    def _book(self, listing: Listing) -> Book:
        name = f"{listing.kind} {listing.symbol}"
        if name not in self._books:
            self._books[name] = book_at(self._market, listing, self._now)
        return self._books[name]

    def _fill(self, order: Order, size: Decimal, quote: Decimal) -> None:
        order.executed, order.quote, order.updated_ms = order.executed + size, order.quote + quote, self._now
        sign = 1 if order.buy else -1
        listing, balances = order.listing, self._account.balances
        if listing.kind == "spot":
            balances[listing.base] = balances.get(listing.base, Decimal(0)) + sign * size
            balances[listing.quote] = balances.get(listing.quote, Decimal(0)) - sign * quote
        else:
            self._hold(listing, sign * size, quote / size)

    def _hold(self, listing: Listing, size: Decimal, price: Decimal) -> None:
        """Add to a position, or take from it: what is taken has gained or lost."""
        account = self._account
        held = account.positions.setdefault(listing.symbol, Position(Decimal(0), price, opened_ms=self._now))
        if held.size * size < 0:
            closed = min(abs(size), abs(held.size))
            gained = closed * (price - held.entry) * (1 if held.size > 0 else -1)
            account.balances[listing.quote] = account.balances.get(listing.quote, Decimal(0)) + gained
            if abs(size) > abs(held.size):
                held.entry, held.opened_ms = price, self._now
        elif held.size + size != 0:
            held.entry = (abs(held.size) * held.entry + abs(size) * price) / abs(held.size + size)
        held.size += size
        if held.size == 0:
            del account.positions[listing.symbol]


def _scaled(units: int, digits: int) -> Decimal:
    return Decimal(units).scaleb(-digits)
