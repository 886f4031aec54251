"""`alphapulse replay`: recorded streams brought to their order books, and what came of it."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from rich.markup import escape

from alphapulse_assets.order_book.book.book import OrderBook
from alphapulse_assets.order_book.book.events import BookEvent, BookState, Cause, SnapshotRequest
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_assets.order_book.session.replay import Replay, digest
from alphapulse_cli.database import CommandError
from alphapulse_cli.output import console, notes, print_json
from alphapulse_cli.replay_store import Storing
from alphapulse_cli.tables import Grid
from alphapulse_resources.settings import get_settings
from alphapulse_resources.streams.capture import CaptureError, Record, read_captures
from alphapulse_resources.streams.venues import ADAPTERS, INVERSE

_TOTALS: Final = ("messages", "depth_messages", "book_states", "gaps", "resyncs", "crossed", "malformed")
_COLUMNS: Final = ("symbol", "state", "book_states", "gaps", "resyncs", "crossed", "spread_bps", "imbalance")


class Speed(StrEnum):
    """How fast a recording is replayed."""

    MAX = "max"
    RECORDED = "recorded"


def run(
    venue: str,
    files: Sequence[Path],
    *,
    drop: int | None,
    speed: str,
    store: bool,
    as_json: bool,
    usd_rates: Sequence[str] = (),
) -> None:
    """Replay the files, store what comes of it if wanted, and print it.

    Raises:
        CommandError: no such venue, speed, file or rate, nothing could be read, or rows not stored.
    """
    get_settings()  # only --store has some, but a mistyped one is refused wherever it stands
    given = dict(_rate(text) for text in usd_rates)
    if given and not store:
        raise CommandError("--usd-rate is for whales, which are only told with --store")
    if speed not in list(Speed):
        raise CommandError(f"speed {speed!r} is not known: use {', '.join(Speed)}")
    adapter = ADAPTERS.get(venue)
    if adapter is None:
        raise CommandError(f"venue {venue!r} has no stream adapter: use {', '.join(sorted(ADAPTERS))}")
    for file in files:
        if not file.is_file():
            raise CommandError(f"there is no file {file}")
    measures = Measures(inverse=venue in INVERSE)
    storing = Storing(adapter, measures, given) if store else None
    replay = Replay(adapter, drop=drop, measures=measures, session=storing.session if storing else None)
    warm_up()
    started = time.perf_counter()
    try:
        for record in _paced(read_captures(files), Speed(speed)):
            replay.feed(record)
    except CaptureError as error:
        raise CommandError(str(error)) from error
    if storing is not None:
        replay.finish()
    result = report(venue, files, replay, time.perf_counter() - started)
    if storing is not None:
        result["stored"] = storing.finish()
    if as_json:
        print_json(result)
    else:
        _print(result)
    if drop is not None and replay.tally.dropped is None:
        notes().print(f"nothing was dropped: there are only {replay.tally.depth_messages} depth messages")
    if not replay.read_anything:
        raise CommandError(f"nothing could be read as a stream of {venue}; see the malformed lines above")


def _rate(text: str) -> tuple[str, float]:
    """BTC=60000: what one unit of a currency is worth in USD."""
    currency, _, value = text.partition("=")
    try:
        rate = float(value)
    except ValueError:
        rate = math.nan
    if not currency.strip() or not 0.0 < rate < math.inf:
        raise CommandError(f"--usd-rate {text!r} is none: write a currency and its worth, as BTC=60000")
    return currency.strip().upper(), rate


def report(venue: str, files: Sequence[Path], replay: Replay, seconds: float) -> dict[str, Any]:
    """Everything as one object; `docs/order_book.md` says what each figure means."""
    tally, books = replay.tally, replay.manager.books
    counts = [book.counts for book in books.values()]
    return {
        "venue": venue,
        "files": [str(file) for file in files],
        "messages": tally.messages,
        "depth_messages": tally.depth_messages,
        "book_states": sum(count.book_states for count in counts),
        "gaps": replay.manager.gaps,
        "resyncs": sum(count.resyncs for count in counts),
        "crossed": sum(count.crossed for count in counts),
        "checksums": 0,  # none of the adapters' venues sends one
        "trades": tally.trades,
        "dropped": tally.dropped and {"place": tally.dropped, "symbols": tally.dropped_symbols},
        "unsynced": sorted(name for name, book in books.items() if book.state is not BookState.SYNCED),
        "symbols": {name: _book(books[name], replay.requests) for name in sorted(books)},
        "snapshots_read": tally.snapshots_read,
        "snapshots_unused": tally.snapshots_unused,
        "other": dict(tally.other),
        "http_other": tally.http_other,
        "refusals": tally.refusals,
        "malformed": tally.malformed,
        "malformed_lines": [asdict(line) for line in tally.malformed_lines],
        "events": [_event(event) for event in replay.events],
        "first_at": _time(tally.first_at),
        "last_at": _time(tally.last_at),
        "seconds": round(seconds, 3),
    }


def _book(book: OrderBook, requests: Iterable[SnapshotRequest]) -> dict[str, Any]:
    features = book.features
    measured = None
    if features is not None:
        measured = {name: _known(value) for name, value in features._asdict().items()}
        measured["spread_bps"] = _known(features.spread_bps)
    horizon = None if book.wants_snapshot else [_known(price) for price in book.horizon]
    return {
        "state": book.state.value,
        "book_states": book.counts.book_states,
        **asdict(book.counts),
        "snapshot_requests": sum(request.symbol == book.symbol for request in requests),
        "last_id": book.last_id,
        "updated_at": _time(book.updated_at),
        "bids": len(book.bids()),
        "asks": len(book.asks()),
        "digest": digest(book),
        "horizon": horizon,
        "order_flow": list(book.take_flow(book.updated_at or 0.0).by_level),
        "features": measured,
    }


def _event(event: BookEvent) -> dict[str, Any]:
    return {
        "at": _time(event.at),
        "symbol": event.symbol,
        "from": event.before.value,
        "to": event.after.value,
        "cause": event.cause.value,
        "detail": event.detail,
    }


def _known(value: float) -> float | None:
    """Null is how JSON says that a value is unknown, or a horizon absent."""
    return value if math.isfinite(value) else None


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _paced(records: Iterator[Record], speed: Speed) -> Iterator[Record]:
    """The records at the pace at which they were received, or as they come."""
    offset: float | None = None
    for record in records:
        if speed is Speed.RECORDED and record.at > 0:
            offset = time.monotonic() - record.at if offset is None else offset
            time.sleep(max(record.at + offset - time.monotonic(), 0.0))
        yield record


def _print(result: dict[str, Any]) -> None:
    out = console()
    rows = [_row(name, book) for name, book in result["symbols"].items()]
    title = f"{result['venue']}: {len(rows)} books in {result['seconds']} s"
    out.print(Grid(_COLUMNS, rows, title=title, more="--json"))
    out.print(", ".join(f"{result[name]} {name.replace('_', ' ')}" for name in _TOTALS))
    if stored := result.get("stored"):
        counted = ", ".join(f"{count} {table}" for table, count in stored["rows"].items())
        out.print(f"rows in the database: {counted or 'none'}")
        if unknown := ", ".join(stored["without_instrument"]):
            out.print(f"without rows, as their names are not known: {unknown}")
    if result["dropped"]:
        out.print(escape(f"dropped on purpose: {result['dropped']['place']}"))
    for event in result["events"]:
        if event["cause"] != Cause.SNAPSHOT:
            told = f"{event['at']:%H:%M:%S.%f} {event['symbol']}: {event['cause']} {event['detail'] or ''}"
            out.print(escape(told))
    if result["unsynced"]:
        names = ", ".join(result["unsynced"])
        out.print(f"[yellow]not synced at the end, as no later snapshot was recorded: {names}[/yellow]")
    for line in result["malformed_lines"]:
        out.print(f"[red]malformed[/red] {escape(line['place'])}: {escape(line['error'])}")


def _row(symbol: str, book: dict[str, Any]) -> list[Any]:
    features = book["features"] or {}
    values = {"symbol": symbol, **book, **{name: features.get(name) for name in ("spread_bps", "imbalance")}}
    return [round(value, 3) if isinstance(value := values[name], float) else value for name in _COLUMNS]
