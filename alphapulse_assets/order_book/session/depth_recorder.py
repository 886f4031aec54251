"""Binned depth of one symbol at its cadence: a row a beat, of the state the book had at the beat. Pure."""

import math

from alphapulse_assets.order_book.book.book import OrderBook
from alphapulse_assets.order_book.book.events import BookState
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.depth.bins import LOGIC_VERSION, DepthGrid
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.order_book.session.periodic_trigger import PeriodicTrigger
from alphapulse_resources.streams.tables import ORDER_BOOK_DEPTH, Put, Row
from alphapulse_resources.streams.values import known, moment


class DepthRecorder:
    """Puts rows of ORDER_BOOK_DEPTH.

    It has to be asked before a message is brought to the book, and as time passes: then a row is of the state
    at the beat, whenever the first look after it is, and the same messages give the same rows. A state that
    was told is not told again; a book that is not synced at the look has no row, so that the hole is seen.

    Args:
        book: kept by somebody else.
        instrument_id: for the rows.
        put: where they go.
        options: cadence, width and reach; without a cadence nothing is recorded.
        measures: what a unit of size is worth.
    """

    __slots__ = ("_beat", "_book", "_grid", "_id", "_put", "_told")

    def __init__(
        self,
        book: OrderBook,
        instrument_id: int,
        *,
        put: Put,
        options: SessionOptions,
        measures: Measures | None,
    ) -> None:
        self._book = book
        self._id = instrument_id
        self._put = put
        self._grid = DepthGrid(options.depth_bin_bps, options.depth_reach_bps, measures)
        self._beat = PeriodicTrigger(options.depth_seconds, book.symbol) if options.depth_seconds else None
        self._told: tuple[float | None, int | None] = (None, None)  # receipt and id of the state told

    def look(self, at: float) -> None:
        """Time has passed until `at`, or a message of then is about to be taken."""
        if self._beat is None or not self._beat.due(at):
            return
        book = self._book
        state = (book.updated_at, book.last_id)
        if book.state is not BookState.SYNCED or state == self._told:
            return
        row = depth_row(self._id, book, self._grid)
        if row is not None:
            self._told = state
            self._put(ORDER_BOOK_DEPTH, row)


def depth_row(instrument_id: int, book: OrderBook, grid: DepthGrid) -> Row | None:
    """ORDER_BOOK_DEPTH of a synced book; None where one side is empty, or the venue's time not known yet."""
    mid, _ = book.mid_and_imbalance
    if math.isnan(mid) or book.venue_ms is None or book.updated_at is None:
        return None
    bins = grid.read(*book.arrays)
    low, high = book.horizon
    return (
        instrument_id,
        moment(book.venue_ms / 1e3),
        book.last_id,
        moment(book.updated_at),
        mid,
        grid.bin_bps,
        bins.mid_bin,
        list(bins.bids),
        list(bins.asks),
        low or None,
        known(high),
        grid.unit,
        LOGIC_VERSION,
    )
