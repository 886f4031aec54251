"""Kraken's WebSocket v2: `book` and `trade`; heartbeats, status and answers are notices.

Source: docs.kraken.com, "Spot WebSocket". Numbers are JSON numbers with all their digits, which the checksum
of a book is about: they are kept as they were printed. Nothing is numbered; a book's message has the checksum
of the book after it, sizes are absolute, 0 removes the level, and a level that falls out of the subscribed
depth is told no more. A checksum stands in for the id of the state that it proves.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from alphapulse_resources.streams.messages import (
    BookProof,
    BookRules,
    DepthDiff,
    DepthSnapshot,
    Levels,
    MalformedFrameError,
    Message,
    Notice,
    Printed,
    Refusal,
    SnapshotQuery,
    ToldLevels,
    Trade,
)
from alphapulse_resources.venues.kraken.checksum import ChecksumProver
from alphapulse_resources.venues.kraken.streams import DEPTH

_BOOK: Final = b'"channel":"book"'
_DEPTH_NAMES: Final = (_BOOK, b'"channel": "book"')
_NAME: Final = re.compile(r"([A-Z0-9.]+)/([A-Z0-9.]+)")
_PLAIN: Final = re.compile(rb"\d+(?:\.\d+)?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class _Level(msgspec.Struct, gc=False):
    price: msgspec.Raw
    qty: msgspec.Raw


class _Book(msgspec.Struct):
    symbol: str
    bids: list[_Level]
    asks: list[_Level]
    checksum: int
    timestamp: datetime | None = None  # updates have one


class _BookFrame(msgspec.Struct):
    type: str
    data: list[_Book]


class _Trade(msgspec.Struct):
    symbol: str
    side: str  # of the taker
    price: float
    qty: float
    trade_id: int
    timestamp: datetime


class _TradeFrame(msgspec.Struct):
    data: list[_Trade]


class _Frame(msgspec.Struct):
    channel: str = ""
    method: str = ""
    success: bool | None = None
    error: str = ""


_read_frame: Final = msgspec.json.Decoder(_Frame).decode
_read_book: Final = msgspec.json.Decoder(_BookFrame).decode
_read_trades: Final = msgspec.json.Decoder(_TradeFrame, strict=False).decode


class KrakenAdapter:
    """Kraken's spot market."""

    venue: Final = "kraken"
    rules: Final = BookRules(snapshot_in_stream=True, unnumbered=True, prover=ChecksumProver)
    has_candles: Final = False
    trade_ids_run_on: Final = False  # ours: not documented

    def unified(self, venue_symbol: str) -> str | None:
        """See `StreamAdapter.unified`."""
        return venue_symbol if _NAME.fullmatch(venue_symbol) else None

    def decode(self, raw: bytes) -> list[Message]:
        """See `StreamAdapter.decode`."""
        try:
            frame = _read_frame(raw)
            if frame.channel == "book":
                found = _read_book(raw)
                return [_depth(found.type, book) for book in found.data]
            if frame.channel == "trade":
                return [_trade(trade) for trade in _read_trades(raw).data]
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise MalformedFrameError(self.venue, raw, str(error), depth_names=_DEPTH_NAMES) from None
        if frame.success is False or frame.error:
            return [Refusal(frame.error or f"{frame.method} refused")]
        return [Notice(frame.channel or frame.method or "unknown")]

    def snapshot_query(self, url: str) -> SnapshotQuery | None:
        """None: Kraken's book comes over the socket."""
        return None

    def decode_snapshot(self, query: SnapshotQuery, body: bytes) -> DepthSnapshot:
        """See `snapshot_query`: there is none to decode."""
        raise MalformedFrameError(self.venue, body, f"no REST book is used ({query.symbol})")


def _depth(kind: str, book: _Book) -> Message:
    bids, asks = _printed(book.bids), _printed(book.asks)
    proof = BookProof(book.checksum, bids, asks)
    venue_ms = None if book.timestamp is None else _milliseconds(book.timestamp)
    if kind == "snapshot":
        return DepthSnapshot(
            book.symbol,
            book.checksum,
            _levels(bids),
            _levels(asks),
            venue_ms=venue_ms,
            limit=DEPTH,
            windowed=True,
            proof=proof,
        )
    if kind != "update" or venue_ms is None:
        raise msgspec.ValidationError(f"a book message of type {kind!r}, timestamp {venue_ms}")
    last = book.checksum
    return DepthDiff(book.symbol, last, last, last, _levels(bids), _levels(asks), venue_ms, proof)


def _printed(levels: list[_Level]) -> Printed:
    return [(_number(level.price), _number(level.qty)) for level in levels]


def _number(raw: msgspec.Raw) -> bytes:
    """The digits of a number, with or without quotes around them (the documentation's example has them)."""
    text = bytes(raw).strip(b'"')
    if not _PLAIN.fullmatch(text):
        raise msgspec.ValidationError(f"{text[:40]!r} is no price and no size")
    return text


def _levels(printed: Printed) -> Levels:
    levels: Levels = msgspec.convert([(float(price), float(size)) for price, size in printed], ToldLevels)
    return levels


def _trade(found: _Trade) -> Message:
    if found.side not in ("buy", "sell"):
        raise msgspec.ValidationError(f"a trade of side {found.side!r}")
    bought, at = found.side == "buy", _milliseconds(found.timestamp)
    return Trade(found.symbol, str(found.trade_id), found.price, found.qty, bought, at)


def _milliseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise msgspec.ValidationError(f"a time without zone: {moment}")
    return (moment - _EPOCH) // _MILLISECOND
