"""What venues' sockets say, in one vocabulary: depth, trades, candles, liquidations, notices and refusals.

Pure: no I/O. Adapters make these from a venue's own frames, order books and writers consume them. Symbols are
the venue's own names (BTCUSDT, BTC-USD); `venue_ms` is the venue's clock in milliseconds since 1970 UTC.
"""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Final, Protocol, TypeAlias

import msgspec

Levels: TypeAlias = list[tuple[float, float]]
"""(price, size) pairs; sizes are absolute, in the venue's own unit, and 0 removes the level."""

ToldPrice: TypeAlias = Annotated[float, msgspec.Meta(ge=1e-18, lt=1e15)]
ToldSize: TypeAlias = Annotated[float, msgspec.Meta(ge=0.0, lt=1e24)]
ToldLevels: TypeAlias = list[tuple[ToldPrice, ToldSize]]
"""Levels as a venue may tell them: no NaN, nothing infinite or negative, no price of 0. The bounds are far
beyond the dearest coin and the largest supply (ours)."""

EXCERPT: Final = 160
"""Characters of a broken frame that its error shows (ours)."""

_SYMBOL: Final = re.compile(rb'"(?:s|product_id|symbol)"\s*:\s*"([^"\\]{1,40})"')


Printed: TypeAlias = list[tuple[bytes, bytes]]
"""(price, size) as the venue printed them: checksums are of digits, which a float does not keep."""


class BookProof(msgspec.Struct, gc=False):
    """The venue's checksum of its book after a message, and the message's levels as they were printed."""

    checksum: int
    bids: Printed
    asks: Printed


class DepthSnapshot(msgspec.Struct, gc=False):
    """A whole order book, or its best `limit` levels per side, as of update `last_id`."""

    symbol: str
    last_id: int
    bids: Levels
    asks: Levels
    venue_ms: int | None = None
    limit: int | None = None  # levels per side at most; None: the whole book
    windowed: bool = False  # diffs too are about the best `limit` levels only
    restarted: bool = False  # the venue began counting anew
    proof: BookProof | None = None  # where the venue tells a checksum


class DepthDiff(msgspec.Struct, gc=False):
    """Changed levels: updates `first_id`..`last_id`, the first after update `previous_id`.

    Ids are brought to one rule by the adapters: a diff follows another if its `previous_id` is that one's
    `last_id`. Where a venue numbers connections and not books, all three are the message's number.
    """

    symbol: str
    previous_id: int
    first_id: int
    last_id: int
    bids: Levels
    asks: Levels
    venue_ms: int
    proof: BookProof | None = None  # where the venue tells a checksum


class Trade(msgspec.Struct, gc=False):
    """One trade, or one aggregate trade. `buyer_aggressed`: the buyer took liquidity."""

    symbol: str
    trade_id: str
    price: float
    size: float
    buyer_aggressed: bool
    venue_ms: int


class Candle(msgspec.Struct, gc=False):
    """A 1m candle as its stream tells it, forming or closed; null where the venue does not tell."""

    symbol: str
    open_ms: int  # open time
    open: float
    high: float
    low: float
    close: float
    volume: float  # base units (contracts on COIN-M)
    closed: bool  # the venue says that it is final
    venue_ms: int
    quote_volume: float | None = None
    trades: int | None = None
    taker_buy_volume: float | None = None


class Liquidation(msgspec.Struct, gc=False):
    """A position that its venue closed by force, or a part of one, as the venue's stream tells it.

    `long_closed`: the position was long, so that the order which closed it sold; else it was short and the
    order bought. `size` is in the venue's unit of size. `occurrence` counts those that are alike in one
    message, from 0: streams number nothing, and two positions may be closed at one time, price and size.
    """

    symbol: str
    long_closed: bool
    price: float  # of the order; where the venue tells that instead, the price at which nothing is left
    size: float
    venue_ms: int  # when it was traded
    told_ms: int  # when the venue told of it
    average_price: float | None = None  # at which it was filled
    filled: float | None = None  # of the size, so far
    status: str | None = None  # of the order, in the venue's word
    occurrence: int = 0


class SequenceMark(msgspec.Struct, gc=False):
    """The running number of a message on its connection; comes before what the message holds."""

    number: int
    venue_ms: int


class Notice(msgspec.Struct, gc=False):
    """A message that is neither depth nor a trade: another channel, an acknowledgement, something unknown."""

    kind: str


class Refusal(msgspec.Struct, gc=False):
    """The venue refused what it was asked for."""

    text: str


Message: TypeAlias = (
    DepthSnapshot | DepthDiff | Trade | Candle | Liquidation | SequenceMark | Notice | Refusal
)


Parts: TypeAlias = Iterable[tuple[str, str]]
"""Symbols and what was wrong with what was said of them."""


class BookProver(Protocol):
    """Holds one book as its venue prints it, and against the venue's checksum of it."""

    def load(self, proof: BookProof, limit: int | None) -> bool:
        """Take a snapshot of at most `limit` levels a side; whether its checksum is that of its levels."""

    def apply(self, proof: BookProof) -> bool:
        """Take a diff; whether its checksum is that of the book with it."""


class BookRules(msgspec.Struct, frozen=True):
    """How a venue's snapshots and diffs go together."""

    keeps_equal: bool = False  # a diff that ends at the snapshot's id is applied, not dropped
    snapshot_in_stream: bool = False  # the snapshot comes over the socket, before the diffs
    numbers_connections: bool = False  # messages are numbered per connection, books are not
    shares_ids: bool = False  # ids are counted over all symbols: a newer one may be about another book
    unnumbered: bool = False  # nothing is numbered: a checksum with every message proves the book
    prover: Callable[[], BookProver] | None = None  # of one book, where the venue tells checksums

    @property
    def owns_ids(self) -> bool:
        """Whether books have ids of their own, by which diffs follow each other."""
        return not (self.numbers_connections or self.unnumbered)


class SnapshotQuery(msgspec.Struct, frozen=True):
    """A REST request for an order book: whose, and how many levels per side."""

    symbol: str
    limit: int | None


class MalformedFrameError(ValueError):
    """A frame that cannot be read as what it claims to be. `symbol` is '' where even that is unreadable.

    `depth`: it claims to be about a book, by one of `depth_names` near its beginning; `liquidation`: to be
    about liquidations, by `liquidation_names`, so that nothing else is missing. Where parts of it could be
    read, `read` has them, and `parts` the symbol and error of each of the others.
    """

    def __init__(
        self,
        venue: str,
        raw: bytes,
        why: str,
        *,
        depth_names: Iterable[bytes] = (),
        liquidation_names: Iterable[bytes] = (),
        read: Iterable[Message] = (),
        parts: Parts = (),
    ) -> None:
        found = _SYMBOL.search(raw)
        self.venue = venue
        self.symbol = found[1].decode(errors="replace") if found else ""
        self.depth = any(name in raw[:EXCERPT] for name in depth_names)
        self.liquidation = any(name in raw[:EXCERPT] for name in liquidation_names)
        self.read: list[Message] = list(read)
        self.parts = list(parts)
        shown = raw[:EXCERPT].decode(errors="replace")
        super().__init__(f"{venue} {self.symbol or '(no symbol)'}: {why}: {shown}")


class StreamAdapter(Protocol):
    """One venue's protocol."""

    @property
    def venue(self) -> str:
        """The venue's name, as in `instruments.venue`."""

    @property
    def rules(self) -> BookRules:
        """How its snapshots and diffs go together."""

    @property
    def has_candles(self) -> bool:
        """Whether it has a channel of 1m candles; where it has none, trades make them."""

    @property
    def trade_ids_run_on(self) -> bool:
        """Whether trade ids are whole numbers that go up one by one per symbol."""

    def unified(self, venue_symbol: str) -> str | None:
        """BTC/USDT of BTCUSDT, as well as a name alone tells; None where it does not."""

    def decode(self, raw: bytes) -> list[Message]:
        """The messages in one frame, in order.

        Raises:
            MalformedFrameError: the frame is no JSON, or a depth or trade frame lacks what it must have.
        """

    def snapshot_query(self, url: str) -> SnapshotQuery | None:
        """What a URL asks for, if it asks for an order book."""

    def decode_snapshot(self, query: SnapshotQuery, body: bytes) -> DepthSnapshot:
        """The answer to a request for an order book.

        Raises:
            MalformedFrameError: the body is not an order book.
        """
