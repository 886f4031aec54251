"""Bars: candles of any timeframe, their indicators and regimes; and what is missing among them."""

from datetime import timedelta
from typing import Final

import polars as pl

from alphapulse.client.base import Asking, Instrument, Names, _several, one_name
from alphapulse.errors import MissingBarsWarning
from alphapulse.frames import together
from alphapulse.moments import Moment, moment
from alphapulse.readings.filters import MINUTES
from alphapulse.warned import warn

SHOWN: Final = 3
"""Symbols that a warning names at most (ours)."""
_BY_TIME: Final = ("ts", "venue", "symbol")


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
        venues are never mixed into one row. Holes, and bars that lack minutes, are told once by
        MissingBarsWarning.

        Raises: NotFoundError for a name that is not known, ParameterError.

        >>> px = db.candles(["BTC/USDT", "ETH/USDT"], "1h", venue="binance", start="2d")
        >>> px.pivot(on="symbol", index="ts", values="close").columns
        ['ts', 'BTC/USDT', 'ETH/USDT']
        """
        frame = self._bars("candles", symbol, timeframe, venue, start, end, limit, as_of)
        self._tell_missing(frame, timeframe)
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
    ) -> pl.DataFrame:
        """Closed bars with their technical indicators, oldest first; docs/indicators.md has the formulas.

        Parameters and times as of `candles`. An indicator is null while its window is not full. A bar's
        indicators are known at its close, and never look at later bars; after a correction of a candle they
        are computed anew, so that `as_of` selects bars by their close and gives the present values.

        >>> db.indicators("BTC/USDT", "1h", venue="binance", limit=5).select("ts", "rsi_14").height
        5
        """
        return self._bars("indicators", symbol, timeframe, venue, start, end, limit, as_of)

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

    def _tell_missing(self, frame: pl.DataFrame, timeframe: str) -> None:
        holes = missing_bars(frame, timedelta(minutes=MINUTES[timeframe.strip().casefold()]))
        if not holes:
            return
        warn(_in_words(holes, timeframe), MissingBarsWarning)


def missing_bars(frame: pl.DataFrame, length: timedelta) -> dict[Instrument, tuple[int, int]]:
    """Of each venue and symbol that has any: bars that are not there, and bars that lack minutes. Pure."""
    if frame.is_empty():
        return {}
    found = (
        frame.group_by("venue", "symbol", maintain_order=True)
        .agg(
            (_microseconds("max") - _microseconds("min"))
            .floordiv(length // timedelta(microseconds=1))
            .add(1 - pl.len().cast(pl.Int64))
            .alias("missing"),
            (~pl.col("complete")).sum().alias("incomplete"),
        )
        .filter((pl.col("missing") > 0) | (pl.col("incomplete") > 0))
    )
    return {(venue, symbol): (missing, lacking) for venue, symbol, missing, lacking in found.iter_rows()}


def _bars(count: int, timeframe: str) -> str:
    return f"1 bar of {timeframe} is" if count == 1 else f"{count} bars of {timeframe} are"


def _microseconds(which: str) -> pl.Expr:
    return getattr(pl.col("ts").dt.timestamp("us"), which)()  # type: ignore[no-any-return]


def _in_words(holes: dict[Instrument, tuple[int, int]], timeframe: str) -> str:
    said = []
    for (venue, symbol), (missing, lacking) in list(holes.items())[:SHOWN]:
        parts = [f"{_bars(missing, timeframe)} missing"] if missing else []
        parts += [f"{_bars(lacking, timeframe)} short of minutes"] if lacking else []
        said.append(f"{venue} {symbol}: {', '.join(parts)}")
    more = f" (and {len(holes) - SHOWN} other symbols)" if len(holes) > SHOWN else ""
    symbol = next(iter(holes))[1]
    return f"{'; '.join(said)}{more}. gaps({symbol!r}) tells why, and what is done about it"
