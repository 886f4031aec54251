"""Kraken's checksum of a book: docs.kraken.com, "Book checksum (WebSocket v2)". Pure: no I/O.

Of the best ten asks, cheapest first, then of the best ten bids, dearest first: price and size as they were
printed, without the point and the zeros before the first other digit; CRC32 of all of that.
"""

import zlib
from bisect import insort
from itertools import islice
from typing import Final

from alphapulse_resources.streams.messages import BookProof, Printed

BEST: Final = 10
"""Levels a side that the checksum is about, whatever was subscribed to."""


def digits(price: bytes, size: bytes) -> bytes:
    """45285.2 and 0.00100000 as 452852100000."""
    return price.replace(b".", b"").lstrip(b"0") + size.replace(b".", b"").lstrip(b"0")


class _Side:
    """One side: the levels as they were printed, and their prices in order, best first."""

    __slots__ = ("_digits", "_keys", "_sign")

    def __init__(self, sign: float) -> None:
        self._sign = sign
        self._keys: list[float] = []
        self._digits: dict[float, bytes] = {}

    def take(self, levels: Printed, limit: int | None) -> None:
        """Take changed levels in order, then keep the best `limit`."""
        for price, size in levels:
            key = self._sign * float(price)
            if float(size) == 0.0:
                if self._digits.pop(key, None) is not None:
                    self._keys.remove(key)
                continue
            if key not in self._digits:
                insort(self._keys, key)
            self._digits[key] = digits(price, size)
        for key in self._keys[limit:] if limit else ():
            del self._digits[key]
        if limit:
            del self._keys[limit:]

    def best(self) -> bytes:
        """The digits of the best levels, best first."""
        return b"".join(self._digits[key] for key in islice(self._keys, BEST))


class ChecksumProver:
    """See `BookProver`."""

    __slots__ = ("_asks", "_bids", "_limit")

    def __init__(self) -> None:
        self._limit: int | None = None
        self._bids, self._asks = _Side(-1.0), _Side(1.0)

    def load(self, proof: BookProof, limit: int | None) -> bool:
        """See `BookProver.load`."""
        self._limit = limit
        self._bids, self._asks = _Side(-1.0), _Side(1.0)
        return self.apply(proof)

    def apply(self, proof: BookProof) -> bool:
        """See `BookProver.apply`."""
        self._bids.take(proof.bids, self._limit)
        self._asks.take(proof.asks, self._limit)
        return zlib.crc32(self._bids.best(), zlib.crc32(self._asks.best())) == proof.checksum
