"""One order of a simulated venue: what was asked and what became of it. Venues' own words are elsewhere."""

from dataclasses import dataclass
from decimal import Decimal

from alphapulse_sim.instruments import Listing


@dataclass(slots=True)
class Order:
    """An order. `stop` makes it wait until the price rises or falls to it."""

    number: int
    client_id: str
    listing: Listing
    buy: bool
    size: Decimal
    price: Decimal | None  # None: at the market
    created_ms: int
    stop: Decimal | None = None
    rises: bool = False
    time_in_force: str = "GTC"
    reduce_only: bool = False
    executed: Decimal = Decimal(0)
    quote: Decimal = Decimal(0)  # what was paid or got for it
    cancelled: bool = False
    expired: bool = False
    triggered: bool = False
    updated_ms: int = 0

    @property
    def left(self) -> Decimal:
        """What is not filled."""
        return self.size - self.executed

    @property
    def open(self) -> bool:
        """Whether it can still be filled."""
        return not (self.cancelled or self.expired) and self.left > 0

    @property
    def waits(self) -> bool:
        """Whether its stop was not reached yet."""
        return self.stop is not None and not self.triggered

    @property
    def status(self) -> str:
        """By Binance's words."""
        if self.left <= 0:
            return "FILLED"
        if self.cancelled:
            return "CANCELED"
        if self.expired:
            return "EXPIRED"
        return "PARTIALLY_FILLED" if self.executed > 0 else "NEW"

    @property
    def average(self) -> Decimal:
        """Mean price of what is filled; 0 before."""
        return self.quote / self.executed if self.executed > 0 else Decimal(0)

    def locks(self, asset: str) -> Decimal:
        """What it holds of an asset while it is open; of spot alone."""
        if self.listing.kind != "spot":
            return Decimal(0)
        if self.buy:
            each = self.price or self.stop or Decimal(0)
            return self.left * each if asset == self.listing.quote else Decimal(0)
        return self.left if asset == self.listing.base else Decimal(0)
