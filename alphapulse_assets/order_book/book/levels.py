"""The levels of one book: arrays that grow, and what is read from them. The work on them is in `kernels`."""

from itertools import chain
from typing import Final

import numpy as np

from alphapulse_assets.order_book.book import kernels
from alphapulse_assets.order_book.book.features import Features, Measures, read
from alphapulse_resources.streams.messages import DepthDiff, DepthSnapshot, Levels

_MID: Final = kernels.FEATURES + kernels.MID
_IMBALANCE: Final = kernels.FEATURES + kernels.IMBALANCE
_ROOM: Final = 256  # levels per side at first, and spare ones after a snapshot
BULK: Final = 2_000
"""Changes in one message from which on all levels are sorted anew: put in one by one, each may move them all.

Ours: sorting 200,000 levels that are in order but for these costs as much as a few hundred far insertions.
"""


class LevelStore:
    """Both sides of a book, their price horizon, features and order flow."""

    __slots__ = ("_board", "_counts", "_levels", "_room", "requested")

    def __init__(self, measures: Measures) -> None:
        self._levels = np.empty((kernels.SIDES, 2, _ROOM))
        self._counts = np.zeros(kernels.SIDES, np.int64)
        self._board = np.zeros(kernels.BOARD_SIZE)
        self._board[kernels.IMBALANCE_LEVELS] = measures.imbalance_levels
        self._board[kernels.INVERSE] = measures.inverse
        self._board[kernels.CONTRACT] = measures.contract
        self._board[kernels.BAND_BPS : kernels.BAND_BPS + kernels.BANDS] = measures.bands_bps
        self._room = 0
        self.requested: int | None = None  # levels a side of the latest snapshot at most; None: all there are
        self.clear()

    def clear(self) -> None:
        """No levels, nothing known, nothing measured."""
        self._counts[:] = 0
        self._room = self._levels.shape[2]
        self._board[kernels.HORIZON : kernels.HORIZON + kernels.SIDES] = np.inf
        self._board[kernels.FEATURES : kernels.FLOW] = np.nan

    def load(self, snapshot: DepthSnapshot) -> int:
        """Replace everything by a snapshot; returns the status of `kernels.advance`."""
        self.clear()
        limit = self.requested = snapshot.limit
        self._board[kernels.WINDOW] = limit if snapshot.windowed and limit else 0
        updates, n_bids = _flat(snapshot.bids, snapshot.asks), len(snapshot.bids)
        prices = updates[::2]
        self._board[kernels.HORIZON + kernels.BIDS] = _horizon(prices[:n_bids], limit)
        self._board[kernels.HORIZON + kernels.ASKS] = _horizon(-prices[n_bids:], limit)
        return self._merge(updates, n_bids, reckon_flow=False)

    def apply(self, diff: DepthDiff) -> int:
        """Apply a diff; returns the status of `kernels.advance`."""
        n_bids = len(diff.bids)
        n = n_bids + len(diff.asks)
        updates = _flat(diff.bids, diff.asks)
        if n > BULK:
            return self._merge(updates, n_bids, reckon_flow=True)
        if n > self._room:
            self._grow(n)
        self._room -= n
        return kernels.advance(self._levels, self._counts, self._board, updates, n_bids, True)

    @property
    def features(self) -> Features:
        """What the last step measured."""
        return read(self._board)

    @property
    def mid_and_imbalance(self) -> tuple[float, float]:
        """Two of the features."""
        board = self._board
        return float(board[_MID]), float(board[_IMBALANCE])

    @property
    def horizon(self) -> tuple[float, float]:
        """Lowest bid and highest ask price up to which depth is known: 0 and inf where all of it is."""
        bid, ask = self._board[kernels.HORIZON : kernels.HORIZON + kernels.SIDES].tolist()
        return max(bid, 0.0), -ask

    def bids(self, most: int | None = None) -> Levels:
        """(price, size), best first."""
        return self._side(kernels.BIDS, 1.0, most)

    def asks(self, most: int | None = None) -> Levels:
        """(price, size), best first."""
        return self._side(kernels.ASKS, -1.0, most)

    @property
    def arrays(self) -> tuple[kernels.Floats, kernels.Counts, kernels.Floats]:
        """Levels, counts and board as `kernels` has them, for machine code that reads them at once."""
        return self._levels, self._counts, self._board

    def take_flow(self) -> tuple[float, ...]:
        """Order flow by level since it was last taken."""
        flow = self._board[kernels.FLOW : kernels.TOUCH]
        taken = tuple(flow.tolist())
        flow[:] = 0.0
        return taken

    def _merge(self, updates: kernels.Floats, n_bids: int, *, reckon_flow: bool) -> int:
        """Apply many changes: sorted together with what is held, once."""
        if not kernels.valid(updates):
            return kernels.BAD_LEVEL
        prices, sizes = updates[::2], updates[1::2]
        merged = (
            self._merged(kernels.BIDS, prices[:n_bids], sizes[:n_bids]),
            self._merged(kernels.ASKS, -prices[n_bids:], sizes[n_bids:]),
        )
        most = max(len(keys) for keys, _ in merged)
        if most > self._levels.shape[2]:
            self._levels = np.empty((kernels.SIDES, 2, most + _ROOM))
        for side, (keys, held) in enumerate(merged):
            self._levels[side, 0, : len(keys)] = keys
            self._levels[side, 1, : len(keys)] = held
            self._counts[side] = len(keys)
        self._room = self._levels.shape[2] - most
        return kernels.take_stock(self._levels, self._counts, self._board, reckon_flow)

    def _merged(
        self, side: int, keys: kernels.Floats, sizes: kernels.Floats
    ) -> tuple[kernels.Floats, kernels.Floats]:
        """Keys and sizes of a side after changes: of a price told twice the later counts, 0 removes."""
        n = int(self._counts[side])
        keys = np.concatenate((self._levels[side, 0, :n], keys))
        sizes = np.concatenate((self._levels[side, 1, :n], sizes))
        order = np.argsort(keys, kind="stable")
        keys, sizes = keys[order], sizes[order]
        last = np.ones(len(keys), np.bool_)
        last[:-1] = keys[1:] != keys[:-1]
        kept = last & (sizes != 0.0)
        return keys[kept], sizes[kept]

    def _grow(self, n: int) -> None:
        """Make sure that `n` more levels fit, and know how many do."""
        held, capacity = int(self._counts.max()), self._levels.shape[2]
        if held + n > capacity:
            larger = np.empty((kernels.SIDES, 2, max(2 * capacity, held + n + _ROOM)))
            larger[:, :, :held] = self._levels[:, :, :held]
            self._levels = larger
        self._room = self._levels.shape[2] - held

    def _side(self, side: int, sign: float, most: int | None) -> Levels:
        n = int(self._counts[side])
        first = 0 if most is None else max(n - most, 0)
        keys = sign * self._levels[side, 0, first:n][::-1]
        return list(zip(keys.tolist(), self._levels[side, 1, first:n][::-1].tolist(), strict=True))


def warm_up() -> None:
    """Have the machine code ready: made at the first call (seconds), read from disk after that."""
    store = LevelStore(Measures())
    store.load(DepthSnapshot("", 0, [(1.0, 1.0)], [(2.0, 1.0)]))
    store.apply(DepthDiff("", 0, 1, 1, [(1.0, 2.0)], [], 0))


def _flat(bids: Levels, asks: Levels) -> kernels.Floats:
    """price, size, price, size ...: bids, then asks."""
    return np.fromiter(chain.from_iterable(chain(bids, asks)), np.float64, 2 * (len(bids) + len(asks)))


def _horizon(keys: kernels.Floats, limit: int | None) -> float:
    """The worst key known: a side with fewer levels than were asked for is whole."""
    return -np.inf if limit is None or not len(keys) or len(keys) < limit else float(keys.min())
