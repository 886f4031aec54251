"""The levels of one book: arrays that grow, and what is read from them. The work on them is in `kernels`."""

import math
from itertools import chain
from typing import Final

import numpy as np

from alphapulse_assets.order_book import kernels
from alphapulse_assets.order_book.features import Features, Measures, read
from alphapulse_resources.streams.messages import DepthDiff, DepthSnapshot, Levels

_MID: Final = kernels.FEATURES + kernels.MID
_IMBALANCE: Final = kernels.FEATURES + kernels.IMBALANCE
_ROOM: Final = 256  # levels per side at first, and spare ones after a snapshot


class LevelStore:
    """Both sides of a book, their price horizon, features and order flow."""

    __slots__ = ("_board", "_counts", "_levels", "_room")

    def __init__(self, measures: Measures) -> None:
        self._levels = np.empty((kernels.SIDES, 2, _ROOM))
        self._counts = np.zeros(kernels.SIDES, np.int64)
        self._board = np.zeros(kernels.BOARD_SIZE)
        self._board[kernels.IMBALANCE_LEVELS] = measures.imbalance_levels
        self._board[kernels.INVERSE] = measures.inverse
        self._board[kernels.CONTRACT] = measures.contract
        self._board[kernels.BAND_BPS : kernels.BAND_BPS + kernels.BANDS] = measures.bands_bps
        self._room = 0
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
        limit = snapshot.limit
        self._board[kernels.WINDOW] = limit if snapshot.windowed and limit else 0
        self._board[kernels.HORIZON + kernels.BIDS] = _horizon([price for price, _ in snapshot.bids], limit)
        self._board[kernels.HORIZON + kernels.ASKS] = _horizon([-price for price, _ in snapshot.asks], limit)
        return self._advance(snapshot.bids, snapshot.asks, reckon_flow=False)

    def apply(self, diff: DepthDiff) -> int:
        """Apply a diff; returns the status of `kernels.advance`."""
        return self._advance(diff.bids, diff.asks, reckon_flow=True)

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

    def take_flow(self) -> tuple[float, ...]:
        """Order flow by level since it was last taken."""
        flow = self._board[kernels.FLOW : kernels.TOUCH]
        taken = tuple(flow.tolist())
        flow[:] = 0.0
        return taken

    def _advance(self, bids: Levels, asks: Levels, *, reckon_flow: bool) -> int:
        n_bids = len(bids)
        n = n_bids + len(asks)
        if n > self._room:
            self._grow(n)
        self._room -= n
        updates = np.fromiter(chain.from_iterable(bids + asks), np.float64, 2 * n)
        return kernels.advance(self._levels, self._counts, self._board, updates, n_bids, reckon_flow)

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


def _horizon(keys: list[float], limit: int | None) -> float:
    """The worst key known: a side with fewer levels than were asked for is whole."""
    return -math.inf if limit is None or len(keys) < limit else min(keys)
