"""Rows as they are told: fields by name, with venue, symbol and timeframe in front. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.streams.feeds import BOOK_EVENTS, BOOKS, FAMILIES, Feed

Row = dict[str, Any]

_BY_MINUTES: Final = {int(length.total_seconds()) // 60: name for name, length in TIMEFRAMES.items()}


def row_of(feed: Feed, venue: str, symbol: str, values: Sequence[Any]) -> Row:
    """A row of a feed, from its values as they came."""
    told = dict(zip(feed.told, values, strict=True))
    row: Row = {"venue": venue, "symbol": symbol}
    if feed.by_timeframe:
        row["timeframe"] = _BY_MINUTES[told.pop("timeframe_id")]
    if feed is BOOK_EVENTS:
        return {"kind": "book", **row, **_book_event(told)}
    if feed.code in FAMILIES:
        row["family"] = FAMILIES[feed.code]
    if feed is BOOKS:
        return row | with_top(told)
    return row | told


def with_top(book: Mapping[str, Any]) -> Row:
    """A book's state with its best prices and sizes beside its levels."""
    bids, asks = book["bids"] or [], book["asks"] or []
    bid, ask = (bids[0] if bids else (None, None)), (asks[0] if asks else (None, None))
    head = {name: value for name, value in book.items() if name not in ("bids", "asks")}
    top = {"best_bid": bid[0], "bid_size": bid[1], "best_ask": ask[0], "ask_size": ask[1]}
    return {**head, **top, "bids": bids, "asks": asks}


def stored_book(row: Mapping[str, Any]) -> Row:
    """A stored state of a book, its levels as pairs."""
    head = {name: value for name, value in row.items() if not name.endswith(("_prices", "_sizes"))}
    pairs = {
        f"{side}s": [
            list(level)
            for level in zip(row[f"{side}_prices"] or (), row[f"{side}_sizes"] or (), strict=False)
        ]
        for side in ("bid", "ask")
    }
    return with_top({**head, **pairs})


def _book_event(told: Row) -> Row:
    return {
        "ts": told["ts"],
        "state": told["state_after"],
        "before": told["state_before"],
        "cause": told["cause"],
        "detail": told["detail"],
    }
