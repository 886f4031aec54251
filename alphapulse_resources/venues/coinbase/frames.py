"""Coinbase Advanced Trade's stream: `level2` (frames say `l2_data`), `market_trades`, `heartbeats`.

Source: Coinbase's Advanced Trade WebSocket documentation. Every message of a connection carries
`sequence_num`, one more than the message before it, whatever its channel; books themselves are not numbered.
`new_quantity` is absolute, 0 removes the level; a subscription begins with a snapshot of the whole book.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from alphapulse_resources.streams.messages import (
    BookRules,
    DepthDiff,
    DepthSnapshot,
    Levels,
    MalformedFrameError,
    Message,
    Notice,
    Refusal,
    SequenceMark,
    SnapshotQuery,
    ToldPrice,
    ToldSize,
    Trade,
)

_NAME: Final = re.compile(r"([A-Z0-9]+)-([A-Z0-9]+)")
_DEPTH_CHANNELS: Final = ("l2_data", "level2")
_DEPTH_NAMES: Final = (b'"l2_data"', b'"level2"')
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class _Frame(msgspec.Struct):
    channel: str = ""
    sequence_num: int | None = None
    timestamp: datetime | None = None
    events: msgspec.Raw = msgspec.Raw(b"[]")
    type: str = ""  # of an error, or of the older Exchange feed
    message: str = ""


class _Update(msgspec.Struct, gc=False):
    side: str  # bid or offer
    price_level: ToldPrice
    new_quantity: ToldSize


class _BookEvent(msgspec.Struct):
    type: str
    product_id: str
    updates: list[_Update]


class _Trade(msgspec.Struct):
    trade_id: str
    product_id: str
    price: float
    size: float
    side: str  # of the maker
    time: datetime


class _TradeEvent(msgspec.Struct):
    type: str
    trades: list[_Trade]


class _Whose(msgspec.Struct):
    product_id: str = ""


_read_frame: Final = msgspec.json.Decoder(_Frame, strict=False).decode
_read_events: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_read_whose: Final = msgspec.json.Decoder(_Whose, strict=False).decode
_read_book: Final = msgspec.json.Decoder(_BookEvent, strict=False).decode
_read_books: Final = msgspec.json.Decoder(list[_BookEvent], strict=False).decode
_read_trades: Final = msgspec.json.Decoder(list[_TradeEvent], strict=False).decode


class CoinbaseAdapter:
    """Coinbase Advanced Trade."""

    venue: Final = "coinbase"
    rules: Final = BookRules(snapshot_in_stream=True, numbers_connections=True)
    has_candles: Final = False
    trade_ids_run_on: Final = False

    def unified(self, venue_symbol: str) -> str | None:
        """See `StreamAdapter.unified`."""
        found = _NAME.fullmatch(venue_symbol)
        return found and f"{found[1]}/{found[2]}"

    def decode(self, raw: bytes) -> list[Message]:
        """See `StreamAdapter.decode`; the first message is the connection's `SequenceMark`."""
        mark: list[Message] = []
        try:
            frame = _read_frame(raw)
            mark = _mark(frame)
            return mark + _messages(frame, mark)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            why = str(error)
        # the connection's number counts all the same, and so do the events that can be read
        read, parts = _one_by_one(frame, mark) if mark and frame.channel in _DEPTH_CHANNELS else (mark, [])
        raise MalformedFrameError(self.venue, raw, why, depth_names=_DEPTH_NAMES, read=read, parts=parts)

    def snapshot_query(self, url: str) -> SnapshotQuery | None:
        """None: Coinbase's book comes over the socket."""
        return None

    def decode_snapshot(self, query: SnapshotQuery, body: bytes) -> DepthSnapshot:
        """See `snapshot_query`: there is none to decode."""
        raise MalformedFrameError(self.venue, body, f"no REST book is used ({query.symbol})")


def _mark(frame: _Frame) -> list[Message]:
    """The number of a message; empty for what bears none."""
    if frame.type == "error" or not frame.channel:
        return []
    if frame.sequence_num is None or frame.timestamp is None:
        raise msgspec.ValidationError(f"a message of {frame.channel} without sequence_num or timestamp")
    return [SequenceMark(frame.sequence_num, _milliseconds(frame.timestamp))]


def _messages(frame: _Frame, mark: list[Message]) -> list[Message]:
    """What comes after the mark."""
    if frame.type == "error":
        return [Refusal(frame.message)]
    if not frame.channel:
        return [Notice(frame.type or "unknown")]
    if frame.channel in _DEPTH_CHANNELS:
        return [_depth(event, mark[0]) for event in _read_books(frame.events)]
    if frame.channel == "market_trades":
        return _trades(_read_trades(frame.events))
    return [Notice(frame.channel)]


def _one_by_one(frame: _Frame, mark: list[Message]) -> tuple[list[Message], list[tuple[str, str]]]:
    """The book events of a frame that can be read, and whose the others are."""
    read: list[Message] = list(mark)
    wrong: list[tuple[str, str]] = []
    try:
        events = _read_events(frame.events)
    except msgspec.MsgspecError:
        return read, wrong
    for event in events:
        try:
            read.append(_depth(_read_book(event), mark[0]))
        except msgspec.MsgspecError as error:
            try:
                symbol = _read_whose(event).product_id
            except msgspec.MsgspecError:
                symbol = ""
            wrong.append((symbol, f"coinbase {symbol or '(no symbol)'}: {error}"))
    return read, wrong


def _depth(event: _BookEvent, mark: Message) -> Message:
    assert isinstance(mark, SequenceMark)
    bids: Levels = []
    asks: Levels = []
    sides = {"bid": bids, "offer": asks, "ask": asks}
    for update in event.updates:
        side = sides.get(update.side)
        if side is None:
            raise msgspec.ValidationError(f"a level of side {update.side!r}")
        side.append((update.price_level, update.new_quantity))
    if event.type == "snapshot":
        return DepthSnapshot(event.product_id, mark.number, bids, asks, venue_ms=mark.venue_ms)
    if event.type == "update":
        number = mark.number
        return DepthDiff(event.product_id, number, number, number, bids, asks, mark.venue_ms)
    raise msgspec.ValidationError(f"a book event of type {event.type!r}")


def _trades(events: list[_TradeEvent]) -> list[Message]:
    """Trades, oldest first; Coinbase names the maker's side."""
    return [
        Trade(
            trade.product_id,
            trade.trade_id,
            trade.price,
            trade.size,
            trade.side.upper() == "SELL",
            _milliseconds(trade.time),
        )
        for event in events
        for trade in reversed(event.trades)
    ]


def _milliseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise msgspec.ValidationError(f"a time without zone: {moment}")
    return (moment - _EPOCH) // _MILLISECOND
