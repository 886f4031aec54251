"""A venue's own bars of an hour or a day over REST: history from before there are minutes of a symbol.

An answer may hold fewer bars than were asked for, the older or the newer ones left out (`coverage`). So what
lies before its first bar is asked for once more, and the next page begins after its last one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_resources.frames import TIMEFRAMES, floor_time
from alphapulse_resources.venues.exchanges import Exchanges
from alphapulse_resources.venues.gateway import Gateway, Request, Seen
from alphapulse_resources.venues.model import CandlePage, ErrorKind, Fetch, Instrument, Reject, VenueError
from alphapulse_resources.venues.registry import VENUES, find_venue
from alphapulse_resources.venues.rows import find_extent, last_closed, to_frame
from alphapulse_resources.venues.wire import Row, to_ms

COARSE: Final = ("1h", "1d")
"""What is asked for: 4h and 1w follow from them exactly."""


def coarse_reach(venue: str, timeframe: str) -> timedelta | None:
    """How far back a venue serves bars of 1h or 1d; `timedelta.max`: to the listing, None: it serves none."""
    wire = VENUES[venue].rest.candles if venue in VENUES else None
    if wire is None or wire.longer is None:
        return None
    # one that has no end to its answers has no beginning either: they are the newest bars
    return (
        (find_venue(venue).rest.page_minutes - 1) * TIMEFRAMES[timeframe]
        if wire.open_ended
        else timedelta.max
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one request brought: bars, what is none, and the open times of the outermost."""

    candles: pl.DataFrame
    rejects: list[Reject]
    fetches: list[Fetch]
    first: datetime | None
    last: datetime | None


class CoarseSource:
    """Pages by time window of bars that are closed, each answered whole."""

    def __init__(self, gateway: Gateway, exchanges: Exchanges) -> None:
        self._gateway = gateway
        self._exchanges = exchanges

    def pages(
        self, instrument: Instrument, timeframe: str, start: datetime, end: datetime, now: datetime
    ) -> Iterator[CandlePage]:
        """Pages over `[start, end)` as far as it is over; both are multiples of the timeframe."""
        length = TIMEFRAMES[timeframe]
        size = length * VENUES[instrument.venue].rest.page_minutes
        cursor, end = start, min(end, floor_time(now, timeframe))
        while cursor < end:
            answer = self._ask(instrument, timeframe, cursor, min(cursor + size, end), now)
            if answer.first is not None and answer.first > cursor:
                older = self._ask(instrument, timeframe, cursor, answer.first, now)
                if older.last is not None:
                    answer = older
                else:
                    answer.fetches.extend(older.fetches)
            until = min(cursor + size, end) if answer.last is None else answer.last + length
            yield CandlePage("rest", cursor, until, answer.candles, answer.rejects, answer.fetches)
            cursor = until

    def _ask(
        self, instrument: Instrument, timeframe: str, start: datetime, end: datetime, now: datetime
    ) -> _Answer:
        wire = VENUES[instrument.venue].rest.candles
        assert wire.longer is not None, f"{instrument.venue} serves no bars of {timeframe}: see coarse_reach"
        bars = (end - start) // TIMEFRAMES[timeframe]
        told = {**wire.params(instrument, start, end), **wire.longer(timeframe, bars)}

        def send(seen: Seen) -> list[Any]:
            exchange = self._exchanges.watch(instrument.venue, "rest", seen)
            rows = wire.rows(getattr(exchange, wire.method)(told))
            if wire.open_ended:
                rows = [row for row in rows if (ts := wire.opened(row)) is None or ts < to_ms(end)]
            seen.rows = len(rows)
            if rows and not wire.open_ended and find_extent(rows, wire.opened, start, end).first is None:
                seen_row = " ".join(str(rows[0]).split())[:80]
                raise VenueError(
                    ErrorKind.BAD_BODY,
                    f"none of the {len(rows)} bars of {timeframe} is of the time that was asked for; "
                    f"the first is {seen_row!r}",
                )
            return rows

        answer = self._gateway.ask(self._question(instrument, start, end, wire.weight(bars)), send)
        closed = last_closed(now, answer.seen.headers.get("Date"), answer.asked_at)
        rows, rejects = _read(answer.value, wire.read)
        frame = to_frame(rows).filter(
            pl.col("ts").is_between(start, end, closed="left")
            & (pl.col("ts") + TIMEFRAMES[timeframe] <= closed)
        )
        first, last = (frame["ts"][0], frame["ts"][-1]) if frame.height else (None, None)
        return _Answer(frame, rejects, list(answer.fetches), first, last)

    def _question(self, instrument: Instrument, start: datetime, end: datetime, weight: float) -> Request:
        venue = VENUES[instrument.venue].rest
        return Request(
            source="rest",
            provider=instrument.venue,
            subject=str(instrument),
            host=venue.host,
            path=venue.candles.path(instrument),
            start=start,
            end=end,
            buckets=(venue.buckets["rest"],),
            weight=weight,
        )


def _read(raw: list[Any], read: Any) -> tuple[list[Row], list[Reject]]:
    rows: list[Row] = []
    rejects: list[Reject] = []
    for item in raw:
        try:
            row = read(item)
        except ValueError as error:
            rejects.append(Reject(str(error), item if isinstance(item, dict) else {"row": item}))
            continue
        if row is not None:
            rows.append(row)
    return rows, rejects
