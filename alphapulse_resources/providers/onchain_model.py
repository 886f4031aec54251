"""What providers tell of chains, in one vocabulary: metrics, units, and how a row is made. Pure.

A metric has one name and unit whoever tells it, so that providers can be compared; they count differently all
the same and are never mixed.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_resources.venues.model import Fetch, Reject

DAY: Final = timedelta(days=1)
OF_A_DAY: Final = "day"
OF_A_MOMENT: Final = "moment"
TERA: Final = 1e12

UNITS: Final = {
    "hash_rate": "TH/s",
    "difficulty": "difficulty",
    "transactions": "transactions",
    "active_addresses": "addresses",
    "fees_usd": "USD",
    "fees": "coins",
    "miners_revenue_usd": "USD",
    "supply": "coins",
    "blocks": "blocks",
    "block_height": "blocks",
    "mempool_bytes": "bytes",
    "mempool_vsize": "vB",
    "mempool_transactions": "transactions",
    "mempool_fees": "sat",
    "fee_fastest": "sat/vB",
    "fee_half_hour": "sat/vB",
    "fee_hour": "sat/vB",
    "fee_economy": "sat/vB",
    "fee_minimum": "sat/vB",
    "retarget_progress": "per cent",
    "retarget_change": "per cent",
}
"""All metrics with their units; docs/news.md tells what each is and who tells it."""

BOUNDS: Final = {
    "retarget_change": (-100.0, 1000.0),
    "retarget_progress": (0.0, 100.0),
    "difficulty": (1.0, None),
    "block_height": (1.0, None),
    **dict.fromkeys((name for name in UNITS if name.startswith("fee_")), (0.0, 100_000.0)),
}
"""What a figure can be, beside being not negative (ours): beyond it is a mistake of who tells it."""

ONCHAIN_SCHEMA: Final = pl.Schema(
    {
        "coin": pl.String(),  # as in instruments.base
        "metric": pl.String(),  # one of UNITS
        "sampled": pl.String(),  # day, moment
        "ts": pl.Datetime("us", "UTC"),  # start of the day, or the moment
        "value": pl.Float64(),
        "unit": pl.String(),
    }
)


class Told(NamedTuple):
    """What one answer told: rows of ONCHAIN_SCHEMA, and what could not be read."""

    rows: pl.DataFrame
    rejects: list[Reject]
    fetches: list[Fetch]


def figure(coin: str, metric: str, sampled: str, ts: datetime, value: Any) -> tuple[Any, ...]:
    """A row of ONCHAIN_SCHEMA. Raises ValueError or TypeError where `value` is no number that can be."""
    if isinstance(value, bool) or value is None:
        raise TypeError(f"{metric} is {value} where a number belongs")
    number = float(value)
    low, high = BOUNDS.get(metric, (0.0, None))
    if not math.isfinite(number) or number < low or (high is not None and number > high):
        raise ValueError(f"{metric} is {value}, which cannot be")
    return coin, metric, sampled, ts, number, UNITS[metric]


def frame(rows: Iterable[tuple[Any, ...]]) -> pl.DataFrame:
    """Rows as a frame, oldest first."""
    return pl.DataFrame(list(rows), ONCHAIN_SCHEMA, orient="row").sort("coin", "metric", "sampled", "ts")


def days_over(rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Without days that are not over at `now`: what is told of them is not final."""
    over = pl.col("ts") + DAY <= pl.lit(now, pl.Datetime("us", "UTC"))
    return rows.filter((pl.col("sampled") != OF_A_DAY) | over)


def within(rows: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    """Rows about `[start, end)`."""
    return rows.filter(pl.col("ts").is_between(start, end, closed="left"))


def unreadable(what: str, told: Any, error: Exception, ts: datetime | None = None) -> Reject:
    """A row that could not be read, with what it was and why."""
    words = f"{type(error).__name__}: {error}"[:200]
    return Reject("unreadable_value", {what: str(told)[:500], "error": words}, ts)
