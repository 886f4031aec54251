"""How far a pattern stands off chance, how surely, and whether it did so in both halves of the window. Pure.

Chance is two things: the same pattern on random walks, and all patterns of the direction (the base rate,
known from so many that it is taken as exact). An effect is what is left beyond *both*: of a share above both
it is the share less the larger, of one below both less the smaller, of one between them 0. Its test is that
both differences have its sign (intersection-union, Berger 1982): the larger of their p values, and twice the
better of the two directions. Where a table has thousands of such tests, q (Benjamini & Hochberg 1995) is the
share of false ones among those that are named up to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from alphapulse_assets.core.proportions import (
    Share,
    above,
    benjamini_hochberg,
    cohens_h,
    difference,
    score_interval,
    share,
)
from alphapulse_assets.core.statistics import Interval
from alphapulse_assets.patterns.events.configuration import OutcomeRules

NO_EDGE: Final = "no demonstrated edge"
ABOVE: Final = "above chance"
BELOW: Final = "below chance"

HALVES: Final = (0, 1)
"""The first and the second half of the window: values of the column `half`."""

POWER_COLUMNS: Final[dict[str, pl.DataType]] = {
    "effect": pl.Float64(),  # share right beyond walk and base rate; null without a walk
    "effect_low": pl.Float64(),
    "effect_high": pl.Float64(),
    "cohens_h": pl.Float64(),
    "effective_n": pl.Float64(),  # independent observations that the share is worth
    "walk_effective_n": pl.Float64(),
    "p_value": pl.Float64(),  # null with fewer than `fewest_clusters` on either side
    "q_value": pl.Float64(),
    "first_clusters": pl.Int64(),
    "first_effect": pl.Float64(),  # in the first half of the window; null where nothing is to compare
    "second_clusters": pl.Int64(),
    "second_effect": pl.Float64(),
    "sign_holds": pl.Boolean(),  # whether both halves have the sign of the whole; null where one is untold
}
"""What PERFORMANCE_SCHEMA says of power."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a share stands to chance."""

    effect: Interval
    cohens_h: float
    p: float


def hit_share(group: pl.DataFrame) -> Share:
    """The share right of outcomes with `directed_pct` and `cluster`."""
    hits = (group["directed_pct"] > 0).cast(pl.Float64).to_numpy()
    return share(hits, group["cluster"].to_numpy())


def beyond(rate: float, walk: float, base: float) -> float:
    """What of a rate is beyond both: less the larger if above both, less the smaller if below, else 0."""
    apart = (rate - walk, rate - base)
    return min(apart) if min(apart) > 0 else max(apart) if max(apart) < 0 else 0.0


def standing(seen: Share, walk: Share, base: float, level: float) -> Standing:
    """How `seen` stands to the same on random walks and to the base rate."""
    own = score_interval(seen, level)
    apart = (
        difference(seen, walk, level),
        Interval(seen.value - base, own.low - base, own.high - base),
    )
    value = beyond(seen.value, walk.value, base)
    # an effect above both is the smaller of two differences, so its bounds are the smaller of theirs
    low = max(each.low for each in apart) if value < 0 else min(each.low for each in apart)
    high = min(each.high for each in apart) if value > 0 else max(each.high for each in apart)
    larger = (above(seen, walk), above(seen, base))
    p = min(1.0, 2 * min(max(larger), max(1 - each for each in larger)))
    reference = seen.value - value
    return Standing(Interval(value, low, high), cohens_h(seen.value, min(max(reference, 0.0), 1.0)), p)


def halved(known: pl.DataFrame, walk: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both with `half`: 0 before the middle of the window of real outcomes of a timeframe, 1 from it on."""
    first, last = pl.col("confirmed_at").min(), pl.col("confirmed_at").max()
    middles = known.group_by("timeframe").agg(
        (first + (last - first) / 2).dt.cast_time_unit("us").alias("middle")
    )
    half = (pl.col("confirmed_at") >= pl.col("middle")).cast(pl.Int64).alias("half")
    one, other = (
        frame.join(middles, on="timeframe", how="left", maintain_order="left").with_columns(half)
        for frame in (known, walk)
    )
    return one, other


def halves(
    group: pl.DataFrame, walks: Sequence[float | None], bases: Sequence[float | None]
) -> dict[str, Any]:
    """Effects of the first and the second half (column `half`), from the rates of each half."""
    told: dict[str, Any] = {}
    for name, half, walk, base in zip(("first", "second"), HALVES, walks, bases, strict=True):
        part = group.filter(pl.col("half") == half)
        known = part.height and walk is not None and base is not None
        told[f"{name}_clusters"] = part["cluster"].n_unique()
        rate = float((part["directed_pct"] > 0).mean() or 0.0)  # type: ignore[arg-type]  # a share of booleans
        told[f"{name}_effect"] = beyond(rate, walk or 0.0, base or 0.0) if known else None
    return told


def decide(rows: Sequence[dict[str, Any]], rules: OutcomeRules) -> None:
    """Give each row of a table its q, its verdict, and whether its sign held."""
    tested = [row for row in rows if row["p_value"] is not None]
    for row in rows:
        row["q_value"] = None
    for row, q in zip(tested, benjamini_hochberg([row["p_value"] for row in tested]), strict=True):
        row["q_value"] = q
    for row in rows:
        row["verdict"] = _verdict(row, rules)
        row["sign_holds"] = _holds(row)


def _verdict(row: dict[str, Any], rules: OutcomeRules) -> str:
    if row["q_value"] is None or row["q_value"] > rules.false_discovery:
        return NO_EDGE
    if row["effect_low"] > 0:
        return ABOVE
    return BELOW if row["effect_high"] < 0 else NO_EDGE


def _holds(row: dict[str, Any]) -> bool | None:
    told = [row[name] for name in ("effect", "first_effect", "second_effect")]
    if any(each is None for each in told):
        return None
    return all(each > 0 for each in told) or all(each < 0 for each in told)
