"""What was told when: figures of a provider as rows that never change, with later ones beside them. Pure.

A figure that is not stored yet is revision 0. One that is stored and told otherwise is the next revision,
known when we saw it. One that is told again as it is stored is no row.

Revision 0 was known when it was due, that is published by the provider's schedule; but
- when we saw it, if that was before it was due: it was public sooner;
- when we saw it, if we had looked after it was due and it was not there: it was late, and how late is unknown
  beyond that.
So a history that is fetched today has the schedule's times, and what the collector watches has times that
were seen to be true.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import polars as pl

from alphapulse_resources.database.tables import Table

REVISION: Final = "revision"
DUE: Final = "due_at"
_TIME: Final = pl.Datetime("us", "UTC")


class Watch(NamedTuple):
    """When a collector last had an answer (before the one read now), and how far back it had asked."""

    looked_at: datetime
    reach: timedelta


def as_vintages(
    told: pl.DataFrame, stored: pl.DataFrame, table: Table, now: datetime, watch: Watch | None = None
) -> pl.DataFrame:
    """Rows of `table` for what is new or otherwise in `told`.

    `told` has the table's key but `revision`, its values and `due_at`; `stored` has the newest revision of
    each row there is.
    """
    key = [name for name in table.key if name != REVISION]
    before = stored.select(
        *key, pl.col(REVISION).alias("_revision"), *(pl.col(name).alias(f"_{name}") for name in table.values)
    )
    joined = told.join(before, on=key, how="left")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"_{name}")) for name in table.values)
    is_new = pl.col("_revision").is_null()
    kept = joined.filter(is_new | differs).with_columns(
        (pl.col("_revision").fill_null(-1) + 1).cast(pl.Int16).alias(REVISION),
        pl.when(is_new).then(_first_known(now, watch)).otherwise(_moment(now)).alias("known_at"),
    )
    others = [name for name in told.columns if name not in (*table.columns, DUE)]
    return kept.drop(*(f"_{name}" for name in table.values), "_revision", DUE, *others)


def _first_known(now: datetime, watch: Watch | None) -> pl.Expr:
    due, seen = pl.col(DUE), _moment(now)
    if watch is None:
        return pl.min_horizontal(due, seen)
    was_asked = pl.col("ts") >= _moment(watch.looked_at - watch.reach)
    was_not_there = was_asked & (due <= _moment(watch.looked_at))
    return pl.when((due > seen) | was_not_there).then(seen).otherwise(due)


def _moment(at: datetime) -> pl.Expr:
    return pl.lit(at, _TIME)
