"""Find bars that look like these: the nearest windows of history, what followed each, and a verdict. Pure.

Nothing looks ahead: the window ends with the last bar that was closed at the moment asked for, matches end
before it begins, and what followed a match is told only as far as it had happened by then.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse.lookalike.following import (
    ABOVE,
    BELOW,
    HORIZONS,
    NO_EDGE,
    SEED,
    Followed,
    followed,
    returns,
)
from alphapulse.lookalike.windows import Floats, Series, correlation, distances, nearest, zone

FEWEST_BARS, MOST_BARS = 8, 512
"""Bars of a window (ours): fewer have hardly a shape, more hardly a second one like them."""
BARS: Final = 32
MATCHES: Final = 20
MOST_MATCHES: Final = 200
HISTORY: Final = 100_000
"""Bars of each instrument that are searched where nothing else is asked for (ours): ten weeks of minutes."""
MOST_HISTORY: Final = 600_000
FIRST: Final = datetime(2009, 1, 1, tzinfo=UTC)
"""No coin is older."""


@dataclass(frozen=True, slots=True)
class Match:
    """A window like the one asked for. path: closes of its bars and of up to 50 after, per cent off its last.

    returns_pct, returns_atr: by horizon, null where it was not over.
    """

    venue: str
    symbol: str
    start: datetime
    end: datetime
    distance: float
    correlation: float
    returns_pct: dict[int, float | None]
    returns_atr: dict[int, float | None]
    path: list[float]


@dataclass(frozen=True, slots=True)
class Similar:
    """What was found. Times are open times of bars, `at` the moment from which on nothing was known.

    windows: how many were compared; left_out: those with missing bars among them, or without a shape.
    """

    venue: str
    symbol: str
    timeframe: str
    at: datetime
    start: datetime
    end: datetime
    bars: int
    seed: int
    path: list[float]
    windows: int
    left_out: int
    matches: list[Match]
    followed: list[Followed]
    verdict: str

    @property
    def in_words(self) -> str:
        """The verdict as a sentence, which says what it rests on."""
        if not self.matches:
            return "Nothing earlier to compare with: no window before this one is whole."
        told = [each for each in self.followed if each.counted]
        if not told:
            return f"{len(self.matches)} matches, and nothing is known yet of what followed them."
        shown = next((each for each in told if each.verdict != NO_EDGE), told[min(1, len(told) - 1)])
        seen = (
            f"{_times(shown.rose, shown.counted)} of {shown.counted} stretches rose within"
            f" {shown.horizon} bars"
            f" ({shown.mean_atr:+.2f} ATR on average); random sets of as many windows:"
            f" {shown.random_low:+.2f} to {shown.random_high:+.2f} ATR"
        )
        return f"{seen}. {_SAID[self.verdict]}"

    @property
    def table(self) -> pl.DataFrame:
        """A row per match, the nearest first, with columns `after_5_pct`, `after_5_atr` ... per horizon."""
        rows = [
            (
                *(getattr(each, name) for name in _OF_MATCH),
                *(each.returns_pct[h] for h in HORIZONS),
                *(each.returns_atr[h] for h in HORIZONS),
            )
            for each in self.matches
        ]
        return pl.DataFrame(rows, schema=MATCH_SCHEMA, orient="row")

    @property
    def beside(self) -> pl.DataFrame:
        """A row per horizon: what followed the matches beside random windows; the columns of `Followed`."""
        return pl.DataFrame([asdict(each) for each in self.followed], infer_schema_length=None)

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON: returns by horizon are lists in the order of `horizons`."""
        told = asdict(self)
        for match in told["matches"]:
            for name in ("returns_pct", "returns_atr"):
                match[name] = list(match[name].values())
        return {**told, "horizons": list(HORIZONS), "in_words": self.in_words}


MATCH_SCHEMA: Final = pl.Schema(
    {
        "venue": pl.String(),
        "symbol": pl.String(),
        "start": pl.Datetime("us", "UTC"),  # open time of its first bar
        "end": pl.Datetime("us", "UTC"),  # open time of its last bar
        "distance": pl.Float64(),  # 0: the same shape
        "correlation": pl.Float64(),
        **{f"after_{bars}_pct": pl.Float64() for bars in HORIZONS},
        **{f"after_{bars}_atr": pl.Float64() for bars in HORIZONS},
    }
)
_OF_MATCH: Final = ("venue", "symbol", "start", "end", "distance", "correlation")
_SAID: Final = {
    NO_EDGE: "What followed lookalikes is what followed any bars: no demonstrated edge.",
    ABOVE: "After lookalikes price did better than after random windows: above chance, in this history.",
    BELOW: "After lookalikes price did worse than after random windows: below chance, in this history.",
}


def similar(
    all_series: Sequence[Series],
    timeframe: str,
    at: datetime,
    *,
    bars: int = BARS,
    matches: int = MATCHES,
    seed: int = SEED,
) -> Similar:
    """The windows most like the last `bars` bars of the first series that were closed at `at`.

    Args:
        all_series: the first has the window; matches may be in any of them. What closed later is left out.
        timeframe: its name, for the answer.
        at: aware.

    Raises:
        ValueError: bars or matches beyond their bounds, too few bars, bars missing within the window, or a
            window without a shape. The message says what would do.
    """
    check(bars, matches)
    known = [_known(each, at) for each in all_series]
    own = known[0]
    first = len(own.close) - bars
    if first < 0:
        raise ValueError(
            f"{own.symbol} has {len(own.close)} closed {timeframe} bars before {at}: ask for fewer"
        )
    if not own.whole(bars)[first]:
        raise ValueError(
            f"bars are missing among the last {bars} before {at}: ask for fewer, or another time"
        )
    query, begins = own.close[first:], int(own.ts[first])
    found = [_searched(series, query, begins) for series in known]
    best = _best(found, bars, matches)
    pools = [np.flatnonzero(~np.isnan(each)) + bars - 1 for each in found]
    ends = [(number, place + bars - 1) for _, number, place in best]
    told = [followed(ends, known, pools, horizon, seed) for horizon in HORIZONS] if best else []
    loud = [each for each in told if each.verdict != NO_EDGE]
    compared = sum(len(pool) for pool in pools)
    return Similar(
        own.venue,
        own.symbol,
        timeframe,
        at,
        _moment(begins),
        _moment(own.ts[-1]),
        bars,
        seed,
        _path(own, first, bars),
        compared,
        sum(map(len, found)) - compared,
        [_match(known[number], place, bars, distance) for distance, number, place in best],
        told,
        min(loud, key=lambda each: each.q or 0.0).verdict if loud else NO_EDGE,
    )


def check(bars: int, matches: int) -> None:
    """Raises: ValueError for numbers beyond their bounds, beginning with the parameter's name."""
    for name, value, least, most in (
        ("bars", bars, FEWEST_BARS, MOST_BARS),
        ("matches", matches, 1, MOST_MATCHES),
    ):
        if not least <= value <= most:
            raise ValueError(f"{name} is from {least} to {most}, not {value}")


def stretch(at: datetime, step: timedelta, history: int) -> tuple[datetime, datetime]:
    """Open times in [start, end) of the bars to read: closed at `at`, at most `history` of them.

    >>> start, end = stretch(datetime(2026, 11, 2, 12, 30, tzinfo=UTC), timedelta(hours=1), 3)
    >>> start.isoformat(), end.isoformat()
    ('2026-11-02T08:30:00+00:00', '2026-11-02T11:30:00.000001+00:00')
    """
    room = (at - FIRST) / step
    end = at - step + timedelta(microseconds=1)
    return (max(at - step * (history + 1), FIRST) if history + 1 < room else FIRST), max(end, FIRST)


def _known(series: Series, at: datetime) -> Series:
    """The bars that were closed then."""
    last = (at - datetime(1970, 1, 1, tzinfo=UTC) - series.step) // timedelta(microseconds=1)
    count = int(np.searchsorted(series.ts, last, "right"))
    return replace(series, ts=series.ts[:count], close=series.close[:count], atr=series.atr[:count])


def _searched(series: Series, query: Floats, begins: int) -> Floats:
    """Distances of the windows whose bars were all open before the query's first; NaN if not comparable."""
    count = int(np.searchsorted(series.ts, begins))
    bars = len(query)
    if count < bars:
        return np.empty(0)
    found = distances(query, series.close[:count])
    found[~series.whole(bars)[: len(found)]] = np.nan
    return found


def _best(found: list[Floats], bars: int, most: int) -> list[tuple[float, int, int]]:
    """Distance, number of the series and place of the first bar, the nearest first."""
    chosen = [
        (float(each[place]), number, place)
        for number, each in enumerate(found)
        for place in nearest(each, most, zone(bars))
    ]
    return sorted(chosen)[:most]


def _match(series: Series, place: int, bars: int, distance: float) -> Match:
    end = np.array([place + bars - 1], dtype=np.int64)
    after = {horizon: returns(series, end, horizon) for horizon in HORIZONS}
    return Match(
        series.venue,
        series.symbol,
        _moment(series.ts[place]),
        _moment(series.ts[end[0]]),
        distance,
        float(correlation(distance, bars)),
        {horizon: _number(each[0][0]) for horizon, each in after.items()},
        {horizon: _number(each[1][0]) for horizon, each in after.items()},
        _path(series, place, bars),
    )


def _path(series: Series, place: int, bars: int) -> list[float]:
    closes = series.close[place : place + bars + HORIZONS[-1]]
    path: list[float] = ((closes / closes[bars - 1] - 1) * 100).round(4).tolist()
    return path


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _moment(micros: Any) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros))


def _times(share: float | None, count: int) -> int:
    return round((share or 0.0) * count)
