"""Candles made of a venue's trades over REST, for the past that its candles do not reach (`TradeTape`)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from alphapulse_resources.venues.exchanges import Exchanges
from alphapulse_resources.venues.gateway import Gateway, Request, Response, Seen
from alphapulse_resources.venues.model import CandlePage, ErrorKind, Fetch, Instrument, VenueError
from alphapulse_resources.venues.plan import TRADES
from alphapulse_resources.venues.registry import find_venue
from alphapulse_resources.venues.rows import EPOCH, MINUTE, last_closed, to_frame
from alphapulse_resources.venues.tape import MINUTE_NS, Tape, TapePage
from alphapulse_resources.venues.venue import TradeTape
from alphapulse_resources.venues.wire import to_ms

_MS: Final = 1_000_000  # ns
_ROUNDED: Final = _MS  # that a moment may seem earlier than it was: told as a float, it is rounded (ours)


class TradesSource:
    """Pages of the minutes that each answer completes; the one in which it ends waits for the next answer."""

    name = TRADES

    def __init__(self, gateway: Gateway, exchanges: Exchanges) -> None:
        self._gateway = gateway
        self._exchanges = exchanges

    def pages(
        self, instrument: Instrument, start: datetime, end: datetime, now: datetime
    ) -> Iterator[CandlePage]:
        """Pages over `[start, end)`; ends early where the venue's clock says a minute is not over yet."""
        told, last = find_venue(instrument.venue).rest.tape, to_ms(end) * _MS
        if told is None:
            raise ValueError(f"{instrument.venue} has no tape of trades: leave out the source {TRADES!r}")
        cursor, since, fetches = start, to_ms(start) * _MS, list[Fetch]()
        tape = Tape(since, last)
        while cursor < end:
            answer = self._ask(instrument, told, cursor, end, since)
            page, fetches = answer.value, [*fetches, *answer.fetches]
            tape.add(page)
            over = not page.trades  # a short answer proves nothing: it may have been cut
            closed = last_closed(now, answer.seen.headers.get("Date"), answer.asked_at)
            until = min(_moment(tape.whole_until(last if over else page.told_until)), closed)
            if until > cursor:
                candles = to_frame(tape.take(to_ms(until) * _MS))
                yield CandlePage(TRADES, cursor, until, candles, fetches=fetches)
                cursor, fetches = until, []
            if over:
                return
            # once more from the last moment on: several trades may bear it, and not all be in the answer
            since = page.told_until if page.told_until > since else since + 1

    def _ask(
        self, instrument: Instrument, told: TradeTape, start: datetime, end: datetime, since: int
    ) -> Response[TapePage]:
        def send(seen: Seen) -> TapePage:
            exchange = self._exchanges.watch(instrument.venue, "rest", seen)
            page = told.read(getattr(exchange, told.method)(told.params(instrument, since)))
            seen.rows = len(page.trades)
            if any(trade.ns < since - _ROUNDED for trade in page.trades):
                raise VenueError(ErrorKind.BAD_BODY, "trades before the time that was asked for")
            return page

        venue = find_venue(instrument.venue).rest
        question = Request(
            source=TRADES,
            provider=instrument.venue,
            subject=str(instrument),
            host=venue.host,
            path=told.path,
            start=start,
            end=end,
            buckets=(venue.buckets[TRADES],),
            weight=told.weight,
        )
        return self._gateway.ask(question, send)


def _moment(ns: int) -> datetime:
    return EPOCH + ns // MINUTE_NS * MINUTE
