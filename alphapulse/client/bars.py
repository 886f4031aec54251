"""Bars: candles of any timeframe, their indicators and regimes; and what is missing among them."""

from datetime import UTC, datetime
from typing import Final

import polars as pl

from alphapulse.client.base import Asking, Names, _several, one_name
from alphapulse.client.holes import first_due, in_words, last_due, length_of, missing_bars
from alphapulse.errors import MissingBarsWarning
from alphapulse.frames import together
from alphapulse.moments import Moment, moment
from alphapulse.readings.filters import MINUTES
from alphapulse.warned import warn

_BY_TIME: Final = ("ts", "venue", "symbol")
_OF_A_BAR: Final = (
    *("venue", "symbol", "timeframe", "ts", "open", "high", "low", "close", "volume", "quote_volume"),
    "known_at",
)
"""What a row of indicators has besides indicators."""


class Bars(Asking):
    """Methods about bars."""

    def candles(
        self,
        symbol: Names,
        timeframe: str = "1h",
        *,
        venue: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Closed bars, oldest first.

        symbol: unified, `"BTC/USDT"`, or several. Without `venue`: of every venue that has it, told apart by
            the column `venue`.
        timeframe: 1m, 5m, 15m, 1h, 4h, 1d or 1w.
        start, end: open times in [start, end), see `alphapulse.moments.Moment`.
        limit: newest bars of each symbol and venue at most. Without it and without a start: the newest 1,000.
        as_of: as this database held them at that time: bars that were closed and had been received by then,
            with the values from before every correction that came later; longer ones are made of the minutes
            of then. History that was fetched afterwards is not there: for what the market had told by then,
            whenever we got it, select by `known_at`, the close, which does not undo corrections.

        Prices are in quote units, `volume` in base units, `ts` is the open time in UTC. Bars of different
        venues are never mixed into one row. Bars that are missing, between others or at the edges of the
        stretch, and bars that lack minutes are told once by MissingBarsWarning.

        Raises: NotFoundError for a name that is not known, ParameterError.

        >>> px = db.candles(["BTC/USDT", "ETH/USDT"], "1h", venue="binance", start="2d")
        >>> px.pivot(on="symbol", index="ts", values="close").columns
        ['ts', 'BTC/USDT', 'ETH/USDT']
        """
        timeframe = one_name("timeframe", timeframe, tuple(MINUTES))
        start, end, as_of = moment("start", start), moment("end", end), moment("as_of", as_of)
        frame = self._bars("candles", symbol, timeframe, venue, start, end, limit, as_of)
        holes = missing_bars(frame, length_of(timeframe))
        for place, name in self._instruments(_several("symbol", symbol), _several("venue", venue)):
            # of a number of bars there is no first one that is due
            first = start if limit is None else None
            if more := self._at_edges(frame, place, name, timeframe, first, end, as_of):
                missing, lacking = holes.get((place, name), (0, 0))
                holes[place, name] = missing + more, lacking
        if holes:
            warn(in_words(holes, timeframe), MissingBarsWarning)
        return frame

    def indicators(
        self,
        symbol: Names,
        timeframe: str = "1h",
        *,
        venue: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
        names: Names | None = None,
    ) -> pl.DataFrame:
        """Closed bars with their technical indicators, oldest first; docs/indicators.md has the formulas.

        Parameters and times as of `candles`. An indicator is null while its window is not full. A bar's
        indicators are known at its close, and never look at later bars; after a correction of a candle they
        are computed anew, so that `as_of` selects bars by their close and gives the present values.

        names: these indicators and no others, in this order: columns of the view, and those of one's own
            parameters (ALPHAPULSE_INDICATORS__EXTRA); reading("indicator_catalogue") lists all. Without it
            the columns of the view.

        Raises: NotFoundError for a name that is not known.

        >>> db.indicators("BTC/USDT", "1h", venue="binance", limit=5).select("ts", "rsi_14").height
        5
        """
        frame = self._bars("indicators", symbol, timeframe, venue, start, end, limit, as_of)
        if names is None:
            return frame
        wanted = self._indicator_names(_several("names", names) or [], frame.columns)
        own = [name for name in wanted if name not in frame.columns]
        for name in own:
            frame = frame.join(
                self._of_series(name, frame, symbol, timeframe, venue), on=_BY_TIME, how="left"
            )
        kept = [name for name in _OF_A_BAR if name in frame.columns]
        return frame.select(*kept, *dict.fromkeys(wanted))

    def _indicator_names(self, wanted: list[str], columns: list[str]) -> list[str]:
        """Names of indicators in the letters that are known. Raises NotFoundError."""
        there = [name for name in columns if name not in _OF_A_BAR]
        if all(name in there for name in wanted):
            return wanted
        own = self._rows("indicator_catalogue", {"relation": ["indicator_series"]})["name"].to_list()
        return [one_name("names", name, (*there, *own)) for name in wanted]

    def _of_series(
        self, name: str, frame: pl.DataFrame, symbol: Names, timeframe: str, venue: Names | None
    ) -> pl.DataFrame:
        """The values of one series' indicator at the bars of a frame: its key, and a column of that name."""
        if frame.is_empty():
            return frame.select(*_BY_TIME, pl.lit(None, pl.Float64).alias(name))
        times: list[datetime] = frame["ts"].sort().to_list()
        asked = {**self._of(symbol, venue), "timeframe": [timeframe], "indicator": [name]}
        end = times[-1] + length_of(timeframe)
        found = self._rows("indicator_series", asked, start=times[0], end=end)
        return found.select(*_BY_TIME, pl.col("value").alias(name))

    def regimes(
        self,
        symbol: Names,
        timeframe: str = "1h",
        *,
        venue: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Trend (up, down, range), volatility and liquidity (low, normal, high) at each closed bar.

        Parameters and times as of `indicators`. Those of the whole market: reading("market_regime").

        >>> db.regimes("BTC/USDT", "1h", venue="binance", limit=1).select("trend", "volatility").height
        1
        """
        return self._bars("regimes", symbol, timeframe, venue, start, end, limit, as_of)

    def _bars(
        self,
        name: str,
        symbol: Names,
        timeframe: str,
        venue: Names | None,
        start: Moment | None,
        end: Moment | None,
        limit: int | None,
        as_of: Moment | None,
    ) -> pl.DataFrame:
        timeframe = one_name("timeframe", timeframe, tuple(MINUTES))
        instruments = self._instruments(_several("symbol", symbol), _several("venue", venue))
        start, end, as_of = moment("start", start), moment("end", end), moment("as_of", as_of)
        frames = [
            self._rows(
                name,
                {
                    "symbol": [each],
                    "venue": [place],
                    "timeframe": timeframe if name == "candles" else [timeframe],
                },
                start=start,
                end=end,
                limit=limit,
                as_of=as_of,
            )
            for place, each in instruments
        ]
        return together(frames, _BY_TIME)

    def _at_edges(
        self,
        frame: pl.DataFrame,
        venue: str,
        symbol: str,
        timeframe: str,
        start: datetime | None,
        end: datetime | None,
        as_of: datetime | None,
    ) -> int:
        """Bars missing at the start or the end of a stretch that has bars before, or after, it."""
        times = frame.lazy().filter(venue=venue, symbol=symbol).select("ts").collect()["ts"]
        now, length = min(datetime.now(UTC), as_of or datetime.max.replace(tzinfo=UTC)), length_of(timeframe)
        due = None if start is None else first_due(start, timeframe)
        last = None if end is None else last_due(end, now, timeframe)

        def others(start: datetime | None = None, end: datetime | None = None) -> bool:
            asked = {"symbol": [symbol], "venue": [venue], "timeframe": timeframe}
            return not self._rows("candles", asked, start=start, end=end, limit=1, as_of=as_of).is_empty()

        if times.is_empty():
            if due is None or last is None or last < due:
                return 0
            return (last - due) // length + 1 if others(end=start) and others(start=end) else 0
        low, high = times[0], times[-1]
        missing = (low - due) // length if due is not None and low > due and others(end=start) else 0
        if last is not None and high < last and others(start=end):
            missing += (last - high) // length
        return int(missing)
