"""Order flow imbalance of an interval: what it is, and when it can be trusted. Reckoned in `kernels`.

Cont, Kukanov and Stoikov (2014), "The price impact of order book events": for consecutive states of the best
quotes, e = [Pb >= Pb'] qb - [Pb <= Pb'] qb' - [Pa <= Pa'] qa + [Pa >= Pa'] qa', summed over the interval;
positive is buying pressure. Xu, Gould and Howison (2019), "Multi-level order-flow imbalance": the same at
each of the best M levels, as a vector. A state here is a message: what a venue put into one message (100 ms
on Binance) nets out.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrderFlow:
    """Order flow of `[start, end)` (seconds since 1970 UTC), in the venue's unit of size."""

    start: float
    end: float
    by_level: tuple[float, ...]  # best level first
    messages: int
    complete: bool  # the book was synced all the time

    @property
    def imbalance(self) -> float:
        """Order flow imbalance at the best level."""
        return self.by_level[0]
