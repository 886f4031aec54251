"""To look for bars that look like others, and at one pattern or signal."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from alphapulse.client.bars import Bars
from alphapulse.client.base import Instrument, Names, _several, one_name
from alphapulse.errors import NotFoundError, ParameterError
from alphapulse.moments import Moment, moment
from alphapulse.readings.filters import MINUTES

if TYPE_CHECKING:
    from alphapulse.lookalike.similar import Similar
    from alphapulse.lookalike.windows import Series

MOST_SYMBOLS: Final = 20
"""Other symbols that are searched at most (ours)."""


class Lookalikes(Bars):
    """Methods that look for the like."""

    def similar(
        self,
        symbol: str,
        timeframe: str = "1h",
        *,
        venue: str | None = None,
        at: Moment | None = None,
        bars: int = 32,
        matches: int = 20,
        also: Names | None = None,
        history: int = 100_000,
        seed: int | None = None,
    ) -> "Similar":
        """Find bars that look like the last `bars` ones, and what followed them beside random windows.

        at: as it was then: the window ends with the last bar that was closed, and nothing later is looked at,
            neither for matches nor for what followed them. Without it: now.
        also: other symbols of the venue that are searched too. history: newest bars of each that are
        searched. seed: of the random windows.

        Closes are compared by their shape alone: z-normalised, Euclidean. `table` has the matches, the
        nearest first, with the return after 5, 10, 20 and 50 bars as far as it is known; `beside` what
        followed all of them beside sets of as many random windows; `in_words` says whether they tell
        anything.

        Raises: NotFoundError, ParameterError.

        >>> found = db.similar("BTC/USDT", "15m", venue="binance", bars=16, matches=5)
        >>> found.table.height, found.verdict
        (5, 'no demonstrated edge')
        """
        from alphapulse.lookalike.following import SEED
        from alphapulse.lookalike.similar import MOST_HISTORY, check, similar

        timeframe = one_name("timeframe", timeframe, tuple(MINUTES))
        try:
            check(bars, matches)
        except ValueError as error:
            raise ParameterError(str(error).split()[0], str(error)) from None
        if not bars < history <= MOST_HISTORY:
            raise ParameterError("history", f"history is more than bars, up to {MOST_HISTORY}, not {history}")
        own, *others = self._searched(symbol, venue, also)
        then = min(moment("at", at) or datetime.now(UTC), datetime.now(UTC))
        series = [self._series(each, timeframe, then, history) for each in (own, *others)]
        try:
            return similar(
                series, timeframe, then, bars=bars, matches=matches, seed=SEED if seed is None else seed
            )
        except ValueError as error:
            raise ParameterError("at", str(error)) from None

    def _searched(self, symbol: str, venue: str | None, also: Names | None) -> list[Instrument]:
        """The instrument that is meant, and the others at its venue."""
        own = self._one_instrument(symbol, venue)
        names = _several("also", also) or []
        if len(names) > MOST_SYMBOLS:
            raise ParameterError("also", f"also has {len(names)} symbols; {MOST_SYMBOLS} are the most")
        others = self._instruments(names, [own[0]]) if names else []
        return [own, *(each for each in others if each != own)]

    def _one_instrument(self, symbol: str, venue: str | None) -> Instrument:
        """Venue and symbol of the one that is meant. Raises: NotFoundError, ParameterError for several."""
        found = self._instruments(_several("symbol", symbol), _several("venue", venue))
        if not found:
            raise NotFoundError(f"symbol {symbol!r} is not known at {venue}")
        if len(found) > 1:
            places = ", ".join(sorted(place for place, _ in found))
            raise ParameterError("venue", f"{places} have {found[0][1]}: say which")
        return found[0]

    def _series(self, instrument: Instrument, timeframe: str, at: datetime, history: int) -> "Series":
        from alphapulse.lookalike.similar import stretch
        from alphapulse.lookalike.windows import Series

        venue, symbol = instrument
        step = timedelta(minutes=MINUTES[timeframe])
        start, end = stretch(at, step, history)
        asked = {"symbol": [symbol], "venue": [venue], "timeframe": timeframe}
        fields = ("ts", "high", "low", "close")
        return Series.of(
            venue, symbol, step, self._rows("candles", asked, start=start, end=end, fields=fields)
        )
