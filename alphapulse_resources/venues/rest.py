"""Candles from a venue's REST interface, one window at a time; also from a mirror of it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from alphapulse_resources.venues.coverage import Part, pages, read_part
from alphapulse_resources.venues.exchanges import MIRROR, Exchanges
from alphapulse_resources.venues.gateway import Gateway, Request, Seen
from alphapulse_resources.venues.model import CandlePage, ErrorKind, Instrument, VenueError
from alphapulse_resources.venues.registry import VENUES
from alphapulse_resources.venues.rows import MINUTE, find_extent, last_closed
from alphapulse_resources.venues.wire import Wire, to_ms


class RestSource:
    """Pages by time window, each answered whole: what it does not hold the venue does not have."""

    def __init__(self, name: str, gateway: Gateway, exchanges: Exchanges) -> None:
        self.name = name
        self._gateway = gateway
        self._exchanges = exchanges

    def pages(
        self, instrument: Instrument, start: datetime, end: datetime, now: datetime
    ) -> Iterator[CandlePage]:
        """Pages over `[start, end)`; ends early where the venue's clock says a minute is not over yet."""
        size = timedelta(minutes=VENUES[instrument.venue].rest.page_minutes)

        def ask(first: datetime, last: datetime) -> Part:
            return self._ask(instrument, first, last, now)

        return pages(self.name, ask, start, end, size, now)

    def _ask(self, instrument: Instrument, start: datetime, end: datetime, now: datetime) -> Part:
        wire = VENUES[instrument.venue].rest.candles_from(start, now)

        def send(seen: Seen) -> list[Any]:
            exchange = self._exchanges.watch(instrument.venue, self.name, seen)
            rows = wire.rows(getattr(exchange, wire.method)(wire.params(instrument, start, end)))
            if wire.open_ended:
                rows = _before(rows, wire.opened, end)
            seen.rows = len(rows)
            if rows and find_extent(rows, wire.opened, start, end).first is None:
                raise VenueError(ErrorKind.BAD_BODY, _elsewhere(rows))
            return rows

        answer = self._gateway.ask(self._question(instrument, wire, start, end), send)
        closed = last_closed(now, answer.seen.headers.get("Date"), answer.asked_at)
        window, fetches = (start, end), answer.fetches
        return read_part(answer.value, wire.read, wire.opened, window, closed=closed, fetches=fetches)

    def _question(self, instrument: Instrument, wire: Wire, start: datetime, end: datetime) -> Request:
        venue = VENUES[instrument.venue].rest
        mirror = venue.mirror if self.name == MIRROR else None
        return Request(
            source=self.name,
            provider=instrument.venue,
            subject=str(instrument),
            host=mirror.host if mirror else venue.host,
            path=wire.path(instrument),
            start=start,
            end=end,
            buckets=(venue.buckets[self.name],),
            weight=wire.weight((end - start) // MINUTE),
        )


def _before(rows: list[Any], opened: Callable[[Any], int | None], end: datetime) -> list[Any]:
    """The rows that do not lie beyond the window, where a venue's answers have no end."""
    last = to_ms(end)
    return [row for row in rows if (ts := opened(row)) is None or ts < last]


def _elsewhere(rows: list[Any]) -> str:
    """What is wrong with rows of which none lies in the window: they say nothing about it."""
    seen = " ".join(str(rows[0]).split())[:80]
    return f"none of the {len(rows)} rows is of the time that was asked for; the first is {seen!r}"
