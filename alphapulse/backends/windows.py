"""A long stretch of one instrument's candles, by its table and without what is the same in every row. Pure.

The rows are those of the reading `candles`. That reads a function's result, wide with names: of a month of
minutes this takes a third of the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse.readings.asking import Asked
from alphapulse.readings.filters import MINUTES
from alphapulse.readings.reading import Reading, Statement

_VALUES: Final = "ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume"
_NAMED: Final = frozenset(_VALUES.split(", "))


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch: the statement of its rows, and what makes them whole.

    fields: what is asked for, None: all.
    """

    statement: Statement
    venue: str
    symbol: str
    timeframe: str
    fields: tuple[str, ...] | None = None

    def whole(self, rows: pl.DataFrame, sources: Mapping[int, str]) -> pl.DataFrame:
        """The rows as the reading has them, newest first."""
        minutes = MINUTES[self.timeframe]
        frame = rows.sort("ts", descending=True)
        if self.fields is not None:
            order = {"venue": self.venue, "symbol": self.symbol, "timeframe": self.timeframe}
            said = [pl.lit(value).alias(name) for name, value in order.items()]
            return frame.select(*dict.fromkeys((*self.fields, "ts")), *said)
        if "bars" not in rows.columns:
            # of minutes each is one bar, and of native ones, which are made of none, the source is below 0
            is_made, whose = pl.col("source_id") > 0, pl.col("source_id").abs()
            frame = frame.with_columns(pl.when(is_made).then(pl.lit(1, pl.Int64)).alias("bars"), whose)
        return frame.select(
            pl.lit(self.venue).alias("venue"),
            pl.lit(self.symbol).alias("symbol"),
            pl.lit(self.timeframe).alias("timeframe"),
            *_VALUES.split(", "),
            "bars",
            pl.lit(minutes, pl.Int32).alias("expected_bars"),
            (pl.col("bars") == minutes).alias("complete"),
            pl.col("bars").is_null().alias("native"),
            pl.col("source_id").replace_strict(sources, default=None, return_dtype=pl.String).alias("source"),
            "received_at",
            (pl.col("ts") + timedelta(minutes=minutes)).alias("known_at"),
        )


def window_of(reading: Reading, asked: Asked) -> Window | None:
    """The window of a question; None where it is another one, which the reading's own statement answers."""
    timeframe = asked.filters.get("timeframe")
    names = [asked.filters.get(name) for name in ("venue", "symbol")]
    is_window = (
        reading.name == "candles"
        and asked.start is not None
        and all(each is None for each in (asked.limit, asked.as_of, asked.after))
        and (asked.fields is None or _NAMED.issuperset(asked.fields))
        and timeframe in MINUTES
        and len(asked.instruments or ()) == 1
        and all(name is not None and len(name) == 1 for name in names)
    )
    if not is_window or asked.instruments is None or asked.start is None:
        return None
    text, arguments = _statement(asked.instruments[0], str(timeframe), asked.start, asked.end)
    fields = None if asked.fields is None else tuple(dict.fromkeys(asked.fields))
    if fields is not None:
        text = f"SELECT {', '.join(dict.fromkeys((*fields, 'ts')))} FROM (\n{text}\n) AS w"
    return Window(Statement(text, arguments), names[0][0], names[1][0], str(timeframe), fields)  # type: ignore[index]


def _statement(
    key: int, timeframe: str, start: datetime, end: datetime | None
) -> tuple[str, tuple[datetime, ...]]:
    minutes = MINUTES[timeframe]
    within = f"instrument_id = {key} AND ts >= $1 AND ts <= now() - INTERVAL '{minutes} minutes'"
    within += "" if end is None else " AND ts < $2"
    of_minutes = timeframe == "1m"
    made, own = (
        ("source_id", "-source_id")
        if of_minutes
        else ("bars, NULL::smallint AS source_id", "NULL, source_id")
    )
    stands_in = (
        f" AND NOT EXISTS (SELECT FROM ohlcv_1m AS m WHERE m.instrument_id = {key} AND m.ts >= n.ts"
        f" AND m.ts < n.ts + INTERVAL '{minutes} minutes')"
    )
    text = (
        f"SELECT {_VALUES}, {made}, received_at FROM ohlcv_{timeframe} WHERE {within}\nUNION ALL\n"
        f"SELECT {_VALUES}, {own}, received_at FROM ohlcv_native AS n"
        f" WHERE {within} AND timeframe_id = {minutes}{'' if of_minutes else stands_in}"
    )
    return text, (start,) if end is None else (start, end)
