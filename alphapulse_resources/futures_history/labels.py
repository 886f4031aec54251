"""Of which moment a Binance statistic is: the label's meaning changed on 2026-06-25. Pure.

Rows of USD-M `metrics` archives were labelled with the end of their five minutes, and are labelled with their
start from 2026-06-25 on: open interest labelled T is that of T before, of T + 5 minutes since. A day's file
ran from 00:05 to 00:00 of the next day, and runs from 00:00 to 23:55, so the label 2026-06-25 00:00 stands in
two files and means two moments. Documented nowhere; binance/binance-public-data issue 491 has the evidence,
says that `/futures/data/*` over REST went the same way, and that COIN-M files have always been labelled so.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_resources.futures_history.rows import FIVE_MINUTES

SEAM: Final = datetime(2026, 6, 25, tzinfo=UTC)
"""The first label that is a start."""
_START_LABELS: Final = frozenset({"binancecoinm"})
"""Venues whose labels were starts from the beginning."""


def times_in_file(labels: pl.Series, day: date | None, venue: str = "binanceusdm") -> pl.Series:
    """The moments that the labels of a day's file mean; `day` is that in its name, if it has one."""
    if venue in _START_LABELS:
        return labels + FIVE_MINUTES
    if day is None:
        return _times_without_day(labels)
    return labels + FIVE_MINUTES if day >= SEAM.date() else labels


def times_over_rest(labels: pl.Series, period: timedelta = FIVE_MINUTES) -> pl.Series:
    """The moments that labels of `/futures/data/openInterestHist` mean."""
    starts = labels >= SEAM
    return (labels + period).zip_with(starts, labels)


def label_over_rest(moment: datetime, period: timedelta = FIVE_MINUTES) -> datetime:
    """The label under which the statistic of a moment is asked for."""
    return moment - period if moment - period >= SEAM else moment


def _times_without_day(labels: pl.Series) -> pl.Series:
    """Of several days' rows put together: the label of the seam means the moment itself, where rows of before
    lead up to it, and the moment after where it comes once more or is the first of all."""
    frame = pl.DataFrame({"label": labels}).with_row_index("row")
    at_seam = frame.filter(pl.col("label") == SEAM)["row"]
    leads_up = bool((labels < SEAM).any())
    ends = set(at_seam.head(1).to_list()) if leads_up else set()
    starts = (labels >= SEAM) & ~frame["row"].is_in(list(ends))
    return (labels + FIVE_MINUTES).zip_with(starts, labels)
