"""Candles from a venue's REST interface, one window at a time; also from Binance's market-data mirror."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from alphapulse_resources.venues.exchanges import MIRROR, Exchanges
from alphapulse_resources.venues.gateway import Gateway, Question, Seen
from alphapulse_resources.venues.model import Instrument, Page
from alphapulse_resources.venues.registry import VENUES
from alphapulse_resources.venues.rows import MINUTE, last_closed, read_rows
from alphapulse_resources.venues.wire import WIRES


class RestSource:
    """Pages by time window: what a window does not hold does not exist there, however few rows come."""

    def __init__(self, name: str, gateway: Gateway, exchanges: Exchanges) -> None:
        self.name = name
        self._gateway = gateway
        self._exchanges = exchanges

    def pages(self, instrument: Instrument, start: datetime, end: datetime, now: datetime) -> Iterator[Page]:
        """Pages over `[start, end)`; ends early where the venue's clock says a minute is not over yet."""
        size = timedelta(minutes=VENUES[instrument.venue].page_minutes)
        cursor = start
        while cursor < end:
            page = self._page(instrument, cursor, min(cursor + size, end), now)
            if page.end > cursor or page.fetches:
                yield page
            if page.end < min(cursor + size, end):
                return
            cursor = page.end

    def _page(self, instrument: Instrument, start: datetime, end: datetime, now: datetime) -> Page:
        wire = WIRES[instrument.venue]

        def send(seen: Seen) -> list[Any]:
            exchange = self._exchanges.watch(instrument.venue, self.name, seen)
            rows = wire.rows(getattr(exchange, wire.method)(wire.params(instrument, start, end)))
            seen.rows = len(rows)
            return rows

        answer = self._gateway.ask(self._question(instrument, start, end), send)
        closed = last_closed(now, answer.seen.headers.get("Date"), answer.asked_at)
        candles, rejects = read_rows(answer.value, wire.read, start, end, closed)
        return Page(self.name, start, max(start, min(end, closed)), candles, rejects, answer.fetches)

    def _question(self, instrument: Instrument, start: datetime, end: datetime) -> Question:
        venue, wire = VENUES[instrument.venue], WIRES[instrument.venue]
        mirror = venue.mirror_host if self.name == MIRROR else None
        return Question(
            source=self.name,
            venue=instrument.venue,
            subject=str(instrument),
            host=mirror or venue.host,
            path=wire.path(instrument),
            start=start,
            end=end,
            bucket=venue.buckets[self.name],
            weight=wire.weight((end - start) // MINUTE),
        )
