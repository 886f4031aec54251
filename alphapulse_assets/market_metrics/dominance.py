"""Dominance by the hour as it was known, and whether it rises, falls or stands still. Pure.

The dominance of an hour is the newest figure that was known at its end and is of its last two hours. What
became known later changes no hour of before. Of main coins, whose past is told later, it is the last of the
hour itself, and an hour without one has none.

**rising** at an hour: at it, or at one of the 48 hours before, the change against 24 hours earlier was at
least ENTER points, and from there on it stayed above LEAVE. **falling** is the same downwards, **flat** is
neither. So a regime does not end with the first pause, none is carried on for longer than two days without
being confirmed, and what it is at an hour rests on the 72 hours before and no more: it can be worked out from
anywhere. An hour without a change breaks it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.market_metrics.model import ASSETS, MARKET_BASIS, REGIME_SCHEMA

HOUR: Final = timedelta(hours=1)
NEWEST_WITHIN: Final = timedelta(hours=2)
CHANGE_HOURS: Final = 24
CARRIED_HOURS: Final = 48
ENTER: Final = {"btc": 0.5, "eth": 0.3, "stablecoin": 0.2}
"""Points in 24 hours (ours): about what one day in three moves by."""
LEAVE: Final = {asset: enter / 2 for asset, enter in ENTER.items()}
WARM_UP: Final = HOUR * (CHANGE_HOURS + CARRIED_HOURS + 1)
"""How far back the hours have to go for what a window's first one is, and whether it turned there."""
RISING, FALLING, FLAT = "rising", "falling", "flat"


def hourly(told: pl.DataFrame, start: datetime, end: datetime, basis: str = MARKET_BASIS) -> pl.DataFrame:
    """The hours in [start, end): ts, `<asset>_dominance` (null where there was none), and known_at.

    `told` has ts, known_at and the dominances, of one provider, in any order; it goes back to `start` less
    NEWEST_WITHIN. Of the market an hour has what was known at its end; of main coins, whose past was fetched
    later, the last of its own, and it is known since it was fetched.
    """
    columns = [f"{asset}_dominance" for asset in ASSETS]
    hours = pl.DataFrame({"ts": _hours(start, end)}, schema={"ts": pl.Datetime("us", "UTC")})
    hours = hours.with_columns(close=pl.col("ts") + HOUR)
    known = told.select(pl.col("ts").alias("of"), "known_at", *columns)
    if basis == MARKET_BASIS:
        known = known.sort("known_at", "of").filter(pl.col("of") == pl.col("of").cum_max())  # newest so far
        found = hours.join_asof(known, left_on="close", right_on="known_at", strategy="backward")
        recent = pl.col("of") > pl.col("close") - NEWEST_WITHIN
    else:  # of the hour itself: what is not fetched yet must not look like the hour before
        found = hours.join_asof(known.sort("of"), left_on="close", right_on="of", allow_exact_matches=False)
        recent = pl.col("of") >= pl.col("ts")
    since = pl.max_horizontal("close", pl.when(recent).then(pl.col("known_at")))
    shares = [pl.when(recent).then(pl.col(name)).alias(name) for name in columns]
    return found.select("ts", *shares, since.alias("known_at"))


def regimes(
    provider: str, told: pl.DataFrame, start: datetime, end: datetime, basis: str = MARKET_BASIS
) -> pl.DataFrame:
    """REGIME_SCHEMA of the hours in [start, end) of which there is a dominance; the caller ends it at what is
    over.

    `told` as in `hourly`, back to `start` less WARM_UP and NEWEST_WITHIN.
    """
    hours = hourly(told, start - WARM_UP, end, basis)
    parts = [_of_asset((provider, basis), asset, hours) for asset in ASSETS]
    found = pl.concat(parts).filter((pl.col("ts") >= start) & pl.col("dominance").is_not_null())
    return found.sort("asset", "ts").match_to_schema(REGIME_SCHEMA)


def _of_asset(whose: tuple[str, str], asset: str, hours: pl.DataFrame) -> pl.DataFrame:
    dominance = hours[f"{asset}_dominance"]
    change = (dominance - dominance.shift(CHANGE_HOURS)).to_list()
    regime = walk(change, ENTER[asset], LEAVE[asset])
    before = [None, *regime[:-1]]
    turned = [old if old and new and old != new else None for old, new in zip(before, regime, strict=True)]
    return hours.select(
        pl.lit(whose[0]).alias("provider"),
        pl.lit(whose[1]).alias("basis"),
        pl.lit(asset).alias("asset"),
        "ts",
        dominance.alias("dominance"),
        pl.Series("change_24h", change, dtype=pl.Float64()),
        pl.Series("regime", regime, dtype=pl.String()),
        pl.Series("turned_from", turned, dtype=pl.String()),
        latest("known_at", WARM_UP // HOUR + 1),
    )


def latest(column: str, rows: int) -> pl.Expr:
    """The latest of the times in the last so many rows: since when all that a row rests on was known."""
    micros = pl.col(column).dt.epoch("us").rolling_max(rows, min_samples=1)
    return micros.cast(pl.Datetime("us", "UTC")).alias(column)


def walk(changes: Sequence[float | None], enter: float, leave: float) -> list[str | None]:
    """The regime at each hour of its change; None where there is no change."""
    found: list[str | None] = []
    up = down = CARRIED_HOURS  # hours since it was entered; so many or more: it is not on
    for change in changes:
        if change is None:
            up = down = CARRIED_HOURS
            found.append(None)
            continue
        up = 0 if change >= enter else up + 1 if change > leave else CARRIED_HOURS
        down = 0 if change <= -enter else down + 1 if change < -leave else CARRIED_HOURS
        found.append(RISING if up < CARRIED_HOURS else FALLING if down < CARRIED_HOURS else FLAT)
    return found


def _hours(start: datetime, end: datetime) -> list[datetime]:
    return [start + n * HOUR for n in range(max((end - start) // HOUR, 0))]
