"""To look at what there is, and at what comes: charts and live events."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from alphapulse.client.bars import Bars
from alphapulse.client.base import Names, _several
from alphapulse.client.models import Models
from alphapulse.errors import NotFoundError, ParameterError
from alphapulse.moments import Moment
from alphapulse.readings.filters import MINUTES

if TYPE_CHECKING:
    from alphapulse.picture import Picture
    from alphapulse.streaming import Event

BARS: Final = 120
"""Bars of a chart where nothing else is asked for (ours)."""


class Looking(Bars, Models):
    """Methods that show."""

    def chart(
        self,
        symbol: str,
        timeframe: str = "1h",
        *,
        venue: str | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        patterns: bool = True,
        signals: bool = True,
        as_of: Moment | None = None,
    ) -> "Picture":
        """A chart of bars with volume, confirmed patterns and signals: for a notebook, a terminal or a file.

        venue: may be left out where only one venue has the symbol. limit: newest bars, 120 without a start.
        as_of: as it would have looked then: bars, patterns and signals that were known.
        `print(chart)` draws it as text, `chart.save("btc.html")` or `.png` writes it.

        Raises: NotFoundError where there are no bars, ParameterError.

        >>> db.chart("BTC/USDT", "1h", venue="binance", limit=48)
        <chart of binance BTC/USDT 1h: 48 bars, ... marks, ... signals>
        """
        from alphapulse.drawing import Chart
        from alphapulse.picture import Picture

        count = BARS if limit is None and start is None else limit
        bars = self._bars("candles", symbol, timeframe, venue, start, end, count, as_of)
        if bars.is_empty():
            raise NotFoundError(f"no bars of {symbol} {timeframe} to draw: gaps({symbol!r}) may say why")
        venues = bars["venue"].unique().sort().to_list()
        if len(venues) > 1:
            raise ParameterError("venue", f"{', '.join(venues)} have {symbol}: say which, venue='...'")
        name, frame = bars["symbol"][0], bars["timeframe"][0]
        length = timedelta(minutes=MINUTES[frame])
        times = bars["ts"].to_list()
        stretch = {"start": times[0], "end": times[-1] + length, "as_of": as_of}
        asked: dict[str, Any] = {"venue": venues[0], **stretch}
        marked = self.patterns(name, frame, confirmed=True, **asked) if patterns else None
        planned = self.signals(name, frame, **asked).unnest("plan") if signals else None
        return Picture(
            Chart.of(
                f"{venues[0]} {name} {frame}",
                length,
                bars.iter_rows(named=True),
                () if marked is None else marked.iter_rows(named=True),
                () if planned is None else planned.iter_rows(named=True),
            )
        )

    def stream(
        self,
        channel: str,
        symbol: Names | None = None,
        *,
        venue: Names | None = None,
        timeframe: str | None = None,
        dataset: str | None = None,
        address: str | None = None,
        token: str | None = None,
    ) -> AsyncIterator["Event"]:
        """Live events of a channel, as an async iterator that knows when it missed something.

        channel: candles, book, trades, patterns, signals, whales, alerts, metrics, sentiment or status;
            docs/broadcast.md lists what each tells. dataset: of metrics.
        address: of the API's WebSocket; of a home or an API it is known.

        A `Snapshot` comes first, then `Update`s in order; after anything that is lost a fresh `Snapshot`.
        Times are as in the messages, milliseconds since 1970 in UTC.

        Raises: alphapulse.streaming.StreamError, SubscriptionError, ParameterError.

        >>> async def watch():  # asyncio.run(watch())
        ...     async for event in db.stream("candles", "BTC/USDT", venue="binance", timeframe="1m"):
        ...         print(event)
        """
        from alphapulse.streaming import Subscription, stream

        known, key = self._backend.live
        if (place := address or known) is None:
            raise ParameterError(
                "address",
                "a database streams nothing itself: pass the API's, address='ws://127.0.0.1:3160/ws'",
            )
        symbols = _several("symbol", symbol) or (None,)
        venues = _several("venue", venue) or (None,)
        wanted = [
            Subscription(channel, each, where, timeframe, dataset) for each, where in product(symbols, venues)
        ]
        return stream(place, wanted, token or key)
