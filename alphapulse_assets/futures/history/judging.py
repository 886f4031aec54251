"""What is right with rows of the past, and what fits what is stored. Pure.

A row that breaks a rule goes to quarantine with its reasons; a row that comes twice is one; two that say
different things of one moment are both wrong, as nobody can tell which is true.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_assets.futures.tables import RATE_BOUND
from alphapulse_resources.futures_history.settlements import HOUR, ON_THE_GRID

SAME: Final = 1e-9
"""Numbers that differ by less than that part are the same, written differently (ours)."""
FUNDING_RULES: Final[Mapping[str, pl.Expr]] = {
    "rate_not_finite": ~pl.col("rate").is_finite(),
    "rate_out_of_bounds": pl.col("rate").abs() > RATE_BOUND,
    "mark_price_not_positive": pl.col("mark_price") <= 0,
}
OPEN_INTEREST_RULES: Final[Mapping[str, pl.Expr]] = {
    **{f"{name}_negative": pl.col(name) < 0 for name in ("contracts", "base_amount", "quote_value")},
    **{
        f"{name}_not_finite": ~pl.col(name).is_finite()
        for name in ("contracts", "base_amount", "quote_value")
    },
    "contracts_unknown": pl.col("contracts").is_null(),
}
TOLD: Final[Mapping[str, str]] = {
    "rate_out_of_bounds": f"a rate of one settlement beyond {RATE_BOUND:.0%} is not believed; is it percent?",
    "contracts_unknown": "only a value is told, and without a price it is no number of contracts",
    "conflicting_duplicate": "the same moment came twice with different values",
    "differs_from_stored": "another source told something else of that moment; --replace lets the file win",
    "future": "its time is later than now",
}
"""Reasons in words, where the name does not say it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows that may be stored, by `ts`, each once; the others with their reasons."""

    good: pl.DataFrame
    bad: pl.DataFrame  # the columns of the rows, and `reasons`
    duplicates: int = 0
    unordered: bool = False


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Rows that differ from what is stored: how many, the first, and the largest difference."""

    rows: int = 0
    first: datetime | None = None
    largest_at: datetime | None = None
    field: str = ""
    stored: float = 0.0
    told: float = 0.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """Rows against what is stored: new, the same, and different ones (with `stored_source`)."""

    new: pl.DataFrame
    same: int
    different: pl.DataFrame
    conflicts: Conflicts = field(default_factory=Conflicts)


def judge(rows: pl.DataFrame, rules: Mapping[str, pl.Expr], values: tuple[str, ...], now: datetime) -> Judged:
    """Judge rows with `ts`; `values` are the columns in which two rows of one moment may not differ."""
    once = rows.unique(subset=["ts", *values], keep="first", maintain_order=True)
    every = {
        **rules,
        "future": pl.col("ts") > now,
        "conflicting_duplicate": pl.col("ts").is_duplicated(),
    }
    verdict = once.select(rule.fill_null(False).alias(name) for name, rule in every.items())
    is_bad = verdict.select(pl.any_horizontal(pl.all())).to_series()
    reasons = verdict.filter(is_bad).select(
        pl.concat_list([pl.when(pl.col(name)).then(pl.lit(name)) for name in verdict.columns])
        .list.drop_nulls()
        .alias("reasons")
    )
    times = rows["ts"]
    ordered = times.is_sorted() or times.is_sorted(descending=True)
    return Judged(
        once.filter(~is_bad).sort("ts"),
        pl.concat([once.filter(is_bad), reasons], how="horizontal"),
        rows.height - once.height,
        not ordered,
    )


def fit(good: pl.DataFrame, stored: pl.DataFrame, values: tuple[str, ...]) -> Fitted:
    """Good rows against the stored ones of their times (`ts`, values, `source`).

    What only one side tells is no difference.
    """
    if stored.is_empty():
        return Fitted(good, 0, good.head(0).with_columns(stored_source=pl.lit(None, pl.String)))
    beside = stored.select("ts", "source", *values).rename({name: f"{name}_stored" for name in values})
    both = good.join(beside.rename({"source": "stored_source"}), on="ts", how="inner")
    sizes = [_difference(name).alias(f"{name}_size") for name in values]
    largest = pl.max_horizontal([f"{name}_size" for name in values])
    different = both.with_columns(sizes).with_columns(largest.alias("size")).filter(pl.col("size") > SAME)
    return Fitted(
        good.join(stored, on="ts", how="anti"),
        both.height - different.height,
        different.select(*good.columns, "stored_source"),
        _conflicts(different, values),
    )


def _difference(name: str) -> pl.Expr:
    """How far two values are apart, as a part of the larger one; nothing where one side is null."""
    told, stored = pl.col(name), pl.col(f"{name}_stored")
    larger = pl.max_horizontal(told.abs(), stored.abs())
    return pl.when(larger > 0).then((told - stored).abs() / larger).otherwise(0.0).fill_null(0.0)


def _conflicts(different: pl.DataFrame, values: tuple[str, ...]) -> Conflicts:
    if different.is_empty():
        return Conflicts()
    worst = different.sort("size", descending=True, maintain_order=True).row(0, named=True)
    name = max(values, key=lambda each: worst[f"{each}_size"])
    return Conflicts(
        different.height,
        different["ts"].min(),  # type: ignore[arg-type]
        worst["ts"],
        name,
        float(worst[f"{name}_stored"]),
        float(worst[name]),
    )


def off_the_grid(rows: pl.DataFrame, venue: str) -> str | None:
    """Why settlements are not those of a venue: most of them lie off its hours, as in another time zone."""
    known = rows.filter(pl.col("interval_hours").is_not_null())
    if venue not in ON_THE_GRID or known.is_empty():
        return None
    since = known["ts"] - known["ts"].dt.truncate("1d")
    off = known.filter(since.dt.total_seconds() % (known["interval_hours"] * HOUR.total_seconds()) != 0)
    if 2 * off.height <= known.height:
        return None
    hours = off["ts"].dt.strftime("%H:%M").value_counts(sort=True).head(3).to_series(0).sort().to_list()
    return (
        f"{off.height:,} of {known.height:,} settlements are at {', '.join(hours)} UTC, where {venue} does "
        "not settle: are its times of another zone? Say it with --timezone; if they are right, --force"
    )
